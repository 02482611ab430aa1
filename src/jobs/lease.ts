import { AppError } from '../errors.ts';
import type { Rpc } from '../store/rpc.ts';
import { type Held, renewLease } from '../store/steps.ts';
import type { Logger } from '../telemetry/log.ts';
import { startLoop } from './loop.ts';

export const LEASE_SECONDS = 60;
const RENEW_MS = 20_000;

/**
 * Runs work while the lease on its step is kept alive; the work's signal aborts when the lease is lost, or when the caller's does.
 */
export async function withLease<T>(
  { rpc, log }: { rpc: Rpc; log: Logger },
  held: Held,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  let isFirst = true;
  const loop = startLoop('lease', {
    intervalMs: RENEW_MS,
    log,
    async round() {
      // The claim itself was the first lease.
      if (isFirst) {
        isFirst = false;
        return;
      }
      const { isHeld } = await renewLease(rpc, held, LEASE_SECONDS);
      if (!isHeld) lost.abort(new AppError('lease_lost', undefined, { context: { ...held } }));
    },
  });
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    await loop.close();
  }
}
