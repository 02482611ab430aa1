import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeApi } from '../../../src/bot/api.ts';
import { makeAttachments } from '../../../src/bot/attachments.ts';
import { makeBot } from '../../../src/bot/bot.ts';
import { makeCards } from '../../../src/bot/cards.ts';
import { makeChatNames } from '../../../src/bot/chat-names.ts';
import { makeInbox } from '../../../src/bot/inbox.ts';
import { type Intake, makeIntake } from '../../../src/bot/intake.ts';
import { makeLocalTime } from '../../../src/bot/local-time.ts';
import { makeMenus } from '../../../src/bot/menus.ts';
import { makeOutbound, type Outbound } from '../../../src/bot/outbound.ts';
import { makePoller } from '../../../src/bot/poller.ts';
import { makeArtifacts } from '../../../src/memory/artifacts.ts';
import { makeFileBlobStore } from '../../../src/memory/file-blobs.ts';
import { listenSandbox } from '../../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import type { Delivery } from '../../../src/store/delivery.ts';
import type { Rpc } from '../../../src/store/rpc.ts';
import { makeStoredShortTerm } from '../../../src/store/short-term.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { makeMetrics } from '../../../src/telemetry/metrics.ts';
import { type OpenStory, openStory } from '../../support/stories.ts';

export const ADMIN = { chatId: CHATS.admin.id, topicId: null };
export const ALERTS = { chatId: CHATS.alerts.id, topicId: null };
export const { adam, bella, max, olivia, oscar, rita, sam } = PERSONAS;

/** The database tells nobody of a change, so it is asked again. */
const LOOK_EVERY_MS = 5;

export interface Stage extends AsyncDisposable {
  db: OpenStory;
  telegram: Sandbox['telegram'];
  outbound: Outbound;
  apiRoot: string;
  /** The nudges that were handed to the queue. */
  delivered: Delivery[];
  /** What was logged, whole lines. */
  logged: string[];
  /** Polling and handling as one process does; again after `stop`, as a restart does. */
  start(options?: { rpc?: Rpc; intake?: Intake }): Promise<void>;
  stop(): Promise<void>;
  /** Writes and waits until the bot has answered in the same chat. */
  ask(personaId: number, chatId: number, text: string, options?: Parameters<Sandbox['telegram']['say']>[3]): Promise<Message>;
  /** Resolves when every update so far has been handled. */
  settle(): Promise<void>;
  /** Resolves when the condition holds; the database tells nobody, so it is asked again. */
  until<T>(look: () => Promise<T | undefined | null | false>): Promise<T>;
}

/** The poller, the inbox and the bot as `main` puts them together, a real database, and the sandbox in Telegram's place over the wire. */
export async function openStage(): Promise<Stage> {
  const db = await openStory();
  const sandbox = makeSandbox({ startedPersonaIds: [adam.id, bella.id, olivia.id, oscar.id, rita.id] });
  const listening = await listenSandbox(sandbox);
  const { telegram } = sandbox;
  const { apiRoot } = listening;
  const directory = await mkdtemp(join(tmpdir(), 'plumbing-'));
  const logged: string[] = [];
  const log = makeLogger({ level: 'info', destination: { write: (line) => void logged.push(line) } });
  const metrics = makeMetrics({ hasProcessMetrics: false });
  const clock = () => new Date();
  const time = makeLocalTime('UTC');
  const api = makeApi({ botToken: SANDBOX_BOT.token, apiRoot, metrics });
  const outbound = makeOutbound({ api, log, clock, metrics });
  const delivered: Delivery[] = [];
  const deliver = (nudges: Delivery[]) => Promise.resolve(void delivered.push(...nudges));
  const artifacts = makeArtifacts(makeFileBlobStore(directory));
  let running: { stop(): Promise<void> } | undefined;

  const ourIntake = makeIntake({ botUsername: SANDBOX_BOT.username });
  async function start({ rpc = db.rpc('ags_bot'), intake = ourIntake }: { rpc?: Rpc; intake?: Intake } = {}): Promise<void> {
    const shortTerm = makeStoredShortTerm(rpc);
    const shared = {
      rpc,
      shortTerm,
      outbound,
      artifacts,
      anchorStore: null,
      adminChat: ADMIN,
      alertChat: ALERTS,
      ownChatIds: [CHATS.admin.id],
      time,
      clock,
      log,
      findChatName: makeChatNames({ api, log, clock }),
    };
    const handler = makeBot({
      ...shared,
      botToken: SANDBOX_BOT.token,
      botInfo: await api.getMe(),
      deliver,
      cards: makeCards(shared),
      menus: makeMenus({ outbound, rpc, adminChat: ADMIN }),
      attachments: makeAttachments({ api, apiRoot, token: SANDBOX_BOT.token }),
      listWarnings: () => Promise.resolve(['Anchors go to the admin group alone.']),
    });
    const inbox = makeInbox({ rpc, worker: `bot-${Math.random()}`, handler, log });
    const poller = makePoller({ api, rpc, intake, log, metrics, onStored: inbox.nudge });
    const stopping = new AbortController();
    const loops = Promise.all([poller.run(stopping.signal), inbox.run(stopping.signal)]);
    running = {
      async stop() {
        stopping.abort();
        await loops;
        await inbox.drain(5_000);
      },
    };
  }

  async function stop(): Promise<void> {
    await running?.stop();
    running = undefined;
  }

  async function until<T>(look: () => Promise<T | undefined | null | false>): Promise<T> {
    const deadlineMs = performance.now() + 8_000;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
      if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${look.toString()}\n${logged.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  const isSettled = async () => {
    const [row] = await db.sql("select count(*)::int as open from public.inbox where status in ('pending', 'processing')");
    return telegram.pendingUpdates().length === 0 && row?.open === 0;
  };

  return {
    db,
    telegram,
    outbound,
    apiRoot,
    delivered,
    logged,
    start,
    stop,
    until,
    settle: async () => void (await until(isSettled)),
    ask(personaId, chatId, text, options) {
      const said = telegram.say(personaId, chatId, text, options);
      return telegram.waitForMessage(chatId, ({ message_id: id, from }) => id > said.message_id && from?.id === SANDBOX_BOT.id, {
        what: `an answer to ${text}`,
      });
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await listening.close();
      await db.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
