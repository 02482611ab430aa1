import { decideChange } from '../../store/changes.ts';
import { CANNOT_ASK, tryAskCode } from '../ask-code.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import { describeChangeOutcome } from '../change-outcome.ts';
import type { CommandDeps } from '../deps.ts';
import { code, fmt, toView } from '../view.ts';
import type { Invocation } from './command.ts';
import type { ReadDecision } from './read-decision.ts';

/** `/approve` with the reference of a change of roles or accounts. */
export async function decideOnChange(
  { reference, decision, reason, asRole }: ReadDecision,
  { asker, signal, reply }: Invocation,
  deps: CommandDeps,
): Promise<void> {
  const outcome = await decideChange(deps.rpc, {
    pointer: { reference },
    externalId: asker.externalId,
    decision,
    ...(reason === '' ? {} : { reason }),
    ...(asRole === undefined ? {} : { asRole }),
    source: 'command',
  });
  const { change, promptId } = outcome;
  const question = { promptId, reference: change?.reference ?? reference, externalId: asker.externalId };
  const isAsked = await tryAskCode(deps, question, signal);
  const redraw = change === null ? [] : [deps.cards.drawChange(change.changeId, signal)];
  const answer = reply(toView(fmt`${code(reference)}: ${isAsked ? describeChangeOutcome(outcome) : CANNOT_ASK}`));
  await tryAll(deps.log, [tryDeliver(deps, outcome.deliver), answer, ...redraw]);
}
