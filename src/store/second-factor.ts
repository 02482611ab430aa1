import { z } from 'zod';
import { DecisionOutcome } from './approvals.ts';
import { ChangeOutcome } from './changes.ts';
import { DoubtOutcome } from './effects.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';
import { Resumed } from './stop.ts';

export const FACTOR_CODES = ['no_role', 'not_private', 'enrolled', 'not_enrolled', 'locked', 'wrong_code', 'used_code', 'expired'] as const;
export type FactorCode = (typeof FACTOR_CODES)[number];
const Code = z.enum(FACTOR_CODES).nullable();

/** The message in the private chat that shows a key, to be taken back. */
const keyMessageId = z.number().int().nullable();
/** Hex; told this once. */
const Enrolment = fromSnake({ code: Code, secret: z.string().nullable(), keyMessageId });

/** A new secret for an authenticator app, in the person's private chat alone. It counts after `confirmEnrolment`. As `ags_bot`. */
export function beginEnrolment(rpc: Rpc, { externalId, chatId }: { externalId: number; chatId: number }) {
  return rpc.call('begin_enrolment', { p_external_id: externalId, p_chat_id: chatId }, Enrolment);
}

/** Which message shows the key; `confirmEnrolment` and another `beginEnrolment` tell it again. As `ags_bot`. */
export async function recordEnrolmentShown(rpc: Rpc, { externalId, messageId }: { externalId: number; messageId: number }): Promise<void> {
  await rpc.call('record_enrolment_shown', { p_external_id: externalId, p_message_id: messageId }, Nothing);
}

/** The first right code makes it count. As `ags_bot`. */
export function confirmEnrolment(rpc: Rpc, { externalId, chatId, code }: { externalId: number; chatId: number; code: string }) {
  return rpc.call(
    'confirm_enrolment',
    { p_external_id: externalId, p_chat_id: chatId, p_code: code },
    fromSnake({ code: Code, keyMessageId }),
  );
}

/** Of the four the one that the question was about; all null with a code. */
export const CodeOutcome = fromSnake({
  code: Code,
  request: DecisionOutcome.nullable(),
  change: ChangeOutcome.nullable(),
  resume: Resumed.nullable(),
  doubt: DoubtOutcome.nullable(),
});
export type CodeOutcome = z.infer<typeof CodeOutcome>;

/**
 * The answer to the question for a code: a right one decides, as `decideApproval`, `decideChange`, `resumeEffects` or `decideDoubt` does.
 * As `ags_bot`.
 */
export function approveWithCode(rpc: Rpc, { promptId, externalId, code }: { promptId: string; externalId: number; code: string }) {
  return rpc.call('approve_with_code', { p_prompt_id: promptId, p_external_id: externalId, p_code: code }, CodeOutcome);
}
