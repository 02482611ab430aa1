import { afterAll, expect, test } from 'vitest';
import type { Critique } from '../../../src/domain/critique.ts';
import { FULL_MARKS, handInCritique, openStory, planTask, REPLY_PLAN, runUntilKind, snapshot } from '../../support/stories.ts';
import { changePolicy } from '../../support/story-world.ts';

const db = await openStory({ quality: { pass_points: 7, max_revisions: 0 } });
afterAll(() => db.close());

const criticise = async (critique: Critique, nodes = REPLY_PLAN) =>
  handInCritique(db, await runUntilKind(db, await planTask(db, { nodes }), 'critic'), { critique });

test.each<[string, Partial<Critique>, string, number]>([
  ['full marks pass', {}, 'passed', 1],
  ['7 of 9 pass T1', { factuality: 1 }, 'passed', 0.7778],
  ['6 of 9 fail T1', { factuality: 0 }, 'failed', 0.6667],
  ['no compliance fails at any score', { policy_compliance: 0 }, 'failed', 0.8889],
  ['a risk fails at any score', { risk_flags: 0 }, 'failed', 0.8889],
  ['a red flag fails full marks', { red_flags: ['promises profit'] }, 'failed', 1],
])('%s', async (_sentence, change, outcome, score) => {
  expect(await criticise({ ...FULL_MARKS, ...change })).toMatchObject({ outcome, score });
});

test.each<[string, Record<string, unknown>]>([
  ['a line above its bound', { factuality: 5, evidence_cited: 0 }],
  ['a negative line', { factuality: -1 }],
  ['half a point', { clarity: 1.5 }],
  ['a word', { clarity: 'two' }],
  ['nothing', { clarity: null }],
  ['red flags that are no list', { red_flags: 'none' }],
  ['no red flags at all', { red_flags: undefined }],
])('a critique with %s does not fit the rubric and changes nothing', async (_what, change) => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await runUntilKind(db, taskId, 'critic');
  const before = await snapshot(db, taskId);
  // What a model might answer, whatever the type says.
  const critique = { ...FULL_MARKS, ...change } as Critique;
  await expect(handInCritique(db, held, { critique })).rejects.toMatchObject({ code: 'input_invalid' });
  expect(await snapshot(db, taskId)).toEqual(before);
});

test('the score is counted here: what the critique says about it is nothing', async () => {
  const boast = { ...FULL_MARKS, factuality: 0, score: 1, passed: true, points: 9 };
  expect(await criticise(boast)).toMatchObject({ outcome: 'failed', score: 0.6667 });
});

test('a policy may ask for more points', async () => {
  await changePolicy(db, { quality: { pass_points: 9, max_revisions: 0 } });
  expect(await criticise({ ...FULL_MARKS, clarity: 1 })).toMatchObject({ outcome: 'failed' });
  expect(await criticise(FULL_MARKS)).toMatchObject({ outcome: 'passed' });
});
