import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, listPublished, replyThroughCard, textOf, waitForCard, waitForTaskText } from '../../support/telling.ts';

const { olivia, adam, bella, rita } = PERSONAS;
const KEEP = 'Do not ask again';

let app: TestApp;
let reference: string;
let rejected: Message;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const labelsOf = (message: Message) => message.reply_markup?.inline_keyboard.flat().map(({ text }) => text) ?? [];

test('whoever rejects is offered to keep it; nobody else can press that', async () => {
  const card = await waitForCard(app, await giveTask(app, adam.id, 'Publish our forecast for gold with the target of the week'));
  reference = card.reference;
  rejected = await replyThroughCard(app, olivia.id, card, { label: 'Reject', text: 'no forecasts this week' });
  expect(labelsOf(rejected)).toEqual(['🔕 Do not ask again for 24 h']);
  const pressed = await app.telegram.press(bella.id, CHATS.admin.id, rejected.message_id, KEEP);
  expect(pressed).toMatchObject({ text: 'Only who rejected can keep it.', showAlert: true });
  expect(textOf(await ask(app, rita.id, '/rules'))).toMatch(/^No denial holds now/);
});

test('kept, it is said what follows, and /rules lists it with author and reason', async () => {
  const { text } = await app.telegram.press(olivia.id, CHATS.admin.id, rejected.message_id, KEEP);
  expect(text).toBe('Noted: not to be asked again for 24 hours.');
  const kept = await app.telegram.waitFor((telegram) => {
    const message = telegram.message(CHATS.admin.id, rejected.message_id);
    return textOf(message).startsWith('🔕 Not again until') && message;
  });
  expect(textOf(kept)).toContain('Adam may not ask for a post to AGS Signals in any words, and nobody for one that reads like this.');
  expect(labelsOf(kept)).toEqual([]);
  const listed = textOf(await ask(app, rita.id, '/rules'));
  expect(listed).toContain(`🔕 ${reference} post to AGS Signals, until `);
  expect(listed).toContain('asked by Adam, denied by Olivia: “no forecasts this week”');
});

test('an agent that words it differently is refused when it plans, and no card is made', async () => {
  const task = await giveTask(app, adam.id, 'Publish where we see the yellow metal on Friday');
  const text = await waitForTaskText(app, task, 'denied by rule');
  expect(text).toContain('Olivia said “no forecasts this week”');
  expect(await app.sql('select 1 from public.approval_requests where task_id = $1', [task.taskId])).toEqual([]);
  const another = await giveTask(app, bella.id, 'Publish our forecast for gold, with the target of this week');
  await waitForTaskText(app, another, 'denied by rule');
  expect(listPublished(app)).toEqual([]);
});

test('whoever was denied cannot lift it, another operator can; then it may be asked for again', async () => {
  expect(textOf(await ask(app, adam.id, `/rules lift ${reference}`))).toContain('somebody else has to lift it');
  expect(textOf(await ask(app, rita.id, `/rules lift ${reference}`))).toContain('Only operators and owners');
  expect(textOf(await ask(app, bella.id, '/rules lift'))).toContain('Which rule?');
  expect(textOf(await ask(app, bella.id, `/rules lift ${reference.toLowerCase()}`))).toBe(
    `Lifted ${reference}: it may be asked for again.`,
  );
  await waitForCard(app, await giveTask(app, adam.id, 'Publish where we see the yellow metal on Friday'));
});

test('a rejection by command offers it too', async () => {
  const card = await waitForCard(app, await giveTask(app, bella.id, 'Publish a post about the opening hours'));
  const answer = await ask(app, olivia.id, `/approve ${card.reference} no not today`);
  expect(labelsOf(answer)).toEqual(['🔕 Do not ask again for 24 h']);
});
