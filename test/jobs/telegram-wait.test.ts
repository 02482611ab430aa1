import { expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { toTelegramWaitMs } from '../../src/jobs/steps/telegram-wait.ts';

const nowMs = Date.parse('2026-11-22T10:00:00Z');
const waitOf = (error: AppError, waitedMs: number | null, kind: 'work' | 'effect' = 'work') =>
  toTelegramWaitMs(
    error,
    { kind, waitsSince: waitedMs === null ? null : new Date(nowMs - waitedMs).toISOString() },
    { nowMs, random: () => 1 },
  );
const AWAY = new AppError('telegram_unavailable');
const flood = (retryAfterMs: number) => new AppError('telegram_flood', 'wait', { context: { retryAfterMs } });

test.each([
  ['at first', null, 2_000],
  ['as long again as it has waited', 17_000, 17_000],
  ['a minute at most', 3_600_000, 60_000],
])('away: %s', (_when, waitedMs, delayMs) => {
  expect(waitOf(AWAY, waitedMs)).toBe(delayMs);
});

test('asked to wait it waits so long, within what a step may wait', () => {
  expect(waitOf(flood(10_000), 60_000)).toBe(10_001);
  expect(waitOf(flood(86_400_000), null)).toBe(3_600_000);
});

test('nothing else waits so, and no effect does', () => {
  expect(waitOf(new AppError('telegram_refused'), null)).toBeNull();
  expect(waitOf(new AppError('internal'), null)).toBeNull();
  expect(waitOf(AWAY, null, 'effect')).toBeNull();
});
