import { closePrompt } from '../../store/prompts.ts';
import { approveWithCode } from '../../store/second-factor.ts';
import { FACTOR_TEXTS } from '../errors.ts';
import { showDecision } from '../presses/press.ts';
import { loadRefusalText } from '../refusals.ts';
import { code, fmt } from '../view.ts';
import { type Reply, type ReplyDeps, tell } from './reply.ts';

/** Takes the one-time code, and with it the approval. Gives the problem when it has to be asked again. */
export async function takeCode(reply: Reply, deps: ReplyDeps): Promise<string | null> {
  const { message, prompt, person, signal } = reply;
  const { rpc, cards } = deps;
  const answer = await approveWithCode(rpc, { promptId: prompt.promptId, externalId: person.externalId, code: message.text ?? '' });
  if (answer.code === 'wrong_code' || answer.code === 'used_code') return FACTOR_TEXTS[answer.code];
  await closePrompt(rpc, prompt.promptId);
  const title = code(prompt.reference);
  if (answer.decision === null) {
    await tell(deps, reply, fmt`${title}: ${FACTOR_TEXTS[answer.code ?? 'expired']} Nothing was decided.`);
    return null;
  }
  const { outcome, code: refusal, slot, request, deliver } = answer.decision;
  const word =
    refusal === null
      ? `counted as ${slot}${outcome === 'approved' ? '. Approved: it goes out now' : ''}.`
      : await loadRefusalText(deps, refusal, answer.decision);
  await showDecision(deps, {
    now: [tell(deps, reply, fmt`${title}: ${word}`), ...(request === null ? [] : [cards.draw(request.stepId, signal)])],
    nudges: deliver,
  });
  return null;
}
