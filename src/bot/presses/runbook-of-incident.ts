import { openIncidentRunbook } from '../../store/incidents.ts';
import { INCIDENT_TEXTS } from '../errors.ts';
import { code, fmt, toView } from '../view.ts';
import type { Press, PressDeps } from './press.ts';

const HELPS: Record<string, string> = {
  desync: 'finds duplicates and steps out of order, and rebuilds what is broken',
  'memory-drift': 'asks the search again, compares what is stored, and has unfinished tasks search and be judged again',
  'tool-failure': 'trips the breaker of the tool, shows what failed, and tries it again',
};

/** Names the command that helps: whoever gives it sees first what each step would do. */
export async function sendRunbookOf({ id, token, message, person, signal }: Press, { rpc, outbound }: PressDeps): Promise<void> {
  const { chatId, topicId, messageId } = message;
  const found = await openIncidentRunbook(rpc, { token, chatId, messageId, externalId: person.externalId });
  if (found.code !== null || found.runbook === null) {
    return outbound.answerPress(id, INCIDENT_TEXTS[found.code ?? 'unknown_button'], { isAlert: true });
  }
  const answered = outbound.answerPress(id, 'The runbook is named below.');
  const command = ['/runbook', found.runbook, found.subject].filter(Boolean).join(' ');
  const text = fmt`${code(command)} ${HELPS[found.runbook] ?? 'helps here'}. It begins with a dry run: nothing changes before you press Run.`;
  await outbound.send({ chatId, topicId }, toView(text), { replyTo: messageId, isSilent: true, signal });
  await answered;
}
