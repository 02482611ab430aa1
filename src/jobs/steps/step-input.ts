import type { Source, StepInput } from '../../agents/agent.ts';
import { TaskInput } from '../../domain/task-input.ts';
import { highestTier, type Tier } from '../../domain/tier.ts';
import type { Artifacts } from '../../memory/artifacts.ts';
import { maskPersonalData, type Vault } from '../../policy/guards/pii.ts';
import type { Policy } from '../../policy/schema.ts';
import type { StepSource, Work } from '../../store/steps.ts';

export interface PreparedInput {
  input: StepInput;
  /** Puts real values back into what the agent wrote. */
  vault: Vault;
  task: TaskInput;
}

export interface InputDeps {
  artifacts: Artifacts;
  policy: Policy;
  /** Whether an agent of the policy has a program here. */
  isInstalled: (agent: string) => boolean;
  /** Texts that were attached as files, already fetched. */
  attached: { title: string; text: string }[];
}

/**
 * What an agent sees of a claimed step. Everything is masked here, in one order: what the requester sent first, so that a placeholder in
 * an instruction of the plan means the same value in every later step.
 */
export async function prepareInput(
  work: Work,
  { artifacts, policy, isInstalled, attached }: InputDeps,
  signal: AbortSignal,
): Promise<PreparedInput> {
  const { step, task } = work;
  const given = await loadTaskInput(work, artifacts, signal);
  const mask = makeMask(given.vault);
  const context = [
    ...given.context.map(({ title, origin, text }, index) => ({ ref: `context-${index + 1}`, title, origin, text: mask.apply(text) })),
    ...attached.map(({ title, text }, index) => ({
      ref: `attachment-${index + 1}`,
      // A file's name is somebody's words, too.
      title: mask.apply(title),
      origin: 'outside' as const,
      text: mask.apply(text),
    })),
  ];
  const sources: Source[] = [];
  for (const row of work.inputs) {
    if (row.kind === 'input') continue;
    sources.push(toSource(row, mask.apply(await artifacts.loadText(row, signal))));
  }
  const previous = work.previous === null || step.kind === 'critic' ? null : mask.apply(await artifacts.loadText(work.previous, signal));
  return {
    input: {
      taskId: task.taskId,
      nodeId: step.nodeId,
      agentName: step.agentName,
      goal: task.goal,
      instruction: step.instruction,
      tier: task.riskTier ?? 'T0',
      sources: [...sources, ...context],
      comments: step.comments.map(({ by, text, red_flags = [] }) =>
        [`${by}: ${text}`, ...red_flags.map((flag) => `Red flag: ${flag}`)].join('\n'),
      ),
      previousText: previous,
      vocabulary: toVocabulary(policy, isInstalled),
      deliverable: null,
    },
    vault: mask.vault(),
    task: given,
  };
}

export async function loadTaskInput(work: Work, artifacts: Artifacts, signal: AbortSignal): Promise<TaskInput> {
  const row = work.inputs.find(({ kind }) => kind === 'input');
  if (row === undefined) return { goal: work.task.goal, vault: {}, context: [], attachments: [] };
  return TaskInput.parse(JSON.parse(await artifacts.loadText(row, signal)));
}

/** One vault that grows from text to text: the same value has the same placeholder in all of them. */
export function makeMask(known: Vault) {
  let vault = known;
  return {
    apply(text: string): string {
      const masked = maskPersonalData(text, vault);
      vault = masked.vault;
      return masked.text;
    },
    vault: () => vault,
  };
}

function toSource(row: StepSource, text: string): Source {
  return {
    ref: row.storageRef,
    title: row.isEditedByPerson ? `${row.nodeId} (edited by a person)` : String(row.nodeId),
    text,
    origin: 'agent',
  };
}

/** What a plan may name: agents that can be given an action, and the actions that one of them may carry out. */
function toVocabulary(policy: Policy, isInstalled: InputDeps['isInstalled']): StepInput['vocabulary'] {
  const able = Object.entries(policy.agent_actions).filter(([, actions]) => actions !== undefined && actions.length > 0);
  const actions = new Set(able.flatMap(([, names]) => names ?? []));
  const tiers = Object.entries(policy.risk_tiers) as [Tier, readonly string[]][]; // the schema's keys are the tiers
  const toTier = (action: string) => highestTier(tiers.filter(([, names]) => names.includes(action)).map(([tier]) => tier));
  const agents = able.map(([agent]) => agent);
  return {
    agents,
    absentAgents: agents.filter((agent) => !isInstalled(agent)),
    actions: [...actions].map((name) => ({ name, tier: toTier(name) })),
  };
}
