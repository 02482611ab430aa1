import { z } from 'zod';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

const BreakerState = z.enum(['closed', 'open', 'half_open']);

export const Breaker = fromSnake({
  name: z.string(),
  state: BreakerState,
  /** In a row, within the last minute. */
  failureCount: z.number().int(),
  lastCode: z.string().nullable(),
  openedAt: Timestamp.nullable(),
  openedBy: z.string().nullable(),
  /** Until the next call may try it; 0 when closed. */
  retryAfterMs: z.number().int(),
});
export type Breaker = z.infer<typeof Breaker>;

const BreakerAnswer = fromSnake({
  mayCall: z.boolean(),
  /** The one call that tries whether it works again. */
  isProbe: z.boolean(),
  failureCount: z.number().int(),
  retryAfterMs: z.number().int(),
});
export type BreakerAnswer = z.infer<typeof BreakerAnswer>;

/** Whether the fleet may call this tool now. As `ags_worker`. */
export function askBreaker(rpc: Rpc, { name, holder, probeSeconds }: { name: string; holder: string; probeSeconds: number }) {
  return rpc.call('ask_breaker', { p_name: name, p_holder: holder, p_probe_seconds: probeSeconds }, BreakerAnswer);
}

export interface BreakerReport {
  name: string;
  holder: string;
  /** Null: it went well. */
  code: string | null;
}

/** How a call went; good ones need to be told after a failure only. As `ags_worker`. */
export function reportBreaker(rpc: Rpc, { name, holder, code }: BreakerReport) {
  const args = { p_name: name, p_holder: holder, p_is_ok: code === null, p_code: code };
  return rpc.call('report_breaker', args, fromSnake({ state: BreakerState }));
}

/** The probe was not made after all: whoever asks next is the probe. As `ags_worker`. */
export function returnProbe(rpc: Rpc, { name, holder }: { name: string; holder: string }) {
  return rpc.call('return_probe', { p_name: name, p_holder: holder }, fromSnake({ isReturned: z.boolean() }));
}

export interface KeptCall {
  /** As its breaker is called. */
  name: string;
  code: string;
  elapsedMs: number;
  request: Record<string, unknown>;
  /** Null, both, when nothing came back. */
  status: number | null;
  answer: string | null;
}

/** What was asked and what came back, masked and cut: the newest twenty of a tool, for three days. Throws input_invalid when it is too large. As `ags_worker`. */
export async function keepFailedCall(rpc: Rpc, { name, code, elapsedMs, request, status, answer }: KeptCall): Promise<void> {
  const asked = { p_name: name, p_code: code, p_elapsed_ms: Math.round(elapsedMs), p_request: request };
  await rpc.call('keep_failed_call', { ...asked, p_status: status, p_answer: answer }, Nothing);
}

/** As any role. */
export const listBreakers = (rpc: Rpc) => rpc.call('list_breakers', {}, z.array(Breaker));
