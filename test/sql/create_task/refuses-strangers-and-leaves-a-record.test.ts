import { afterAll, expect, test } from 'vitest';
import { meetPerson } from '../../../src/store/people.ts';
import { openStory, startTask } from '../../support/stories.ts';
import { lastRecord, PEOPLE, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

const count = async () => (await db.sql('select count(*)::int as count from public.tasks'))[0]?.count;

test.each(['member', 'stranger', 'reviewer'] as const)('a %s gives no task', async (who) => {
  const externalId = PEOPLE[who];
  await meetPerson(db.rpc('ags_bot'), { externalId, displayName: who, username: null, isPrivate: true });
  await expect(startTask(db, { by: externalId })).rejects.toMatchObject({ code: 'not_allowed' });
  expect(await count()).toBe(0);
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: `tg:${externalId}`, action: 'task.refuse', after: { code: 'no_role' } });
});

test('nor does somebody whom nobody has met, nor an operator who is none any more', async () => {
  await expect(startTask(db, { by: 999 })).rejects.toMatchObject({ code: 'not_allowed' });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:999', action: 'task.refuse' });
  await revokeRole(db, PEOPLE.operator);
  await expect(startTask(db, { by: PEOPLE.operator })).rejects.toMatchObject({ code: 'not_allowed' });
  expect(await count()).toBe(0);
});
