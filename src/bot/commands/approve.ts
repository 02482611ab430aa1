import { type DecisionOutcome, decideApproval } from '../../store/approvals.ts';
import { findChange } from '../../store/changes.ts';
import { CANNOT_ASK, tryAskCode } from '../ask-code.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import type { CommandDeps } from '../deps.ts';
import { tryOfferRule } from '../offer-rule.ts';
import { loadRefusalText, titleRefusal } from '../refusals.ts';
import { bold, code, fmt, type Rich, toView } from '../view.ts';
import { type Command, DECIDERS } from './command.ts';
import { decideOnChange } from './decide-on-change.ts';
import { readDecision } from './read-decision.ts';

export const APPROVE_USAGE = '/approve REF yes|no [reason]';

export const approve: Command = {
  name: 'approve',
  group: 'Decisions',
  description: 'Decide on what is asked, by its reference',
  usage: APPROVE_USAGE,
  example: '/approve T2-7F3K no the price is missing',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, asker, chat, signal, reply } = invocation;
    const read = readDecision(args);
    if ('problem' in read) {
      await reply(toView(read.problem));
      return;
    }
    const { reference, decision, reason, asRole } = read;
    const change = await findChange(deps.rpc, reference);
    if (change !== null) return decideOnChange(read, invocation, deps);
    const outcome = await decideApproval(deps.rpc, {
      pointer: { reference },
      externalId: asker.externalId,
      decision,
      ...(reason === '' ? {} : { reason }),
      ...(asRole === undefined ? {} : { asRole }),
      source: 'command',
    });
    const isAsked = await tryAskCode(deps, { promptId: outcome.promptId, reference, externalId: asker.externalId }, signal);
    const { request } = outcome;
    const redraw = request === null ? [] : [deps.cards.draw(request.stepId, signal)];
    const isRejected = outcome.outcome === 'rejected';
    const keyboard = isRejected ? await tryOfferRule(deps, { reference, externalId: asker.externalId, chatId: chat.chatId }) : undefined;
    const answer = describe(outcome, reference, deps).then((text) => reply(toView(isAsked ? text : CANNOT_ASK, keyboard)));
    await tryAll(deps.log, [tryDeliver(deps, outcome.deliver), answer, ...redraw]);
  },
};

async function describe(
  { outcome, code: refusal, slot, grantedAt, request }: DecisionOutcome,
  reference: string,
  deps: CommandDeps,
): Promise<Rich> {
  const title = code(request?.reference ?? reference);
  switch (outcome) {
    case 'refused':
      return titleRefusal(
        request?.reference ?? reference,
        await loadRefusalText(deps, refusal ?? 'unknown_reference', { request, grantedAt, slot }),
      );
    case 'rejected':
      return fmt`🚫 ${title} ${bold('rejected')}. The task ends; nothing is sent.`;
    case 'approved':
      return fmt`✅ ${title} ${bold('approved')}${slot === null ? '' : ` (you as ${slot})`}. It goes out now.`;
    case 'recorded': {
      const open = request?.verdict.items.filter(({ isMet }) => !isMet).map(({ detail }) => detail) ?? [];
      return fmt`✓ ${title}: your approval as ${slot ?? 'approver'} counts. Still needed: ${open.join(', ') || 'nothing'}.`;
    }
  }
}
