import { afterAll, beforeEach, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { loadStopState, openResumeCard, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { ask, openStory, planTask } from '../../support/stories.ts';
import { lastRecord, PEOPLE, PLACES, restoreRoles, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const resume = (externalId: number, press?: { token: string; chatId: number; messageId: number }) =>
  resumeEffects(bot, { externalId, reason: 'all clear', press });

beforeEach(async () => {
  await restoreRoles(db);
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
});

test('the first asks, the second lifts; what waited is delivered', async () => {
  const taskId = await planTask(db);
  expect(await resume(PEOPLE.operator)).toMatchObject({
    outcome: 'asked',
    needs: 'owner',
    stop: { isStopped: true, resumeAskedBy: 'Adam' },
    deliver: [],
  });
  const answer = await resume(PEOPLE.owner);
  expect(answer).toMatchObject({ outcome: 'resumed', first: 'Adam', stop: { isStopped: false } });
  expect(answer.deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/act` }));
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:101', action: 'stop.lift' });
  const [row] = await db.sql('select count(*)::int as open from public.stops where resumed_at is null');
  expect(row).toEqual({ open: 0 });
  expect(await resume(PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'not_stopped' });
  await ask(db, taskId);
});

test('never one person, never two operators, never a reviewer', async () => {
  expect(await resume(PEOPLE.reviewer)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await resume(PEOPLE.operator)).toMatchObject({ outcome: 'asked' });
  expect(await resume(PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'same_person' });
  expect(await resume(PEOPLE.secondOperator)).toMatchObject({ outcome: 'refused', code: 'needs_owner' });
  expect(await loadStopState(bot)).toMatchObject({ isStopped: true });
  expect(await resume(PEOPLE.secondOwner)).toMatchObject({ outcome: 'resumed' });
});

test('an owner may ask, and an operator lift', async () => {
  expect(await resume(PEOPLE.owner)).toMatchObject({ outcome: 'asked', needs: 'operator or owner' });
  expect(await resume(PEOPLE.operator)).toMatchObject({ outcome: 'resumed', first: 'Olivia' });
});

test('the word of somebody whose role was taken away does not count', async () => {
  await resume(PEOPLE.owner);
  await revokeRole(db, PEOPLE.owner);
  expect(await resume(PEOPLE.operator)).toMatchObject({ outcome: 'asked' });
  expect(await loadStopState(bot)).toMatchObject({ isStopped: true, resumeAskedBy: 'Adam' });
  expect(await resume(PEOPLE.secondOwner)).toMatchObject({ outcome: 'resumed' });
});

test('a first word is good for an hour', async () => {
  await resume(PEOPLE.operator);
  await db.sql(`update public.stop_switch set resume_asked_at = now() - interval '61 minutes'`);
  expect(await resume(PEOPLE.owner)).toMatchObject({ outcome: 'asked' });
  expect(await resume(PEOPLE.operator)).toMatchObject({ outcome: 'resumed', first: 'Olivia' });
});

test('Confirm counts on its own card, for this stop', async () => {
  await resume(PEOPLE.operator);
  const card = await openResumeCard(bot, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 300);
  const press = { token: card.token, chatId: PLACES.admin, messageId: 300 };
  expect(await resume(PEOPLE.owner, { ...press, messageId: 301 })).toMatchObject({ code: 'wrong_message' });
  expect(await resume(PEOPLE.owner, { ...press, chatId: PLACES.signals })).toMatchObject({ code: 'wrong_message' });
  expect(await resume(PEOPLE.owner, { ...press, token: 'A'.repeat(22) })).toMatchObject({ code: 'unknown_button' });
  expect(await resume(PEOPLE.operator, press)).toMatchObject({ code: 'same_person' });
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'again', scope: 'effects' });
  expect(await resume(PEOPLE.owner, press)).toMatchObject({ code: 'wrong_message' });
  const next = await openResumeCard(bot, { chatId: PLACES.admin, topicId: null });
  expect(await resume(PEOPLE.owner, { token: next.token, chatId: PLACES.admin, messageId: 302 })).toMatchObject({ code: 'expired' });
  await resume(PEOPLE.operator);
  expect(await resume(PEOPLE.owner, { token: next.token, chatId: PLACES.admin, messageId: 302 })).toMatchObject({ outcome: 'resumed' });
  // Nobody had noted where it stands: the press has told.
  expect(await openResumeCard(bot, { chatId: PLACES.admin, topicId: null })).toMatchObject({ messageId: 302, mark: 'lifted' });
});
