import { ERROR_CODES, type ErrorCode } from '../../errors.ts';
import type { RefusalCode } from '../../store/approvals.ts';
import type { DoubtCode } from '../../store/effects.ts';

/** Why somebody's decision or answer did not count, as the trail tells it afterwards: about them, not to them. */
const REFUSED_BECAUSE: Record<RefusalCode | DoubtCode, string> = {
  unknown_reference: 'there is no such request',
  unknown_button: 'the button was no longer valid',
  wrong_message: 'the button did not belong to that message',
  unknown_decision: 'it was none of the answers that are known',
  no_role: 'they held no role that may decide it',
  stopped: 'everything was stopped',
  task_over: 'the task had ended',
  replaced: 'a newer version had taken its place',
  expired: 'the time to decide was over',
  already_rejected: 'it was rejected already',
  already_approved: 'it was approved already',
  not_shown: 'it had not been shown in full',
  too_late: 'it was let out already',
  reason_needed: 'a rejection needs a reason',
  already_yours: 'they had approved it already',
  unmet: 'a requirement that people cannot fill was not met',
  requester: 'they had asked for it themselves',
  stand_in: 'they and somebody who asked or decided stood in for one another',
  requester_unknown: 'it is not known who asked for it',
  slot_taken: 'every slot that fits was filled',
  factor_needed: 'a one-time code was still needed',
  not_enrolled: 'they had no second factor',
  settled: 'it had been answered already',
  same_person: 'a second person was needed',
};

/** Why the gate let nothing out. */
const GATE_REASONS: Record<string, string> = {
  stopped: 'everything was stopped',
  task_not_running: 'the task was not under way',
  critic: 'the critic had not passed these bytes',
  parts: 'the number of messages was another one',
  target: 'the target was another one',
  frozen: 'T3 was frozen',
  chat_moved: 'its chat has moved',
  break_glass_over: 'the break-glass was over',
  approvals: 'approvals were missing',
  approved_something_else: 'something else had been approved',
  expired: 'the approval had expired',
  requirements: 'a requirement was not met',
  already_done: 'it had been let out already',
};

const isErrorCode = (code: string): code is ErrorCode => code in ERROR_CODES;

const find = (table: Readonly<Record<string, string>>, code: string): string | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;

/** A code that is not here is shown with its underscores taken out: nothing is left out. */
export const toRefusalWords = (code: string): string => find(REFUSED_BECAUSE, code) ?? code.replaceAll('_', ' ');

export const toGateWords = (code: string): string => find(GATE_REASONS, code) ?? code.replaceAll('_', ' ');

/** The message of an error's code, to stand within a sentence. */
export function toErrorWords(code: string): string {
  const words = isErrorCode(code) ? ERROR_CODES[code].message : code.replaceAll('_', ' ');
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}
