import { sweep } from '../store/steps.ts';
import type { JobDeps } from './deps.ts';
import { type Loop, startLoop } from './loop.ts';

const INTERVAL_MS = 5_000;
/** A nudge is under way for milliseconds; one that nobody took for this long is lost. */
const PATIENCE_MS = 15_000;

/** Looks at the rows for what a lost job or worker left behind and for what is due: expiry, reminders, escalation. */
export function startSweeper({ rpc, deliver, log }: Pick<JobDeps, 'rpc' | 'deliver' | 'log'>): Loop {
  return startLoop('sweeper', {
    intervalMs: INTERVAL_MS,
    log,
    async round() {
      const found = await sweep(rpc, PATIENCE_MS);
      if (found.deliver.length > 0) log.info({ count: found.deliver.length }, 'sweeper found work');
      await deliver(found.deliver);
    },
  });
}
