import type { RequestView } from '../../store/approvals.ts';
import type { Member } from '../../store/people.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, formatElapsed, join, lines, mention, type Rich, toView, type View } from '../view.ts';
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
export function makeReminderView(facts: ReminderFacts): View {
  const { request, level, people, now, time } = facts;
  const names = people.slice(0, MAX_PEOPLE).map(({ displayName, externalId }) => mention(inLine(displayName, MAX_NAME), externalId));
  const called: Fragment = names.length === 0 ? bold('Nobody holds a role that fits: an owner has to give one.') : join(names, ', ');
  return toView(
    lines([
      fmt`${level === 1 ? '⏰' : '🚨'} ${code(request.reference)} ${describeWait(facts)}.`,
      called,
      ...(request.expiresAt === null ? [] : [`Expires ${time.formatBoth(request.expiresAt, now)}.`]),
    ]),
  );
}

function describeWait({ request, level, now }: ReminderFacts): Rich {
  const waitedMs = request.shownAt === null ? 0 : now.getTime() - new Date(request.shownAt).getTime();
  const isHopeless = request.slots.length === 0 || request.verdict.items.some(({ isMet, isByPeople }) => !isMet && !isByPeople);
  const what = isHopeless
    ? 'cannot be approved as it is and waits to be edited or rejected'
    : fmt`waits for ${bold(listOpenSlots(request).join(' and '))}`;
  return fmt`${what}, ${formatElapsed(waitedMs)} so far${level === 2 ? '; any of you can decide' : ''}`;
}

/** Under the newest copies, when the card itself stands further up: an edited message makes no sound. */
export function makeNewVersionView({ reference, previous }: Pick<RequestView, 'reference' | 'previous'>): View {
  const replaces = previous === null ? '' : fmt` replaces ${code(previous.reference)}`;
  return toView(fmt`🔁 ${code(reference)}${replaces}: the new text stands above this line. Decide on the card that this answers.`);
}
