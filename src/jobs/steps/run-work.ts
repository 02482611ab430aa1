import { sha256, toCanonicalJson } from '../../domain/ids.ts';
import { AppError } from '../../errors.ts';
import { filterOutput } from '../../policy/guards/output.ts';
import { unmaskText } from '../../policy/guards/unmask-text.ts';
import type { NewArtifact } from '../../store/shared-rows.ts';
import { completeStep } from '../../store/steps.ts';
import type { StepRun } from './step-run.ts';

/** What each agent's text is; what is not named here is a note. What was only gathered is not found again: it quotes what is. */
const TYPES: Record<string, NewArtifact['type']> = { retriever: 'context', researcher: 'findings', exec: 'draft', communicator: 'draft' };

/** Runs one agent and stores its text. Real values come back here, as the artifact is written, and nowhere before. */
export async function runWork({ deps, work, budget, holder, prepare, ask, signal }: StepRun) {
  const { step, task } = work;
  const { input, vault } = await prepare();
  const { proposal, isRehearsal, promptChecksum } = await ask(step.agent, input);
  if (proposal.kind !== 'text') throw new AppError('agent_failed', `${step.agent} answered with a ${proposal.kind}, a text was expected`);
  const isJson = proposal.contentType === 'application/json';
  // Hidden characters and disguises go before anything is stored: what people read later is what there is. Before the real values come,
  // for they could hide an address; and after it, for what leaves is what has been filtered.
  const text = isJson ? unmaskText(proposal.text, vault) : filterOutput(unmaskText(filterOutput(proposal.text).text, vault)).text;
  const artifact = await deps.artifacts.prepare(
    {
      taskId: task.taskId,
      name: `${step.nodeId}.${isJson ? 'json' : 'md'}`,
      type: TYPES[step.agent] ?? 'note',
      contentType: proposal.contentType,
      bytes: text,
    },
    signal,
  );
  return completeStep(deps.rpc, {
    stepId: step.stepId,
    fence: step.fence,
    inputHash: sha256(toCanonicalJson(input)),
    isRehearsal,
    holder,
    spent: budget.spent(),
    artifacts: [{ ...artifact, promptChecksum }],
  });
}
