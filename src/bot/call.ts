import { AppError } from '../errors.ts';
import type { Pace } from './pace.ts';
import { isGone, isNotModified, type TelegramFailure, toFailure, toTelegramError } from './telegram-errors.ts';
import { waitMs } from './wait.ts';

export interface CallOptions {
  method: string;
  chatId: number;
  signal?: AbortSignal | undefined;
}

export type Attempt<T> = { ok: true; value: T } | { ok: false; failure: TelegramFailure };
type Run<T> = (signal: AbortSignal) => Promise<T>;

/** An answer that takes longer than this is not coming. */
const ANSWER_TIMEOUT_MS = 20_000;
/** Well within the time that a drain has. */
const LAST_ANSWER_MS = 2_000;
const MAX_ATTEMPTS = 3;
/** Longer than this, whoever asked is told instead. */
const MAX_FLOOD_WAIT_MS = 60_000;
const RETRY_BASE_MS = 250;

/**
 * One try. It does not start once the caller has ended, and otherwise waits for its answer for a limited time. Throws `aborted`; what
 * Telegram did not like is a value.
 */
export async function attemptOnce<T>(run: Run<T>, { method, chatId, signal }: CallOptions): Promise<Attempt<T>> {
  if (signal?.aborted) throw new AppError('aborted', undefined, { context: { method, chatId } });
  const patience = makePatience(signal);
  try {
    return { ok: true, value: await run(patience.signal) };
  } catch (thrown) {
    if (signal?.aborted && patience.signal.aborted) throw new AppError('aborted', undefined, { context: { method, chatId } });
    return { ok: false, failure: toFailure(thrown) };
  } finally {
    patience.end();
  }
}

/** When the caller ends while a call is under way, its answer is still waited for a little: without it nobody knows what was sent. */
function makePatience(caller: AbortSignal | undefined): { signal: AbortSignal; end(): void } {
  const ending = new AbortController();
  const endIn = (delayMs: number) => setTimeout(() => ending.abort(), delayMs);
  let timer = endIn(ANSWER_TIMEOUT_MS);
  const onAbort = () => {
    clearTimeout(timer);
    timer = endIn(LAST_ANSWER_MS);
  };
  caller?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: ending.signal,
    end() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * For the program's own messages, where a second copy is a nuisance and a missing one is worse: waits when the chat asks for it (at most
 * a minute in all), tries again after 5xx and broken connections, at most three times.
 */
export async function attemptPatiently<T>(
  run: Run<T>,
  options: CallOptions,
  { pace, random }: { pace: Pace; random: () => number },
): Promise<Attempt<T>> {
  const leave = pace.enter(options.chatId);
  let waitedMs = 0;
  try {
    for (let attempts = 1; ; attempts += 1) {
      const blockedMs = pace.waitMs(options.chatId);
      waitedMs += blockedMs;
      if (waitedMs > MAX_FLOOD_WAIT_MS) return { ok: false, failure: toFlood(blockedMs) };
      if (blockedMs > 0) await waitMs(blockedMs, options.signal);
      const attempt = await attemptOnce(run, options);
      if (attempt.ok) return attempt;
      const { failure } = attempt;
      if (failure.kind === 'flood') pace.block(options.chatId, failure.retryAfterMs);
      if (attempts === MAX_ATTEMPTS || !isWorthRepeating(failure)) return attempt;
      if (failure.kind !== 'flood') await waitMs(random() * RETRY_BASE_MS * 2 ** attempts, options.signal);
    }
  } finally {
    leave();
  }
}

const toFlood = (retryAfterMs: number): TelegramFailure => ({
  kind: 'flood',
  retryAfterMs,
  description: 'the chat asks to wait for too long',
});

function isWorthRepeating(failure: TelegramFailure): boolean {
  return failure.kind !== 'answered' || failure.status >= 500;
}

/** The value, or the failure as an AppError. */
export function toValue<T>(attempt: Attempt<T>, call: CallOptions): T {
  if (attempt.ok) return attempt.value;
  throw toTelegramError(attempt.failure, { method: call.method, chatId: call.chatId });
}

export type EditOutcome = 'edited' | 'unchanged' | 'gone';

/** An edit that changes nothing is done; one of a message that is gone says so; any other failure is thrown. */
export function toEditOutcome(attempt: Attempt<unknown>, call: CallOptions): EditOutcome {
  if (attempt.ok) return 'edited';
  if (isNotModified(attempt.failure)) return 'unchanged';
  if (isGone(attempt.failure)) return 'gone';
  throw toTelegramError(attempt.failure, { method: call.method, chatId: call.chatId });
}
