import { parsePolicy } from '../../policy/parse.ts';
import { findPolicyOffer, proposePolicy } from '../../store/policy-changes.ts';
import { tryAskProposer } from '../ask-code.ts';
import { describeProposal } from '../commands/propose.ts';
import { CHANGE_TEXTS } from '../errors.ts';
import { cut } from '../view.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';

/** Telegram shows at most 200 characters of an answer to a press. */
const MAX_ALERT = 200;

/** Propose it, on the message that announces a deployment's file: a proposal like any other, by whoever pressed. */
export async function pressOnOffer(press: Press, deps: PressDeps): Promise<void> {
  const { rpc, outbound, cards } = deps;
  const { id, token, message, person, signal } = press;
  await meetPresser(press, deps);
  const { code, draft } = await findPolicyOffer(rpc, { token, chatId: message.chatId, messageId: message.messageId });
  if (code !== null || draft === null) return outbound.answerPress(id, CHANGE_TEXTS[code ?? 'unknown_button'], { isAlert: true });
  const { policy, source, checksum } = parsePolicy(draft.source);
  const who = { externalId: person.externalId, reason: 'the file that the program was started with' };
  const proposal = await proposePolicy(rpc, { source, document: policy, checksum }, who);
  const { change, deliver } = proposal;
  const ownWord = await tryAskProposer(deps, proposal, person.externalId, signal);
  const answered = outbound.answerPress(id, cut(describeProposal(proposal, ownWord).text, MAX_ALERT), { isAlert: change === null });
  await showDecision(deps, { now: [answered, ...(change === null ? [] : [cards.drawChange(change.changeId, signal)])], nudges: deliver });
}
