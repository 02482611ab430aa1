import type { CrashAt } from '../domain/crash-points.ts';
import { Post, type PostPart } from '../domain/post.ts';
import { AppError } from '../errors.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import type { Deliver } from '../store/delivery.ts';
import { authorizeEffect } from '../store/effects.ts';
import type { Rpc } from '../store/rpc.ts';
import type { EffectView } from '../store/shared-rows.ts';
import type { Work } from '../store/steps.ts';
import { type DeliveryEnd, deliverParts, type SendPart } from './deliver-parts.ts';
import type { Messenger, SendResult } from './messenger.ts';

export interface SendOutDeps {
  rpc: Rpc;
  artifacts: Artifacts;
  messenger: Messenger;
  deliver: Deliver;
  crashAt: CrashAt;
  /** Milliseconds that never run backwards; the process's own when absent. */
  now?: () => number;
}

const INTERRUPTED: SendResult = { outcome: 'refused', reason: 'unavailable', description: 'not sent: interrupted' };

/** A message that has left when the process is asked to end is waited for this long: without its answer people would have to be asked. */
const LANDING_MS = 5_000;

export type SendOutEnd =
  | { verdict: 'carried_out'; effect: EffectView; end: DeliveryEnd }
  | { verdict: 'stopped' }
  /** The group has moved, and nobody has confirmed where to. */
  | { verdict: 'frozen'; chatId: number }
  /** Too many for now: to be asked again after this. */
  | { verdict: 'limited'; retryAfterMs: number }
  | { verdict: 'refused'; reasons: string[] };

/**
 * Carries out a `reply` or a `post`: reads the bytes that were judged, asks the gate, and sends. A post that people approved is copied
 * from the staged messages they saw; a reply, which nobody had to see, is sent from the same bytes.
 */
export async function sendOut(
  { rpc, artifacts, messenger, deliver, crashAt, now }: SendOutDeps,
  { step, post: row, task }: Work,
  signal: AbortSignal,
): Promise<SendOutEnd> {
  if (row === null) throw new AppError('internal', 'an effect step has no judged post behind it', { context: { stepId: step.stepId } });
  const post = Post.parse(JSON.parse(await artifacts.loadText(row, signal)));
  const target = { chatId: post.target.chat_id, topicId: post.target.topic_id };
  crashAt('before-intent');
  const grant = await authorizeEffect(rpc, {
    stepId: step.stepId,
    fence: step.fence,
    checksum: row.checksum,
    target,
    partCount: post.parts.length,
  });
  if (grant.verdict === 'stopped') return { verdict: 'stopped' };
  if (grant.verdict === 'frozen') return { verdict: 'frozen', chatId: target.chatId };
  if (grant.verdict === 'limited' && grant.limit !== undefined) return { verdict: 'limited', retryAfterMs: grant.limit.retryAfterMs };
  if (grant.rate !== undefined) return { verdict: 'limited', retryAfterMs: grant.rate.retryAfterMs };
  if (grant.verdict === 'refused' || grant.effect === null)
    return { verdict: 'refused', reasons: grant.limit ? [grant.limit.sentence] : grant.reasons };

  const effect = grant.effect;
  const staged = new Map(effect.staged.map((part) => [part.part, part]));
  const landing = abortLater(signal, LANDING_MS);
  const prepare = async (part: PostPart, number: number): Promise<SendPart> => {
    const source = staged.get(number);
    if (source)
      return async (isFresh) => (signal.aborted ? INTERRUPTED : messenger.copyMessage(source, target, { signal: landing, isFresh }));
    if (effect.kind !== 'reply')
      return async () => ({ outcome: 'refused', reason: 'source_missing', description: 'there is no staged copy' });
    const media =
      part.kind === 'photo' ? await artifacts.loadBytes({ storageRef: part.media_ref, checksum: part.media_checksum }, signal) : null;
    const replyTo = number === 1 ? task.requestMessageId : null;
    return async (isFresh) =>
      signal.aborted ? INTERRUPTED : messenger.sendPart(part, media, target, { signal: landing, replyTo, isFresh });
  };
  const end = await deliverParts({
    rpc,
    effect,
    fence: step.fence,
    parts: post.parts,
    prepare,
    deliver,
    crashAt,
    signal,
    ...(now && { now }),
  });
  return { verdict: 'carried_out', effect, end };
}

function abortLater(signal: AbortSignal, delayMs: number): AbortSignal {
  const later = new AbortController();
  const wait = () => void setTimeout(() => later.abort(signal.reason), delayMs).unref();
  if (signal.aborted) wait();
  else signal.addEventListener('abort', wait, { once: true });
  return later.signal;
}
