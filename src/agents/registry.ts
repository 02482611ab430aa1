import type { Agent } from './agent.ts';
import { makeCommunicator } from './communicator.ts';
import { makeCritic } from './critic.ts';
import { makeExec } from './exec.ts';
import { makePlanner } from './planner.ts';
import type { Prompt, Prompts } from './prompts.ts';
import { makeResearcher } from './researcher.ts';
import { makeRetriever } from './retriever.ts';

/** The agents by the names that the policy gives them. The trader belongs to its flow and is not among them. */
export const AGENT_NAMES = ['planner', 'researcher', 'retriever', 'exec', 'communicator', 'critic'] as const;
export type AgentName = (typeof AGENT_NAMES)[number];

export type AgentRegistry = ReadonlyMap<string, Agent>;

export function makeAgents(prompts: Prompts): AgentRegistry {
  const agents: Record<AgentName, Agent> = {
    planner: asPrompted(makePlanner, prompts.planner),
    researcher: asPrompted(makeResearcher, prompts.researcher),
    retriever: makeRetriever(),
    exec: asPrompted(makeExec, prompts.exec),
    communicator: asPrompted(makeCommunicator, prompts.communicator),
    critic: asPrompted(makeCritic, prompts.critic),
  };
  return new Map(Object.entries(agents));
}

/** What an agent answers says which words it was asked with. */
function asPrompted(make: (prompt: Prompt) => Agent, prompt: Prompt): Agent {
  const agent = make(prompt);
  return async (input, tools) => ({ ...(await agent(input, tools)), promptChecksum: prompt.sha256 });
}
