import { type BackendFactory, createRedisBackend, type IQueueBackend } from 'bullmq';
import type { QueueStack } from '../jobs/queue.ts';
import type { RedisConnections } from './redis.ts';

/** In braces, so that a Redis Cluster keeps all keys of the program together: BullMQ's scripts touch several at once. */
export const REDIS_PREFIX = '{ags}';

export interface RedisQueue {
  stack: QueueStack;
  /** After the queues and workers are closed, before the connections are: cuts off what a worker that hung has left open. */
  close(): Promise<void>;
}

/** BullMQ on Redis. */
export function makeRedisQueue(
  { commands, patient }: Pick<RedisConnections, 'commands' | 'patient'>,
  { prefix = REDIS_PREFIX }: { prefix?: string } = {},
): RedisQueue {
  const opened = new Set<IQueueBackend>();
  const backend: BackendFactory = (name, opts, factoryOptions = {}) => {
    const { withBlockingConnection = false } = factoryOptions;
    // Who adds a job is waited for and has to fail soon, also when the queue was made during an outage: BullMQ's own waiting and asking
    // for the version know no bound, and the start has checked both. A worker outlasts any outage.
    const own = withBlockingConnection
      ? { connection: patient }
      : { connection: commands, skipVersionCheck: true, skipWaitingForReady: true };
    const made = createRedisBackend(name, { ...opts, ...own }, factoryOptions);
    opened.add(made);
    return made;
  };
  return {
    stack: { connection: commands, backend, prefix },
    async close() {
      await Promise.all([...opened].map((made) => made.close(true)));
      opened.clear();
    },
  };
}
