import { endWorker, heartbeat } from '../store/stop.ts';
import type { JobDeps } from './deps.ts';
import { startLoop } from './loop.ts';

/** Often enough that a stop is acknowledged within half a second. */
const INTERVAL_MS = 400;

/** Tells the database that this worker lives and which generation of the stop it has seen. */
export function startHeartbeat({ rpc, worker, log, metrics }: Pick<JobDeps, 'rpc' | 'worker' | 'log' | 'metrics'>) {
  let generationSeen = 0;
  const loop = startLoop('heartbeat', {
    intervalMs: INTERVAL_MS,
    log,
    async round() {
      const stop = await heartbeat(rpc, { worker, roles: 'worker', generationSeen });
      if (stop.generation === generationSeen) return;
      if (generationSeen > 0) log.warn({ generation: stop.generation, isStopped: stop.isStopped }, 'stop generation changed');
      generationSeen = stop.generation;
      metrics.stopGeneration.set(generationSeen);
      // Acknowledged at once, not at the next beat.
      await heartbeat(rpc, { worker, roles: 'worker', generationSeen });
    },
  });
  return {
    async close() {
      await loop.close();
      await endWorker(rpc, worker);
    },
  };
}
