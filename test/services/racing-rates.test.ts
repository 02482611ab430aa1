import { afterAll, afterEach, expect, test } from 'vitest';
import { reserveSpend } from '../../src/store/budget.ts';
import { approveTask, authorize, claim, runUntilKind, startTask, toHeld } from '../support/stories.ts';
import { PEOPLE } from '../support/story-world.ts';
import { countBy, openRacingStory, race } from './support/story.ts';

const db = await openRacingStory({
  rates: {
    tasks_per_person: { max: 60, per: '1h' },
    calls_per_engine: { max: 20, per: '1h' },
    effects_per_chat: { max: 4, per: '1h' },
  },
  budgets: { task_tokens: 1_000_000 },
});
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));

test('of 50 calls at once exactly as many as the limit has left', async () => {
  const held = await claim(db, `${await startTask(db)}/plan`);
  const answers = await race(50, () => reserveSpend(db.rpc('ags_worker'), toHeld(held), { engine: 'default', tokens: 1, costUsd: '0' }));
  expect(countBy(answers.map(({ isGranted, rate }) => (isGranted ? 'granted' : (rate?.limit ?? 'other'))))).toEqual({
    granted: 20,
    calls_per_engine: 30,
  });
  expect(await db.sql(`select used from public.rate_windows where limit_name = 'calls_per_agent'`)).toEqual([{ used: 20 }]);
});

test('of ten approved posts that ask at once four get out', async () => {
  const held = await race(10, async () => runUntilKind(db, (await approveTask(db)).taskId, 'effect'));
  const verdicts = await Promise.all(held.map((step) => authorize(db, step)));
  expect(countBy(verdicts.map(({ verdict }) => verdict))).toEqual({ go: 4, limited: 6 });
  expect(await db.sql(`select count(*)::int as count from public.effects`)).toEqual([{ count: 4 }]);
});

test('of 50 tasks that one person gives at once exactly as many as are left are taken', async () => {
  const [row] = await db.sql(
    `select used from public.rate_windows where limit_name = 'tasks_per_person' and subject = public._person_of($1)::text`,
    [PEOPLE.secondOwner],
  );
  expect(row).toBeUndefined();
  await db.sql(`update public.policies set document = jsonb_set(document, '{rates,tasks_per_person,max}', '20')`);
  const answers = await race(50, () =>
    startTask(db, { by: PEOPLE.secondOwner }).then(
      () => 'taken',
      (thrown) => String(thrown.code),
    ),
  );
  expect(countBy(answers)).toEqual({ taken: 20, rate_limited: 30 });
});
