import type { StopState } from '../../store/shared-rows.ts';
import type { Held, ResumeChoice } from '../../store/stop.ts';
import { bold, code, type Fragment, fmt, lines, makeKeyboard, plural, toView, type View } from '../view.ts';
import { inLine } from './quoted.ts';

export interface ResumeCardFacts {
  stop: StopState;
  /** Who the second person has to be. */
  needs: string;
  held: Held;
  /** What the first person chose. */
  choice: ResumeChoice;
}

const NOTHING_HELD: Held = { tasks: [], taskCount: 0, leavingCount: 0, cancellableCount: 0, unsent: [], stepsReady: 0, cardsToShow: 0 };

/** The database says both whenever somebody has asked. */
export function toHeldFacts({ held = NOTHING_HELD, choice = 'continue' }: { held?: Held | undefined; choice?: ResumeChoice | undefined }) {
  return { held, choice };
}

/** The letter behind the token of the button that ends what was held. */
export const CANCEL_HELD = 'c';

const MAX_NAME = 60;
const MAX_REASON = 200;
const MAX_GOAL = 60;
const MAX_UNSENT = 5;

/** Asks a second person to lift the stop, and shows what follows. Times are UTC: the card is also read where nobody knows the zone. */
export function makeResumeCardView(facts: ResumeCardFacts, token: string): View {
  const { stop, needs, held, choice } = facts;
  const body = lines([
    fmt`🛑 ${bold('Resume?')} A second person has to confirm: ${bold(needs)}.`,
    '',
    ...describeStop(stop),
    `Asked to resume: ${inLine(stop.resumeAskedBy ?? 'somebody', MAX_NAME)}${toTime(stop.resumeAskedAt)}. The question stands for an hour.`,
    '',
    ...describeHeld(held),
    '',
    describeChoice(choice, held),
  ]);
  return toView(body, makeKeyboard(...makeRows(facts, token)));
}

function makeRows({ held, choice }: ResumeCardFacts, token: string) {
  const confirm = { text: '▶️ Confirm', callback_data: `r:${token}`, style: 'success' } as const;
  const cancel = { text: '✖️ Resume, cancel what was held', callback_data: `r:${token}:${CANCEL_HELD}`, style: 'danger' } as const;
  return choice === 'cancel' || held.cancellableCount === 0 ? [[confirm]] : [[confirm], [cancel]];
}

/** What the card says once it has been lifted. */
export function makeResumedCardView({ first, second, cancelled }: { first: string; second: string; cancelled: readonly string[] }): View {
  return toView(fmt`▶️ ${bold('Resumed')} by ${inLine(first, MAX_NAME)} and ${inLine(second, MAX_NAME)}. ${describeResumed(cancelled)}`);
}

/** What the card says when it was stopped again before anybody confirmed: what was asked was about the earlier stop. */
export const makeOverResumeCardView = (): View =>
  toView(fmt`⚪️ ${bold('Over')}: it was stopped again after this was asked. ${code('/resume')} asks anew.`);

const MAX_CANCELLED = 10;

/** What became of what had waited, in one sentence or two. */
export function describeResumed(cancelled: readonly string[]): string {
  if (cancelled.length === 0) return 'What waited goes on.';
  const more = cancelled.length > MAX_CANCELLED ? ' and others' : '';
  return `${plural(cancelled.length, 'task')} that had been held ${cancelled.length === 1 ? 'is' : 'are'} cancelled: ${cancelled.slice(0, MAX_CANCELLED).join(', ')}${more}. Everything else goes on.`;
}

function describeStop(stop: StopState): Fragment[] {
  const scope = stop.scope === 'all' ? 'everything, all queues' : 'all T2 and T3 effects';
  return [
    `Stopped: ${scope}, by ${inLine(stop.stoppedBy ?? 'somebody', MAX_NAME)}${toTime(stop.stoppedAt)}`,
    ...(stop.reason === null ? [] : [`Reason: “${inLine(stop.reason, MAX_REASON)}”`]),
  ];
}

function describeHeld({ tasks, taskCount, leavingCount, unsent, stepsReady, cardsToShow }: Held): Fragment[] {
  if (taskCount === 0 && unsent.length === 0) return ['Nothing waits: no task goes on by it.'];
  const leaving = leavingCount === 0 ? '' : `, ${leavingCount} of them ${leavingCount === 1 ? 'sends' : 'send'} at once`;
  const more = taskCount - tasks.length;
  return [
    fmt`${bold('What goes on')}: ${plural(taskCount, 'task')}${leaving}`,
    ...tasks.map(
      ({ taskId, tier, goal, leavesAtOnce }) =>
        fmt`• ${code(taskId)} ${tier ?? 'being planned'}${leavesAtOnce ? ' ⚠️ sends at once' : ''}: “${inLine(goal, MAX_GOAL)}”`,
    ),
    ...(more > 0 ? [`• and ${more} more`] : []),
    ...unsent.slice(0, MAX_UNSENT).map(({ taskId, kind, tier }) => fmt`Let out before, never left: ${code(taskId)} ${kind} (${tier})`),
    ...(unsent.length > MAX_UNSENT ? [`and ${unsent.length - MAX_UNSENT} more that never left`] : []),
    `Queues: ${plural(stepsReady, 'step')} to run, ${plural(cardsToShow, 'card')} to show`,
  ];
}

function describeChoice(choice: ResumeChoice, { cancellableCount }: Held): string {
  const tasks = `${plural(cancellableCount, 'task')} of T2 and T3`;
  if (choice === 'cancel') return `They chose to cancel what was held: confirming ends ${tasks}, and lets the rest go on.`;
  if (cancellableCount === 0) return 'Confirming lifts the stop; approvals given before it still count.';
  return `Confirming lets all of it go on at once; approvals given before the stop still count. The other button lifts the stop and ends ${tasks}.`;
}

const toTime = (moment: string | null): string => (moment === null ? '' : `, ${moment.slice(11, 16)} UTC`);
