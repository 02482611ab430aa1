import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../scripts/private-redis.ts';
import { connectRedis, type RedisConnections } from '../../src/servers/redis.ts';
import { makeRedisQueue, type RedisQueue } from '../../src/servers/redis-queue.ts';
import { makeReadiness } from '../../src/web/readiness.ts';
import { makeBench, makeGate, nudge } from '../support/queue-conformance.ts';

let server: PrivateRedis;
let connections: RedisConnections;
let queue: RedisQueue;
const bench = makeBench(() => queue.stack);

beforeAll(async () => {
  server = await startPrivateRedis();
});
beforeEach(async () => {
  await server.start();
  connections = connectRedis({ url: server.url, log: bench.log });
  queue = makeRedisQueue(connections);
  await connections.commands.flushall();
  bench.lines.length = 0;
});
afterEach(async () => {
  await bench.closeAll();
  await queue.close();
  await connections.close();
});
afterAll(async () => server?.stop());

const ids = (count: number) => Array.from({ length: count }, (_, index) => `T-${index}/act`);

test('everything in Redis is deleted while jobs run: they end, the queue goes on, and what was lost comes with the next nudge', async () => {
  const jobs = bench.makeQueue();
  const gate = makeGate();
  const begun: string[] = [];
  const ended: string[] = [];
  bench.startWorker(async ({ id, seq }) => {
    begun.push(`${id}.${seq}`);
    if (seq === 1) await gate.pass;
    ended.push(`${id}.${seq}`);
  }, 2);
  await jobs.deliver(ids(5).map((id) => nudge(id)));
  await expect.poll(() => begun).toHaveLength(2);
  await connections.commands.flushall();
  gate.open();
  await expect.poll(() => ended).toHaveLength(2);
  // Three were lost while they waited. The sweeper finds their rows, and wakes them once more.
  const lost = ids(5).filter((id) => !begun.includes(`${id}.1`));
  await jobs.deliver(lost.map((id) => nudge(id, { seq: 2 })));
  await expect.poll(() => ended.toSorted(), { timeout: 30_000 }).toEqual([...begun.slice(0, 2), ...lost.map((id) => `${id}.2`)].toSorted());
});

test('Redis is killed and started again: jobs that wait are still there, and every connection comes back by itself', async () => {
  const jobs = bench.makeQueue();
  await jobs.deliver(ids(50).map((id) => nudge(id)));
  await jobs.deliver([nudge('T-later/act', { delayMs: 500 })]);
  await server.kill();
  await expect(jobs.ping()).rejects.toMatchObject({ code: 'queue_unavailable', retry: 'later' });
  await server.start();
  const done: string[] = [];
  bench.startWorker(async ({ id }) => void done.push(id));
  await expect.poll(() => done.toSorted(), { timeout: 20_000 }).toEqual([...ids(50), 'T-later/act'].toSorted());
  await expect.poll(() => jobs.ping().then(() => 'ok', String)).toBe('ok');
});

test('Redis is killed under a worker: what was in hand ends, and it takes jobs again when Redis is back', async () => {
  const jobs = bench.makeQueue();
  const gate = makeGate();
  const begun: string[] = [];
  bench.startWorker(async ({ id }) => {
    begun.push(id);
    if (id === 'T-0/act') await gate.pass;
  });
  await jobs.deliver([nudge('T-0/act')]);
  await expect.poll(() => begun).toEqual(['T-0/act']);
  await server.kill();
  gate.open();
  await server.start();
  await expect.poll(() => jobs.ping().then(() => 'ok', String), { timeout: 10_000 }).toBe('ok');
  await jobs.deliver(ids(3).map((id) => nudge(id, { seq: 2 })));
  await expect.poll(() => begun.toSorted(), { timeout: 30_000 }).toEqual(['T-0/act', ...ids(3)].toSorted());
});

test('/ready says that the queue does not answer, until it does', async () => {
  const jobs = bench.makeQueue();
  const checkReadiness = makeReadiness({ checks: { queue: () => jobs.ping() }, log: bench.log });
  expect(await checkReadiness()).toEqual({ status: 'ready', checks: { queue: 'ok' } });
  await server.kill();
  expect(await checkReadiness()).toMatchObject({ status: 'not_ready' });
  await server.start();
  await expect.poll(checkReadiness, { timeout: 10_000 }).toMatchObject({ status: 'ready' });
});

test('a nudge that cannot be added is logged with its ids and keeps nobody waiting; the trouble itself is told once', async () => {
  const jobs = bench.makeQueue();
  await jobs.ping();
  await server.kill();
  await jobs.deliver([nudge('T-lost/act')]);
  await jobs.deliver([nudge('T-lost/critic')]);
  const lost = bench.lines.filter((line) => line.includes('nudge lost'));
  expect(lost.map((line) => JSON.parse(line).id)).toEqual(['T-lost/act', 'T-lost/critic']);
  expect(bench.lines.filter((line) => line.includes('queue connection failed'))).toHaveLength(1);
});

test('without Redis everything still ends when it is told to', async () => {
  bench.makeQueue();
  const begun: string[] = [];
  const worker = bench.startWorker(async ({ id }) => void begun.push(id));
  await bench.makeQueue().deliver([nudge('T-0/act')]);
  await expect.poll(() => begun).toEqual(['T-0/act']);
  await server.kill();
  await worker.close(200);
  await queue.close();
  await connections.close();
  // Nobody comes back later.
  await server.start();
  const redis = new Redis(server.url);
  expect(
    String(await redis.client('LIST'))
      .trim()
      .split('\n'),
  ).toHaveLength(1);
  await redis.quit();
});

test('a queue made while Redis is away works when it is back', async () => {
  await server.kill();
  const jobs = bench.makeQueue();
  const done: string[] = [];
  bench.startWorker(async ({ id }) => void done.push(id));
  await expect(jobs.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
  await server.start();
  await expect.poll(() => jobs.ping().then(() => 'ok', String), { timeout: 10_000 }).toBe('ok');
  await jobs.deliver([nudge('T-0/act')]);
  await expect.poll(() => done, { timeout: 10_000 }).toEqual(['T-0/act']);
});
