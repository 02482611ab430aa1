import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { ask, giveTask, textOf, waitForDone, waitForTaskText } from '../support/telling.ts';
import { withBudgets } from './trouble/policies.ts';

const { adam } = PERSONAS;

let model: FakeModel;
beforeAll(async () => {
  model = await startFakeModel();
});
afterAll(() => model.close());

const start = (budgets: string): Promise<TestApp> =>
  startTestApp({ policy: withBudgets(budgets), env: { OPENAI_BASE_URL: model.baseUrl, AGS_MODEL: 'test-model' } });

test.each([
  ['tokens of a task', '{ task_tokens: 100, task_usd: "1.00", day_usd: "20.00" }', /the tokens of a task \(100\)/],
  ['money of a task', '{ task_tokens: 60000, task_usd: "0.000001", day_usd: "20.00" }', /the USD of a task \(0\.000001\)/],
  ['money of a day', '{ task_tokens: 60000, task_usd: "1.00", day_usd: "0.000001" }', /the USD of a day \(0\.000001\)/],
])('the %s are used up: it is said, and the model is not asked', async (_name, budgets, words) => {
  await using app = await start(budgets);
  const before = model.requests.length;
  const task = await giveTask(app, adam.id, 'Summarise the opening hours');
  const text = await waitForTaskText(app, task, 'failed');
  expect(text).toMatch(words);
  expect(model.requests).toHaveLength(before);
  expect(await app.sql('select * from public.engine_calls')).toEqual([]);
  expect(await app.sql("select chain from public.audit_logs where action = 'budget.refuse'")).toEqual([{ chain: task.taskId }]);
});

test('every call is written down with its tokens and cost, and the task shows the sum', async () => {
  await using app = await start('{ task_tokens: 60000, task_usd: "1.00", day_usd: "20.00" }');
  const before = model.requests.length;
  const task = await giveTask(app, adam.id, 'Summarise the opening hours');
  const text = await waitForDone(app, task);
  const calls = await app.sql(
    `select engine, model, outcome, input_tokens::int as input_tokens, output_tokens::int as output_tokens, cost_usd::float8 as cost_usd
     from public.engine_calls where task_id = $1 order by created_at`,
    [task.taskId],
  );
  expect(calls).toHaveLength(model.requests.length - before);
  expect(calls.every(({ outcome, input_tokens, model: name }) => outcome === 'ok' && Number(input_tokens) > 0 && name !== '')).toBe(true);
  for (const { engine, input_tokens, output_tokens, cost_usd } of calls) {
    const [inPrice, outPrice] = engine === 'default' ? [0.4, 1.6] : [0.1, 0.4];
    expect(Number(cost_usd)).toBeCloseTo((Number(input_tokens) * inPrice + Number(output_tokens) * outPrice) / 1e6, 9);
  }
  const sum = (name: string) => calls.reduce((total, call) => total + Number(call[name]), 0);
  const [row] = await app.sql('select tokens_used::int as tokens, cost_usd::float8 as usd from public.tasks where task_id = $1', [
    task.taskId,
  ]);
  expect(row?.tokens).toBe(sum('input_tokens') + sum('output_tokens'));
  expect(Number(row?.usd)).toBeCloseTo(sum('cost_usd'), 9);
  const [day] = await app.sql('select spent_usd::float8 as spent, reserved_usd::float8 as reserved from public.budget_days');
  expect(day).toEqual({ spent: expect.closeTo(sum('cost_usd'), 9), reserved: 0 });
  expect(text).toMatch(/k tokens · \$0\.00\d/);
  expect(textOf(await ask(app, adam.id, '/status'))).toMatch(/Spent today: \$0\.00\d+ of \$20/);
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  expect(metrics).toMatch(/^ags_engine_calls_total\{engine="default",outcome="ok"\} \d+$/m);
});

test('a task that runs into its budget half-way ends there, with what it has spent', async () => {
  await using app = await start('{ task_tokens: 9000, task_usd: "1.00", day_usd: "20.00" }');
  const before = model.requests.length;
  model.script('plan', {
    kind: 'value',
    usage: { prompt_tokens: 8_000, completion_tokens: 900 },
    value: { nodes: [{ id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write.' }], summary: 'One step.' },
  });
  const task = await giveTask(app, adam.id, 'Summarise the opening hours');
  expect(await waitForTaskText(app, task, 'failed')).toMatch(/the tokens of a task \(9000\)/);
  expect(model.requests.length - before).toBe(1);
  const [row] = await app.sql('select tokens_used::int as tokens from public.tasks');
  expect(row).toEqual({ tokens: 8_900 });
});

test('branches that cannot all be paid for at once follow each other, and the task is done', async () => {
  // Long enough that each branch sets its share aside before the first one has settled.
  await using slow = await startFakeModel({ delayMs: 100 });
  await using app = await startTestApp({
    policy: withBudgets('{ task_tokens: 16000, task_usd: "1.00", day_usd: "20.00" }'),
    env: { OPENAI_BASE_URL: slow.baseUrl },
  });
  const branches = Array.from({ length: 6 }, (_, n) => `topic-${n}`);
  slow.setPlan([
    ...branches.map((id) => ({ id, agent: 'researcher', action: 'RESEARCH', after: [], instruction: 'Look it up.' })),
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: branches, instruction: 'Write.' },
  ]);
  const task = await giveTask(app, adam.id, 'Summarise the opening hours');
  await waitForTaskText(app, task, '\n✅ done\n', { timeoutMs: 45_000 });
  const tries = await app.sql(`select distinct attempt_count from public.task_steps where task_id = $1 and kind = 'work'`, [task.taskId]);
  expect(tries).toEqual([{ attempt_count: 1 }]);
}, 60_000);
