import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bot } from 'grammy';
import { makeApi } from '../../../src/bot/api.ts';
import { makeAttachments } from '../../../src/bot/attachments.ts';
import { registerCallbacks } from '../../../src/bot/callbacks.ts';
import { makeLoadCardFacts } from '../../../src/bot/card-facts.ts';
import { type Cards, makeCards } from '../../../src/bot/cards.ts';
import { makeChatNames } from '../../../src/bot/chat-names.ts';
import type { BotContext } from '../../../src/bot/context.ts';
import { makeLocalTime } from '../../../src/bot/local-time.ts';
import { makeOutbound, type Outbound } from '../../../src/bot/outbound.ts';
import { registerPromptReplies } from '../../../src/bot/prompts.ts';
import { stagePost } from '../../../src/effects/stage.ts';
import { makeArtifacts } from '../../../src/memory/artifacts.ts';
import { makeFileBlobStore } from '../../../src/memory/file-blobs.ts';
import { listenSandbox } from '../../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { CHATS, PERSONA_LIST, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import { type RequestView, recordShown } from '../../../src/store/approvals.ts';
import type { Delivery, JobName } from '../../../src/store/delivery.ts';
import { meetPerson } from '../../../src/store/people.ts';
import { makeStoredShortTerm } from '../../../src/store/short-term.ts';
import { sweep } from '../../../src/store/steps.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { HOLDER, type OpenStory, openRequest, openStory, planTask, type ShowOptions, type TaskOptions } from '../../support/stories.ts';
import { makeArtifact, type PolicyOverrides } from '../../support/story-world.ts';

export const ADMIN = { chatId: CHATS.admin.id, topicId: null };
const ALERTS = { chatId: CHATS.alerts.id, topicId: null };

export interface CardStage extends AsyncDisposable {
  db: OpenStory;
  telegram: Sandbox['telegram'];
  pageUrl: string;
  outbound: Outbound;
  /** As a worker draws them. */
  cards: Cards;
  /** As the bot draws them: another process, as far as the two know of each other. */
  botCards: Cards;
  /** The nudges that decisions asked for. */
  delivered: Delivery[];
  /** What the bot logged, whole lines. */
  logged: string[];
  /** Runs a task until its post stands in the admin group and its cards are drawn. */
  ask(options?: TaskOptions & ShowOptions): Promise<RequestView>;
  /** Shows whatever the task asks next. */
  askNext(taskId: string, options?: TaskOptions & ShowOptions): Promise<RequestView>;
  /** The person presses Start, and the bot has noted it. */
  start(personaId: number): Promise<void>;
  /** The newest message with the reference in the chat that is a card, that is not a prompt or a file. */
  cardIn(chatId: number): { messageId: number; text: string; labels: string[] };
}

/** The ids of the cards whose redraw the sweeper takes for lost. With no patience the second look is one too many: what the first one saw should have been drawn by now. */
export async function findLost({ db }: Pick<CardStage, 'db'>, job: JobName): Promise<string[]> {
  const look = async () => (await sweep(db.rpc('ags_worker'), 0)).deliver.filter((nudge) => nudge.job === job).map(({ id }) => id);
  await look();
  return look();
}

/** The real database, the real cards and buttons, and the sandbox in Telegram's place, over the wire. */
export async function openCardStage(overrides: PolicyOverrides = {}): Promise<CardStage> {
  const db = await openStory(overrides);
  const sandbox = makeSandbox();
  const listening = await listenSandbox(sandbox);
  const { telegram } = sandbox;
  const logged: string[] = [];
  const log = makeLogger({ level: 'info', destination: { write: (line) => void logged.push(line) } });
  const clock = () => new Date();
  const api = makeApi({ botToken: SANDBOX_BOT.token, apiRoot: listening.apiRoot });
  const outbound = makeOutbound({ api, log, clock });
  const directory = await mkdtemp(join(tmpdir(), 'cards-'));
  const artifacts = makeArtifacts(makeFileBlobStore(directory));
  const time = makeLocalTime('UTC');
  const findChatName = makeChatNames({ api, log, clock });
  const shared = { outbound, artifacts, adminChat: ADMIN, alertChat: ALERTS, findChatName, time, clock, log };
  // The same cards are drawn by workers and by the bot: each as its own role.
  const cards = makeCards({ ...shared, rpc: db.rpc('ags_worker'), shortTerm: makeStoredShortTerm(db.rpc('ags_worker')) });
  const rpc = db.rpc('ags_bot');
  const delivered: Delivery[] = [];
  const shortTerm = makeStoredShortTerm(rpc);
  const deps = {
    ...shared,
    rpc,
    shortTerm,
    cards: makeCards({ ...shared, rpc, shortTerm }),
    loadCardFacts: makeLoadCardFacts({ ...shared, rpc }),
    deliver: (nudges: Delivery[]) => Promise.resolve(void delivered.push(...nudges)),
    attachments: makeAttachments({ api, apiRoot: listening.apiRoot, token: SANDBOX_BOT.token }),
  };
  const bot = new Bot<BotContext>(SANDBOX_BOT.token, { client: { apiRoot: listening.apiRoot } });
  const ending = new AbortController();
  const failures: unknown[] = [];
  bot.use((ctx, next) => {
    ctx.signal = ending.signal;
    return next();
  });
  registerCallbacks(bot, deps);
  registerPromptReplies(bot, deps);
  bot.catch(({ error }) => void failures.push(error));
  const polling = bot.start();

  async function show(request: RequestView, { problem = null, hasDryRun = true }: ShowOptions): Promise<RequestView> {
    const worker = db.rpc('ags_worker');
    const staged = await stagePost(
      { rpc: worker, artifacts, messenger: outbound.messenger, adminChat: ADMIN, worker: HOLDER.worker },
      request,
      ending.signal,
    );
    const dryRun =
      request.tier === 'T3' && hasDryRun ? makeArtifact('dry-run.md', 'dry_run', 'Rendered 1 message(s).\nRisks: cannot be undone.') : null;
    const shown = await recordShown(worker, {
      requestId: request.requestId,
      worker: HOLDER.worker,
      problem: problem ?? staged.problem,
      dryRun,
    });
    await cards.draw(shown.stepId);
    return shown;
  }

  const askNext: CardStage['askNext'] = async (taskId, options = {}) => show(await openRequest(db, taskId, options), options);

  return {
    db,
    telegram,
    pageUrl: listening.pageUrl,
    outbound,
    cards,
    botCards: deps.cards,
    delivered,
    logged,
    askNext,
    ask: async (options = {}) => askNext(await planTask(db, options), options),
    async start(personaId) {
      telegram.start(personaId);
      const displayName = PERSONA_LIST.find(({ id }) => id === personaId)?.firstName ?? '';
      await meetPerson(rpc, { externalId: personaId, displayName, username: null, isPrivate: true });
    },
    cardIn(chatId) {
      const message = telegram.history(chatId).findLast(({ text }) => /task T-\d/.test(text ?? ''));
      if (!message) throw new Error(`there is no card in ${chatId}`);
      const labels = message.reply_markup?.inline_keyboard.flat().map(({ text }) => text) ?? [];
      return { messageId: message.message_id, text: message.text ?? '', labels };
    },
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await polling;
      ending.abort();
      await listening.close();
      await db.close();
      await rm(directory, { recursive: true, force: true });
      if (failures.length > 0) throw new AggregateError(failures, 'the bot failed while handling updates');
    },
  };
}
