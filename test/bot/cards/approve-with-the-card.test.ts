import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { runToEnd } from '../../support/stories.ts';
import { type CardStage, openCardStage } from './support.ts';

let stage: CardStage;
beforeAll(async () => {
  stage = await openCardStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

it('shows the artifact above the card, counts one press, and says where it was published', async () => {
  const { telegram } = stage;
  const request = await stage.ask({ goal: 'Tell the channel about gold' });
  const card = stage.cardIn(CHATS.admin.id);
  expect(card.labels).toEqual(['✅ Approve', '❌ Reject', '✏️ Edit', '🔎 Details']);
  expect(card.text).toContain(request.reference);
  const answer = await telegram.press(PERSONAS.bella.id, CHATS.admin.id, card.messageId, 'Approve');
  expect(answer).toMatchObject({ text: 'Counted as operator. Approved: it goes out now.', showAlert: false });
  await telegram.waitForMessage(CHATS.admin.id, /Approved, on its way/);
  await runToEnd(stage.db, request.taskId);
  await stage.cards.draw(request.stepId);
  expect(stage.cardIn(CHATS.admin.id).labels).toEqual([]);
});
