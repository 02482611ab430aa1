import { afterAll, afterEach, expect, test } from 'vitest';
import { createTask } from '../../../src/store/tasks.ts';
import {
  claim,
  handInPlan,
  loadTask,
  makeNode,
  openStory,
  type PlanOptions,
  PUBLISH_PLAN,
  REPLY_PLAN,
  startTask,
} from '../../support/stories.ts';
import { changePolicy, listActions, makeArtifact, PEOPLE, PUBLISH_IS_T3, restoreRoles, revokeRole } from '../../support/story-world.ts';

const DEFAULT_TIERS = {
  T0: ['READ', 'RESEARCH', 'RETRIEVE'],
  T1: ['WRITE_DB', 'SUMMARIZE', 'DRAFT_REPLY'],
  T2: ['PUBLISH', 'SOCIAL_POST'],
  T3: ['TRADE', 'PAYMENT', 'WITHDRAWAL'],
};

const db = await openStory();
afterAll(() => db.close());
afterEach(() => restoreRoles(db));

async function propose(by: number, nodes = PUBLISH_PLAN, options: PlanOptions = {}) {
  const held = await claim(db, `${await startTask(db, { by })}/plan`);
  const answer = await handInPlan(db, held, nodes, options);
  return { ...answer, task: await loadTask(db, held.task.taskId) };
}

test('an action without an executor ends the task with that reason', async () => {
  const nodes = [makeNode('trade', 'trader', 'TRADE')];
  const { outcome, reasons, task } = await propose(PEOPLE.operator, nodes, {
    executors: ['PUBLISH'],
    channels: { trade: { chat_id: 1, topic_id: null } },
  });
  expect({ outcome, reasons }).toEqual({ outcome: 'refused', reasons: ['no broker is connected, so trades are refused'] });
  expect(task).toMatchObject({
    status: 'failed',
    failureCode: 'plan_refused',
    failureMessage: 'no broker is connected, so trades are refused',
  });
  expect(await listActions(db, task.taskId)).toEqual(['task.create', 'step.complete', 'plan.refuse', 'task.end']);
});

test('an action that a policy names and nothing here does is not ticked off as if it had been done', async () => {
  await changePolicy(db, { risk_tiers: { ...DEFAULT_TIERS, T1: [...DEFAULT_TIERS.T1, 'SEND_EMAIL'] } });
  const { outcome, reasons } = await propose(PEOPLE.operator, [makeNode('mail', 'exec', 'SEND_EMAIL')], { executors: ['PUBLISH'] });
  expect({ outcome, reasons }).toEqual({ outcome: 'refused', reasons: ['nothing here can carry out SEND_EMAIL'] });
  await changePolicy(db);
});

test('a post without a channel has no place to go', async () => {
  expect(await propose(PEOPLE.operator, PUBLISH_PLAN, { channels: {} })).toMatchObject({
    outcome: 'refused',
    reasons: ['there is no place to send PUBLISH to'],
  });
});

test('an answer to a program that has no chat goes where the process says, or nowhere', async () => {
  const ask = async (key: string, channels: PlanOptions['channels']) => {
    const { taskId } = await createTask(db.rpc('ags_bot'), {
      source: 'webhook',
      sourceKey: key,
      actor: 'webhook:tradingview',
      externalId: null,
      goal: 'A signal',
      input: makeArtifact('input.md', 'input', 'A signal'),
      chatId: null,
      topicId: null,
      requestMessageId: null,
    });
    return handInPlan(db, await claim(db, `${taskId}/plan`), REPLY_PLAN, { channels });
  };
  expect(await ask('a', {})).toMatchObject({ outcome: 'refused', reasons: ['there is no chat to answer in'] });
  expect(await ask('b', { reply: { chat_id: -5, topic_id: null } })).toMatchObject({ outcome: 'accepted' });
});

test('T2 with nobody who may approve is refused', async () => {
  for (const who of [PEOPLE.owner, PEOPLE.secondOwner, PEOPLE.secondOperator]) await revokeRole(db, who);
  expect(await propose(PEOPLE.operator)).toMatchObject({ outcome: 'accepted' });
  const held = await claim(db, `${await startTask(db)}/plan`);
  await revokeRole(db, PEOPLE.operator);
  expect(await handInPlan(db, held, PUBLISH_PLAN)).toMatchObject({
    outcome: 'refused',
    reasons: [expect.stringContaining('not enough people')],
  });
});

test('T3 needs an operator and an owner besides the requester', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  expect(await propose(PEOPLE.operator)).toMatchObject({ outcome: 'accepted' });
  await revokeRole(db, PEOPLE.secondOwner);
  await revokeRole(db, PEOPLE.secondOperator);
  expect(await propose(PEOPLE.operator)).toMatchObject({ outcome: 'refused', reasons: [expect.stringContaining('besides the requester')] });
  expect(await propose(PEOPLE.owner)).toMatchObject({ outcome: 'refused' });
});

test('two people are enough for T3 where the policy lets the requester fill the operator slot', async () => {
  await changePolicy(db, { ...PUBLISH_IS_T3, separation: { T2: 'any', T3: 'operator' } });
  await revokeRole(db, PEOPLE.secondOwner);
  await revokeRole(db, PEOPLE.secondOperator);
  expect(await propose(PEOPLE.operator)).toMatchObject({ outcome: 'accepted' });
  await revokeRole(db, PEOPLE.operator);
  expect(await propose(PEOPLE.owner)).toMatchObject({ outcome: 'refused' });
});

test('one person is enough for T1 approvals, as for every tier without a rule of separation', async () => {
  await changePolicy(db, {
    approvals: {
      T1: ['operator_approval'],
      T2: ['critic>=0.8', 'operator_approval'],
      T3: ['critic>=0.9', 'operator_approval', 'owner_approval', 'dry_run_required'],
    },
  });
  for (const who of [PEOPLE.owner, PEOPLE.secondOwner, PEOPLE.secondOperator]) await revokeRole(db, who);
  expect(await propose(PEOPLE.operator, REPLY_PLAN)).toMatchObject({ outcome: 'accepted' });
});
