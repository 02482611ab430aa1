import { showRequest } from '../../store/approvals.ts';
import { explainRefusal } from '../refusals.ts';
import { toView } from '../view.ts';
import { makeDetailsCaption, makeDetailsFile } from '../views/details.ts';
import type { Press, PressDeps } from './press.ts';

/** Everything about the version on the card, as a file under it, without a sound; for whoever holds a role. */
export async function sendDetails(
  { id, token, message, person }: Press,
  { rpc, outbound, loadCardFacts, clock, time }: PressDeps,
): Promise<void> {
  const { chatId, topicId, messageId } = message;
  const { code, request } = await showRequest(rpc, { token, chatId, messageId }, person.externalId);
  if (code !== null || request === null) {
    return outbound.answerPress(id, explainRefusal(code ?? 'unknown_button', { request, now: clock(), time }), { isAlert: true });
  }
  const answered = outbound.answerPress(id, 'The details follow as a file.');
  const facts = await loadCardFacts(request, null);
  const { name, bytes } = makeDetailsFile(facts);
  await outbound.sendFile(
    { chatId, topicId },
    { name, bytes, caption: toView(makeDetailsCaption(facts)) },
    { replyTo: messageId, isSilent: true },
  );
  await answered;
}
