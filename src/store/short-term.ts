import { z } from 'zod';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

/** Short-term memory with an expiry. Nothing that has to last, and no decision, lives here. */
export async function getShortTerm(rpc: Rpc, key: string): Promise<unknown> {
  return rpc.call('get_short_term', { p_key: key }, z.unknown());
}

export async function putShortTerm(rpc: Rpc, key: string, value: unknown, ttlSeconds: number): Promise<void> {
  await rpc.call('put_short_term', { p_key: key, p_value: value, p_ttl_seconds: ttlSeconds }, Nothing);
}

export async function deleteShortTerm(rpc: Rpc, key: string): Promise<void> {
  await rpc.call('delete_short_term', { p_key: key }, Nothing);
}
