import { AGENT_NAMES, type AgentName, findAction } from '../../domain/actions.ts';
import { TIERS, type Tier } from '../../domain/tier.ts';

/**
 * Tiers of which an agent may also carry out the actions that a policy adds. The known ones go by name, wherever the policy has put them:
 * raising an action's tier adds approvals, it does not change who does it. Planner and critic stand outside plans: the orchestrator calls
 * them itself.
 */
const OTHER_TIERS: Readonly<Record<AgentName, readonly Tier[]>> = {
  planner: [],
  critic: [],
  researcher: ['T0'],
  retriever: ['T0'],
  trader: ['T0'],
  exec: ['T0', 'T1', 'T2', 'T3'],
  communicator: ['T0', 'T1'],
};

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
  if (OTHER_TIERS[name].length === 0) return refuse(`${name} is never part of a plan`);
  const known = findAction(action);
  if (known?.agents.includes(name)) return { isAllowed: true, tier, rule: `${name} may ${action}` };
  if (known) return refuse(`${name} may not ${action}`);
  return OTHER_TIERS[name].includes(tier)
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
