import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { meetPerson } from '../../../src/store/people.ts';
import { beginEnrolment } from '../../../src/store/second-factor.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { applyChange, decideAs, grantRole, linkAccounts, meet, openChange, revokeRoleOf, rolesOf } from '../../support/changes.ts';
import { enrol } from '../../support/one-time-codes.ts';
import { approve, askTask, loadTask, openStory } from '../../support/stories.ts';
import { PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const { owner, secondOwner, operator, secondOperator } = PEOPLE;
/** Each story has a human with two accounts of its own. */
let other = 500;
beforeEach(async () => {
  other += 1;
  await meet(db, other, `Account ${other}`);
  await applyChange(db, grantRole(other, 'operator'), { by: owner, second: secondOwner });
});
const unlink = () =>
  db.sql(
    `with p as (insert into public.people (display_name) values ('apart') returning person_id) update public.identities i set person_id = p.person_id from p where i.external_id = $1`,
    [other],
  );

test('roles are joined, both accounts are one person, and the other account speaks for that person', async () => {
  const { before, after } = await applyChange(db, linkAccounts(operator, other), { by: owner, second: secondOwner });
  expect(before).toMatchObject([{ accounts: [operator] }, { accounts: [other], roles: [{ role: 'operator' }] }]);
  expect(after).toMatchObject([{ name: 'Adam', accounts: [operator, other], roles: [{ role: 'operator' }] }]);
  const [one, two] = await Promise.all(
    [operator, other].map((externalId) => meetPerson(bot, { externalId, displayName: 'Adam', username: null, isPrivate: true })),
  );
  expect(one?.personId).toBe(two?.personId);
  await applyChange(db, revokeRoleOf(operator, 'operator'), { by: owner, second: secondOwner });
  expect(await rolesOf(db, other)).toEqual([]);
  await applyChange(db, grantRole(operator, 'operator'), { by: owner, second: secondOwner });
  await unlink();
});

test('a linked pair never fills two slots, of a task or of a change, nor lifts a stop', async () => {
  await applyChange(db, linkAccounts(owner, other), { by: secondOwner, second: operator });
  const { reference } = await askTask(db, { by: operator });
  expect(await approve(db, reference, owner)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await approve(db, reference, other)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  const change = await openChange(db, grantRole(PEOPLE.member, 'reviewer'), owner);
  expect(await decideAs(db, change, other)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  await stopEffects(bot, { externalId: other, reason: '', scope: 'effects' });
  expect(await resumeEffects(bot, { externalId: owner, reason: '', choice: 'continue' })).toMatchObject({ outcome: 'asked' });
  expect(await resumeEffects(bot, { externalId: other, reason: '', choice: 'continue' })).toMatchObject({
    outcome: 'refused',
    code: 'same_person',
  });
  expect(await resumeEffects(bot, { externalId: operator, reason: '', choice: 'continue' })).toMatchObject({ outcome: 'resumed' });
  await unlink();
});

test('two approvals that turn out to be of one human are void, and asked anew', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await approve(db, reference, other);
  expect(await approve(db, reference, secondOwner)).toMatchObject({ outcome: 'approved' });
  await applyChange(db, linkAccounts(secondOwner, other), { by: owner, second: operator });
  expect(await loadTask(db, taskId)).toMatchObject({ requests: [{ status: 'void' }, { status: 'staging' }] });
  const [row] = await db.sql(`select void_reason from public.approval_requests where reference = $1`, [reference]);
  expect(row).toEqual({ void_reason: 'two accounts of Oscar had approved it' });
  await unlink();
});

test('an approval of what one had asked for under the other account counts no longer', async () => {
  const { taskId, reference } = await askTask(db, { by: other });
  expect(await approve(db, reference, secondOperator)).toMatchObject({ outcome: 'recorded' });
  await applyChange(db, linkAccounts(secondOperator, other), { by: owner, second: secondOwner });
  expect(await loadTask(db, taskId)).toMatchObject({ requests: [{ status: 'void' }, { status: 'staging' }] });
  const [row] = await db.sql(`select void_reason from public.approval_requests where reference = $1`, [reference]);
  expect(row).toEqual({ void_reason: 'Bella asked for this' });
});

test('the other account of whoever proposes a link is not the second person', async () => {
  await meet(db, 900, 'Bella’s new phone');
  const change = await openChange(db, linkAccounts(owner, other), owner);
  expect(await decideAs(db, change, other)).toMatchObject({ outcome: 'refused', code: 'concerned' });
  expect(await decideAs(db, change, secondOwner)).toMatchObject({ outcome: 'applied' });
});

describe('a confirmed second factor', () => {
  const factorsOf = async (externalId: number) =>
    (
      await db.sql(
        `select encode(f.secret, 'hex') as secret from public.second_factors f join public.identities i using (person_id) where i.external_id = $1 and f.confirmed_at is not null`,
        [externalId],
      )
    ).map(({ secret }) => secret);
  const link = () => applyChange(db, linkAccounts(operator, other), { by: owner, second: secondOwner });
  const begin = () => beginEnrolment(bot, { externalId: operator, chatId: operator });
  beforeEach(() => db.sql('delete from public.second_factors'));

  test.each([
    ['where the other account has none', async () => {}],
    ['where the other account has only begun one', begin],
  ])('is carried over %s', async (_where, prepare) => {
    const secret = await enrol(db, other);
    await prepare();
    await link();
    expect(await factorsOf(operator)).toEqual([secret]);
    await unlink();
  });

  test('of the one who stays counts where both have one', async () => {
    const secret = await enrol(db, operator);
    await enrol(db, other);
    await link();
    expect(await factorsOf(operator)).toEqual([secret]);
    expect(await factorsOf(other)).toEqual([secret]);
    await unlink();
  });
});
