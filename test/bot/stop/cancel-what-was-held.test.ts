import { afterAll, beforeAll, expect, test } from 'vitest';
import { readResume } from '../../../src/bot/commands/resume.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  listPublished,
  pressCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../../support/telling.ts';

const { olivia, oscar, adam, bella, rita } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const findResumeCard = () =>
  app.telegram.waitFor((telegram) => telegram.history(CHATS.admin.id).findLast((message) => textOf(message).includes('Resume?')));
const giveAndShow = async (goal: string): Promise<GivenTask> => {
  const task = await giveTask(app, adam.id, goal);
  await waitForCard(app, task);
  return task;
};

test('the card shows what goes on, and its second button ends what was held', async () => {
  const first = await giveAndShow('Publish a post about the opening hours');
  const second = await giveAndShow('Publish a post about the holidays');
  await ask(app, rita.id, '/stop wrong prices');
  await ask(app, adam.id, '/resume the prices are right again');
  const card = await findResumeCard();
  expect(textOf(card)).toContain('What goes on: 2 tasks\n');
  expect(textOf(card)).toContain(`• ${first.taskId} T2: “Publish a post about the opening hours”`);
  expect(textOf(card)).toContain('The other button lifts the stop and ends 2 tasks of T2 and T3.');
  const { text } = await app.telegram.press(olivia.id, CHATS.admin.id, card.message_id, 'cancel what was held');
  expect(text).toContain('2 tasks that had been held are cancelled');
  for (const task of [first, second])
    expect(await waitForTaskText(app, task, 'cancelled')).toContain(
      'held by the stop and cancelled when it was lifted: the prices are right again',
    );
  await app.telegram.waitFor((telegram) => /Resumed by .* cancelled: T-/.test(textOf(telegram.message(CHATS.admin.id, card.message_id))));
  expect(listPublished(app)).toEqual([]);
});

test('whoever asks first may choose it: the card then has one button, and says what it does', async () => {
  const task = await giveAndShow('Publish a post about the new office');
  await ask(app, rita.id, '/stop');
  await ask(app, oscar.id, '/resume cancel held not today');
  const card = await findResumeCard();
  expect(textOf(card)).toContain('They chose to cancel what was held: confirming ends 1 task of T2 and T3');
  expect(card.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).toEqual(['▶️ Confirm']);
  expect((await app.telegram.press(bella.id, CHATS.admin.id, card.message_id, 'Confirm')).text).toContain(
    '1 task that had been held is cancelled',
  );
  await waitForTaskText(app, task, 'not today');
});

test('by command the second person may choose it too; T1 goes on', async () => {
  const held = await giveAndShow('Publish a post about the canteen');
  await ask(app, rita.id, '/stop all');
  const reply = await giveTask(app, adam.id, 'Summarise the canteen rules');
  await ask(app, adam.id, '/resume');
  expect(textOf(await ask(app, olivia.id, '/resume cancel held'))).toMatch(
    /^▶️ RESUMED by Adam and Olivia\. 1 task that had been held is cancelled/,
  );
  await waitForTaskText(app, held, 'cancelled');
  await waitForDone(app, reply);
});

test('when nothing of T2 or T3 waits there is no second button', async () => {
  await ask(app, rita.id, '/stop');
  await ask(app, adam.id, '/resume');
  const card = await findResumeCard();
  expect(textOf(card)).toContain('Nothing waits');
  expect(
    await pressCard(
      app,
      olivia.id,
      { ...card, chatId: CHATS.admin.id, messageId: card.message_id, text: '', reference: '', labels: [] },
      'Confirm',
    ),
  ).toBe('Resumed. What waited goes on.');
});

test.each([
  ['', 'continue', ''],
  ['the prices are right', 'continue', 'the prices are right'],
  ['cancel held', 'cancel', ''],
  ['Cancel  held: no', 'continue', 'Cancel  held: no'],
  ['cancel held the prices', 'cancel', 'the prices'],
  ['cancel the alarm', 'continue', 'cancel the alarm'],
  ['cancel heldover', 'continue', 'cancel heldover'],
])('/resume %j means %s', (args, choice, reason) => {
  expect(readResume(args)).toEqual({ choice, reason });
});
