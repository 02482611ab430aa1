import { guardMessenger, TELEGRAM } from '../../effects/guard-messenger.ts';
import { sendOut } from '../../effects/send-out.ts';
import { restageRequest } from '../../store/approvals.ts';
import { freezeChat } from '../../store/chat-moves.ts';
import { settleEffect } from '../../store/effects.ts';
import { failStep, releaseStep, waitStep } from '../../store/steps.ts';
import type { JobDeps } from '../deps.ts';
import type { StepRun } from './step-run.ts';

/** While stopped the step waits; resuming nudges it, and this only bounds how often it looks by itself. */
const STOPPED_RETRY_MS = 1_000;

/** A new id is confirmed by a start with another configuration, which nudges it; this only bounds how often it looks by itself. */
const FROZEN_RETRY_MS = 60_000;

/** What is free again is said by the look at the chats; this bounds how long it takes where nobody asks for one. */
const SHUT_RETRY_MS = 10 * 60_000;

/** After Telegram's breaker may be tried again, those that waited for it come back spread over this. */
const SPREAD_MS = 2_000;

/** Asks the gate and acts outside. Whatever happens, the row says it before anything else is done. */
export async function runEffect({ deps, work, holder, signal }: StepRun) {
  const held = { stepId: work.step.stepId, fence: work.step.fence };
  const guard = await guardMessenger(deps, signal);
  if (guard.isLeftAlone) {
    const waiting = { waitsFor: TELEGRAM, delayMs: Math.ceil(guard.retryAfterMs + 1 + Math.random() * SPREAD_MS) };
    return { next: null, ...(await waitStep(deps.rpc, held, waiting)) };
  }
  const sent = await sendOut({ ...deps, messenger: guard.messenger }, work, signal).finally(guard.leave);
  if (sent.verdict === 'stopped') return { next: null, ...(await releaseStep(deps.rpc, held, STOPPED_RETRY_MS)) };
  if (sent.verdict === 'frozen') {
    const waiting = { waitsFor: `chat:${sent.chatId}`, delayMs: FROZEN_RETRY_MS };
    return { next: null, ...(await waitStep(deps.rpc, held, waiting)) };
  }
  // It waits, whole and approved: the limit says when, and it does not count as a try.
  if (sent.verdict === 'limited') return { next: null, ...(await releaseStep(deps.rpc, held, sent.retryAfterMs)) };
  if (sent.verdict === 'refused') {
    return {
      next: null,
      ...(await failStep(deps.rpc, { ...held, code: 'gate_refused', message: sent.reasons.join(', '), isRetryable: false })),
    };
  }
  const { effect, end } = sent;
  deps.crashAt('before-result-committed');
  deps.metrics.effects.inc({ kind: effect.kind, outcome: end.outcome });
  const settle = (outcome: 'done' | 'again' | 'failed' | 'shut', note: string | null, retryAfterMs = 0) =>
    settleEffect(deps.rpc, { ...held, effectId: effect.effectId, outcome, note, retryAfterMs, holder });
  switch (end.outcome) {
    case 'done':
      return settle('done', null);
    case 'again':
      return settle('again', end.note, end.retryAfterMs);
    case 'failed':
      return settle('failed', end.note);
    case 'shut':
      // A person who blocked the bot is waited for by nobody; a group or channel is put right by those who own it.
      if (effect.targetChatId === null || effect.targetChatId > 0) return settle('failed', end.note);
      return settle('shut', end.note, SHUT_RETRY_MS);
    case 'moved':
      // Of a chat that is not configured nobody could confirm the new id.
      if (effect.targetChatId === null || !isConfigured(deps, effect.targetChatId)) return settle('failed', end.note);
      await freezeChat(deps.rpc, { chatId: effect.targetChatId, newChatId: end.newChatId });
      return settle('again', end.note);
    case 'source_missing':
      // Shown again, approved again. What has arrived stays and is not sent twice: people read that before they approve the rest.
      return { next: null, ...(await restageRequest(deps.rpc, { ...held, reason: toReason(end.arrivedCount, effect.partCount) })) };
  }
}

const isConfigured = ({ chats }: Pick<JobDeps, 'chats'>, chatId: number): boolean =>
  chats.admin.chatId === chatId || chats.signals.chatId === chatId;

function toReason(arrivedCount: number, partCount: number): string {
  const reason = 'its staged copy was deleted';
  if (arrivedCount === 0) return reason;
  return `${reason}; ${arrivedCount} of ${partCount} messages ${arrivedCount === 1 ? 'is' : 'are'} already out and will not be sent twice`;
}
