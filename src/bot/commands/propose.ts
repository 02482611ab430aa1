import { redactPersonalData } from '../../policy/guards/pii.ts';
import { type Proposal, type ProposedChange, proposeChange, withdrawChange } from '../../store/changes.ts';
import { tryAskProposer } from '../ask-code.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import type { CommandDeps } from '../deps.ts';
import { CHANGE_TEXTS } from '../errors.ts';
import { code, fmt, type Rich, toView } from '../view.ts';
import { listOpenChangeSlots } from '../views/change-card.ts';
import { inLine } from '../views/quoted.ts';
import type { Invocation } from './command.ts';

/** Proposes a change and shows its card; answers with what is still needed, or with what stands against it. */
export async function propose(
  proposed: ProposedChange,
  reason: string,
  { asker, reply, signal }: Invocation,
  deps: CommandDeps,
): Promise<void> {
  // It becomes rows.
  const proposal = await proposeChange(deps.rpc, proposed, { externalId: asker.externalId, reason: redactPersonalData(reason) });
  const { change } = proposal;
  const ownWord = await tryAskProposer(deps, proposal, asker.externalId, signal);
  const card = change === null ? [] : [deps.cards.drawChange(change.changeId, signal)];
  await tryAll(deps.log, [reply(toView(describeProposal(proposal, ownWord))), ...card, tryDeliver(deps, proposal.deliver)]);
}

/** What a proposal came to, for whoever made it; with what `tryAskProposer` gave. */
export function describeProposal({ outcome, code: refusal, problem, slot, change }: Proposal, ownWord: string): Rich {
  if (change === null) {
    const why = refusal === 'no_role' ? 'your role may not propose this' : inLine(problem ?? 'it is not possible', 400);
    return fmt`Nothing was proposed: ${why}.`;
  }
  const open = listOpenChangeSlots(change).join(' and ');
  const counts = slot === null ? ownWord : ` Your own word counts as ${slot}.`;
  const said = outcome === 'exists' ? 'is asked already; it waits for people.' : 'is asked.';
  const how = fmt`on the card in the admin group, or by ${code(`/approve ${change.reference} yes`)}`;
  return fmt`${code(change.reference)} ${said}${counts} Missing: ${open}, ${how}.`;
}

const WITHDRAW = /^withdraw\s+(\S+)\s*([\s\S]*)$/i;

/** `withdraw REF [reason]`, for whoever proposed it; resolves whether that was what was asked. */
export async function tryWithdraw({ args, asker, reply, signal }: Invocation, deps: CommandDeps): Promise<boolean> {
  const [, word, rest = ''] = WITHDRAW.exec(args) ?? [];
  if (word === undefined) return false;
  const asked = { reference: word, externalId: asker.externalId, reason: redactPersonalData(rest) };
  const { code: refusal, change, deliver } = await withdrawChange(deps.rpc, asked);
  const text = refusal === null ? 'Taken back: nothing was changed.' : CHANGE_TEXTS[refusal];
  const card = change === null ? [] : [deps.cards.drawChange(change.changeId, signal)];
  const answer = reply(toView(fmt`${code(inLine(word, 40).toUpperCase())}: ${text}`));
  await tryAll(deps.log, [answer, ...card, tryDeliver(deps, deliver)]);
  return true;
}
