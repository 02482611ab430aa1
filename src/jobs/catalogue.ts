import type { JobName } from '../store/delivery.ts';

/**
 * Two queues, each with hands of its own: what people wait for and answer to never queues behind work, not even when every model hangs.
 */
export const QUEUES = ['people', 'work'] as const;
export type QueueKey = (typeof QUEUES)[number];

/** As BullMQ has them. */
export const QUEUE_NAMES: Record<QueueKey, string> = { people: 'ags-people', work: 'ags-work' };

export interface JobSpec {
  queue: QueueKey;
  /** What the id of the job names. */
  of: 'step' | 'task' | 'request' | 'effect' | 'drill' | 'change' | 'incident' | 'runbook' | 'stop';
  /** What it does, and what follows. */
  does: string;
  /** Within its queue urgent ones overtake: cards before reminders, steps before progress lines. 1 is the first. */
  priority: number;
  /** The longest that one run may take before it counts as hung. */
  timeoutMs: number;
}

/**
 * Every job there is. A job is a nudge: it carries ids, and whoever takes it looks at the row. None is retried by the queue: what is left
 * undone is found by the sweeper, which reads the rows.
 */
export const JOBS: Record<JobName, JobSpec> = {
  'step.run': {
    queue: 'work',
    of: 'step',
    does: 'claims a step, runs its agent or effect, completes it, and goes on with the next while there is exactly one and no gate; else nudges what follows',
    priority: 2,
    timeoutMs: 15 * 60_000,
  },
  'request.show': {
    queue: 'people',
    of: 'request',
    does: 'stages what is asked about and draws its cards',
    priority: 1,
    timeoutMs: 5 * 60_000,
  },
  'card.show': { queue: 'people', of: 'step', does: 'redraws the cards of a gate', priority: 1, timeoutMs: 60_000 },
  'request.remind': {
    queue: 'people',
    of: 'request',
    does: 'calls people to an open request: reminds, escalates, or says that its time is nearly over, by the level in its number',
    priority: 2,
    timeoutMs: 60_000,
  },
  'doubt.show': { queue: 'people', of: 'effect', does: 'asks people whether an effect landed', priority: 1, timeoutMs: 60_000 },
  'change.show': {
    queue: 'people',
    of: 'change',
    does: 'redraws the card of a change of the rules, and tells how it ended',
    priority: 1,
    timeoutMs: 60_000,
  },
  'change.remind': { queue: 'people', of: 'change', does: 'the same for an open change of the rules', priority: 2, timeoutMs: 60_000 },
  'resume.show': {
    queue: 'people',
    of: 'stop',
    does: 'makes the card on which a stop is lifted say how that ended',
    priority: 1,
    timeoutMs: 60_000,
  },
  'drill.run': {
    queue: 'people',
    of: 'drill',
    does: 'drills the emergency stop and tries the fallbacks on a dummy, if that was asked for or is due and no other worker is at it',
    priority: 1,
    timeoutMs: 5 * 60_000,
  },
  'incident.show': {
    queue: 'people',
    of: 'incident',
    does: 'draws or redraws the one message of an incident in the alert channel',
    priority: 1,
    timeoutMs: 60_000,
  },
  'runbook.run': {
    queue: 'people',
    of: 'runbook',
    does: 'does the steps of a runbook until one has to wait, and comes again when it is due',
    priority: 1,
    timeoutMs: 60_000,
  },
  'task.show': { queue: 'work', of: 'task', does: 'redraws a task’s message', priority: 3, timeoutMs: 60_000 },
};
