import { z } from 'zod';
import type { Critique } from '../domain/critique.ts';
import { StepId, TaskId } from '../domain/ids.ts';
import type { InjectionFinding } from '../domain/injection.ts';
import type { PlanNode } from '../domain/plan.ts';
import { Tier } from '../domain/tier.ts';
import { type Spent, toSpentJson } from './budget.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { ArtifactRow, type NewArtifact, toArtifactJson } from './shared-rows.ts';

const StepComment = z.object({ by: z.string(), text: z.string(), red_flags: z.array(z.string()).optional() });

/** An artifact that a step may read, with the node that made it. */
export const StepSource = fromSnake({
  nodeId: z.string().nullable(),
  agent: z.string().nullable(),
  kind: z.enum(['work', 'input']),
  isEditedByPerson: z.boolean().optional(),
  artifactId: z.string(),
  type: z.string(),
  storageRef: z.string(),
  checksum: z.string(),
  contentType: z.string(),
  sizeBytes: z.number(),
  content: z.string().nullable(),
});
export type StepSource = z.infer<typeof StepSource>;

/** Everything that the worker of a claimed step needs. Every later write shows `step.fence`. */
export const Work = fromSnake({
  step: fromSnake({
    stepId: StepId,
    taskId: TaskId,
    nodeId: z.string(),
    kind: z.enum(['plan', 'work', 'critic', 'approve', 'effect', 'archive']),
    agent: z.string(),
    agentName: z.string(),
    action: z.string(),
    tier: Tier,
    instruction: z.string(),
    fence: z.number().int(),
    attemptCount: z.number().int(),
    comments: z.array(StepComment),
    effectKind: z.enum(['reply', 'post', 'trade', 'payment', 'withdrawal']).nullable(),
    subjectNode: z.string().nullable(),
    targetChatId: z.number().int().nullable(),
    targetTopicId: z.number().int().nullable(),
    leaseExpiresAt: Timestamp,
    /** Since when it has waited for something outside, with the tries in between. */
    waitsSince: Timestamp.nullish(),
  }),
  task: fromSnake({
    taskId: TaskId,
    goal: z.string(),
    actor: z.string(),
    riskTier: Tier.nullable(),
    policyVersion: z.number().int(),
    source: z.string(),
    chatId: z.number().int().nullable(),
    topicId: z.number().int().nullable(),
    messageId: z.number().int().nullable(),
    requestMessageId: z.number().int().nullable(),
    revisionCount: z.number().int(),
    createdAt: Timestamp,
  }),
  inputs: z.array(StepSource),
  /** The step's own last output, when it is asked to do it again. */
  previous: ArtifactRow.nullable(),
  /** For an effect: the post that the critic judged. */
  post: ArtifactRow.nullable(),
  /** For the critic: where what it judges would go. */
  delivery: fromSnake({
    stepId: StepId,
    effectKind: z.enum(['reply', 'post', 'trade', 'payment', 'withdrawal']),
    targetChatId: z.number().int().nullable(),
    targetTopicId: z.number().int().nullable(),
  }).nullable(),
  /** For the archive: everything that the task has made. */
  made: z.array(ArtifactRow).nullable(),
});
export type Work = z.infer<typeof Work>;

export interface Holder {
  worker: string;
  leaseSeconds: number;
}

/** The step in hand: shown with every write. */
export interface Held {
  stepId: string;
  fence: number;
}

const Handover = fromSnake({ next: Work.nullable(), deliver: Deliveries });
export type Handover = z.infer<typeof Handover>;

const toHolderArgs = ({ worker, leaseSeconds }: Holder) => ({ p_worker: worker, p_lease_seconds: leaseSeconds });
const toHeldArgs = ({ stepId, fence }: Held) => ({ p_step_id: stepId, p_fence: fence });

const ClaimedWork = Work.nullable();

/** Takes a ready step, or gives null: somebody has it, it is not due, the task is over, or the stop holds it. As `ags_worker`. */
export function claimStep(rpc: Rpc, stepId: string, holder: Holder): Promise<Work | null> {
  return rpc.call('claim_step', { p_step_id: stepId, ...toHolderArgs(holder) }, ClaimedWork);
}

const Renewal = fromSnake({ isHeld: z.boolean() });

/** `isHeld` false: the step was lost and the work must end. */
export function renewLease(rpc: Rpc, held: Held, leaseSeconds: number) {
  return rpc.call('renew_lease', { ...toHeldArgs(held), p_lease_seconds: leaseSeconds }, Renewal);
}

export interface Completion extends Held {
  /** sha256 of the canonical JSON of what the step was given. */
  inputHash: string;
  isRehearsal: boolean;
  /** Null: do not hand over the next step, only name it. */
  holder: Holder | null;
  /** The model calls that are settled with the step. */
  spent?: readonly Spent[];
}

const toCompletionArgs = ({ stepId, fence, inputHash, isRehearsal, holder, spent = [] }: Completion) => ({
  p_step_id: stepId,
  p_fence: fence,
  p_input_hash: inputHash,
  p_is_rehearsal: isRehearsal,
  p_worker: holder?.worker ?? null,
  p_lease_seconds: holder?.leaseSeconds ?? null,
  p_spent: spent.map(toSpentJson),
});

/** Ends a work or archive step; the first artifact is its output. Throws lease_lost. */
export function completeStep(rpc: Rpc, completion: Completion & { artifacts: NewArtifact[] }): Promise<Handover> {
  return rpc.call('complete_step', { ...toCompletionArgs(completion), p_artifacts: completion.artifacts.map(toArtifactJson) }, Handover);
}

const PlanOutcome = fromSnake({
  outcome: z.enum(['accepted', 'refused']),
  reasons: z.array(z.string()),
  next: Work.nullable(),
  deliver: Deliveries,
});

export interface PlanCompletion extends Completion {
  nodes: PlanNode[];
  summary: string;
  artifact: NewArtifact;
  /** The actions that this process can carry out outside. */
  executors: string[];
  /** Where each kind of effect goes: `{ post: { chat_id, topic_id } }`. */
  channels: Record<string, { chat_id: number; topic_id: number | null }>;
}

/** Proposes a plan. Throws plan_invalid (with `problems` in its context), lease_lost. */
export function completePlan(rpc: Rpc, completion: PlanCompletion) {
  const { nodes, summary, artifact, executors, channels } = completion;
  return rpc.call(
    'complete_plan',
    {
      ...toCompletionArgs(completion),
      p_nodes: nodes,
      p_summary: summary,
      p_artifact: toArtifactJson(artifact),
      p_executors: executors,
      p_channels: channels,
    },
    PlanOutcome,
  );
}

const CritiqueOutcome = fromSnake({
  outcome: z.enum(['passed', 'failed', 'revise']),
  score: z.number(),
  next: Work.nullable(),
  deliver: Deliveries,
});

export interface CritiqueCompletion extends Completion {
  post: NewArtifact;
  partCount: number;
  critique: Critique;
  /** Where the material seemed to give orders to a model; raises what is asked. */
  injection?: readonly InjectionFinding[];
  artifact: NewArtifact;
}

/** Hands in a critique over a post; the database scores it. Throws lease_lost. */
export function completeCritique(rpc: Rpc, completion: CritiqueCompletion) {
  const { post, partCount, critique, injection = [], artifact } = completion;
  return rpc.call(
    'complete_critique',
    {
      ...toCompletionArgs(completion),
      p_post: toArtifactJson(post),
      p_part_count: partCount,
      p_critique: critique,
      p_artifact: toArtifactJson(artifact),
      p_injection: injection,
    },
    CritiqueOutcome,
  );
}

const Failure = fromSnake({ status: z.enum(['ready', 'failed', 'quarantined']), deliver: Deliveries });

/** A try did not work. Retryable: again after a jittered wait, at most three tries. */
export function failStep(rpc: Rpc, failure: Held & { code: string; message: string; isRetryable: boolean }) {
  return rpc.call(
    'fail_step',
    { ...toHeldArgs(failure), p_code: failure.code, p_message: failure.message, p_is_retryable: failure.isRetryable },
    Failure,
  );
}

const Release = fromSnake({ deliver: Deliveries });

/** Hands a step back untouched; not a try. */
export function releaseStep(rpc: Rpc, held: Held, delayMs: number) {
  return rpc.call('release_step', { ...toHeldArgs(held), p_delay_ms: delayMs }, Release);
}

const Waiting = fromSnake({ status: z.enum(['ready', 'failed', 'quarantined']), deliver: Deliveries });

/** Hands a step back until `waitsFor`, a breaker or a chat, may be looked at again; not a try. After a day of it the task fails. */
export function waitStep(rpc: Rpc, held: Held, { waitsFor, delayMs }: { waitsFor: string; delayMs: number }) {
  return rpc.call('wait_step', { ...toHeldArgs(held), p_waits_for: waitsFor, p_delay_ms: delayMs }, Waiting);
}

const FoundArtifact = fromSnake({
  taskId: TaskId,
  goal: z.string(),
  type: z.string(),
  storageRef: z.string(),
  checksum: z.string(),
  content: z.string().nullable(),
});

export const FoundArtifacts = z.array(FoundArtifact);
export type FoundArtifact = z.infer<typeof FoundArtifact>;

/** Full-text search over the texts of earlier tasks that ended well, best first. */
export function searchArtifacts(
  rpc: Rpc,
  { query, taskId, limit }: { query: string; taskId: string; limit: number },
  signal?: AbortSignal,
) {
  return rpc.call('search_artifacts', { p_query: query, p_task_id: taskId, p_limit: limit }, FoundArtifacts, signal);
}

const Sweep = fromSnake({ deliver: Deliveries });

/** What a lost job or worker left behind, and what is due. */
export function sweep(rpc: Rpc, patienceMs: number) {
  return rpc.call('sweep', { p_patience_ms: patienceMs }, Sweep);
}

/**
 * Frees at once what other processes held, with the nudges for it. Only for a process that knows that it is the only one on this database:
 * it would take the work out of living hands. As `ags_worker`.
 */
export function takeOver(rpc: Rpc, worker: string) {
  return rpc.call('take_over', { p_worker: worker }, Sweep);
}
