import type { AppError } from '../errors.ts';

/** How a guarded call ended, as far as it says something about the tool behind it. */
export type CallEnd = { isOk: true } | { isOk: false; error: AppError };

/** The leave to make one call. */
export interface Leave {
  /** Null: it was given up for a reason of our own. Never throws: what is not heard of is a failure less. */
  report(end: CallEnd | null): Promise<void>;
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
export const NO_BREAKERS: Breakers = { enter: () => Promise.resolve({ report: () => Promise.resolve() }) };
