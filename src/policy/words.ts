import { AGENT_NAMES } from '../domain/actions.ts';
import { TIERS, type Tier } from '../domain/tier.ts';
import type { RequesterSlot } from './approval-rules.ts';
import { toText } from './describe-values.ts';
import { parseRequirement, type Requirement } from './requirements.ts';
import { toDurationText } from './scalars.ts';
import type { Policy } from './schema.ts';

export interface PolicySection {
  title: string;
  rows: string[];
}

/** A policy as people read it, section by section, in the order of what matters: who must agree to what, and how much it may cost. */
export function describePolicy(policy: Policy): PolicySection[] {
  const { approval_times: times, quality, signals, retention } = policy;
  return [
    { title: 'Tiers and approvals', rows: TIERS.map((tier) => describeTier(policy, tier)) },
    {
      title: 'Times and quality',
      rows: [
        `An approval: remind after ${toDurationText(times.remind_after, 'h')}, more people after ${toDurationText(times.escalate_after, 'h')}, over after ${toDurationText(times.expire_after, 'h')}.`,
        `The critic passes from ${quality.pass_points} of 9 points; a draft goes back at most ${quality.max_revisions} times.`,
        `A signal is good for ${toDurationText(signals.max_age)} and ${signals.max_drift_pct} % of drift; it goes to ${signals.channel}.`,
        `Kept: details ${toDurationText(retention.raw)}, figures ${toDurationText(retention.metrics)}.`,
      ],
    },
    { title: 'Limits and budgets', rows: describeMoney(policy) },
    { title: 'Agents', rows: describeAgents(policy) },
    { title: 'Engines', rows: describeEngines(policy) },
    { title: 'On offer', rows: policy.plans.map(describeOffer) },
    ...describeRest(policy),
  ];
}

const TOLD: ReadonlySet<string> = new Set([
  ...['version', 'limits', 'risk_tiers', 'approvals', 'agents', 'agent_actions', 'separation', 'approval_times'],
  ...['signals', 'quality', 'budgets', 'plans', 'engines', 'routing', 'retention'],
]);

/** Whatever else a policy says, key by key, so that nothing in force is left out. */
function describeRest(policy: Policy): PolicySection[] {
  const rows = Object.entries(policy).flatMap(([key, value]) => (TOLD.has(key) ? [] : [`${key}: ${toText(key, value)}`]));
  return rows.length === 0 ? [] : [{ title: 'Further rules', rows }];
}

const SLOT_WORDS: Readonly<Record<RequesterSlot, string>> = {
  none: 'never by the requester',
  operator: 'the requester may be the operator',
  any: 'the requester may be one of them',
};

function describeTier(policy: Policy, tier: Tier): string {
  const actions = policy.risk_tiers[tier].join(', ') || 'nothing';
  const needs = (policy.approvals[tier] ?? []).map(parseRequirement).map(describeRequirement);
  if (needs.length === 0) return `${tier}: ${actions}. Goes on its own.`;
  const separation = tier === 'T2' || tier === 'T3' ? `, ${SLOT_WORDS[policy.separation[tier]]}` : '';
  return `${tier}: ${actions}. Needs ${needs.join(', ')}${separation}.`;
}

function describeRequirement(requirement: Requirement): string {
  if (requirement.kind === 'critic') return `the critic at ${requirement.atLeast}`;
  return requirement.kind === 'dry_run' ? 'a dry run' : `an ${requirement.role}`;
}

/** As the database has it (`_trading_caps`). */
const DEFAULT_SNAPSHOT_SECONDS = 300;

function describeMoney({ limits: { trading, payments }, budgets }: Policy): string[] {
  return [
    `Trading: at most ${trading.max_daily_loss_pct} % loss a day, ${trading.max_drawdown_pct} % drawdown, ${trading.max_positions} positions; numbers of an account hold ${toDurationText(trading.max_snapshot_age ?? DEFAULT_SNAPSHOT_SECONDS)}.`,
    `Payments: at most ${payments.max_single_tx_usdt} USDT at once, ${payments.cool_down_minutes} minutes apart${payments.max_day_usdt === undefined ? '' : `, ${payments.max_day_usdt} USDT a day`}.`,
    `Models: ${budgets.task_tokens} tokens and $${budgets.task_usd} a task, $${budgets.day_usd} a day.`,
  ];
}

function describeAgents({ agents, agent_actions: allowed }: Policy): string[] {
  return AGENT_NAMES.flatMap((name) => {
    const version = agents[name];
    if (version === undefined) return [];
    return [`${name} (${version}): ${allowed[name]?.join(', ') || 'never part of a plan'}.`];
  });
}

/** Names of variables, never what is in them. */
function describeEngines({ engines, routing }: Policy): string[] {
  const servers = Object.entries(engines).map(
    ([name, { model, base_url_env, key_env, usd_per_mtok: price }]) =>
      `${name}: ${model} at ${base_url_env} with ${key_env}, $${price.in} in and $${price.out} out for a million tokens.`,
  );
  const routes = Object.entries(routing).map(([agent, route]) => `${agent} asks ${route.join(', then ')}`);
  return [...servers, `${routes.join('; ')}.`];
}

function describeOffer({ id, title, duration, grace, price }: Policy['plans'][number]): string {
  const prices = [price.xtr === undefined ? '' : `${price.xtr} Stars`, price.usdt === undefined ? '' : `${price.usdt} USDT`].filter(
    Boolean,
  );
  return `${id}: ${title}, ${toDurationText(duration)} and ${toDurationText(grace)} of grace, for ${prices.join(' or ')}.`;
}
