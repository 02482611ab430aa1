import { showRequest } from '../../store/approvals.ts';
import { loadRefusalText } from '../refusals.ts';
import { toView } from '../view.ts';
import { makeDetailsCaption, makeDetailsFile } from '../views/details.ts';
import type { Press, PressDeps } from './press.ts';

/** Everything about the version on the card, as a file under it, without a sound; for whoever holds a role. */
export async function sendDetails({ id, token, message, person, signal }: Press, deps: PressDeps): Promise<void> {
  const { rpc, outbound, loadCardFacts } = deps;
  const { chatId, topicId, messageId } = message;
  const { code, request } = await showRequest(rpc, { token, chatId, messageId }, person.externalId);
  if (code !== null || request === null) {
    return outbound.answerPress(id, await loadRefusalText(deps, code ?? 'unknown_button', { request }), { isAlert: true });
  }
  const answered = outbound.answerPress(id, 'The details follow as a file.');
  const facts = await loadCardFacts(request, null, signal);
  const { name, bytes } = makeDetailsFile(facts);
  await outbound.sendFile(
    { chatId, topicId },
    { name, bytes, caption: toView(makeDetailsCaption(facts)) },
    { replyTo: messageId, isSilent: true, signal },
  );
  await answered;
}
