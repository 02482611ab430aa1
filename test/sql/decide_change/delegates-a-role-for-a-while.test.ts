import { afterAll, expect, test } from 'vitest';
import { listRoles } from '../../../src/store/roles.ts';
import { sweep } from '../../../src/store/steps.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import { applyChange, delegateRole, grantRole, proposeAs, revokeRoleOf, rolesOf } from '../../support/changes.ts';
import { approve, askTask, loadTask, openStory } from '../../support/stories.ts';
import { PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const { owner, secondOwner, operator, secondOperator, member } = PEOPLE;
const lend = () => applyChange(db, delegateRole(operator, member, 'operator'), { by: operator, second: owner });
const runOut = () =>
  db.sql(
    `update public.person_roles set granted_at = now() - interval '9 hours', expires_at = now() - interval '1 second' where source = 'delegation' and revoked_at is null`,
  );

/** Whatever was lent before is over. */
async function lendAnew() {
  await runOut();
  await sweep(db.rpc('ags_worker'), 60_000);
  return lend();
}

const lent = await lend();
const waiting = await askTask(db, { by: secondOperator });
const answer = await approve(db, waiting.reference, member);

test('the role is held for the time, and everybody can see whose it is', async () => {
  expect(lent.after).toMatchObject([{ roles: [{ role: 'operator', until: expect.any(String) }] }]);
  expect(await rolesOf(db, member)).toEqual(['operator']);
  expect((await loadSystemStatus(bot)).delegations).toMatchObject([{ role: 'operator', delegatedBy: 'Adam' }]);
  expect((await listRoles(bot)).holders).toContainEqual(
    expect.objectContaining({ source: 'delegation', delegatedBy: 'Adam', reference: lent.reference }),
  );
  expect(answer.request?.decisions).toMatchObject([{ role: 'operator', delegatedBy: 'Adam' }]);
});

test('it ends by itself: at once for new decisions, and what it had approved is asked anew', async () => {
  await runOut();
  expect(await rolesOf(db, member)).toEqual([]);
  const { reference } = await askTask(db, { by: secondOperator });
  expect(await approve(db, reference, member)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  const { deliver } = await sweep(db.rpc('ags_worker'), 60_000);
  expect(deliver.map(({ job }) => job)).toEqual(expect.arrayContaining(['change.show', 'request.show']));
  expect(await loadTask(db, waiting.taskId)).toMatchObject({ requests: [{ status: 'void' }, { status: 'staging' }] });
  const [change] = await db.sql(`select ended_at is not null as is_over from public.changes where kind = 'delegation'`);
  expect(change).toEqual({ is_over: true });
  expect((await loadSystemStatus(bot)).delegations).toEqual([]);
});

test('a role of one’s own takes the place of a delegated one, and outlasts it', async () => {
  await lendAnew();
  await applyChange(db, grantRole(member, 'operator'), { by: owner, second: secondOwner });
  await runOut();
  await sweep(db.rpc('ags_worker'), 60_000);
  expect(await rolesOf(db, member)).toEqual(['operator']);
  await applyChange(db, revokeRoleOf(member, 'operator'), { by: owner, second: secondOwner });
});

test('a role that is lent is not lent on', async () => {
  await lendAnew();
  const refused = await proposeAs(db, member, delegateRole(member, PEOPLE.reviewer, 'operator'));
  expect(refused).toMatchObject({ outcome: 'refused', problem: expect.stringContaining('or only by delegation, and cannot delegate it') });
  await runOut();
  await sweep(db.rpc('ags_worker'), 60_000);
});

test('what somebody no longer holds they no longer lend', async () => {
  await lendAnew();
  await applyChange(db, revokeRoleOf(operator, 'operator'), { by: owner, second: secondOwner });
  expect(await rolesOf(db, member)).toEqual([]);
});
