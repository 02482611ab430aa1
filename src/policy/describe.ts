import { AGENT_NAMES } from '../domain/actions.ts';
import { TIERS, type Tier } from '../domain/tier.ts';
import type { RequesterSlot } from './approval-rules.ts';
import { describeValues, type PolicyChange } from './describe-values.ts';
import { parseRequirement, toRequirementKind } from './requirements.ts';
import type { Policy } from './schema.ts';

export type { PolicyChange };

/** What is told in its own way; whatever else a policy has, now or later, is told key by key. `agent_actions` follows from agents and tiers. */
const TOLD_APART: ReadonlySet<string> = new Set(['risk_tiers', 'approvals', 'agents', 'agent_actions', 'separation']);
const WEIGHTS: readonly PolicyChange['weight'][] = ['looser', 'stricter', 'other'];

/**
 * What changes from one policy to the next, a sentence each, for people who are to agree: who gains or loses what. What loosens comes
 * first, then what tightens. Empty when both say the same.
 */
export function describePolicyChange(before: Policy, after: Policy): PolicyChange[] {
  const [old, next] = [toRest(before), toRest(after)];
  const changes = [
    ...describeTiers(before, after),
    ...describeApprovals(before, after),
    ...describeSeparation(before, after),
    ...describeAgents(before, after),
    ...[...new Set([...Object.keys(old), ...Object.keys(next)])].flatMap((key) => describeValues(key, old[key], next[key])),
  ];
  return WEIGHTS.flatMap((weight) => changes.filter((change) => change.weight === weight));
}

const toRest = (policy: Policy): Record<string, unknown> =>
  Object.fromEntries(Object.entries(policy).filter(([key]) => !TOLD_APART.has(key)));

const looser = (text: string): PolicyChange => ({ text, weight: 'looser' });
const stricter = (text: string): PolicyChange => ({ text, weight: 'stricter' });

function describeTiers(before: Policy, after: Policy): PolicyChange[] {
  const tierIn = (policy: Policy, action: string) => TIERS.find((tier) => policy.risk_tiers[tier].includes(action));
  const actions = new Set([before, after].flatMap((policy) => TIERS.flatMap((tier) => policy.risk_tiers[tier])));
  return [...actions].flatMap((action): PolicyChange[] => {
    const [from, to] = [tierIn(before, action), tierIn(after, action)];
    if (from === to) return [];
    if (!to) return [stricter(`${action} is no longer possible (was in ${from}).`)];
    if (!from) return [looser(`${action} becomes possible, in ${to}, for ${listAgentsFor(after, action)}.`)];
    return [to > from ? stricter(`${action} goes up from ${from} to ${to}.`) : looser(`${action} goes DOWN from ${from} to ${to}.`)];
  });
}

function listAgentsFor(policy: Policy, action: string): string {
  return AGENT_NAMES.filter((name) => policy.agent_actions[name]?.includes(action)).join(' and ') || 'no agent';
}

function describeApprovals(before: Policy, after: Policy): PolicyChange[] {
  return TIERS.flatMap((tier) => {
    const [old, next] = [readNeeds(before, tier), readNeeds(after, tier)];
    return [...new Set([...next.keys(), ...old.keys()])].flatMap((kind) => describeNeed(tier, kind, old.get(kind), next.get(kind)));
  });
}

/** By kind: the score for the critic, 1 for what is needed or not. */
function readNeeds(policy: Policy, tier: Tier): Map<string, number> {
  const needs = (policy.approvals[tier] ?? []).map(parseRequirement);
  return new Map(needs.map((need) => [toRequirementKind(need), need.kind === 'critic' ? need.atLeast : 1]));
}

function describeNeed(tier: Tier, kind: string, old: number | undefined, next: number | undefined): PolicyChange[] {
  if (old === next) return [];
  if (old === undefined) return [stricter(`${tier} now needs ${nameNeed(kind, next)}.`)];
  if (next === undefined) return [looser(`${tier} no longer needs ${nameNeed(kind, old)}.`)];
  const text = `${tier} needs ${nameNeed(kind, next)} instead of ${old}.`;
  return [next > old ? stricter(text) : looser(text)];
}

function nameNeed(kind: string, atLeast: number | undefined): string {
  if (kind === 'critic') return `a critic’s score of at least ${atLeast}`;
  return kind === 'dry_run' ? 'a dry run' : `an approval as ${kind.replace('_approval', '')}`;
}

const SLOT_ORDER: readonly RequesterSlot[] = ['none', 'operator', 'any'];
const SLOT_WORDS: Readonly<Record<RequesterSlot, string>> = {
  none: 'may not approve it',
  operator: 'may approve it as operator',
  any: 'may approve it in any slot',
};

function describeSeparation(before: Policy, after: Policy): PolicyChange[] {
  return (['T2', 'T3'] as const).flatMap((tier) => {
    const [from, to] = [before.separation[tier], after.separation[tier]];
    if (from === to) return [];
    const text = `Whoever asks for a ${tier} task ${SLOT_WORDS[to]} (before: ${SLOT_WORDS[from]}).`;
    return [SLOT_ORDER.indexOf(to) > SLOT_ORDER.indexOf(from) ? looser(text) : stricter(text)];
  });
}

function describeAgents(before: Policy, after: Policy): PolicyChange[] {
  return AGENT_NAMES.flatMap((name): PolicyChange[] => {
    const [old, next] = [before.agents[name], after.agents[name]];
    if (old === next) return [];
    if (!old)
      return [looser(`The agent ${name} (${next}) joins and may ${after.agent_actions[name]?.join(', ') || 'do nothing by a plan'}.`)];
    return next
      ? [{ text: `The agent ${name} changes from ${old} to ${next}.`, weight: 'other' }]
      : [stricter(`The agent ${name} (${old}) leaves.`), ...listOrphans(before, after, name)];
  });
}

/** Actions that stand in a tier and that nobody is left for. */
function listOrphans(before: Policy, after: Policy, name: (typeof AGENT_NAMES)[number]): PolicyChange[] {
  const orphans = (before.agent_actions[name] ?? []).filter(
    (action) => TIERS.some((tier) => after.risk_tiers[tier].includes(action)) && listAgentsFor(after, action) === 'no agent',
  );
  return orphans.length === 0 ? [] : [stricter(`No agent is left for ${orphans.join(', ')}.`)];
}
