import { afterAll, expect, test } from 'vitest';
import { sweep } from '../../../src/store/steps.ts';
import { heartbeat } from '../../../src/store/stop.ts';
import { cancelTask, claimTaskView, postponeTaskView } from '../../../src/store/tasks.ts';
import { approveTask, claim, finishWork, grant, loadTask, openStory, sendPart, settle, startTask } from '../../support/stories.ts';
import { listActions, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const PATIENCE_MS = 30_000;
const loseLease = (taskId: string) =>
  db.sql(`update public.task_steps set lease_expires_at = now() - interval '1 second' where task_id = $1 and status = 'running'`, [taskId]);
const age = (taskId: string) => db.sql(`update public.tasks set ended_at = now() - interval '1 hour' where task_id = $1`, [taskId]);
const effectOf = async (taskId: string) => (await loadTask(db, taskId)).effects[0];

test('a step whose lease ran out is ready again, and the old worker’s result is refused', async () => {
  const taskId = await startTask(db);
  const held = await claim(db, `${taskId}/plan`);
  expect((await sweep(worker, PATIENCE_MS)).deliver.filter(({ job }) => job === 'step.run')).toEqual([]);
  await loseLease(taskId);
  const { deliver } = await sweep(worker, PATIENCE_MS);
  expect(deliver).toContainEqual({ job: 'step.run', id: `${taskId}/plan`, seq: 2, delayMs: 0 });
  await expect(finishWork(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect((await claim(db, `${taskId}/plan`)).step.attemptCount).toBe(2);
  expect(await listActions(db, taskId)).toContain('step.lose');
});

test('a step that loses every worker is set aside, with an incident', async () => {
  const taskId = await startTask(db);
  for (let take = 1; take <= 4; take += 1) {
    await claim(db, `${taskId}/plan`);
    await loseLease(taskId);
    await sweep(worker, PATIENCE_MS);
  }
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'failed', failureCode: 'quarantined' });
  expect(await db.sql(`select 1 from public.events where task_id = $1 and type = 'INCIDENT_RAISED'`, [taskId])).toHaveLength(1);
});

test('an effect that had left is in doubt, and nobody takes the step', async () => {
  const { taskId } = await approveTask(db);
  const { effectId } = await grant(db, taskId);
  await sendPart(db, effectId, 1);
  await loseLease(taskId);
  const { deliver } = await sweep(worker, PATIENCE_MS);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'doubt.show', id: effectId }));
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', heldReason: 'in_doubt', effects: [{ status: 'in_doubt' }] });
  await expect(claim(db, `${taskId}/publish`)).rejects.toThrow('cannot be claimed');
  expect((await sweep(worker, PATIENCE_MS)).deliver).toContainEqual(expect.objectContaining({ job: 'doubt.show', id: effectId }));
});

test('an effect that had not begun goes to the next worker', async () => {
  const { taskId } = await approveTask(db);
  const { effectId } = await grant(db, taskId);
  await loseLease(taskId);
  const { deliver } = await sweep(worker, PATIENCE_MS);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/publish` }));
  expect(await effectOf(taskId)).toMatchObject({ effectId, status: 'granted' });
});

test.each([
  ['not begun', [], 'void'],
  ['landed in full', ['done', 'done'], 'done'],
  ['landed in part', ['done'], 'failed'],
  ['begun and without an end', ['done', undefined], 'in_doubt'],
] as const)('a grant whose task was cancelled: %s', async (_how, ends, status) => {
  const { taskId } = await approveTask(db, { parts: 2 });
  const { effectId } = await grant(db, taskId, { parts: 2 });
  for (const [index, end] of ends.entries()) await sendPart(db, effectId, index + 1, end);
  await cancelTask(db.rpc('ags_bot'), { taskId, externalId: PEOPLE.owner, reason: '' });
  await sweep(worker, PATIENCE_MS);
  expect(await effectOf(taskId)).toMatchObject({ status: 'granted' });
  await age(taskId);
  await sweep(worker, PATIENCE_MS);
  expect(await effectOf(taskId)).toMatchObject({ status });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'cancelled' });
});

test('a worker that comes back after the sweep settles nothing', async () => {
  const { taskId } = await approveTask(db);
  const lost = await grant(db, taskId);
  await loseLease(taskId);
  await sweep(worker, PATIENCE_MS);
  await expect(settle(db, lost, 'failed')).rejects.toMatchObject({ code: 'lease_lost' });
});

test('what a worker that is gone without a word was redrawing is drawn once more, and then not again', async () => {
  const taskId = await startTask(db);
  await heartbeat(worker, { worker: 'worker-lost', roles: 'worker', generationSeen: 1 });
  await postponeTaskView(worker, taskId, 0);
  expect(await claimTaskView(worker, taskId, 0)).toMatchObject({ task: { taskId } });
  const isToShow = async () => (await sweep(worker, PATIENCE_MS)).deliver.some(({ job, id }) => job === 'task.show' && id === taskId);
  expect(await isToShow()).toBe(false);
  await db.sql(`update public.tasks set shown_at = shown_at - interval '31 seconds' where task_id = $1`, [taskId]);
  await db.sql(`update public.workers set seen_at = seen_at - interval '31 seconds' where worker = 'worker-lost'`);
  expect(await isToShow()).toBe(true);
  expect(await claimTaskView(worker, taskId, 0)).toMatchObject({ task: { taskId } });
  expect(await isToShow()).toBe(false);
});
