import type { AppError, ErrorCode } from '../errors.ts';
import type { ReaskCode, RefusalCode } from '../store/approvals.ts';
import type { ReviewCode } from '../store/break-glass.ts';
import type { ChangeCode, REPROPOSE_CODES } from '../store/changes.ts';
import type { RuleCode } from '../store/denials.ts';
import type { DrillCode } from '../store/drills.ts';
import type { DoubtCode } from '../store/effects.ts';
import type { IncidentCode } from '../store/incidents.ts';
import type { RunbookCode } from '../store/runbooks.ts';
import type { FactorCode } from '../store/second-factor.ts';
import type { ResumeCode } from '../store/stop.ts';

/**
 * What a person reads: what happened, and what to do next. Complete by type, so that a new code cannot be without words.
 */
const ERROR_TEXTS: Record<ErrorCode, string> = {
  config_invalid: 'The configuration is not usable. Whoever runs the program finds the reason in its log.',
  data_dir_locked: 'Another process uses the same data. Whoever runs the program has to stop one of the two.',
  policy_invalid: 'The policy is not valid, so nothing was changed. The policy in force stays.',
  input_invalid: 'I could not take that as it is. Check what you wrote and send it again.',
  not_found: 'There is no such thing. /tasks lists the tasks.',
  not_allowed: 'You may not do that. /help shows what you may do; an owner gives roles.',
  state_conflict: 'That does not fit the state it is in now. Look at /status and try again.',
  idempotency_conflict: 'This was already taken with other content, so nothing was changed. Send it as a new message.',
  lease_lost: 'Somebody else has taken this over meanwhile. Look at /status.',
  store_unavailable:
    'The database does not answer, so nothing was changed. I try again; if no answer follows within a minute, send it again.',
  queue_unavailable: 'The queue does not answer at the moment. What was taken goes on by itself when it does.',
  short_term_unavailable: 'I cannot remember what we were speaking of at the moment. Try again in a minute.',
  store_failed: 'The database refused this, so nothing was changed. Tell an owner the reference.',
  artifact_missing: 'A stored file cannot be read at the moment. Try again in a minute; if it stays so, tell an owner the reference.',
  artifact_corrupt: 'A stored file is not what it was when it was written, so I do not use it. Tell an owner the reference.',
  engine_unavailable: 'The model does not answer. The step is tried again by itself.',
  engine_timeout: 'The model did not answer in time. The step is tried again by itself.',
  engine_refused: 'The model refused to answer. Word the goal differently and send it as a new /task.',
  engine_rejected: 'The model server rejected the request. An owner has to look at the engine’s settings.',
  output_invalid: 'The model’s answer did not have the agreed form, twice. Send the task again, or word it more simply.',
  rate_limited: 'That was too often for now. /limits shows when it is free again.',
  overloaded: 'Too much work waits already, so nothing was taken. Send it again later.',
  budget_exhausted: 'A budget is used up, so nothing more was spent. An owner can raise it in the policy; /status shows the day’s spend.',
  plan_invalid: 'The plan was not acceptable. Word the goal more narrowly and send it as a new /task.',
  agent_failed: 'The agent could not finish. The step is tried again by itself.',
  telegram_unavailable: 'Telegram did not answer. Try again in a minute.',
  telegram_refused: 'Telegram refused to show that. Tell an owner the reference.',
  telegram_flood: 'Telegram asks me to write less in this chat. Try again in a minute.',
  not_its_turn: 'Another process takes this bot’s messages in; this one waits. Nothing is lost.',
  unknown_outcome: 'It is not known whether it happened, so I do not do it again. Look at the admin group.',
  aborted: 'The program is being restarted. What you sent is kept and handled after it.',
  internal: 'Something unexpected happened; it is in the log. Tell an owner the reference.',
};

/** What a person reads about a failure, with the short reference that finds it in the log. */
export function describeError(error: AppError, reference: string): string {
  return `${describeCode(error.code)} (reference ${reference})`;
}

export function describeCode(code: ErrorCode): string {
  return ERROR_TEXTS[code];
}

/** What to do about it alone, for where what happened was said already: the general text says that first, in one sentence. */
export const adviseOnCode = (code: ErrorCode): string => ERROR_TEXTS[code].replace(/^.*?\. /, '');

/** The same for everything that takes a second factor. */
const CODE_ASKED = 'This takes a code of your authenticator app: reply to my question in our private chat. Until then nothing is decided.';
const NOT_ENROLLED = 'Your approval takes a second factor, and you have none: write /enrol to me in private. Nothing was decided.';

/** The same for everything that takes two people. */
const STANDS_IN =
  'By delegation you stand in for somebody who asked for this or decided on it, or they for you: the two of you count as one person here. Another one has to.';

/** Refusals of a decision that need no further facts; a card that knows who and when says more. */
export const REFUSAL_TEXTS: Record<RefusalCode, string> = {
  unknown_reference: 'There is no request with this reference. /status TASK shows the open one.',
  unknown_button: 'This button is no longer valid. Use the newest card, or /status TASK for the open reference.',
  wrong_message: 'This button does not belong to this message, so nothing was decided. Use the card itself.',
  unknown_decision: 'I know only yes and no here: /approve T2-7F3K yes, or /approve T2-7F3K no and a reason.',
  no_role: 'You hold no role that may decide this. Operators and owners approve; an owner gives roles.',
  stopped: 'Everything is stopped, so nothing was decided. After /resume it can be decided.',
  task_over: 'The task has already ended, so there is nothing left to decide. /status TASK says how.',
  replaced: 'This version was replaced by a newer one, so nothing was decided. Decide on the new one.',
  expired: 'The time to decide is over. Press “Ask again” on its card if it is still wanted.',
  already_rejected: 'This was already rejected, so nothing was changed.',
  already_approved: 'This is already approved, so nothing was changed.',
  not_shown: 'It has not been shown in full yet, so nobody can approve it. Wait until the card has its buttons.',
  too_late: 'Too late: it was already let out. It can only be corrected afterwards.',
  reason_needed: 'A rejection needs a reason: /approve T2-7F3K no and why.',
  already_yours: 'You have already approved this. Another person is needed for what is still open.',
  unmet: 'A requirement that people cannot fill is not met, so it cannot be approved. The card says which.',
  requester: 'You asked for this yourself, and on this tier nobody decides on their own request. Somebody else has to.',
  stand_in: STANDS_IN,
  requester_unknown: 'It is not known who asked for this, so it cannot be shown that two people differ. Nobody can approve it.',
  slot_taken: 'Every slot that your role fits is filled already. Somebody with another role is needed.',
  factor_needed: CODE_ASKED,
  not_enrolled: NOT_ENROLLED,
};

/** Why what expired is not asked anew. */
export const REASK_TEXTS: Record<ReaskCode, string> = {
  unknown_button: REFUSAL_TEXTS.unknown_button,
  wrong_message: 'This button does not belong to this message, so nothing was asked. Use the card itself.',
  no_role: 'Only operators and owners have it asked again.',
  stopped: 'Everything is stopped, so nothing is asked. After /resume it can be.',
  replaced: 'It was asked again already. Decide on the new one.',
  task_over: 'The task has ended in another way meanwhile. Send it again with /task.',
  policy_changed: 'Another policy is in force since, so it has to be judged anew: send it again with /task.',
};

/** Why a one-time code, or the way to one, was not taken. */
export const FACTOR_TEXTS: Record<FactorCode, string> = {
  no_role: 'A second factor is for people with a role. An owner gives roles.',
  not_private: 'Only in our private chat: write /enrol to me there.',
  enrolled: 'You have a second factor already. Is the device lost? /enrol reset and why: two other people decide.',
  not_enrolled: 'You have no second factor: write /enrol to me in private.',
  locked: 'Five wrong codes: your second factor is locked for 15 minutes.',
  wrong_code: 'That is not the code of this moment.',
  used_code: 'This code was used before: wait for the next one.',
  expired: 'That question is over: press the button again.',
};

export const CHANGE_TEXTS: Record<ChangeCode, string> = {
  unknown_reference: 'There is no change with this reference. /role shows the open ones.',
  unknown_button: 'This button is no longer valid. Use the newest card.',
  wrong_message: 'This button does not belong to this message, so nothing was decided. Use the card itself.',
  unknown_decision: 'I know only yes and no here: /approve T3-7F3K yes, or /approve T3-7F3K no and a reason.',
  no_role: 'You hold no role that may decide this. Operators and owners do.',
  already_applied: 'This is in force already, so nothing was changed.',
  already_rejected: 'This was already rejected, so nothing was changed.',
  void: 'This is void, so nothing was decided. The card says why.',
  expired: 'The time to decide is over. Propose it again if it is still wanted.',
  reason_needed: 'A rejection needs a reason: /approve T3-7F3K no and why.',
  already_yours: 'Your word on this counts already. A second person is needed for what is still open.',
  concerned: 'This is about you, so others decide it.',
  proposer: 'You proposed this, so others decide it.',
  stand_in:
    'By delegation you stand in for somebody who proposed this, decided on it or whom it is about, or they for you: the two of you count as one person. Another one has to.',
  slot_taken: 'Every slot that your role fits is filled already. Somebody with another role is needed.',
  not_yours: 'Only whoever proposed it takes it back. To stop it, reject it: /approve T3-7F3K no and why.',
  stopped: 'Everything is stopped, so nothing was decided. After /resume it can be decided.',
  fills_nothing: 'A slot would stay empty: you asked for this task yourself, or have approved it already. Another person has to confirm.',
  factor_needed: CODE_ASKED,
  not_enrolled: NOT_ENROLLED,
};

export const REPROPOSE_TEXTS: Record<(typeof REPROPOSE_CODES)[number], string> = {
  unknown_button: CHANGE_TEXTS.unknown_button,
  wrong_message: CHANGE_TEXTS.wrong_message,
  not_expired: 'This has not expired, so it is not proposed again. The card says how it stands.',
};

export const REVIEW_TEXTS: Record<ReviewCode, string> = {
  no_role: 'only an owner reviews a break-glass.',
  not_found: 'no break-glass of this task waits for a review. /status says which one does.',
  still_open: 'it is still open. It can be reviewed when it has been used or its time is over.',
  opener: 'you opened it, so another owner reviews it.',
  stand_in: 'by delegation you stand in for whoever opened it, or they for you, so another owner reviews it.',
  text_needed: 'a review says what you found: /breakglass review TASK and the text.',
};

export const RESUME_TEXTS: Record<ResumeCode, string> = {
  no_role: 'Only operators and owners can resume. You can still /stop.',
  not_stopped: 'Nothing is stopped, so there is nothing to resume.',
  unknown_button: 'This button is no longer valid. Send /resume to ask again.',
  wrong_message: 'This button belongs to an earlier stop, so nothing was changed. Send /resume for the one in force.',
  expired: 'Nobody has asked to resume since. Send /resume to ask.',
  same_person: 'You have already asked. A second person has to confirm: by the button on the card, or by /resume.',
  needs_owner: 'One of the two has to be an owner, and neither of you is. An owner has to confirm.',
  stand_in:
    'By delegation you stand in for whoever asked first, or they for you: the two of you count as one person. Another one has to confirm.',
  factor_needed: CODE_ASKED,
  not_enrolled: NOT_ENROLLED,
};

export const DRILL_TEXTS: Record<DrillCode, string> = {
  no_role: 'Only operators and owners can start a drill. You can still /stop.',
  stopped: 'Everything is stopped, so nothing is drilled: the stop holds already.',
  no_policy: 'No policy is in force, so there is nothing to drill by.',
  running: 'A drill is under way already. Its result is told to whoever asked for it; /status shows the last one.',
};

export const CANCEL_TEXTS: Record<'not_found' | 'no_role' | 'already_ended', string> = {
  not_found: 'There is no such task. /tasks lists them.',
  no_role: 'Only who asked for the task, operators and owners can cancel it.',
  already_ended: 'The task has already ended, so there is nothing to cancel.',
};

export const STOP_TEXTS: Record<'no_role', string> = {
  no_role: 'Only people with a role can stop. If something is wrong, tell an owner at once.',
};

export const INCIDENT_TEXTS: Record<IncidentCode, string> = {
  unknown_button: 'This button is no longer valid. /status shows what is open.',
  wrong_message: 'This button does not belong to this message, so nothing was changed.',
  no_role: 'You hold no role that may do this. Operators and owners look after incidents.',
  already_acked: 'Somebody is at it already, so nothing was changed.',
  already_resolved: 'This is resolved already, so nothing was changed.',
  still_there: 'Its cause is still there: it is resolved by itself once that is mended. Mute it if it disturbs.',
};

export const RUNBOOK_TEXTS: Record<RunbookCode, string> = {
  no_role: 'Only operators and owners run runbooks.',
  unknown_runbook: 'I know the runbooks desync, memory-drift and tool-failure: /runbook shows them.',
  unknown_tool: 'I do not know this tool, or none has failed yet: /runbook tool-failure and its name.',
  running: 'It is running already. Wait until it has ended.',
  unknown_button: 'This button is no longer valid. Give the command again.',
  wrong_message: 'This button does not belong to this message, so nothing was done.',
  already_started: 'It was started already; the message shows how far it is.',
  expired: 'This dry run is more than 15 minutes old, and things may have changed. Give the command again.',
};

export const RULE_TEXTS: Record<RuleCode, string> = {
  unknown_button: 'This button is no longer valid: it is good for an hour after the rejection.',
  wrong_message: 'This button does not belong to this message, so nothing was changed.',
  not_yours: 'Only who rejected can keep it.',
  no_role: 'Only operators and owners can do that.',
  not_found: 'No such rule holds now. /rules lists them.',
  own_request: 'You asked for this yourself and were denied: somebody else has to lift it.',
};

export const DOUBT_TEXTS: Record<DoubtCode, string> = {
  unknown_button: 'This button is no longer valid. Use the newest card.',
  wrong_message: 'This button does not belong to this message, so nothing was decided. Use the card itself.',
  no_role: 'You hold no role that may answer this. Operators and owners can.',
  unknown_decision: 'I do not know this answer. Use the buttons on the card.',
  settled: 'This was already answered, so nothing was changed.',
  task_over: 'The task has already ended, so there is nothing left to send. /status TASK says how.',
  stopped: 'Everything is stopped, so it cannot be sent again now. After /resume it can.',
  same_person: 'You have already asked to send it again. A second person has to agree.',
  requester: 'You asked for this task, and whoever asked may not send it again.',
  stand_in: STANDS_IN,
  requester_unknown: 'Nobody knows who asked for this task, so nobody may send it again.',
  slot_taken: 'The operator’s place is filled already: an owner has to agree.',
  factor_needed: CODE_ASKED,
  not_enrolled: NOT_ENROLLED,
};
