import type { JobDeps } from '../jobs/deps.ts';
import { makeHandlers } from '../jobs/handlers.ts';
import { startHeartbeat } from '../jobs/heartbeat.ts';
import type { QueueStack } from '../jobs/queue.ts';
import { startSweeper } from '../jobs/sweeper.ts';
import { startJobWorker } from '../jobs/worker.ts';

/** Model calls are mostly waiting; more than this many at once only queue up elsewhere. */
const CONCURRENCY = 10;
/** The drain has 10 s in all; hanging work is handed back by its lease. */
const GRACE_MS = 6_000;

/** Starts the jobs of one process. */
export function startWorker(deps: JobDeps, stack: QueueStack) {
  const heartbeat = startHeartbeat(deps);
  const worker = startJobWorker({ stack, handlers: makeHandlers(deps), concurrency: CONCURRENCY, log: deps.log });
  const sweeper = startSweeper(deps);
  return {
    async close() {
      await sweeper.close();
      await worker.close(GRACE_MS);
      await heartbeat.close();
    },
  };
}
