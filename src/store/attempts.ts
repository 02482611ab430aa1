import { z } from 'zod';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** Why an attempt never got as far as a gate. */
export type AttemptCode = 'no_role' | 'nobody' | 'not_a_button';

/** Notes an attempt in the audit log; `externalId` is the chat's where nobody in particular speaks. At most 40 characters of `what` stay. As `ags_bot`. */
export function recordAttempt(rpc: Rpc, { externalId, what, code }: { externalId: number; what: string; code: AttemptCode }) {
  return rpc.call('record_attempt', { p_external_id: externalId, p_what: what, p_code: code }, fromSnake({ isRecorded: z.boolean() }));
}
