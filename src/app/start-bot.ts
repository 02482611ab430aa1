import { tryAll } from '../bot/best-effort.ts';
import { makeBot } from '../bot/bot.ts';
import { makeChatCheck } from '../bot/chat-check.ts';
import { makeInbox } from '../bot/inbox.ts';
import { makeIntake } from '../bot/intake.ts';
import { makeMenus } from '../bot/menus.ts';
import { announcePolicyFile } from '../bot/policy-offer.ts';
import { startPolling } from '../bot/polling.ts';
import { startWebhook } from '../bot/webhook.ts';
import type { Config } from '../config.ts';
import { confirmChats, freeChats, freezeChat } from '../store/chat-moves.ts';
import type { Deliver } from '../store/delivery.ts';
import type { InboxNews } from '../store/inbox-news.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { listAnchorWarnings } from './anchor-warnings.ts';
import type { TelegramWay } from './telegram-way.ts';

export interface BotOptions {
  botToken: string;
  config: Config;
  /** Its store is called as `ags_bot`. */
  way: TelegramWay;
  inboxNews: InboxNews;
  /** This process, among all that handle updates. */
  worker: string;
  deliver: Deliver;
  listWarnings(): Promise<readonly string[]>;
  log: Logger;
  metrics: Metrics;
  /** Ends a start that waits for Telegram. */
  signal: AbortSignal;
}

/** What has been taken in is finished within this time, or interrupted and left to the next process: 1 s more, and all of it below the drain's. */
const DRAIN_MS = 5_000;

/** Starts the bot: sees to it that updates come in, and answers them. */
export async function startBot(options: BotOptions) {
  const { botToken, config, way, inboxNews, worker, deliver, listWarnings, log, metrics, signal } = options;
  const { api, shared, cards, findChatName, attachments, anchorStore, botInfo } = way;
  const { rpc, outbound, adminChat, clock } = shared;
  const ownChatIds = Object.values(config.chats).flatMap((chat) => chat?.chatId ?? []);
  const onMoved = async (chatId: number, newChatId: number) => void (await freezeChat(rpc, { chatId, newChatId }));
  const onInOrder = async (chatIds: readonly number[]) => deliver(await freeChats(rpc, chatIds));
  const menus = makeMenus({ outbound, rpc, adminChat });
  const chatCheck = makeChatCheck({ api, botId: botInfo.id, chats: config.chats, log, clock, onMoved, onInOrder });
  await deliver(await confirmChats(rpc, ownChatIds));
  await chatCheck.start(signal);
  const listAllWarnings = async () =>
    (await Promise.all([listWarnings(), chatCheck.listProblems(), updates.warnings(), listAnchorWarnings(rpc, way.anchorPlaces)])).flat();
  const parts = { ...shared, attachments, cards, findChatName, anchorStore, menus, ownChatIds };
  const handler = makeBot({ ...parts, botToken, botInfo, deliver, listWarnings: listAllWarnings });

  const stopping = new AbortController();
  const inbox = makeInbox({ rpc, worker, handler, log });
  const endListening = await inboxNews.listen(inbox.nudge);
  const { webhook } = config.telegram;
  const intake = makeIntake({ botUsername: botInfo.username });
  const updates =
    webhook === null
      ? startPolling({ intake, onStored: inbox.nudge, api, rpc, worker, log, metrics })
      : await startWebhook({ ...webhook, api, log, clock }, signal);
  const handling = inbox.run(stopping.signal);
  const showingMenus = menus.showAll(stopping.signal);
  const announcing = tryAll(log, [announcePolicyFile(shared, stopping.signal)]);

  return {
    /** For `/ready`: it works, and `/status` says what to look after. */
    hasWarnings: () => updates.warnings().length > 0 || chatCheck.hasProblems(),
    /** For `/ready`: throws why no updates come in. */
    async check(aborting: AbortSignal): Promise<void> {
      const problem = updates.problem();
      if (problem !== null) throw problem;
      await way.ping(aborting);
    },
    async close(): Promise<void> {
      stopping.abort();
      // Telegram may be slow to confirm; what is in hand does not wait for it.
      const draining = handling.then(() => inbox.drain(DRAIN_MS));
      await Promise.all([updates.close(), draining, showingMenus, announcing, endListening()]);
    },
  };
}
