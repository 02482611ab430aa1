import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { findFreePort } from '../../scripts/free-port.ts';
import { startPrivateRedis } from '../../scripts/private-redis.ts';
import { listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { CHATS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { createDatabase } from '../support/postgres.ts';
import { type Program, startProgram } from '../support/program.ts';
import { JWT_SECRET, SECRET_KEY, type SupabaseLite, startSupabaseLite } from '../support/supabase-lite.ts';
import { until } from '../support/telling.ts';

/** Troubles that may pass: the program waits for them, says for what, and goes on by itself. */
const closers: (() => Promise<unknown>)[] = [];
async function keep<T>(opening: Promise<T>, close: (opened: T) => Promise<unknown>): Promise<T> {
  const opened = await opening;
  closers.push(() => close(opened));
  return opened;
}

let telegram: Sandbox['telegram'];
let lite: SupabaseLite;
let variables: Record<string, string>;
let supabase: Record<string, string>;
beforeAll(async () => {
  const dir = await keep(mkdtemp(join(tmpdir(), 'ags-troubles-')), (path) => rm(path, { recursive: true }));
  const sandbox = makeSandbox();
  telegram = sandbox.telegram;
  const listening = await keep(listenSandbox(sandbox), ({ close }) => close());
  const redis = await keep(startPrivateRedis(), ({ stop }) => stop());
  const database = await keep(createDatabase(inject('templateUrl')), ({ drop }) => drop());
  lite = await keep(startSupabaseLite(database.url), ({ close }) => close());
  // What it does with its first request it cannot do for several at once.
  await fetch(`${lite.url}/rest/v1/rpc/get_stop_state`, { method: 'POST', headers: { apikey: SECRET_KEY } });
  variables = {
    PORT: '0',
    DATA_DIR: dir,
    TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token,
    TELEGRAM_API_ROOT: listening.apiRoot,
    AGS_OWNER_IDS: '101,102',
    AGS_ADMIN_CHAT_ID: `${CHATS.admin.id}`,
    AGS_SIGNALS_CHAT_ID: `${CHATS.signals.id}`,
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
  };
  supabase = { DATABASE_URL: '', SUPABASE_URL: lite.url, SUPABASE_SECRET_KEY: SECRET_KEY, SUPABASE_JWT_SECRET: JWT_SECRET };
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const running: Program[] = [];
afterEach(async () => {
  lite.setTrouble(null);
  telegram.clearFailures();
  for (const program of running) program.signal('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});

function start(more: Record<string, string> = {}, args: string[] = []): Program {
  const program = startProgram({ ...variables, ...more }, args);
  running.push(program);
  return program;
}

/** What `/ready` answers; null while nobody listens. */
async function findReady(url: string): Promise<{ status: number; body: Record<string, unknown> } | null> {
  const response = await fetch(`${url}/ready`).catch(() => null);
  return response === null ? null : { status: response.status, body: Object(await response.json()) };
}

const untilReady = (url: string, fits: (status: number, telegramSays: unknown) => boolean) =>
  until(
    async () => {
      const ready = await findReady(url);
      return ready !== null && fits(ready.status, Object(ready.body.checks).telegram) ? ready : null;
    },
    { timeoutMs: 30_000, what: '/ready to say so' },
  );

async function endInOrder(program: Program): Promise<void> {
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
  expect(program.stderr()).toBe('');
  expect(program.lines.join('')).not.toMatch(/canary|sandbox-token/);
}

const NOT_ASKED = 'not asked yet';
const NOT_REACHED = 'not reached yet; the log says why';

test.each([
  [
    'REDIS_URL',
    'redis://:canary@127.0.0.1:1',
    /waiting for Redis/,
    /REDIS_URL: the Redis at 127\.0\.0\.1:1 does not answer .*; start it, or check host and port/,
    { store: 'ok', queue: NOT_REACHED, telegram: NOT_ASKED },
  ],
  [
    'DATABASE_URL',
    'postgresql://login:canary@127.0.0.1:1/postgres',
    /waiting for the database/,
    /DATABASE_URL: PostgreSQL does not answer at 127\.0\.0\.1:1 .*; start it, or check host and port/,
    { store: NOT_REACHED, queue: NOT_ASKED, telegram: NOT_ASKED },
  ],
  [
    'DATABASE_URL',
    'postgresql://login:canary@no-such-host.invalid/postgres',
    /waiting for the database/,
    /DATABASE_URL: PostgreSQL does not answer at no-such-host\.invalid .*; start it, or check host and port/,
    { store: NOT_REACHED, queue: NOT_ASKED, telegram: NOT_ASKED },
  ],
])(
  '%s=%s: a start that waits says for what, lives, is not ready, and ends when it is told to',
  async (name, value, waiting, says, checks) => {
    const port = await findFreePort();
    const program = start({ PORT: `${port}`, [name]: value });
    const url = `http://127.0.0.1:${port}`;
    const line = await until(() => program.lines.find((one) => waiting.test(one)), { timeoutMs: 30_000 });
    expect(line).toMatch(says);
    expect(await findReady(url)).toEqual({ status: 503, body: { status: 'not_ready', checks } });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(`${url}/webhooks/telegram`, { method: 'POST', body: '{}' })).status).toBe(503);
    await endInOrder(program);
  },
);

test('a Supabase that answers 503: a start waits for it, and what runs goes on by itself', async () => {
  const down = () => new Response('upstream connect error', { status: 503 });
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  lite.setTrouble(down);
  const program = start({ ...supabase, PORT: `${port}` });
  const line = await until(() => program.lines.find((one) => one.includes('waiting for the database')), { timeoutMs: 30_000 });
  expect(line).toMatch(/SUPABASE_URL: the project does not answer \(503\); see whether it is paused or down/);
  expect(await findReady(url)).toMatchObject({ status: 503, body: { checks: { store: NOT_REACHED } } });

  lite.setTrouble(null);
  expect(await program.started()).toBe(url);
  await untilReady(url, (status) => status === 200);

  lite.setTrouble(down);
  const sick = await untilReady(url, (status) => status === 503);
  expect(sick.body).toMatchObject({ checks: { store: 'The database does not answer', queue: 'ok' } });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(program.lines.join('\n')).toContain('SUPABASE_URL: the project does not answer (503)');
  lite.setTrouble(null);
  await untilReady(url, (status) => status === 200);
  await endInOrder(program);
});

test('chats that the bot is not in, or lacks rights in: it starts, names them, and /ready points at Telegram until they are put right', async () => {
  telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'left');
  telegram.setBotRights(CHATS.admin.id, { can_pin_messages: false });
  const program = start({ AGS_VIP_CHAT_ID: '-1009999999999' });
  const url = await program.started();
  const log = program.lines.join('\n');
  expect(log).toMatch(
    /AGS_SIGNALS_CHAT_ID: the bot is not in chat -1001000000003, or there is none .*; check the id, and add the bot there/,
  );
  expect(log).toMatch(
    /AGS_ADMIN_CHAT_ID: in \\"AGS Admin\\" the bot lacks the right “Pin messages”; give it in the list of administrators/,
  );
  expect(log).toMatch(/AGS_VIP_CHAT_ID: the bot is not in chat -1009999999999, or there is none/);
  const ready = await untilReady(url, (status) => status === 200);
  expect(ready.body).toMatchObject({ status: 'ready', warnings: ['telegram'] });
  await endInOrder(program);
  telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'administrator');
  telegram.setBotRights(CHATS.admin.id, { can_pin_messages: true });
});

test('of two pollers the second one waits, says so, and takes over', async () => {
  const first = start({}, ['bot']);
  await untilReady(await first.started(), (status) => status === 200);
  const second = start({}, ['bot']);
  const url = await second.started();
  const waiting = await untilReady(url, (_, says) => says === 'Another process polls for this bot; waiting');
  expect(waiting.status).toBe(503);
  expect(second.lines.join('\n')).toContain('"msg":"waiting for the turn"');
  await endInOrder(first);
  await untilReady(url, (status) => status === 200);
  await endInOrder(second);
});

test('a poller of somebody else, with the same token and another database', async () => {
  const program = start({}, ['bot']);
  const url = await program.started();
  await untilReady(url, (status) => status === 200);
  const description = 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
  telegram.failNext({ method: 'getUpdates', times: 1_000, as: { status: 409, description } });
  // The poll under way has to end before the next one is refused.
  telegram.say(101, CHATS.admin.id, '/help');
  const waiting = await untilReady(url, (_, says) => says === 'Another process polls for this bot; waiting');
  expect(waiting.status).toBe(503);
  expect(program.lines.join('\n')).toContain('somebody else takes this bot’s updates: only one process may poll; waiting');
  telegram.clearFailures();
  await untilReady(url, (status) => status === 200);
});

test('a token that is revoked while the bot runs: /ready says that Telegram refuses, and no line holds the token', async () => {
  const program = start({}, ['bot']);
  const url = await program.started();
  await untilReady(url, (status) => status === 200);
  for (const method of ['getUpdates', 'getMe'])
    telegram.failNext({ method, times: 1_000, as: { status: 401, description: 'Unauthorized' } });
  telegram.say(101, CHATS.admin.id, '/help');
  const refused = await untilReady(url, (_, says) => says === 'Telegram refused the request');
  expect(refused.body).toMatchObject({ checks: { store: 'ok', queue: 'ok' } });
  telegram.clearFailures();
  await untilReady(url, (status) => status === 200);
  await endInOrder(program);
});
