import { decideChange, openChangePrompt, reproposeChange } from '../../store/changes.ts';
import { recordPromptMessage } from '../../store/prompts.ts';
import { CANNOT_ASK, tryAskCode, tryAskProposer } from '../ask-code.ts';
import { describeChangeOutcome } from '../change-outcome.ts';
import { describeProposal } from '../commands/propose.ts';
import { CHANGE_TEXTS, REPROPOSE_TEXTS } from '../errors.ts';
import { cut } from '../view.ts';
import { CHANGE_PRESSES } from '../views/change-card.ts';
import { makePromptView, PLACEHOLDERS } from '../views/prompt.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';

/** Approve and Reject on the card of a change of the rules; Confirm and Veto on that of a break-glass. */
export async function pressOnChange(press: Press, letter: string, deps: PressDeps): Promise<void> {
  const kind = letter in CHANGE_PRESSES ? CHANGE_PRESSES[letter as keyof typeof CHANGE_PRESSES] : undefined; // `in` has looked
  if (kind === undefined) return deps.outbound.answerPress(press.id, CHANGE_TEXTS.unknown_button, { isAlert: true });
  await meetPresser(press, deps);
  if (kind === 'again') return proposeAgain(press, deps);
  return kind === 'reject' ? ask(press, deps) : decide(press, kind, deps);
}

/** A veto has to be quick: who pressed it, and when, is the whole of it. */
const VETO = { decision: 'reject', reason: 'vetoed by the button' } as const;

async function decide({ id, token, message, person, signal }: Press, kind: 'approve' | 'veto', deps: PressDeps): Promise<void> {
  const { rpc, outbound, cards } = deps;
  const pointer = { token, chatId: message.chatId, messageId: message.messageId };
  const outcome = await decideChange(rpc, {
    pointer,
    externalId: person.externalId,
    ...(kind === 'veto' ? VETO : { decision: 'approve' }),
    source: 'button',
  });
  const isRefused = outcome.outcome === 'refused' || outcome.outcome === 'void';
  const { change, promptId } = outcome;
  const question = { promptId, reference: change?.reference ?? '', externalId: person.externalId };
  const isAsked = await tryAskCode(deps, question, signal);
  const answered = outbound.answerPress(id, isAsked ? describeChangeOutcome(outcome) : CANNOT_ASK, { isAlert: isRefused });
  const isToRedraw = change !== null && outcome.code !== 'wrong_message';
  await showDecision(deps, {
    now: [answered, ...(isToRedraw ? [cards.drawChange(change.changeId, signal)] : [])],
    nudges: outcome.deliver,
  });
}

/** Telegram shows at most 200 characters of an answer to a press. */
const MAX_ALERT = 200;

/** It expired, and is wanted still: a proposal like any other, by whoever pressed. */
async function proposeAgain({ id, token, message, person, signal }: Press, deps: PressDeps): Promise<void> {
  const { rpc, outbound, cards } = deps;
  const { chatId, messageId } = message;
  const { code, proposal } = await reproposeChange(rpc, { token, chatId, messageId, externalId: person.externalId });
  if (proposal === null) return outbound.answerPress(id, REPROPOSE_TEXTS[code ?? 'unknown_button'], { isAlert: true });
  const ownWord = await tryAskProposer(deps, proposal, person.externalId, signal);
  const { change, deliver } = proposal;
  const answered = outbound.answerPress(id, cut(describeProposal(proposal, ownWord).text, MAX_ALERT), { isAlert: change === null });
  await showDecision(deps, { now: [answered, ...(change === null ? [] : [cards.drawChange(change.changeId, signal)])], nudges: deliver });
}

/** Rejecting takes a reason: the one who pressed is asked to reply to a message that names them. */
async function ask({ id, token, message, person, signal }: Press, { rpc, outbound }: PressDeps): Promise<void> {
  const { chatId, topicId, messageId: cardMessageId } = message;
  const opened = await openChangePrompt(rpc, { token, chatId, topicId, cardMessageId, externalId: person.externalId });
  if (opened.promptId === null || opened.change === null) {
    return outbound.answerPress(id, CHANGE_TEXTS[opened.code ?? 'unknown_button'], { isAlert: true });
  }
  const answered = outbound.answerPress(id, 'Reply with the reason.');
  const view = makePromptView({ kind: 'reject', reference: opened.change.reference, person });
  const forceReply = { placeholder: PLACEHOLDERS.reject };
  const sent = await outbound.send({ chatId, topicId }, view, { replyTo: cardMessageId, forceReply, priority: 'approval', signal });
  await recordPromptMessage(rpc, opened.promptId, sent.messageId);
  await answered;
}
