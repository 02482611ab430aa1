import { afterAll, beforeEach, expect, test } from 'vitest';
import { explainTask } from '../../../src/store/tasks.ts';
import { putInForce, startAfresh, tiers } from '../../support/policy-stories.ts';
import {
  approve,
  approveTask,
  ask,
  askTask,
  authorize,
  claim,
  FULL_MARKS,
  grant,
  handInPlan,
  loadTask,
  makeNode,
  openRequest,
  openStory,
  PUBLISH_PLAN,
  planTask,
  REPLY_PLAN,
  runToEnd,
  runUntilKind,
  sendPart,
  settle,
  startTask,
} from '../../support/stories.ts';
import { listActions, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
let base = 0;
beforeEach(async () => {
  base = await startAfresh(db);
});

const STRICTER_CRITIC = {
  approvals: { T2: ['critic>=0.95', 'operator_approval'], T3: ['critic>=0.95', 'operator_approval', 'owner_approval', 'dry_run_required'] },
};
const EIGHT_POINTS = { ...FULL_MARKS, clarity: 1 as const };

test('a pending approval is void and asked anew under the new rules, with their tier and slots', async () => {
  const { taskId, reference } = await askTask(db);
  await putInForce(db, PUBLISH_IS_T3);
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({ tier: 'T3', policyVersion: base + 1, status: 'awaiting_approval' });
  expect(task.requests).toMatchObject([
    { reference, status: 'void' },
    { status: 'staging', tier: 'T3', slots: ['owner', 'operator'] },
  ]);
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({
    outcome: 'refused',
    code: 'replaced',
    request: { voidReason: `policy version ${base + 1} came into force` },
  });
  const asked = await ask(db, taskId);
  expect(asked.request).toMatchObject({ policyVersion: base + 1, tier: 'T3' });
  expect(await approve(db, asked.reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'recorded' });
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'approved' });
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done', effects: [{ status: 'done' }] });
  expect(await listActions(db, taskId)).toEqual(expect.arrayContaining(['policy.move', 'approval.void']));
  expect(await explainTask(db.rpc('ags_bot'), taskId)).toMatchObject({ chain: { isIntact: true } });
});

test('what was approved under the old version and has not been let out is never let out on it', async () => {
  const { taskId, reference } = await approveTask(db);
  const held = await claim(db, `${taskId}/publish`);
  await putInForce(db, { budgets: { task_tokens: 1000, task_usd: '1', day_usd: '1' } });
  // The worker that holds the step holds it no longer.
  await expect(authorize(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({
    status: 'awaiting_approval',
    policyVersion: base + 1,
    effects: [],
    requests: [{ reference, status: 'void' }, { status: 'staging' }],
  });
  const asked = await ask(db, taskId);
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'approved' });
  expect((await runToEnd(db, taskId)).effects).toMatchObject([{ status: 'done' }]);
});

test('a grant that gave up before anything left needs new approvals too', async () => {
  const { taskId } = await approveTask(db);
  const granted = await grant(db, taskId);
  await settle(db, granted, 'again');
  await putInForce(db, PUBLISH_IS_T3);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'awaiting_approval', tier: 'T3', effects: [{ status: 'void' }] });
});

test('what has been granted ends under the version that it was granted under', async () => {
  const { taskId } = await approveTask(db);
  const granted = await grant(db, taskId);
  await putInForce(db, PUBLISH_IS_T3);
  expect(await loadTask(db, taskId)).toMatchObject({ policyVersion: base, tier: 'T2', requests: [{ status: 'approved' }] });
  expect(await sendPart(db, granted.effectId, 1, 'done')).toMatchObject({ isGo: true });
  await settle(db, granted, 'done');
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done', policyVersion: base });
});

test('a task that runs keeps its version to the end, also when it asks people later', async () => {
  const taskId = await planTask(db);
  await putInForce(db, PUBLISH_IS_T3);
  const asked = await ask(db, taskId);
  expect(asked.request).toMatchObject({ policyVersion: base, tier: 'T2', slots: ['operator'] });
  await approve(db, asked.reference, PEOPLE.owner);
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done', policyVersion: base });
  const next = await askTask(db);
  expect(next.request).toMatchObject({ policyVersion: base + 1, tier: 'T3' });
});

test('a task that was given but not planned yet is planned under the version that it began under', async () => {
  const taskId = await startTask(db);
  await putInForce(db, PUBLISH_IS_T3);
  await handInPlan(db, await claim(db, `${taskId}/plan`), PUBLISH_PLAN);
  expect(await loadTask(db, taskId)).toMatchObject({ policyVersion: base, tier: 'T2' });
});

test('a request that nobody has been shown yet is asked anew as well', async () => {
  const taskId = await planTask(db);
  const request = await openRequest(db, taskId);
  await putInForce(db, PUBLISH_IS_T3);
  expect((await loadTask(db, taskId)).requests).toMatchObject([
    { reference: request.reference, status: 'void' },
    { status: 'staging', tier: 'T3' },
  ]);
});

test('what the new rules do not allow ends, with the reason', async () => {
  const { taskId, reference } = await askTask(db);
  await putInForce(db, tiers({ T2: ['SOCIAL_POST'] }));
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({
    status: 'failed',
    failureCode: 'plan_refused',
    failureMessage: `policy version ${base + 1} allows no PUBLISH`,
  });
  expect(task.requests).toMatchObject([{ reference, status: 'void' }]);
});

test('what nobody could approve under the new rules ends, with the reason', async () => {
  const { taskId } = await askTask(db, { by: PEOPLE.owner });
  await db.sql(
    `update public.person_roles set revoked_at = now(), revoked_by = 'tg:101' where person_id = public._person_of(${PEOPLE.secondOwner}) and role = 'owner'`,
  );
  // Another owner's task could be approved, this owner's own could not: nobody is locked out, and this one ends.
  await putInForce(db, PUBLISH_IS_T3);
  expect(await loadTask(db, taskId)).toMatchObject({
    status: 'failed',
    failureMessage: expect.stringContaining('T3 needs owner and operator'),
  });
});

test('the critic’s points are measured by the new bar', async () => {
  const { taskId } = await askTask(db, { critique: EIGHT_POINTS });
  await putInForce(db, STRICTER_CRITIC);
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({ status: 'held', heldReason: 'critic', policyVersion: base + 1 });
  const asked = await ask(db, taskId);
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
});

test('what the critic held back may be approved where the new bar is lower', async () => {
  await putInForce(db, STRICTER_CRITIC);
  const taskId = await planTask(db);
  await runUntilKind(db, taskId, 'critic', { critique: EIGHT_POINTS });
  // Twice back to the draft, then to people.
  await db.sql(
    `update public.task_steps set status = 'ready', worker = null, lease_expires_at = null where task_id = $1 and status = 'running'`,
    [taskId],
  );
  const asked = await ask(db, taskId, { critique: EIGHT_POINTS });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held' });
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ code: 'unmet' });
  await putInForce(db, {});
  const anew = await ask(db, taskId);
  expect(await approve(db, anew.reference, PEOPLE.owner)).toMatchObject({ outcome: 'approved' });
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
});

test('a change of the rules sends nothing by itself: what they would ask nobody about is asked under the old ones', async () => {
  const withGate = { T1: ['operator_approval'], ...STRICTER_CRITIC.approvals };
  await putInForce(db, { approvals: withGate });
  const { taskId, reference } = await askTask(db, { nodes: REPLY_PLAN });
  await putInForce(db, { approvals: STRICTER_CRITIC.approvals });
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({ status: 'awaiting_approval', policyVersion: base + 1, tier: 'T1', effects: [] });
  expect(task.requests).toMatchObject([
    { reference, status: 'void' },
    { status: 'staging', slots: ['operator'] },
  ]);
  const asked = await ask(db, taskId);
  await approve(db, asked.reference, PEOPLE.owner);
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
});

test('of two deliveries one is on its way: the other is asked anew, and both end under their version', async () => {
  const nodes = [
    makeNode('act', 'exec', 'DRAFT_REPLY'),
    makeNode('more', 'exec', 'DRAFT_REPLY'),
    makeNode('publish', 'communicator', 'PUBLISH', ['act']),
    makeNode('social', 'communicator', 'SOCIAL_POST', ['more']),
  ];
  const taskId = await planTask(db, { nodes });
  const first = await ask(db, taskId);
  await approve(db, first.reference, PEOPLE.owner);
  const held = await runUntilKind(db, taskId, 'effect');
  const { effect } = await authorize(db, held);
  await putInForce(db, PUBLISH_IS_T3);
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({ policyVersion: base, effects: [{ status: 'granted' }] });
  expect(task.requests.map(({ status }) => status).toSorted()).toEqual(['approved', 'staging', 'void']);
  await sendPart(db, effect?.effectId ?? '', 1, 'done');
  await settle(db, { held, effectId: effect?.effectId ?? '' }, 'done');
  const second = await ask(db, taskId);
  await approve(db, second.reference, PEOPLE.owner);
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done', effects: [{ status: 'done' }, { status: 'done' }] });
});

test('while stopped the rules may change; what waits is asked after the stop', async () => {
  const { taskId } = await askTask(db);
  await db.sql(`update public.stop_switch set generation = generation + 1, scope = 'effects', stopped_at = now(), stopped_by = 'tg:101'`);
  await putInForce(db, PUBLISH_IS_T3);
  expect((await loadTask(db, taskId)).requests).toMatchObject([{ status: 'void' }, { status: 'staging', tier: 'T3' }]);
});
