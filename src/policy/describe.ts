import { isDeepStrictEqual } from 'node:util';
import { TIERS } from '../domain/tier.ts';
import { AGENT_NAMES } from './guards/allowlist.ts';
import { parseRequirement, type Requirement } from './requirements.ts';
import type { Policy } from './schema.ts';

/** What changes from one policy to the next, a sentence each, for people who are to agree. Empty when both say the same. */
export function describePolicyChange(before: Policy, after: Policy): string[] {
  return [
    ...describeTiers(before, after),
    ...describeApprovals(before, after),
    ...describeAgents(before, after),
    ...SECTIONS.flatMap((section) => describeValues(section, before[section], after[section])),
  ];
}

/** Sections that are told key by key. `agent_actions` follows from agents and tiers. */
const SECTIONS = [
  'version',
  'limits',
  'separation',
  'approval_times',
  'signals',
  'quality',
  'budgets',
  'plans',
  'engines',
  'routing',
  'retention',
] as const satisfies readonly (keyof Policy)[];

function describeTiers(before: Policy, after: Policy): string[] {
  const tierIn = (policy: Policy, action: string) => TIERS.find((tier) => policy.risk_tiers[tier].includes(action));
  const actions = new Set([before, after].flatMap((policy) => TIERS.flatMap((tier) => policy.risk_tiers[tier])));
  return [...actions].flatMap((action) => {
    const [from, to] = [tierIn(before, action), tierIn(after, action)];
    if (from === to) return [];
    if (!from) return [`${action} becomes possible, in ${to}.`];
    if (!to) return [`${action} is no longer possible (was in ${from}).`];
    return [`${action} goes ${to > from ? 'up' : 'DOWN'} from ${from} to ${to}.`];
  });
}

function describeApprovals(before: Policy, after: Policy): string[] {
  return TIERS.flatMap((tier) => {
    const [old, next] = [before, after].map((policy) => toWords(policy.approvals[tier] ?? []));
    const gone = [...(old ?? [])].filter((words) => !next?.has(words)).map((words) => `${tier} no longer needs ${words}.`);
    const added = [...(next ?? [])].filter((words) => !old?.has(words)).map((words) => `${tier} now needs ${words}.`);
    return [...added, ...gone];
  });
}

function toWords(requirements: readonly string[]): Set<string> {
  return new Set(requirements.map(parseRequirement).map(describeRequirement));
}

function describeRequirement(requirement: Requirement): string {
  if (requirement.kind === 'critic') return `a critic’s score of at least ${requirement.atLeast}`;
  return requirement.kind === 'dry_run' ? 'a dry run' : `an approval as ${requirement.role}`;
}

function describeAgents(before: Policy, after: Policy): string[] {
  return AGENT_NAMES.flatMap((name) => {
    const [old, next] = [before.agents[name], after.agents[name]];
    if (old === next) return [];
    if (!old) return [`The agent ${name} (${next}) joins.`];
    return next ? [`The agent ${name} changes from ${old} to ${next}.`] : [`The agent ${name} (${old}) leaves.`];
  });
}

function describeValues(path: string, before: unknown, after: unknown): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isGroup(before) && isGroup(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => describeValues(`${path}.${key}`, before[key], after[key]));
  }
  if (isOfferList(before) && isOfferList(after)) return describeValues(path, toGroup(before), toGroup(after));
  if (before === undefined) return [`${path} is new: ${toText(path, after)}.`];
  return after === undefined
    ? [`${path} is gone (was ${toText(path, before)}).`]
    : [`${path} changes from ${toText(path, before)} to ${toText(path, after)}.`];
}

const isGroup = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

type Named = { id: string };
const isOfferList = (value: unknown): value is Named[] =>
  Array.isArray(value) && value.every((item) => isGroup(item) && typeof item.id === 'string');
/** By id, so that an offer put in between does not look like a change of all that follow. */
const toGroup = (offers: readonly Named[]): Record<string, unknown> => Object.fromEntries(offers.map((offer) => [offer.id, offer]));

const DURATION_PATH = /^(approval_times|retention)\.|^signals\.max_age$|^plans\..*\.(duration|grace|remind_before)$/;

function toText(path: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => toText(path, item)).join(', ')}]`;
  if (typeof value === 'number' && DURATION_PATH.test(path)) return toDurationText(value);
  return isGroup(value)
    ? `{${Object.entries(value)
        .map(([key, item]) => `${key}: ${toText(`${path}.${key}`, item)}`)
        .join(', ')}}`
    : String(value);
}

function toDurationText(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    if (seconds > 0 && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}
