import type { Role } from '../../domain/tier.ts';
import { describeRoles } from '../greeting.ts';
import { bold, code, fmt, lines, toView, type View } from '../view.ts';
import type { ChangeFacts } from './change-card.ts';
import { describeChangeKind } from './change-words.ts';
import { inLine } from './quoted.ts';

/** How a change ended, for the admin group, under its card: an edited message makes no sound. */
export function makeChangeNewsView({ change }: ChangeFacts): View {
  const what = describeChangeKind(change);
  const reference = code(change.reference);
  if (change.endedAt !== null) return toView(fmt`⏹ ${reference} is over: ${what}.`);
  switch (change.status) {
    case 'applied':
      return toView(fmt`✅ ${reference} is ${bold('in force')}: ${what}.`);
    case 'rejected':
      return toView(fmt`❌ ${reference} was rejected: ${what}. Nothing was changed.`);
    case 'expired':
      return toView(fmt`⌛ ${reference} has expired: ${what}. Nobody completed it, so nothing was changed.`);
    default:
      return toView(fmt`⚪️ ${reference} is void: ${what}. ${inLine(change.voidReason ?? 'Nothing was changed', 300)}.`);
  }
}

/** What the person reads whom it concerns. */
export function makeConcernedView({ change, now, time }: ChangeFacts, roles: readonly Role[]): View {
  const until = change.after
    .flatMap((person) => person.roles)
    .find(({ role, until }) => role === change.payload.role && until !== null)?.until;
  const isLent = change.kind === 'delegation' && change.endedAt === null && until != null;
  const link = change.kind === 'link_accounts' ? 'This account and another of yours count as one person now.' : false;
  return toView(
    lines([
      fmt`Two people decided on ${code(change.reference)}, which ${inLine(change.proposer, 60)} proposed. You are ${bold(describeRoles(roles))} here now.`,
      change.endedAt !== null && 'The time for which you stood in is over.',
      isLent && `You stand in for ${inLine(change.proposer, 60)} until ${time.formatBoth(until, now)}; it ends by itself.`,
      link,
      roles.length > 0 && '/help shows what you may use.',
    ]),
  );
}
