import { describe, expect, test } from 'vitest';
import { MAX_ATTEMPTS, parseRetryAfterMs, toDelayMs, withRetries } from '../../src/engines/retry.ts';
import { AppError } from '../../src/errors.ts';
import { failureOf, makePace } from './harness.ts';

const signal = new AbortController().signal;
const fail =
  (context: Record<string, unknown> = {}) =>
  async (): Promise<never> => {
    throw new AppError('engine_unavailable', undefined, { context });
  };

describe('retries', () => {
  test.each([
    [1, 0, 0],
    [1, 0.999, 499],
    [2, 0.999, 999],
    [3, 0.5, 1000],
    [20, 0.999, 7992],
  ])('after %i failures chance %d waits %i ms', (failures, chance, delayMs) => {
    expect(toDelayMs(failures, () => chance)).toBe(delayMs);
  });

  test('three attempts, two waits', async () => {
    const pace = makePace(0.5);
    const attempts: number[] = [];
    const call = (attempt: number): Promise<never> => {
      attempts.push(attempt);
      return fail()();
    };
    expect((await failureOf(withRetries(call, { pace, signal }))).code).toBe('engine_unavailable');
    expect(attempts).toEqual([1, 2, 3]);
    expect(attempts).toHaveLength(MAX_ATTEMPTS);
    expect(pace.sleptMs).toEqual([250, 500]);
  });

  test('what the server asks for is waited on top of the jitter', async () => {
    const pace = makePace(0.5);
    await failureOf(withRetries(fail({ retryAfterMs: 3_000 }), { pace, signal }));
    expect(pace.sleptMs).toEqual([3_250, 3_500]);
  });

  test('a server that asks for minutes is down', async () => {
    const pace = makePace();
    await failureOf(withRetries(fail({ retryAfterMs: 600_000 }), { pace, signal }));
    expect(pace.sleptMs).toEqual([]);
  });

  test.each(['engine_timeout', 'engine_rejected', 'engine_refused', 'budget_exhausted'] as const)('%s is not tried again', async (code) => {
    let calls = 0;
    const call = async (): Promise<never> => {
      calls++;
      throw new AppError(code);
    };
    expect((await failureOf(withRetries(call, { pace: makePace(), signal }))).code).toBe(code);
    expect(calls).toBe(1);
  });

  test('an abort ends the wait', async () => {
    expect((await failureOf(withRetries(fail(), { pace: makePace(), signal: AbortSignal.abort() }))).code).toBe('aborted');
  });

  test.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after-ms': '150' }, 150],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT' }, 9_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{}, undefined],
  ])('%j means %s', (headers, expectedMs) => {
    expect(parseRetryAfterMs(new Headers(headers), 1_000)).toBe(expectedMs);
  });
});
