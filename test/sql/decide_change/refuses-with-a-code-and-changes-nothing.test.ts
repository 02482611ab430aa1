import { afterAll, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { decideChange, openChangeCard } from '../../../src/store/changes.ts';
import { sweep } from '../../../src/store/steps.ts';
import { applyChange, decideAs, grantRole, meet, openChange, rolesOf } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { changePolicy, lastRecord, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const { member } = PEOPLE;

test('never one person, nobody without a role, not whom it concerns', async () => {
  const change = await openChange(db, grantRole(PEOPLE.operator, 'owner'));
  expect(await decideAs(db, change, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await decideAs(db, change, PEOPLE.owner, { asRole: 'operator' })).toMatchObject({ code: 'already_yours' });
  expect(await decideAs(db, change, PEOPLE.reviewer)).toMatchObject({ code: 'no_role' });
  expect(await decideAs(db, change, PEOPLE.stranger)).toMatchObject({ code: 'no_role' });
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ code: 'concerned' });
  expect(await decideAs(db, change, PEOPLE.operator, { decision: 'reject', reason: 'me?' })).toMatchObject({ code: 'concerned' });
  expect(await decideAs(db, change, PEOPLE.secondOwner, { asRole: 'owner' })).toMatchObject({ code: 'slot_taken' });
  expect(await decideAs(db, change, PEOPLE.secondOwner, { decision: 'reject' })).toMatchObject({ code: 'reason_needed' });
  expect(await lastRecord(db, 'system')).toMatchObject({
    action: 'change.refuse',
    object: change.reference,
    after: { code: 'reason_needed' },
  });
  expect(await rolesOf(db, PEOPLE.operator)).toEqual(['operator']);
});

test('a denial ends it, also of somebody who had approved; late answers say why', async () => {
  const change = await openChange(db, grantRole(member, 'operator'));
  const rejected = await decideAs(db, change, PEOPLE.owner, { decision: 'reject', reason: 'I was wrong' });
  expect(rejected).toMatchObject({ outcome: 'rejected', change: { status: 'rejected' } });
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'already_rejected' });
  expect(await rolesOf(db, member)).toEqual([]);
  const applied = await applyChange(db, grantRole(member, 'reviewer'));
  expect(await decideAs(db, applied, PEOPLE.operator, { decision: 'reject', reason: 'late' })).toMatchObject({ code: 'already_applied' });
  expect(await decideAs(db, { reference: 'T3-ZZZZ' }, PEOPLE.owner)).toMatchObject({ code: 'unknown_reference', change: null });
});

test('a button counts on its own card’s message only', async () => {
  const change = await openChange(db, grantRole(member, 'operator'));
  const { card } = await openChangeCard(bot, change.changeId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 700);
  const press = (pointer: { token: string; chatId: number; messageId: number }) =>
    decideChange(bot, { pointer, externalId: PEOPLE.operator, decision: 'approve', source: 'button' });
  expect(await press({ token: card.token, chatId: PLACES.admin, messageId: 701 })).toMatchObject({ code: 'wrong_message' });
  expect(await press({ token: card.token, chatId: PLACES.signals, messageId: 700 })).toMatchObject({ code: 'wrong_message' });
  expect(await press({ token: 'A'.repeat(22), chatId: PLACES.admin, messageId: 700 })).toMatchObject({ code: 'unknown_button' });
  expect(await press({ token: card.token, chatId: PLACES.admin, messageId: 700 })).toMatchObject({ outcome: 'applied' });
  expect(await openChangeCard(bot, change.changeId, { chatId: PLACES.admin, topicId: null })).toMatchObject({
    card: { token: card.token },
  });
});

test('it expires, which the sweep writes down and announces once', async () => {
  await meet(db, 555, 'Eve');
  const change = await openChange(db, grantRole(555, 'reviewer'));
  await db.sql(
    `update public.changes set created_at = now() - interval '2 days', expires_at = now() - interval '1 second' where change_id = $1`,
    [change.changeId],
  );
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'expired' });
  const nudges = async () => (await sweep(db.rpc('ags_worker'), 60_000)).deliver.filter(({ id }) => id === change.changeId);
  expect(await nudges()).toMatchObject([{ job: 'change.show' }]);
  expect(await nudges()).toEqual([]);
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'expired', change: { status: 'expired' } });
  expect(await rolesOf(db, 555)).toEqual([]);
});

test('under another policy it is void', async () => {
  const change = await openChange(db, grantRole(555, 'reviewer'));
  await changePolicy(db, { budgets: { task_tokens: 1000, task_usd: 1, day_usd: 2 } });
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({
    outcome: 'void',
    code: null,
    change: { status: 'void', voidReason: expect.stringContaining('policy version') },
  });
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'void' });
});
