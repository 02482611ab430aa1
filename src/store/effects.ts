import { z } from 'zod';
import { Card } from './cards.ts';
import { Deliveries } from './delivery.ts';
import { LimitRefusal } from './money.ts';
import { RateRefusal } from './rates.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { EffectView } from './shared-rows.ts';
import { type Held, type Holder, Work } from './steps.ts';

const Grant = fromSnake({
  verdict: z.enum(['go', 'exists', 'stopped', 'frozen', 'limited', 'refused']),
  reasons: z.array(z.string()),
  effect: EffectView.nullable(),
  /** With `limited`: which rate is used up, and until when. */
  rate: RateRefusal.optional(),
  /** With `limited` and `refused`: which limit of payments or trading speaks against it. */
  limit: LimitRefusal.optional(),
});
export type Grant = z.infer<typeof Grant>;

export interface GrantRequest extends Held {
  checksum: string;
  target: { chatId: number; topicId: number | null };
  partCount: number;
}

/** The gate: "go" at most once per idempotency key, over exactly these bytes to this target. Throws lease_lost. As `ags_worker`. */
export function authorizeEffect(rpc: Rpc, { stepId, fence, checksum, target, partCount }: GrantRequest): Promise<Grant> {
  return rpc.call(
    'authorize_effect',
    {
      p_step_id: stepId,
      p_fence: fence,
      p_checksum: checksum,
      p_target_chat_id: target.chatId,
      p_target_topic_id: target.topicId,
      p_part_count: partCount,
    },
    Grant,
  );
}

const Attempt = fromSnake({
  isGo: z.boolean(),
  code: z.enum(['not_granted', 'lease_lost', 'stopped', 'chat_moved', 'already_sent']).nullable(),
  attemptId: z.string().optional(),
});

/** Asked right before a part is sent: is the grant still good? Writes the try down first. As `ags_worker`. */
export function beginAttempt(rpc: Rpc, { effectId, fence, part }: { effectId: string; fence: number; part: number }) {
  return rpc.call('begin_attempt', { p_effect_id: effectId, p_fence: fence, p_part: part }, Attempt);
}

const SettledAttempt = fromSnake({
  isSettled: z.boolean(),
  /** Not empty when this was the last word about a doubt, which ends with it. */
  deliver: Deliveries,
});

export type AttemptEnd =
  | { outcome: 'done'; chatId: number; topicId: number | null; messageId: number }
  | { outcome: 'refused' | 'void' | 'in_doubt'; error: string };

/** How one try ended. As `ags_worker`. */
export function settleAttempt(rpc: Rpc, attemptId: string, end: AttemptEnd) {
  const isDone = end.outcome === 'done';
  return rpc.call(
    'settle_attempt',
    {
      p_attempt_id: attemptId,
      p_outcome: end.outcome,
      p_chat_id: isDone ? end.chatId : null,
      p_topic_id: isDone ? end.topicId : null,
      p_message_id: isDone ? end.messageId : null,
      p_error: isDone ? null : end.error,
    },
    SettledAttempt,
  );
}

const Settlement = fromSnake({ next: Work.nullable(), deliver: Deliveries });

export interface EffectEnd extends Held {
  effectId: string;
  /**
   * `again`: certainly not sent (429, no connection, a stop), to be asked for again after `retryAfterMs`. `shut`: the same, because the
   * chat does not let the bot in; the step waits for that, with an incident.
   */
  outcome: 'done' | 'again' | 'failed' | 'shut';
  note: string | null;
  retryAfterMs: number;
  holder: Holder | null;
}

/** Ends an effect; the database makes it in doubt whenever a try has no certain end. Throws lease_lost. As `ags_worker`. */
export function settleEffect(rpc: Rpc, end: EffectEnd) {
  return rpc.call(
    'settle_effect',
    {
      p_step_id: end.stepId,
      p_fence: end.fence,
      p_effect_id: end.effectId,
      p_outcome: end.outcome,
      p_note: end.note,
      p_retry_after_ms: end.retryAfterMs,
      p_worker: end.holder?.worker ?? null,
      p_lease_seconds: end.holder?.leaseSeconds ?? null,
    },
    Settlement,
  );
}

const DoubtCard = fromSnake({ effect: EffectView, card: Card });

/** The card that asks people whether an effect landed. As `ags_worker` or `ags_bot`. */
export function openDoubtCard(rpc: Rpc, effectId: string, chat: { chatId: number; topicId: number | null }) {
  return rpc.call('open_doubt_card', { p_effect_id: effectId, p_chat_id: chat.chatId, p_topic_id: chat.topicId }, DoubtCard);
}

export const DOUBT_CODES = [
  'unknown_button',
  'wrong_message',
  'no_role',
  'unknown_decision',
  'settled',
  'task_over',
  'stopped',
  'same_person',
  'requester',
  'stand_in',
  'requester_unknown',
  'slot_taken',
  'factor_needed',
  'not_enrolled',
] as const;
export type DoubtCode = (typeof DOUBT_CODES)[number];

export const DoubtOutcome = fromSnake({
  outcome: z.enum(['recorded', 'first_of_two', 'refused']),
  code: z.enum(DOUBT_CODES).nullable(),
  /** With `factor_needed`: the question for the code, to be asked in private. */
  promptId: z.string().nullish(),
  effect: EffectView.nullable(),
  deliver: Deliveries,
});

export type DoubtOutcome = z.infer<typeof DoubtOutcome>;

export type DoubtAnswer = 'landed' | 'again' | 'cancel';

/** People's answer to "did this land?". As `ags_bot`. */
export function decideDoubt(
  rpc: Rpc,
  press: { token: string; chatId: number; messageId: number; externalId: number; answer: DoubtAnswer },
) {
  return rpc.call(
    'decide_doubt',
    {
      p_token: press.token,
      p_chat_id: press.chatId,
      p_message_id: press.messageId,
      p_external_id: press.externalId,
      p_answer: press.answer,
    },
    DoubtOutcome,
  );
}
