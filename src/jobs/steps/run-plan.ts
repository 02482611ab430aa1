import { sha256, toCanonicalJson } from '../../domain/ids.ts';
import type { Plan } from '../../domain/plan.ts';
import { EXECUTORS } from '../../effects/executors.ts';
import { AppError } from '../../errors.ts';
import { redactPersonalData } from '../../policy/guards/pii.ts';
import { completePlan } from '../../store/steps.ts';
import type { StepRun } from './step-run.ts';

/** Asks the planner and proposes its plan; the database checks it, adds the gates and says who is next. */
export async function runPlan({ deps, work, budget, holder, prepare, ask, signal }: StepRun) {
  const { input } = await prepare();
  const { proposal, isRehearsal, promptChecksum } = await ask('planner', input);
  if (proposal.kind !== 'plan') throw new AppError('agent_failed', `the planner answered with a ${proposal.kind}`);
  const plan = redactPlan(proposal.plan);
  const artifact = await deps.artifacts.prepare(
    { taskId: work.task.taskId, name: 'plan.json', type: 'plan', contentType: 'application/json', bytes: toCanonicalJson(plan) },
    signal,
  );
  const { signals } = deps.chats;
  return completePlan(deps.rpc, {
    stepId: work.step.stepId,
    fence: work.step.fence,
    inputHash: sha256(toCanonicalJson(input)),
    isRehearsal,
    holder,
    spent: budget.spent(),
    nodes: plan.nodes,
    summary: plan.summary,
    artifact: { ...artifact, promptChecksum },
    executors: [...EXECUTORS],
    channels: { post: { chat_id: signals.chatId, topic_id: signals.topicId } },
  });
}

/** A plan becomes rows, and a model may make up an address or a number. Placeholders stay: they stand for what the requester gave. */
function redactPlan({ nodes, summary }: Plan): Plan {
  return {
    nodes: nodes.map((node) => ({ ...node, instruction: redactPersonalData(node.instruction) })),
    summary: redactPersonalData(summary).slice(0, 500),
  };
}
