import { afterAll, afterEach, expect, test } from 'vitest';
import { openChangeCard } from '../../src/store/changes.ts';
import { sweep } from '../../src/store/steps.ts';
import { decideAs, grantRole, linkAccounts, meet, openChange, proposeAs, revokeRoleOf, rolesOf } from '../support/changes.ts';
import { approve, askTask, authorize, claim, loadTask } from '../support/stories.ts';
import { changePolicy, PEOPLE, PLACES, PUBLISH_IS_T3, restoreRoles } from '../support/story-world.ts';
import { countBy, openRacingStory, race, shuffle } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(async () => {
  await restoreRoles(db);
  expect(db.countDeadlocks()).toBe(0);
});
const { owner, secondOwner, operator, secondOperator } = PEOPLE;
const ROUNDS = 15;
/** Each round has somebody new, so that no round meets what another one left. */
let next = 5000;
const somebody = () => {
  next += 1;
  return next;
};
const countedOf = (changeId: string) =>
  db.sql(`select slot, person_id from public.change_decisions where change_id = $1 and decision = 'approve' and voided_at is null`, [
    changeId,
  ]);

test('twenty decisions of four people: two slots, two people, applied once', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const who = somebody();
    const change = await openChange(db, grantRole(who, 'reviewer'));
    const presses = shuffle([owner, secondOwner, operator, secondOperator].flatMap((person) => Array.from({ length: 5 }, () => person)));
    const answers = await Promise.all(presses.map((person) => decideAs(db, change, person)));
    expect(answers.filter(({ outcome }) => outcome === 'applied')).toHaveLength(1);
    const counted = await countedOf(change.changeId);
    expect(counted.map(({ slot }) => slot).toSorted()).toEqual(['operator', 'owner']);
    expect(new Set(counted.map(({ person_id }) => person_id)).size).toBe(2);
    expect(await db.sql('select 1 from public.person_roles where granted_change_id = $1', [change.changeId])).toHaveLength(1);
  }
});

test('the same proposal twenty times is one', async () => {
  const proposed = grantRole(somebody(), 'operator');
  const answers = await race(20, (index) => proposeAs(db, index % 2 === 0 ? owner : secondOwner, proposed));
  expect(countBy(answers.map(({ outcome }) => outcome))).toEqual({ proposed: 1, exists: 19 });
  expect(new Set(answers.map(({ change }) => change?.reference)).size).toBe(1);
});

test('an approval and a denial in one moment: one of them ends it, and the other is told', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const who = somebody();
    const change = await openChange(db, grantRole(who, 'operator'));
    const calls = [() => decideAs(db, change, operator), () => decideAs(db, change, secondOperator, { decision: 'reject', reason: 'no' })];
    const answers = await Promise.all(shuffle(calls).map((call) => call()));
    const outcomes = answers.map(({ outcome, code }) => code ?? outcome).toSorted();
    const isApplied = outcomes.includes('applied');
    expect(outcomes).toEqual(isApplied ? ['already_applied', 'applied'] : ['already_rejected', 'rejected']);
    expect(await rolesOf(db, who)).toEqual(isApplied ? ['operator'] : []);
  }
});

test('granted and revoked at once, with a sweep beside them: held once or not at all, never twice', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const who = somebody();
    await meet(db, who, `Person ${who}`);
    const first = await openChange(db, grantRole(who, 'reviewer'));
    await decideAs(db, first, operator);
    const revoke = await openChange(db, revokeRoleOf(who, 'reviewer'));
    const grant = await openChange(db, grantRole(who, 'operator'), secondOwner);
    const draw = () => openChangeCard(db.rpc('ags_bot'), revoke.changeId, { chatId: PLACES.admin, topicId: null });
    await Promise.all(
      shuffle([
        () => decideAs(db, revoke, operator),
        () => decideAs(db, revoke, secondOperator),
        () => decideAs(db, grant, operator),
        () => decideAs(db, grant, secondOperator),
        () => sweep(db.rpc('ags_worker'), 60_000),
        draw,
        draw,
      ]).map((call) => call()),
    );
    expect(await rolesOf(db, who)).toEqual(['operator']);
    const rows = await db.sql('select role from public.person_roles where person_id = public._person_of($1) and revoked_at is null', [who]);
    expect(rows).toEqual([{ role: 'operator' }]);
  }
});

test('a revocation against the approvals of the same person: none of them is left counting', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference } = await askTask(db, { by: operator });
    const change = await openChange(db, revokeRoleOf(secondOperator, 'operator'));
    const press = async () => {
      const { code, outcome } = await approve(db, reference, secondOperator);
      seen.add(code ?? outcome);
    };
    const revoke = async () => expect(await decideAs(db, change, secondOwner)).toMatchObject({ outcome: 'applied' });
    await Promise.all((round % 2 === 0 ? [press, revoke] : [revoke, press]).map((call) => call()));
    const { status, requests } = await loadTask(db, taskId);
    expect(status).toBe('awaiting_approval');
    expect(requests.at(-1)?.status).toMatch(/^(pending|staging)$/);
    expect(requests.filter((request) => request.status === 'approved')).toEqual([]);
    await restoreRoles(db);
  }
  expect([...seen].filter((outcome) => !['approved', 'no_role'].includes(outcome))).toEqual([]);
});

test('a revocation against the grant: let out before it, or asked anew, never both', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference } = await askTask(db, { by: operator });
    await approve(db, reference, secondOperator);
    const held = await claim(db, `${taskId}/publish`);
    const change = await openChange(db, revokeRoleOf(secondOperator, 'operator'));
    const go = () =>
      authorize(db, held).then(
        ({ verdict }) => verdict,
        (thrown) => String(thrown.code),
      );
    const [verdict] = await Promise.all([go(), decideAs(db, change, secondOwner)]);
    const { effects, requests } = await loadTask(db, taskId);
    if (verdict === 'go') expect({ effects: effects.length, status: requests.at(-1)?.status }).toEqual({ effects: 1, status: 'approved' });
    else expect({ verdict, effects, status: requests.at(-1)?.status }).toEqual({ verdict: 'lease_lost', effects: [], status: 'staging' });
    await restoreRoles(db);
  }
});

test('two accounts approve while they are linked: one human never fills both slots', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  for (let round = 0; round < ROUNDS; round += 1) {
    const other = somebody();
    await meet(db, other, `Account ${other}`);
    await decideAs(db, await openChange(db, grantRole(other, 'operator')), secondOwner);
    const { taskId, reference } = await askTask(db, { by: operator });
    const change = await openChange(db, linkAccounts(secondOwner, other));
    await Promise.all(
      shuffle([() => approve(db, reference, secondOwner), () => approve(db, reference, other), () => decideAs(db, change, operator)]).map(
        (call) => call(),
      ),
    );
    const { requests } = await loadTask(db, taskId);
    expect(requests.filter(({ status }) => status === 'approved')).toEqual([]);
    await db.sql(
      `with p as (insert into public.people (display_name) values ('apart') returning person_id) update public.identities i set person_id = p.person_id from p where i.external_id = $1`,
      [other],
    );
  }
});
