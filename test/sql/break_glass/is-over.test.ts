import { afterAll, afterEach, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import { reviewBreakGlass } from '../../../src/store/break-glass.ts';
import { claimStep, releaseStep, sweep } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { askForGlass, forgetGlasses, letGlassRunOut, openGlass } from '../../support/break-glass.ts';
import {
  approveTask,
  askTask,
  authorize,
  claim,
  grant,
  HOLDER,
  loadTask,
  openStory,
  reject,
  sendPart,
  settle,
  toHeld,
} from '../../support/stories.ts';
import { listActions, makeArtifact, PEOPLE, PUBLISH_IS_T3, restoreRoles, revokeRole } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer } = PEOPLE;
const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
afterEach(async () => {
  await restoreRoles(db);
  await forgetGlasses(db);
});

const [bot, worker] = [db.rpc('ags_bot'), db.rpc('ags_worker')];
const review = (taskId: string, externalId: number, text = 'it was right') => reviewBreakGlass(bot, { externalId, taskId, text });
const stateOf = async (taskId: string) => (await loadTask(db, taskId)).breakGlasses.at(-1)?.status;

test('after 15 minutes the gate refuses, and people are asked anew in the ordinary way', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  const held = await claim(db, `${taskId}/publish`);
  await letGlassRunOut(db);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons: ['break_glass_over'] });
  await sweep(worker, 60_000);
  expect(await stateOf(taskId)).toBe('expired');
  const { requests, status } = await loadTask(db, taskId);
  expect(status).toBe('awaiting_approval');
  expect(requests.map((request) => request.status)).toEqual(['void', 'staging']);
  expect(requests[0]?.reference).toBe(reference);
});

test('one effect: what did not leave may go again within the 15 minutes, and not after them', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  const first = await grant(db, taskId);
  await sendPart(db, first.effectId, 1, 'refused');
  await settle(db, first, 'again');
  const again = await grant(db, taskId);
  expect(again.effectId).toBe(first.effectId);
  await sendPart(db, again.effectId, 1, 'refused');
  await settle(db, again, 'again');
  await letGlassRunOut(db);
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'refused', reasons: ['break_glass_over'] });
});

test('a second effect of the same task finds no glass', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  await grant(db, taskId);
  const [row] = await db.sql('select effect_id from public.effects where task_id = $1', [taskId]);
  const copy = `insert into public.effects (task_id, step_id, kind, tier, idempotency_key, artifact_checksum, target_chat_id, part_count, policy_version, generation, fence, status, settled_at, request_id, break_glass_id)
    select task_id, step_id, kind, 'T1', idempotency_key || 'x', artifact_checksum, target_chat_id, part_count, policy_version, generation, fence, 'failed', now(), null, break_glass_id from public.effects where effect_id = $1`;
  await expect(db.sql(copy, [row?.effect_id])).rejects.toThrow('effects_break_glass_used_once');
});

test('an edit after the opening makes it void; nothing goes out', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  await editRequest(bot, { reference, externalId: secondOperator, artifact: makeArtifact('edited.md', 'draft', 'Better') });
  expect(await stateOf(taskId)).toBe('void');
  expect(await loadTask(db, taskId)).toMatchObject({ effects: [] });
  expect(await listActions(db, taskId)).toContain('glass.void');
});

test('other bytes than those that were confirmed: refused, whatever the rows around it say', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  await db.sql(`update public.break_glasses set artifact_checksum = repeat('e', 64) where task_id = $1`, [taskId]);
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'refused', reasons: ['break_glass_over'] });
});

test('a denial after the opening wins until the grant; the task ends, and the glass with it', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  expect(await reject(db, reference, secondOperator)).toMatchObject({ outcome: 'rejected' });
  await sweep(worker, 60_000);
  expect(await stateOf(taskId)).toBe('void');
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'rejected', effects: [] });
  await forgetGlasses(db);
  const cancelled = await askTask(db, { by: operator });
  await openGlass(db, cancelled.taskId);
  await cancelTask(bot, { taskId: cancelled.taskId, externalId: owner, reason: 'no longer' });
  await sweep(worker, 60_000);
  expect(await stateOf(cancelled.taskId)).toBe('void');
});

test('a stop after the opening holds it, and its time goes on', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  const held = await claim(db, `${taskId}/publish`);
  await stopEffects(bot, { externalId: reviewer, reason: 'drill', scope: 'effects' });
  expect(await authorize(db, held)).toMatchObject({ verdict: 'stopped' });
  for (const externalId of [operator, owner]) await resumeEffects(bot, { externalId, reason: '' });
  await letGlassRunOut(db);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons: ['break_glass_over'] });
});

test('one of the two who holds no role any more no longer counts', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  const held = await claim(db, `${taskId}/publish`);
  await revokeRole(db, reviewer);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons: ['approvals'] });
});

test('until another owner has reviewed it: no further one, and whatever T3 is approved waits', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  expect(await review(taskId, secondOwner)).toMatchObject({ code: 'still_open' });
  await grant(db, taskId);
  expect(await loadSystemStatus(bot)).toMatchObject({ breakGlass: { taskId, status: 'used', isReviewOverdue: false } });
  const other = await askTask(db, { by: operator });
  expect(await askForGlass(db, other.taskId)).toMatchObject({ problem: expect.stringContaining('has not been reviewed yet') });
  const { taskId: approved } = await approveTask(db);
  const held = await claim(db, `${approved}/publish`);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'limited', reasons: ['review_due'] });
  await releaseStep(worker, toHeld(held), 60_000);
  expect(await claimStep(worker, held.step.stepId, HOLDER)).toBeNull();
  expect(await review(taskId, operator)).toMatchObject({ code: 'no_role' });
  expect(await review(taskId, owner)).toMatchObject({ code: 'opener' });
  expect(await review(taskId, secondOwner, ' ')).toMatchObject({ code: 'text_needed' });
  const done = await review(taskId, secondOwner);
  expect(done).toMatchObject({ code: null, deliver: expect.arrayContaining([expect.objectContaining({ job: 'change.show' })]) });
  expect(await review(taskId, secondOwner)).toMatchObject({ code: 'not_found' });
  expect(done.deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: held.step.stepId }));
  expect(await authorize(db, await claim(db, held.step.stepId))).toMatchObject({ verdict: 'go' });
  expect(await loadSystemStatus(bot)).toMatchObject({ breakGlass: null });
  expect(await listActions(db, taskId)).toContain('glass.review');
});

test('a review that is overdue is asked for once', async () => {
  const { taskId } = await askTask(db, { by: operator });
  const change = await openGlass(db, taskId);
  await grant(db, taskId);
  await db.sql(`update public.break_glasses set review_due_at = now() - interval '1 second' where task_id = $1`, [taskId]);
  const nudges = async () => (await sweep(worker, 60_000)).deliver.filter(({ job, id }) => job === 'change.show' && id === change.changeId);
  expect(await nudges()).not.toEqual([]);
  expect(await db.sql(`select 1 from public.events where task_id = $1 and type = 'INCIDENT_RAISED'`, [taskId])).toHaveLength(1);
  expect(await loadSystemStatus(bot)).toMatchObject({ breakGlass: { isReviewOverdue: true } });
  await db.sql('update public.changes set tell_requested_at = null');
  expect(await nudges()).toEqual([]);
});
