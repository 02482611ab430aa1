import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { approveTask, grant, HOLDER, loadTask, openStory, runToEnd, sendPart, settle } from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const granted = async (parts = 1) => grant(db, (await approveTask(db, { parts })).taskId, { parts });

test('done when every part has arrived: PUBLISH_OK with its messages, and the archive is next', async () => {
  const effect = await granted(2);
  const { taskId } = effect.held.task;
  for (const part of [1, 2]) await sendPart(db, effect.effectId, part, 'done');
  const { deliver } = await settle(db, effect, 'done');
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/archive` }));
  const [event] = await db.sql(`select payload_json as payload from public.events where task_id = $1 and type = 'PUBLISH_OK'`, [taskId]);
  expect(event).toMatchObject({ payload: { messages: [{ message_id: 9001 }, { message_id: 9002 }] } });
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
  expect((await listActions(db, taskId)).slice(-4)).toEqual(['effect.done', 'step.complete', 'step.complete', 'task.end']);
});

test('not done while a part is missing', async () => {
  const effect = await granted(2);
  await sendPart(db, effect.effectId, 1, 'done');
  await expect(settle(db, effect, 'done')).rejects.toMatchObject({ code: 'state_conflict', context: { done: 1, parts: 2 } });
});

test.each(['again', 'failed'] as const)('in doubt when a try has no end, though the caller says %s', async (outcome) => {
  const effect = await granted();
  await sendPart(db, effect.effectId, 1);
  const { deliver } = await settle(db, effect, outcome);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'doubt.show', id: effect.effectId }));
  expect(await loadTask(db, effect.held.task.taskId)).toMatchObject({
    status: 'held',
    heldReason: 'in_doubt',
    effects: [{ status: 'in_doubt' }],
  });
});

test('failed ends the task, and a second end is refused', async () => {
  const effect = await granted();
  await sendPart(db, effect.effectId, 1, 'refused');
  await settle(db, effect, 'failed');
  expect(await loadTask(db, effect.held.task.taskId)).toMatchObject({
    status: 'failed',
    failureCode: 'telegram_refused',
    effects: [{ status: 'failed' }],
  });
  await expect(settle(db, effect, 'failed')).rejects.toMatchObject({ code: 'lease_lost' });
});

test('again gives the grant back while nothing has landed, and leaves a record', async () => {
  const effect = await granted();
  await settle(db, effect, 'again');
  const task = await loadTask(db, effect.held.task.taskId);
  expect(task.effects).toMatchObject([{ status: 'void' }]);
  expect(await listActions(db, task.taskId)).toContain('effect.return');
});

test.each(['void', '', null])('an end that is none is refused (%j)', async (outcome) => {
  const { held, effectId } = await granted();
  const args = { p_step_id: held.step.stepId, p_fence: held.step.fence, p_effect_id: effectId, p_outcome: outcome, p_note: null };
  const rest = { p_retry_after_ms: 0, p_worker: HOLDER.worker, p_lease_seconds: 60 };
  await expect(db.rpc('ags_worker').call('settle_effect', { ...args, ...rest }, z.unknown())).rejects.toMatchObject({
    code: 'input_invalid',
  });
});

test('only the effect of the step in hand is settled', async () => {
  const [mine, other] = [await granted(), await granted()];
  await expect(settle(db, { held: mine.held, effectId: other.effectId }, 'failed')).rejects.toMatchObject({ code: 'not_found' });
});
