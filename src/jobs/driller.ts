import type { JobDeps } from './deps.ts';
import { runDrill } from './drill.ts';
import { runFallbackCheck } from './fallback-check.ts';
import { startLoop } from './loop.ts';

const INTERVAL_MS = 30_000;

type DrillerDeps = Pick<JobDeps, 'rpc' | 'worker' | 'loadPolicy' | 'face' | 'chats' | 'log'>;

/** Looks beside the sweeper whether a drill of the emergency stop or a check of the fallbacks is due; of the whole fleet one worker runs it. */
export function startDriller(deps: DrillerDeps) {
  return startLoop('driller', { intervalMs: INTERVAL_MS, log: deps.log, round: (signal) => runDrills(deps, signal) });
}

/** The stop first: it is the more important one, and takes the shorter time. */
export async function runDrills(deps: DrillerDeps, signal: AbortSignal): Promise<void> {
  await runDrill(deps, signal);
  await runFallbackCheck(deps, signal);
}
