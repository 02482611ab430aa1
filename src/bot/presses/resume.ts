import { resumeEffects } from '../../store/stop.ts';
import { RESUME_TEXTS } from '../errors.ts';
import { liftNotices } from '../stop-notices.ts';
import { makeResumeCardView, makeResumedCardView } from '../views/resume-card.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';

/** Confirm on the resume card: the second person's word lifts the stop. After an hour it is a first word again. */
export async function pressOnResume(press: Press, deps: PressDeps): Promise<void> {
  const { outbound, rpc } = deps;
  await meetPresser(press, deps);
  const { token, message, person, signal } = press;
  const options = { priority: 'urgent', signal } as const;
  const outcome = await resumeEffects(rpc, {
    externalId: person.externalId,
    reason: '',
    press: { token, chatId: message.chatId, messageId: message.messageId },
  });
  if (outcome.outcome === 'refused') {
    return outbound.answerPress(press.id, RESUME_TEXTS[outcome.code ?? 'unknown_button'], { isAlert: true });
  }
  if (outcome.outcome === 'asked') {
    const needs = outcome.needs ?? 'operator or owner';
    const answered = outbound.answerPress(press.id, `The first word was too old. You have asked now; ${needs} has to confirm.`, {
      isAlert: true,
    });
    return showDecision(deps, {
      now: [answered, outbound.edit(message, makeResumeCardView(outcome.stop, token, needs), options)],
      nudges: outcome.deliver,
    });
  }
  const answered = outbound.answerPress(press.id, 'Resumed. What waited goes on.');
  const names = { first: outcome.first ?? 'somebody', second: person.name };
  const drawn = outbound.edit(message, makeResumedCardView(names), options);
  await showDecision(deps, { now: [answered, drawn, liftNotices(deps, names, signal)], nudges: outcome.deliver });
}
