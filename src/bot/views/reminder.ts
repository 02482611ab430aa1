import type { RequestView } from '../../store/approvals.ts';
import type { Member } from '../../store/people.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, formatElapsed, join, lines, mention, toView, type View } from '../view.ts';
import { listOpenSlots } from './card-state.ts';
import { inLine } from './quoted.ts';

export interface ReminderFacts {
  request: RequestView;
  level: 1 | 2;
  /** Who is called; their phones ring. */
  people: readonly Pick<Member, 'externalId' | 'displayName'>[];
  now: Date;
  time: LocalTime;
}

const MAX_NAME = 40;
/** More would be noise, and Telegram notifies no more than a few of one message. */
const MAX_PEOPLE = 20;

/** A short call under the card to those who can fill what is open. */
export function makeReminderView({ request, level, people, now, time }: ReminderFacts): View {
  const waitedMs = request.shownAt === null ? 0 : now.getTime() - new Date(request.shownAt).getTime();
  const open = listOpenSlots(request).join(' and ');
  const names = people.slice(0, MAX_PEOPLE).map(({ displayName, externalId }) => mention(inLine(displayName, MAX_NAME), externalId));
  const called: Fragment = names.length === 0 ? bold('Nobody holds a role that fits: an owner has to give one.') : join(names, ', ');
  return toView(
    lines([
      fmt`${level === 1 ? '⏰' : '🚨'} ${code(request.reference)} waits for ${bold(open)}, ${formatElapsed(waitedMs)} so far${level === 2 ? '; anybody of you can decide' : ''}.`,
      called,
      ...(request.expiresAt === null ? [] : [`Expires ${time.formatBoth(request.expiresAt, now)}.`]),
    ]),
  );
}
