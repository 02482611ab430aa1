import { afterAll, expect, test } from 'vitest';
import { claimUpdates, recordUpdates } from '../../../src/store/inbox.ts';
import { takeOver } from '../../../src/store/steps.ts';
import { heartbeat, listWorkers } from '../../../src/store/stop.ts';
import {
  approveTask,
  claim,
  finishWork,
  grant,
  HOLDER,
  loadTask,
  openStory,
  planTask,
  sendPart,
  startTask,
} from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const NEXT = 'worker-2';

test('a step of another process is ready at once and nudged; the old hold is worth nothing', async () => {
  const taskId = await startTask(db);
  const held = await claim(db, `${taskId}/plan`);
  const { deliver } = await takeOver(worker, NEXT);
  expect(deliver).toContainEqual({ job: 'step.run', id: `${taskId}/plan`, seq: 2, delayMs: 0 });
  await expect(finishWork(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
});

test('what the caller holds itself stays', async () => {
  const taskId = await startTask(db);
  await claim(db, `${taskId}/plan`);
  const { deliver } = await takeOver(worker, HOLDER.worker);
  expect(deliver.filter(({ id }) => id.startsWith(taskId))).toEqual([]);
  expect((await loadTask(db, taskId)).steps[0]?.status).toBe('running');
});

test('a part that had begun to leave is in doubt, not free', async () => {
  const { taskId } = await approveTask(db);
  const { effectId } = await grant(db, taskId);
  await sendPart(db, effectId, 1);
  const { deliver } = await takeOver(worker, NEXT);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'doubt.show', id: effectId }));
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', effects: [{ status: 'in_doubt' }] });
});

test('an update that another process was handling is handled by the next one', async () => {
  await recordUpdates(bot, 'telegram', [{ externalId: '1', chatKey: '7', isUrgent: false, payload: { update_id: 1 } }]);
  await claimUpdates(bot, { worker: 'worker-1', limit: 5, leaseSeconds: 180 });
  expect(await claimUpdates(bot, { worker: NEXT, limit: 5, leaseSeconds: 180 })).toEqual([]);
  await takeOver(worker, NEXT);
  expect(await claimUpdates(bot, { worker: NEXT, limit: 5, leaseSeconds: 180 })).toMatchObject([{ externalId: '1', attemptCount: 2 }]);
});

test('the processes that are gone are no longer waited for, and what they were showing is shown again', async () => {
  await heartbeat(worker, { worker: 'worker-1', roles: 'worker', generationSeen: 1 });
  const taskId = await planTask(db);
  await db.sql('update public.tasks set show_requested_at = null, shown_at = now() where task_id = $1', [taskId]);
  const { deliver } = await takeOver(worker, NEXT);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'task.show', id: taskId }));
  expect(await listWorkers(bot)).toEqual([]);
});
