import { expect, test } from 'vitest';
import { sweepCrashPoints } from '../../bench/drills/worker-kill.ts';
import { CRASH_POINTS } from '../../src/domain/crash-points.ts';

/** Each takes a process of its own; `npm run drill -- worker-kill` does it twenty times. */
const TIMES = 1;

test('killed at every point of an effect: nothing is sent twice, and people are asked where nobody can know, once', async () => {
  const { violations, beside } = await sweepCrashPoints({ times: TIMES });
  expect(Object.entries(violations).filter(([, count]) => count !== 0)).toEqual([]);
  expect(beside).toMatchObject({
    worker_crashes: TIMES * CRASH_POINTS.length,
    bot_crashes: TIMES,
    // After the intent, and after the other side took it.
    asked_people: TIMES * 2,
  });
}, 600_000);
