import { redactPersonalData } from '../../policy/guards/pii.ts';
import { decideApproval } from '../../store/approvals.ts';
import { closePrompt } from '../../store/prompts.ts';
import { tryOfferRule } from '../offer-rule.ts';
import { showDecision } from '../presses/press.ts';
import { loadRefusalText } from '../refusals.ts';
import { code, fmt } from '../view.ts';
import { rejectChange } from './reject-change.ts';
import { type Reply, type ReplyDeps, tell } from './reply.ts';

/** As long as the database keeps one. */
const MAX_REASON = 2000;

/** Takes the reason and rejects. Gives the problem when it has to be asked again. */
export async function takeReason(reply: Reply, deps: ReplyDeps): Promise<string | null> {
  const { message, prompt, person, signal } = reply;
  // It becomes rows.
  const reason = redactPersonalData(message.text ?? message.caption ?? '').trim();
  if (reason === '') return 'A rejection needs a reason in words.';
  if (reason.length > MAX_REASON) return `A reason has at most ${MAX_REASON} characters; yours has ${reason.length}.`;
  if (prompt.about === 'change') return rejectChange(reply, reason, deps);
  const { rpc, cards } = deps;
  const outcome = await decideApproval(rpc, {
    pointer: { reference: prompt.reference },
    externalId: person.externalId,
    decision: 'reject',
    reason,
    source: 'reply',
  });
  if (outcome.code === 'reason_needed') return 'A rejection needs a reason in words.';
  await closePrompt(rpc, prompt.promptId);
  const { request } = outcome;
  const word =
    outcome.code === null
      ? fmt`Rejected ${code(prompt.reference)}. Nothing more goes out; the task has ended.`
      : await loadRefusalText(deps, outcome.code, outcome);
  const rejection = { reference: prompt.reference, externalId: person.externalId, chatId: reply.chat.chatId };
  const keyboard = outcome.code === null ? await tryOfferRule(deps, rejection) : undefined;
  await showDecision(deps, {
    now: [tell(deps, reply, word, keyboard), ...(request === null ? [] : [cards.draw(request.stepId, signal)])],
    nudges: outcome.deliver,
  });
  return null;
}
