import { afterAll, describe, expect, test } from 'vitest';
import type { PlanNode } from '../../../src/domain/plan.ts';
import { loadTask, makeNode, openStory, PUBLISH_PLAN, planTask, REPLY_PLAN } from '../../support/stories.ts';
import { changePolicy, listActions, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const TIERS = { T2: ['PUBLISH', 'SOCIAL_POST'], T3: ['TRADE', 'PAYMENT', 'WITHDRAWAL'] };
const T3_NEEDS = ['critic>=0.9', 'operator_approval', 'owner_approval', 'dry_run_required'];

const db = await openStory();
afterAll(() => db.close());

/** Each step as `id(kind) < what it waits for`. */
async function drawPlan(nodes: PlanNode[]) {
  const task = await loadTask(db, await planTask(db, { nodes }));
  return { tier: task.tier, steps: task.steps.map(({ nodeId, kind, after }) => `${nodeId}(${kind}) < ${after.join(' ')}`.trim()) };
}

test('an answer gets a critic and goes back to the requester, without people', async () => {
  expect(await drawPlan(REPLY_PLAN)).toEqual({
    tier: 'T1',
    steps: [
      'plan(plan) <',
      'retrieve(work) < plan',
      'act(work) < retrieve',
      'critic(critic) < act',
      'reply(effect) < critic',
      'archive(archive) < reply',
    ],
  });
});

test('a post gets critic and approval between draft and effect, and the tier of its highest action', async () => {
  expect(await drawPlan(PUBLISH_PLAN)).toEqual({
    tier: 'T2',
    steps: [
      'plan(plan) <',
      'act(work) < plan',
      'critic(critic) < act',
      'approve(approve) < critic',
      'publish(effect) < approve',
      'archive(archive) < publish',
    ],
  });
});

test('work without one text at its end is joined by a draft', async () => {
  const nodes = [makeNode('facts', 'researcher', 'RESEARCH'), makeNode('prices', 'retriever', 'RETRIEVE')];
  const { tier, steps } = await drawPlan(nodes);
  expect(tier).toBe('T1');
  expect(steps).toEqual([
    'plan(plan) <',
    'facts(work) < plan',
    'prices(work) < plan',
    'draft(work) < facts prices',
    'critic(critic) < draft',
    'reply(effect) < critic',
    'archive(archive) < reply',
  ]);
});

test('each of two posts gets its own gates', async () => {
  const nodes = [...PUBLISH_PLAN, makeNode('act2', 'exec', 'SUMMARIZE'), makeNode('publish2', 'communicator', 'SOCIAL_POST', ['act2'])];
  const { steps } = await drawPlan(nodes);
  expect(steps).toContain('publish2(effect) < approve-publish2');
  expect(steps).toContain('approve-publish2(approve) < critic-publish2');
  expect(steps).toContain('critic-publish2(critic) < act2');
  expect(steps).toContain('archive(archive) < publish publish2');
});

test('what is written after a post is judged, approved and answered with', async () => {
  const { steps } = await drawPlan([...PUBLISH_PLAN, makeNode('report', 'exec', 'SUMMARIZE', ['publish'])]);
  expect(steps).toEqual([
    'plan(plan) <',
    'act(work) < plan',
    'report(work) < publish',
    'critic(critic) < act',
    'approve(approve) < critic',
    'publish(effect) < approve',
    'critic-reply(critic) < report',
    'approve-reply(approve) < critic-reply',
    'reply(effect) < approve-reply',
    'archive(archive) < reply',
  ]);
});

test('what only reads after a post is put into words and answered with', async () => {
  const { steps } = await drawPlan([...PUBLISH_PLAN, makeNode('check', 'researcher', 'RESEARCH', ['publish'])]);
  expect(steps).toContain('draft(work) < check');
  expect(steps).toContain('critic-reply(critic) < draft');
  expect(steps).toContain('archive(archive) < reply');
});

test('a plan cannot lend one judged text to two posts', async () => {
  const { steps } = await drawPlan([...PUBLISH_PLAN, makeNode('again', 'communicator', 'SOCIAL_POST', ['act'])]);
  expect(steps).toContain('draft(work) < act');
  expect(steps).toContain('critic-again(critic) < draft');
});

test('names of the plan and names of the orchestrator never meet', async () => {
  const { steps } = await drawPlan([
    makeNode('reply', 'researcher', 'RESEARCH'),
    makeNode('draft-2', 'researcher', 'RESEARCH', ['reply']),
    makeNode('draft', 'communicator', 'PUBLISH', ['reply', 'draft-2']),
  ]);
  expect(steps).toContain('draft-3(work) < reply draft-2');
  expect(steps).toContain('draft(effect) < approve');
  expect((await drawPlan([makeNode('reply', 'exec', 'DRAFT_REPLY')])).steps).toContain('reply-out(effect) < critic');
});

test('an action in a higher tier takes its approvals along', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const taskId = await planTask(db);
  expect((await loadTask(db, taskId)).tier).toBe('T3');
  expect(await listActions(db, taskId)).toEqual(['task.create', 'step.complete', 'plan.accept']);
});

test('a lower tier that the policy lists gets its people too', async () => {
  await changePolicy(db, {
    approvals: {
      T1: ['operator_approval'],
      T2: ['critic>=0.8', 'operator_approval'],
      T3: T3_NEEDS,
    },
  });
  expect((await drawPlan(REPLY_PLAN)).steps).toContain('reply(effect) < approve');
});

describe('where the policy puts writing into T0', () => {
  const T1_WITH_PEOPLE = { T1: ['operator_approval'], T2: ['critic>=0.8', 'operator_approval'], T3: T3_NEEDS };

  test('an answer is T0', async () => {
    await changePolicy(db, {
      risk_tiers: { ...TIERS, T0: ['READ', 'RESEARCH', 'RETRIEVE', 'DRAFT_REPLY'], T1: ['WRITE_DB', 'SUMMARIZE'] },
    });
    expect((await drawPlan(REPLY_PLAN)).tier).toBe('T0');
    expect((await drawPlan([makeNode('facts', 'researcher', 'RESEARCH')])).tier).toBe('T0');
  });

  test('and where it does not, research alone still takes the approval of the text that is drafted from it', async () => {
    await changePolicy(db, { approvals: T1_WITH_PEOPLE });
    const { tier, steps } = await drawPlan([makeNode('facts', 'researcher', 'RESEARCH')]);
    expect(tier).toBe('T1');
    expect(steps).toContain('reply(effect) < approve');
  });
});
