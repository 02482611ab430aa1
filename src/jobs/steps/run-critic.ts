import { composePost, toPlainText } from '../../agents/compose/compose-post.ts';
import type { Critique } from '../../domain/critique.ts';
import { sha256, toCanonicalJson } from '../../domain/ids.ts';
import { toChatText } from '../../domain/message.ts';
import { toPostJson } from '../../domain/post.ts';
import { AppError } from '../../errors.ts';
import { findInjection, flagDeliverable } from '../../policy/guards/deliverable.ts';
import { redactPersonalData } from '../../policy/guards/pii.ts';
import { completeCritique } from '../../store/steps.ts';
import { preparePicture } from './attachments.ts';
import { listMaterial } from './material.ts';
import { makeMask } from './step-input.ts';
import type { StepRun } from './step-run.ts';
import { flagUnsourced } from './unsourced.ts';

/**
 * Freezes the draft into the post that would be sent, and asks the critic about exactly that. From here on nothing changes a byte of it:
 * the approval and the effect are bound to the checksum of this post.
 */
export async function runCritic({ deps, work, budget, holder, prepare, ask, signal }: StepRun) {
  const { step, task, delivery } = work;
  const draft = work.inputs.find(({ nodeId }) => nodeId === step.subjectNode);
  if (draft === undefined || delivery === null || delivery.targetChatId === null) {
    throw new AppError('internal', 'a critic has nothing to judge or nowhere to send it', { context: { stepId: step.stepId } });
  }
  const prepared = await prepare();
  const target = { chatId: delivery.targetChatId, topicId: delivery.targetTopicId };
  const picture = await preparePicture(deps, task.taskId, prepared.task, signal);
  const post = composePost({
    markdown: await deps.artifacts.loadText(draft, signal),
    target,
    media: picture === null ? undefined : { checksum: picture.checksum, ref: picture.ref },
  });
  // The critic's own mask continues the step's: a placeholder means the same in the sources and in the deliverable.
  const deliverable = {
    text: makeMask(prepared.vault).apply(toPlainText(post)),
    target: `${delivery.effectKind} to chat ${toChatText(target)}`,
    isByPerson: draft.isEditedByPerson === true,
  };
  const input = { ...prepared.input, sources: prepared.input.sources.filter(({ ref }) => ref !== draft.storageRef), deliverable };
  const { proposal, isRehearsal, promptChecksum } = await ask('critic', input);
  if (proposal.kind !== 'critique') throw new AppError('agent_failed', `the critic answered with a ${proposal.kind}`);
  const { policy } = await deps.loadPolicy(task.policyVersion);
  const flags = [...flagDeliverable(post.parts), ...flagUnsourced(input, { work, post, policy })];
  const critique = redactCritique(addGuards(proposal.critique, flags));

  const json = { taskId: task.taskId, contentType: 'application/json' };
  const [postArtifact, artifact] = await Promise.all([
    deps.artifacts.prepare({ ...json, name: `${step.subjectNode}.post.json`, type: 'post', bytes: toPostJson(post) }, signal),
    deps.artifacts.prepare({ ...json, name: `${step.nodeId}.json`, type: 'critique', bytes: toCanonicalJson(critique) }, signal),
  ]);
  const outcome = await completeCritique(deps.rpc, {
    stepId: step.stepId,
    fence: step.fence,
    inputHash: sha256(toCanonicalJson(input)),
    isRehearsal,
    holder,
    spent: budget.spent(),
    post: postArtifact,
    partCount: post.parts.length,
    critique,
    injection: findInjection(listMaterial(input, work)),
    artifact: { ...artifact, promptChecksum },
  });
  deps.metrics.criticScore.observe(outcome.score);
  return outcome;
}

/** The schema's own limits. */
const MAX_FLAGS = 20;
const MAX_COMMENTS = 4000;

/**
 * What rules found stands before the critic's words and says that it is a rule's: it is read first on the card, and by the agent that
 * writes the next version. Points stay the critic's; one red flag is a veto whatever they are.
 */
function addGuards(critique: Critique, flags: readonly string[]): Critique {
  if (flags.length === 0) return critique;
  const said = `Found by the guard, a rule, not by the critic: ${flags.join('; ')}.`;
  return {
    ...critique,
    red_flags: [...flags, ...critique.red_flags].slice(0, MAX_FLAGS),
    comments: `${said}\n${critique.comments}`.trim().slice(0, MAX_COMMENTS).toWellFormed(),
  };
}

/** The critic's words become rows, and a model may make up an address or a number. */
function redactCritique(critique: Critique): Critique {
  return { ...critique, comments: redactPersonalData(critique.comments), red_flags: critique.red_flags.map(redactPersonalData) };
}
