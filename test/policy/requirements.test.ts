import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DATABASE_ROLES } from '../../src/store/rpc.ts';
import { Verdict } from '../../src/store/shared-rows.ts';
import { openTestDatabase } from '../support/database.ts';

const db = await openTestDatabase();
afterAll(() => db.close());

type Facts = Record<string, unknown>;
const evaluate = (requirements: unknown, facts: Facts | null) =>
  db.rpc('ags_bot').call('evaluate_requirements', { p_requirements: requirements, p_facts: facts }, Verdict);

const PASSED: Facts = { points: 8, pass_points: 7, score: 0.8889, has_veto: false };
const by = (role: string, name = 'Adam') => ({ role, name });

test.each<[string, Facts | null, boolean, string]>([
  ['critic_pass', PASSED, true, '8 of 9 points, 7 needed'],
  ['critic_pass', { ...PASSED, points: 7 }, true, '7 of 9 points, 7 needed'],
  ['critic_pass', { ...PASSED, points: 6 }, false, '6 of 9 points, 7 needed'],
  ['critic_pass', { ...PASSED, points: 9, has_veto: true }, false, 'the critic raised a red flag'],
  ['critic_pass', { ...PASSED, has_veto: undefined }, false, 'the critic raised a red flag'],
  ['critic_pass', {}, false, 'the critic has not judged it'],
  ['critic_pass', null, false, 'the critic has not judged it'],
  ['critic>=0.8', PASSED, true, 'critic 0.89, 0.8 needed'],
  ['critic>=0.8', { ...PASSED, score: 0.8 }, true, 'critic 0.80, 0.8 needed'],
  ['critic>=0.8', { ...PASSED, score: 0.7999 }, false, 'critic 0.80, 0.8 needed'],
  ['critic>=0.9', PASSED, false, 'critic 0.89, 0.9 needed'],
  ['critic>=1', { ...PASSED, score: 1 }, true, 'critic 1.00, 1 needed'],
  ['critic>=0.8', { ...PASSED, score: 1, has_veto: true }, false, 'critic 1.00, 0.8 needed, but it raised a red flag'],
  ['critic>=0.8', {}, false, 'the critic has not judged it'],
  ['operator_approval', { approvals: [by('operator')] }, true, 'operator: Adam'],
  ['operator_approval', { approvals: [by('owner')] }, false, 'operator: waiting'],
  ['operator_approval', { approvals: [] }, false, 'operator: waiting'],
  ['owner_approval', { approvals: [by('operator'), by('owner', 'Olivia')] }, true, 'owner: Olivia'],
  ['owner_approval', {}, false, 'owner: waiting'],
  ['dry_run_required', { has_dry_run: true }, true, 'the dry run is reported'],
  ['dry_run_required', {}, false, 'no dry run yet'],
  ['staged_copy', { is_staged: true }, true, 'shown in full'],
  ['within_limits', { limit_problem: null }, true, 'within the limits'],
  ['within_limits', { limit_problem: 'it is too much' }, false, 'it is too much'],
  ['within_limits', {}, false, 'the limits were not asked'],
  ['staged_copy', {}, false, 'not shown in full yet'],
  ['staged_copy', { is_staged: false, staging_problem: 'the text differs' }, false, 'the text differs'],
  ['reviewer_approval', { approvals: [by('reviewer')] }, false, 'unknown requirement'],
  ['critic>0.8', PASSED, false, 'unknown requirement'],
  ['critic>=0.8 or operator_approval', { ...PASSED, approvals: [by('operator')] }, false, 'unknown requirement'],
  ['OPERATOR_APPROVAL', { approvals: [by('operator')] }, false, 'unknown requirement'],
  ['critic_pass ', PASSED, false, 'unknown requirement'],
  ['', PASSED, false, 'unknown requirement'],
])('%j with %j is %s: %s', async (requirement, facts, isMet, detail) => {
  const verdict = await evaluate([requirement], facts);
  expect(verdict).toEqual({ isMet, items: [{ requirement, isMet, detail, isByPeople: requirement.endsWith('_approval') }] });
});

test('all of a list must be met, and each is named in the list’s order', async () => {
  const list = ['critic_pass', 'critic>=0.9', 'operator_approval', 'owner_approval', 'dry_run_required', 'staged_copy'];
  const facts = { ...PASSED, points: 9, score: 1, approvals: [by('operator'), by('owner')], has_dry_run: true, is_staged: true };
  const all = await evaluate(list, facts);
  expect(all.isMet).toBe(true);
  expect(all.items.map(({ requirement }) => requirement)).toEqual(list);
  for (const missing of [{ score: 0.8 }, { approvals: [by('owner')] }, { has_dry_run: false }, { is_staged: false }, { has_veto: true }]) {
    expect((await evaluate(list, { ...facts, ...missing })).isMet).toBe(false);
  }
});

test('an empty list is met; no list at all is not', async () => {
  expect(await evaluate([], {})).toEqual({ isMet: true, items: [] });
  expect(await evaluate(null, {})).toEqual({ isMet: false, items: [] });
});

test('every role of the program gets the same answer', async () => {
  const args = { p_requirements: ['critic>=0.8'], p_facts: PASSED };
  const answers = await Promise.all(DATABASE_ROLES.map((role) => db.rpc(role).call('evaluate_requirements', args, z.unknown())));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});
