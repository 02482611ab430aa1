import type { CallLevel } from '../store/calls.ts';
import type { Drill } from '../store/drills.ts';
import type { FallbackCheck } from '../store/fallback-checks.ts';
import type { FailedCall } from '../store/runbooks.ts';
import type { TaskView } from '../store/tasks.ts';

/**
 * How the work is shown to people; implemented by `bot/`. Each call makes the messages say what the rows say, so that doing it twice is
 * harmless. These are the program's own cards and notices: nothing that an agent made goes out through here but on a card.
 */
export interface Face {
  /** Redraws the task's one message, or sends it when there is none yet. Gives how long to wait when the messenger asks for it. */
  drawTask(task: TaskView, signal: AbortSignal): Promise<{ retryAfterMs: number }>;
  /** Draws or redraws every card of a gate from the newest version of what is asked. */
  drawCards(stepId: string, signal: AbortSignal): Promise<void>;
  /** Reminds (level 1) those who can fill the open slots, escalates to everybody who could (2), or tells them that the time is nearly over (3). */
  remind(requestId: string, level: CallLevel, signal: AbortSignal): Promise<void>;
  /** The same for an open change of the rules. */
  remindChange(changeId: string, level: CallLevel, signal: AbortSignal): Promise<void>;
  /** Asks people whether an effect landed. */
  askDoubt(effectId: string, signal: AbortSignal): Promise<void>;
  /** Draws or redraws the card of a change of roles or accounts; tells whom it concerns, once, when it has ended. */
  showChange(changeId: string, signal: AbortSignal): Promise<void>;
  /** Makes each card on which a stop was to be lifted say that it was, or that it was stopped again first. */
  endResumeCards(signal: AbortSignal): Promise<void>;
  /** Draws or redraws the one message of an incident in the alert channel. */
  showIncident(incidentId: string, signal: AbortSignal): Promise<void>;
  /** Draws or redraws the one message of a run of a runbook, with the failed calls as a file where there are any. */
  showRunbook(runId: string, failures: readonly FailedCall[], signal: AbortSignal): Promise<void>;
  /** Tells how a drill of the emergency stop ended: whoever asked for it, and the admin group when it did not hold. */
  tellDrill(drill: Drill, signal: AbortSignal): Promise<void>;
  /** Tells whoever asked what became of each fallback that was tried. */
  tellFallbackCheck(check: FallbackCheck, signal: AbortSignal): Promise<void>;
}
