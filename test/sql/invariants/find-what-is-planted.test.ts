import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INVARIANTS, listViolations } from '../../../src/store/invariants.ts';
import { openStory } from '../../support/stories.ts';
import { PLANTS } from './plants.ts';
import { liveThroughAWeek } from './story.ts';

const db = await openStory();
beforeAll(() => liveThroughAWeek(db), 120_000);
afterAll(() => db.close());

test('each invariant has something planted against it', () => {
  expect(Object.keys(PLANTS).toSorted()).toEqual(INVARIANTS.map(({ id }) => id).toSorted());
});

describe.each(INVARIANTS)('$id, $title', (invariant) => {
  test.each(Object.entries(PLANTS[invariant.id] ?? {}))('finds: %s', async (_name, statements) => {
    await db.sql('begin');
    try {
      await db.sql(`set local session_replication_role = 'replica'`);
      for (const statement of statements) await db.sql(statement);
      expect(await listViolations(db.sql, invariant)).not.toEqual([]);
    } finally {
      await db.sql('rollback');
    }
    expect(await listViolations(db.sql, invariant)).toEqual([]);
  });
});
