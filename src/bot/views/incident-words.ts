import type { Incident, IncidentKind } from '../../store/incidents.ts';

export interface IncidentWords {
  /** What it means for whoever was woken by it. */
  means: string;
  /** What to do about it, as commands where there are any. */
  toDo: string;
}

/** What each kind of incident means and what helps: the text that is read at night. */
const WORDS: Record<IncidentKind, IncidentWords> = {
  step_quarantined: {
    means: 'A step failed at every try and was set aside; its task has ended. Other tasks go on.',
    toDo: 'Look at one of the tasks by /why. If they all fail alike, it is the tool behind the agent: use the runbook. Then give the task again.',
  },
  effect_in_doubt: {
    means: 'Something left for the outside and the answer never came: it may or may not have arrived. It is not sent again by itself.',
    toDo: 'Answer the card in the admin group: look whether it is there, then press It happened, Send again or Cancel.',
  },
  update_dead: {
    means: 'A message or a press of somebody was tried three times and could not be handled. Others are handled as before.',
    toDo: 'The log has it under its inbox id. Whoever sent it should send it again.',
  },
  stop_drill: {
    means: 'It is not shown that an emergency stop would hold. A real /stop is held by the database all the same.',
    toDo: 'Try it now by /drill stop. Workers that it names as silent hang: end and start them.',
  },
  anchor_unkept: {
    means: 'The audit log goes on, but its newest part has no copy outside the database: the database’s owner could rewrite it unseen.',
    toDo: 'See /status for what the place answers. It is tried again until it works.',
  },
  audit_broken: {
    means: 'The audit log does not prove itself: a record was changed, removed or put in from outside this program.',
    toDo: 'Take /stop. Keep the database as it is, keep the anchors of the admin group, and find out who had access.',
  },
  row_tampered: {
    means: 'Something that was stored does not match its checksum: it was changed outside this program, or the disk is damaged.',
    toDo: 'Take /stop if you do not know why. /audit verify says whether the log is whole; restore the object from a backup.',
  },
  chat_moved: {
    means: 'A group became another one with a new id. Nothing is let out to the old one, and what is approved for it waits.',
    toDo: 'Set the new id in the configuration and start again: that confirms it and ends this. Give again the tasks that waited for the old id.',
  },
  chat_shut: {
    means: 'Telegram refuses what the bot writes to a chat: it is not a member there, or has no right to. What was approved for it waits.',
    toDo: 'Add the bot to the chat with the right to post; /status says what is missing and lets what waits go on. It is tried every 10 minutes, too.',
  },
  token_conflict: {
    means: 'Somebody else takes this bot’s updates with the same token: a second installation, or the token has leaked.',
    toDo: 'End the other program. If there is none of yours, revoke the token at @BotFather at once.',
  },
  budget_day: {
    means: 'The budget of the day is used up: steps that need a model fail until midnight UTC.',
    toDo: 'See /limits for what used it. More is given by /policy propose.',
  },
  nobody_approves: {
    means: 'A request waits for people, and with the roles as they are nobody can give what is missing: it will expire.',
    toDo: 'Give somebody the missing role by /role grant, or /cancel the task.',
  },
  breaker_open: {
    means: 'A tool failed five times in a row: it is not called any more, and what can goes to its fallback.',
    toDo: 'Use the runbook. One call tries the tool after two minutes; when it works the breaker closes by itself.',
  },
  review_overdue: {
    means:
      'Somebody broke the glass more than a day ago and no other owner has written what they think of it. Until then nothing of T3 is let out.',
    toDo: 'Read /why of the task, then an owner who did not open it writes /breakglass review TASK and what they found.',
  },
  fallback_check: {
    means: 'What is to help when a model or Telegram is away did not work when it was tried, or was not tried in time. Work goes on.',
    toDo: 'Mend what the answer of /drill fallbacks names. It is tried again within the hour.',
  },
  effect_parked: {
    means: 'A payment or a trade was approved and could not be carried out: the other side is not reachable. Nothing of it has left.',
    toDo: 'It is asked about again when the other side is back; the earlier approvals are void. /cancel the task if it is not wanted any more.',
  },
  factor_locked: {
    means: 'Somebody gave five wrong one-time codes for this account: it cannot approve with a code for 15 minutes.',
    toDo: 'Ask the person whether it was them. If not, somebody else has their Telegram: take the role away by /role revoke.',
  },
  prompts_changed: {
    means:
      'Workers were started with other prompt files, or the database scores by another rubric: from now on the models are told something else.',
    toDo: 'Was it your release? Then there is nothing to do; /policy shows the checksums. If not, take /stop and find out who deployed.',
  },
};

/** There is nothing to route around it, and no runbook. */
const TELEGRAM_AWAY: IncidentWords = {
  means: 'Five posts or answers in a row had no certain end: Telegram is away. Further ones wait, whole; nothing is dropped.',
  toDo: 'Answer the cards of those that may have arrived. One call tries it after two minutes; when it works what waits goes out by itself.',
};

export function toIncidentWords({ kind, evidence }: Pick<Incident, 'kind' | 'evidence'>): IncidentWords {
  if (kind === 'breaker_open' && evidence.breaker === 'telegram') return TELEGRAM_AWAY;
  const words = WORDS[kind];
  const isFrozen = kind === 'stop_drill' && evidence.is_t3_frozen === true;
  return isFrozen ? { ...words, means: `T3 is frozen until a drill passes. ${words.means}` } : words;
}
