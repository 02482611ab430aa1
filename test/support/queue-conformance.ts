import { type JobsOptions, Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { QUEUE_NAMES } from '../../src/jobs/catalogue.ts';
import { type JobQueue, makeJobQueue, type QueueStack } from '../../src/jobs/queue.ts';
import { type JobHandlers, type JobWorker, startJobWorker } from '../../src/jobs/worker.ts';
import type { Delivery, JobName } from '../../src/store/delivery.ts';
import { makeLogger } from '../../src/telemetry/log.ts';

export interface QueueUnderTest {
  stack: QueueStack;
  close(): Promise<void>;
}

export type Handle = (nudge: { job: JobName; id: string; seq: number }, signal: AbortSignal) => Promise<void>;

/** Handlers that all do the same. */
export function handleAll(handle: Handle): JobHandlers {
  const of = (job: JobName) => (nudge: { id: string; seq: number }, signal: AbortSignal) => handle({ job, ...nudge }, signal);
  return {
    'step.run': of('step.run'),
    'task.show': of('task.show'),
    'request.show': of('request.show'),
    'card.show': of('card.show'),
    'request.remind': of('request.remind'),
    'doubt.show': of('doubt.show'),
    'drill.run': of('drill.run'),
    'change.show': of('change.show'),
    'change.remind': of('change.remind'),
    'incident.show': of('incident.show'),
    'resume.show': of('resume.show'),
    'runbook.run': of('runbook.run'),
  };
}

export const nudge = (id: string, { job = 'step.run', seq = 1, delayMs = 0 }: Partial<Omit<Delivery, 'id'>> = {}): Delivery => ({
  job,
  id,
  seq,
  delayMs,
});

/** A door that somebody has to open. */
export function makeGate(): { pass: Promise<void>; open(): void } {
  const { promise: pass, resolve: open } = Promise.withResolvers<void>();
  return { pass, open };
}

/** Queues and workers of one stack, ended together, and what they logged. */
export function makeBench(stack: () => QueueStack) {
  const lines: string[] = [];
  const log = makeLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const closers: (() => Promise<void>)[] = [];
  return {
    lines,
    log,
    makeQueue(): JobQueue {
      const queue = makeJobQueue(stack(), log);
      closers.push(() => queue.close());
      return queue;
    },
    /** BullMQ's own for steps, to put in what the program never would. */
    makeBareQueue() {
      const { connection, backend, prefix } = stack();
      const queue = new Queue(QUEUE_NAMES.work, { connection, prefix }, backend);
      closers.push(() => queue.close());
      return queue;
    },
    /** With so many hands for each queue. */
    startWorker(handle: Handle, hands = 10): JobWorker {
      const concurrency = { people: hands, work: hands };
      const worker = startJobWorker({ stack: stack(), handlers: handleAll(handle), concurrency, log });
      closers.push(() => worker.close(2_000));
      return worker;
    },
    async closeAll(): Promise<void> {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

const REMOVED: JobsOptions = { removeOnComplete: true, removeOnFail: true };

/** What every queue must do alike. `open` gives an empty one. */
export function testQueue(open: () => Promise<QueueUnderTest>): void {
  let under: QueueUnderTest;
  const bench = makeBench(() => under.stack);
  beforeAll(async () => {
    under = await open();
  });
  afterEach(() => bench.closeAll());
  afterAll(async () => under?.close());

  test('a nudge that comes while a job of the same row is active is not swallowed', async () => {
    const queue = bench.makeQueue();
    const gate = makeGate();
    const begun: string[] = [];
    const ended: string[] = [];
    bench.startWorker(async ({ id, seq }) => {
      begun.push(`${id}.${seq}`);
      if (seq === 1) await gate.pass;
      ended.push(`${id}.${seq}`);
    });
    await queue.deliver([nudge('T-1/approve', { seq: 1 })]);
    await expect.poll(() => begun).toEqual(['T-1/approve.1']);
    // Somebody decides: the row has been woken once more. The earlier count is still taken, and a queue is deaf to it.
    await queue.deliver([nudge('T-1/approve', { seq: 1 })]);
    await queue.deliver([nudge('T-1/approve', { seq: 2 })]);
    await expect.poll(() => ended).toEqual(['T-1/approve.2']);
    expect(begun).toEqual(['T-1/approve.1', 'T-1/approve.2']);
    gate.open();
    await expect.poll(() => ended).toEqual(['T-1/approve.2', 'T-1/approve.1']);
  });

  test('nor when the worker has no hand free: it comes after the active job', async () => {
    const queue = bench.makeQueue();
    const gate = makeGate();
    const begun: number[] = [];
    bench.startWorker(async ({ seq }) => {
      begun.push(seq);
      if (seq === 1) await gate.pass;
    }, 1);
    await queue.deliver([nudge('T-2/approve', { seq: 1 })]);
    await expect.poll(() => begun).toEqual([1]);
    await queue.deliver([nudge('T-2/approve', { seq: 2 })]);
    gate.open();
    await expect.poll(() => begun).toEqual([1, 2]);
  });

  test('the same nudge twice is one job while it waits, and another one when it is over', async () => {
    const queue = bench.makeQueue();
    const ended: string[] = [];
    await queue.deliver([nudge('T-3/act'), nudge('T-3/act'), nudge('T-3/critic')]);
    bench.startWorker(async ({ id }) => void ended.push(id));
    await expect.poll(() => ended.toSorted()).toEqual(['T-3/act', 'T-3/critic']);
    const again = async () => {
      await queue.deliver([nudge('T-3/act')]);
      return ended.length;
    };
    // The worker notes the end of a job a moment after its handler has ended.
    await expect.poll(again).toBeGreaterThan(2);
  });

  test('two workers share one queue, and each job is done once', async () => {
    const queue = bench.makeQueue();
    const done: Record<string, string[]> = { a: [], b: [] };
    // Neither can do all of it: each keeps its hands full until the other one has begun.
    const bothAtWork = makeGate();
    const takeAs = (name: 'a' | 'b') => async (job: { id: string }) => {
      done[name]?.push(job.id);
      if (done.a?.length !== 0 && done.b?.length !== 0) bothAtWork.open();
      await bothAtWork.pass;
    };
    bench.startWorker(takeAs('a'), 5);
    bench.startWorker(takeAs('b'), 5);
    const ids = Array.from({ length: 60 }, (_, index) => `T-4/${index}`);
    await queue.deliver(ids.map((id) => nudge(id)));
    await expect.poll(() => [...(done.a ?? []), ...(done.b ?? [])].toSorted(), { timeout: 20_000 }).toEqual(ids.toSorted());
  });

  test('a job of an unknown form is passed over, and the next one is done', async () => {
    const bare = bench.makeBareQueue();
    const done: string[] = [];
    await bare.add('step.run', { id: 7, seq: 'x' }, REMOVED);
    await bare.add('rm.everything', { id: 'T-5/act', seq: 1 }, REMOVED);
    await bare.add('step.run', { id: 'x'.repeat(201), seq: 1 }, REMOVED);
    await bare.add('step.run', 'no object at all', REMOVED);
    bench.startWorker(async ({ id }) => void done.push(id), 1);
    await bench.makeQueue().deliver([nudge('T-5/act')]);
    await expect.poll(() => done).toEqual(['T-5/act']);
    await expect.poll(() => bench.lines.filter((line) => line.includes('unknown form')).length).toBe(4);
    await expect
      .poll(() => bare.getJobCounts('waiting', 'prioritized', 'active', 'failed', 'completed'))
      .toEqual({
        waiting: 0,
        prioritized: 0,
        active: 0,
        failed: 0,
        completed: 0,
      });
  });

  test('urgent jobs overtake: steps before progress lines, cards before reminders', async () => {
    const queue = bench.makeQueue();
    const order: string[] = [];
    await queue.deliver([nudge('T-6', { job: 'task.show' }), nudge('T-6/act')]);
    await queue.deliver([nudge('R-6', { job: 'request.remind' }), nudge('R-6', { job: 'request.show' })]);
    bench.startWorker(async ({ job }) => void order.push(job), 1);
    await expect.poll(() => order.toSorted()).toEqual(['request.remind', 'request.show', 'step.run', 'task.show']);
    expect(order.filter((job) => job === 'step.run' || job === 'task.show')).toEqual(['step.run', 'task.show']);
    expect(order.filter((job) => job.startsWith('request'))).toEqual(['request.show', 'request.remind']);
  });

  test('while steps that hang have every hand for work, what people wait for is done', async () => {
    const queue = bench.makeQueue();
    const gate = makeGate();
    const begun: string[] = [];
    bench.startWorker(async ({ job, id }) => {
      begun.push(id);
      if (job === 'step.run') await gate.pass;
    }, 2);
    await queue.deliver(['a', 'b', 'c'].map((id) => nudge(`T-11/${id}`)));
    await expect.poll(() => begun).toHaveLength(2);
    const cards = ['card.show', 'request.show', 'doubt.show', 'incident.show', 'runbook.run', 'change.show'] as const;
    await queue.deliver(cards.map((job) => nudge(job, { job })));
    await expect.poll(() => begun.slice(2).toSorted()).toEqual(cards.toSorted());
    gate.open();
    await expect.poll(() => begun).toHaveLength(3 + cards.length);
  });

  test('a delayed nudge comes when it is due, not before', async () => {
    const queue = bench.makeQueue();
    const cameAtMs: number[] = [];
    bench.startWorker(async () => void cameAtMs.push(Date.now()));
    const sentAtMs = Date.now();
    await queue.deliver([nudge('T-7/act', { delayMs: 300 })]);
    await expect.poll(() => cameAtMs.length, { timeout: 10_000 }).toBe(1);
    expect((cameAtMs[0] ?? 0) - sentAtMs).toBeGreaterThanOrEqual(295);
  });

  test('a handler that fails is logged with its ids, and its id is free again', async () => {
    const queue = bench.makeQueue();
    let tries = 0;
    bench.startWorker(async () => {
      tries += 1;
      throw new Error('not today');
    });
    const again = async () => {
      await queue.deliver([nudge('T-8/act')]);
      return tries;
    };
    await expect.poll(again).toBeGreaterThan(1);
    expect(bench.lines.some((line) => line.includes('job failed') && line.includes('T-8/act'))).toBe(true);
  });

  test('a worker that is closed tells its jobs to hand back, and leaves what waits to another one', async () => {
    const queue = bench.makeQueue();
    const begun: string[] = [];
    const first = bench.startWorker(async ({ id }, signal) => {
      begun.push(id);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw signal.reason;
    }, 1);
    await queue.deliver([nudge('T-9/act')]);
    await expect.poll(() => begun).toEqual(['T-9/act']);
    await queue.deliver([nudge('T-9/critic')]);
    await first.close(5_000);
    expect(begun).toEqual(['T-9/act']);
    bench.startWorker(async ({ id }) => void begun.push(id));
    await expect.poll(() => begun).toEqual(['T-9/act', 'T-9/critic']);
  });

  test('a job that does not listen does not keep its worker from closing', async () => {
    const queue = bench.makeQueue();
    const gate = makeGate();
    const begun: string[] = [];
    const worker = bench.startWorker(async ({ id }) => {
      begun.push(id);
      await gate.pass;
    });
    await queue.deliver([nudge('T-10/act')]);
    await expect.poll(() => begun).toEqual(['T-10/act']);
    await worker.close(50);
    expect(bench.lines.some((line) => line.includes('left behind'))).toBe(true);
    gate.open();
  });
}
