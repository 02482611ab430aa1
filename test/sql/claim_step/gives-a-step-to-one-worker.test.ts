import { afterAll, expect, test } from 'vitest';
import { claimStep, failStep, releaseStep, renewLease } from '../../../src/store/steps.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { claim, HOLDER, openStory, startTask, toHeld } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');

test('whoever comes second gets nothing, and so does whoever asks for a step that does not exist', async () => {
  const held = await claim(db, `${await startTask(db)}/plan`);
  expect(held.step).toMatchObject({ kind: 'plan', agent: 'planner', fence: 1, attemptCount: 1 });
  expect(held.inputs).toMatchObject([{ nodeId: null, kind: 'input', content: 'Tell the channel about gold' }]);
  expect(await claimStep(worker, held.step.stepId, { worker: 'worker-2', leaseSeconds: 60 })).toBeNull();
  expect(await claimStep(worker, 'T-2025-01-01-0001/plan', HOLDER)).toBeNull();
});

test('a released step may be taken again, does not count as a try, and the old fence is worth nothing', async () => {
  const first = await claim(db, `${await startTask(db)}/plan`);
  const { deliver } = await releaseStep(worker, toHeld(first), 0);
  expect(deliver).toMatchObject([{ job: 'step.run', id: first.step.stepId, seq: 2, delayMs: 0 }]);
  const second = await claim(db, first.step.stepId);
  expect(second.step.attemptCount).toBe(1);
  expect(second.step.fence).toBeGreaterThan(first.step.fence);
  expect(await renewLease(worker, toHeld(first), 60)).toEqual({ isHeld: false });
  expect(await renewLease(worker, toHeld(second), 60)).toEqual({ isHeld: true });
  await expect(releaseStep(worker, toHeld(first), 0)).rejects.toMatchObject({ code: 'lease_lost' });
});

test('a step that is to wait is not due before', async () => {
  const held = await claim(db, `${await startTask(db)}/plan`);
  await releaseStep(worker, toHeld(held), 60_000);
  expect(await claimStep(worker, held.step.stepId, HOLDER)).toBeNull();
  await db.sql(`update public.task_steps set not_before = now() - interval '1 second' where step_id = $1`, [held.step.stepId]);
  expect(await claimStep(worker, held.step.stepId, HOLDER)).not.toBeNull();
});

test('a task that is over gives nothing, and what was under way is lost', async () => {
  const taskId = await startTask(db);
  const held = await claim(db, `${taskId}/plan`);
  await cancelTask(db.rpc('ags_bot'), { taskId, externalId: PEOPLE.operator, reason: 'no' });
  expect(await claimStep(worker, held.step.stepId, HOLDER)).toBeNull();
  await expect(failStep(worker, { ...toHeld(held), code: 'internal', message: 'x', isRetryable: true })).rejects.toMatchObject({
    code: 'lease_lost',
  });
});
