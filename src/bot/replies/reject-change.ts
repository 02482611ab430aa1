import { decideChange } from '../../store/changes.ts';
import { closePrompt } from '../../store/prompts.ts';
import { describeChangeOutcome } from '../change-outcome.ts';
import { showDecision } from '../presses/press.ts';
import { code, fmt } from '../view.ts';
import { type Reply, type ReplyDeps, tell } from './reply.ts';

/** The reason has come: the change is rejected. Gives the problem when it has to be asked again. */
export async function rejectChange(reply: Reply, reason: string, deps: ReplyDeps): Promise<string | null> {
  const { prompt, person, signal } = reply;
  const { rpc, cards } = deps;
  const pointer = { reference: prompt.reference };
  const outcome = await decideChange(rpc, { pointer, externalId: person.externalId, decision: 'reject', reason, source: 'reply' });
  if (outcome.code === 'reason_needed') return 'A rejection needs a reason in words.';
  await closePrompt(rpc, prompt.promptId);
  const { change } = outcome;
  await showDecision(deps, {
    now: [
      tell(deps, reply, fmt`${code(prompt.reference)}: ${describeChangeOutcome(outcome)}`),
      ...(change === null ? [] : [cards.drawChange(change.changeId, signal)]),
    ],
    nudges: outcome.deliver,
  });
  return null;
}
