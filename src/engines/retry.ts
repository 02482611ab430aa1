import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../errors.ts';

/** Attempts in all, the first included. */
export const MAX_ATTEMPTS = 3;
const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
/** A server that asks for more is treated as down: a step's lease is worth more than the wait. */
const MAX_RETRY_AFTER_MS = 20_000;

/** Chance and time, so that a test can hold them. */
export interface Pace {
  now(): number;
  random(): number;
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

export const realPace: Pace = {
  now: () => performance.now(),
  random: () => Math.random(),
  sleep: (delayMs, signal) => wait(delayMs, undefined, { signal }),
};

/** Exponential backoff with full jitter: anywhere between nothing and the ceiling, which doubles. */
export function toDelayMs(failedAttempts: number, random: () => number): number {
  return Math.floor(random() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (failedAttempts - 1)));
}

/**
 * Runs a call up to three times while it fails with `engine_unavailable`. A `retryAfterMs` in the error's context is waited for, at
 * least, unless it is longer than makes sense. Never use it for anything that acts outside.
 */
export async function withRetries<T>(
  call: (attempt: number) => Promise<T>,
  { pace, signal }: { pace: Pace; signal: AbortSignal },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'engine_unavailable' || attempt >= MAX_ATTEMPTS) throw error;
      const asked = error.context.retryAfterMs;
      const askedMs = typeof asked === 'number' ? asked : 0;
      if (error.context.isLasting === true || askedMs > MAX_RETRY_AFTER_MS) throw error;
      // On top of what was asked: workers that were turned away together should not come back together.
      await sleep(askedMs + toDelayMs(attempt, pace.random), pace, signal);
    }
  }
}

async function sleep(delayMs: number, pace: Pace, signal: AbortSignal): Promise<void> {
  try {
    await pace.sleep(delayMs, signal);
  } catch (cause) {
    throw new AppError('aborted', undefined, { cause });
  }
}

/** Reads `retry-after` (seconds or a date) and OpenAI's `retry-after-ms`. */
export function parseRetryAfterMs(headers: Headers | undefined, nowEpochMs: number): number | undefined {
  const milliseconds = headers?.get('retry-after-ms');
  if (milliseconds && /^\d+(\.\d+)?$/.test(milliseconds)) return Math.ceil(Number(milliseconds));
  const after = headers?.get('retry-after');
  if (!after) return undefined;
  if (/^\d+(\.\d+)?$/.test(after)) return Math.ceil(Number(after) * 1000);
  // Date.parse takes nearly anything for a date, "-5" too; one of HTTP begins with the weekday.
  const date = /^[A-Z][a-z]{2}, /.test(after) ? Date.parse(after) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowEpochMs);
}
