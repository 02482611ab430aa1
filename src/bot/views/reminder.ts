import type { RequestView } from '../../store/approvals.ts';
import type { Member } from '../../store/people.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, formatElapsed, join, lines, mention, type Rich, toView, type View } from '../view.ts';
import { listOpenSlots } from './card-state.ts';
import { inLine } from './quoted.ts';

export interface ReminderFacts {
  reference: string;
  /** What it waits for, as the end of a sentence that begins with its reference. */
  wait: Rich;
  /** 1 reminds, 2 escalates, 3 says that the time is nearly over. */
  level: 1 | 2 | 3;
  /** Who is called; their phones ring. */
  people: readonly Pick<Member, 'externalId' | 'displayName'>[];
  since: string | null;
  expiresAt: string | null;
  now: Date;
  time: LocalTime;
}

const MAX_NAME = 40;
/** More would be noise, and Telegram notifies no more than a few of one message. */
const MAX_PEOPLE = 20;
const SIGNS = { 1: '⏰', 2: '🚨', 3: '⌛' } as const;

/** A short call under the card to those who can fill what is open. */
export function makeReminderView({ reference, wait, level, people, since, expiresAt, now, time }: ReminderFacts): View {
  const names = people.slice(0, MAX_PEOPLE).map(({ displayName, externalId }) => mention(inLine(displayName, MAX_NAME), externalId));
  const called: Fragment = names.length === 0 ? bold('Nobody holds a role that fits: an owner has to give one.') : join(names, ', ');
  const waitedMs = since === null ? 0 : now.getTime() - new Date(since).getTime();
  const anybody = level === 1 ? '' : '; any of you can decide';
  const end = level === 3 ? 'Its time is nearly over: it expires' : 'Expires';
  return toView(
    lines([
      fmt`${SIGNS[level]} ${code(reference)} ${wait}, ${formatElapsed(waitedMs)} so far${anybody}.`,
      called,
      expiresAt !== null && `${end} ${time.formatBoth(expiresAt, now)}.`,
    ]),
  );
}

/** What a request waits for. */
export function describeRequestWait(request: RequestView): Rich {
  const isHopeless = request.slots.length === 0 || request.verdict.items.some(({ isMet, isByPeople }) => !isMet && !isByPeople);
  return isHopeless
    ? fmt`cannot be approved as it is and waits to be edited or rejected`
    : fmt`waits for ${bold(listOpenSlots(request).join(' and '))}`;
}

/** Under the newest copies, when the card itself stands further up: an edited message makes no sound. */
export function makeNewVersionView({ reference, previous }: Pick<RequestView, 'reference' | 'previous'>): View {
  const replaces = previous === null ? '' : fmt` replaces ${code(previous.reference)}`;
  const what = previous?.voidReason === 'edited' ? 'the new text stands' : 'it is shown again';
  return toView(fmt`🔁 ${code(reference)}${replaces}: ${what} above this line. Decide on the card that this answers.`);
}
