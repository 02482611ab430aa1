import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { migratePostgres } from '../../scripts/migrate-postgres.ts';
import { type PrivatePostgres, startPrivatePostgres } from '../../scripts/private-postgres.ts';
import { type PrivateRedis, startPrivateRedis } from '../../scripts/private-redis.ts';
import type { ProcessRole } from '../../src/config.ts';
import { type ListeningSandbox, listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox } from '../../src/sandbox/sandbox.ts';
import type { SandboxTelegram } from '../../src/sandbox/telegram.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import type { Sql } from '../../test/support/owner-sql.ts';
import { type ModelProcess, startModel } from '../start-model.ts';
import { launchProcess, type ProcessOptions, type RunningProcess, startProcess } from './process.ts';

const DEFAULT_POLICY = fileURLToPath(new URL('../../policies/default.yaml', import.meta.url));
const STARTED = [PERSONAS.olivia.id, PERSONAS.oscar.id, PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.rita.id];

/** The servers that the program needs, and nothing on them yet. */
export interface ServerWorld extends AsyncDisposable {
  telegram: SandboxTelegram;
  apiRoot: string;
  model: ModelProcess;
  /** As the owner: for arranging and for looking. */
  sql: Sql;
  postgres: PrivatePostgres;
  databaseUrl: string;
  redis: Redis;
  redisServer: PrivateRedis;
  redisUrl: string;
  /** Starts a role of the program on these servers; it ends with the world, if not before. */
  start(role: ProcessRole, more?: Partial<ProcessOptions>): Promise<RunningProcess>;
  /** The same without waiting until it is ready. */
  launch(role: ProcessRole, more?: Partial<ProcessOptions>): Promise<RunningProcess>;
}

export interface WorldOptions {
  modelDelayMs?: number;
  postgresSettings?: readonly string[];
}

/**
 * A PostgreSQL with fsync on and its own defaults, a Redis whose append-only file is written every second, a model that answers in another
 * process, and the sandbox as Telegram in this one; all of them new, on the loopback of this machine.
 */
export async function openWorld({ modelDelayMs = 0, postgresSettings = [] }: WorldOptions = {}): Promise<ServerWorld> {
  await using parts = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'ags-bench-'));
  parts.defer(() => rm(dir, { recursive: true, force: true }));
  const postgres = await startPrivatePostgres({ isDurable: true, settings: postgresSettings });
  parts.defer(() => postgres.stop());
  await migratePostgres(postgres.url);
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
  // The server ends with the world, and may be faster than the last goodbye of a connection.
  pool.on('error', () => undefined);
  parts.defer(() => pool.end());
  const redisServer = await startPrivateRedis();
  parts.defer(() => redisServer.stop());
  const redis = new Redis(redisServer.url);
  redis.on('error', () => undefined);
  parts.defer(() => redis.disconnect());
  const model = parts.use(await startModel({ delayMs: modelDelayMs }));
  const sandbox = makeSandbox({ startedPersonaIds: STARTED });
  const listening = await listenSandbox(sandbox);
  parts.defer(() => listening.close());
  const servers = { DATABASE_URL: postgres.url, REDIS_URL: redisServer.url, OPENAI_BASE_URL: model.baseUrl };
  const variables = { ...toVariables(listening), ...servers, DATA_DIR: dir, AGS_POLICY_FILE: await writePolicy(dir) };
  const toOptions = (role: ProcessRole, more: Partial<ProcessOptions>) => ({
    role,
    ...more,
    variables: { ...variables, ...more.variables },
  });
  const owned = parts.move();
  return {
    telegram: sandbox.telegram,
    apiRoot: listening.apiRoot,
    model,
    sql: async (text, values) => (await pool.query<Record<string, unknown>>(text, values)).rows,
    postgres,
    databaseUrl: postgres.url,
    redis,
    redisServer,
    redisUrl: redisServer.url,
    start: async (role, more = {}) => owned.use(await startProcess(toOptions(role, more))),
    launch: async (role, more = {}) => owned.use(await launchProcess(toOptions(role, more))),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toVariables({ apiRoot }: ListeningSandbox): Record<string, string> {
  return {
    TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token,
    TELEGRAM_API_ROOT: apiRoot,
    AGS_OWNER_IDS: `${PERSONAS.olivia.id},${PERSONAS.oscar.id}`,
    AGS_OPERATOR_IDS: `${PERSONAS.adam.id},${PERSONAS.bella.id}`,
    AGS_REVIEWER_IDS: `${PERSONAS.rita.id}`,
    AGS_ADMIN_CHAT_ID: `${CHATS.admin.id}`,
    AGS_ALERT_CHAT_ID: `${CHATS.alerts.id}`,
    AGS_SIGNALS_CHAT_ID: `${CHATS.signals.id}`,
  };
}

/** The default policy with money for a day like this one, and without brakes on how often things happen. */
async function writePolicy(dir: string): Promise<string> {
  const text = await readFile(DEFAULT_POLICY, 'utf8');
  const richer = text.replace(/day_usd: "[\d.]+"/, 'day_usd: "1000000.00"');
  if (richer === text) throw new Error(`${DEFAULT_POLICY} names no day_usd`);
  const faster = richer.replace(/\{ max: \d+, per:/g, '{ max: 1000000, per:');
  if (faster === richer) throw new Error(`${DEFAULT_POLICY} names no rates`);
  const path = join(dir, 'policy.yaml');
  await writeFile(path, faster);
  return path;
}
