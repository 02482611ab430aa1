import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { delegateRole, grantRole, linkAccounts, meet, proposeAs, revokeRoleOf } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, PEOPLE, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const { owner, operator, secondOperator, reviewer, member, stranger } = PEOPLE;

test.each([
  ['an operator', operator],
  ['a reviewer', reviewer],
  ['a stranger', stranger],
])('%s gives nobody a role', async (_who, externalId) => {
  expect(await proposeAs(db, externalId, grantRole(member, 'reviewer'))).toMatchObject({
    outcome: 'refused',
    code: 'no_role',
    change: null,
  });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: `tg:${externalId}`, action: 'change.refuse', after: { code: 'no_role' } });
});

const problem = async (by: number, proposed: Parameters<typeof proposeAs>[2]) => {
  const { outcome, code, problem } = await proposeAs(db, by, proposed);
  expect({ outcome, code }).toEqual({ outcome: 'refused', code: 'not_possible' });
  return problem;
};

test('a role that is held, or is not held', async () => {
  expect(await problem(owner, grantRole(operator, 'operator'))).toBe('Adam already holds the role operator');
  expect(await problem(owner, revokeRoleOf(reviewer, 'operator'))).toBe('Rita does not hold the role operator');
  expect(await problem(owner, revokeRoleOf(987, 'operator'))).toBe('tg:987 does not hold the role operator');
});

test('accounts that nobody knows, or that are one person already', async () => {
  expect(await problem(owner, linkAccounts(operator, 987))).toBe('tg:987 is not known: whoever it is has to write to the bot first');
  expect(await problem(owner, linkAccounts(operator, operator))).toBe('these two accounts are one person already');
});

test('a delegation of what one does not hold, to oneself, to somebody who may do it anyway, or for too long', async () => {
  expect(await problem(operator, delegateRole(operator, member, 'owner'))).toContain('Adam does not hold the role owner');
  expect(await problem(operator, delegateRole(secondOperator, member, 'operator'))).toBe('everybody delegates a role of their own');
  expect(await problem(owner, delegateRole(owner, owner, 'owner'))).toBe('a role is delegated to somebody else');
  expect(await problem(owner, delegateRole(owner, operator, 'operator'))).toBe('Adam already holds the role operator');
  expect(await problem(operator, delegateRole(operator, owner, 'operator'))).toContain('Olivia is an owner');
  expect(await problem(operator, delegateRole(operator, member, 'operator', 31 * 86_400))).toContain('30 days');
});

test('words that are not exactly those of its kind', async () => {
  const propose = (kind: string, payload: unknown) =>
    db.rpc('ags_bot').call('propose_change', { p_external_id: owner, p_kind: kind, p_payload: payload, p_reason: null }, z.looseObject({}));
  for (const [kind, payload] of [
    ['role_grant', { external_id: member }],
    ['role_grant', { external_id: member, role: 'operator', also: 1 }],
    ['role_grant', { external_id: member, role: 'god' }],
    ['role_grant', { external_id: '131', role: 'operator' }],
    ['role_grant', { external_id: -5, role: 'operator' }],
    ['role_grant', { external_id: 1087968824, role: 'operator' }],
    ['role_grant', { external_id: 131.5, role: 'operator' }],
    ['role_grant', [member]],
    ['role_grant', null],
    ['anything', { external_id: member }],
    [null, {}],
  ] as const) {
    // An unknown kind has no role that may propose it: both are refusals, and neither leaves a change.
    expect(await propose(kind ?? '', payload), `${kind} ${JSON.stringify(payload)}`).toMatchObject({ outcome: 'refused', change: null });
  }
  const [row] = await db.sql('select count(*)::int as count from public.changes');
  expect(row).toEqual({ count: 0 });
});

test('what would leave no owner and second person, and what nobody could be the second person for', async () => {
  await meet(db, 777, 'Nobody yet');
  for (const who of [PEOPLE.secondOwner, operator, reviewer]) await revokeRole(db, who);
  // Olivia is the only owner now, Bella the only one beside her.
  expect(await problem(owner, revokeRoleOf(owner, 'owner'))).toContain('there must remain an owner and a second person');
  expect(await problem(owner, revokeRoleOf(secondOperator, 'operator'))).toContain('there must remain an owner and a second person');
  expect(await problem(owner, linkAccounts(owner, secondOperator))).toContain('there must remain an owner and a second person');
  expect(await problem(owner, grantRole(secondOperator, 'owner'))).toContain('there is nobody who could be the second one');
  expect(await proposeAs(db, owner, grantRole(777, 'operator'))).toMatchObject({ outcome: 'proposed' });
});
