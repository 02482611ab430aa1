import type { EffectView } from '../../store/shared-rows.ts';
import type { TaskView } from '../../store/tasks.ts';
import type { ChatName } from '../chat-names.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, lines, link, makeKeyboard, toView, type View } from '../view.ts';
import { toMessageUrl } from './message-link.ts';
import { inLine } from './quoted.ts';

export interface DoubtFacts {
  effect: EffectView;
  /** The goal, when the task could be read. */
  task: Pick<TaskView, 'goal'> | null;
  target: ChatName;
  now: Date;
  time: LocalTime;
}

/** The one letter behind the token of a button on this card. */
export const DOUBT_PRESSES = { l: 'landed', a: 'again', c: 'cancel' } as const;

const MAX_NAME = 60;

/** Asks people whether something arrived: what is known, what is not, and what each answer does. */
export function makeDoubtView(facts: DoubtFacts, token: string): View {
  const { effect } = facts;
  if (effect.status !== 'in_doubt') return toView(lines([...describeEnd(facts), ...describeEffect(facts)]));
  const body = lines([
    fmt`❓ ${bold(`Did this ${effect.kind} arrive?`)}`,
    'It left, and the answer never came. I do not send it again by myself.',
    '',
    ...describeEffect(facts),
    ...describeParts(facts),
    '',
    ...describeCheck(facts),
    ...describeSecondPerson(effect),
  ]);
  return toView(body, makeDoubtKeyboard(token));
}

function makeDoubtKeyboard(token: string) {
  return makeKeyboard(
    [
      { text: '✅ It happened', callback_data: `d:${token}:l`, style: 'success' },
      { text: '🔁 Send again', callback_data: `d:${token}:a` },
    ],
    [{ text: '✖️ Cancel', callback_data: `d:${token}:c`, style: 'danger' }],
  );
}

function describeEffect({ effect, task, target }: DoubtFacts): Fragment[] {
  const name = inLine(target.title, MAX_NAME);
  return [
    fmt`${effect.tier} ${effect.kind} to ${target.url === null ? name : link(name, target.url)} · task ${code(effect.taskId)}`,
    ...(task === null ? [] : [`Goal: “${inLine(task.goal, 160)}”`]),
  ];
}

/** Each part on its line: what is known to have arrived, what is not known, and the last word about it. */
function describeParts({ effect, now, time }: DoubtFacts): Fragment[] {
  return Array.from({ length: effect.partCount }, (_, index) => index + 1).map((part) => {
    const last = effect.attempts.findLast((attempt) => attempt.part === part);
    const label = `Part ${part} of ${effect.partCount}`;
    if (last === undefined) return `○ ${label}: not sent yet`;
    const when = time.formatBoth(last.startedAt, now);
    if (last.status === 'done' && last.chatId !== null && last.messageId !== null) {
      const url = toMessageUrl({ chatId: last.chatId, messageId: last.messageId });
      return fmt`✓ ${label}: ${url === null ? 'arrived' : link('arrived', url)} ${when}`;
    }
    const error = last.error === null ? '' : `: ${inLine(last.error, 160)}`;
    return last.status === 'in_doubt' ? fmt`❓ ${bold(label)}: sent ${when}, not known${error}` : `○ ${label}: did not leave${error}`;
  });
}

function describeCheck({ effect, target }: DoubtFacts): Fragment[] {
  const staged = effect.staged[0];
  const url = staged === undefined ? null : toMessageUrl(staged);
  const copy = url === null ? 'the copy above' : link('the copy that was approved', url);
  return [
    fmt`Look into ${inLine(target.title, MAX_NAME)} and compare with ${staged === undefined ? 'the task’s text' : copy}. Then press:`,
    fmt`${bold('It happened')}: it is there; the task goes on.`,
    fmt`${bold('Send again')}: it is not there; only the missing part goes out once more.`,
    fmt`${bold('Cancel')}: nothing more is sent, the task ends.`,
  ];
}

/** What cannot be undone is not sent twice on one person's word. */
function describeSecondPerson({ tier, resendAskedBy }: EffectView): Fragment[] {
  if (tier !== 'T3') return [];
  if (resendAskedBy === null) return ['', fmt`${bold('T3')}: Send again needs an operator and an owner, as the approval did.`];
  return ['', fmt`${bold('T3')}: ${inLine(resendAskedBy, MAX_NAME)} asks to send again. ${bold('A second person')} has to press it too.`];
}

function describeEnd({ effect, now, time }: DoubtFacts): Fragment[] {
  const when = effect.settledAt === null ? '' : `, ${time.format(effect.settledAt, now)}`;
  const note = effect.outcomeNote === null ? '' : `: ${inLine(effect.outcomeNote, 160)}`;
  const again = effect.sentAgainBy === null ? '' : `, by the word of ${inLine(effect.sentAgainBy, 2 * MAX_NAME)}`;
  if (effect.status === 'done') {
    const what = effect.sentAgainBy === null ? 'Settled: it happened' : 'Settled: it was sent a second time';
    return [fmt`✅ ${bold(what)}${again}${note}${when}`];
  }
  if (effect.status === 'failed') return [fmt`✖️ ${bold('Settled: not sent again')}${note}${when}`];
  const what = effect.status === 'void' ? 'Settled: it is sent again' : 'Settled: what is missing goes out';
  return [fmt`🔁 ${bold(what)}${effect.sentAgainBy === null ? note : again}`];
}
