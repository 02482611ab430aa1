import type { BreakGlass, OpenedGlass } from '../../store/break-glass-rows.ts';
import type { ChangeView } from '../../store/changes.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, formatElapsed, lines, makeKeyboard, type Rich, toView, type View } from '../view.ts';
import { type ChangeFacts, describeChangeSlots, makeAgainButton } from './change-card.ts';
import { inLine } from './quoted.ts';

const MAX_NAME = 60;
const MAX_REASON = 300;

/** A break-glass as it is drawn. */
export type Glass = { change: ChangeView; glass: BreakGlass; now: Date; time: LocalTime };

/** Null for a change of another kind. */
export function toGlass({ change, now, time }: Pick<ChangeFacts, 'change' | 'now' | 'time'>): Glass | null {
  return change.breakGlass === null ? null : { change, glass: change.breakGlass, now, time };
}

/** The card of a break-glass; in the alert channel without its buttons, for there it is only read. Pure. */
export function makeGlassView(facts: Glass, token: string | null): View {
  const { change, glass, now, time } = facts;
  const isPending = change.status === 'pending' && new Date(change.expiresAt) > now;
  const body = lines([
    toHeadline(facts),
    fmt`${code(change.reference)} · T3 · proposed by ${inLine(change.proposer, MAX_NAME)}`,
    change.reason !== null && `Reason: “${inLine(change.reason, MAX_REASON)}”`,
    '',
    fmt`Task ${code(glass.taskId)}: ${inLine(glass.goal, MAX_REASON)}`,
    fmt`Lets out ${code(glass.reference)} (${glass.action}, ${glass.tier}), checksum ${code(glass.checksum.slice(0, 8))}: exactly what its own card shows, once`,
    isPending && describeWaived(glass),
    isPending && 'It does not go past the emergency stop, the dry run, the limits (half of them) or a denial.',
    isPending &&
      glass.vetoSeconds > 0 &&
      `If nobody confirms and nobody objects, it opens by itself ${formatElapsed(glass.vetoSeconds * 1000)} after this was announced.`,
    isPending && glass.wasVetoed && 'A break-glass for this task was vetoed before: this one takes a second person.',
    '',
    ...describeCourse(facts),
    describeChangeSlots({ change, policy: null, now, time }),
    isPending && `Waits until ${time.formatBoth(change.expiresAt, now)}`,
  ]);
  if (token === null) return toView(body);
  if (isPending) return toView(body, makeButtons(token));
  return change.status === 'expired' ? toView(body, makeAgainButton(token)) : toView(body);
}

const makeButtons = (token: string) =>
  makeKeyboard([
    { text: '🚨 Confirm', callback_data: `c:${token}:y`, style: 'danger' },
    { text: '✋ Veto', callback_data: `c:${token}:v`, style: 'success' },
  ]);

function describeWaived({ unmet, hasExpired }: BreakGlass): string {
  const waived = [...unmet, ...(hasExpired === true ? ['the time to decide is over'] : [])].map((item) => inLine(item, 100));
  return `Waives: ${waived.join('; ') || 'nothing that is missing now'}`;
}

function toHeadline({ change, glass, now }: Glass): Rich {
  if (glass.status !== null) {
    const words = { open: 'open', used: 'used', expired: 'over, unused', void: 'void' } as const;
    return fmt`🚨 ${bold('Break-glass')}: ${words[glass.status]}`;
  }
  if (change.status === 'pending' && new Date(change.expiresAt) > now) return fmt`🚨 ${bold('Break-glass?')} A second person, of any role`;
  const words = {
    pending: 'nobody confirmed it in time',
    expired: 'nobody confirmed it in time',
    rejected: 'vetoed',
    void: 'void',
    applied: 'open',
  } as const;
  return fmt`⚪️ ${bold('Break-glass')}: ${words[change.status]}`;
}

/** What has happened to it, oldest first. Told as a whole, for it may be used before anybody has read that it was opened. */
function describeCourse({ change, glass, now, time }: Glass): Fragment[] {
  const at = (moment: string | null) => time.format(moment ?? change.createdAt, now);
  const veto = change.decisions.findLast(({ decision }) => decision === 'reject');
  return [
    ...(change.status === 'rejected' && veto !== undefined
      ? [`Vetoed by ${inLine(veto.name, MAX_NAME)}: “${inLine(veto.reason ?? '', MAX_REASON)}”. Nothing goes out by it.`]
      : []),
    ...(change.status === 'void' ? [`Why: ${inLine(change.voidReason ?? '', MAX_REASON)}. Nothing goes out by it.`] : []),
    ...(glass.status === null
      ? []
      : [`Opened ${at(glass.openedAt)}${describeBy({ change, glass })}, good until ${at(glass.expiresAt)} for one effect.`]),
    ...(glass.status === 'used' ? [`Used ${at(glass.endedAt)}: its effect was granted.`] : []),
    ...(glass.status === 'expired' ? ['Nothing was let out in time. People are asked again in the ordinary way.'] : []),
    ...(glass.status === 'void'
      ? [`Void ${at(glass.endedAt)}: ${inLine(glass.voidReason ?? '', MAX_REASON)}. Nothing was let out by it.`]
      : []),
    ...describeReview(glass, now, time),
  ];
}

function describeBy({ change, glass }: Pick<Glass, 'change' | 'glass'>): string {
  const names = change.decisions
    .filter(({ decision, voidReason }) => decision === 'approve' && voidReason === null)
    .map(({ name }) => inLine(name, MAX_NAME));
  const silent = glass.waivedSlot === null && names.length > 1 ? '' : '; nobody objected in the veto window';
  return ` by ${names.join(' and ')}${silent}`;
}

function describeReview(glass: BreakGlass, now: Date, time: LocalTime): Fragment[] {
  if (glass.reviewedAt !== null)
    return [`Reviewed by ${inLine(glass.reviewedBy ?? '', MAX_NAME)}: “${inLine(glass.review ?? '', MAX_REASON)}”`];
  if (glass.status === null || glass.status === 'open' || glass.reviewDueAt === null) return [];
  const how = fmt`an owner who did not open it writes ${code(`/breakglass review ${glass.taskId}`)} and what they found. Until then no other break-glass, and nothing of T3 goes out`;
  return [
    glass.isReviewOverdue
      ? fmt`⏰ ${bold('The review is overdue')}: ${how}.`
      : fmt`Review due by ${time.formatBoth(glass.reviewDueAt, now)}: ${how}.`,
  ];
}

/** How far a break-glass came, as a message of its own: an edited card makes no sound. */
export function makeGlassNewsView(facts: Glass): View {
  const { change, glass } = facts;
  return toView(lines([fmt`${toHeadline(facts)} · ${code(change.reference)} · ${code(glass.taskId)}`, ...describeCourse(facts)]));
}

/** `🚨 Break-glass T3-7F3K by Olivia: used, review due by 14:02 UTC` */
export function describeOpenedGlass(
  { changeReference, openedBy, status, reason, reviewedAt, reviewDueAt }: OpenedGlass,
  now: Date,
  time: LocalTime,
): Rich {
  const review = reviewedAt === null ? `review due by ${time.formatBoth(reviewDueAt, now)}` : `reviewed ${time.format(reviewedAt, now)}`;
  return fmt`🚨 Break-glass ${code(changeReference)} by ${inLine(openedBy, MAX_NAME)} (“${inLine(reason, 100)}”): ${status}, ${review}`;
}
