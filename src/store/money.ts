import { z } from 'zod';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import type { Held } from './steps.ts';

/** A limit of payments or trading that speaks against an order. */
export const LimitRefusal = fromSnake({
  limit: z.string(),
  /** Whose limit: a payer or an account. */
  subject: z.string(),
  /** Decimals as text; null where the limit is no amount. */
  max: z.string().nullable(),
  used: z.string().nullable(),
  asked: z.string().nullable(),
  unit: z.string().nullable(),
  /** Null when nobody can say: when something else ends, or never. */
  freeAt: Timestamp.nullable(),
  /** Time does not mend it. */
  isFinal: z.boolean(),
  sentence: z.string(),
  retryAfterMs: z.number().int(),
});
export type LimitRefusal = z.infer<typeof LimitRefusal>;

export const CHECKLIST_ITEMS = ['identity', 'sanctions', 'political_exposure', 'source_of_funds'] as const;
export type ChecklistItem = (typeof CHECKLIST_ITEMS)[number];

const Payer = fromSnake({
  payer: z.string(),
  missing: z.array(z.enum(CHECKLIST_ITEMS)),
  isBlocked: z.boolean(),
  checks: z.array(
    fromSnake({
      item: z.enum(CHECKLIST_ITEMS),
      outcome: z.enum(['passed', 'failed']),
      checkedBy: z.string(),
      checkedAt: Timestamp,
      validUntil: Timestamp.nullable(),
    }),
  ),
});

const PAYER_CODES = [
  'no_role',
  'not_a_payer',
  'own_checklist',
  'unknown_item',
  'unknown_outcome',
  'not_valid_so_long',
  'reason_needed',
  'needs_owner',
  'already_blocked',
  'not_blocked',
] as const;

const PayerOutcome = fromSnake({
  outcome: z.enum(['recorded', 'refused']),
  code: z.enum(PAYER_CODES).nullable(),
  payer: Payer.nullable(),
});

export interface PayerCheck {
  /** Who checked: an operator or owner, never the payer. */
  externalId: number;
  /** `tg:<id>` */
  payer: string;
  item: ChecklistItem;
  outcome: 'passed' | 'failed';
  /** For what passed: at most two years from now. */
  validUntil: Date | null;
}

/** One item of a payer's checklist was looked at. As `ags_bot`. */
export function recordPayerCheck(rpc: Rpc, { externalId, payer, item, outcome, validUntil }: PayerCheck) {
  const args = {
    p_external_id: externalId,
    p_payer: payer,
    p_item: item,
    p_outcome: outcome,
    p_valid_until: validUntil?.toISOString() ?? null,
  };
  return rpc.call('record_payer_check', args, PayerOutcome);
}

/** Blocks a payer, or lifts the block: that takes an owner. As `ags_bot`. */
export function blockPayer(rpc: Rpc, block: { externalId: number; payer: string; isBlocked: boolean; reason: string }) {
  const args = { p_external_id: block.externalId, p_payer: block.payer, p_is_blocked: block.isBlocked, p_reason: block.reason };
  return rpc.call('block_payer', args, PayerOutcome);
}

/** Right before the broker is asked about an account: its answer counts from this moment. As `ags_worker`. */
export function askAccount(rpc: Rpc, accountId: string) {
  return rpc.call('ask_account', { p_account_id: accountId }, fromSnake({ askedSeq: z.number().int() }));
}

/** What the broker says: decimals as text. `risk` is the most that a position can still lose from where the equity stands. */
export interface AccountSnapshot {
  currency: string;
  equity: string;
  dayStartEquity: string;
  realisedLoss: string;
  positions: readonly { positionId: string; symbol: string; side: 'buy' | 'sell'; size: string; risk: string }[];
}

/** The answer to the newest question about an account; `isTaken` is false when somebody has asked again since. As `ags_worker`. */
export function recordAccount(rpc: Rpc, accountId: string, askedSeq: number, snapshot: AccountSnapshot) {
  const { currency, equity, dayStartEquity, realisedLoss, positions } = snapshot;
  return rpc.call(
    'record_account',
    {
      p_account_id: accountId,
      p_asked_seq: askedSeq,
      p_numbers: { currency, equity, day_start_equity: dayStartEquity, realised_loss: realisedLoss },
      p_positions: positions.map(({ positionId, ...position }) => ({ position_id: positionId, ...position })),
    },
    fromSnake({ isTaken: z.boolean() }),
  );
}

/**
 * Money that was granted and that cannot be carried out because `breaker` is open: grant and approvals are void, people see it, and are asked anew
 * when it is closed. Throws state_conflict when a try of it was begun, or when the breaker is not open. As `ags_worker`.
 */
export function parkEffect(rpc: Rpc, parked: Held & { effectId: string; breaker: string; note: string | null }) {
  return rpc.call(
    'park_effect',
    {
      p_step_id: parked.stepId,
      p_fence: parked.fence,
      p_effect_id: parked.effectId,
      p_breaker: parked.breaker,
      p_note: parked.note,
    },
    fromSnake({ deliver: Deliveries }),
  );
}

/** What waits until the other side is reachable. */
export const Parked = fromSnake({ taskId: z.string(), kind: z.string(), breaker: z.string(), parkedAt: Timestamp });
export type Parked = z.infer<typeof Parked>;

/** How much of the limits of payments is used; of nobody in particular. */
export const PaymentUse = fromSnake({
  dayUsed: z.string(),
  dayFreeAt: Timestamp,
  underWay: z.number().int(),
  /** Payers who paid so lately that they have to wait, or who are being paid; when the first of them is free. */
  payersWaiting: z.number().int(),
  nextFreeAt: Timestamp.nullable(),
  payersBlocked: z.number().int(),
});
export type PaymentUse = z.infer<typeof PaymentUse>;

/** An account's limits and their use, in its currency. */
export const AccountUse = fromSnake({
  accountId: z.string(),
  currency: z.string().nullable(),
  takenAt: Timestamp.nullable(),
  /** Too old to trade by. */
  isStale: z.boolean(),
  lossUsed: z.string(),
  lossCap: z.string(),
  drawdownUsed: z.string(),
  drawdownCap: z.string(),
  positionsUsed: z.number().int(),
  positionsCap: z.number().int(),
});
export type AccountUse = z.infer<typeof AccountUse>;
