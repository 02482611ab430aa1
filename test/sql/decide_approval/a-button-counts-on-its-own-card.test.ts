import { afterAll, expect, test } from 'vitest';
import { decideApproval, editRequest, showRequest } from '../../../src/store/approvals.ts';
import { openCard, recordCard } from '../../../src/store/cards.ts';
import { askTask, openStory, type Press, sendCard } from '../../support/stories.ts';
import { lastRecord, makeArtifact, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const press = (pointer: { token: string; chatId: number; messageId: number }, externalId: number = PEOPLE.operator, more: Press = {}) =>
  decideApproval(bot, { pointer, externalId, decision: 'approve', source: 'button', ...more });

test('a press on the card’s own message counts', async () => {
  const card = await sendCard(db, await askTask(db));
  expect(await press(card)).toMatchObject({ outcome: 'approved', slot: 'operator' });
});

test.each([
  ['another message', { messageId: 501 }],
  ['another chat', { chatId: PLACES.signals }],
])('the same button on %s does not, and leaves a record', async (_where, change) => {
  const asked = await askTask(db);
  const card = await sendCard(db, asked);
  expect(await press({ ...card, ...change })).toMatchObject({ outcome: 'refused', code: 'wrong_message' });
  expect(await lastRecord(db, asked.taskId)).toMatchObject({
    action: 'approval.refuse',
    after: { code: 'wrong_message', source: 'button' },
  });
  expect(await press(card)).toMatchObject({ outcome: 'approved' });
});

test('a token that was never given means nothing', async () => {
  expect(await press({ token: 'AAAAAAAAAAAAAAAAAAAAAA', chatId: PLACES.admin, messageId: 500 })).toMatchObject({
    outcome: 'refused',
    code: 'unknown_button',
    request: null,
  });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:111', object: 'button', after: { code: 'unknown_button' } });
});

test('the button of a replaced version is not the button of the new one', async () => {
  const asked = await askTask(db);
  const card = await sendCard(db, asked);
  await editRequest(bot, {
    reference: asked.reference,
    externalId: PEOPLE.operator,
    artifact: makeArtifact('edited.md', 'draft', 'Better'),
  });
  expect(await press(card)).toMatchObject({ outcome: 'refused', code: 'replaced' });
});

test('a card that was sent but not noted is known by its first press, and stays there', async () => {
  const { request } = await askTask(db);
  const { card } = await openCard(bot, request.stepId, { chatId: PLACES.admin, topicId: null });
  const reviewer = { token: card.token, chatId: PLACES.admin, messageId: 700 };
  expect(await press(reviewer, PEOPLE.reviewer)).toMatchObject({ code: 'no_role' });
  expect(await recordCard(bot, card.cardId, 701)).toEqual({ messageId: 700 });
  expect(await press({ ...reviewer, messageId: 701 })).toMatchObject({ code: 'wrong_message' });
  expect(await press(reviewer)).toMatchObject({ outcome: 'approved' });
});

test('opening a card twice is one card with one token; details are for anybody with a role', async () => {
  const asked = await askTask(db);
  const first = await sendCard(db, asked);
  expect(await sendCard(db, asked, 900)).toMatchObject({ token: first.token });
  const details = (externalId: number) => showRequest(bot, first, externalId);
  expect(await details(PEOPLE.reviewer)).toMatchObject({ code: null, request: { reference: asked.reference } });
  expect(await details(PEOPLE.stranger)).toMatchObject({ code: 'no_role', request: null });
});
