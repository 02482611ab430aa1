import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { makeSealedState } from '../../src/bot/sealed-state.ts';
import { QUEUE_NAMES } from '../../src/jobs/catalogue.ts';
import { connectRedis, type RedisConnections } from '../../src/servers/redis.ts';
import { makeRedisQueue, type RedisQueue } from '../../src/servers/redis-queue.ts';
import { makeRedisShortTerm } from '../../src/servers/redis-short-term.ts';
import { makeBench, nudge } from '../support/queue-conformance.ts';
import { openRedisSpace, type RedisSpace } from '../support/redis.ts';

/** What a person might have written: none of it may be found in Redis. */
const MARKER = 'call Ada Lovelace, +44 20 7946 0958';

let space: RedisSpace;
let connections: RedisConnections;
let queue: RedisQueue;
const bench = makeBench(() => queue.stack);

beforeAll(() => {
  const url = inject('redisUrl');
  space = openRedisSpace(url);
  connections = connectRedis({ url, log: bench.log });
  queue = makeRedisQueue(connections, { prefix: space.prefix });
});
afterEach(() => bench.closeAll());
afterAll(async () => {
  await queue?.close();
  await connections?.close();
  await space?.close();
});

const toOwn = (key: string) => key.slice(space.prefix.length);

test('a thousand finished jobs leave nothing behind but the fixed keys, whose size has a bound', async () => {
  const jobs = bench.makeQueue();
  let done = 0;
  bench.startWorker(async ({ seq }) => {
    done += 1;
    // Some fail; that must leave as little.
    if (seq % 10 === 0) throw new Error('not today');
  }, 50);
  const deliver = (from: number, count: number) =>
    jobs.deliver(Array.from({ length: count }, (_, index) => nudge(`T-1/${from + index}`, { seq: from + index })));
  await deliver(0, 1_000);
  await expect.poll(() => done, { timeout: 40_000 }).toBe(1_000);
  const fixed = Object.values(QUEUE_NAMES).flatMap((name) =>
    ['events', 'id', 'marker', 'meta', 'pc', 'stalled', 'stalled-check'].map((key) => `:${name}:${key}`),
  );
  await expect.poll(async () => (await space.listKeys()).map(toOwn).filter((key) => !fixed.includes(key)), { timeout: 10_000 }).toEqual([]);
  expect(await space.redis.xlen(`${space.prefix}:${QUEUE_NAMES.work}:events`)).toBeLessThan(500);
});

test('jobs carry ids, and nothing else is written into Redis', async () => {
  const jobs = bench.makeQueue();
  // Nobody takes it, so that it can be looked at.
  await jobs.deliver([nudge('T-2025-09-28-0012/act', { seq: 7 }), nudge('T-2025-09-28-0012', { job: 'task.show', delayMs: 60_000 })]);
  const stored = await space.redis.hgetall(`${space.prefix}:${QUEUE_NAMES.work}:step.run.T-2025-09-28-0012/act.7`);
  expect(JSON.parse(stored.data ?? '')).toEqual({ id: 'T-2025-09-28-0012/act', seq: 7 });
  expect(Object.keys(stored).toSorted()).toEqual(['data', 'delay', 'name', 'opts', 'priority', 'timestamp']);
});

test('what an agent or a person wrote does not get into Redis through a job that fails with it', async () => {
  const jobs = bench.makeQueue();
  bench.startWorker(async () => {
    throw new Error(MARKER);
  });
  await jobs.deliver([nudge('T-3/act')]);
  await expect.poll(() => bench.lines.some((line) => line.includes('T-3/act'))).toBe(true);
  await expect.poll(() => space.redis.exists(`${space.prefix}:${QUEUE_NAMES.work}:step.run.T-3/act.1`)).toBe(0);
  expect(await space.readAll()).not.toContain(MARKER);
});

test('an open question is kept sealed: Redis holds nothing of what was said', async () => {
  const shortTerm = makeRedisShortTerm({ redis: connections.commands, prefix: space.prefix });
  const state = makeSealedState<{ text: string }>({ shortTerm, botToken: '1:token', ttlSeconds: 60, log: bench.log });
  await state.write('conversation:5:6', { text: MARKER });
  const all = await space.readAll();
  expect(all).toContain('conversation:5:6');
  for (const word of ['Ada', 'Lovelace', '7946', Buffer.from(MARKER).toString('base64')]) expect(all).not.toContain(word);
  expect(await state.read('conversation:5:6')).toEqual({ text: MARKER });
  await state.delete('conversation:5:6');
  expect(await space.readAll()).not.toContain('conversation:5:6');
});

test('every key stands in the one slot of its prefix', async () => {
  await bench.makeQueue().deliver([nudge('{T-4}/act')]);
  const keys = await space.listKeys();
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) expect(key.startsWith(space.prefix), key).toBe(true);
});
