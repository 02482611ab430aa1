import type { Logger } from '../telemetry/log.ts';

/** The same trouble is told again after this long. */
const QUIET_MS = 60_000;

export interface SparseWarningOptions {
  log: Pick<Logger, 'warn'>;
  clock?: () => number;
}

/**
 * Makes a listener for the errors of a connection, which come with every try to connect again: one line per trouble and minute. What was
 * passed over is counted in the next line.
 */
export function makeSparseWarning(message: string, { log, clock = () => performance.now() }: SparseWarningOptions): (err: Error) => void {
  let last: { text: string; atMs: number } | null = null;
  let repeats = 0;
  return (err) => {
    if (last?.text === err.message && clock() - last.atMs < QUIET_MS) {
      repeats += 1;
      return;
    }
    log.warn({ err, repeats }, message);
    last = { text: err.message, atMs: clock() };
    repeats = 0;
  };
}
