import { z } from 'zod';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

/** What JSON can hold; a bare text or null is not kept, so that a value never looks like "nothing there". */
export type Remembered = number | boolean | object;

/**
 * Short-term memory: values that are forgotten when their time is over. Nothing that has to last, no decision, and no personal data in
 * clear lives here. Every call throws AppError when the memory does not answer.
 */
export interface ShortTerm {
  /** The value, or null when there is none or its time is over. */
  get(key: string): Promise<unknown>;
  /** Keeps a value for so many whole seconds; an earlier value of the key, and its time, are gone. */
  put(key: string, value: Remembered, ttlSeconds: number): Promise<void>;
  /** Forgets a value; harmless when there is none. */
  delete(key: string): Promise<void>;
}

/** Short-term memory as rows of the store. As `ags_bot` or `ags_worker`. */
export function makeStoredShortTerm(rpc: Rpc): ShortTerm {
  return {
    get: (key) => rpc.call('get_short_term', { p_key: key }, z.unknown()),
    async put(key, value, ttlSeconds) {
      await rpc.call('put_short_term', { p_key: key, p_value: value, p_ttl_seconds: ttlSeconds }, Nothing);
    },
    async delete(key) {
      await rpc.call('delete_short_term', { p_key: key }, Nothing);
    },
  };
}
