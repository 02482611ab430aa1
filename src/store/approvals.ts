import { z } from 'zod';
import type { Decision } from '../domain/status.ts';
import { RequestStatus, TaskStatus } from '../domain/status.ts';
import { Role, Tier } from '../domain/tier.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { ArtifactRow, CriticVerdict, type NewArtifact, SentPart, StopState, toArtifactJson, Verdict } from './shared-rows.ts';

/** The columns of one version of what is asked; whoever reads more beside it adds to these. */
export const requestShape = {
  requestId: z.string(),
  reference: z.string(),
  taskId: z.string(),
  stepId: z.string(),
  version: z.number().int(),
  tier: Tier,
  action: z.string(),
  status: RequestStatus,
  slots: z.array(Role),
  targetChatId: z.number().int(),
  targetTopicId: z.number().int().nullable(),
  policyVersion: z.number().int(),
  artifactChecksum: z.string(),
  stagingProblem: z.string().nullable(),
  createdAt: Timestamp,
  shownAt: Timestamp.nullable(),
  expiresAt: Timestamp.nullable(),
  decidedAt: Timestamp.nullable(),
  /** `edited`, `task_<status>`, or why the staged copy had to be made again. */
  voidReason: z.string().nullable(),
  goal: z.string(),
  taskStatus: TaskStatus,
  isRehearsal: z.boolean(),
  requester: z.string().nullable(),
  actor: z.string(),
  taskChatId: z.number().int().nullable(),
  taskTopicId: z.number().int().nullable(),
  taskMessageId: z.number().int().nullable(),
  /** The post: canonical JSON of domain/post.ts in `content`, or in Storage when large. */
  post: ArtifactRow,
  dryRun: ArtifactRow.nullable(),
  critic: CriticVerdict,
  verdict: Verdict,
  isEditedByPerson: z.boolean(),
  /** A retrieval of this task did without the search: when the oldest of what was taken instead had been found; null for nothing. */
  staleSources: fromSnake({ foundAt: Timestamp.nullable() }).nullish(),
  decisions: z.array(
    fromSnake({
      role: Role,
      decision: z.enum(['approve', 'reject']),
      name: z.string(),
      approver: z.string(),
      reason: z.string().nullable(),
      at: Timestamp,
      /** Who is away, where the role was delegated. */
      delegatedBy: z.string().nullish(),
    }),
  ),
  staged: z.array(SentPart),
  /** The version before this one: what it said, and why it was void. */
  previous: fromSnake({
    reference: z.string(),
    voidReason: z.string().nullable(),
    checksum: z.string(),
    content: z.string().nullable(),
    storageRef: z.string(),
  }).nullable(),
  replacedBy: z.string().nullable(),
  stop: StopState,
};

/** Everything that a card shows about one version of what is asked. */
export const RequestView = fromSnake(requestShape);
export type RequestView = z.infer<typeof RequestView>;

export const REFUSAL_CODES = [
  'unknown_reference',
  'unknown_button',
  'wrong_message',
  'unknown_decision',
  'no_role',
  'stopped',
  'task_over',
  'replaced',
  'expired',
  'already_rejected',
  'already_approved',
  'not_shown',
  'too_late',
  'reason_needed',
  'already_yours',
  'unmet',
  'requester',
  'stand_in',
  'requester_unknown',
  'slot_taken',
  'factor_needed',
  'not_enrolled',
] as const;
export const RefusalCode = z.enum(REFUSAL_CODES);
export type RefusalCode = z.infer<typeof RefusalCode>;

export const DecisionOutcome = fromSnake({
  outcome: z.enum(['recorded', 'approved', 'rejected', 'refused']),
  code: RefusalCode.nullable(),
  slot: Role.nullable(),
  grantedAt: Timestamp.nullable(),
  /** With `factor_needed`: the question for the code, to be asked in private. */
  promptId: z.string().nullish(),
  request: RequestView.nullable(),
  deliver: Deliveries,
});
export type DecisionOutcome = z.infer<typeof DecisionOutcome>;

/** Where a decision points: a reference that was typed, or a button on its own card's message. */
export type Pointer = { reference: string } | { token: string; chatId: number; messageId: number };

const toPointerArgs = (pointer: Pointer) =>
  'token' in pointer
    ? { p_reference: null, p_token: pointer.token, p_chat_id: pointer.chatId, p_message_id: pointer.messageId }
    : { p_reference: pointer.reference, p_token: null, p_chat_id: null, p_message_id: null };

export interface DecisionInput {
  pointer: Pointer;
  externalId: number;
  decision: Decision;
  reason?: string;
  asRole?: Role;
  source: 'button' | 'command' | 'reply';
}

/** The only door to a decision. A refusal is a value with a code. As `ags_bot`. */
export function decideApproval(
  rpc: Rpc,
  { pointer, externalId, decision, reason, asRole, source }: DecisionInput,
): Promise<DecisionOutcome> {
  return rpc.call(
    'decide_approval',
    {
      ...toPointerArgs(pointer),
      p_external_id: externalId,
      p_decision: decision,
      p_reason: reason ?? null,
      p_as_role: asRole ?? null,
      p_source: source,
    },
    DecisionOutcome,
  );
}

export const REASK_CODES = ['unknown_button', 'wrong_message', 'no_role', 'stopped', 'replaced', 'task_over', 'policy_changed'] as const;
export type ReaskCode = (typeof REASK_CODES)[number];

const ReaskOutcome = fromSnake({
  code: z.enum(REASK_CODES).nullable(),
  stepId: z.string().nullable(),
  /** Under which the same is asked now. */
  reference: z.string().nullable(),
  deliver: Deliveries,
});

/** What expired is asked anew, with the same frozen content. As `ags_bot`. */
export function reaskRequest(rpc: Rpc, press: { token: string; chatId: number; messageId: number; externalId: number }) {
  return rpc.call(
    'reask_request',
    { p_token: press.token, p_chat_id: press.chatId, p_message_id: press.messageId, p_external_id: press.externalId },
    ReaskOutcome,
  );
}

const EditOutcome = fromSnake({
  outcome: z.enum(['edited', 'refused']),
  code: RefusalCode.nullable(),
  request: RequestView.nullable(),
  deliver: Deliveries,
});

/** A person's own text instead of the agent's: decisions so far are void, the critic runs again. As `ags_bot`. */
export function editRequest(rpc: Rpc, edit: { reference: string; externalId: number; artifact: NewArtifact }) {
  return rpc.call(
    'edit_request',
    { p_reference: edit.reference, p_external_id: edit.externalId, p_artifact: toArtifactJson(edit.artifact) },
    EditOutcome,
  );
}

/** What the Details button shows. As `ags_bot`. */
export function showRequest(rpc: Rpc, pointer: Pointer, externalId: number) {
  const shape = fromSnake({ code: RefusalCode.nullable(), request: RequestView.nullable() });
  return rpc.call('show_request', { ...toPointerArgs(pointer), p_external_id: externalId }, shape);
}

/** One request. As `ags_worker` or `ags_bot`. */
export function findRequest(rpc: Rpc, requestId: string): Promise<RequestView | null> {
  return rpc.call('get_request', { p_request_id: requestId }, RequestView.nullable());
}

/** Takes a request that has to be shown, or gives null. As `ags_worker`. */
export function claimRequest(rpc: Rpc, requestId: string, holder: { worker: string; leaseSeconds: number }): Promise<RequestView | null> {
  return rpc.call(
    'claim_request',
    { p_request_id: requestId, p_worker: holder.worker, p_lease_seconds: holder.leaseSeconds },
    RequestView.nullable(),
  );
}

/** Hands a request back that cannot be shown now. As `ags_worker`. */
export function releaseRequest(rpc: Rpc, { requestId, worker, delayMs }: { requestId: string; worker: string; delayMs: number }) {
  return rpc.call(
    'release_request',
    { p_request_id: requestId, p_worker: worker, p_delay_ms: delayMs },
    fromSnake({ deliver: Deliveries }),
  );
}

/** One part stands in the admin group as it will be sent. Throws lease_lost. As `ags_worker`. */
export async function recordStagedPart(rpc: Rpc, staged: { requestId: string; worker: string } & SentPart): Promise<void> {
  await rpc.call(
    'record_staged_part',
    {
      p_request_id: staged.requestId,
      p_worker: staged.worker,
      p_part: staged.part,
      p_chat_id: staged.chatId,
      p_topic_id: staged.topicId,
      p_message_id: staged.messageId,
    },
    fromSnake({ isRecorded: z.boolean() }),
  );
}

/** All has been shown; a `problem` (what was shown differs from what was judged) blocks approval. Throws lease_lost. As `ags_worker`. */
export function recordShown(rpc: Rpc, shown: { requestId: string; worker: string; problem: string | null; dryRun: NewArtifact | null }) {
  return rpc.call(
    'record_shown',
    {
      p_request_id: shown.requestId,
      p_worker: shown.worker,
      p_problem: shown.problem,
      p_dry_run: shown.dryRun && toArtifactJson(shown.dryRun),
    },
    fromSnake({ ...requestShape, deliver: Deliveries }),
  );
}

/** The staged copy is gone: approvals are void, it is shown again. Throws lease_lost. As `ags_worker`. */
export function restageRequest(rpc: Rpc, held: { stepId: string; fence: number; reason: string }) {
  return rpc.call(
    'restage_request',
    { p_step_id: held.stepId, p_fence: held.fence, p_reason: held.reason },
    fromSnake({ deliver: Deliveries }),
  );
}
