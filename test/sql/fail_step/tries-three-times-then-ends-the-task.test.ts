import { afterAll, expect, test } from 'vitest';
import { failStep } from '../../../src/store/steps.ts';
import { claim, loadTask, openStory, startTask, toHeld } from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const makeDue = (stepId: string) => db.sql('update public.task_steps set not_before = null where step_id = $1', [stepId]);

test('a failure that may pass is tried again within its backoff, three times in all, then set aside', async () => {
  const taskId = await startTask(db);
  const stepId = `${taskId}/plan`;
  for (const [attempt, mostMs] of [
    [1, 1001],
    [2, 2001],
  ] as const) {
    const held = await claim(db, stepId);
    expect(held.step.attemptCount).toBe(attempt);
    const { status, deliver } = await failStep(worker, {
      ...toHeld(held),
      code: 'engine_unavailable',
      message: 'no answer',
      isRetryable: true,
    });
    expect(status).toBe('ready');
    const [job] = deliver;
    expect(job).toMatchObject({ job: 'step.run', id: stepId, seq: attempt + 1 });
    expect(job?.delayMs).toBeLessThanOrEqual(mostMs);
    await makeDue(stepId);
  }
  const held = await claim(db, stepId);
  expect(await failStep(worker, { ...toHeld(held), code: 'engine_unavailable', message: 'no answer', isRetryable: true })).toMatchObject({
    status: 'quarantined',
  });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'failed', failureCode: 'engine_unavailable', failureMessage: 'no answer' });
  expect(await listActions(db, taskId)).toEqual(['task.create', 'step.fail', 'step.fail', 'step.fail', 'task.end']);
  expect(await db.sql(`select 1 as is_raised from public.events where task_id = $1 and type = 'INCIDENT_RAISED'`, [taskId])).toHaveLength(
    1,
  );
});

test('a failure that will not pass ends the task at once', async () => {
  const taskId = await startTask(db);
  const held = await claim(db, `${taskId}/plan`);
  expect(await failStep(worker, { ...toHeld(held), code: 'plan_invalid', message: 'no', isRetryable: false })).toMatchObject({
    status: 'failed',
  });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'failed', failureCode: 'plan_invalid' });
  await expect(failStep(worker, { ...toHeld(held), code: 'plan_invalid', message: 'no', isRetryable: false })).rejects.toMatchObject({
    code: 'lease_lost',
  });
});
