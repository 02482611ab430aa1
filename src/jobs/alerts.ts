import { closeIncidents, sweepIncidents } from '../store/incidents.ts';
import type { JobDeps } from './deps.ts';
import { type Loop, startLoop } from './loop.ts';

const INTERVAL_MS = 2_000;

/**
 * Looks for incidents beside the sweeper: those that the rows raise, those whose cause has ended, and those whose message is out of date.
 * Each message changes at most every ten seconds, so that a storm of repeats is one edit.
 */
export function startAlerts({ rpc, deliver, log }: Pick<JobDeps, 'rpc' | 'deliver' | 'log'>): Loop {
  return startLoop('alerts', {
    intervalMs: INTERVAL_MS,
    log,
    async round() {
      const { closed } = await closeIncidents(rpc);
      if (closed > 0) log.info({ closed }, 'incidents ended by themselves');
      await deliver((await sweepIncidents(rpc)).deliver);
    },
  });
}
