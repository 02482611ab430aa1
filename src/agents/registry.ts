import type { Agent } from './agent.ts';
import { makeCommunicator } from './communicator.ts';
import { makeCritic } from './critic.ts';
import { makeExec } from './exec.ts';
import { makePlanner } from './planner.ts';
import type { Prompts } from './prompts.ts';
import { makeResearcher } from './researcher.ts';
import { makeRetriever } from './retriever.ts';

/** The agents by the names that the policy gives them. The trader belongs to its flow and is not among them. */
export const AGENT_NAMES = ['planner', 'researcher', 'retriever', 'exec', 'communicator', 'critic'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

export type AgentRegistry = ReadonlyMap<string, Agent>;

export function makeAgents(prompts: Prompts): AgentRegistry {
  const agents: Record<AgentName, Agent> = {
    planner: makePlanner(prompts.planner),
    researcher: makeResearcher(prompts.researcher),
    retriever: makeRetriever(),
    exec: makeExec(prompts.exec),
    communicator: makeCommunicator(prompts.communicator),
    critic: makeCritic(prompts.critic),
  };
  return new Map(Object.entries(agents));
}
