import { advanceRunbook } from '../store/runbooks.ts';
import type { JobDeps } from './deps.ts';
import { answerAsk } from './runbook-asks.ts';

/** What a step asked for could not be done yet. */
const ASK_AGAIN_MS = 5_000;

/**
 * Does the steps of a run until one has to wait; then the same nudge comes again when it is due. Each step is one transaction, and what it
 * asks of a worker is done between two: whoever takes over after a crash goes on with the next one.
 */
export async function runRunbook(
  deps: Pick<JobDeps, 'rpc' | 'face' | 'deliver' | 'breakers' | 'artifacts' | 'log'>,
  runId: string,
  signal: AbortSignal,
) {
  const { rpc, face, deliver, log } = deps;
  while (!signal.aborted) {
    const { isOver, waitMs, did, deliver: nudges, failures, ask } = await advanceRunbook(rpc, runId);
    await deliver(nudges);
    if (did !== null) log.info({ runId, step: did }, 'runbook step done');
    await face.showRunbook(runId, failures ?? [], signal);
    if (isOver) return;
    const isAnswered = ask == null || (await answerAsk(deps, runId, ask, signal));
    const pauseMs = isAnswered ? waitMs : ASK_AGAIN_MS;
    if (pauseMs > 0) return deliver([{ job: 'runbook.run', id: runId, seq: Date.now() + pauseMs, delayMs: pauseMs }]);
  }
}
