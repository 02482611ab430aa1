import { startRunbook } from '../../store/runbooks.ts';
import { RUNBOOK_TEXTS } from '../errors.ts';
import { RUNBOOK_PRESSES } from '../views/runbook.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';

/** Run, on the message of a dry run. */
export async function pressOnRunbook(press: Press, letter: string, deps: PressDeps): Promise<void> {
  const { rpc, outbound, cards } = deps;
  if (!(letter in RUNBOOK_PRESSES)) return outbound.answerPress(press.id, RUNBOOK_TEXTS.unknown_button, { isAlert: true });
  await meetPresser(press, deps);
  const { token, message, person, signal } = press;
  const { code, runId, deliver } = await startRunbook(rpc, {
    token,
    chatId: message.chatId,
    messageId: message.messageId,
    externalId: person.externalId,
  });
  const answered = outbound.answerPress(press.id, code === null ? 'It runs. Each step is shown here.' : RUNBOOK_TEXTS[code], {
    isAlert: code !== null,
  });
  const isToRedraw = runId !== null && (code === null || code === 'already_started');
  await showDecision(deps, { now: isToRedraw ? [answered, cards.showRunbook(runId, [], signal)] : [answered], nudges: deliver });
}
