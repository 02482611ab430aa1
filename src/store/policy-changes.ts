import { z } from 'zod';
import { TaskStatus } from '../domain/status.ts';
import { Role, Tier } from '../domain/tier.ts';
import { Card } from './cards.ts';
import { Proposal } from './changes.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** A policy as it was read: its text, what the program made of it, and the text's checksum. */
export interface NewPolicy {
  source: string;
  document: unknown;
  checksum: string;
}

const toArgs = ({ source, document, checksum }: NewPolicy) => ({ p_source: source, p_document: document, p_checksum: checksum });

const Turn = z.enum(['gained', 'lost']).nullable();

/** A past task for which the two policies differ, with what each of them makes of it. */
export const BacktestItem = fromSnake({
  taskId: z.string(),
  status: TaskStatus,
  kind: z.enum(['reply', 'post', 'trade', 'payment', 'withdrawal']),
  tierBefore: Tier.nullable(),
  tierAfter: Tier.nullable(),
  /** Why it could not be done, as a sentence; null when it could. */
  refusalBefore: z.string().nullable(),
  refusalAfter: z.string().nullable(),
  slotsLost: z.array(Role),
  slotsGained: z.array(Role),
  dryRun: Turn,
  /** Whether whoever asked may approve more of it, or less. */
  own: Turn,
  critic: z.enum(['would_pass', 'would_fail']).nullable(),
  budget: z.enum(['over', 'within']).nullable(),
});
export type BacktestItem = z.infer<typeof BacktestItem>;

export const Backtest = fromSnake({
  since: Timestamp,
  baseVersion: z.number().int().nullable(),
  /** Tasks that were planned in that time, and those for which something differs. */
  tasks: z.number().int(),
  changed: z.number().int(),
  items: z.array(BacktestItem),
});
export type Backtest = z.infer<typeof Backtest>;

/** Tries a policy on the tasks of so many days, beside the one in force. As `ags_bot`. */
export function simulatePolicy(rpc: Rpc, document: unknown, days: number): Promise<Backtest> {
  return rpc.call('simulate_policy', { p_document: document, p_days: days }, Backtest);
}

/** Proposes a policy as a change that two people decide. A refusal is a value. As `ags_bot`. */
export function proposePolicy(rpc: Rpc, policy: NewPolicy, who: { externalId: number; reason: string }): Promise<Proposal> {
  return rpc.call('propose_policy', { ...toArgs(policy), p_external_id: who.externalId, p_reason: who.reason }, Proposal);
}

const PolicyDraft = fromSnake({
  checksum: z.string(),
  documentChecksum: z.string(),
  source: z.string(),
  document: z.unknown(),
  /** Tried on past tasks when it was proposed; null for a file that nobody has taken up. */
  backtest: Backtest.nullable(),
});
export type PolicyDraft = z.infer<typeof PolicyDraft>;

/** What a change of kind `policy` is about. As `ags_bot` or `ags_worker`. */
export function findPolicyDraft(rpc: Rpc, { checksum, documentChecksum }: { checksum: string; documentChecksum: string }) {
  return rpc.call('get_policy_draft', { p_checksum: checksum, p_document_checksum: documentChecksum }, PolicyDraft.nullable());
}

const PolicyOrigin = fromSnake({
  policyVersion: z.number().int(),
  inForceAt: Timestamp.nullable(),
  retiredAt: Timestamp.nullable(),
  /** Of the change that brought it; null for the version that came with the installation. */
  reference: z.string().nullable(),
  proposer: z.string().nullable(),
  decidedBy: z.array(fromSnake({ slot: Role, name: z.string() })),
  previousVersion: z.number().int().nullable(),
});
export type PolicyOrigin = z.infer<typeof PolicyOrigin>;

/** Since when a version is in force, and by whom; of the one in force without a number. Null when there is none. As any role. */
export function findPolicyOrigin(rpc: Rpc, version: number | null = null): Promise<PolicyOrigin | null> {
  return rpc.call('get_policy_origin', { p_version: version }, PolicyOrigin.nullable());
}

const Offered = fromSnake({
  policyVersion: z.number().int().nullable(),
  /** The version that this very file was, when it was in force before. */
  earlierVersion: z.number().int().nullable(),
  isOffered: z.boolean(),
});
export type Offered = z.infer<typeof Offered>;

/** Keeps the file that a process was started with for somebody to propose. It changes nothing. As `ags_bot` or `ags_worker`. */
export function offerPolicyFile(rpc: Rpc, policy: NewPolicy): Promise<Offered> {
  return rpc.call('offer_policy_file', toArgs(policy), Offered);
}

/** The message that announces the newest file, once per file; null when there is nothing to announce. As `ags_bot`. */
export function openPolicyOffer(rpc: Rpc, chat: { chatId: number; topicId: number | null }) {
  return rpc.call(
    'open_policy_offer',
    { p_chat_id: chat.chatId, p_topic_id: chat.topicId },
    fromSnake({ draft: PolicyDraft, card: Card }).nullable(),
  );
}

export const OFFER_CODES = ['unknown_button', 'wrong_message'] as const;
export type OfferCode = (typeof OFFER_CODES)[number];

/** The file behind a pressed button; without one, the newest that never was in force. As `ags_bot`. */
export function findPolicyOffer(rpc: Rpc, press: { token: string; chatId: number; messageId: number } | null) {
  return rpc.call(
    'find_policy_offer',
    { p_token: press?.token ?? null, p_chat_id: press?.chatId ?? null, p_message_id: press?.messageId ?? null },
    fromSnake({ code: z.enum(OFFER_CODES).nullable(), draft: PolicyDraft.nullable() }),
  );
}
