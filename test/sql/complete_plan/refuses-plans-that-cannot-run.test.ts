import { afterAll, expect, test } from 'vitest';
import type { PlanNode } from '../../../src/domain/plan.ts';
import { claim, handInPlan, makeNode, openStory, REPLY_PLAN, snapshot, startTask } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());

const held = await claim(db, `${await startTask(db)}/plan`);
const draft = makeNode('draft', 'exec', 'DRAFT_REPLY');
const chain = (length: number) =>
  Array.from({ length }, (_, index) => makeNode(`n${index}`, 'researcher', 'RESEARCH', index === 0 ? [] : [`n${index - 1}`]));
/** What a model might write, whatever the types say. */
const broken = (node: unknown): PlanNode => node as PlanNode;

test.each<[string, PlanNode[], RegExp]>([
  ['a circle', [makeNode('a', 'exec', 'SUMMARIZE', ['b']), makeNode('b', 'exec', 'SUMMARIZE', ['a'])], /wait for each other: a, b/],
  ['a node that waits for itself', [makeNode('a', 'exec', 'SUMMARIZE', ['a'])], /wait for each other/],
  ['an unknown agent', [makeNode('a', 'hacker', 'SUMMARIZE')], /agent hacker is unknown/],
  ['an agent in other letters', [makeNode('a', 'Exec', 'SUMMARIZE')], /agent Exec is unknown/],
  ['a planner', [makeNode('a', 'planner', 'RESEARCH')], /plans nothing/],
  ['a critic of its own', [makeNode('a', 'critic', 'RESEARCH')], /plans nothing/],
  ['an action that is in no tier', [makeNode('a', 'exec', 'DELETE_EVERYTHING')], /DELETE_EVERYTHING is not in the policy/],
  [
    'a post by somebody else than the communicator',
    [draft, makeNode('a', 'researcher', 'PUBLISH', ['draft'])],
    /PUBLISH is not for agent researcher/,
  ],
  ['a trade by the communicator', [makeNode('a', 'communicator', 'TRADE')], /TRADE is not for agent communicator/],
  ['a payment by the trader', [makeNode('a', 'trader', 'PAYMENT')], /PAYMENT is not for agent trader/],
  ['21 nodes', chain(21), /1 to 20 nodes/],
  ['500 nodes', chain(500), /1 to 20 nodes/],
  ['no nodes', [], /1 to 20 nodes/],
  ['the name of a gate', [makeNode('approve', 'exec', 'SUMMARIZE')], /belongs to the orchestrator/],
  ['a name like a gate', [makeNode('critic-publish', 'exec', 'SUMMARIZE')], /belongs to the orchestrator/],
  ['a name with a slash', [makeNode('a/b', 'exec', 'SUMMARIZE')], /another form/],
  ['a name of 41 letters', [makeNode('a'.repeat(41), 'exec', 'SUMMARIZE')], /another form/],
  ['one name twice', [draft, draft], /stands there twice/],
  ['a node before it that does not exist', [makeNode('a', 'exec', 'SUMMARIZE', ['ghost'])], /ghost, which does not exist/],
  ['a text in place of a node', [broken('publish now')], /is not an object/],
  ['"after" as a text', [broken({ ...draft, after: 'plan' })], /list "after"/],
  ['"after" as nothing', [broken({ ...draft, after: null })], /list "after"/],
  ['no name at all', [broken({ agent: 'exec', action: 'SUMMARIZE', after: [] })], /another form/],
])('%s', async (_what, nodes, problem) => {
  const before = await snapshot(db, held.task.taskId);
  await expect(handInPlan(db, held, nodes)).rejects.toMatchObject({
    code: 'plan_invalid',
    context: { problems: expect.arrayContaining([expect.stringMatching(problem)]) },
  });
  expect(await snapshot(db, held.task.taskId)).toEqual(before);
});

test('after all these the worker still holds the step and may hand in a better plan', async () => {
  expect(await handInPlan(db, held, REPLY_PLAN)).toMatchObject({ outcome: 'accepted' });
});
