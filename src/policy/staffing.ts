import { type Role, TIERS, type Tier } from '../domain/tier.ts';
import type { RequesterSlot } from './approval-rules.ts';
import { type ApproverRole, parseRequirement } from './requirements.ts';
import type { Policy } from './schema.ts';

export interface StaffMember {
  personId: string;
  roles: readonly Role[];
}

/** The approvals that different people must give for a tier, owner first: fewer people fit it. */
export function listSlots(policy: Policy, tier: Tier): ApproverRole[] {
  return (policy.approvals[tier] ?? [])
    .map(parseRequirement)
    .flatMap((requirement) => (requirement.kind === 'approval' ? [requirement.role] : []))
    .sort((a, b) => Number(b === 'owner') - Number(a === 'owner'));
}

export interface StaffingQuestion {
  policy: Policy;
  tier: Tier;
  people: readonly StaffMember[];
  requesterId: string;
}

/** Could different people fill every slot of the tier for what this person asks? An owner also fits the operator's slot. */
export function canBeApproved({ policy, tier, people, requesterId }: StaffingQuestion): boolean {
  const requesterSlot: RequesterSlot = tier === 'T2' || tier === 'T3' ? policy.separation[tier] : 'any';
  const fits = (person: StaffMember, slot: ApproverRole) =>
    (person.roles.includes(slot) || person.roles.includes('owner')) &&
    (person.personId !== requesterId || requesterSlot === 'any' || requesterSlot === slot);
  const fill = ([slot, ...rest]: readonly ApproverRole[], free: readonly StaffMember[]): boolean =>
    slot === undefined ||
    free.some(
      (person) =>
        fits(person, slot) &&
        fill(
          rest,
          free.filter((other) => other.personId !== person.personId),
        ),
    );
  return fill(listSlots(policy, tier), people);
}

export interface StaffingProblem {
  tier: Tier;
  reason: string;
}

/**
 * Tiers that nobody who may ask for a task could get approved with the people there are. The program runs; tasks of these tiers are
 * refused with the reason.
 */
export function listStaffingProblems(policy: Policy, people: readonly StaffMember[]): StaffingProblem[] {
  const requesters = people.filter(({ roles }) => roles.includes('operator') || roles.includes('owner'));
  return TIERS.filter((tier) => !requesters.some(({ personId }) => canBeApproved({ policy, tier, people, requesterId: personId }))).map(
    (tier) => ({
      tier,
      reason: toReason(policy, tier),
    }),
  );
}

function toReason(policy: Policy, tier: Tier): string {
  const slots = listSlots(policy, tier);
  if (slots.length === 0) return `${tier} needs an operator or owner who asks`;
  const beside = (tier === 'T2' || tier === 'T3') && policy.separation[tier] === 'none' ? ' beside the person who asks' : '';
  return `${tier} needs ${slots.length === 1 ? 'one person' : `${slots.length} different people`}${beside} as ${slots.join(' and ')}`;
}
