import { z } from 'zod';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

const Claimed = fromSnake({
  isHeld: z.boolean(),
  /** Who has it; null when it was given back in this very moment. */
  holder: z.string().nullable(),
});

/**
 * Takes a lease that is free or has run out, or renews one's own: for `seconds` from the call on, by the database's clock. As `ags_bot` or
 * `ags_worker`.
 */
export function claimLease(rpc: Rpc, lease: { name: string; holder: string; seconds: number }, signal?: AbortSignal) {
  return rpc.call('claim_lease', { p_name: lease.name, p_holder: lease.holder, p_seconds: lease.seconds }, Claimed, signal);
}

/** Frees one's own lease at once; somebody else's stays. As `ags_bot`. */
export function releaseLease(rpc: Rpc, lease: { name: string; holder: string }, signal?: AbortSignal) {
  return rpc.call('release_lease', { p_name: lease.name, p_holder: lease.holder }, fromSnake({ isReleased: z.boolean() }), signal);
}
