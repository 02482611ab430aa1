import { makeApi, toGrammySignal } from '../bot/api.ts';
import { makeAttachments } from '../bot/attachments.ts';
import { makeBot } from '../bot/bot.ts';
import { loadBotInfo } from '../bot/bot-info.ts';
import { makeCards } from '../bot/cards.ts';
import { makeChatNames } from '../bot/chat-names.ts';
import { makeInbox } from '../bot/inbox.ts';
import { makeIntake } from '../bot/intake.ts';
import { makeLocalTime } from '../bot/local-time.ts';
import { makeMenus } from '../bot/menus.ts';
import { makeOutbound } from '../bot/outbound.ts';
import { makePoller } from '../bot/poller.ts';
import { makeTaskFace } from '../bot/task-face.ts';
import type { Config } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Face } from '../jobs/face.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import type { Deliver } from '../store/delivery.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface TelegramOptions {
  botToken: string;
  apiRoot: string;
  config: Config;
  /** As `ags_bot`. */
  rpc: Rpc;
  /** This process, among all that handle updates. */
  worker: string;
  artifacts: Artifacts;
  deliver: Deliver;
  listWarnings(): Promise<readonly string[]>;
  log: Logger;
  metrics: Metrics;
  /** Ends a start that waits for Telegram. */
  signal: AbortSignal;
}

/** What has been taken in is finished within this time, or interrupted and left to the next process: 1 s more, and all of it below the drain's. */
const DRAIN_MS = 5_000;

/** Starts the bot: takes updates in, answers them, and is the way out for everybody else. */
export async function startTelegram({
  botToken,
  apiRoot,
  config,
  rpc,
  worker,
  artifacts,
  deliver,
  listWarnings,
  log,
  metrics,
  signal,
}: TelegramOptions) {
  const clock = () => new Date();
  const adminChat = config.chats.admin;
  const time = makeLocalTime(config.timezone);
  const api = makeApi({ botToken, apiRoot, metrics });
  const outbound = makeOutbound({ api, log, clock });
  const findChatName = makeChatNames({ api, log, clock });
  const shared = { rpc, outbound, adminChat, artifacts, time, clock, log };
  const cards = makeCards({ ...shared, findChatName });
  const menus = makeMenus({ api, rpc, adminChat, log });
  const botInfo = await loadBotInfo({ api, log }, signal);
  const attachments = makeAttachments({ api, apiRoot, token: botToken });
  const handler = makeBot({ ...shared, attachments, botToken, botInfo, deliver, cards, findChatName, menus, listWarnings });

  const stopping = new AbortController();
  const inbox = makeInbox({ rpc, worker, handler, log });
  const poller = makePoller({ api, rpc, intake: makeIntake({ botUsername: botInfo.username }), log, metrics, onStored: inbox.nudge });
  const polling = poller.run(stopping.signal);
  const handling = inbox.run(stopping.signal);
  const showingMenus = menus.showAll(stopping.signal);

  const face: Face = {
    drawTask: makeTaskFace(shared).drawTask,
    drawCards: cards.draw,
    remind: cards.remind,
    askDoubt: cards.askDoubt,
  };
  return {
    face,
    messenger: outbound.messenger,
    attachments,
    /** For `/ready`. */
    async check(signal: AbortSignal): Promise<void> {
      const problem = poller.problem();
      if (problem !== null) throw new AppError('telegram_unavailable', problem);
      await api.getMe(toGrammySignal(signal));
    },
    async close(): Promise<void> {
      stopping.abort();
      // Telegram may be slow to confirm; what is in hand does not wait for it.
      const draining = handling.then(() => inbox.drain(DRAIN_MS));
      await Promise.all([polling, draining, showingMenus]);
    },
  };
}
