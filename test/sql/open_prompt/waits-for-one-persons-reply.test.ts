import { afterAll, expect, test } from 'vitest';
import { closePrompt, findPrompt, openPrompt, recordPromptMessage } from '../../../src/store/prompts.ts';
import { approveTask, askTask, grant, openStory, reject, sendCard } from '../../support/stories.ts';
import { lastRecord, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');

async function press(card: { token: string; chatId: number; messageId: number }, externalId: number, kind: 'reject' | 'edit' = 'reject') {
  return openPrompt(bot, { kind, token: card.token, chatId: card.chatId, topicId: null, cardMessageId: card.messageId, externalId });
}
const reply = (messageId: number, externalId: number) => findPrompt(bot, { chatId: PLACES.admin, replyToMessageId: messageId, externalId });

test('the reply of the person who pressed answers it, and nobody else’s', async () => {
  const asked = await askTask(db);
  const { promptId } = await press(await sendCard(db, asked), PEOPLE.operator);
  await recordPromptMessage(bot, String(promptId), 600);
  expect(await reply(600, PEOPLE.operator)).toMatchObject({
    promptId,
    kind: 'reject',
    reference: asked.reference,
    isExpired: false,
    isClosed: false,
  });
  expect(await reply(600, PEOPLE.owner)).toBeNull();
  expect(await reply(601, PEOPLE.operator)).toBeNull();
  await closePrompt(bot, String(promptId));
  expect(await reply(600, PEOPLE.operator)).toMatchObject({ promptId, isClosed: true });
});

test('a reply to the first message answers the question too, when it was asked again', async () => {
  const { promptId } = await press(await sendCard(db, await askTask(db)), PEOPLE.operator);
  for (const messageId of [630, 631, 632]) await recordPromptMessage(bot, String(promptId), messageId);
  for (const messageId of [630, 631, 632]) expect(await reply(messageId, PEOPLE.operator)).toMatchObject({ promptId, isClosed: false });
  expect(await reply(630, PEOPLE.owner)).toBeNull();
});

test('pressed twice, a reply to the first question answers the second, which asks the same', async () => {
  const card = await sendCard(db, await askTask(db));
  const first = await press(card, PEOPLE.operator);
  await recordPromptMessage(bot, String(first.promptId), 640);
  const second = await press(card, PEOPLE.operator);
  expect(await reply(640, PEOPLE.operator)).toMatchObject({ promptId: second.promptId, isClosed: false });
  await closePrompt(bot, String(second.promptId));
  expect(await reply(640, PEOPLE.operator)).toMatchObject({ isClosed: true });
});

test('a second press takes the place of the first', async () => {
  const card = await sendCard(db, await askTask(db));
  const first = await press(card, PEOPLE.operator);
  await recordPromptMessage(bot, String(first.promptId), 610);
  const second = await press(card, PEOPLE.operator, 'edit');
  await recordPromptMessage(bot, String(second.promptId), 611);
  expect(await reply(610, PEOPLE.operator)).toMatchObject({ kind: 'reject', isClosed: true });
  expect(await reply(611, PEOPLE.operator)).toMatchObject({ kind: 'edit' });
});

test('after an hour it says that it is over', async () => {
  const { promptId } = await press(await sendCard(db, await askTask(db)), PEOPLE.operator);
  await recordPromptMessage(bot, String(promptId), 620);
  await db.sql(`update public.prompts set expires_at = now() - interval '1 second' where prompt_id = $1`, [promptId]);
  expect(await reply(620, PEOPLE.operator)).toMatchObject({ isExpired: true });
});

test('nobody is asked who could not decide, nor about what is decided', async () => {
  const asked = await askTask(db);
  const card = await sendCard(db, asked);
  expect(await press(card, PEOPLE.reviewer)).toMatchObject({ code: 'no_role', promptId: null });
  expect(await lastRecord(db, asked.taskId)).toMatchObject({
    actor: 'tg:121',
    action: 'approval.refuse',
    after: { code: 'no_role', decision: 'reject' },
  });
  await reject(db, asked.reference, PEOPLE.operator);
  expect(await press(card, PEOPLE.owner)).toMatchObject({ code: 'already_rejected', promptId: null });
  const granted = await approveTask(db);
  const late = await sendCard(db, granted);
  await grant(db, granted.taskId);
  expect(await press(late, PEOPLE.owner, 'edit')).toMatchObject({ code: 'too_late', promptId: null });
});
