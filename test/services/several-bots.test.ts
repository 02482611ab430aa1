import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { type Inbox, makeInbox } from '../../src/bot/inbox.ts';
import { makeIntake } from '../../src/bot/intake.ts';
import { Secret } from '../../src/config.ts';
import { claimUpdates, completeUpdate, recordUpdates } from '../../src/store/inbox.ts';
import { DATABASE_ROLES, makeRpc, type Rpc, type Transport } from '../../src/store/rpc.ts';
import { makePostgresTransport } from '../../src/store/transports/postgres.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { makeMetrics } from '../../src/telemetry/metrics.ts';
import { makeWebApp } from '../../src/web/app.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { until } from '../support/telling.ts';

const SECRET = 'a_long-random-word-0123456789';
const log = makeLogger({ level: 'silent' });
const intake = makeIntake({ botUsername: 'our_bot' });

let database: PostgresDatabase;
let transport: Transport;
beforeAll(async () => {
  database = await createDatabase(inject('templateUrl'));
  transport = makePostgresTransport({ connectionString: database.url, roles: DATABASE_ROLES, connectTimeoutMs: 20_000 });
});
afterAll(async () => {
  await transport.close();
  await database.drop();
});
afterEach(async () => {
  await stopBots();
  await database.sql('delete from public.inbox');
});

const bots: (Inbox & { stop(): Promise<void> })[] = [];
const stopBots = () => Promise.all(bots.splice(0).map((one) => one.stop()));

const bot = (): Rpc => makeRpc(transport, 'ags_bot');

interface Update {
  update_id: number;
  [kind: string]: unknown;
}
const message = (updateId: number, chatId: number): Update => ({
  update_id: updateId,
  message: { message_id: updateId, date: 1, chat: { id: chatId, type: 'private' }, from: { id: chatId }, text: 'hello' },
});
const press = (updateId: number, chatId: number): Update => ({
  update_id: updateId,
  callback_query: { id: `${updateId}`, from: { id: chatId }, message: { message_id: 1, date: 1, chat: { id: chatId } }, data: 'x' },
});

/** One web process; every post is answered with its status. */
function openDoor(onStored: () => void) {
  const metrics = makeMetrics({ hasProcessMetrics: false });
  const rpc = makeRpc(transport, 'ags_web');
  const app = makeWebApp({
    checks: {},
    metrics,
    log,
    telegramWebhook: { secretToken: new Secret(SECRET), rpc, intake, onStored, metrics },
  });
  return async (update: Update): Promise<number> => {
    const headers = { 'x-telegram-bot-api-secret-token': SECRET };
    const response = await app.request('/webhooks/telegram', { method: 'POST', headers, body: JSON.stringify(update) });
    return response.status;
  };
}

/** Sees what several processes handle: which updates of a chat, in which order, by whom, and whether ever two at once. */
function makeWatch() {
  const handled = new Map<number, number[]>();
  const underWay = new Set<number>();
  const overlaps: number[] = [];
  const countBy = new Map<string, number>();
  return {
    handled,
    overlaps,
    countOf: (worker: string) => countBy.get(worker) ?? 0,
    total: () => [...handled.values()].reduce((sum, ids) => sum + ids.length, 0),
    async handle(worker: string, chatId: number, updateId: number): Promise<void> {
      if (underWay.has(chatId)) overlaps.push(updateId);
      underWay.add(chatId);
      handled.set(chatId, [...(handled.get(chatId) ?? []), updateId]);
      countBy.set(worker, (countBy.get(worker) ?? 0) + 1);
      // Long enough for another process to come in between, if it could.
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
      underWay.delete(chatId);
    },
  };
}

/** The inbox loop of one bot process. */
function startBot(worker: string, watch: ReturnType<typeof makeWatch>): Inbox & { stop(): Promise<void> } {
  const inbox = makeInbox({
    rpc: bot(),
    worker,
    log,
    handler: {
      async handle(update) {
        await watch.handle(worker, update.message?.chat.id ?? update.callback_query?.from.id ?? 0, update.update_id);
        return { outcome: 'processed', error: null };
      },
    },
  });
  const stopping = new AbortController();
  const running = inbox.run(stopping.signal);
  const started = {
    ...inbox,
    async stop() {
      stopping.abort();
      await running;
      await inbox.drain(10_000);
    },
  };
  bots.push(started);
  return started;
}

test('three bots on one database: each update once, a chat’s in their order, never two of a chat at once, also when one is stopped', async () => {
  const chats = Array.from({ length: 10 }, (_, index) => index + 1);
  const numbers = Array.from({ length: 30 }, (_, index) => index);
  const watch = makeWatch();
  const first = startBot('bot-1', watch);
  const post = openDoor(() => {
    for (const one of bots) one.nudge();
  });
  const toId = (chatId: number, number: number) => number * chats.length + chatId;
  // As Telegram does: a chat's next message after the one before was answered, different chats side by side, now and then one twice.
  const deliver = async (chatId: number, some: number[]) => {
    for (const number of some) {
      const update = message(toId(chatId, number), chatId);
      const statuses = await Promise.all(number % 7 === 0 ? [post(update), post(update)] : [post(update)]);
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
  };
  const deliverToAll = (some: number[]) => Promise.all(chats.map((chatId) => deliver(chatId, some)));

  const beginning = deliverToAll(numbers.slice(0, 20));
  await until(() => watch.countOf('bot-1') >= 20, { timeoutMs: 30_000 });
  startBot('bot-2', watch);
  startBot('bot-3', watch);
  await first.stop();
  const countAtStop = watch.countOf('bot-1');
  await beginning;
  await deliverToAll(numbers.slice(20));
  await until(() => watch.total() >= chats.length * numbers.length, { timeoutMs: 30_000 });
  await stopBots();
  expect(watch.overlaps).toEqual([]);
  expect(watch.countOf('bot-1')).toBe(countAtStop);
  for (const chatId of chats) expect(watch.handled.get(chatId)).toEqual(numbers.map((number) => toId(chatId, number)));
  expect(await database.sql(`select status, count(*)::int as count from public.inbox group by status`)).toEqual([
    { status: 'processed', count: chats.length * numbers.length },
  ]);
});

test('presses and messages, which Telegram brings side by side, are put in order as long as they wait', async () => {
  const post = openDoor(() => undefined);
  const chats = [1, 2, 3];
  // Of each chat: presses come first, then the messages that were written before them.
  for (const make of [press, message]) {
    for (let number = 0; number < 5; number += 1) {
      const offset = make === press ? 1 : 0;
      expect(await Promise.all(chats.map((chatId) => post(make(chatId * 100 + number * 2 + offset, chatId))))).toEqual([200, 200, 200]);
    }
  }
  const watch = makeWatch();
  for (const worker of ['bot-1', 'bot-2', 'bot-3']) startBot(worker, watch);
  await until(() => watch.total() >= 30);
  await stopBots();
  expect(watch.overlaps).toEqual([]);
  for (const chatId of chats) expect(watch.handled.get(chatId)).toEqual(Array.from({ length: 10 }, (_, number) => chatId * 100 + number));
});

test('a claim sees what a claim at the same moment takes, also when an older update becomes visible in between', async () => {
  const record = (update: Update) =>
    recordUpdates(
      bot(),
      'telegram',
      [intake(update)].flatMap((row) => row ?? []),
    );
  await record(message(12, 7));
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    await other.query('begin');
    const { rows } = await other.query(`select public.claim_updates('bot-1', 10, 60) as taken`);
    expect(rows[0]?.taken).toMatchObject([{ external_id: '12' }]);
    await record(message(11, 7));
    const second = claimUpdates(bot(), { worker: 'bot-2', limit: 10, leaseSeconds: 60 });
    const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`;
    await until(async () => (await database.sql(waiting)).length === 1, { what: 'the second claim to wait' });
    await other.query('commit');
    // Without waiting it would have taken 11 of the same chat.
    expect(await second).toEqual([]);
    const [row] = await database.sql(`select inbox_id from public.inbox where external_id = '12'`);
    await completeUpdate(bot(), { inboxId: Number(row?.inbox_id), worker: 'bot-1', outcome: 'processed', error: null });
    expect(await claimUpdates(bot(), { worker: 'bot-2', limit: 10, leaseSeconds: 60 })).toMatchObject([{ externalId: '11' }]);
  } finally {
    await other.end();
  }
});
