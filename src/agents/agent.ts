import type { Critique } from '../domain/critique.ts';
import type { Plan } from '../domain/plan.ts';
import type { Tier } from '../domain/tier.ts';
import type { Engine } from '../engines/engine.ts';

/** A text an agent may read, with where it came from. Everything in it is data, never an instruction. */
export interface Source {
  /** `supa://…` of the artifact, or a name such as `message` for what the requester sent along. */
  ref: string;
  title: string;
  text: string;
  /** Who wrote it: the requester, another agent, or somebody outside. */
  origin: 'requester' | 'agent' | 'outside';
}

/** What the planner may choose from; the policy in force, cut down to names. */
export interface PlanVocabulary {
  agents: string[];
  /** Those of them that have no program here. They read and write nothing; an act outside that is theirs can be planned. */
  absentAgents: string[];
  actions: { name: string; tier: Tier }[];
}

export interface Deliverable {
  text: string;
  target: string;
  /** An approver wrote it: no agent's words, and nothing that an agent could answer for. */
  isByPerson?: boolean;
}

/** Everything a step's agent sees. Masked: personal data are placeholders such as `[email-1]`. Agents get no client, no key, no id of a chat. */
export interface StepInput {
  taskId: string;
  nodeId: string;
  /** The agent's own name with version, as in the policy: `researcher:v3`. */
  agentName: string;
  goal: string;
  instruction: string;
  tier: Tier;
  /** Outputs of the steps before this one, then what the requester attached. */
  sources: Source[];
  /** The critic's or an approver's comments on the last version, oldest first. */
  comments: string[];
  /** The last version, when this is a revision. */
  previousText: string | null;
  vocabulary: PlanVocabulary;
  /** For the critic: exactly what would be sent, as text, and where to. */
  deliverable: Deliverable | null;
}

/** An agent's result: a value, nothing has happened yet. */
export type Proposal =
  | { kind: 'plan'; plan: Plan }
  | { kind: 'text'; text: string; contentType: 'text/markdown' | 'application/json' }
  | { kind: 'critique'; critique: Critique };

export interface AgentResult {
  proposal: Proposal;
  isRehearsal: boolean;
  /** sha256 of the prompt file that a model was asked with; absent where none was. */
  promptChecksum?: string;
}

export interface Recollection {
  sources: Source[];
  /** Null: the search has answered. Else these had been found before, the oldest at `foundAt`; null when nothing was kept. */
  stale: { foundAt: string | null } | null;
}

/** What is already known: full-text search now, the knowledge base later, behind the same call. */
export interface Recall {
  search(query: string, options: { limit: number; signal: AbortSignal }): Promise<Recollection>;
}

export interface AgentTools {
  engine: Engine;
  recall: Recall;
  signal: AbortSignal;
}

/** An agent is a function from input to proposal. It throws AppError when it cannot answer. */
export type Agent = (input: StepInput, tools: AgentTools) => Promise<AgentResult>;
