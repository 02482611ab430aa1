import type { JobDeps } from '../jobs/deps.ts';
import { makeHandlers } from '../jobs/handlers.ts';
import { startHeartbeat } from '../jobs/heartbeat.ts';
import type { QueueStack } from '../jobs/queue.ts';
import { startSweeper } from '../jobs/sweeper.ts';
import { startJobWorker } from '../jobs/worker.ts';

/** Model calls are mostly waiting; more than this many at once only queue up elsewhere. */
const CONCURRENCY = 10;
/** Below the time that the drain has for bot and worker; hanging work is handed back by its lease. */
const GRACE_MS = 5_500;

/** Starts the jobs of one process. */
export function startWorker(deps: JobDeps, stack: QueueStack) {
  const heartbeat = startHeartbeat(deps);
  const worker = startJobWorker({ stack, handlers: makeHandlers(deps), concurrency: CONCURRENCY, log: deps.log });
  const sweeper = startSweeper(deps);
  return {
    async close() {
      await Promise.all([sweeper.close(), worker.close(GRACE_MS)]);
      await heartbeat.close();
    },
  };
}
