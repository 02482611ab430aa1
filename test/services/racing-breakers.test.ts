import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { makeBreakers } from '../../src/jobs/breakers.ts';
import { askBreaker, reportBreaker } from '../../src/store/breakers.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { countBy, openRacingStory, race } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));
beforeEach(() => db.sql('delete from public.breakers; delete from public.incidents'));

const worker = db.rpc('ags_worker');
const NAME = 'engine:default';
const fail = (holder: string) => reportBreaker(worker, { name: NAME, holder, code: 'engine_timeout' });
const makeDue = () => db.sql(`update public.breakers set opened_at = opened_at - interval '120 seconds'`);
const log = makeLogger({ level: 'silent' });

test('of many failures at once the fifth opens it, once; all that follow change nothing', async () => {
  const states = (await race(40, (index) => fail(`w${index}`))).map(({ state }) => state);
  expect(countBy(states)).toEqual({ closed: 4, open: 36 });
  expect(await db.sql('select occurrence_count, state from public.incidents')).toEqual([{ occurrence_count: 1, state: 'open' }]);
  expect(await db.sql(`select count(*)::int as count from public.audit_logs where action = 'breaker.open'`)).toEqual([{ count: 1 }]);
});

test('of many who ask when the time is over exactly one is the probe', async () => {
  await race(5, (index) => fail(`w${index}`));
  await makeDue();
  const answers = await race(50, (index) => askBreaker(worker, { name: NAME, holder: `w${index}`, probeSeconds: 180 }));
  expect(countBy(answers.map(({ mayCall, isProbe }) => `${mayCall} ${isProbe}`))).toEqual({ 'true true': 1, 'false false': 49 });
});

test('a fleet of six: nobody calls while it is open, one call tries, and all go on when that worked', async () => {
  let isDown = true;
  const fleet = Array.from({ length: 6 }, (_, index) => {
    let nowMs = 0;
    // Each look is a second after the one before: nothing is remembered from an earlier round.
    const now = () => {
      nowMs += 1_001;
      return nowMs;
    };
    return makeBreakers({ rpc: worker, holder: `p${index}`, log, redact: (text) => text, now });
  });
  /** All ask before any of them has an answer of the tool. */
  const round = async () => {
    const entered = await Promise.allSettled(fleet.map((breakers) => breakers.enter(NAME, new AbortController().signal)));
    const leaves = entered.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    for (const leave of leaves) await leave.report(isDown ? { isOk: false, error: new AppError('engine_unavailable') } : { isOk: true });
    return { calls: leaves.length, refused: entered.length - leaves.length };
  };
  await round();
  expect(await round()).toEqual({ calls: 0, refused: 6 });
  expect(await round()).toEqual({ calls: 0, refused: 6 });
  isDown = false;
  await makeDue();
  expect(await round()).toEqual({ calls: 1, refused: 5 });
  expect(await round()).toEqual({ calls: 6, refused: 0 });
});
