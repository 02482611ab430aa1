import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

/** Which call to people it is: 1 a reminder, 2 an escalation, 3 that the time is nearly over. */
export type CallLevel = 1 | 2 | 3;

/** People have been called about this request or change: neither this call nor a lesser one is due any more. As `ags_worker`. */
export async function recordCall(rpc: Rpc, id: string, level: CallLevel): Promise<void> {
  await rpc.call('record_call', { p_id: id, p_level: level }, Nothing);
}
