import { afterAll, expect, test } from 'vitest';
import { recordCall } from '../../../src/store/calls.ts';
import { sweep } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { cancelTask, claimTaskView, postponeTaskView } from '../../../src/store/tasks.ts';
import { approve, approveTask, askTask, grant, loadTask, openStory, planTask, runUntil, startTask } from '../../support/stories.ts';
import { listActions, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const bot = db.rpc('ags_bot');
const due = async (job: string, patienceMs = 30_000) =>
  (await sweep(worker, patienceMs)).deliver.filter((delivery) => delivery.job === job);
const ageRequest = (reference: string, column: 'expires_at' | 'remind_at' | 'escalate_at') =>
  db.sql(`update public.approval_requests set ${column} = now() - interval '1 second' where reference = $1`, [reference]);

test('a step whose nudge was lost is nudged again, under a new number, once per wait', async () => {
  const taskId = await startTask(db);
  expect(await due('step.run')).toEqual([]);
  await db.sql(`update public.task_steps set woken_at = now() - interval '1 minute' where task_id = $1`, [taskId]);
  expect(await due('step.run')).toEqual([{ job: 'step.run', id: `${taskId}/plan`, seq: 2, delayMs: 0 }]);
  expect(await due('step.run')).toEqual([]);
  await cancelTask(bot, { taskId, externalId: PEOPLE.operator, reason: '' });
});

test('a request that nobody has shown is nudged again, but not while stopped', async () => {
  const taskId = await planTask(db);
  await runUntil(db, taskId, () => false);
  await db.sql(`update public.approval_requests set woken_at = now() - interval '1 minute' where task_id = $1`, [taskId]);
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: '', scope: 'effects' });
  expect(await due('request.show')).toEqual([]);
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  expect(await due('request.show')).toHaveLength(1);
  expect(await due('request.show')).toEqual([]);
});

test('a reminder and an escalation come once each', async () => {
  const { reference, request } = await askTask(db);
  await ageRequest(reference, 'remind_at');
  expect(await due('request.remind')).toEqual([{ job: 'request.remind', id: request.requestId, seq: 1, delayMs: 0 }]);
  await ageRequest(reference, 'escalate_at');
  expect(await due('request.remind')).toEqual([{ job: 'request.remind', id: request.requestId, seq: 2, delayMs: 0 }]);
  expect(await due('request.remind')).toEqual([]);
});

test('a call whose nudge was lost is nudged again, until somebody says that it came through', async () => {
  const { reference, request } = await askTask(db);
  const silence = () =>
    db.sql(`update public.approval_requests set called_at = now() - interval '1 minute' where reference = $1`, [reference]);
  const nudge = { job: 'request.remind', id: request.requestId, seq: 2, delayMs: 0 };
  await ageRequest(reference, 'remind_at');
  await ageRequest(reference, 'escalate_at');
  expect(await due('request.remind')).toEqual([nudge]);
  expect(await due('request.remind')).toEqual([]);
  await silence();
  expect(await due('request.remind')).toEqual([nudge]);
  await recordCall(worker, request.requestId, 2);
  await silence();
  expect(await due('request.remind')).toEqual([]);
});

test('a request that nobody decided expires, and its task with it', async () => {
  const { taskId, reference } = await askTask(db);
  await ageRequest(reference, 'expires_at');
  await sweep(worker, 30_000);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'expired', requests: [{ status: 'expired' }] });
  expect(await listActions(db, taskId)).toEqual(expect.arrayContaining(['approval.expire', 'task.end']));
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'expired' });
});

test('an approval that let nothing out in time expires too; one that was used does not', async () => {
  const unused = await approveTask(db);
  const used = await approveTask(db);
  await grant(db, used.taskId);
  for (const { reference } of [unused, used]) await ageRequest(reference, 'expires_at');
  await sweep(worker, 30_000);
  expect(await loadTask(db, unused.taskId)).toMatchObject({ status: 'expired' });
  expect(await loadTask(db, used.taskId)).toMatchObject({ status: 'running', requests: [{ status: 'approved' }] });
});

test('a cancelled task stays cancelled when its old approval runs out', async () => {
  const { taskId, reference } = await approveTask(db);
  await cancelTask(bot, { taskId, externalId: PEOPLE.operator, reason: '' });
  await ageRequest(reference, 'expires_at');
  await sweep(worker, 30_000);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'cancelled' });
});

test('a message that is out of date is asked for until somebody has redrawn it', async () => {
  const taskId = await planTask(db);
  await db.sql(`update public.tasks set show_requested_at = null`);
  await db.sql(`update public.tasks set show_requested_at = now() - interval '1 minute' where task_id = $1`, [taskId]);
  expect(await due('task.show')).toMatchObject([{ id: taskId }]);
  expect(await claimTaskView(worker, taskId, 1000)).toMatchObject({ waitMs: 0, task: { taskId } });
  expect(await claimTaskView(worker, taskId, 1000)).toBeNull();
  expect(await due('task.show')).toEqual([]);
});

test('a message redrawn a moment ago has to wait', async () => {
  const taskId = await planTask(db);
  await claimTaskView(worker, taskId, 60_000);
  await db.sql(`update public.tasks set show_requested_at = now() where task_id = $1`, [taskId]);
  const answer = await claimTaskView(worker, taskId, 60_000);
  expect(answer?.task).toBeNull();
  expect(answer?.waitMs).toBeGreaterThan(50_000);
});

test('a redraw that is put off stands for all that changes until then, is not taken for a lost one, and an end does not wait for it', async () => {
  const taskId = await planTask(db);
  await claimTaskView(worker, taskId, 0);
  expect((await postponeTaskView(worker, taskId, 40_000)).deliver).toMatchObject([{ job: 'task.show', id: taskId, delayMs: 40_000 }]);
  await db.sql(`select public._changed($1)`, [taskId]);
  expect((await due('task.show', 0)).filter(({ id }) => id === taskId)).toEqual([]);
  const ended = await cancelTask(bot, { taskId, externalId: PEOPLE.operator, reason: '' });
  expect(ended.deliver.filter(({ job }) => job === 'task.show')).toMatchObject([{ id: taskId, delayMs: 300 }]);
  expect(await claimTaskView(worker, taskId, 0)).toMatchObject({ task: { status: 'cancelled' } });
  expect(await claimTaskView(worker, taskId, 0)).toBeNull();
});
