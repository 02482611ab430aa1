import { afterAll, expect, test } from 'vitest';
import { claimStep, failStep, waitStep } from '../../../src/store/steps.ts';
import { claim, finishWork, HOLDER, loadTask, openStory, planTask, startTask } from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const TOOL = { waitsFor: 'engine:default', delayMs: 60_000 };

const makeDue = (stepId: string) => db.sql(`update public.task_steps set not_before = now() where step_id = $1`, [stepId]);
const readStep = async (stepId: string) =>
  (
    await db.sql(
      'select status, attempt_count, waits_for, waits_since is not null as is_counted from public.task_steps where step_id = $1',
      [stepId],
    )
  )[0];

async function claimDue(stepId: string) {
  await makeDue(stepId);
  const { step } = await claim(db, stepId);
  return { stepId, fence: step.fence };
}

test('it is no try, however often; the task says what it waits for, and nobody takes it before it is due', async () => {
  const taskId = await startTask(db);
  const stepId = `${taskId}/plan`;
  for (let look = 1; look <= 5; look += 1) {
    const { status, deliver } = await waitStep(worker, await claimDue(stepId), TOOL);
    expect(status).toBe('ready');
    expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: stepId, delayMs: 60_000 }));
    expect(deliver.some(({ job }) => job === 'task.show')).toBe(look === 1);
  }
  expect(await claimStep(worker, stepId, HOLDER)).toBeNull();
  expect(await readStep(stepId)).toEqual({ status: 'ready', attempt_count: 0, waits_for: 'engine:default', is_counted: true });
  expect((await loadTask(db, taskId)).steps[0]).toMatchObject({ status: 'ready', waitsFor: 'engine:default' });
  expect((await listActions(db, taskId)).filter((action) => action === 'step.wait')).toHaveLength(1);
});

test('a try that fails afterwards is still one of three; an end in good order forgets the wait', async () => {
  const taskId = await planTask(db);
  const stepId = `${taskId}/act`;
  const held = await claim(db, stepId);
  await waitStep(worker, { stepId, fence: held.step.fence }, TOOL);
  await failStep(worker, { ...(await claimDue(stepId)), code: 'agent_failed', message: 'no', isRetryable: true });
  expect(await readStep(stepId)).toMatchObject({ status: 'ready', attempt_count: 1 });
  await makeDue(stepId);
  await finishWork(db, await claim(db, stepId));
  expect(await readStep(stepId)).toEqual({ status: 'done', attempt_count: 2, waits_for: null, is_counted: false });
});

test('after a day of it the task fails with the reason', async () => {
  const taskId = await startTask(db);
  const stepId = `${taskId}/plan`;
  await waitStep(worker, await claimDue(stepId), TOOL);
  await db.sql(`update public.task_steps set waits_since = now() - interval '23 hours 59 minutes' where step_id = $1`, [stepId]);
  expect(await waitStep(worker, await claimDue(stepId), TOOL)).toMatchObject({ status: 'ready' });
  await db.sql(`update public.task_steps set waits_since = now() - interval '24 hours 1 second' where step_id = $1`, [stepId]);
  expect(await waitStep(worker, await claimDue(stepId), TOOL)).toMatchObject({ status: 'failed' });
  expect(await loadTask(db, taskId)).toMatchObject({
    status: 'failed',
    failureCode: 'engine_unavailable',
    failureMessage: 'it waited a day in vain for engine:default',
  });
});

test('only whoever holds the step may let it wait, and only for something with a name', async () => {
  const taskId = await startTask(db);
  const held = await claimDue(`${taskId}/plan`);
  await expect(waitStep(worker, { ...held, fence: held.fence - 1 }, TOOL)).rejects.toMatchObject({ code: 'lease_lost' });
  await expect(waitStep(worker, held, { ...TOOL, waitsFor: '' })).rejects.toMatchObject({ code: 'input_invalid' });
  await expect(waitStep(worker, held, { ...TOOL, delayMs: 0 })).rejects.toMatchObject({ code: 'input_invalid' });
});
