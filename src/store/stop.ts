import { z } from 'zod';
import { TaskId } from '../domain/ids.ts';
import { TaskStatus } from '../domain/status.ts';
import { Tier } from '../domain/tier.ts';
import { Card } from './cards.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { EffectView, Nothing, StopState } from './shared-rows.ts';

/** As any role. */
export function loadStopState(rpc: Rpc): Promise<StopState> {
  return rpc.call('get_stop_state', {}, StopState);
}

const Stopped = fromSnake({
  outcome: z.enum(['stopped', 'refused']),
  code: z.enum(['no_role']).nullable(),
  wasStopped: z.boolean().optional(),
  /** How much was stopped before: what is news now is decided by it. */
  wasScope: z.enum(['effects', 'all']).nullable().default(null),
  stop: StopState.optional(),
  /** Granted before the stop and not settled: may still land. */
  inFlight: z.array(EffectView).default([]),
  /** Tasks that now wait. */
  waiting: z.number().int().default(0),
  canBeLifted: z.boolean().default(false),
  othersWhoResume: z.number().int().default(0),
  /** Open cards, to be drawn anew. */
  deliver: Deliveries.default([]),
});

interface StopRequest {
  externalId: number;
  reason: string;
  scope: 'effects' | 'all';
  /** The message that asked: the same one again is the same stop, as long as nobody has lifted it. */
  sourceKey?: string;
}

/** From the moment this returns, no T2/T3 effect is granted. As `ags_bot`. */
export function stopEffects(rpc: Rpc, { externalId, reason, scope, sourceKey }: StopRequest) {
  const args = {
    p_external_id: externalId,
    p_reason: reason,
    p_scope: scope,
    ...(sourceKey === undefined ? {} : { p_source_key: sourceKey }),
  };
  return rpc.call('stop_effects', args, Stopped);
}

/** What becomes of the tasks that the stop holds. Either of the two people can choose `cancel`; to `continue` takes both. */
export const RESUME_CHOICES = ['continue', 'cancel'] as const;
export type ResumeChoice = (typeof RESUME_CHOICES)[number];

/** What goes on when the stop is lifted. */
export const Held = fromSnake({
  /** The first ten; those that send something at once come first. One that is being planned has no tier yet. */
  tasks: z.array(fromSnake({ taskId: TaskId, tier: Tier.nullable(), status: TaskStatus, goal: z.string(), leavesAtOnce: z.boolean() })),
  taskCount: z.number().int(),
  leavingCount: z.number().int(),
  /** T2 and T3 among them: what `cancel` ends. */
  cancellableCount: z.number().int(),
  /** Granted before the stop, and no try of it ever left. */
  unsent: z.array(fromSnake({ taskId: TaskId, kind: z.string(), tier: Tier, targetChatId: z.number().int() })),
  stepsReady: z.number().int(),
  cardsToShow: z.number().int(),
});
export type Held = z.infer<typeof Held>;

export const RESUME_CODES = [
  'no_role',
  'not_stopped',
  'unknown_button',
  'wrong_message',
  'expired',
  'same_person',
  'needs_owner',
  'stand_in',
  'factor_needed',
  'not_enrolled',
] as const;
export type ResumeCode = (typeof RESUME_CODES)[number];

export const Resumed = fromSnake({
  outcome: z.enum(['asked', 'resumed', 'refused']),
  code: z.enum(RESUME_CODES).nullable(),
  /** With `factor_needed`: the question for the code, to be asked in private. */
  promptId: z.string().nullish(),
  stop: StopState,
  /** After the first person: who the second one has to be. */
  needs: z.enum(['owner', 'operator or owner']).optional(),
  choice: z.enum(RESUME_CHOICES).optional(),
  held: Held.optional(),
  first: z.string().nullable().optional(),
  /** After the second person: the tasks that were ended instead of going on. */
  cancelled: z.array(TaskId).default([]),
  deliver: Deliveries,
});
export type Resumed = z.infer<typeof Resumed>;

export interface ResumeInput {
  externalId: number;
  reason: string;
  /** To go on, unless told. */
  choice?: ResumeChoice;
  /** Present when a button was pressed; absent for the command. */
  press?: { token: string; chatId: number; messageId: number };
}

/** The first person asks, a second one lifts the stop. As `ags_bot`. */
export function resumeEffects(rpc: Rpc, { externalId, reason, choice = 'continue', press }: ResumeInput) {
  return rpc.call(
    'resume_effects',
    {
      p_external_id: externalId,
      p_reason: reason,
      p_token: press?.token ?? null,
      p_chat_id: press?.chatId ?? null,
      p_message_id: press?.messageId ?? null,
      p_choice: choice,
    },
    Resumed,
  );
}

/** The card on which the second person confirms. As `ags_bot`. */
export function openResumeCard(rpc: Rpc, chat: { chatId: number; topicId: number | null }): Promise<Card> {
  return rpc.call('open_resume_card', { p_chat_id: chat.chatId, p_topic_id: chat.topicId }, Card);
}

const EndedResumeCard = fromSnake({
  card: Card,
  ending: z.enum(['lifted', 'over']),
  /** Who lifted it; null when it was stopped again first. */
  first: z.string().nullable(),
  second: z.string().nullable(),
  cancelled: z.array(TaskId),
});

/** Cards that ask to lift a stop although that is over. As `ags_bot` or `ags_worker`. */
export const listEndedResumeCards = (rpc: Rpc) => rpc.call('list_ended_resume_cards', {}, z.array(EndedResumeCard));

/** A worker is alive and has seen this generation. As `ags_worker`. */
export function heartbeat(rpc: Rpc, beat: { worker: string; roles: string; generationSeen: number }): Promise<StopState> {
  return rpc.call('heartbeat', { p_worker: beat.worker, p_roles: beat.roles, p_generation_seen: beat.generationSeen }, StopState);
}

/** A worker has drained. As `ags_worker`. */
export async function endWorker(rpc: Rpc, worker: string): Promise<void> {
  await rpc.call('end_worker', { p_worker: worker }, Nothing);
}

export const WorkerRow = fromSnake({
  worker: z.string(),
  roles: z.string(),
  generationSeen: z.number().int(),
  seenAt: Timestamp,
  hasAcknowledged: z.boolean(),
});
export type WorkerRow = z.infer<typeof WorkerRow>;

const SilentHolder = fromSnake({
  worker: z.string(),
  /** Null: its row is gone, and it never said that it ends. */
  seenAt: Timestamp.nullable(),
  stepIds: z.array(z.string()),
});
export type SilentHolder = z.infer<typeof SilentHolder>;

/** Workers that nobody has heard of for 30 s, and that may still hold a step or a message. As `ags_bot`, `ags_web` or `ags_reader`. */
export function listSilentHolders(rpc: Rpc): Promise<SilentHolder[]> {
  return rpc.call('list_silent_holders', {}, z.array(SilentHolder));
}

/** The workers of the last 30 s, and whether each knows of the current generation. As `ags_bot`. */
export function listWorkers(rpc: Rpc): Promise<WorkerRow[]> {
  return rpc.call('list_workers', {}, z.array(WorkerRow));
}
