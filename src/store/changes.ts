import { z } from 'zod';
import type { Decision } from '../domain/status.ts';
import { Role } from '../domain/tier.ts';
import type { Pointer } from './approvals.ts';
import { BreakGlass } from './break-glass-rows.ts';
import { Card } from './cards.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** What two people can change of the rules themselves. */
export const CHANGE_KINDS = ['role_grant', 'role_revoke', 'link_accounts', 'delegation', 'policy', 'break_glass', 'factor_reset'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What is proposed; accounts are numeric ids. The words of the database, for the checksum is over these. */
export type ProposedChange =
  | { kind: 'role_grant' | 'role_revoke'; payload: { external_id: number; role: Role } }
  | { kind: 'factor_reset'; payload: { external_id: number } }
  | { kind: 'link_accounts'; payload: { external_id: number; other_external_id: number } }
  | { kind: 'delegation'; payload: { external_id: number; from_external_id: number; role: Role; seconds: number } };

/** A person as they are, or would be. */
const PersonState = fromSnake({
  name: z.string(),
  accounts: z.array(z.number().int()),
  /** `until` for what ends by itself; before it is applied its end is not known, only how long it lasts. */
  roles: z.array(fromSnake({ role: Role, until: Timestamp.nullable(), seconds: z.number().int().nullable() })),
});
export type PersonState = z.infer<typeof PersonState>;

export const ChangeView = fromSnake({
  changeId: z.string(),
  reference: z.string(),
  kind: z.enum(CHANGE_KINDS),
  status: z.enum(['pending', 'applied', 'rejected', 'expired', 'void']),
  /** As much of what was proposed as people read. */
  payload: fromSnake({ externalId: z.number().int().optional(), role: Role.optional(), seconds: z.number().int().optional() }),
  checksum: z.string(),
  reason: z.string().nullable(),
  slots: z.array(z.enum(['operator', 'owner'])),
  policyVersion: z.number().int(),
  /** By name, and as `tg:<id>`. */
  proposer: z.string(),
  proposedBy: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  decidedAt: Timestamp.nullable(),
  /** A delegation that is over. */
  endedAt: Timestamp.nullable(),
  voidReason: z.string().nullable(),
  /** Which text is proposed, and as which version it came into force; null for every other kind. See `policy-changes.ts`. */
  policy: fromSnake({ checksum: z.string(), documentChecksum: z.string(), version: z.number().int().nullable() }).nullable(),
  /** What a break-glass is about and how far it came; null for every other kind. See `break-glass.ts`. */
  breakGlass: BreakGlass.nullable(),
  before: z.array(PersonState),
  after: z.array(PersonState),
  decisions: z.array(
    fromSnake({
      slot: z.enum(['operator', 'owner']),
      decision: z.enum(['approve', 'reject']),
      name: z.string(),
      approver: z.string(),
      reason: z.string().nullable(),
      at: Timestamp,
      /** Why it counts no longer; null when it does. */
      voidReason: z.string().nullable(),
      delegatedBy: z.string().nullable(),
    }),
  ),
  /** Every account of the people whom it concerns. */
  concerned: z.array(
    fromSnake({ externalId: z.number().int(), displayName: z.string(), roles: z.array(Role), hasPrivateChat: z.boolean() }),
  ),
});
export type ChangeView = z.infer<typeof ChangeView>;

export const CHANGE_CODES = [
  'unknown_reference',
  'unknown_button',
  'wrong_message',
  'unknown_decision',
  'no_role',
  'already_applied',
  'already_rejected',
  'void',
  'expired',
  'reason_needed',
  'already_yours',
  'concerned',
  'proposer',
  'stand_in',
  'slot_taken',
  'not_yours',
  'stopped',
  'fills_nothing',
  'factor_needed',
  'not_enrolled',
] as const;
export const ChangeCode = z.enum(CHANGE_CODES);
export type ChangeCode = z.infer<typeof ChangeCode>;

export const Proposal = fromSnake({
  outcome: z.enum(['proposed', 'exists', 'refused']),
  code: z.enum(['no_role', 'not_possible']).nullable(),
  /** Why it cannot be, as a sentence. */
  problem: z.string().nullable(),
  /** Which slot the proposal itself fills. */
  slot: z.enum(['operator', 'owner']).nullable(),
  /** Why the proposal fills none as yet: it takes a code, by `promptId`, or a second factor in the first place. */
  factor: z.enum(['factor_needed', 'not_enrolled']).nullish(),
  promptId: z.string().nullish(),
  change: ChangeView.nullable(),
  deliver: Deliveries,
});
export type Proposal = z.infer<typeof Proposal>;

/** Asks for a change; the same open one again is the first one. A refusal is a value. As `ags_bot`. */
export function proposeChange(rpc: Rpc, { kind, payload }: ProposedChange, who: { externalId: number; reason: string }): Promise<Proposal> {
  const args = { p_external_id: who.externalId, p_kind: kind, p_payload: payload, p_reason: who.reason };
  return rpc.call('propose_change', args, Proposal);
}

export const ChangeOutcome = fromSnake({
  outcome: z.enum(['recorded', 'applied', 'rejected', 'void', 'refused']),
  code: ChangeCode.nullable(),
  slot: z.enum(['operator', 'owner']).nullable(),
  /** With `factor_needed`: the question for the code, to be asked in private. */
  promptId: z.string().nullish(),
  change: ChangeView.nullable(),
  deliver: Deliveries,
});
export type ChangeOutcome = z.infer<typeof ChangeOutcome>;

export interface ChangeDecision {
  pointer: Pointer;
  externalId: number;
  decision: Decision;
  reason?: string;
  asRole?: Role;
  source: 'button' | 'command' | 'reply';
}

/** The only door to a change; with the last approval it is applied. A refusal is a value with a code. As `ags_bot`. */
export function decideChange(rpc: Rpc, { pointer, externalId, decision, reason, asRole, source }: ChangeDecision): Promise<ChangeOutcome> {
  const pressed = 'token' in pointer ? pointer : null;
  return rpc.call(
    'decide_change',
    {
      p_reference: 'reference' in pointer ? pointer.reference : null,
      p_token: pressed?.token ?? null,
      p_chat_id: pressed?.chatId ?? null,
      p_message_id: pressed?.messageId ?? null,
      p_external_id: externalId,
      p_decision: decision,
      p_reason: reason ?? null,
      p_as_role: asRole ?? null,
      p_source: source,
    },
    ChangeOutcome,
  );
}

/** Whoever proposed it takes it back. As `ags_bot`. */
export function withdrawChange(rpc: Rpc, { reference, externalId, reason }: { reference: string; externalId: number; reason: string }) {
  const shape = fromSnake({
    outcome: z.enum(['withdrawn', 'refused']),
    code: ChangeCode.nullable(),
    change: ChangeView.nullable(),
    deliver: Deliveries,
  });
  return rpc.call('withdraw_change', { p_reference: reference, p_external_id: externalId, p_reason: reason }, shape);
}

/** As `ags_bot` or `ags_worker`. */
export function findChange(rpc: Rpc, reference: string): Promise<ChangeView | null> {
  return rpc.call('get_change', { p_reference: reference }, ChangeView.nullable());
}

const OpenedChangeCard = fromSnake({
  change: ChangeView,
  card: Card,
  /** All the chats in which it stands. */
  chats: z.array(fromSnake({ chatId: z.number().int(), topicId: z.number().int().nullable() })),
});

/** The card of a change in one chat. As `ags_bot` or `ags_worker`. */
export function openChangeCard(
  rpc: Rpc,
  changeId: string,
  chat: { chatId: number; topicId: number | null },
  announcedIn: readonly number[] | null = null,
) {
  const args = { p_change_id: changeId, p_chat_id: chat.chatId, p_topic_id: chat.topicId, p_announced_in: announcedIn };
  return rpc.call('open_change_card', args, OpenedChangeCard);
}

export interface ChangePrompt {
  token: string;
  chatId: number;
  topicId: number | null;
  cardMessageId: number;
  externalId: number;
}

/** Reject asks one person to reply. As `ags_bot`. */
export function openChangePrompt(rpc: Rpc, { token, chatId, topicId, cardMessageId, externalId }: ChangePrompt) {
  const shape = fromSnake({ code: ChangeCode.nullable(), promptId: z.string().nullable(), change: ChangeView.nullable() });
  return rpc.call(
    'open_change_prompt',
    { p_token: token, p_chat_id: chatId, p_topic_id: topicId, p_card_message_id: cardMessageId, p_external_id: externalId },
    shape,
  );
}

export const REPROPOSE_CODES = ['unknown_button', 'wrong_message', 'not_expired'] as const;

/** One that expired, proposed anew by whoever presses. As `ags_bot`. */
export function reproposeChange(rpc: Rpc, press: { token: string; chatId: number; messageId: number; externalId: number }) {
  return rpc.call(
    'repropose_change',
    { p_token: press.token, p_chat_id: press.chatId, p_message_id: press.messageId, p_external_id: press.externalId },
    fromSnake({ code: z.enum(REPROPOSE_CODES).nullable(), proposal: Proposal.nullable() }),
  );
}

/** Takes the duty of telling people how a change ended: `isDue` once. As `ags_bot` or `ags_worker`. */
export function claimChangeNews(rpc: Rpc, changeId: string) {
  return rpc.call('claim_change_news', { p_change_id: changeId }, fromSnake({ isDue: z.boolean(), change: ChangeView }));
}
