import { AppError, toAppError } from '../errors.ts';
import type { Rpc } from '../store/rpc.ts';
import { type Held, renewLease } from '../store/steps.ts';
import type { Logger } from '../telemetry/log.ts';

/** What a worker held when it was killed is taken up after this: short enough that a step which is hit twice still goes on within 90 s. */
export const LEASE_SECONDS = 30;
/** Three renewals may fail, one after the other, while the database is away. */
const RENEW_MS = 7_000;

/**
 * Runs work while the lease on its step is kept alive; the work's signal aborts when the lease is lost, or when the caller's does. Most
 * work is over before the first renewal, for the claim itself was the first lease: then a timer is all that it costs.
 */
export async function withLease<T>(
  { rpc, log }: { rpc: Rpc; log: Logger },
  held: Held,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  async function renew(): Promise<void> {
    try {
      const { isHeld } = await renewLease(rpc, held, LEASE_SECONDS);
      if (!isHeld) lost.abort(new AppError('lease_lost', undefined, { context: { ...held } }));
    } catch (thrown) {
      log.error({ err: toAppError(thrown), loop: 'lease' }, 'round failed');
    }
  }

  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    // One after the other, should the database be slow.
    renewing = renewing.then(renew);
  }, RENEW_MS);
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(timer);
    await renewing;
  }
}
