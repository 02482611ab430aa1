import type { StepStatus, TaskStatus } from '../../domain/status.ts';
import { ERROR_CODES, type ErrorCode } from '../../errors.ts';
import type { TaskView } from '../../store/tasks.ts';
import { adviseOnCode, describeCode } from '../errors.ts';
import { formatElapsed } from '../view.ts';
import { inLine } from './quoted.ts';
import { toGateWords } from './why-words.ts';

/** One vocabulary for a task's state, wherever it is shown. */
export const TASK_WORDS: Record<TaskStatus, string> = {
  planning: '📝 planning',
  running: '⚙️ working',
  awaiting_approval: '⏸ waits for approval',
  held: '⏸ held',
  done: '✅ done',
  failed: '❌ failed',
  rejected: '🚫 rejected',
  cancelled: '✖️ cancelled',
  expired: '⌛ expired',
  stale: '⌛ too old to be of use',
};

export const STEP_MARKS: Record<StepStatus, string> = {
  pending: '○',
  ready: '○',
  running: '●',
  awaiting_approval: '⏸',
  done: '✓',
  failed: '✗',
  quarantined: '✗',
  skipped: '–',
  cancelled: '–',
};

const HELD_WORDS: Record<NonNullable<TaskView['heldReason']>, string> = {
  critic: 'the critic did not pass it; people decide how it goes on',
  in_doubt: 'it is not known whether it was sent; people are asked',
  pending_exec: 'the other side is not reachable; people are asked again when it is back',
};

/** The state in words, with what holds it when something does. */
export function describeState({ status, heldReason, isWaitingForStop, queue, steps }: TaskView): string {
  const waitsFor = steps.map((step) => step.waitsFor).find((name) => typeof name === 'string');
  if (typeof waitsFor === 'string' && !isWaitingForStop) return `⏳ waits for ${nameTool(waitsFor)}: ${describeWait(waitsFor)}`;
  if (queue !== null && queue.waiting >= WORTH_TELLING) return describeQueue(queue);
  const words = heldReason === null ? TASK_WORDS[status] : `${TASK_WORDS[status]}: ${HELD_WORDS[heldReason]}`;
  return isWaitingForStop ? `🛑 stopped, waits for /resume (${words})` : words;
}

function describeWait(waitsFor: string): string {
  if (waitsFor.startsWith('chat:')) return 'the group has moved, see the alert';
  if (waitsFor.startsWith('access:')) return 'Telegram does not let the bot write there, see the alert';
  if (waitsFor === 'telegram') return 'it does not answer, or asks to wait';
  return 'it failed too often and is left alone for now';
}

/** `engine:fast`, `chat:-100…` and `access:-100…` as people call what a step waits for. */
export const nameTool = (waitsFor: string): string =>
  waitsFor
    .replace(/^engine:/, 'the model engine ')
    .replace(/^chat:/, 'the new id of the group ')
    .replace(/^access:/, 'the right to write to ')
    .replace(/^telegram$/, 'Telegram');

/** Fewer are through before anybody has read how many there were. */
const WORTH_TELLING = 10;

function describeQueue({ waiting, waitSeconds }: NonNullable<TaskView['queue']>): string {
  const about = waitSeconds === null ? '' : `, about ${formatElapsed(waitSeconds * 1000)}`;
  return `⏳ in the queue: position ${waiting + 1}${about}`;
}

const MAX_REASON = 220;
const MAX_NAME = 60;

const isErrorCode = (code: string): code is ErrorCode => code in ERROR_CODES;

/** Codes that the database gives and that are no errors of the program. */
const ENDINGS: Record<string, string> = {
  plan_refused: 'The plan cannot be carried out here',
  quarantined: 'A step was set aside',
  rejected: 'Rejected',
  cancelled: 'Cancelled',
  in_doubt: 'Given up',
  expired: 'Expired',
};

const describeGate = (reasons: string): string =>
  `The gate let nothing out: ${reasons.split(', ').map(toGateWords).join('; ')}. If it is still wanted, give the task again.`;

/** What to do where a step ended: there is no reference to tell, the task's own id finds it in the log. */
function adviseOnStep(code: ErrorCode): string {
  if (code === 'telegram_refused') return 'Give the bot its rights in that chat, then give the task again.';
  return adviseOnCode(code).replace('the reference', 'the id of this task');
}

/** How it ended and why; null while it goes on and when it went well. */
export function describeEnd({ status, failureCode, failureMessage, cancelledBy }: TaskView): string | null {
  if (status === 'done' || (failureCode === null && failureMessage === null)) return null;
  const message = failureMessage === null ? null : inLine(failureMessage, MAX_REASON);
  if (cancelledBy !== null) return `Cancelled by ${inLine(cancelledBy, MAX_NAME)}${message === null ? '.' : `: ${message}`}`;
  if (failureCode === 'gate_refused' && message !== null) return describeGate(message);
  const ending = failureCode === null ? undefined : ENDINGS[failureCode];
  if (ending !== undefined) return message === null ? `${ending}, no reason was given.` : `${ending}: ${message}`;
  if (failureCode === null || !isErrorCode(failureCode)) return message;
  // The general words begin with what happened, which the message says better.
  return message === null ? describeCode(failureCode) : `${message.replace(/\.$/, '')}. ${adviseOnStep(failureCode)}`;
}
