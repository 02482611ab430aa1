import type { PostPart } from '../domain/post.ts';
import { deliverParts } from '../effects/deliver-parts.ts';
import { NO_BREAKERS } from '../engines/breaker.ts';
import { AppError, toAppError } from '../errors.ts';
import { makeRecall } from '../memory/recall.ts';
import { authorizeEffect, settleEffect } from '../store/effects.ts';
import { beginFallbackCheck, type FallbackResult, settleFallbackCheck } from '../store/fallback-checks.ts';
import type { JobDeps } from './deps.ts';
import { makeStepBudget } from './steps/budget.ts';

type CheckDeps = Pick<JobDeps, 'rpc' | 'worker' | 'loadPolicy' | 'face' | 'chats' | 'log'>;
type Begun = NonNullable<Awaited<ReturnType<typeof beginFallbackCheck>>>;

/** What a dummy can show without harm. Payments and trades have no fallback of their own so far. */
const ENGINE_FALLBACKS = { 'model time-out': 'timeout', 'breaker of the first engine open': 'open_breaker' } as const;
const RETRY_MS = 60_000;
/** Words that many texts have, so that there is something to find. */
const QUERY = 'answer draft post summary notes channel everybody this that with from';
const MAX_FOUND = 6;

/** Tries every fallback on a dummy, if a check was asked for or is due and no other worker is at it; nothing is sent by it. */
export async function runFallbackCheck(deps: CheckDeps, signal: AbortSignal): Promise<void> {
  const { rpc, worker, face, chats, log } = deps;
  const begun = await beginFallbackCheck(rpc, { worker, chatId: chats.admin.chatId });
  if (begun === null) return;
  const recalled = await tryRecall(deps, begun, signal);
  const results = [...(await tryEngines(deps, begun, signal)), recalled, await tryTelegram(deps, begun, signal)];
  const check = await settleFallbackCheck(rpc, begun.checkId, results);
  log[check.outcome === 'failed' ? 'error' : 'info']({ checkId: check.checkId, outcome: check.outcome, results }, 'fallbacks were tried');
  await face.tellFallbackCheck(check, signal);
}

async function tryEngines({ rpc, loadPolicy }: CheckDeps, { dummy, policyVersion }: Begun, signal: AbortSignal): Promise<FallbackResult[]> {
  const { tryFallback } = await loadPolicy(policyVersion);
  const budget = makeStepBudget(rpc, dummy);
  const results: FallbackResult[] = [];
  for (const [fallback, fault] of Object.entries(ENGINE_FALLBACKS)) {
    results.push({ fallback, ...(await tryFallback(fault, budget, signal)) });
  }
  await budget.settleAll();
  return results;
}

/** The search is asked, then taken for broken: what it found has to come back from the cache, marked. */
async function tryRecall({ rpc, log }: CheckDeps, { dummy }: Begun, signal: AbortSignal): Promise<FallbackResult> {
  const fallback = 'retrieval from the cache';
  const broken = () => Promise.reject(new AppError('store_failed', 'taken for broken'));
  const parts = { rpc, breakers: NO_BREAKERS, log };
  try {
    const found = await makeRecall(parts, dummy).search(QUERY, { limit: MAX_FOUND, signal });
    const kept = await makeRecall({ ...parts, retrieve: broken }, dummy).search(QUERY, { limit: MAX_FOUND, signal });
    if (kept.stale === null) return { fallback, outcome: 'failed', detail: 'what came from the cache was not marked' };
    const count = `the cache gave ${kept.sources.length} of ${found.sources.length} texts back, marked`;
    return { fallback, outcome: kept.sources.length < found.sources.length ? 'failed' : 'ok', detail: count };
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (code === 'aborted' || code === 'store_unavailable') throw thrown;
    return { fallback, outcome: 'failed', detail: `neither search nor cache answered: ${code}` };
  }
}

/** A try that was in no doubt sets nothing going when it ends. */
const NO_NUDGES = () => Promise.resolve();

/** The gate lets the dummy's answer out, Telegram is taken for away, and the answer has to wait: whole, and granted to nobody. */
async function tryTelegram({ rpc }: CheckDeps, { dummy }: Begun, signal: AbortSignal): Promise<FallbackResult> {
  const fallback = 'Telegram away';
  const target = { chatId: dummy.targetChatId, topicId: null };
  const { verdict, effect } = await authorizeEffect(rpc, { ...dummy, target });
  if (verdict !== 'go' || effect === null) return { fallback, outcome: 'skipped', detail: `the gate answered ${verdict} to the dummy` };
  const parts: PostPart[] = [{ kind: 'text', text: 'never sent', entities: [] }];
  const away = { outcome: 'refused', reason: 'unavailable', description: 'taken for away' } as const;
  const prepare = () => Promise.resolve(() => Promise.resolve(away));
  const crashAt = () => undefined;
  const end = await deliverParts({ rpc, effect, fence: dummy.fence, parts, prepare, deliver: NO_NUDGES, crashAt, signal });
  if (end.outcome !== 'again') return { fallback, outcome: 'failed', detail: `the answer ended as ${end.outcome} instead of waiting` };
  const { stepId, fence } = dummy;
  const settled = {
    stepId,
    fence,
    effectId: effect.effectId,
    outcome: 'again',
    note: end.note,
    retryAfterMs: RETRY_MS,
    holder: null,
  } as const;
  const { deliver } = await settleEffect(rpc, settled);
  const nudge = deliver.find(({ job, id }) => job === 'step.run' && id === stepId);
  if (nudge === undefined) throw new AppError('internal', 'an answer that waits has no nudge', { context: { stepId } });
  return { fallback, outcome: 'ok', detail: `the answer waits, and would be tried again in ${Math.round(nudge.delayMs / 1000)} s` };
}
