import { AppError } from '../errors.ts';
import type { Schedule, ScheduledCall, Turn } from './schedule.ts';
import { isGone, isNotModified, type TelegramFailure, toFailure, toTelegramError } from './telegram-errors.ts';
import { waitMs } from './wait.ts';

export interface CallOptions {
  method: string;
  /** Null for what shows nothing in a chat. */
  chatId: number | null;
  signal?: AbortSignal | undefined;
}

export type Attempt<T> = { ok: true; value: T } | { ok: false; failure: TelegramFailure };
type Run<T> = (signal: AbortSignal) => Promise<T>;

/** An answer that takes longer than this is not coming. */
const ANSWER_TIMEOUT_MS = 20_000;
/** Well within the time that a drain has. */
const LAST_ANSWER_MS = 2_000;
const MAX_ATTEMPTS = 3;
/** Longer than this in all, whoever asked is told instead. */
const MAX_WAIT_MS = 60_000;
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

/** One try in its turn. A 429 closes the chat before anybody else's turn comes. Throws `aborted`. */
export async function attemptInTurn<T>(run: Run<T>, call: ScheduledCall, { turn, schedule }: InTurn): Promise<Attempt<T>> {
  if (!turn.isGo) return { ok: false, failure: toHeld(turn.retryAfterMs) };
  try {
    const attempt = await attemptOnce(run, call);
    if (!attempt.ok && attempt.failure.kind === 'flood') schedule.close(call, attempt.failure.retryAfterMs);
    return attempt;
  } finally {
    turn.leave();
  }
}

interface InTurn {
  turn: Turn;
  schedule: Schedule;
}

/**
 * For the program's own messages, where a second copy is a nuisance and a missing one is worse: waits for its turn (at most a minute in
 * all), tries again after 429, 5xx and broken connections, at most three times.
 */
export async function attemptPatiently<T>(
  run: Run<T>,
  call: ScheduledCall,
  { schedule, random }: { schedule: Schedule; random: () => number },
): Promise<Attempt<T>> {
  let patienceMs = MAX_WAIT_MS;
  for (let attempts = 1; ; attempts += 1) {
    const turn = await schedule.wait(call, patienceMs);
    patienceMs -= turn.waitedMs;
    const attempt = await attemptInTurn(run, call, { turn, schedule });
    if (attempt.ok || attempts === MAX_ATTEMPTS || !isWorthRepeating(attempt.failure)) return attempt;
    if (attempt.failure.kind !== 'flood') await waitMs(random() * RETRY_BASE_MS * 2 ** attempts, call.signal);
  }
}

const toHeld = (retryAfterMs: number): TelegramFailure => ({
  kind: 'held',
  retryAfterMs,
  description: 'not sent: Telegram asked to wait',
});

function isWorthRepeating(failure: TelegramFailure): boolean {
  if (failure.kind === 'answered') return failure.status >= 500;
  return failure.kind !== 'held';
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
