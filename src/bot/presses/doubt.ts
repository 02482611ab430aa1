import { decideDoubt } from '../../store/effects.ts';
import { explainDoubtRefusal } from '../refusals.ts';
import { DOUBT_PRESSES } from '../views/doubt.ts';
import { meetPresser, type Press, type PressDeps, refuseForged, showDecision } from './press.ts';

const ANSWERS = {
  landed: 'Noted: it happened. The task goes on.',
  again: 'Noted: it is sent again.',
  cancel: 'Noted: nothing more is sent, the task ends.',
} as const;
const FIRST_OF_TWO = 'Noted. A second person has to press Send again too.';

/** People's answer to "did this arrive?". */
export async function pressOnDoubt(press: Press, letter: string, deps: PressDeps): Promise<void> {
  const { outbound, cards, rpc } = deps;
  const answer = letter in DOUBT_PRESSES ? DOUBT_PRESSES[letter as keyof typeof DOUBT_PRESSES] : undefined; // `in` has looked
  if (answer === undefined) return refuseForged({ id: press.id, externalId: press.person.externalId }, deps);
  await meetPresser(press, deps);
  const { chatId, messageId } = press.message;
  const outcome = await decideDoubt(rpc, { token: press.token, chatId, messageId, externalId: press.person.externalId, answer });
  const { effect, code } = outcome;
  const word = code !== null ? explainDoubtRefusal(code, outcome) : outcome.outcome === 'first_of_two' ? FIRST_OF_TWO : ANSWERS[answer];
  const answered = outbound.answerPress(press.id, word, { isAlert: code !== null });
  const isToRedraw = effect !== null && code !== 'wrong_message' && code !== 'no_role';
  await showDecision(deps, {
    now: isToRedraw ? [answered, cards.askDoubt(effect.effectId, press.signal)] : [answered],
    nudges: outcome.deliver,
  });
}
