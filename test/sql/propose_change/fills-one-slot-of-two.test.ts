import { afterAll, expect, test } from 'vitest';
import { delegateRole, grantRole, linkAccounts, meet, proposeAs, revokeRoleOf, rolesOf } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, listActions, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

test('an owner who proposes fills the owner slot; nothing is changed until a second person approves', async () => {
  const { outcome, slot, change, deliver } = await proposeAs(db, PEOPLE.owner, grantRole(PEOPLE.member, 'operator'), 'new in the team');
  expect({ outcome, slot }).toEqual({ outcome: 'proposed', slot: 'owner' });
  expect(change).toMatchObject({
    reference: expect.stringMatching(/^T3-[A-HJ-NP-Z2-9]{4,}$/),
    status: 'pending',
    slots: ['operator', 'owner'],
    proposer: 'Olivia',
    reason: 'new in the team',
    before: [{ accounts: [PEOPLE.member], roles: [] }],
    after: [{ accounts: [PEOPLE.member], roles: [{ role: 'operator', until: null }] }],
    decisions: [{ slot: 'owner', decision: 'approve', name: 'Olivia', voidReason: null }],
  });
  expect(deliver).toMatchObject([{ job: 'change.show', id: change?.changeId }]);
  expect(await rolesOf(db, PEOPLE.member)).toEqual([]);
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:101', action: 'change.propose', object: change?.reference });
});

test('whoever it concerns fills no slot, also where they propose it themselves', async () => {
  const { outcome, slot, change } = await proposeAs(db, PEOPLE.secondOwner, revokeRoleOf(PEOPLE.secondOwner, 'owner'), 'I leave');
  expect({ outcome, slot, decisions: change?.decisions }).toEqual({ outcome: 'proposed', slot: null, decisions: [] });
});

test('an operator who delegates fills the operator slot', async () => {
  const proposed = delegateRole(PEOPLE.operator, PEOPLE.member, 'operator');
  expect(await proposeAs(db, PEOPLE.operator, proposed)).toMatchObject({ outcome: 'proposed', slot: 'operator' });
});

test('of a link, the one who proposes it may be the one with two accounts', async () => {
  await meet(db, 555, 'Olivia, new phone');
  expect(await proposeAs(db, PEOPLE.owner, linkAccounts(PEOPLE.owner, 555))).toMatchObject({ outcome: 'proposed', slot: 'owner' });
  expect((await listActions(db, 'system')).filter((action) => action === 'change.propose')).toHaveLength(4);
});
