import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, pressCard, readAnswer, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';

const { olivia, adam, bella, rita } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const ALERTS = CHATS.alerts.id;
const TIMEOUT_MS = 30_000;
const listAlerts = (words: string) => app.telegram.history(ALERTS).filter((message) => textOf(message).includes(words));
const waitForAlert = (words: string | RegExp) => app.telegram.waitForMessage(ALERTS, words, { timeoutMs: TIMEOUT_MS });
const labelsOf = (message: Message) => message.reply_markup?.inline_keyboard.flat().map(({ text }) => text) ?? [];
const press = async (personaId: number, message: Message, label: string) =>
  (await app.telegram.press(personaId, ALERTS, message.message_id, label, { timeoutMs: 15_000 })).text ?? '';
const raise = (key: string, title: string) =>
  app.sql(`select public._raise_incident('update_dead', $1, 'warning', $2, '{"inbox_id": 7}')`, [key, title]);
/** Waits until it is noted that it was drawn. */
const waitForShown = (title: string) =>
  until(async () => (await app.sql('select 1 from public.incidents where title = $1 and shown_seq = change_seq', [title])).length > 0);
/** As if ten seconds had passed since then. */
const age = () =>
  app.sql(`update public.incidents set shown_at = shown_at - interval '10 seconds', nudged_at = nudged_at - interval '10 seconds'`);
const waitForText = (message: Message, words: string | RegExp) =>
  app.telegram.waitFor(
    () => {
      const text = textOf(app.telegram.message(ALERTS, message.message_id));
      return (typeof words === 'string' ? text.includes(words) : words.test(text)) ? text : null;
    },
    { timeoutMs: TIMEOUT_MS },
  );

test('a doubt alerts; it is acked and muted by those who may, and resolved by an edit when people have answered', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  const card = await waitForCard(app, task);
  app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: 'drop-after' });
  await pressCard(app, bella.id, card, 'Approve');
  const alert = await waitForAlert('Nobody knows whether a post arrived');
  const text = textOf(alert);
  expect(text).toMatch(
    /^🚨 Nobody knows whether a post arrived\nSince \d\d:\d\d UTC \(.* ago\)\nNobody is at it yet\.\n\nMeans: .*\nDo: Answer the card in the admin group/,
  );
  expect(text).toMatch(new RegExp(`Task: ${task.taskId}\nWhat left: a T2 post$`));
  expect(labelsOf(alert)).toEqual(['👀 Ack', '🔕 Mute 1 h', '📖 Runbook']);

  expect(await press(rita.id, alert, 'Ack')).toContain('no role that may do this');
  expect(await press(adam.id, alert, 'Ack')).toBe('Noted: you are at it.');
  await waitForText(alert, 'Adam is at it since');
  expect(await press(bella.id, alert, 'Mute')).toContain('Muted for an hour');
  await waitForText(alert, /Adam is at it since .*; muted by Bella until .* \(in /);
  expect(await press(bella.id, alert, 'Resolve')).toContain('Its cause is still there');
  expect(await press(bella.id, alert, 'Runbook')).toContain('The runbook is named below');
  await waitForAlert('/runbook desync');

  const doubt = await app.telegram.waitForMessage(CHATS.admin.id, 'Did this post arrive?', { timeoutMs: TIMEOUT_MS });
  await app.telegram.press(adam.id, CHATS.admin.id, doubt.message_id, 'It happened', { timeoutMs: 15_000 });
  await waitForDone(app, task);
  await waitForText(alert, '✅ Resolved: Nobody knows whether a post arrived');
  expect(textOf(app.telegram.message(ALERTS, alert.message_id))).toContain('It is settled whether it arrived, ');
  expect(listAlerts('Nobody knows whether a post arrived')).toHaveLength(1);

  expect(await press(rita.id, alert, 'Post-mortem')).toContain('The post-mortem follows');
  const file = await app.telegram.waitForMessage(ALERTS, (message) => message.document?.file_name?.startsWith('post-mortem-') === true);
  const report = readAnswer(app, file);
  for (const words of [
    '# Post-mortem: nobody knows',
    '| Acknowledged | by Adam after',
    `- ${task.taskId} (T2): done`,
    'effect.doubt',
    'incident.ack',
    'What was the cause',
  ])
    expect(report).toContain(words);
}, 90_000);

test('a storm of repeats is one message, edited with the count', async () => {
  await raise('storm', 'a storm of updates');
  const alert = await waitForAlert('A storm of updates');
  await waitForShown('a storm of updates');
  const editsBefore = app.telegram.calls('editMessageText').length;
  for (let repeat = 2; repeat <= 17; repeat += 1) await raise('storm', 'a storm of updates');
  await age();
  await waitForText(alert, 'A storm of updates ×17');
  expect(listAlerts('A storm of updates')).toHaveLength(1);
  const edits = app.telegram
    .calls('editMessageText')
    .slice(editsBefore)
    .filter(({ params }) => params.message_id === alert.message_id);
  expect(edits).toHaveLength(1);
  expect(textOf(await ask(app, rita.id, '/status'))).toMatch(/Incidents: 1 open one\n⚠️ a storm of updates ×17, since .*, nobody is at it/);
});

test('a message that somebody deleted is sent anew as it is now; the old one’s buttons are gone with it', async () => {
  await raise('deleted', 'a deleted alert');
  const alert = await waitForAlert('A deleted alert');
  await waitForShown('a deleted alert');
  app.telegram.remove(olivia.id, ALERTS, alert.message_id);
  await raise('deleted', 'a deleted alert');
  await age();
  const anew = await app.telegram.waitForMessage(
    ALERTS,
    (message) => message.message_id > alert.message_id && textOf(message).includes('A deleted alert ×2'),
    {
      timeoutMs: TIMEOUT_MS,
    },
  );
  expect(await press(adam.id, anew, 'Ack')).toBe('Noted: you are at it.');
  await waitForText(anew, 'Adam is at it');
  expect(await press(olivia.id, anew, 'Resolve')).toContain('Resolved.');
  await waitForText(anew, /✅ Resolved: A deleted alert ×2\nFrom .*\nResolved by Olivia/);
});

test('what has ended before anybody was told is not sent; a crash loses no alert', async () => {
  await raise('short', 'a short one');
  await app.restart();
  await waitForAlert('A short one');
  await app.sql(`do $$ begin
    perform public._raise_incident('update_dead', 'gone', 'warning', 'gone at once');
    perform public._close_incident((select incident_id from public.incidents where title = 'gone at once'), 'system', 'over');
  end $$`);
  await waitForShown('gone at once');
  expect(listAlerts('one at once')).toEqual([]);
});
