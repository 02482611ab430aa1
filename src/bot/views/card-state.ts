import type { MessageRef } from '../../domain/message.ts';
import type { Post } from '../../domain/post.ts';
import { isEnded } from '../../domain/status.ts';
import type { Role } from '../../domain/tier.ts';
import type { RequestView } from '../../store/approvals.ts';
import type { EffectView } from '../../store/shared-rows.ts';
import type { ChatName } from '../chat-names.ts';
import type { LocalTime } from '../local-time.ts';

/** Where the artifact stands, in the chat of the card or in another one, exactly as it would be sent. */
export interface Copies {
  messages: MessageRef[];
  place: 'above' | 'below' | 'elsewhere';
}

/** Everything that one card shows: what the rows say, and where it stands. */
export interface CardFacts {
  request: RequestView;
  /** The bytes that are asked about, checked against their checksum; null when they cannot be read. */
  post: Post | null;
  /** The version before this one. */
  previous: Post | null;
  /** After an edit: the text that the critic now judges, and who wrote it. */
  draft: { text: string; by: string } | null;
  dryRun: string | null;
  /** What was let out on this approval, and how it ended. */
  effect: EffectView | null;
  copies: Copies | null;
  target: ChatName;
  now: Date;
  time: LocalTime;
}

/**
 * What a card says, from the request's status and what came of it:
 *
 * showing -> open | blocked -> approved -> sent | not_sent | in_doubt
 * open, blocked, approved -> rejected | expired | edited | restaging | over; after edited and restaging the next version is showing
 * stopped stands in front of open and blocked while the emergency stop is on.
 */
export type CardState =
  | 'showing'
  | 'open'
  | 'blocked'
  | 'stopped'
  | 'approved'
  | 'sent'
  | 'not_sent'
  | 'in_doubt'
  | 'rejected'
  | 'expired'
  | 'edited'
  | 'restaging'
  | 'over';

export function toCardState(facts: CardFacts): CardState {
  const { request } = facts;
  switch (request.status) {
    case 'staging':
      return isEnded(request.taskStatus) ? 'over' : 'showing';
    case 'pending':
      return toPendingState(facts);
    case 'approved':
      return toApprovedState(facts);
    case 'void':
      // Also where an edited answer passed: nobody approves one, so no further version is asked about.
      if (request.voidReason?.startsWith('task_') || isEnded(request.taskStatus)) return 'over';
      return request.voidReason === 'edited' ? 'edited' : 'restaging';
    default:
      return request.status;
  }
}

function toPendingState(facts: CardFacts): CardState {
  const { request, now } = facts;
  if (request.expiresAt !== null && new Date(request.expiresAt) <= now) return 'expired';
  if (request.stop.isStopped) return 'stopped';
  return isApprovable(facts) ? 'open' : 'blocked';
}

function toApprovedState({ effect, request }: CardFacts): CardState {
  if (effect?.status === 'done') return 'sent';
  if (effect?.status === 'failed') return 'not_sent';
  if (effect?.status === 'in_doubt') return 'in_doubt';
  return isEnded(request.taskStatus) ? 'over' : 'approved';
}

/** Nobody is offered to approve what they cannot see whole, or what the gate would refuse whoever approves. */
export function isApprovable(facts: CardFacts): boolean {
  return isShownWhole(facts) && listObstacles(facts).length === 0;
}

export function isShownWhole({ request, post, copies }: CardFacts): boolean {
  if (post === null || copies === null || request.stagingProblem !== null) return false;
  return request.staged.length === post.parts.length && copies.messages.length === post.parts.length;
}

/** The unmet requirements that no person can fill by approving. */
export function listObstacles({ request }: CardFacts): RequestView['verdict']['items'] {
  return request.verdict.items.filter(({ isMet, isByPeople }) => !isMet && !isByPeople);
}

export interface Slot {
  role: Role;
  /** Who filled it, and when. */
  filled: { name: string; at: string; delegatedBy: string | null } | null;
}

export function listSlots({ slots, decisions }: Pick<RequestView, 'slots' | 'decisions'>): Slot[] {
  return slots.map((role) => {
    const filled = decisions.find((decision) => decision.decision === 'approve' && decision.role === role);
    return { role, filled: filled ? { name: filled.name, at: filled.at, delegatedBy: filled.delegatedBy ?? null } : null };
  });
}

export const listOpenSlots = (request: Pick<RequestView, 'slots' | 'decisions'>): Role[] =>
  listSlots(request).flatMap(({ role, filled }) => (filled === null ? [role] : []));
