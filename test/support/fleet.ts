import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateRedis } from '../../scripts/private-redis.ts';
import type { ProcessRole } from '../../src/config.ts';
import { listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox } from '../../src/sandbox/sandbox.ts';
import type { SandboxTelegram } from '../../src/sandbox/telegram.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import type { DatabaseRole } from '../../src/store/rpc.ts';
import { type FakeModel, type FakeModelRequest, startFakeModel } from './fake-model.ts';
import { makeLogins } from './logins.ts';
import type { Sql } from './owner-sql.ts';
import { createDatabase } from './postgres.ts';
import { type Program, startProgram } from './program.ts';
import { startRoundRobin } from './round-robin.ts';

export interface FleetOptions {
  /** Of the migrated template. */
  templateUrl: string;
  updates: 'webhook' | 'polling';
  /** Further or other variables of every machine. */
  env?: Record<string, string>;
}

/** One process of the program, as `node src/main.ts ROLE` starts it on a machine of its own. */
export interface Machine extends Program {
  role: ProcessRole;
  url: string;
}

/** Machines of one deployment on one PostgreSQL and one Redis, with a Telegram and a model that outlive each of them. */
export interface Fleet extends AsyncDisposable {
  telegram: SandboxTelegram;
  model: FakeModel;
  /** As the owner: for arranging and for looking. */
  sql: Sql;
  /** The database's address as its owner, for a connection of its own. */
  ownerUrl: string;
  /** The login of a process with these roles. */
  databaseUrlFor(...roles: ProcessRole[]): Promise<string>;
  /** Those that have not been ended, in the order of their start. */
  machines: readonly Machine[];
  list(role: ProcessRole): Machine[];
  /** Starts so many of a role at once, each with the login of its role alone, and waits until they have started. */
  start(role: ProcessRole, count?: number, more?: Record<string, string>): Promise<Machine[]>;
  /** What a machine of this role is started with. */
  variablesFor(role: ProcessRole): Promise<Record<string, string>>;
  /** Sends the signal and waits for the end. */
  end(machine: Machine, signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
  /** How many updates each web machine has taken in, by its address. */
  answeredBy: ReadonlyMap<string, number>;
}

/** A start is mostly work for the processor; all at once each would take too long. */
const STARTS_AT_ONCE = 3;
const WEBHOOK_SECRET = 'webhook-secret_of-the-fleet-0123456789';
/** Telegram waits longer before it sends an update again; nobody here has that time. */
const WEBHOOK_RETRY_MS = 200;
const { olivia, oscar, adam, bella, rita } = PERSONAS;

export const toDatabaseRole = (role: ProcessRole): DatabaseRole => `ags_${role}`;

/**
 * Opens everything that a fleet stands on; no machine runs yet. Each fleet has a Redis of its own, since the program's keys have one
 * prefix, and each machine a DATA_DIR of its own, since machines share no disk.
 */
export async function openFleet({ templateUrl, updates, env = {} }: FleetOptions): Promise<Fleet> {
  const dir = await mkdtemp(join(tmpdir(), 'ags-fleet-'));
  const [redis, database, model, proxy] = await Promise.all([
    startPrivateRedis(),
    createDatabase(templateUrl),
    startFakeModel({ answer: planPost }),
    startRoundRobin(),
  ]);
  const logins = makeLogins(database);
  const sandbox = makeSandbox({
    startedPersonaIds: [olivia.id, oscar.id, adam.id, bella.id, rita.id],
    webhookRetryMs: WEBHOOK_RETRY_MS,
  });
  const listening = await listenSandbox(sandbox);
  const machines: Machine[] = [];
  const starting = new Set<Promise<Machine>>();
  let count = 0;

  async function variablesFor(role: ProcessRole): Promise<Record<string, string>> {
    count += 1;
    return {
      PORT: '0',
      DATA_DIR: join(dir, `${role}-${count}`),
      REDIS_URL: redis.url,
      DATABASE_URL: await logins.urlFor([toDatabaseRole(role)]),
      TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token,
      TELEGRAM_API_ROOT: listening.apiRoot,
      ...(updates === 'webhook' ? { TELEGRAM_WEBHOOK_URL: proxy.url, TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET } : {}),
      AGS_OWNER_IDS: `${olivia.id},${oscar.id}`,
      AGS_OPERATOR_IDS: `${adam.id},${bella.id}`,
      AGS_REVIEWER_IDS: `${rita.id}`,
      AGS_ADMIN_CHAT_ID: `${CHATS.admin.id}`,
      AGS_ALERT_CHAT_ID: `${CHATS.alerts.id}`,
      AGS_SIGNALS_CHAT_ID: `${CHATS.signals.id}`,
      OPENAI_BASE_URL: model.baseUrl,
      ...env,
    };
  }

  const list = (role: ProcessRole) => machines.filter((machine) => machine.role === role);
  const showToProxy = () => proxy.setBackends(list('web').map(({ url }) => url));

  async function startOne(role: ProcessRole, more: Record<string, string>): Promise<Machine> {
    while (starting.size >= STARTS_AT_ONCE) await Promise.race(starting);
    const started = startNow(role, more);
    starting.add(started);
    return started.finally(() => starting.delete(started));
  }

  async function startNow(role: ProcessRole, more: Record<string, string>): Promise<Machine> {
    const program = startProgram({ ...(await variablesFor(role)), ...more }, [role]);
    const machine = { ...program, role, url: '' };
    machines.push(machine);
    machine.url = await program.started();
    showToProxy();
    return machine;
  }

  async function end(machine: Machine, signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; tookMs: number }> {
    const startedAt = performance.now();
    machine.signal(signal);
    const code = await machine.ended;
    machines.splice(machines.indexOf(machine), 1);
    showToProxy();
    return { code, tookMs: performance.now() - startedAt };
  }

  return {
    telegram: sandbox.telegram,
    model,
    sql: database.sql,
    ownerUrl: database.url,
    databaseUrlFor: (...roles) => logins.urlFor(roles.map(toDatabaseRole)),
    machines,
    list,
    start: (role, howMany = 1, more = {}) => Promise.all(Array.from({ length: howMany }, () => startOne(role, more))),
    variablesFor,
    end,
    answeredBy: proxy.answered,
    async [Symbol.asyncDispose]() {
      for (const machine of machines) machine.signal('SIGKILL');
      await Promise.all(machines.map(({ ended }) => ended));
      await Promise.all([listening.close(), model.close(), proxy.close(), redis.stop()]);
      await logins.drop();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const POST_PLAN = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
];
/** A goal that begins so is planned as a post to the channel; every other one as an answer. */
export const POST_GOAL = 'Publish item';

function planPost({ schemaName, messages }: FakeModelRequest): unknown {
  const isPost = schemaName === 'plan' && messages.some(({ content }) => content.includes(POST_GOAL));
  return isPost ? { nodes: POST_PLAN, summary: 'Write it and publish it.' } : undefined;
}
