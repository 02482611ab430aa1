import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import {
  ask,
  giveTask,
  listPublished,
  pressCard,
  textOf,
  until,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../../support/telling.ts';

const { adam, bella } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const readBreaker = async () =>
  (await app.sql(`select state, cardinality(failures) as failures from public.breakers where name = 'telegram'`))[0];

test('after the fifth unknown outcome in a row further posts wait whole, and one probe lets them go', async () => {
  const [lost, waiting] = [
    await giveTask(app, adam.id, 'Publish a post about the canteen'),
    await giveTask(app, adam.id, 'Publish a post about the parking'),
  ];
  const cards = [await waitForCard(app, lost), await waitForCard(app, waiting)] as const;
  // Four in a row before this one.
  await app.sql(
    `insert into public.breakers (name, failures) values ('telegram', array(select clock_timestamp() from generate_series(1, 4)))
     on conflict (name) do update set failures = excluded.failures`,
  );
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { status: 502, description: 'Bad Gateway' } });
  await pressCard(app, bella.id, cards[0], 'Approve');
  await waitForTaskText(app, lost, 'may have been sent');
  await until(async () => (await readBreaker())?.state === 'open');

  await pressCard(app, bella.id, cards[1], 'Approve');
  await waitForTaskText(app, waiting, 'waits for Telegram: it does not answer, or asks to wait');
  expect(await app.sql('select 1 from public.effects where task_id = $1', [waiting.taskId])).toEqual([]);
  expect(textOf(await ask(app, adam.id, '/status'))).toContain('Breaker: telegram is open');
  const alert = await app.telegram.waitForMessage(CHATS.alerts.id, 'Telegram is away. Further ones wait', { timeoutMs: 40_000 });
  expect(alert.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).not.toContainEqual(expect.stringContaining('Runbook'));

  await app.sql(`update public.breakers set opened_at = opened_at - interval '2 minutes' where name = 'telegram'`);
  await app.sql(
    `update public.task_steps set not_before = now() - interval '1 minute', woken_at = now() - interval '1 minute' where waits_for = 'telegram' and task_id = $1`,
    [waiting.taskId],
  );
  await waitForDone(app, waiting);
  expect(await readBreaker()).toEqual({ state: 'closed', failures: 0 });
  expect(listPublished(app)).toHaveLength(1);
}, 60_000);

test.each([
  ['that does not answer', { status: 502, description: 'Bad Gateway' }, 3],
  ['that asks to wait', { status: 429, retryAfter: 2 }, 3],
] as const)(
  'a file is fetched from a Telegram %s without using up the tries',
  async (_how, as, times) => {
    const document = { fileName: 'hours.txt', bytes: Buffer.from('Open from nine to five.') };
    app.telegram.failNext({ method: 'getFile', as, times });
    const task = await giveTask(app, adam.id, 'Summarise the hours', { document });
    await waitForTaskText(app, task, 'waits for Telegram');
    await waitForDone(app, task);
    expect(await app.sql('select max(attempt_count) as tries from public.task_steps where task_id = $1', [task.taskId])).toEqual([
      { tries: 1 },
    ]);
  },
  60_000,
);
