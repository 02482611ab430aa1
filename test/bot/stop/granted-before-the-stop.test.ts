import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, type FakeModelRequest, startFakeModel } from '../../support/fake-model.ts';
import { ask, giveTask, listPublished, pressCard, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';

const { olivia, adam, bella, rita } = PERSONAS;

/** Too long for one message. */
const LONG = Array.from({ length: 90 }, (_, index) => `Rule ${index + 1}: the canteen opens at eleven and closes at three.`).join('\n\n');

let app: TestApp;
let model: FakeModel;
beforeAll(async () => {
  model = await startFakeModel({ answer: (request) => (request.schemaName === 'plan' ? makePlan(request) : undefined) });
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
});
afterAll(async () => {
  await app.close();
  await model.close();
});

/** Published when the goal says so, else answered. */
function makePlan({ messages }: FakeModelRequest) {
  const nodes = [
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
    { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
  ];
  const isToPublish = messages.some(({ role, content }) => role === 'user' && /\nPublish /.test(content));
  return { nodes: isToPublish ? nodes : nodes.slice(0, 1), summary: 'Write, and publish when asked.' };
}

const resume = async () => {
  await ask(app, adam.id, '/resume');
  await ask(app, olivia.id, '/resume');
};
const countCopies = () => app.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id).length;

test('what has left may still land: the reply to /stop names it, and it is settled as it ended', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  const card = await waitForCard(app, task);
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { answerDelayMs: 2_500 } });
  await pressCard(app, bella.id, card, 'Approve');
  await app.telegram.waitFor(() => listPublished(app).length === 1);
  const stopped = textOf(await ask(app, rita.id, '/stop'));
  expect(stopped).toMatch(new RegExp(`May still land.*\\n• ${task.taskId} post \\(T2\\) to AGS Signals`));
  await until(async () => (await app.sql("select 1 from public.effects where task_id = $1 and status = 'done'", [task.taskId])).length > 0);
  await resume();
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(1);
});

test('a grant that was refused for the moment is not used after a stop: a new one is asked for, under the new generation', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post about the holidays');
  const card = await waitForCard(app, task);
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { status: 429, retryAfter: 1 } });
  const before = countCopies();
  await pressCard(app, bella.id, card, 'Approve');
  await until(() => countCopies() === before + 1);
  await ask(app, rita.id, '/stop');
  // Longer than Telegram asked to wait: its time has come, and nothing goes out.
  await app.sql("update public.task_steps set not_before = now() - interval '1 second' where task_id = $1 and not_before is not null", [
    task.taskId,
  ]);
  await waitForDone(app, await giveTask(app, adam.id, 'Summarise the holidays'));
  expect(countCopies()).toBe(before + 1);
  expect(await app.sql("select 1 from public.effects where task_id = $1 and status in ('granted', 'done')", [task.taskId])).toEqual([]);
  await resume();
  await waitForDone(app, task);
  expect(countCopies()).toBe(before + 2);
  const [effect] = await app.sql('select generation::int as generation, status from public.effects where task_id = $1', [task.taskId]);
  const [stop] = await app.sql('select generation::int as generation from public.stop_switch');
  expect(effect).toEqual({ generation: stop?.generation, status: 'done' });
});

test('of a post in several parts, those that have not left stay back until after the stop', async () => {
  const before = listPublished(app).length;
  model.script('draft', { kind: 'value', value: { text: LONG } }, { kind: 'value', value: { text: LONG } });
  const task = await giveTask(app, adam.id, 'Publish the canteen rules');
  const card = await waitForCard(app, task);
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { answerDelayMs: 2_000 } });
  const parts = (
    await app.sql(
      'select count(*)::int as count from public.staged_parts join public.approval_requests using (request_id) where task_id = $1',
      [task.taskId],
    )
  )[0]?.count;
  expect(Number(parts)).toBeGreaterThan(1);
  await pressCard(app, bella.id, card, 'Approve');
  await until(() => listPublished(app).length === before + 1);
  await ask(app, rita.id, '/stop');
  await until(
    async () =>
      (
        await app.sql(
          "select 1 from public.effect_attempts a join public.effects e using (effect_id) where e.task_id = $1 and a.status = 'done'",
          [task.taskId],
        )
      ).length > 0,
  );
  await waitForDone(app, await giveTask(app, adam.id, 'Summarise the office rules'));
  expect(listPublished(app)).toHaveLength(before + 1);
  await resume();
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(before + Number(parts));
});
