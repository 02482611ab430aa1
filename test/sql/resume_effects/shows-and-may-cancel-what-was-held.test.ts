import { afterAll, beforeEach, expect, test } from 'vitest';
import { sweep } from '../../../src/store/steps.ts';
import { type ResumeChoice, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import {
  approveTask,
  askTask,
  authorize,
  grant,
  loadTask,
  openStory,
  planTask,
  REPLY_PLAN,
  runUntilKind,
  sendPart,
  startTask,
} from '../../support/stories.ts';
import { lastRecord, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const stop = (scope: 'effects' | 'all' = 'effects') => stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'wrong prices', scope });
const resume = (externalId: number, choice: ResumeChoice, reason = '') => resumeEffects(bot, { externalId, reason, choice });

beforeEach(async () => {
  await stop();
  await resume(PEOPLE.operator, 'cancel');
  await resume(PEOPLE.owner, 'cancel');
});

test('the stop answers with what was stopped before it, from its own transaction', async () => {
  expect(await stop()).toMatchObject({ wasStopped: false, wasScope: null });
  expect(await stop('all')).toMatchObject({ wasStopped: true, wasScope: 'effects', stop: { scope: 'all' } });
  expect(await stop()).toMatchObject({ wasStopped: true, wasScope: 'all', stop: { scope: 'all' } });
});

test('who asks is shown what goes on: what sends at once first, grants that never left, and the queues', async () => {
  const asked = await askTask(db);
  const { taskId: approved } = await approveTask(db);
  const granted = (await approveTask(db)).taskId;
  await grant(db, granted);
  const planned = await planTask(db);
  await stop();
  const { held, choice } = await resume(PEOPLE.operator, 'continue');
  expect(choice).toBe('continue');
  expect(held).toMatchObject({ taskCount: 4, leavingCount: 2, cancellableCount: 4, stepsReady: 2, cardsToShow: 0 });
  expect(held?.tasks.map(({ taskId, leavesAtOnce }) => [taskId, leavesAtOnce])).toEqual([
    [approved, true],
    [granted, true],
    [asked.taskId, false],
    [planned, false],
  ]);
  expect(held?.unsent).toMatchObject([{ taskId: granted, kind: 'post', tier: 'T2' }]);
});

test('a stop of everything also holds what is still being planned, and says so', async () => {
  const before = (await stop('all')).waiting;
  const taskId = await startTask(db);
  expect(await stop('all')).toMatchObject({ waiting: Number(before) + 1 });
  const { held } = await resume(PEOPLE.operator, 'continue');
  expect(held?.tasks).toContainEqual(expect.objectContaining({ taskId, tier: null, status: 'planning' }));
});

test('both want to go on: nothing is cancelled, and what waited is delivered', async () => {
  const taskId = await planTask(db);
  await stop();
  await resume(PEOPLE.operator, 'continue');
  const lifted = await resume(PEOPLE.owner, 'continue');
  expect(lifted).toMatchObject({ outcome: 'resumed', choice: 'continue', cancelled: [] });
  expect(lifted.deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/act` }));
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running' });
});

test.each<[string, ResumeChoice, ResumeChoice]>([
  ['the first', 'cancel', 'continue'],
  ['the second', 'continue', 'cancel'],
])('when %s chooses to cancel, what was held ends with the reason, and nothing of it is sent', async (_who, first, second) => {
  const { taskId } = await approveTask(db);
  const { effectId } = await grant(db, taskId);
  const held = await runUntilKind(db, (await approveTask(db)).taskId, 'effect');
  const waiting = await askTask(db);
  const reply = await planTask(db, { nodes: REPLY_PLAN });
  await stop();
  await resume(PEOPLE.operator, first, 'the prices were wrong');
  const lifted = await resume(PEOPLE.owner, second);
  expect(lifted).toMatchObject({ outcome: 'resumed', choice: 'cancel' });
  expect(lifted.cancelled.toSorted()).toEqual([taskId, held.step.taskId, waiting.taskId].toSorted());
  for (const cancelled of lifted.cancelled) {
    const task = await loadTask(db, cancelled);
    expect(task).toMatchObject({ status: 'cancelled' });
    expect(task.failureMessage).toBe('held by the stop and cancelled when it was lifted: the prices were wrong');
  }
  expect(await sendPart(db, effectId, 1)).toMatchObject({ isGo: false, code: 'not_granted' });
  await expect(authorize(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await loadTask(db, reply)).toMatchObject({ status: 'running' });
  expect((await lastRecord(db, 'system')).after).toMatchObject({
    held: 'cancel',
    reason: 'the prices were wrong',
    cancelled: lifted.cancelled,
  });
});

test('a part that was on its way when it was cancelled is settled as it ends, not forgotten', async () => {
  const { taskId } = await approveTask(db);
  const { effectId } = await grant(db, taskId);
  await sendPart(db, effectId, 1);
  await stop();
  await resume(PEOPLE.operator, 'cancel');
  await resume(PEOPLE.owner, 'cancel');
  await db.sql(`update public.tasks set ended_at = now() - interval '1 minute' where task_id = $1`, [taskId]);
  const { deliver } = await sweep(db.rpc('ags_worker'), 15_000);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'doubt.show', id: effectId }));
});

test('a second stop forgets the choice with the word that it was given with', async () => {
  const taskId = await planTask(db);
  await stop();
  await resume(PEOPLE.operator, 'cancel');
  await stop();
  await resume(PEOPLE.operator, 'continue');
  expect(await resume(PEOPLE.owner, 'continue')).toMatchObject({ outcome: 'resumed', cancelled: [] });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running' });
});
