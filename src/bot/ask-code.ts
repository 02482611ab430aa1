import { toAppError } from '../errors.ts';
import type { Proposal } from '../store/changes.ts';
import { recordPromptMessage } from '../store/prompts.ts';
import type { CommandDeps } from './deps.ts';
import { makeCodePromptView, PLACEHOLDERS } from './views/prompt.ts';

export const CANNOT_ASK =
  'This takes a code, and I cannot write to you in private: start a chat with me, then press again. Nothing was decided.';
/** As `find_prompt` calls it. */
export const END_OF_STOP = 'the end of the stop';

export interface CodeQuestion {
  /** Null when no code is asked for. */
  promptId: string | null | undefined;
  /** What is decided with the code, as people call it. */
  reference: string;
  externalId: number;
}

export type AskCodeDeps = Pick<CommandDeps, 'outbound' | 'rpc' | 'log'>;

/**
 * Asks for the one-time code that a decision takes, in the private chat and nowhere else. Resolves false when the person has never
 * started the bot; true also when no code was asked for.
 */
export async function tryAskCode(
  { outbound, rpc, log }: AskCodeDeps,
  { promptId, reference, externalId }: CodeQuestion,
  signal: AbortSignal,
): Promise<boolean> {
  if (promptId == null) return true;
  const forceReply = { placeholder: PLACEHOLDERS.factor };
  try {
    const chat = { chatId: externalId, topicId: null };
    const sent = await outbound.send(chat, makeCodePromptView({ reference }), { forceReply, priority: 'approval', signal });
    await recordPromptMessage(rpc, promptId, sent.messageId);
    return true;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'telegram_refused') throw error;
    log.info({ personId: externalId }, 'nobody can be asked for a code who never started the bot');
    return false;
  }
}

/** Asks whoever proposed a change for the code that their own word takes. Resolves with what they have to know of it; empty when nothing. */
export async function tryAskProposer(
  deps: AskCodeDeps,
  { factor, promptId, change }: Proposal,
  externalId: number,
  signal: AbortSignal,
): Promise<string> {
  if (factor == null || change === null) return '';
  const { reference } = change;
  if (factor === 'not_enrolled')
    return ` Your own word takes a second factor, and you have none: write /enrol to me in private, then /approve ${reference} yes.`;
  const isAsked = await tryAskCode(deps, { promptId, reference, externalId }, signal);
  return isAsked
    ? ' Your own word counts with a code: reply to my question in our private chat.'
    : ` Your own word takes a code, and I cannot write to you in private: start a chat with me, then /approve ${reference} yes.`;
}
