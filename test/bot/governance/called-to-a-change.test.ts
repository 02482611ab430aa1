import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, listPublished, pressCard, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';
import { proposeByCommand, rolesOf, waitForChangeCard } from './changes.ts';

const { olivia, oscar, adam, bella, rita, max } = PERSONAS;
const UNTIL_SWEPT = { timeoutMs: 25_000 };

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  // A private chat is one in which somebody has written.
  for (const persona of [oscar, adam, rita]) await ask(app, persona.id, '/start');
});
afterAll(() => app?.close());

const findCopy = (personaId: number, reference: string, says: string) =>
  until(
    () => app.telegram.history(personaId).findLast((message) => textOf(message).includes(reference) && textOf(message).includes(says)),
    { what: `${personaId} to have a card of ${reference} that says ${says}` },
  );
const isOverdue = (column: string, reference: string) =>
  app.sql(`update public.changes set ${column} = now() - interval '1 second' where reference = $1`, [reference]);

test('the card stands in the private chats of those who may decide, and counts there', async () => {
  const { reference } = await proposeByCommand(app, olivia.id, `/role grant reviewer ${max.id}`);
  await waitForChangeCard(app, reference);
  const copy = await findCopy(adam.id, reference, 'Approve?');
  await findCopy(oscar.id, reference, 'Approve?');
  for (const outsider of [rita.id, max.id]) expect(app.telegram.history(outsider).map(textOf).join()).not.toContain(reference);
  const pressed = await app.telegram.press(adam.id, adam.id, copy.message_id, 'Approve');
  expect(pressed.text).toContain('It is in force now');
  expect(await rolesOf(app, max.id)).toEqual(['reviewer']);
  await findCopy(oscar.id, reference, 'In force');
  await waitForChangeCard(app, reference, 'In force');
});

test('who can decide is called by name, then everybody who could, then once more before the end', async () => {
  const { reference } = await proposeByCommand(app, olivia.id, `/role revoke reviewer ${max.id}`);
  await waitForChangeCard(app, reference);
  const called = (sign: string) =>
    app.telegram.waitForMessage(
      CHATS.admin.id,
      (message) => textOf(message).startsWith(`${sign} ${reference}`) && message.reply_to_message !== undefined,
      UNTIL_SWEPT,
    );
  await isOverdue('remind_at', reference);
  const reminder = textOf(await called('⏰'));
  expect(reminder).toContain('waits for operator');
  expect(reminder).toContain('Adam');
  expect(reminder).not.toContain('Oscar');
  await isOverdue('escalate_at', reference);
  const escalation = textOf(await called('🚨'));
  expect(escalation).toContain('any of you can decide');
  expect(escalation).toContain('Oscar');
  await isOverdue('warn_at', reference);
  expect(textOf(await called('⌛'))).toContain('Its time is nearly over: it expires');
  await app.sql(
    "update public.changes set created_at = now() - interval '2 days', expires_at = now() - interval '1 second' where reference = $1",
    [reference],
  );
  const expired = await until(
    async () => {
      const card = await waitForChangeCard(app, reference, 'Expired');
      return card.labels.includes('🔁 Propose again') ? card : null;
    },
    { ...UNTIL_SWEPT, what: 'the button to propose it again' },
  );
  expect(await pressCard(app, bella.id, expired, 'Propose again')).toContain('your role may not propose this');
  const again = await pressCard(app, oscar.id, expired, 'Propose again');
  expect(again).toContain('Your own word counts as owner');
  const [next = ''] = /T3-[A-Z2-9]+/.exec(again) ?? [];
  expect(await pressCard(app, adam.id, await waitForChangeCard(app, next), 'Approve')).toContain('It is in force now');
  expect(await rolesOf(app, max.id)).toEqual([]);
}, 90_000);

test('a post whose time is over is asked again in one tap, and goes out when it is approved then', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post: we are open on Saturday');
  const card = await waitForCard(app, task);
  await app.sql(
    "update public.approval_requests set shown_at = now() - interval '2 days', expires_at = now() - interval '1 second' where reference = $1",
    [card.reference],
  );
  const expired = await until(
    () => {
      const message = app.telegram.message(card.chatId, card.messageId);
      const labels = message?.reply_markup?.inline_keyboard.flat().map(({ text }) => text) ?? [];
      return labels.includes('🔁 Ask again') ? card : null;
    },
    { ...UNTIL_SWEPT, what: 'the button to ask again' },
  );
  const pressed = await app.telegram.press(rita.id, expired.chatId, expired.messageId, 'Ask again');
  expect(pressed.text).toContain('Only operators and owners');
  expect((await app.telegram.press(olivia.id, expired.chatId, expired.messageId, 'Ask again')).text).toContain('Asked again, as T2-');
  const before = listPublished(app).length;
  const next = await until(
    async () => {
      const newest = await waitForCard(app, task);
      return newest.reference === card.reference ? null : newest;
    },
    { what: 'the card under its new reference' },
  );
  expect(await pressCard(app, olivia.id, next, 'Approve')).toContain('Approved: it goes out now');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(before + 1);
}, 60_000);
