import type { Breakers, CallEnd } from '../engines/breaker.ts';
import { AppError, type ErrorCode, toAppError } from '../errors.ts';
import { recallArtifacts, retrieveArtifacts, type StaleReason } from '../store/retrievals.ts';
import type { Rpc } from '../store/rpc.ts';
import type { FoundArtifact, Held } from '../store/steps.ts';
import type { Logger } from '../telemetry/log.ts';

export interface Recalled {
  ref: string;
  title: string;
  text: string;
  origin: 'agent';
}

export interface RecallDeps {
  /** As `ags_worker`. */
  rpc: Rpc;
  breakers: Breakers;
  log: Pick<Logger, 'warn'>;
  /** The search itself, unless somebody wants to see what happens without it. */
  retrieve?: typeof retrieveArtifacts;
  limitMs?: number;
}

/** The search as the breakers know it. */
export const SEARCH = 'search';
/** A good search takes some milliseconds. One that takes this long must not keep the task, and the others that want the same connections. */
const LIMIT_MS = 5_000;
const MAX_TEXT_CHARS = 4000;
/** Says nothing about the search: the step is over for this worker, or there is no database that could be asked for the cache either. */
const NOT_ITS_FAULT: readonly ErrorCode[] = ['aborted', 'lease_lost', 'store_unavailable', 'input_invalid'];
/** One that the server cut off took too long there: the database is well. */
const isNotItsFault = ({ code, context }: AppError): boolean => NOT_ITS_FAULT.includes(code) && context.isCutOff !== true;

/**
 * What earlier tasks found out: full-text search over their texts. When it fails or takes too long, what an earlier retrieval had found;
 * the step is marked as stale then. Throws aborted, lease_lost, store_unavailable. The knowledge base comes behind the same call.
 */
export function makeRecall(deps: RecallDeps, held: Held) {
  const { rpc, log } = deps;
  return {
    async search(query: string, { limit, signal }: { limit: number; signal: AbortSignal }) {
      const question = { query, limit };
      const answer = await trySearch(deps, (within) => (deps.retrieve ?? retrieveArtifacts)(rpc, held, question, within), signal);
      if ('found' in answer) return { sources: toSources(answer.found), stale: null };
      const { reason, err } = answer;
      const { found, foundAt } = await recallArtifacts(rpc, held, { ...question, reason });
      log.warn({ err, reason, foundAt, sources: found.length }, 'search did not answer, the cache was asked');
      return { sources: toSources(found), stale: { foundAt } };
    },
  };
}

type Answer<T> = { found: T } | { reason: StaleReason; err: AppError };

/** One search behind its breaker and within its limit. Throws only what is not the search's fault. */
export async function trySearch<T>(
  { breakers, limitMs = LIMIT_MS }: Pick<RecallDeps, 'breakers' | 'limitMs'>,
  search: (within: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<Answer<T>> {
  const leave = await breakers.enter(SEARCH, signal).catch((thrown: unknown) => toAppError(thrown));
  if (leave instanceof AppError) {
    if (leave.context.breaker === undefined) throw leave;
    return { reason: 'left_alone', err: leave };
  }
  const { answer, end } = await searchWithin(limitMs, search, signal);
  await leave.report(end);
  if (answer instanceof AppError) throw answer;
  return answer;
}

async function searchWithin<T>(
  limitMs: number,
  search: (within: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<{ answer: Answer<T> | AppError; end: CallEnd | null }> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const found = await interruptible(search, AbortSignal.any([signal, limit]));
    return { answer: { found }, end: { isOk: true } };
  } catch (thrown) {
    const isTooSlow = limit.aborted && !signal.aborted;
    const err = isTooSlow ? toTooSlow(limitMs, thrown) : toAppError(thrown);
    if (!isTooSlow && (signal.aborted || isNotItsFault(err))) return { answer: err, end: null };
    return { answer: { reason: isTooSlow ? 'too_slow' : 'failed', err }, end: { isOk: false, error: err } };
  }
}

/** Not every way to the database lets go of a call that is interrupted. */
async function interruptible<T>(search: (within: AbortSignal) => Promise<T>, within: AbortSignal): Promise<T> {
  const toAborted = () => new AppError('aborted', undefined, { cause: within.reason });
  if (within.aborted) throw toAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  within.addEventListener('abort', () => reject(toAborted()), { once: true });
  return Promise.race([search(within), promise]);
}

function toTooSlow(limitMs: number, cause: unknown): AppError {
  return new AppError('store_failed', `search did not answer within ${limitMs} ms`, { context: { limitMs }, cause });
}

function toSources(found: readonly FoundArtifact[]): Recalled[] {
  return found.flatMap(({ taskId, goal, storageRef, content }) =>
    content === null
      ? []
      : [
          {
            ref: storageRef,
            title: `${taskId}: ${goal.slice(0, 120)}`,
            text: content.slice(0, MAX_TEXT_CHARS),
            origin: 'agent' as const,
          },
        ],
  );
}
