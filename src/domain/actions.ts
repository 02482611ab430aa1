import type { Tier } from './tier.ts';

/** The program's agents. The policy says which of them are in force, and in which version. */
export const AGENT_NAMES = ['planner', 'researcher', 'retriever', 'trader', 'exec', 'communicator', 'critic'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

export interface ActionRule {
  /** What comes of it: an artifact of the task and nothing else (what was found, or a text or record), or an act outside. */
  kind: 'reading' | 'writing' | 'post' | 'trade' | 'payment' | 'withdrawal';
  /** Who may be given it in a plan. */
  agents: readonly AgentName[];
  /** A policy may put it into this tier or a higher one, never lower. */
  lowestTier: Tier;
}

const READERS: readonly AgentName[] = ['researcher', 'retriever', 'trader', 'exec', 'communicator'];
const WRITERS: readonly AgentName[] = ['trader', 'exec', 'communicator'];

/**
 * Every action that the program knows. Whoever reads what strangers wrote can change nothing; publishing, money and trading have one agent
 * each. What is allowed to whom goes into the policy document as `agent_actions`, by which the database checks plans and steps; the kinds
 * stand there as `_effect_kind` and `_is_inside`, and a test compares the two.
 */
export const ACTIONS = {
  READ: { kind: 'reading', agents: READERS, lowestTier: 'T0' },
  RESEARCH: { kind: 'reading', agents: READERS, lowestTier: 'T0' },
  RETRIEVE: { kind: 'reading', agents: READERS, lowestTier: 'T0' },
  SUMMARIZE: { kind: 'writing', agents: WRITERS, lowestTier: 'T0' },
  DRAFT_REPLY: { kind: 'writing', agents: WRITERS, lowestTier: 'T0' },
  WRITE_DB: { kind: 'writing', agents: ['exec'], lowestTier: 'T0' },
  PUBLISH: { kind: 'post', agents: ['communicator'], lowestTier: 'T2' },
  SOCIAL_POST: { kind: 'post', agents: ['communicator'], lowestTier: 'T2' },
  TRADE: { kind: 'trade', agents: ['trader'], lowestTier: 'T3' },
  PAYMENT: { kind: 'payment', agents: ['exec'], lowestTier: 'T3' },
  WITHDRAWAL: { kind: 'withdrawal', agents: ['exec'], lowestTier: 'T3' },
} as const satisfies Record<string, ActionRule>;

const RULES: ReadonlyMap<string, ActionRule> = new Map(Object.entries(ACTIONS));

/** By exact name; undefined for an action that a policy has added. */
export const findAction = (name: string): ActionRule | undefined => RULES.get(name);

/** The names of all actions of these kinds. */
export function listActions(...kinds: readonly ActionRule['kind'][]): string[] {
  return [...RULES].filter(([, { kind }]) => kinds.includes(kind)).map(([name]) => name);
}
