import { type DoubtAnswer, type DoubtOutcome, decideDoubt } from '../../store/effects.ts';
import { CANNOT_ASK, tryAskCode } from '../ask-code.ts';
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
  const { effect, code, promptId } = outcome;
  const question = { promptId, reference: `sending ${effect?.taskId} again`, externalId: press.person.externalId };
  const isAsked = await tryAskCode(deps, question, press.signal);
  const word = isAsked ? describeDoubtOutcome(outcome, answer) : CANNOT_ASK;
  const answered = outbound.answerPress(press.id, word, { isAlert: code !== null });
  const isToRedraw = effect !== null && code !== 'wrong_message' && code !== 'no_role';
  await showDecision(deps, {
    now: isToRedraw ? [answered, cards.askDoubt(effect.effectId, press.signal)] : [answered],
    nudges: outcome.deliver,
  });
}

/** What an answer came to, for whoever gave it. */
export function describeDoubtOutcome(result: DoubtOutcome, answer: DoubtAnswer): string {
  if (result.code !== null) return explainDoubtRefusal(result.code, result);
  return result.outcome === 'first_of_two' ? FIRST_OF_TWO : ANSWERS[answer];
}
