import { openPrompt, recordPromptMessage } from '../../store/prompts.ts';
import { loadRefusalText } from '../refusals.ts';
import { makePromptView, PLACEHOLDERS } from '../views/prompt.ts';
import type { Press, PressDeps } from './press.ts';
import { retireTwin } from './twin.ts';

/** Reject and Edit decide nothing yet: they ask the one who pressed to reply to a message that names them. */
export async function askForReply(press: Press, kind: 'reject' | 'edit', deps: PressDeps): Promise<void> {
  const { id, token, message, person, signal } = press;
  const { rpc, outbound, cards } = deps;
  const { chatId, topicId, messageId: cardMessageId } = message;
  const opened = await openPrompt(rpc, { kind, token, chatId, topicId, cardMessageId, externalId: person.externalId });
  if (opened.code !== null || opened.promptId === null || opened.request === null) {
    const why = await loadRefusalText(deps, opened.code ?? 'unknown_button', { request: opened.request });
    await outbound.answerPress(id, why, { isAlert: true });
    if (opened.request === null || opened.code === 'no_role') return;
    if (opened.code === 'wrong_message') return retireTwin(press, opened.request.stepId, deps);
    return cards.drawIn(opened.request.stepId, message, signal);
  }
  const answered = outbound.answerPress(id, kind === 'reject' ? 'Reply with the reason.' : 'Reply with the new text.');
  const view = makePromptView({ kind, reference: opened.request.reference, person });
  const sent = await outbound.send({ chatId, topicId }, view, {
    replyTo: cardMessageId,
    forceReply: { placeholder: PLACEHOLDERS[kind] },
    priority: 'approval',
    signal,
  });
  await recordPromptMessage(rpc, opened.promptId, sent.messageId);
  await answered;
}
