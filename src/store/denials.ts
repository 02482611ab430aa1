import { z } from 'zod';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** A rejection that holds for a day. */
export const DenialRule = fromSnake({
  /** Of the request that was rejected; the rule's name. */
  reference: z.string(),
  action: z.string(),
  kind: z.string(),
  targetChatId: z.number().int(),
  targetTopicId: z.number().int().nullable(),
  author: z.string(),
  reason: z.string(),
  /** Who had asked. */
  denied: z.string(),
  goal: z.string(),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  liftedBy: z.string().nullable(),
});
export type DenialRule = z.infer<typeof DenialRule>;

export const RULE_CODES = ['unknown_button', 'wrong_message', 'not_yours', 'no_role', 'not_found', 'own_request'] as const;
export type RuleCode = (typeof RULE_CODES)[number];

const RuleOutcome = fromSnake({ code: z.enum(RULE_CODES).nullable(), rule: DenialRule.nullable() });

/** The token of the button for whoever has just rejected; null when there is nothing to keep. As `ags_bot`. */
export async function offerRule(rpc: Rpc, offer: { reference: string; externalId: number; chatId: number }): Promise<string | null> {
  const { token } = await rpc.call(
    'offer_rule',
    { p_reference: offer.reference, p_external_id: offer.externalId, p_chat_id: offer.chatId },
    fromSnake({ token: z.string().nullable() }),
  );
  return token;
}

/** The press on that button. As `ags_bot`. */
export function keepRule(rpc: Rpc, press: { token: string; chatId: number; messageId: number; externalId: number }) {
  return rpc.call(
    'keep_rule',
    { p_token: press.token, p_chat_id: press.chatId, p_message_id: press.messageId, p_external_id: press.externalId },
    RuleOutcome,
  );
}

/** The denials that hold now, the first to end first. As any role but `ags_worker`. */
export function listRules(rpc: Rpc): Promise<DenialRule[]> {
  return rpc.call('list_rules', {}, z.array(DenialRule));
}

/** Ends one before its time. As `ags_bot`. */
export function liftRule(rpc: Rpc, { reference, externalId }: { reference: string; externalId: number }) {
  return rpc.call('lift_rule', { p_reference: reference, p_external_id: externalId }, RuleOutcome);
}
