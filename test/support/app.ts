import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import type { Stack } from '../../src/app/stack.ts';
import { type RunningApp, startApp } from '../../src/app/start-app.ts';
import { parseConfig } from '../../src/config.ts';
import { makeEmbeddedQueueBackend } from '../../src/embedded/queue-backend.ts';
import { makeRehearsalEngine } from '../../src/embedded/rehearsal.ts';
import type { AnchorTimes } from '../../src/jobs/anchors.ts';
import type { BlobStore } from '../../src/memory/blobs.ts';
import { makeFileBlobStore } from '../../src/memory/file-blobs.ts';
import { redactPersonalData } from '../../src/policy/guards/pii.ts';
import { listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox } from '../../src/sandbox/sandbox.ts';
import type { SandboxTelegram } from '../../src/sandbox/telegram.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { makeLocalInboxNews } from '../../src/store/inbox-news.ts';
import type { DatabaseRole, Rpc } from '../../src/store/rpc.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { makeMetrics } from '../../src/telemetry/metrics.ts';
import { openTestDatabase } from './database.ts';
import type { Sql } from './owner-sql.ts';

export interface TestAppOptions {
  /** The whole policy file; the default policy when absent. */
  policy?: string;
  /** Further or other variables. */
  env?: Record<string, string>;
  /** Queue and short-term memory elsewhere than in the database; whoever gives them closes them. */
  parts?: Partial<Pick<Stack, 'queue' | 'shortTerm' | 'eventStream'>>;
  /** When audit anchors are made; the program's own times when absent. */
  anchorTimes?: AnchorTimes;
  /** The program's own prompts when absent. */
  promptsDir?: string;
}

export interface TestApp {
  telegram: SandboxTelegram;
  /** As the owner: for arranging and for looking. */
  sql: Sql;
  rpc(role: DatabaseRole): Rpc;
  /** Storage, for looking. */
  blobs: BlobStore;
  url: string;
  /** The sandbox's chat page, to look at what people see. */
  pageUrl: string;
  /** Everything that was logged, line by line. */
  logLines(): string[];
  /** Ends the program and starts it again on the same database and the same Telegram, with further or other variables from then on. */
  restart(env?: Record<string, string>): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const OWN_PROMPTS = fileURLToPath(new URL('../../src/agents/prompts/', import.meta.url));

/** People who have started the bot before the story begins. */
const STARTED = [PERSONAS.olivia.id, PERSONAS.oscar.id, PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.rita.id];

/**
 * The whole program in this process: every role, a real database in memory, BullMQ on it, and the sandbox as Telegram at its wire
 * address. Without `OPENAI_BASE_URL` in `env` the rehearsal answers.
 */
export async function startTestApp({
  policy,
  env = {},
  parts,
  anchorTimes,
  promptsDir = OWN_PROMPTS,
}: TestAppOptions = {}): Promise<TestApp> {
  const dir = await mkdtemp(join(tmpdir(), 'ags-test-'));
  const policyFile = join(dir, 'policy.yaml');
  if (policy !== undefined) await writeFile(policyFile, policy);
  const database = await openTestDatabase();
  const sandbox = makeSandbox({ startedPersonaIds: STARTED });
  const listening = await listenSandbox(sandbox);
  const variables: Record<string, string> = {
    PORT: '0',
    DATA_DIR: dir,
    TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token,
    TELEGRAM_API_ROOT: listening.apiRoot,
    AGS_OWNER_IDS: `${PERSONAS.olivia.id},${PERSONAS.oscar.id}`,
    AGS_OPERATOR_IDS: `${PERSONAS.adam.id},${PERSONAS.bella.id}`,
    AGS_REVIEWER_IDS: `${PERSONAS.rita.id}`,
    AGS_ADMIN_CHAT_ID: `${CHATS.admin.id}`,
    AGS_ALERT_CHAT_ID: `${CHATS.alerts.id}`,
    AGS_SIGNALS_CHAT_ID: `${CHATS.signals.id}`,
    ...(policy === undefined ? {} : { AGS_POLICY_FILE: policyFile }),
    ...env,
  };
  const blobs = makeFileBlobStore(join(dir, 'storage'));
  const lines = new PassThrough();
  const logged: string[] = [];
  lines.on('data', (chunk: Buffer) => logged.push(...chunk.toString().split('\n').filter(Boolean)));
  const log = makeLogger({ level: 'info', secrets: [SANDBOX_BOT.token], mask: redactPersonalData, destination: lines });

  async function start(): Promise<{ app: RunningApp; close(): Promise<void> }> {
    const queue = makeEmbeddedQueueBackend(database.db);
    const app = await startApp({
      // The token is the sandbox's, so no chat or person has a default here.
      config: parseConfig(variables, { sandboxDefaults: NOBODY }),
      env: variables,
      stack: {
        transport: database.transport,
        queue: { connection: queue.connection, backend: queue.backend },
        blobs,
        inboxNews: makeLocalInboxNews(),
        warnings: [],
        isExclusive: true,
        close: () => queue.close(),
        ...parts,
      },
      telegram: { botToken: SANDBOX_BOT.token, toApiRoot: () => listening.apiRoot },
      mount: (_web: Hono) => undefined,
      rehearsal: makeRehearsalEngine(),
      promptsDir,
      ...(anchorTimes === undefined ? {} : { anchorTimes }),
      log,
      metrics: makeMetrics({ hasProcessMetrics: false }),
      signal: new AbortController().signal,
    });
    return {
      app,
      async close() {
        await app.close();
        await queue.close();
      },
    };
  }

  let running = await start();
  async function close(): Promise<void> {
    await running.close();
    await listening.close();
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
  return {
    telegram: sandbox.telegram,
    sql: database.sql,
    rpc: database.rpc,
    blobs,
    get url() {
      return running.app.url;
    },
    pageUrl: listening.pageUrl,
    logLines: () => logged,
    async restart(more = {}) {
      await running.close();
      Object.assign(variables, more);
      running = await start();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const nowhere = { chatId: 0, topicId: null };
const NOBODY = {
  ownerIds: [],
  operatorIds: [],
  reviewerIds: [],
  adminChat: nowhere,
  alertChat: nowhere,
  signalsChat: nowhere,
  vipChat: nowhere,
};
