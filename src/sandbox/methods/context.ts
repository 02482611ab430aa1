import type { FloodLimiter } from '../flood.ts';
import type { Hub } from '../hub.ts';
import type { Params } from '../params.ts';
import type { Poller } from '../update-queue.ts';

export interface CallContext {
  hub: Hub;
  params: Params;
  poller: Poller;
  flood: FloodLimiter;
  /** Aborted when the client hangs up. */
  signal: AbortSignal;
}

/** Returns the call's `result`, or throws a refusal. */
export type Method = (context: CallContext) => unknown;
