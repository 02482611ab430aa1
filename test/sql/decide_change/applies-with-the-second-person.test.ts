import { afterAll, expect, test } from 'vitest';
import { stopEffects } from '../../../src/store/stop.ts';
import { decideAs, grantRole, openChange, revokeRoleOf, rolesOf } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { listActions, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

test('the second person’s approval puts it in force, with who, when, by which change, before and after', async () => {
  const change = await openChange(db, grantRole(PEOPLE.member, 'operator'));
  const answer = await decideAs(db, change, PEOPLE.operator);
  expect(answer).toMatchObject({ outcome: 'applied', code: null, slot: 'operator', change: { status: 'applied' } });
  expect(answer.change?.after).toMatchObject([{ accounts: [PEOPLE.member], roles: [{ role: 'operator' }] }]);
  expect(answer.change?.before).toMatchObject([{ roles: [] }]);
  expect(await rolesOf(db, PEOPLE.member)).toEqual(['operator']);
  const [row] = await db.sql('select source, granted_by from public.person_roles where granted_change_id = $1', [change.changeId]);
  expect(row).toEqual({ source: 'grant', granted_by: 'tg:101' });
  const [record] = await db.sql(
    `select before_json as before, after_json as after from public.audit_logs where action = 'change.apply' and object = $1`,
    [change.reference],
  );
  expect(record).toMatchObject({
    before: [{ roles: [] }],
    after: { kind: 'role_grant', checksum: change.checksum, decided_by: { owner: 'tg:101', operator: 'tg:111' } },
  });
  const events = await db.sql(`select type from public.events where payload_json ->> 'reference' = $1 order by ts`, [change.reference]);
  expect(events.map(({ type }) => type)).toEqual(['CHANGE_PROPOSED', 'CHANGE_DECIDED', 'CHANGE_DECIDED', 'CHANGE_ENDED']);
});

test('what was given can be taken, and the history says so', async () => {
  const change = await openChange(db, revokeRoleOf(PEOPLE.member, 'operator'));
  expect(await decideAs(db, change, PEOPLE.secondOwner)).toMatchObject({ outcome: 'applied', slot: 'operator' });
  expect(await rolesOf(db, PEOPLE.member)).toEqual([]);
  const [row] = await db.sql(
    'select role, revoked_by, revoked_at is not null as is_revoked from public.person_roles where revoked_change_id = $1',
    [change.changeId],
  );
  expect(row).toEqual({ role: 'operator', revoked_by: 'tg:101', is_revoked: true });
});

test('an owner who steps down needs two others', async () => {
  const change = await openChange(db, revokeRoleOf(PEOPLE.secondOwner, 'owner'), PEOPLE.secondOwner);
  expect(await decideAs(db, change, PEOPLE.secondOwner)).toMatchObject({ outcome: 'refused', code: 'concerned' });
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await decideAs(db, change, PEOPLE.secondOperator)).toMatchObject({ outcome: 'refused', code: 'slot_taken' });
  expect(await decideAs(db, change, PEOPLE.owner)).toMatchObject({ outcome: 'applied', slot: 'owner' });
  expect(await rolesOf(db, PEOPLE.secondOwner)).toEqual([]);
});

test('a stop does not keep people from it: somebody may have to be given a role to lift it', async () => {
  await stopEffects(db.rpc('ags_bot'), { externalId: PEOPLE.reviewer, reason: '', scope: 'all' });
  const change = await openChange(db, grantRole(PEOPLE.secondOwner, 'owner'));
  expect(await decideAs(db, change, PEOPLE.operator)).toMatchObject({ outcome: 'applied' });
  expect(await rolesOf(db, PEOPLE.secondOwner)).toEqual(['owner']);
  expect(await listActions(db, 'system')).toContain('change.approve');
});
