import { afterAll, afterEach, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import type { Work } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import {
  approve,
  approveTask,
  ask,
  authorize,
  claim,
  type GrantOverrides,
  grant,
  handInCritique,
  openStory,
  planTask,
  REPLY_PLAN,
  runUntilKind,
  settle,
} from '../../support/stories.ts';
import {
  changePolicy,
  lastRecord,
  makeArtifact,
  PEOPLE,
  PLACES,
  PUBLISH_IS_T3,
  restoreRoles,
  revokeRole,
} from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
afterEach(() => restoreRoles(db));

const ready = async (): Promise<Work> => claim(db, `${(await approveTask(db)).taskId}/publish`);

async function expectRefusal(held: Work, reasons: string[], overrides: GrantOverrides = {}) {
  expect(await authorize(db, held, overrides)).toMatchObject({ verdict: 'refused', reasons, effect: null });
  expect(await db.sql('select 1 from public.effects where step_id = $1', [held.step.stepId])).toEqual([]);
  expect(await lastRecord(db, held.task.taskId)).toMatchObject({ action: 'effect.refuse', after: { reasons } });
}

test('other bytes', async () => {
  await expectRefusal(await ready(), ['critic', 'approved_something_else'], { checksum: 'f'.repeat(64) });
});

test('another target, or another topic in it', async () => {
  await expectRefusal(await ready(), ['target', 'approved_something_else'], { target: { chatId: PLACES.admin, topicId: null } });
  await expectRefusal(await ready(), ['target', 'approved_something_else'], { target: { chatId: PLACES.signals, topicId: 17 } });
});

test('fewer or more parts than were judged', async () => {
  await expectRefusal(await ready(), ['parts'], { partCount: 2 });
});

test('an approval that is out of time', async () => {
  const held = await ready();
  await db.sql(`update public.approval_requests set expires_at = now() - interval '1 second' where task_id = $1`, [held.task.taskId]);
  await expectRefusal(held, ['expired']);
});

test('an approver who lost the role since', async () => {
  const held = await ready();
  await revokeRole(db, PEOPLE.owner);
  await expectRefusal(held, ['approvals']);
});

test('T3: two decisions of which one has lost its ground', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const held = await ready();
  await revokeRole(db, PEOPLE.secondOperator);
  await expectRefusal(held, ['approvals']);
  await changePolicy(db);
});

test('a decision that was given over other bytes', async () => {
  const held = await ready();
  await db.sql(`update public.approvals set artifact_checksum = repeat('e', 64) where task_id = $1`, [held.task.taskId]);
  await expectRefusal(held, ['approvals', 'requirements']);
});

test('a critic who judged something else, or did not pass it', async () => {
  const held = await ready();
  await db.sql(
    `update public.task_steps set verdict = verdict || '{"passed": false, "has_veto": true}' where task_id = $1 and kind = 'critic'`,
    [held.task.taskId],
  );
  await expectRefusal(held, ['critic', 'requirements']);
});

test('no approval at all', async () => {
  const held = await ready();
  await db.sql(`update public.approval_requests set status = 'void', void_reason = 'test' where task_id = $1`, [held.task.taskId]);
  await expectRefusal(held, ['approvals']);
});

test('a requirement that is no longer met', async () => {
  const held = await ready();
  await db.sql(`update public.approval_requests set staging_problem = 'the text differs' where task_id = $1`, [held.task.taskId]);
  await expectRefusal(held, ['requirements']);
});

test('a task that is held', async () => {
  const held = await ready();
  await db.sql(`update public.tasks set status = 'held', held_reason = 'in_doubt' where task_id = $1`, [held.task.taskId]);
  await expectRefusal(held, ['task_not_running']);
});

test('a stop, which is no refusal: the step goes back and waits', async () => {
  const held = await ready();
  await stopEffects(db.rpc('ags_bot'), { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
  expect(await authorize(db, held)).toEqual({ verdict: 'stopped', reasons: ['stopped'], effect: null });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(db.rpc('ags_bot'), { externalId, reason: '' });
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
});

test('a fence of somebody who lost the step, and a step that acts nowhere', async () => {
  const held = await ready();
  await expect(authorize(db, held, { fence: held.step.fence - 1 })).rejects.toMatchObject({ code: 'lease_lost' });
  const plan = await claim(db, `${await planTask(db)}/act`);
  await expect(authorize(db, plan, { checksum: 'f'.repeat(64), partCount: 1 })).rejects.toMatchObject({ code: 'state_conflict' });
});

test('a grant for the bytes of an earlier version does not stand in for those of a later one', async () => {
  const { taskId, reference } = await approveTask(db);
  const first = await grant(db, taskId);
  await settle(db, first, 'again');
  await editRequest(db.rpc('ags_bot'), { reference, externalId: PEOPLE.operator, artifact: makeArtifact('edited.md', 'draft', 'Better') });
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'));
  await approve(db, (await ask(db, taskId)).reference, PEOPLE.owner);
  const held = await claim(db, `${taskId}/publish`);
  const old = first.held.post?.checksum;
  expect(await authorize(db, held, { checksum: old })).toMatchObject({
    verdict: 'refused',
    reasons: ['critic', 'approved_something_else'],
  });
  const second = await authorize(db, held);
  expect(second).toMatchObject({ verdict: 'go', effect: { staged: [{ messageId: 201 }] } });
  expect(second.effect?.effectId).not.toBe(first.effectId);
});

test('an answer borrows no staged copy from a version that was edited away', async () => {
  const poor = {
    policy_compliance: 1,
    evidence_cited: 0,
    factuality: 0,
    clarity: 0,
    risk_flags: 1,
    red_flags: [],
    comments: 'no',
  } as const;
  await changePolicy(db, { quality: { pass_points: 7, max_revisions: 0 } });
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'), { critique: { ...poor, red_flags: [] } });
  const { reference } = await ask(db, taskId);
  await editRequest(db.rpc('ags_bot'), { reference, externalId: PEOPLE.operator, artifact: makeArtifact('edited.md', 'draft', 'Mine') });
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'));
  const held = await claim(db, `${taskId}/reply`);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go', effect: { staged: [] } });
});
