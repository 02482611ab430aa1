import { z } from 'zod';
import type { Usage } from '../domain/usage.ts';
import { RateRefusal } from './rates.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';
import type { Held } from './steps.ts';

const Reservation = fromSnake({
  isGranted: z.boolean(),
  callId: z.string().optional(),
  budget: z.enum(['task_tokens', 'task_usd', 'day_usd']).optional(),
  limit: z.string().optional(),
  /** Only what other steps have set aside stands against it: then there may be room. */
  retryAfterMs: z.number().int().optional(),
  rate: RateRefusal.optional(),
});

const Settlement = fromSnake({ isSettled: z.boolean() });

/** Sets aside the most that a model call can cost, or names the budget or rate that it would break. As `ags_worker`. */
export function reserveSpend(rpc: Rpc, held: Held, most: { engine: string; tokens: number; costUsd: string }) {
  return rpc.call(
    'reserve_spend',
    { p_step_id: held.stepId, p_fence: held.fence, p_engine: most.engine, p_tokens: most.tokens, p_cost_usd: most.costUsd },
    Reservation,
  );
}

/** What a call used of its reservation. */
export interface Spent extends Usage {
  callId: string;
  outcome: 'ok' | 'failed';
}

/** For the functions that end a step. */
export const toSpentJson = ({ callId, model, inputTokens, outputTokens, costUsd, latencyMs, outcome }: Spent) => ({
  call_id: callId,
  model,
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  cost_usd: costUsd,
  latency_ms: latencyMs,
  outcome,
});

/** Replaces a reservation by what was used, once. As `ags_worker`. */
export function settleSpend(rpc: Rpc, { callId, ...usage }: Spent) {
  return rpc.call(
    'settle_spend',
    {
      p_call_id: callId,
      p_model: usage.model,
      p_input_tokens: usage.inputTokens,
      p_output_tokens: usage.outputTokens,
      p_cost_usd: usage.costUsd,
      p_latency_ms: usage.latencyMs,
      p_outcome: usage.outcome,
    },
    Settlement,
  );
}
