import { type BackendFactory, type ConnectionOptions, Queue } from 'bullmq';
import { type CrashAt, crashNowhere } from '../domain/crash-points.ts';
import { toAppError } from '../errors.ts';
import type { Delivery } from '../store/delivery.ts';
import type { Logger } from '../telemetry/log.ts';
import { JOBS, QUEUE_NAMES, type QueueKey } from './catalogue.ts';
import { makeSparseWarning } from './sparse-warning.ts';

/** Which queue stands behind BullMQ: Redis, or its PostgreSQL backend. */
export interface QueueStack {
  connection: ConnectionOptions;
  backend: BackendFactory;
  prefix?: string;
}

export interface JobQueue {
  /** Adds nudges. Never throws: a nudge that cannot be added is logged, and the sweeper finds the row. */
  deliver(deliveries: Delivery[]): Promise<void>;
  /** Asks each queue. Throws `queue_unavailable`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** BullMQ takes `:` in an id as its own, and a bare number as generated. The wake count makes each nudge of a row another one. */
const toJobId = ({ job, id, seq }: Delivery): string => `${job}.${id.replaceAll(':', '_')}.${seq}`;

/** BullMQ notes every move of a job for whoever wants to watch. Nobody here does. */
const KEPT_EVENTS = 100;

export function makeJobQueue({ connection, backend, prefix }: QueueStack, log: Logger, crashAt: CrashAt = crashNowhere): JobQueue {
  const warn = makeSparseWarning('queue connection failed', { log });
  const open = (key: QueueKey) => {
    const queue = new Queue(QUEUE_NAMES[key], { connection, prefix, streams: { events: { maxLen: KEPT_EVENTS } } }, backend);
    return queue.on('error', warn);
  };
  const queues = { people: open('people'), work: open('work') } satisfies Record<QueueKey, unknown>;
  const all = Object.values(queues);

  async function add(delivery: Delivery): Promise<void> {
    const { job, id, seq, delayMs } = delivery;
    try {
      await queues[JOBS[job].queue].add(
        job,
        { id, seq },
        // The evidence is in Postgres: a finished job leaves nothing behind, so that its id is free and memory stays flat.
        { jobId: toJobId(delivery), delay: delayMs, priority: JOBS[job].priority, removeOnComplete: true, removeOnFail: true, attempts: 1 },
      );
    } catch (err) {
      log.error({ err, job, id }, 'nudge lost, left to the sweeper');
    }
  }

  return {
    async deliver(deliveries) {
      // What asks for these is committed; the sweeper finds it should they never be added.
      if (deliveries.length > 0) crashAt('between-commit-and-enqueue');
      await Promise.all(deliveries.map(add));
    },
    async ping() {
      try {
        await Promise.all(all.map((queue) => queue.getJobCounts('waiting')));
      } catch (thrown) {
        throw toAppError(thrown, 'queue_unavailable');
      }
    },
    async close() {
      await Promise.all(all.map((queue) => queue.close()));
    },
  };
}
