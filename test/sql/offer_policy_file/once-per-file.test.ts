import { afterAll, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { findPolicyOffer, offerPolicyFile, openPolicyOffer, proposePolicy } from '../../../src/store/policy-changes.ts';
import { agree, inForce, MORE_MONEY } from '../../support/policy-stories.ts';
import { openStory } from '../../support/stories.ts';
import { makePolicy, PEOPLE, PLACES, type PolicyOverrides, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const admin = { chatId: PLACES.admin, topicId: null };
const file = (overrides: PolicyOverrides = {}) => {
  const { source, policy, checksum } = makePolicy(overrides);
  return { source, document: policy, checksum };
};

test('the file in force is no offer', async () => {
  expect(await offerPolicyFile(db.rpc('ags_worker'), file())).toEqual({ policyVersion: 1, earlierVersion: 1, isOffered: false });
  expect(await openPolicyOffer(bot, admin)).toBeNull();
  expect(await findPolicyOffer(bot, null)).toEqual({ code: null, draft: null });
});

test('another file is announced once, changes nothing by itself, and is found by its button or without', async () => {
  const changed = file(MORE_MONEY);
  expect(await offerPolicyFile(bot, changed)).toMatchObject({ policyVersion: 1, earlierVersion: null, isOffered: true });
  await offerPolicyFile(db.rpc('ags_worker'), changed);
  expect(await inForce(db)).toBe(1);
  const first = await openPolicyOffer(bot, admin);
  expect(first).toMatchObject({ draft: { checksum: changed.checksum }, card: { messageId: null } });
  await recordCard(bot, first?.card.cardId ?? '', 77);
  expect(await openPolicyOffer(bot, admin)).toMatchObject({ card: { cardId: first?.card.cardId, messageId: 77 } });
  const press = { token: first?.card.token ?? '', chatId: PLACES.admin, messageId: 77 };
  expect(await findPolicyOffer(bot, press)).toMatchObject({ code: null, draft: { checksum: changed.checksum } });
  expect(await findPolicyOffer(bot, { ...press, messageId: 78 })).toEqual({ code: 'wrong_message', draft: null });
  expect(await findPolicyOffer(bot, { ...press, token: 'a'.repeat(22) })).toEqual({ code: 'unknown_button', draft: null });
  expect(await findPolicyOffer(bot, null)).toMatchObject({ draft: { checksum: changed.checksum } });
});

test('taken up and in force, it is no offer any more, nor is the file that it replaced', async () => {
  const { change } = await proposePolicy(bot, file(MORE_MONEY), { externalId: PEOPLE.owner, reason: '' });
  await agree(db, change?.reference ?? '', PEOPLE.operator);
  expect(await inForce(db)).toBe(2);
  expect(await openPolicyOffer(bot, admin)).toBeNull();
  expect(await offerPolicyFile(bot, file())).toMatchObject({ policyVersion: 2, earlierVersion: 1, isOffered: false });
  expect(await offerPolicyFile(bot, file(PUBLISH_IS_T3))).toMatchObject({ isOffered: true });
  expect(await openPolicyOffer(bot, admin)).toMatchObject({ draft: { checksum: file(PUBLISH_IS_T3).checksum }, card: { messageId: null } });
});
