import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { listPeople, meetPerson, recordGreeting, seedPeople } from '../../../src/store/people.ts';
import { openTestDatabase } from '../../support/database.ts';
import { listActions, PEOPLE, revokeRole, seedTeam } from '../../support/story-world.ts';

const db = await openTestDatabase();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const meet = (externalId: number, displayName: string, isPrivate = false) =>
  meetPerson(bot, { externalId, displayName, username: null, isPrivate });

test('to people who never had it; again, it gives nothing', async () => {
  expect(await seedPeople(bot, [{ externalId: PEOPLE.owner, role: 'owner', displayName: 'Olivia' }])).toMatchObject({ isFirst: true });
  await seedTeam(db);
  expect(await seedPeople(bot, [{ externalId: PEOPLE.owner, role: 'owner' }])).toEqual({
    isFirst: false,
    seeded: [],
    revoked: [],
    withheld: [],
  });
  expect((await listPeople(bot, ['owner'])).map(({ externalId }) => externalId)).toEqual([PEOPLE.owner, PEOPLE.secondOwner]);
  expect(await listActions(db, 'system')).toEqual(Array(5).fill('role.seed'));
});

test('a role that was taken away is not given again, and is named', async () => {
  await revokeRole(db, PEOPLE.operator);
  expect(await seedPeople(bot, [{ externalId: PEOPLE.operator, role: 'operator' }])).toEqual({
    isFirst: false,
    seeded: [],
    revoked: [{ externalId: PEOPLE.operator, role: 'operator' }],
    withheld: [],
  });
  expect((await meet(PEOPLE.operator, 'Adam')).roles).toEqual([]);
});

test.each([
  { who: 'somebody who lost another role', externalId: 521, isLost: true },
  { who: 'somebody who holds another role', externalId: 522, isLost: false },
])('whoever had any role gets no other one: $who', async ({ externalId, isLost }) => {
  await seedPeople(bot, [{ externalId, role: 'operator' }]);
  if (isLost) await revokeRole(db, externalId);
  expect(await seedPeople(bot, [{ externalId, role: 'owner' }])).toEqual({
    isFirst: false,
    seeded: [],
    revoked: [],
    withheld: [{ externalId, role: 'owner' }],
  });
  expect((await listPeople(bot, ['owner'])).map((person) => person.externalId)).not.toContain(externalId);
});

test('one who never had a role gets all that are configured, and the answer tells that it is not the first start', async () => {
  const both = [
    { externalId: 510, role: 'operator' as const },
    { externalId: 510, role: 'reviewer' as const },
  ];
  expect(await seedPeople(bot, both)).toEqual({ isFirst: false, seeded: both, revoked: [], withheld: [] });
  expect(await seedPeople(bot, both)).toMatchObject({ seeded: [] });
});

test.each([777_000, 1_087_968_824, 136_817_688, 0, -1_001_000_000_001])(
  '%i is nobody in particular and gets no role',
  async (externalId) => {
    await expect(seedPeople(bot, [{ externalId, role: 'owner' }])).rejects.toMatchObject({
      code: 'store_failed',
      context: { sqlstate: '23514' },
    });
    await expect(meet(externalId, 'Group')).rejects.toMatchObject({ code: 'store_failed', context: { sqlstate: '23514' } });
    expect(await db.sql('select 1 from public.identities where external_id = $1', [externalId])).toEqual([]);
  },
);

test('a role that does not exist is not given', async () => {
  const god = [{ external_id: 5, role: 'god' }];
  await expect(bot.call('seed_people', { p_people: god }, z.unknown())).rejects.toMatchObject({ context: { sqlstate: '23514' } });
});

test('a person is the number, not the name; the newest name is shown', async () => {
  const first = await meet(500, 'Olivia');
  expect(first).toMatchObject({ externalId: 500, roles: [], wasGreeted: false });
  expect(await meet(500, 'Renamed', true)).toMatchObject({ personId: first.personId, displayName: 'Renamed' });
  await recordGreeting(bot, 500);
  expect(await meet(500, '')).toMatchObject({ displayName: 'Renamed', wasGreeted: true });
  await db.sql(`update public.identities set greeted_at = now() - interval '25 hours' where external_id = 500`);
  expect(await meet(500, 'Renamed')).toMatchObject({ wasGreeted: false });
});
