import { resumeEffects } from '../../store/stop.ts';
import { CANNOT_ASK, END_OF_STOP, tryAskCode } from '../ask-code.ts';
import { RESUME_TEXTS } from '../errors.ts';
import { liftNotices } from '../stop-notices.ts';
import { CANCEL_HELD, describeResumed, makeResumeCardView, toHeldFacts } from '../views/resume-card.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';

/** Telegram shows at most 200 characters of an answer to a press. */
const MAX_ANSWER = 200;

/** A button of the resume card: the second person's word lifts the stop. After an hour it is a first word again. */
export async function pressOnResume(press: Press, letter: string, deps: PressDeps): Promise<void> {
  const { outbound, rpc } = deps;
  await meetPresser(press, deps);
  const { token, message, person, signal } = press;
  const options = { priority: 'urgent', signal } as const;
  const outcome = await resumeEffects(rpc, {
    externalId: person.externalId,
    reason: '',
    choice: letter === CANCEL_HELD ? 'cancel' : 'continue',
    press: { token, chatId: message.chatId, messageId: message.messageId },
  });
  if (outcome.outcome === 'refused') {
    const question = { promptId: outcome.promptId, reference: END_OF_STOP, externalId: person.externalId };
    const isAsked = await tryAskCode(deps, question, signal);
    return outbound.answerPress(press.id, isAsked ? RESUME_TEXTS[outcome.code ?? 'unknown_button'] : CANNOT_ASK, { isAlert: true });
  }
  if (outcome.outcome === 'asked') {
    const needs = outcome.needs ?? 'operator or owner';
    const answered = outbound.answerPress(press.id, `The first word was too old. You have asked now; ${needs} has to confirm.`, {
      isAlert: true,
    });
    const view = makeResumeCardView({ stop: outcome.stop, needs, ...toHeldFacts(outcome) }, token);
    return showDecision(deps, { now: [answered, outbound.edit(message, view, options)], nudges: outcome.deliver });
  }
  const { cancelled } = outcome;
  const answered = outbound.answerPress(press.id, `Resumed. ${describeResumed(cancelled)}`.slice(0, MAX_ANSWER));
  const names = { first: outcome.first ?? 'somebody', second: person.name };
  await showDecision(deps, {
    now: [answered, deps.cards.endResumeCards(signal), liftNotices(deps, names, signal)],
    nudges: outcome.deliver,
  });
}
