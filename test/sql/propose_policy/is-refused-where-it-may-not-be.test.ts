import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sha256 } from '../../../src/domain/ids.ts';
import { proposeChange } from '../../../src/store/changes.ts';
import { proposePolicy } from '../../../src/store/policy-changes.ts';
import { inForce, MORE_MONEY, propose, proposeForSure, tiers } from '../../support/policy-stories.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, makePolicy, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const countDrafts = async () => Number((await db.sql('select count(*) as n from public.policy_drafts'))[0]?.n);

beforeEach(async () => {
  expect(await inForce(db)).toBe(1);
});

test.each([
  ['an operator', PEOPLE.operator],
  ['a reviewer', PEOPLE.reviewer],
  ['somebody without a role', PEOPLE.member],
  ['nobody that is known', 987654],
])('%s may not propose one, and nothing is kept of it', async (_who, externalId) => {
  const before = await countDrafts();
  expect(await propose(db, MORE_MONEY, externalId)).toMatchObject({ outcome: 'refused', code: 'no_role', change: null });
  expect(await countDrafts()).toBe(before);
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: `tg:${externalId}`, action: 'change.refuse' });
});

describe('what would lock everybody out is refused with the reason', () => {
  test.each<[what: string, overrides: Record<string, unknown>, words: string]>([
    [
      'no agent for publishing',
      { agents: { planner: 'planner:v2', critic: 'critic:v1', researcher: 'researcher:v3', trader: 'trader:v1' } },
      'no agent of the policy may do anything of T2 (PUBLISH, SOCIAL_POST)',
    ],
    ['the policy in force', {}, 'this is policy version 1, which is in force'],
  ])('%s', async (_what, overrides, words) => {
    const before = await countDrafts();
    const refused = await propose(db, overrides);
    // The same sections written anew are the same document in other words; the file itself is the one in force.
    expect(refused).toMatchObject({ outcome: 'refused', code: 'not_possible' });
    expect(refused.problem).toContain(words);
    expect(await countDrafts()).toBe(before);
  });

  test('an approval role that nobody holds', async () => {
    const owners = `person_id in (select person_id from public.identities where external_id in (${PEOPLE.secondOwner}, ${PEOPLE.operator}, ${PEOPLE.secondOperator}))`;
    await db.sql(
      `update public.person_roles set revoked_at = now(), revoked_by = 'tg:101' where ${owners} and role in ('owner', 'operator')`,
    );
    // An owner alone is left: today's T2 takes an operator, whom an owner stands in for; with "none" nobody could ask for a post.
    const { outcome, problem } = await propose(db, { separation: { T2: 'none', T3: 'none' } });
    expect({ outcome, problem }).toMatchObject({
      outcome: 'refused',
      problem: expect.stringContaining('it would lock everybody out: T2 needs operator'),
    });
    // T3 cannot be approved today either: that is no reason to refuse what has nothing to do with it, but there is no second person.
    expect((await propose(db, MORE_MONEY)).problem).toContain('it takes two people');
    await db.sql(`update public.person_roles set revoked_at = null, revoked_by = null where ${owners}`);
  });
});

describe('a document that no text could have made is refused, whoever hands it in', () => {
  const { source, policy, checksum } = makePolicy(MORE_MONEY);
  test.each<[what: string, change: Record<string, unknown>, words: string]>([
    [
      'T3 with one person',
      { approvals: { ...policy.approvals, T3: ['critic>=0.9', 'owner_approval', 'dry_run_required'] } },
      'T3 has to need operator_approval',
    ],
    [
      'T3 without a dry run',
      { approvals: { ...policy.approvals, T3: ['critic>=0.9', 'operator_approval', 'owner_approval'] } },
      'T3 has to need',
    ],
    [
      'T2 without people',
      { approvals: { ...policy.approvals, T2: ['critic>=0.8'] } },
      'T2 has to need operator_approval or owner_approval',
    ],
    ['T2 without a critic', { approvals: { ...policy.approvals, T2: ['operator_approval'] } }, 'T2 has to need a critic'],
    [
      'a dry run that nobody is shown',
      { approvals: { ...policy.approvals, T1: ['critic>=0.8', 'dry_run_required'] } },
      'T1 has to need operator_approval or owner_approval beside dry_run_required',
    ],
    ['no approvals at all', { approvals: {} }, 'T2 has to need a critic'],
    [
      'publishing on its own',
      { risk_tiers: { ...policy.risk_tiers, T1: ['PUBLISH'], T2: ['SOCIAL_POST'] } },
      'PUBLISH may not be lower than T2',
    ],
    [
      'payments in T2',
      { risk_tiers: { ...policy.risk_tiers, T2: ['PUBLISH', 'PAYMENT'], T3: ['TRADE'] } },
      'PAYMENT may not be lower than T3',
    ],
    ['no critic', { agents: { planner: 'planner:v2' } }, 'without planner and critic'],
  ])('%s', async (_what, change, words) => {
    const refused = await proposePolicy(
      bot,
      { source, document: { ...policy, ...change }, checksum },
      { externalId: PEOPLE.owner, reason: '' },
    );
    expect(refused).toMatchObject({ outcome: 'refused', code: 'not_possible', problem: expect.stringContaining(words) });
  });

  test('a checksum of another text', async () => {
    const wrong = { source, document: policy, checksum: sha256('something else') };
    await expect(proposePolicy(bot, wrong, { externalId: PEOPLE.owner, reason: '' })).rejects.toMatchObject({ code: 'input_invalid' });
  });

  test('a text that was never handed in', async () => {
    const payload = { checksum: 'a'.repeat(64), document_checksum: 'b'.repeat(64) };
    const args = { p_external_id: PEOPLE.owner, p_kind: 'policy', p_payload: payload, p_reason: '' };
    const refused = await bot.call('propose_change', args, z.looseObject({}));
    expect(refused).toMatchObject({ outcome: 'refused', problem: 'there is no such policy: its text has to be handed in first' });
    const more = await bot.call('propose_change', { ...args, p_payload: { ...payload, document: {} } }, z.looseObject({}));
    expect(more).toMatchObject({ outcome: 'refused', problem: expect.stringContaining('and nothing else') });
  });
});

test('the same open proposal again is the first one', async () => {
  const reference = await proposeForSure(db, PUBLISH_IS_T3);
  const again = await propose(db, PUBLISH_IS_T3, PEOPLE.secondOwner);
  expect(again).toMatchObject({ outcome: 'exists', change: { reference } });
  expect(await proposeForSure(db, tiers({ T3: ['TRADE'] }))).not.toBe(reference);
});

test('a kind of change is not another one by its payload', async () => {
  const payload = { external_id: PEOPLE.member, role: 'owner' as const };
  const args = { p_external_id: PEOPLE.owner, p_kind: 'policy', p_payload: payload, p_reason: '' };
  expect(await bot.call('propose_change', args, z.looseObject({}))).toMatchObject({ outcome: 'refused', code: 'not_possible' });
  expect(await proposeChange(bot, { kind: 'role_grant', payload }, { externalId: PEOPLE.operator, reason: '' })).toMatchObject({
    code: 'no_role',
  });
});
