import { closePrompt } from '../../store/prompts.ts';
import { approveWithCode, type CodeOutcome } from '../../store/second-factor.ts';
import { describeChangeOutcome } from '../change-outcome.ts';
import { FACTOR_TEXTS, RESUME_TEXTS } from '../errors.ts';
import { describeDoubtOutcome } from '../presses/doubt.ts';
import { showDecision } from '../presses/press.ts';
import { loadRefusalText, titleRefusal } from '../refusals.ts';
import { showResume } from '../show-resume.ts';
import type { Fragment } from '../view.ts';
import { type Reply, type ReplyDeps, tell, tellView } from './reply.ts';

/** Takes the one-time code, and with it the decision. Gives the problem when it has to be asked again. */
export async function takeCode(reply: Reply, deps: ReplyDeps): Promise<string | null> {
  const { message, prompt, person } = reply;
  const { rpc } = deps;
  const answer = await approveWithCode(rpc, { promptId: prompt.promptId, externalId: person.externalId, code: message.text ?? '' });
  if (answer.code === 'wrong_code' || answer.code === 'used_code') return FACTOR_TEXTS[answer.code];
  await closePrompt(rpc, prompt.promptId);
  if (answer.resume !== null && answer.resume.outcome !== 'refused') {
    const { chat, signal } = reply;
    await showResume(answer.resume, { name: person.name, chat, signal, reply: (view) => tellView(deps, reply, view) }, deps);
    return null;
  }
  const { word, draw, nudges } = await toShown(answer, reply, deps);
  await showDecision(deps, { now: [tell(deps, reply, titleRefusal(prompt.reference, word)), ...draw], nudges });
  return null;
}

interface Shown {
  word: Fragment;
  /** The cards that say something else now. */
  draw: Promise<unknown>[];
  nudges: NonNullable<CodeOutcome['request']>['deliver'];
}

async function toShown({ code: problem, request, change, resume, doubt }: CodeOutcome, { signal }: Reply, deps: ReplyDeps): Promise<Shown> {
  const { cards } = deps;
  if (change !== null) {
    const draw = change.change === null ? [] : [cards.drawChange(change.change.changeId, signal)];
    return { word: describeChangeOutcome(change), draw, nudges: change.deliver };
  }
  if (doubt !== null) {
    const draw = doubt.effect === null ? [] : [cards.askDoubt(doubt.effect.effectId, signal)];
    return { word: describeDoubtOutcome(doubt, 'again'), draw, nudges: doubt.deliver };
  }
  if (request !== null) {
    const draw = request.request === null ? [] : [cards.draw(request.request.stepId, signal)];
    return { word: await describeApproval(request, deps), draw, nudges: request.deliver };
  }
  const text = resume === null ? `${FACTOR_TEXTS[problem ?? 'expired']} Nothing was decided.` : RESUME_TEXTS[resume.code ?? 'not_stopped'];
  return { word: text, draw: [], nudges: [] };
}

async function describeApproval(decision: NonNullable<CodeOutcome['request']>, deps: ReplyDeps): Promise<Fragment> {
  const { outcome, code: refusal, slot } = decision;
  if (refusal !== null) return loadRefusalText(deps, refusal, decision);
  return `counted as ${slot}${outcome === 'approved' ? '. Approved: it goes out now' : ''}.`;
}
