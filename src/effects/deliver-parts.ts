import type { CrashAt } from '../domain/crash-points.ts';
import type { PostPart } from '../domain/post.ts';
import type { Deliver } from '../store/delivery.ts';
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
  /** The target does not let the bot write there. */
  | { outcome: 'shut'; note: string }
  /** The target has become another chat. */
  | { outcome: 'moved'; note: string; newChatId: number }
  /** The parts before this one have arrived, and only they. */
  | { outcome: 'source_missing'; note: string; arrivedCount: number };

/** Sends one part; `isFresh` is asked as late as can be. */
export type SendPart = (isFresh: () => boolean) => Promise<SendResult>;

export interface PartDelivery {
  rpc: Rpc;
  effect: EffectView;
  /** Of the claimed step: whoever lost it sends nothing more. */
  fence: number;
  parts: PostPart[];
  /** Everything that takes time, before the gate is asked; what it gives back sends, unless it is late. */
  prepare(part: PostPart, number: number): Promise<SendPart>;
  /** Milliseconds that never run backwards. */
  now?: () => number;
  /** Of a try that was in doubt already: the nudges for what its end sets going. */
  deliver: Deliver;
  crashAt: CrashAt;
  signal: AbortSignal;
}

/** Doubles with each refusal, so that an outage costs little; nothing is dropped. */
const UNAVAILABLE_RETRY_MS = 5_000;
const MAX_RETRY_MS = 5 * 60_000;
const STOPPED_RETRY_MS = 1_000;
/** A "go" that was asked for longer ago says nothing of a stop since then: the part does not leave on it. */
const GO_LASTS_MS = 1_000;
/** Where every "go" is late, the database or this machine is overloaded: the step waits. */
const MAX_LATE = 3;
/** What became of a message is known here and nowhere else: without it people would have to be asked. Shorter than the lease. */
const NOTE_PATIENCE_MS = 45_000;

/**
 * Sends part by part, each under a try of its own that is written down before the part leaves. Parts that are known to have arrived are
 * not sent again. Stops at the first one that does not arrive; never retries by itself, but asks anew where the answer came too late to send.
 */
export async function deliverParts(delivery: PartDelivery): Promise<DeliveryEnd> {
  const { effect, parts, prepare } = delivery;
  const arrived = new Set(effect.attempts.filter(({ status }) => status === 'done').map(({ part }) => part));
  for (const [index, part] of parts.entries()) {
    const number = index + 1;
    if (arrived.has(number)) continue;
    const send = await prepare(part, number);
    for (let lateCount = 1; ; lateCount += 1) {
      const end = await tryPart(delivery, number, send);
      if (end === null) break;
      if (end !== 'late') return end;
      if (lateCount === MAX_LATE)
        return { outcome: 'again', note: `part ${number}: each go came too late`, retryAfterMs: UNAVAILABLE_RETRY_MS };
    }
  }
  return { outcome: 'done' };
}

/** One try. Null: it has arrived. `late`: it did not leave, and may be asked for again. */
async function tryPart(
  { rpc, effect, fence, now = () => performance.now(), deliver, crashAt, signal }: PartDelivery,
  number: number,
  send: SendPart,
): Promise<DeliveryEnd | 'late' | null> {
  // The last question before the message leaves: a process that slept through a stop ends here, or at the look after it.
  const askedAtMs = now();
  const attempt = await beginAttempt(rpc, { effectId: effect.effectId, fence, part: number });
  if (!attempt.isGo || attempt.attemptId === undefined) return toRefusedEnd(attempt.code, number);
  crashAt('after-intent');
  const result = await send(() => now() - askedAtMs <= GO_LASTS_MS);
  if (result.outcome === 'sent') crashAt('after-provider-accepted');
  const { attemptId } = attempt;
  const noted = await callPatiently(() => settleAttempt(rpc, attemptId, toAttemptEnd(result)), { patienceMs: NOTE_PATIENCE_MS, signal });
  if (noted.deliver.length > 0) await deliver(noted.deliver);
  if (result.outcome === 'sent') return null;
  return result.outcome === 'refused' && result.reason === 'late' ? 'late' : toDeliveryEnd(result, number, countRefusals(effect));
}

function toRefusedEnd(code: string | null, number: number): DeliveryEnd {
  if (code === 'stopped') return { outcome: 'again', note: 'stopped before sending', retryAfterMs: STOPPED_RETRY_MS };
  if (code === 'chat_moved') return { outcome: 'again', note: 'the group has moved', retryAfterMs: STOPPED_RETRY_MS };
  return { outcome: 'failed', note: `part ${number} may not be sent: ${code}` };
}

const countRefusals = ({ attempts }: EffectView): number => attempts.filter(({ status }) => status === 'refused').length;

function toAttemptEnd(result: SendResult): AttemptEnd {
  if (result.outcome === 'sent') return { outcome: 'done', ...result.message };
  if (result.outcome === 'unknown') return { outcome: 'in_doubt', error: result.description };
  return { outcome: result.reason === 'late' ? 'void' : 'refused', error: result.description };
}

type Unsent = Exclude<SendResult, { outcome: 'sent' } | { reason: 'late' }>;

function toDeliveryEnd(result: Unsent, number: number, refusedBefore: number): DeliveryEnd {
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
      return { outcome: 'shut', note };
    case 'invalid':
      return { outcome: 'failed', note };
  }
}
