import { type DecisionOutcome, decideApproval, type RefusalCode, reaskRequest } from '../../store/approvals.ts';
import type { Delivery } from '../../store/delivery.ts';
import { CANNOT_ASK, tryAskCode } from '../ask-code.ts';
import { REASK_TEXTS } from '../errors.ts';
import { loadRefusalText } from '../refusals.ts';
import { CARD_PRESSES, type CardPress } from '../views/card-keyboard.ts';
import { listOpenSlots } from '../views/card-state.ts';
import { askForReply } from './ask.ts';
import { sendDetails } from './details.ts';
import { meetPresser, type Press, type PressDeps, refuseForged, showDecision } from './press.ts';
import { retireTwin } from './twin.ts';

/** Refusals after which the card that was pressed says something else than the rows. */
const CARD_IS_OLD: ReadonlySet<RefusalCode> = new Set([
  'replaced',
  'expired',
  'already_rejected',
  'already_approved',
  'task_over',
  'too_late',
  'not_shown',
  'unmet',
  'stopped',
  'slot_taken',
]);

export async function pressOnApproval(press: Press, letter: string, deps: PressDeps): Promise<void> {
  const kind: CardPress | undefined = letter in CARD_PRESSES ? CARD_PRESSES[letter as keyof typeof CARD_PRESSES] : undefined; // `in` has looked
  if (kind === undefined) return refuseForged({ id: press.id, externalId: press.person.externalId }, deps);
  await meetPresser(press, deps);
  if (kind === 'approve') return approve(press, deps);
  if (kind === 'details') return sendDetails(press, deps);
  if (kind === 'reask') return reask(press, deps);
  return askForReply(press, kind, deps);
}

async function approve(press: Press, deps: PressDeps): Promise<void> {
  const { outbound, cards } = deps;
  const { chatId, messageId } = press.message;
  const pointer = { token: press.token, chatId, messageId };
  const outcome = await decideApproval(deps.rpc, { pointer, externalId: press.person.externalId, decision: 'approve', source: 'button' });
  const reference = outcome.request?.reference ?? '';
  const question = { promptId: outcome.promptId, reference, externalId: press.person.externalId };
  const isAsked = await tryAskCode(deps, question, press.signal);
  const answer = isAsked ? await toAnswer(outcome, deps) : CANNOT_ASK;
  const answered = outbound.answerPress(press.id, answer, { isAlert: outcome.outcome === 'refused' });
  const { request } = outcome;
  const isTwin = request !== null && outcome.code === 'wrong_message';
  const isToRedraw = request !== null && (outcome.code === null || CARD_IS_OLD.has(outcome.code));
  await showDecision(deps, {
    now: [
      answered,
      ...(isToRedraw ? [cards.drawIn(request.stepId, press.message, press.signal)] : []),
      ...(isTwin ? [retireTwin(press, request.stepId, deps)] : []),
    ],
    // The copies with other people are a worker's to redraw: the next press in this chat waits until this one is through.
    nudges: isToRedraw ? [...outcome.deliver, toRedraw(request.stepId)] : outcome.deliver,
  });
}

/** After the pressed card has been drawn: what shows the same already is left alone. */
const toRedraw = (stepId: string): Delivery => ({ job: 'card.show', id: stepId, seq: Date.now(), delayMs: 300 });

async function toAnswer({ outcome, code, slot, request, grantedAt }: DecisionOutcome, deps: PressDeps): Promise<string> {
  if (code !== null) return loadRefusalText(deps, code, { request, grantedAt });
  if (outcome === 'approved') return `Counted as ${slot}. Approved: it goes out now.`;
  const open = request === null ? [] : listOpenSlots(request);
  return `Counted as ${slot}. Still waiting: ${open.join(', ') || 'a requirement'}.`;
}

/** Expired: the same is shown and asked anew, on this card. */
async function reask({ id, token, message, person, signal }: Press, deps: PressDeps): Promise<void> {
  const { rpc, outbound, cards } = deps;
  const { chatId, messageId } = message;
  const { code, stepId, reference, deliver } = await reaskRequest(rpc, { token, chatId, messageId, externalId: person.externalId });
  const word = code === null ? `Asked again, as ${reference}. It is shown anew, and everybody decides anew.` : REASK_TEXTS[code];
  const answered = outbound.answerPress(id, word, { isAlert: code !== null });
  const isToRedraw = stepId !== null && code !== 'wrong_message';
  await showDecision(deps, { now: isToRedraw ? [answered, cards.draw(stepId, signal)] : [answered], nudges: deliver });
}
