import { afterAll, beforeEach, expect, test } from 'vitest';
import { decideChange, findChange, withdrawChange } from '../../../src/store/changes.ts';
import { findPolicy } from '../../../src/store/policies.ts';
import { findPolicyDraft, findPolicyOrigin } from '../../../src/store/policy-changes.ts';
import { agree, inForce, MORE_MONEY, proposeForSure, putInForce, refuse, startAfresh } from '../../support/policy-stories.ts';
import { openStory } from '../../support/stories.ts';
import { listActions, makePolicy, PEOPLE, PUBLISH_IS_T3, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
let base = 0;
beforeEach(async () => {
  base = await startAfresh(db);
});

test('an owner proposes, an operator agrees: the next version, in one transaction, with who did it', async () => {
  const reference = await proposeForSure(db, MORE_MONEY);
  expect(await inForce(db)).toBe(base);
  const applied = await agree(db, reference, PEOPLE.operator);
  expect(applied).toMatchObject({
    outcome: 'applied',
    slot: 'operator',
    change: { kind: 'policy', status: 'applied', policy: { version: base + 1 } },
  });
  const { source, checksum, policy } = makePolicy(MORE_MONEY);
  expect(await findPolicy(db.rpc('ags_bot'))).toMatchObject({ policyVersion: base + 1, source, checksum, document: policy });
  expect(await findPolicyOrigin(db.rpc('ags_bot'))).toMatchObject({
    policyVersion: base + 1,
    previousVersion: base,
    reference,
    proposer: 'Olivia',
    retiredAt: null,
    decidedBy: [
      { slot: 'owner', name: 'Olivia' },
      { slot: 'operator', name: 'Adam' },
    ],
  });
  expect((await findPolicyOrigin(db.rpc('ags_reader'), base))?.retiredAt).not.toBeNull();
  expect(await listActions(db, 'system')).toEqual(expect.arrayContaining(['policy.backtest', 'policy.apply', 'change.apply']));
  const [record] = await db.sql(
    `select before_json as before, after_json as after from public.audit_logs where action = 'policy.apply' order by id desc limit 1`,
  );
  expect(record).toMatchObject({ before: { policy_version: base }, after: { policy_version: base + 1, checksum, reference } });
});

test('two owners do as well, and the one who proposed it never fills both slots', async () => {
  const reference = await proposeForSure(db, MORE_MONEY);
  expect(await agree(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await inForce(db)).toBe(base);
  expect(await agree(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'applied', slot: 'operator' });
  expect(await inForce(db)).toBe(base + 1);
});

test.each([
  ['a reviewer', PEOPLE.reviewer],
  ['a member', PEOPLE.member],
  ['nobody that is known', 987654],
])('%s decides nothing', async (_who, externalId) => {
  const reference = await proposeForSure(db, MORE_MONEY);
  expect(await agree(db, reference, externalId)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await refuse(db, reference, externalId)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await inForce(db)).toBe(base);
});

test('a denial ends it; the draft stays to be read, the policy in force stays', async () => {
  const reference = await proposeForSure(db, MORE_MONEY);
  expect(await refuse(db, reference, PEOPLE.operator, 'too much money')).toMatchObject({ outcome: 'rejected' });
  expect(await agree(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'refused', code: 'already_rejected' });
  expect(await inForce(db)).toBe(base);
  const change = await findChange(db.rpc('ags_worker'), reference);
  const draft = change?.policy && (await findPolicyDraft(db.rpc('ags_worker'), change.policy));
  expect(draft).toMatchObject({ checksum: makePolicy(MORE_MONEY).checksum, backtest: { tasks: 0, baseVersion: base } });
});

test('of two proposals the second is void once the first is in force, and may be proposed anew', async () => {
  const first = await proposeForSure(db, MORE_MONEY);
  const second = await proposeForSure(db, PUBLISH_IS_T3, PEOPLE.secondOwner);
  expect(await agree(db, first, PEOPLE.operator)).toMatchObject({ outcome: 'applied' });
  expect(await findChange(db.rpc('ags_bot'), second)).toMatchObject({
    status: 'void',
    voidReason: `policy version ${base + 1} came into force; propose it anew`,
  });
  expect(await agree(db, second, PEOPLE.secondOperator)).toMatchObject({ outcome: 'refused', code: 'void' });
  expect(await inForce(db)).toBe(base + 1);
  const again = await proposeForSure(db, PUBLISH_IS_T3, PEOPLE.secondOwner);
  expect(again).not.toBe(second);
  expect(await agree(db, again, PEOPLE.secondOperator)).toMatchObject({ outcome: 'applied', change: { policy: { version: base + 2 } } });
});

test('what is in force can go back to what it was, as a further version', async () => {
  await putInForce(db, MORE_MONEY);
  expect(await putInForce(db, {})).toBe(base + 2);
  expect((await findPolicy(db.rpc('ags_bot')))?.document).toEqual((await findPolicy(db.rpc('ags_bot'), base))?.document);
});

test('whoever proposed it has lost the role: it cannot come into force', async () => {
  const reference = await proposeForSure(db, MORE_MONEY, PEOPLE.secondOwner);
  await revokeRole(db, PEOPLE.secondOwner);
  // Their word as owner counts no longer, so that an operator's alone is not enough.
  expect(await agree(db, reference, PEOPLE.operator)).toMatchObject({ outcome: 'recorded' });
  expect(await inForce(db)).toBe(base);
  const { outcome, change } = await agree(db, reference, PEOPLE.owner);
  expect({ outcome, status: change?.status }).toEqual({ outcome: 'void', status: 'void' });
  expect(await inForce(db)).toBe(base);
});

test('taken back by whoever proposed it', async () => {
  const reference = await proposeForSure(db, MORE_MONEY);
  expect(await withdrawChange(db.rpc('ags_bot'), { reference, externalId: PEOPLE.owner, reason: '' })).toMatchObject({
    outcome: 'withdrawn',
  });
  expect(await agree(db, reference, PEOPLE.operator)).toMatchObject({ code: 'void' });
});

test('a stop does not keep people from changing the rules', async () => {
  const reference = await proposeForSure(db, MORE_MONEY);
  await db.sql(`update public.stop_switch set generation = generation + 1, scope = 'all', stopped_at = now(), stopped_by = 'tg:101'`);
  expect(await agree(db, reference, PEOPLE.operator)).toMatchObject({ outcome: 'applied' });
});

test('the button of another change does not decide on it', async () => {
  const reference = await proposeForSure(db, MORE_MONEY);
  const pointer = { token: 'a'.repeat(22), chatId: -1, messageId: 1 };
  const pressed = await decideChange(db.rpc('ags_bot'), { pointer, externalId: PEOPLE.operator, decision: 'approve', source: 'button' });
  expect(pressed).toMatchObject({ outcome: 'refused', code: 'unknown_button' });
  expect((await findChange(db.rpc('ags_bot'), reference))?.status).toBe('pending');
});
