import { afterAll, expect, test } from 'vitest';
import type { Critique } from '../../../src/domain/critique.ts';
import { FULL_MARKS, handInCritique, openStory, PUBLISH_PLAN, planTask, REPLY_PLAN, runUntilKind } from '../../support/stories.ts';
import { changePolicy, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const quality = { pass_points: 7, max_revisions: 0 };
const db = await openStory({ quality });
afterAll(() => db.close());

const WITH: Record<number, Critique> = {
  9: FULL_MARKS,
  8: { ...FULL_MARKS, clarity: 1 },
  7: { ...FULL_MARKS, clarity: 0 },
  6: { ...FULL_MARKS, factuality: 0 },
};

test.each([
  ['T1', 7, 'passed'],
  ['T1', 6, 'failed'],
  ['T2', 8, 'passed'],
  ['T2', 7, 'failed'],
  ['T3', 9, 'passed'],
  ['T3', 8, 'failed'],
] as const)('%s with %i of 9 points is %s', async (tier, points, outcome) => {
  await changePolicy(db, tier === 'T3' ? { ...PUBLISH_IS_T3, quality } : { quality });
  const taskId = await planTask(db, { nodes: tier === 'T1' ? REPLY_PLAN : PUBLISH_PLAN });
  expect(await handInCritique(db, await runUntilKind(db, taskId, 'critic'), { critique: WITH[points] })).toMatchObject({ outcome });
});
