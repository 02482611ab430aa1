import { FormattedString } from '@grammyjs/parse-mode';
import type { ChangeView } from '../../store/changes.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, join, lines, makeKeyboard, type Rich, toView, type View } from '../view.ts';
import { describeStandIn } from './card-parts.ts';
import { describeChangeKind, describePerson } from './change-words.ts';
import { describePolicyRows, type PolicyFacts } from './policy-card.ts';
import { inLine } from './quoted.ts';

export interface ChangeFacts {
  change: ChangeView;
  /** What a policy would change; null for every other kind. */
  policy: PolicyFacts | null;
  now: Date;
  time: LocalTime;
}

/** The letter behind the token, as on an approval card. */
export const CHANGE_PRESSES = { y: 'approve', n: 'reject', v: 'veto', r: 'again' } as const;

const MAX_NAME = 60;
const MAX_REASON = 300;

/** The card of a change of roles or accounts: what would be different, who has decided, who is missing. Pure. */
export function makeChangeView(facts: ChangeFacts, token: string): View {
  const { change } = facts;
  const body = lines([
    fmt`${toHeadline(facts)}: ${describeChangeKind(change)}`,
    fmt`${code(change.reference)} · T3 · proposed by ${inLine(change.proposer, MAX_NAME)}`,
    change.reason !== null && `Reason: “${inLine(change.reason, MAX_REASON)}”`,
    '',
    ...(facts.policy === null ? describePeople(facts) : describePolicyRows(change, facts.policy)),
    '',
    ...describeEnd(facts),
    describeChangeSlots(facts),
    ...describeVoided(change),
    isOpen(facts) && describeExpiry(facts),
    fmt`Checksum ${code(change.checksum.slice(0, 8))} · policy v${change.policyVersion}`,
  ]);
  if (isOpen(facts)) return toView(body, makeButtons(token));
  return change.status === 'expired' ? toView(body, makeAgainButton(token)) : toView(body);
}

function describePeople({ change, now, time }: ChangeFacts): (Fragment | false)[] {
  const people = (states: ChangeView['before']) => states.map((person) => describePerson(person, now, time)).join('; ');
  return [
    fmt`${bold('Before')}: ${people(change.before)}`,
    fmt`${bold('After')}: ${people(change.after)}`,
    isUnknown(change) && '⚠️ Nobody has ever written to me from this account: look at the number twice.',
  ];
}

const makeButtons = (token: string) =>
  makeKeyboard([
    { text: '✅ Approve', callback_data: `c:${token}:y`, style: 'success' },
    { text: '❌ Reject', callback_data: `c:${token}:n`, style: 'danger' },
  ]);

/** Once it has expired, for whoever may propose it. */
export const makeAgainButton = (token: string) => makeKeyboard([{ text: '🔁 Propose again', callback_data: `c:${token}:r` }]);

const isOpen = ({ change, now }: ChangeFacts): boolean => change.status === 'pending' && new Date(change.expiresAt) > now;

const isUnknown = ({ status, concerned }: ChangeView): boolean => status === 'pending' && concerned.length === 0;

function toHeadline(facts: ChangeFacts): Rich {
  const { change } = facts;
  if (change.status === 'pending') return isOpen(facts) ? fmt`🟡 ${bold('Approve?')} Two people` : fmt`⌛ ${bold('Expired')}`;
  if (change.endedAt !== null) return fmt`⏹ ${bold('Over')}`;
  const headlines = {
    applied: fmt`✅ ${bold('In force')}`,
    rejected: fmt`❌ ${bold('Rejected')}`,
    expired: fmt`⌛ ${bold('Expired')}`,
    void: fmt`⚪️ ${bold('Void')}`,
  };
  return headlines[change.status];
}

/** `owner ✓ Olivia 14:02 UTC · operator waiting` */
export function describeChangeSlots(facts: ChangeFacts): Rich {
  const { change, now, time } = facts;
  const slots = change.slots.map((slot) => {
    const filled = change.decisions.find(
      ({ decision, voidReason, ...made }) => made.slot === slot && decision === 'approve' && !voidReason,
    );
    if (filled === undefined) return fmt`${bold(slot)} ${isOpen(facts) ? 'waiting' : '– nobody'}`;
    return fmt`${bold(slot)} ✓ ${inLine(filled.name, MAX_NAME)}${describeStandIn(filled.delegatedBy)} ${time.format(filled.at, now)}`;
  });
  return join(slots, ' · ');
}

export function listOpenChangeSlots({ slots, decisions }: Pick<ChangeView, 'slots' | 'decisions'>): ChangeView['slots'] {
  return slots.filter((slot) => !decisions.some((made) => made.slot === slot && made.decision === 'approve' && made.voidReason === null));
}

function describeVoided({ decisions }: ChangeView): string[] {
  return decisions
    .filter(({ voidReason }) => voidReason !== null)
    .map((made) => `No longer counts: ${inLine(made.voidReason ?? '', 120)}.`);
}

function describeEnd({ change, now, time }: ChangeFacts): Fragment[] {
  if (change.endedAt !== null) return [`The delegation ended ${time.format(change.endedAt, now)}.`];
  if (change.status === 'void')
    return [fmt`${bold('Why')}: ${inLine(change.voidReason ?? 'not recorded', MAX_REASON)}. Nothing was changed.`];
  if (change.status === 'expired')
    return ['Nobody completed it in time, so nothing was changed. Still wanted? Propose it again, by the button too.'];
  const rejection = change.decisions.findLast(({ decision }) => decision === 'reject');
  if (change.status !== 'rejected' || rejection === undefined) return [];
  return [fmt`${bold(inLine(rejection.name, MAX_NAME))}: “${inLine(rejection.reason ?? '', MAX_REASON)}”. Nothing was changed.`];
}

function describeExpiry({ change, now, time }: ChangeFacts): Rich {
  const unixSeconds = Math.floor(new Date(change.expiresAt).getTime() / 1000);
  return fmt`Expires ${FormattedString.time(time.formatBoth(change.expiresAt, now), unixSeconds, 'wDt')}`;
}
