import { setTimeout as sleep } from 'node:timers/promises';
import { toAppError } from '../errors.ts';

export interface PatienceOptions {
  /** How long the database is waited for, all calls and pauses together. */
  patienceMs: number;
  /** Ends the waiting; a call that is under way is not interrupted. */
  signal: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 4_000;

/**
 * Makes a call again while the database does not answer: for what has happened and must be written down, so that nobody has to be asked
 * about it. The call may have worked without an answer, so it has to be harmless when it is made twice. Throws as the call does.
 */
export async function callPatiently<T>(call: () => Promise<T>, { patienceMs, signal }: PatienceOptions): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs)) {
    try {
      return await call();
    } catch (thrown) {
      if (toAppError(thrown).code !== 'store_unavailable' || signal.aborted || performance.now() + pauseMs > endMs) throw thrown;
    }
    // All of a fleet come back at once when the database does: not in the same moment.
    await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}
