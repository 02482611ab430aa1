import { once } from 'node:events';
import { type Job, Queue, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type EmbeddedQueueBackend, makeEmbeddedQueueBackend } from '../../src/embedded/queue-backend.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { installProbes } from '../support/probes.ts';

let database: TestDatabase;
let queues: EmbeddedQueueBackend;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  queues = makeEmbeddedQueueBackend(database.db);
  await queues.migrate();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await queues?.close();
  await database?.close();
});

function makeQueue(name: string) {
  const queue = new Queue(
    name,
    { connection: queues.connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } },
    queues.backend,
  );
  closers.push(() => queue.close());
  return queue;
}

async function startWorker(name: string, run: (job: Job) => Promise<unknown>, concurrency = 1) {
  const worker = new Worker(name, run, { connection: queues.connection, concurrency }, queues.backend);
  const errors: Error[] = [];
  worker.on('error', (error) => errors.push(error));
  closers.push(() => worker.close());
  await worker.waitUntilReady();
  return { worker, errors };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test('runs 200 jobs, ten at a time, each once', async () => {
  const queue = makeQueue('many');
  const done: string[] = [];
  let running = 0;
  let mostRunning = 0;
  const run = async (job: Job) => {
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    done.push(job.id ?? '');
    running -= 1;
  };
  const { errors } = await startWorker('many', run, 10);
  const ids = Array.from({ length: 200 }, (_, index) => `step-${index}.1`);
  await Promise.all(ids.map((jobId) => queue.add('step.run', {}, { jobId })));
  await expect.poll(() => done.length, { timeout: 15_000 }).toBe(200);
  expect(new Set(done)).toEqual(new Set(ids));
  expect(mostRunning).toBeGreaterThan(1);
  expect(mostRunning).toBeLessThanOrEqual(10);
  expect(errors).toEqual([]);
});

test('an idle worker picks a job up in milliseconds, not at its next poll', async () => {
  const queue = makeQueue('idle');
  const pickedUp: number[] = [];
  await startWorker('idle', async (job) => pickedUp.push(performance.now() - job.data.addedAt));
  for (let count = 1; count <= 15; count += 1) {
    await queue.add('step.run', { addedAt: performance.now() });
    await expect.poll(() => pickedUp.length, { interval: 5 }).toBe(count);
    // The worker is idle again when it waits for a notification and nothing is active.
    await expect.poll(() => queue.getActiveCount(), { interval: 5 }).toBe(0);
  }
  expect(median(pickedUp)).toBeLessThan(50);
});

test('a delayed job comes when it is due, not before', async () => {
  const queue = makeQueue('later');
  const cameAfterMs: number[] = [];
  await startWorker('later', async (job) => cameAfterMs.push(Date.now() - job.timestamp));
  await queue.add('timer.fire', {}, { delay: 400 });
  await expect.poll(() => cameAfterMs.length, { timeout: 4000, interval: 10 }).toBe(1);
  expect(cameAfterMs[0]).toBeGreaterThanOrEqual(395);
  expect(cameAfterMs[0]).toBeLessThan(2000);
});

test('a schedule brings its job again and again', async () => {
  const queue = makeQueue('schedule');
  const names: string[] = [];
  await startWorker('schedule', async (job) => names.push(job.name));
  await queue.upsertJobScheduler('sweep', { every: 100 }, { name: 'sweep.run' });
  await expect.poll(() => names.length, { timeout: 8000 }).toBeGreaterThanOrEqual(3);
  await queue.removeJobScheduler('sweep');
  expect(new Set(names)).toEqual(new Set(['sweep.run']));
});

test('a job that fails is tried again', async () => {
  const queue = makeQueue('failing');
  let tries = 0;
  const { worker } = await startWorker('failing', async () => {
    tries += 1;
    if (tries < 3) throw new Error('not yet');
  });
  const completed = once(worker, 'completed');
  await queue.add('step.run', {}, { attempts: 3, backoff: { type: 'fixed', delay: 20 } });
  await completed;
  expect(tries).toBe(3);
});

test('the queue and the functions share the session without getting in each other’s transactions', async () => {
  await installProbes(database.sql);
  const worker = database.rpc('ags_worker');
  const queue = makeQueue('mixed');
  let handled = 0;
  const { errors } = await startWorker(
    'mixed',
    async (job) => {
      await worker.call('probe_write', { p_number: job.data.number }, z.number());
      await worker.call('probe_write', { p_number: job.data.number, p_state: 'ZT001' }, z.unknown()).catch(() => undefined);
      handled += 1;
    },
    10,
  );
  const client = await queues.connection.connect();
  await client.query('begin');
  await client.query('insert into public.probe_rows values (9999)');
  // These wait until the transaction ends: nothing of theirs may be undone with it.
  const added = Promise.all(Array.from({ length: 50 }, (_, number) => queue.add('step.run', { number })));
  const role = worker.call('probe_role', {}, z.string());
  await client.query('rollback');
  client.release();
  await added;
  expect(await role).toBe('ags_worker');
  await expect.poll(() => handled, { timeout: 15_000 }).toBe(50);
  expect(await database.sql('select count(*)::int as count from public.probe_rows')).toEqual([{ count: 50 }]);
  expect(errors).toEqual([]);
});

test('a client that leaves with a transaction open takes it back and frees the session', async () => {
  const client = await queues.connection.connect();
  await client.query('begin');
  await client.query('create table public.left_behind (id integer)');
  client.release(true);
  expect(await database.sql(`select to_regclass('public.left_behind') as name`)).toEqual([{ name: null }]);
});

test('idle workers close within a second', async () => {
  const workers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => startWorker(`close-${name}`, async () => undefined)));
  const startedAt = performance.now();
  await Promise.all(workers.map(({ worker }) => worker.close()));
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
