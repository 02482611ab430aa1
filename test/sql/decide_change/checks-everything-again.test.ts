import { afterAll, afterEach, expect, test } from 'vitest';
import { applyChange, decideAs, delegateRole, grantRole, openChange, revokeRoleOf, rolesOf } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { PEOPLE, restoreRoles, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
afterEach(() => restoreRoles(db));
const { owner, secondOwner, operator, secondOperator, member } = PEOPLE;

test('whoever proposed it is no longer an owner: it is void', async () => {
  const change = await openChange(db, grantRole(member, 'operator'), secondOwner);
  await revokeRole(db, secondOwner);
  // The slot is open again, and nothing comes about by those who fill it.
  expect(await decideAs(db, change, operator)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  const answer = await decideAs(db, change, owner);
  expect(answer).toMatchObject({
    outcome: 'void',
    change: { status: 'void', voidReason: expect.stringContaining('Oscar, who proposes it') },
  });
  expect(answer.change?.decisions[0]).toMatchObject({ name: 'Oscar', voidReason: 'Oscar no longer holds the role owner' });
  expect(await rolesOf(db, member)).toEqual([]);
});

test('an approver who lost the role counts no longer, and the card is asked for anew', async () => {
  const change = await openChange(db, revokeRoleOf(secondOwner, 'owner'), secondOwner);
  await decideAs(db, change, operator);
  const revoked = await openChange(db, revokeRoleOf(operator, 'operator'));
  const answer = await decideAs(db, revoked, secondOperator);
  expect(answer.deliver).toContainEqual(expect.objectContaining({ job: 'change.show', id: change.changeId }));
  expect(await decideAs(db, change, owner)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await decideAs(db, change, secondOperator)).toMatchObject({ outcome: 'applied', slot: 'operator' });
  await db.sql('update public.person_roles set revoked_change_id = null');
});

test('an approver whose role went a moment ago, and nobody has looked since, counts no longer either', async () => {
  const change = await openChange(db, revokeRoleOf(secondOwner, 'owner'), secondOwner);
  await decideAs(db, change, operator);
  await revokeRole(db, operator);
  expect(await decideAs(db, change, owner)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await rolesOf(db, secondOwner)).toEqual(['owner']);
  await decideAs(db, change, owner, { decision: 'reject', reason: 'he stays' });
});

test('two proposals that are each possible but not both: the last owner stays', async () => {
  // Whoever stands in for the last owner may propose it; their word does not count on it, and nobody else is left to give an owner's.
  await applyChange(db, delegateRole(secondOwner, member, 'owner'), { by: secondOwner, second: owner });
  const second = await openChange(db, revokeRoleOf(secondOwner, 'owner'), member);
  await applyChange(db, revokeRoleOf(owner, 'owner'), { by: secondOwner, second: operator });
  expect(await decideAs(db, second, operator)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await decideAs(db, second, member)).toMatchObject({ outcome: 'refused' });
  expect(await rolesOf(db, secondOwner)).toEqual(['owner']);
});

test('what has come about in another way meanwhile is void', async () => {
  const change = await openChange(db, grantRole(PEOPLE.stranger, 'reviewer'));
  const other = await openChange(db, grantRole(PEOPLE.stranger, 'operator'));
  await decideAs(db, other, operator);
  await db.sql(
    `insert into public.person_roles (person_id, role, source, granted_by) values (public._person_of($1), 'reviewer', 'seed', 'system')`,
    [PEOPLE.stranger],
  );
  expect(await decideAs(db, change, secondOperator)).toMatchObject({
    outcome: 'void',
    change: { voidReason: 'tg:141 already holds the role reviewer' },
  });
});
