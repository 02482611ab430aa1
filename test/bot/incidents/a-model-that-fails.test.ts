import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, startFakeModel } from '../../support/fake-model.ts';
import { ask, giveTask, readAnswer, textOf, waitForTaskText } from '../../support/telling.ts';

const { olivia, adam, rita } = PERSONAS;
const TIMEOUT_MS = 40_000;

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
});
afterAll(async () => {
  await app?.close();
  await model?.close();
});

/** Both engines of the default policy are this server: five failures each. */
const FAILURES = 10;
const alert = (words: string) => app.telegram.waitForMessage(CHATS.alerts.id, words, { timeoutMs: TIMEOUT_MS });

test('it is left alone after five failures, people are told, the task waits, and the runbook brings it back', async () => {
  model.script('*', ...Array.from({ length: FAILURES }, () => ({ kind: 'status', status: 503 }) as const));
  const task = await giveTask(app, adam.id, 'Say when we are open, for ann@example.org');
  const opened = await alert('The breaker of engine:default is open');
  expect(textOf(opened)).toContain('\nengine:default: the model does not answer');
  await waitForTaskText(app, task, '⏳ waits for the model engine');
  expect(model.requests).toHaveLength(FAILURES);
  expect(textOf(await ask(app, rita.id, '/status'))).toMatch(/Breaker: engine:default is open \(engine_unavailable\), tried in/);

  expect(textOf(await ask(app, rita.id, '/runbook tool-failure'))).toContain('You may not use /runbook');
  app.telegram.say(adam.id, adam.id, '/runbook tool-failure default');
  const shown = await app.telegram.waitForMessage(adam.id, 'Runbook tool-failure engine:default: dry run', { timeoutMs: TIMEOUT_MS });
  expect(textOf(shown)).toMatch(
    /○ 1\. trip the breaker is open now\n○ 2\. fallback critic: has no other engine, its steps wait; default: goes to fast\n/,
  );
  const { text } = await app.telegram.press(adam.id, adam.id, shown.message_id, 'Run', { timeoutMs: 15_000 });
  expect(text).toBe('It runs. Each step is shown here.');
  const file = await app.telegram.waitForMessage(adam.id, (message) => message.document?.file_name?.startsWith('failed-calls-') === true, {
    timeoutMs: TIMEOUT_MS,
  });
  expect(file.caption).toContain('The newest 5 calls of engine:default that failed, one JSON line each');
  const failed = readAnswer(app, file)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(failed).toHaveLength(5);
  for (const call of failed) expect(call).toMatchObject({ tool: 'engine:default', code: 'engine_unavailable', status: 503 });
  // What was asked, without what belongs to people.
  const asked = JSON.stringify(failed[0].request);
  expect(asked).toContain('Say when we are open');
  expect(asked).toMatch(/\[email(-1)?\]/);
  expect(asked).not.toContain('ann@example.org');

  // Two minutes later, as far as the rows know.
  await app.sql(`update public.breakers set opened_at = opened_at - interval '2 minutes'`);
  await app.sql(
    `update public.task_steps set not_before = now() - interval '1 minute', woken_at = now() - interval '1 minute' where status = 'ready'`,
  );
  await app.sql(`update public.runbook_runs set next_at = now() - interval '1 minute' where state = 'running'`);
  const ended = await app.telegram.waitFor(
    () => {
      const said = textOf(app.telegram.message(adam.id, shown.message_id));
      return /^(✅|🚨)/.test(said) ? said : null;
    },
    { timeoutMs: 60_000 },
  );
  expect(ended).toMatch(/^✅ Runbook tool-failure engine:default: done/);
  expect(ended).toMatch(/✓ 4\. canary T-\S+ is done and the breaker is closed/);
  await app.telegram.waitFor(() => textOf(app.telegram.message(CHATS.alerts.id, opened.message_id)).startsWith('✅ Resolved'), {
    timeoutMs: TIMEOUT_MS,
  });
  // It waited, lost nothing and counted nothing as a try; now it ends well.
  expect(await waitForTaskText(app, task, /\n✅ done\n/, { timeoutMs: TIMEOUT_MS })).not.toContain('waits for');
  expect(textOf(await ask(app, rita.id, `/why ${task.taskId}`))).toContain('waits with plan for the model engine');
}, 150_000);

test('the runbook of steps out of order is given by an owner, and ends well when nothing is', async () => {
  app.telegram.say(olivia.id, olivia.id, '/runbook desync');
  const shown = await app.telegram.waitForMessage(olivia.id, 'Runbook desync: dry run', { timeoutMs: TIMEOUT_MS });
  await app.telegram.press(olivia.id, olivia.id, shown.message_id, 'Run', { timeoutMs: 15_000 });
  await app.telegram.waitFor(() => textOf(app.telegram.message(olivia.id, shown.message_id)).includes('⏳ 4. watch'), {
    timeoutMs: TIMEOUT_MS,
  });
  expect(textOf(app.telegram.message(olivia.id, shown.message_id))).toContain('✓ 3. reopen');
  expect(app.telegram.message(olivia.id, shown.message_id)?.reply_markup).toBeUndefined();
}, 60_000);
