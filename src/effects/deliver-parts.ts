import type { CrashAt } from '../domain/crash-points.ts';
import type { PostPart } from '../domain/post.ts';
import { type AttemptEnd, beginAttempt, settleAttempt } from '../store/effects.ts';
import { callPatiently } from '../store/patiently.ts';
import type { Rpc } from '../store/rpc.ts';
import type { EffectView } from '../store/shared-rows.ts';
import type { SendResult } from './messenger.ts';

/** How the whole delivery ended; what of it is certain is in the attempts, which the database reads for itself. */
export type DeliveryEnd =
  | { outcome: 'done' }
  | { outcome: 'again'; note: string; retryAfterMs: number }
  | { outcome: 'failed'; note: string }
  /** The target has become another chat. */
  | { outcome: 'moved'; note: string; newChatId: number }
  /** The parts before this one have arrived, and only they. */
  | { outcome: 'source_missing'; note: string; arrivedCount: number };

export interface PartDelivery {
  rpc: Rpc;
  effect: EffectView;
  /** Of the claimed step: whoever lost it sends nothing more. */
  fence: number;
  parts: PostPart[];
  send(part: PostPart, number: number): Promise<SendResult>;
  crashAt: CrashAt;
  signal: AbortSignal;
}

/** Doubles with each refusal, so that an outage costs little; nothing is dropped. */
const UNAVAILABLE_RETRY_MS = 5_000;
const MAX_RETRY_MS = 5 * 60_000;
const STOPPED_RETRY_MS = 1_000;
/** What became of a message is known here and nowhere else: without it people would have to be asked. Shorter than the lease. */
const NOTE_PATIENCE_MS = 45_000;

/**
 * Sends part by part, each under a try of its own that is written down before the part leaves. Parts that are known to have arrived are
 * not sent again. Stops at the first one that does not arrive; never retries by itself.
 */
export async function deliverParts({ rpc, effect, fence, parts, send, crashAt, signal }: PartDelivery): Promise<DeliveryEnd> {
  const arrived = new Set(effect.attempts.filter(({ status }) => status === 'done').map(({ part }) => part));
  for (const [index, part] of parts.entries()) {
    const number = index + 1;
    if (arrived.has(number)) continue;
    // The last question before the message leaves: a process that slept through a stop ends here.
    const attempt = await beginAttempt(rpc, { effectId: effect.effectId, fence, part: number });
    if (!attempt.isGo || attempt.attemptId === undefined) {
      if (attempt.code === 'stopped') return { outcome: 'again', note: 'stopped before sending', retryAfterMs: STOPPED_RETRY_MS };
      if (attempt.code === 'chat_moved') return { outcome: 'again', note: 'the group has moved', retryAfterMs: STOPPED_RETRY_MS };
      return { outcome: 'failed', note: `part ${number} may not be sent: ${attempt.code}` };
    }
    crashAt('after-intent');
    const result = await send(part, number);
    if (result.outcome === 'sent') crashAt('after-provider-accepted');
    const { attemptId } = attempt;
    await callPatiently(() => settleAttempt(rpc, attemptId, toAttemptEnd(result)), { patienceMs: NOTE_PATIENCE_MS, signal });
    if (result.outcome !== 'sent') return toDeliveryEnd(result, number, countRefusals(effect));
  }
  return { outcome: 'done' };
}

const countRefusals = ({ attempts }: EffectView): number => attempts.filter(({ status }) => status === 'refused').length;

function toAttemptEnd(result: SendResult): AttemptEnd {
  if (result.outcome === 'sent') return { outcome: 'done', ...result.message };
  return { outcome: result.outcome === 'unknown' ? 'in_doubt' : 'refused', error: result.description };
}

function toDeliveryEnd(result: Exclude<SendResult, { outcome: 'sent' }>, number: number, refusedBefore: number): DeliveryEnd {
  const note = `part ${number}: ${result.description}`;
  // The database turns this into a doubt: the try has no certain end.
  if (result.outcome === 'unknown') return { outcome: 'failed', note };
  switch (result.reason) {
    case 'flood':
      return { outcome: 'again', note, retryAfterMs: result.retryAfterMs };
    case 'unavailable':
      return { outcome: 'again', note, retryAfterMs: Math.min(MAX_RETRY_MS, UNAVAILABLE_RETRY_MS * 2 ** Math.min(refusedBefore, 10)) };
    case 'moved':
      return { outcome: 'moved', note, newChatId: result.newChatId };
    case 'source_missing':
      return { outcome: 'source_missing', note, arrivedCount: number - 1 };
    case 'forbidden':
    case 'invalid':
      return { outcome: 'failed', note };
  }
}
