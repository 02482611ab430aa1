import { describe, expect, test } from 'vitest';
import type { Role } from '../../src/domain/tier.ts';
import { checkAllowlist } from '../../src/policy/guards/allowlist.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { parseRequirement, tryParseRequirement } from '../../src/policy/requirements.ts';
import { canBeApproved, listSlots, listStaffingProblems } from '../../src/policy/staffing.ts';
import { SHORT_POLICY, withChange, withMore } from './example-policy.ts';

const { policy } = parsePolicy(SHORT_POLICY);

describe('a requirement is read', () => {
  test.each([
    ['critic>=0.8', { kind: 'critic', atLeast: 0.8 }],
    ['critic>=1', { kind: 'critic', atLeast: 1 }],
    ['critic>=0.8889', { kind: 'critic', atLeast: 0.8889 }],
    ['operator_approval', { kind: 'approval', role: 'operator' }],
    ['owner_approval', { kind: 'approval', role: 'owner' }],
    ['dry_run_required', { kind: 'dry_run' }],
  ])('%s', (text, expected) => expect(parseRequirement(text)).toEqual(expected));

  test.each([
    '',
    'critic',
    'critic>=',
    'critic>=0',
    'critic>=0.0',
    'critic>=1.01',
    'critic>=2',
    'critic>= 0.8',
    'critic>0.8',
    'critic>=.8',
    'critic>=0.80001',
    'critic>=-0.8',
    'critic>=0.8 ',
    'Critic>=0.8',
    'operator',
    'operator_approval ',
    'reviewer_approval',
    'approvals>=2',
    'toString',
    '__proto__',
  ])('not %j', (text) => {
    expect(tryParseRequirement(text)).toBeNull();
    expect(() => parseRequirement(text)).toThrow(TypeError);
  });
});

describe('the allowlist', () => {
  const own = parsePolicy(
    withChange(
      '"READ"',
      '"READ", "LOOK"',
      withChange(
        '"SUMMARIZE"',
        '"SUMMARIZE", "TRANSLATE"',
        withChange('"SOCIAL_POST"', '"SOCIAL_POST", "MAIL"', withChange('"TRADE"', '"TRADE", "HEDGE"')),
      ),
    ),
  ).policy;

  test.each<[agent: string, action: string, isAllowed: boolean]>([
    ['researcher', 'RESEARCH', true],
    ['researcher', 'SUMMARIZE', false],
    ['researcher', 'PUBLISH', false],
    ['retriever', 'RETRIEVE', true],
    ['retriever', 'WRITE_DB', false],
    ['exec', 'SUMMARIZE', true],
    ['exec', 'WRITE_DB', true],
    ['exec', 'PAYMENT', true],
    ['exec', 'WITHDRAWAL', true],
    ['exec', 'PUBLISH', false],
    ['exec', 'TRADE', false],
    ['communicator', 'DRAFT_REPLY', true],
    ['communicator', 'PUBLISH', true],
    ['communicator', 'SOCIAL_POST', true],
    ['communicator', 'WRITE_DB', false],
    ['communicator', 'PAYMENT', false],
    ['trader', 'TRADE', true],
    ['trader', 'SUMMARIZE', true],
    ['trader', 'PUBLISH', false],
    ['planner', 'READ', false],
    ['critic', 'READ', false],
    ['human', 'READ', false],
    ['Exec', 'READ', false],
    ['exec ', 'READ', false],
    ['exec', 'read', false],
    ['exec', 'READ ', false],
    ['exec', 'RЕAD', false],
    ['exec', 'NO_SUCH', false],
    ['exec', 'toString', false],
    ['constructor', 'READ', false],
    // Actions that a policy adds
    ['researcher', 'LOOK', true],
    ['researcher', 'TRANSLATE', false],
    ['communicator', 'TRANSLATE', true],
    ['communicator', 'MAIL', false],
    ['exec', 'MAIL', true],
    ['exec', 'HEDGE', true],
    ['trader', 'HEDGE', false],
  ])('%s %s: %s', (agent, action, isAllowed) => {
    const verdict = checkAllowlist(own, agent, action);
    expect(verdict.isAllowed).toBe(isAllowed);
    expect(verdict.rule).not.toBe('');
  });

  test('does not move with the tier', () => {
    const raised = parsePolicy(
      withChange('["TRADE"', '["PUBLISH", "RESEARCH", "TRADE"', withChange('"PUBLISH", ', '', withChange('"RESEARCH", ', ''))),
    ).policy;
    expect(checkAllowlist(raised, 'communicator', 'PUBLISH')).toMatchObject({ isAllowed: true, tier: 'T3' });
    expect(checkAllowlist(raised, 'researcher', 'RESEARCH')).toMatchObject({ isAllowed: true, tier: 'T3' });
    expect(checkAllowlist(raised, 'exec', 'PUBLISH').isAllowed).toBe(false);
  });

  test('stands in the document, for the agents of the policy', () => {
    const without = parsePolicy(withChange('  trader: "trader:xauusd-v6"\n', '')).policy;
    expect(without.agent_actions).toEqual({
      planner: [],
      researcher: ['READ', 'RESEARCH', 'RETRIEVE'],
      retriever: ['READ', 'RESEARCH', 'RETRIEVE'],
      exec: ['READ', 'RESEARCH', 'RETRIEVE', 'WRITE_DB', 'SUMMARIZE', 'DRAFT_REPLY', 'PAYMENT', 'WITHDRAWAL'],
      communicator: ['READ', 'RESEARCH', 'RETRIEVE', 'SUMMARIZE', 'DRAFT_REPLY', 'PUBLISH', 'SOCIAL_POST'],
      critic: [],
    });
    expect(checkAllowlist(without, 'trader', 'READ')).toMatchObject({ isAllowed: false, rule: 'the agent is not in the policy' });
  });
});

describe('can a tier be approved with the people there are?', () => {
  const staff = (team: Record<string, Role[]>) => Object.entries(team).map(([personId, roles]) => ({ personId, roles }));
  const withSlot = (slot: string) => parsePolicy(withMore(`separation: { T3: ${slot} }`)).policy;
  const [ann, bob, cid]: [Role[], Role[], Role[]] = [['owner'], ['operator'], ['operator']];

  test.each<[what: string, slot: string, team: Record<string, Role[]>, requesterId: string, expected: boolean]>([
    ['three people, the third asks', 'none', { ann, bob, cid }, 'cid', true],
    ['three people, the only owner asks', 'none', { ann, bob, cid }, 'ann', false],
    ['two people', 'none', { ann, bob }, 'bob', false],
    ['two people, maker-checker, the operator asks', 'operator', { ann, bob }, 'bob', true],
    ['two people, maker-checker, the owner asks', 'operator', { ann, bob }, 'ann', false],
    ['two people, any slot, the owner asks', 'any', { ann, bob }, 'ann', true],
    ['two owners and one who asks', 'none', { ann, eve: ['owner'], bob }, 'bob', true],
    ['one person with both roles', 'any', { ann: ['owner', 'operator'] }, 'ann', false],
    ['reviewers fill nothing', 'any', { ann, rae: ['reviewer'] }, 'ann', false],
    ['operators alone', 'any', { bob, cid }, 'bob', false],
    ['nobody', 'any', {}, 'ann', false],
  ])('%s (%s)', (_what, slot, team, requesterId, expected) => {
    expect(canBeApproved({ policy: withSlot(slot), tier: 'T3', people: staff(team), requesterId })).toBe(expected);
  });

  test('problems name tier and need', () => {
    expect(listStaffingProblems(policy, staff({ ann, bob, cid }))).toEqual([]);
    expect(listStaffingProblems(policy, staff({ ann, bob })).map(({ tier }) => tier)).toEqual(['T3']);
    expect(listStaffingProblems(policy, staff({ rae: ['reviewer'] })).map(({ tier }) => tier)).toEqual(['T0', 'T1', 'T2', 'T3']);
  });

  test('slots are those of the list', () => {
    expect(listSlots(policy, 'T0')).toEqual([]);
    expect(listSlots(policy, 'T2')).toEqual(['operator']);
    expect(listSlots(policy, 'T3')).toEqual(['owner', 'operator']);
  });
});
