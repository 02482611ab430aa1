import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { reserveSpend, settleSpend } from '../../../src/store/budget.ts';
import { releaseStep, type Work } from '../../../src/store/steps.ts';
import { claim, loadTask, makeNode, openStory, planTask, startTask, toHeld } from '../../support/stories.ts';
import { lastRecord } from '../../support/story-world.ts';

const db = await openStory({ budgets: { task_tokens: 1000, task_usd: '1.00', day_usd: '2.00' } });
afterAll(() => db.close());
const worker = db.rpc('ags_worker');

let held: Work;
beforeEach(async () => {
  await db.sql('delete from public.engine_calls');
  await db.sql('delete from public.budget_days');
  held = await claim(db, `${await startTask(db)}/plan`);
});
const reserve = (tokens: number, costUsd: string, work = held) =>
  reserveSpend(worker, toHeld(work), { engine: 'default', tokens, costUsd });
const used = (callId: string | undefined, inputTokens: number, outputTokens: number, costUsd: string, outcome: 'ok' | 'failed' = 'ok') => ({
  callId: String(callId),
  engine: 'default',
  model: 'm',
  inputTokens,
  outputTokens,
  costUsd,
  latencyMs: 1,
  outcome,
});

test('what is set aside and not settled counts as spent', async () => {
  expect(await reserve(600, '0.1')).toMatchObject({ isGranted: true });
  expect(await reserve(401, '0.1')).toEqual({ isGranted: false, budget: 'task_tokens', limit: '1000' });
  expect(await lastRecord(db, held.task.taskId)).toMatchObject({
    action: 'budget.refuse',
    after: { budget: 'task_tokens', asked_tokens: 401 },
  });
  expect(await reserve(400, '0.1')).toMatchObject({ isGranted: true });
});

test('the money of a task, to the last digit', async () => {
  expect(await reserve(1, '0.9999999999')).toMatchObject({ isGranted: true });
  expect(await reserve(1, '0.0000000002')).toMatchObject({ isGranted: false, budget: 'task_usd' });
  expect(await reserve(1, '0.0000000001')).toMatchObject({ isGranted: true });
});

test('the money of a day is shared by all tasks', async () => {
  await reserve(1, '1');
  const second = await claim(db, `${await startTask(db)}/plan`);
  await reserve(1, '0.9', second);
  const third = await claim(db, `${await startTask(db)}/plan`);
  expect(await reserve(1, '0.2', third)).toMatchObject({ isGranted: false, budget: 'day_usd' });
});

/** Two steps of one task at work, `left` and `right`. */
async function openBranches(): Promise<[Work, Work]> {
  const nodes = [makeNode('left', 'researcher', 'RESEARCH'), makeNode('right', 'researcher', 'RESEARCH')];
  const taskId = await planTask(db, { nodes: [...nodes, makeNode('act', 'exec', 'DRAFT_REPLY', ['left', 'right'])] });
  return [await claim(db, `${taskId}/left`), await claim(db, `${taskId}/right`)];
}

describe('where only what another step has set aside stands against a call, the step is told to wait', () => {
  const refusals = () => db.sql(`select 1 from public.audit_logs where action = 'budget.refuse'`);

  test.each([
    ['task_tokens', 600, '0.1', '1000'],
    ['task_usd', 1, '0.6', '1.00'],
  ])('%s', async (budget, tokens, costUsd, limit) => {
    const before = await refusals();
    const [left, right] = await openBranches();
    const { callId } = await reserve(tokens, costUsd, left);
    expect(await reserve(tokens, costUsd, right)).toEqual({ isGranted: false, budget, limit, retryAfterMs: expect.any(Number) });
    expect(await refusals()).toEqual(before);
    await settleSpend(worker, used(callId, 1, 0, '0.01'));
    expect(await reserve(tokens, costUsd, right)).toMatchObject({ isGranted: true });
  });

  test('day_usd, beside other tasks, and nobody is alarmed', async () => {
    const { callId } = await reserve(1, '1');
    await reserve(1, '0.9', await claim(db, `${await startTask(db)}/plan`));
    const [left] = await openBranches();
    const incidents = () => db.sql(`select 1 from public.incidents where kind = 'budget_day'`);
    const before = await incidents();
    expect(await reserve(1, '0.2', left)).toEqual({ isGranted: false, budget: 'day_usd', limit: '2.00', retryAfterMs: expect.any(Number) });
    expect(await incidents()).toEqual(before);
    await settleSpend(worker, used(callId, 1, 0, '0.01'));
    expect(await reserve(1, '0.2', left)).toMatchObject({ isGranted: true });
  });

  test('the money of a day that is spent is not waited for', async () => {
    const { callId } = await reserve(1, '1');
    await settleSpend(worker, used(callId, 1, 0, '1.9'));
    const [left] = await openBranches();
    expect(await reserve(1, '0.2', left)).toEqual({ isGranted: false, budget: 'day_usd', limit: '2.00' });
  });

  test('what does not fit beside what is used up is refused', async () => {
    const [left, right] = await openBranches();
    const { callId } = await reserve(500, '0.1', left);
    await settleSpend(worker, used(callId, 400, 50, '0.1'));
    await reserve(300, '0.1', left);
    expect(await reserve(551, '0.1', right)).toEqual({ isGranted: false, budget: 'task_tokens', limit: '1000' });
    expect(await reserve(550, '0.1', right)).toMatchObject({ isGranted: false, retryAfterMs: expect.any(Number) });
  });

  test('nobody waits for what a worker that is gone had set aside', async () => {
    const [left, right] = await openBranches();
    await reserve(600, '0.1', left);
    await releaseStep(worker, toHeld(left), 0);
    expect(await reserve(600, '0.1', right)).toEqual({ isGranted: false, budget: 'task_tokens', limit: '1000' });
  });
});

test('settling puts what was used in the place of what was set aside, once', async () => {
  const { callId } = await reserve(900, '0.9');
  expect(await settleSpend(worker, used(callId, 100, 50, '0.01'))).toEqual({ isSettled: true });
  expect(await settleSpend(worker, used(callId, 100, 50, '0.01'))).toEqual({ isSettled: false });
  expect(await loadTask(db, held.task.taskId)).toMatchObject({ tokensUsed: 150, costUsd: '0.0100000000' });
  expect(await db.sql('select spent_usd, reserved_usd from public.budget_days')).toEqual([
    { spent_usd: '0.0100000000', reserved_usd: '0.0000000000' },
  ]);
  expect(await reserve(850, '0.9')).toMatchObject({ isGranted: true });
});

test('a call that failed without numbers gives the reservation back', async () => {
  const { callId } = await reserve(900, '0.9');
  const args = {
    p_call_id: callId,
    p_model: null,
    p_input_tokens: null,
    p_output_tokens: null,
    p_cost_usd: null,
    p_latency_ms: null,
    p_outcome: 'failed',
  };
  expect(await worker.call('settle_spend', args, z.unknown())).toEqual({ is_settled: true });
  expect(await reserve(1000, '1')).toMatchObject({ isGranted: true });
});

test('nobody makes room by reserving or using less than nothing', async () => {
  await expect(reserve(-5000, '0')).rejects.toMatchObject({ code: 'input_invalid' });
  await expect(reserve(0, '-5')).rejects.toMatchObject({ code: 'input_invalid' });
  const { callId } = await reserve(1, '0.1');
  await expect(settleSpend(worker, used(callId, -100, 0, '0'))).rejects.toMatchObject({ code: 'input_invalid' });
  await expect(settleSpend(worker, used(callId, 0, 0, '-1'))).rejects.toMatchObject({ code: 'input_invalid' });
});

test('a policy without a budget allows nothing', async () => {
  await db.sql(`update public.policies set document = document - 'budgets'`);
  expect(await reserve(1, '0')).toMatchObject({ isGranted: false, budget: 'task_tokens' });
});

test('a worker that lost its step reserves nothing', async () => {
  await expect(reserveSpend(worker, { ...toHeld(held), fence: 99 }, { engine: 'default', tokens: 1, costUsd: '0' })).rejects.toMatchObject({
    code: 'lease_lost',
  });
});
