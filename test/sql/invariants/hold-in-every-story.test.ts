import { afterAll, beforeAll, expect, test } from 'vitest';
import { findViolations, INVARIANTS, listViolations } from '../../../src/store/invariants.ts';
import { openStory } from '../../support/stories.ts';
import { liveThroughAWeek } from './story.ts';

const db = await openStory();
beforeAll(() => liveThroughAWeek(db), 120_000);
afterAll(() => db.close());

test('after an ordinary week every invariant holds', async () => {
  const ends = await db.sql(`select tier, status, count(*)::int as count from public.effects group by 1, 2 order by 1, 2`);
  expect(ends).toEqual([
    { tier: 'T1', status: 'done', count: 1 },
    { tier: 'T2', status: 'done', count: 1 },
    { tier: 'T3', status: 'done', count: 8 },
  ]);
  for (const invariant of INVARIANTS) {
    expect({ [invariant.id]: await listViolations(db.sql, invariant) }).toEqual({ [invariant.id]: [] });
  }
});

test('all of them in one statement say the same', async () => {
  expect(await findViolations(db.sql)).toEqual([]);
});

test('each has an id of its own and a sentence', () => {
  expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length);
  expect(INVARIANTS.filter(({ title }) => title.length < 20)).toEqual([]);
});
