import { afterAll, afterEach, expect, test } from 'vitest';
import { stopEffects } from '../../src/store/stop.ts';
import { agree, inForce, MORE_MONEY, propose, proposeForSure, startAfresh } from '../support/policy-stories.ts';
import { approve, approveTask, askTask, authorize, claim, loadTask, planTask, startTask } from '../support/stories.ts';
import { PEOPLE, PUBLISH_IS_T3 } from '../support/story-world.ts';
import { countBy, openRacingStory, race, shuffle } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));
const ROUNDS = 15;
const toCode = (thrown: unknown): string => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown');

/** Grants that came after the rules had changed, on a word that was given before. There must never be one. */
const listLateGrants = () =>
  db.sql(
    `select e.effect_id, e.granted_at, p.policy_version from public.effects e join public.approvals a using (request_id)
     join public.policies p on p.in_force_at < e.granted_at and p.in_force_at > a.ts and p.change_id is not null`,
  );

test('a change of the rules against grants: what was approved before it is let out before it, or never', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const base = await startAfresh(db);
    const asked = [];
    for (let index = 0; index < 4; index += 1) asked.push(await approveTask(db));
    const held = await Promise.all(asked.map(({ taskId }) => claim(db, `${taskId}/publish`)));
    const reference = await proposeForSure(db, PUBLISH_IS_T3);
    const change = async () => (await agree(db, reference, PEOPLE.operator)).outcome;
    const grants = held.map((work) => () => authorize(db, work).then(({ verdict }) => verdict, toCode));
    const answers = await Promise.all(shuffle([change, ...grants]).map((call) => call()));
    for (const answer of answers) seen.add(answer);
    expect(answers.filter((answer) => answer === 'applied')).toHaveLength(1);
    expect(await listLateGrants()).toEqual([]);
    for (const { taskId } of asked) {
      const { policyVersion, effects, requests, status } = await loadTask(db, taskId);
      if (effects.length > 0)
        expect({ policyVersion, status, request: requests[0]?.status }).toEqual({
          policyVersion: base,
          status: 'running',
          request: 'approved',
        });
      else
        expect({ policyVersion, status, request: requests[0]?.status }).toEqual({
          policyVersion: base + 1,
          status: 'awaiting_approval',
          request: 'void',
        });
    }
  }
  expect([...seen].toSorted()).toEqual(expect.arrayContaining(['applied']));
  expect([...seen].filter((answer) => !['applied', 'go', 'lease_lost'].includes(answer))).toEqual([]);
}, 120_000);

test('a change of the rules against approvals: each counts for the version that it was given under', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const base = await startAfresh(db);
    const asked = [await askTask(db), await askTask(db), await askTask(db)];
    const reference = await proposeForSure(db, PUBLISH_IS_T3);
    const calls = [
      async () => (await agree(db, reference, PEOPLE.operator)).outcome as string,
      ...asked.map((one) => async () => (await approve(db, one.reference, PEOPLE.secondOwner)).outcome),
      async () => (await startTask(db)) && 'started',
      async () => (await planTask(db)) && 'planned',
    ];
    await Promise.all(shuffle(calls).map((call) => call()));
    expect(await inForce(db)).toBe(base + 1);
    for (const { taskId } of asked) {
      const { policyVersion, requests, status } = await loadTask(db, taskId);
      // Approved before or not: nothing had been let out, so that it is asked anew.
      expect({ policyVersion, status, requests: requests.map((request) => request.status) }).toEqual({
        policyVersion: base + 1,
        status: 'awaiting_approval',
        requests: ['void', 'staging'],
      });
    }
  }
}, 120_000);

test('twenty words for two proposals: one version more, never two, and never one in force beside another', async () => {
  for (let round = 0; round < 5; round += 1) {
    const base = await startAfresh(db);
    const references = [await proposeForSure(db, MORE_MONEY), await proposeForSure(db, PUBLISH_IS_T3, PEOPLE.secondOwner)];
    const people = [PEOPLE.operator, PEOPLE.secondOperator, PEOPLE.owner, PEOPLE.secondOwner];
    const answers = await race(20, (index) => agree(db, references[index % 2] ?? '', people[Math.floor(index / 2) % 4] ?? 0));
    expect(answers.filter(({ outcome }) => outcome === 'applied')).toHaveLength(1);
    expect(await inForce(db)).toBe(base + 1);
    const changes = await db.sql('select status from public.changes where reference = any ($1)', [references]);
    expect(countBy(changes.map(({ status }) => String(status)))).toEqual({ applied: 1, void: 1 });
  }
});

test('the same proposal ten times at once is one', async () => {
  await startAfresh(db);
  const answers = await race(10, () => propose(db, MORE_MONEY));
  expect(countBy(answers.map(({ outcome }) => outcome))).toEqual({ proposed: 1, exists: 9 });
});

test('a stop in the same moment holds nobody up', async () => {
  for (let round = 0; round < 5; round += 1) {
    const base = await startAfresh(db);
    const { taskId } = await approveTask(db);
    const held = await claim(db, `${taskId}/publish`);
    const reference = await proposeForSure(db, MORE_MONEY);
    const calls = [
      () => agree(db, reference, PEOPLE.operator),
      () => stopEffects(db.rpc('ags_bot'), { externalId: PEOPLE.reviewer, reason: 'now', scope: 'effects' }),
      () => authorize(db, held).catch(toCode),
    ];
    await Promise.all(shuffle<() => Promise<unknown>>(calls).map((call) => call()));
    expect(await inForce(db)).toBe(base + 1);
    expect(await listLateGrants()).toEqual([]);
  }
});
