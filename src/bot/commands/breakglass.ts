import { redactPersonalData } from '../../policy/guards/pii.ts';
import { proposeBreakGlass, reviewBreakGlass } from '../../store/break-glass.ts';
import type { Proposal } from '../../store/changes.ts';
import { tryAskProposer } from '../ask-code.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import type { CommandDeps } from '../deps.ts';
import { REVIEW_TEXTS } from '../errors.ts';
import { code, fmt, type Rich, toView } from '../view.ts';
import { inLine } from '../views/quoted.ts';
import { type Command, type Invocation, OWNERS } from './command.ts';
import { readTaskId } from './read-task-id.ts';

const USAGE = '/breakglass TASK reason';
const REVIEW_USAGE = '/breakglass review TASK what you found';
const REVIEW = /^review(?:\s+|$)/i;

export const breakglass: Command = {
  name: 'breakglass',
  group: 'Emergency',
  description: 'Let one effect of one task out in an emergency, with a second person; review it afterwards',
  usage: `${USAGE} · ${REVIEW_USAGE}`,
  example: '/breakglass T-2025-09-28-0012 the operator cannot be reached and the warning has to go out now',
  roles: OWNERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const isReview = REVIEW.test(invocation.args);
    const read = readTaskId(invocation.args.replace(REVIEW, ''), isReview ? REVIEW_USAGE : USAGE);
    if ('problem' in read) await invocation.reply(toView(read.problem));
    // It becomes rows.
    else if (isReview) await review(read.taskId, redactPersonalData(read.rest), invocation, deps);
    else await propose(read.taskId, redactPersonalData(read.rest), invocation, deps);
  },
};

async function propose(taskId: string, reason: string, { asker, reply, signal }: Invocation, deps: CommandDeps): Promise<void> {
  const proposal = await proposeBreakGlass(deps.rpc, { externalId: asker.externalId, taskId, reason });
  const { change } = proposal;
  const ownWord = await tryAskProposer(deps, proposal, asker.externalId, signal);
  const card = change === null ? [] : [deps.cards.drawChange(change.changeId, signal)];
  await tryAll(deps.log, [reply(toView(describe(proposal, ownWord))), ...card, tryDeliver(deps, proposal.deliver)]);
}

function describe({ outcome, problem, change }: Proposal, ownWord: string): Rich {
  if (change === null) return fmt`Nothing was opened: ${inLine(problem ?? 'it is not possible', 400)}.`;
  const asked = outcome === 'exists' ? 'is asked already' : 'is asked, and announced in the alert channel';
  return fmt`🚨 ${code(change.reference)} ${asked}. A second person with any role has to press Confirm on its card in the admin group; anybody with a role can veto it there.${ownWord}`;
}

async function review(taskId: string, text: string, { asker, reply }: Invocation, deps: CommandDeps): Promise<void> {
  const outcome = await reviewBreakGlass(deps.rpc, { externalId: asker.externalId, taskId, text });
  const word = outcome.code === null ? 'reviewed. T3 goes on.' : REVIEW_TEXTS[outcome.code];
  await tryAll(deps.log, [reply(toView(fmt`${code(outcome.reference ?? taskId)}: ${word}`)), tryDeliver(deps, outcome.deliver)]);
}
