import { z } from 'zod';
import { TaskId } from '../domain/ids.ts';
import { RequestStatus, StepStatus, TaskStatus } from '../domain/status.ts';
import { Role, Tier } from '../domain/tier.ts';
import { AppError } from '../errors.ts';
import { OpenedGlass } from './break-glass-rows.ts';
import { Deliveries } from './delivery.ts';
import { RateRefusal, toRateError } from './rates.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { ArtifactRow, CriticVerdict, EffectView, type NewArtifact, toArtifactJson, Verdict } from './shared-rows.ts';

/** Work that nobody has begun; `waitSeconds` is null when nothing has ended of late. */
const Queue = fromSnake({ waiting: z.number().int(), waitSeconds: z.number().int().nullable() });

/** The message that shows the task: the first that is recorded stays, and is the answer. As `ags_bot` or `ags_worker`. */
export function recordTaskMessage(rpc: Rpc, taskId: string, messageId: number) {
  return rpc.call(
    'record_task_message',
    { p_task_id: taskId, p_message_id: messageId },
    fromSnake({ messageId: z.number().int().nullable() }),
  );
}

export const TaskView = fromSnake({
  taskId: TaskId,
  goal: z.string(),
  status: TaskStatus,
  tier: Tier.nullable(),
  actor: z.string(),
  requester: z.string().nullable(),
  summary: z.string().nullable(),
  policyVersion: z.number().int(),
  revisionCount: z.number().int(),
  tokensUsed: z.number().int(),
  costUsd: z.string(),
  isRehearsal: z.boolean(),
  heldReason: z.enum(['critic', 'in_doubt', 'pending_exec']).nullable(),
  failureCode: z.string().nullable(),
  failureMessage: z.string().nullable(),
  /** Their name, when it was somebody else than whoever asked for it. */
  cancelledBy: z.string().nullable(),
  chatId: z.number().int().nullable(),
  topicId: z.number().int().nullable(),
  messageId: z.number().int().nullable(),
  requestMessageId: z.number().int().nullable(),
  createdAt: Timestamp,
  endedAt: Timestamp.nullable(),
  /** The database's clock when this was read: elapsed times are counted by it. */
  now: Timestamp,
  isWaitingForStop: z.boolean(),
  /** What is before it, while it waits to be begun. */
  queue: Queue.nullable(),
  steps: z.array(
    fromSnake({
      nodeId: z.string(),
      kind: z.enum(['plan', 'work', 'critic', 'approve', 'effect', 'archive']),
      agent: z.string(),
      agentName: z.string(),
      action: z.string(),
      tier: Tier,
      status: StepStatus,
      after: z.array(z.string()),
      qualityScore: z.number().nullable(),
      attemptCount: z.number().int(),
      startedAt: Timestamp.nullable(),
      endedAt: Timestamp.nullable(),
      errorCode: z.string().nullable(),
      /** What it needs before it goes on: the name of a breaker, or `chat:` and the id of a group that moved. */
      waitsFor: z.string().nullish(),
      comments: z.array(z.record(z.string(), z.unknown())),
      verdict: CriticVerdict.nullable(),
    }),
  ),
  requests: z.array(
    fromSnake({
      reference: z.string(),
      status: RequestStatus,
      tier: Tier,
      stepId: z.string(),
      version: z.number().int(),
      expiresAt: Timestamp.nullable(),
      slots: z.array(Role),
      verdict: Verdict,
    }),
  ),
  effects: z.array(EffectView),
  breakGlasses: z.array(OpenedGlass),
});
export type TaskView = z.infer<typeof TaskView>;

const CreatedTask = fromSnake({ taskId: TaskId, isNew: z.boolean(), task: TaskView, deliver: Deliveries });
/** A value in the database, because an error would take its own audit record back. */
const Refusal = fromSnake({ taskId: z.null(), code: z.string(), rate: RateRefusal.optional(), queue: Queue.optional() });

export interface NewTask {
  source: 'telegram' | 'webhook';
  /** What makes the request itself unique: the update's id, the alert's key. */
  sourceKey: string;
  actor: string;
  externalId: number | null;
  /** Masked. The words as they came are in `input`. */
  goal: string;
  input: NewArtifact;
  chatId: number | null;
  topicId: number | null;
  requestMessageId: number | null;
}

const Creation = z.union([CreatedTask, Refusal]);

/** Intake. Throws not_allowed, overloaded, rate_limited, idempotency_conflict. As `ags_bot`. */
export async function createTask(rpc: Rpc, task: NewTask) {
  const answer = await rpc.call(
    'create_task',
    {
      p_source: task.source,
      p_source_key: task.sourceKey,
      p_actor: task.actor,
      p_external_id: task.externalId,
      p_goal: task.goal,
      p_input: toArtifactJson(task.input),
      p_chat_id: task.chatId,
      p_topic_id: task.topicId,
      p_request_message_id: task.requestMessageId,
    },
    Creation,
  );
  if (answer.taskId !== null) return answer;
  if (answer.rate !== undefined) throw toRateError(answer.rate);
  if (answer.queue !== undefined) throw new AppError('overloaded', `${answer.queue.waiting} tasks wait already`, { context: answer.queue });
  throw new AppError('not_allowed', 'Only operators and owners give tasks', { context: { code: answer.code } });
}

const FoundTask = TaskView.nullable();

/** One task, or null. The id is matched without regard to case. As any role. */
export function findTask(rpc: Rpc, taskId: string): Promise<TaskView | null> {
  return rpc.call('get_task', { p_task_id: taskId }, FoundTask);
}

const ClaimedView = fromSnake({ waitMs: z.number().int(), task: FoundTask }).nullable();

/** Takes the duty of redrawing a task's message; null when it is up to date. As `ags_worker`. */
export function claimTaskView(rpc: Rpc, taskId: string, minIntervalMs: number) {
  return rpc.call('claim_task_view', { p_task_id: taskId, p_min_interval_ms: minIntervalMs }, ClaimedView);
}

const PostponedView = fromSnake({ deliver: Deliveries });

/** The message could not be redrawn yet: it is after `delayMs`, unless the task ends before that. As `ags_worker`. */
export function postponeTaskView(rpc: Rpc, taskId: string, delayMs: number) {
  return rpc.call('postpone_task_view', { p_task_id: taskId, p_delay_ms: Math.ceil(delayMs) }, PostponedView);
}

export const TaskLine = fromSnake({
  taskId: TaskId,
  goal: z.string(),
  status: TaskStatus,
  tier: Tier.nullable(),
  requester: z.string().nullable(),
  createdAt: Timestamp,
  endedAt: Timestamp.nullable(),
  costUsd: z.string(),
  reference: z.string().nullable(),
});
export type TaskLine = z.infer<typeof TaskLine>;

/** The newest tasks. As any role but `ags_worker`. */
export function listTasks(rpc: Rpc, { status, limit }: { status: TaskStatus | null; limit: number }): Promise<TaskLine[]> {
  return rpc.call('list_tasks', { p_status: status, p_limit: limit }, z.array(TaskLine));
}

export const Explanation = fromSnake({
  taskId: TaskId,
  goal: z.string(),
  tier: Tier.nullable(),
  status: TaskStatus,
  policyVersion: z.number().int(),
  records: z.array(
    fromSnake({
      seq: z.number().int(),
      actor: z.string(),
      name: z.string().nullable(),
      action: z.string(),
      object: z.string(),
      before: z.record(z.string(), z.unknown()).nullable(),
      after: z.record(z.string(), z.unknown()).nullable(),
      ts: Timestamp,
    }),
  ),
  requests: z.array(fromSnake({ reference: z.string(), status: RequestStatus, verdict: Verdict })),
  chain: fromSnake({ isIntact: z.boolean(), firstBadSeq: z.number().nullable(), records: z.number() }),
});
export type Explanation = z.infer<typeof Explanation>;

/** Every decision on a task and the rule behind it; null when there is no such task. As any role but `ags_worker`. */
export function explainTask(rpc: Rpc, taskId: string): Promise<Explanation | null> {
  return rpc.call('explain_task', { p_task_id: taskId }, Explanation.nullable());
}

const Cancellation = fromSnake({
  outcome: z.enum(['cancelled', 'refused']),
  code: z.enum(['not_found', 'no_role', 'already_ended']).nullable(),
  status: TaskStatus.nullable(),
  inFlight: z.array(EffectView).default([]),
  deliver: Deliveries,
});

/** As `ags_bot`. */
export function cancelTask(rpc: Rpc, { taskId, externalId, reason }: { taskId: string; externalId: number; reason: string }) {
  return rpc.call('cancel_task', { p_task_id: taskId, p_external_id: externalId, p_reason: reason }, Cancellation);
}

const TaskArtifacts = z.array(ArtifactRow);

/** Everything that a task has made, oldest first. As any role. */
export function listTaskArtifacts(rpc: Rpc, taskId: string): Promise<ArtifactRow[]> {
  return rpc.call('list_task_artifacts', { p_task_id: taskId }, TaskArtifacts);
}
