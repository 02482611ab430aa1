import { advanceRunbook } from '../store/runbooks.ts';
import type { JobDeps } from './deps.ts';

/**
 * Does the steps of a run until one has to wait; then the same nudge comes again when it is due. Each step is one transaction: whoever takes
 * over after a crash goes on with the next one.
 */
export async function runRunbook(
  { rpc, face, deliver, log }: Pick<JobDeps, 'rpc' | 'face' | 'deliver' | 'log'>,
  runId: string,
  signal: AbortSignal,
) {
  while (!signal.aborted) {
    const { isOver, waitMs, did, deliver: nudges, failures } = await advanceRunbook(rpc, runId);
    await deliver(nudges);
    if (did !== null) log.info({ runId, step: did }, 'runbook step done');
    await face.showRunbook(runId, failures ?? [], signal);
    if (isOver) return;
    if (waitMs > 0) return deliver([{ job: 'runbook.run', id: runId, seq: Date.now() + waitMs, delayMs: waitMs }]);
  }
}
