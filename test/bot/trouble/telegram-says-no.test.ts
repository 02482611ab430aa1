import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { giveTask, listPublished, pressCard, textOf, until, waitForCard, waitForDone, waitForTaskText } from '../../support/telling.ts';

const { adam, bella } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const countCopies = () => app.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id).length;

test('429 on the post is waited out, and it is published once', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  const card = await waitForCard(app, task);
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { status: 429, retryAfter: 1 } });
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(1);
  const [refused, sent] = app.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id);
  expect(refused?.status).toBe(429);
  expect((sent?.receivedAt.getTime() ?? 0) - (refused?.receivedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(
    await app.sql(
      'select status from public.effect_attempts where effect_id in (select effect_id from public.effects where task_id = $1) order by attempt',
      [task.taskId],
    ),
  ).toEqual([{ status: 'refused' }, { status: 'done' }]);
});

test.each([
  [403, 'Forbidden: bot was kicked from the channel chat'],
  [400, 'Bad Request: not enough rights to post messages in the chat'],
])(
  'a channel that does not let the bot in (%i) keeps the approved post waiting, with the reason, until it does',
  async (status, description) => {
    const before = countCopies();
    const task = await giveTask(app, adam.id, 'Publish a post about the holidays');
    const card = await waitForCard(app, task);
    app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { status, description } });
    await pressCard(app, bella.id, card, 'Approve');
    await waitForTaskText(app, task, `waits for the right to write to ${CHATS.signals.id}: Telegram does not let the bot write there`);
    expect(countCopies()).toBe(before + 1);
    expect(await app.sql('select status, outcome_note from public.effects where task_id = $1', [task.taskId])).toEqual([
      { status: 'void', outcome_note: expect.stringContaining(description) },
    ]);
    const alert = await app.telegram.waitForMessage(CHATS.alerts.id, 'Telegram does not let the bot write to a chat', {
      timeoutMs: 40_000,
    });
    expect(textOf(alert)).toContain('Add the bot to the chat with the right to post');
    // A start looks at the chats, and this one is in order by now.
    await app.restart();
    await waitForDone(app, task);
    expect(countCopies()).toBe(before + 2);
  },
  60_000,
);

test('a post that cannot be shown there at all ends as failed, with the reason', async () => {
  const before = countCopies();
  const task = await giveTask(app, adam.id, 'Publish a post about the lifts');
  const card = await waitForCard(app, task);
  app.telegram.failNext({
    method: 'copyMessage',
    chatId: CHATS.signals.id,
    as: { status: 400, description: 'Bad Request: MESSAGE_TOO_LONG' },
  });
  await pressCard(app, bella.id, card, 'Approve');
  expect(await waitForTaskText(app, task, 'failed')).toContain('MESSAGE_TOO_LONG');
  expect(countCopies()).toBe(before + 1);
});

test('a 502 says nothing about the post: people are asked, and it is not sent again by itself', async () => {
  const before = countCopies();
  const task = await giveTask(app, adam.id, 'Publish a post about the new office');
  const card = await waitForCard(app, task);
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { status: 502, description: 'Bad Gateway' } });
  await pressCard(app, bella.id, card, 'Approve');
  const doubt = await app.telegram.waitForMessage(CHATS.admin.id, 'Did this post arrive?', { timeoutMs: 15_000 });
  expect(textOf(doubt)).toContain('Bad Gateway');
  expect(countCopies()).toBe(before + 1);
});

test('an edit that Telegram calls "not modified" is as good as done', async () => {
  app.telegram.failNext({
    method: 'editMessageText',
    chatId: adam.id,
    times: 2,
    as: { status: 400, description: 'Bad Request: message is not modified: specified new message content is exactly the same' },
  });
  const errors = app.logLines().filter((line) => line.includes('"level":"error"')).length;
  const task = await giveTask(app, adam.id, 'Summarise the parking rules');
  await until(async () => (await app.sql("select 1 from public.tasks where task_id = $1 and status = 'done'", [task.taskId])).length > 0);
  expect(app.logLines().filter((line) => line.includes('"level":"error"'))).toHaveLength(errors);
});

test('while Telegram is away a task goes on, and afterwards its message, its card and its answer are all there', async () => {
  app.telegram.clearFailures();
  const answered = await giveTask(app, adam.id, 'Summarise the canteen rules');
  const published = await giveTask(app, bella.id, 'Publish a post about the canteen');
  app.telegram.failNext({ as: 'drop-before', times: 10_000 });
  // Nothing gets through: neither updates nor the copy in the admin group nor a line of progress.
  await until(async () => (await app.sql('select 1 from public.approval_requests where task_id = $1', [published.taskId])).length > 0);
  await until(() => app.telegram.calls('sendMessage').filter(({ injected }) => injected === 'drop-before').length >= 2);
  app.telegram.say(adam.id, adam.id, '/tasks');
  app.telegram.clearFailures();
  await app.telegram.waitForMessage(adam.id, 'Publish a post about the canteen', { timeoutMs: 15_000 });
  const card = await waitForCard(app, published);
  await pressCard(app, adam.id, card, 'Approve');
  await waitForDone(app, published);
  // The answer to a T1 task is an effect: what may have arrived is not sent again on a guess, people are asked.
  await until(
    async () =>
      (await app.sql("select 1 from public.tasks where task_id = $1 and status in ('done', 'held')", [answered.taskId])).length > 0,
  );
  await waitForTaskText(app, answered, /✅ done|may have been sent/);
}, 60_000);
