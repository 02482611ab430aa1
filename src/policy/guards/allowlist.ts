import { TIERS, type Tier } from '../../domain/tier.ts';

/** The program's agents. The policy says which of them are in force, and in which version. */
export const AGENT_NAMES = ['planner', 'researcher', 'retriever', 'trader', 'exec', 'communicator', 'critic'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

interface Allowance {
  /** By name, wherever the policy has put the action: raising an action's tier adds approvals, it does not change who does it. */
  actions: readonly string[];
  /** Tiers of which it may also carry out the actions that a policy adds and that this table does not know. */
  otherTiers: readonly Tier[];
}

const READING = ['READ', 'RESEARCH', 'RETRIEVE'];
const DRAFTING = ['SUMMARIZE', 'DRAFT_REPLY'];

/**
 * Who may do what. Whoever reads what strangers wrote can change nothing; publishing, money and trading have one agent each.
 * Planner and critic stand outside plans: the orchestrator calls them itself.
 */
const ALLOWANCES: Readonly<Record<AgentName, Allowance>> = {
  planner: { actions: [], otherTiers: [] },
  critic: { actions: [], otherTiers: [] },
  researcher: { actions: READING, otherTiers: ['T0'] },
  retriever: { actions: READING, otherTiers: ['T0'] },
  trader: { actions: [...READING, ...DRAFTING, 'TRADE'], otherTiers: ['T0'] },
  exec: { actions: [...READING, ...DRAFTING, 'WRITE_DB', 'PAYMENT', 'WITHDRAWAL'], otherTiers: ['T0', 'T1', 'T2', 'T3'] },
  communicator: { actions: [...READING, ...DRAFTING, 'PUBLISH', 'SOCIAL_POST'], otherTiers: ['T0', 'T1'] },
};

const KNOWN_ACTIONS: ReadonlySet<string> = new Set(Object.values(ALLOWANCES).flatMap(({ actions }) => actions));

/** The part of a policy that the allowlist reads. */
export interface AllowlistPolicy {
  agents: Readonly<Partial<Record<AgentName, string | undefined>>>;
  risk_tiers: Readonly<Record<Tier, readonly string[]>>;
}

export interface AllowlistVerdict {
  isAllowed: boolean;
  /** The action's tier; null for an action that the policy does not know. */
  tier: Tier | null;
  /** The rule that decided, in words. */
  rule: string;
}

/** May this agent be given this action? Names are compared exactly: another case, a blank or a look-alike letter is another name. */
export function checkAllowlist(policy: AllowlistPolicy, agent: string, action: string): AllowlistVerdict {
  const tier = TIERS.find((candidate) => policy.risk_tiers[candidate].includes(action)) ?? null;
  const refuse = (rule: string): AllowlistVerdict => ({ isAllowed: false, tier, rule });
  const name = AGENT_NAMES.find((known) => known === agent);
  if (!name || policy.agents[name] === undefined) return refuse('the agent is not in the policy');
  if (tier === null) return refuse('the action is in no tier of the policy');
  const { actions, otherTiers } = ALLOWANCES[name];
  if (actions.length === 0) return refuse(`${name} is never part of a plan`);
  if (actions.includes(action)) return { isAllowed: true, tier, rule: `${name} may ${action}` };
  if (KNOWN_ACTIONS.has(action)) return refuse(`${name} may not ${action}`);
  return otherTiers.includes(tier)
    ? { isAllowed: true, tier, rule: `${name} may carry out other ${tier} actions` }
    : refuse(`${name} may not carry out other ${tier} actions`);
}

/** The table in force, per agent of the policy; planner and critic stand there with nothing. */
export function toAgentActions(policy: AllowlistPolicy): Partial<Record<AgentName, string[]>> {
  const actions = TIERS.flatMap((tier) => policy.risk_tiers[tier]);
  return Object.fromEntries(
    AGENT_NAMES.filter((agent) => policy.agents[agent] !== undefined).map((agent) => [
      agent,
      actions.filter((action) => checkAllowlist(policy, agent, action).isAllowed),
    ]),
  );
}
