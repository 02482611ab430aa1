import { afterAll, beforeEach, expect, test } from 'vitest';
import { sweep } from '../../../src/store/steps.ts';
import { heartbeat, listSilentHolders } from '../../../src/store/stop.ts';
import { approveTask, claim, grant, HOLDER, openStory, sendPart, startTask } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const list = () => listSilentHolders(db.rpc('ags_bot'));
const HOLDING = HOLDER.worker;
const beat = () => heartbeat(worker, { worker: HOLDING, roles: 'worker', generationSeen: 1 });
const silence = () => db.sql(`update public.workers set seen_at = now() - interval '31 seconds'`);
const loseLease = (taskId: string) =>
  db.sql(`update public.task_steps set lease_expires_at = now() - interval '1 second' where task_id = $1 and status = 'running'`, [taskId]);
beforeEach(async () => {
  await db.sql('delete from public.workers');
  await db.sql(`update public.task_steps set status = 'ready', worker = null, lease_expires_at = null where status = 'running'`);
});

test('a worker that lives is not named, one that fell silent with a step in hand is', async () => {
  const taskId = await startTask(db);
  const { step } = await claim(db, `${taskId}/plan`);
  await beat();
  expect(await list()).toEqual([]);
  await silence();
  expect(await list()).toMatchObject([{ worker: HOLDING, seenAt: expect.any(String), stepIds: [step.stepId] }]);
});

test('one whose row a sweep has taken away is named, as long as nobody has taken its step back', async () => {
  const taskId = await startTask(db);
  await claim(db, `${taskId}/plan`);
  await beat();
  await silence();
  await sweep(worker, 30_000);
  expect(await list()).toEqual([{ worker: HOLDING, seenAt: null, stepIds: [`${taskId}/plan`] }]);
  await loseLease(taskId);
  await sweep(worker, 30_000);
  expect(await list()).toEqual([]);
});

test('one that began to send is named after its step was taken back, until it is known whether that arrived', async () => {
  const { taskId } = await approveTask(db);
  const { effectId } = await grant(db, taskId);
  await sendPart(db, effectId, 1);
  await loseLease(taskId);
  await sweep(worker, 30_000);
  expect(await list()).toEqual([{ worker: HOLDING, seenAt: null, stepIds: [`${taskId}/publish`] }]);
  await db.sql(`update public.effect_attempts set status = 'void', settled_at = now() where effect_id = $1`, [effectId]);
  expect(await list()).toEqual([]);
});
