import type { AppError } from '../errors.ts';

/** How a guarded call ended, as far as it says something about the tool behind it. */
export type CallEnd = { isOk: true } | { isOk: false; error: AppError };

/** A call that did not work, for whoever mends the tool. As it was: whoever keeps it masks it. */
export interface FailedCall {
  error: AppError;
  elapsedMs: number;
  /** What was asked, as plain data; no address, no header. */
  request: Readonly<Record<string, unknown>>;
  /** Null when nothing came back. */
  answer: { status: number; text: string } | null;
}

/** The leave to make one call. */
export interface Leave {
  /** Null: it was given up for a reason of our own, and a probe is given back. Never throws: what is not heard of is a failure less. */
  report(end: CallEnd | null): Promise<void>;
  /** Keeps what was asked and what came back for a while, masked. Never throws. */
  keep(call: FailedCall): Promise<void>;
}

/**
 * Stands before a tool that may fail: after five failures in a row within a minute nobody in the fleet calls it for two minutes, and then
 * one does, to see. Implemented over the database.
 */
export interface Breakers {
  /** Throws `engine_unavailable` (lasting) while the breaker is open. Costs nothing when all was well a moment ago. */
  enter(name: string, signal: AbortSignal): Promise<Leave>;
}

/** For engines that nobody shares, and for tests of everything else. */
export const NO_BREAKERS: Breakers = {
  enter: () => Promise.resolve({ report: () => Promise.resolve(), keep: () => Promise.resolve() }),
};
