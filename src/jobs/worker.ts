import { type Job, Worker } from 'bullmq';
import { z } from 'zod';
import { toAppError } from '../errors.ts';
import { JOB_NAMES, type JobName } from '../store/delivery.ts';
import type { Logger } from '../telemetry/log.ts';
import { JOBS, QUEUE_NAMES, QUEUES, type QueueKey } from './catalogue.ts';
import type { QueueStack } from './queue.ts';
import { makeSparseWarning } from './sparse-warning.ts';

const Payload = z.object({ id: z.string().max(200), seq: z.number().int() });
const Name = z.enum(JOB_NAMES);

export type JobHandlers = Record<JobName, (nudge: { id: string; seq: number }, signal: AbortSignal) => Promise<void>>;

export interface JobWorker {
  /** Takes no further job, tells the running ones to hand back, and waits for them until `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export interface JobWorkerOptions {
  stack: QueueStack;
  handlers: JobHandlers;
  /** How many jobs of each queue at once. */
  concurrency: Record<QueueKey, number>;
  log: Logger;
}

/**
 * The hands of a process, for each queue its own. Handlers are harmless when run twice; what fails here is logged once and left to the
 * sweeper.
 */
export function startJobWorker({ stack, handlers, concurrency, log }: JobWorkerOptions): JobWorker {
  const closing = new AbortController();
  const { connection, backend, prefix } = stack;
  const warn = makeSparseWarning('worker connection failed', { log });
  const workers = QUEUES.map((key) => {
    const options = { connection, prefix, concurrency: concurrency[key], lockDuration: 60_000, maxStalledCount: 1 };
    return new Worker(QUEUE_NAMES[key], handle, options, backend).on('error', warn);
  });

  async function handle(job: Job): Promise<void> {
    const name = Name.safeParse(job.name);
    const payload = Payload.safeParse(job.data);
    if (!name.success || !payload.success) {
      log.warn({ job: job.name }, 'job of an unknown form ignored');
      return;
    }
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(JOBS[name.data].timeoutMs)]);
    try {
      await handlers[name.data](payload.data, signal);
    } catch (thrown) {
      const err = toAppError(thrown);
      if (closing.signal.aborted) log.info({ job: name.data, id: payload.data.id, code: err.code }, 'job handed back');
      else log.error({ err, job: name.data, id: payload.data.id }, 'job failed');
    }
  }

  return {
    async close(graceMs) {
      closing.abort();
      const isClosed = await Promise.all(workers.map((worker) => closeWithin(worker, graceMs)));
      if (!isClosed.every(Boolean)) log.warn('jobs in hand did not end in time, left behind');
    },
  };
}

/** As much of a worker as its end needs, whatever queue is behind it. */
interface Closable {
  close(): Promise<void>;
  getBackend(): { close(force?: boolean): Promise<void> };
}

/** False when a job in hand did not end in time. */
async function closeWithin(worker: Closable, graceMs: number): Promise<boolean> {
  const { promise: patience, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), graceMs);
  const isClosed = await Promise.race([worker.close().then(() => true), patience]);
  clearTimeout(timer);
  // A second `close` only waits for the first one. Without its connection the worker takes nothing more and settles nothing: the queue
  // gives what is left to another one.
  if (!isClosed) await worker.getBackend().close(true);
  return isClosed;
}
