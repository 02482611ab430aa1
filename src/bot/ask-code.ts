import { toAppError } from '../errors.ts';
import type { DecisionOutcome } from '../store/approvals.ts';
import { recordPromptMessage } from '../store/prompts.ts';
import type { PressDeps } from './presses/press.ts';
import { makePromptView, PLACEHOLDERS } from './views/prompt.ts';

export const CANNOT_ASK =
  'This takes a code, and I cannot write to you in private: start a chat with me, then press again. Nothing was decided.';

/**
 * Asks for the one-time code that an approval takes, in the private chat and nowhere else. Resolves false when the person has never
 * started the bot; true also when no code was asked for.
 */
export async function tryAskCode(
  { outbound, rpc, log }: Pick<PressDeps, 'outbound' | 'rpc' | 'log'>,
  { promptId, request }: DecisionOutcome,
  person: { externalId: number; name: string },
  signal: AbortSignal,
): Promise<boolean> {
  if (promptId == null || request === null) return true;
  const view = makePromptView({ kind: 'factor', reference: request.reference, person });
  const forceReply = { placeholder: PLACEHOLDERS.factor };
  try {
    const chat = { chatId: person.externalId, topicId: null };
    const sent = await outbound.send(chat, view, { forceReply, priority: 'approval', signal });
    await recordPromptMessage(rpc, promptId, sent.messageId);
    return true;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'telegram_refused') throw error;
    log.info({ personId: person.externalId }, 'nobody can be asked for a code who never started the bot');
    return false;
  }
}
