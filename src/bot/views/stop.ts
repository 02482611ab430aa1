import type { StopState } from '../../store/shared-rows.ts';
import type { SilentHolder, WorkerRow } from '../../store/stop.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, fmt, lines, plural, type Rich } from '../view.ts';
import { describeInFlight, type NamedInFlight } from './in-flight.ts';
import { inLine } from './quoted.ts';
import { describeResumed } from './resume-card.ts';

export interface StopFacts {
  stop: StopState;
  /** Who stopped first, by name. */
  stoppedBy: string;
  /** Who asked now: another one, when it was stopped already. */
  askedBy: string;
  wasStopped: boolean;
  workers: readonly WorkerRow[];
  silentHolders: readonly SilentHolder[];
  inFlight: readonly NamedInFlight[];
  waiting: number;
  canBeLifted: boolean;
  othersWhoResume: number;
  now: Date;
  time: LocalTime;
}

const MAX_NAME = 60;
const MAX_STEPS = 3;

/** The answer to /stop: what is certain now, what may still land, and how it is lifted. The first line is what counts. */
export function makeStopReply(facts: StopFacts): Rich {
  const { stop, inFlight, waiting } = facts;
  return lines([
    describeStopped(facts),
    facts.stop.scope === 'all'
      ? 'No task goes on, on any tier: every queue waits. New tasks are still taken, and wait too.'
      : 'No T2 or T3 effect starts from now on. T0 and T1 tasks go on, new tasks are still taken.',
    stop.reason !== null && fmt`Reason: “${inLine(stop.reason, 200)}”`,
    '',
    describeWorkers(facts.workers),
    ...facts.silentHolders.map((holder) => describeSilent(holder, facts)),
    ...(inFlight.length === 0 ? ['Nothing was in flight.'] : describeInFlight(inFlight)),
    waiting === 0 ? 'No task waits because of it.' : `${plural(waiting, 'task')} ${waiting === 1 ? 'waits' : 'wait'} for /resume.`,
    '',
    describeLifting(facts),
  ]);
}

function describeStopped({ stop, stoppedBy, askedBy, wasStopped, now, time }: StopFacts): Rich {
  const at = stop.stoppedAt === null ? '' : ` at ${time.format(stop.stoppedAt, now)}`;
  const again = wasStopped ? fmt` (and again by ${inLine(askedBy, MAX_NAME)} now)` : '';
  return fmt`🛑 ${bold('STOPPED')}${at} by ${inLine(stoppedBy, MAX_NAME)}${again}`;
}

function describeWorkers(workers: readonly WorkerRow[]): string {
  if (workers.length === 0) return 'No worker is alive. The gate in the database holds either way.';
  const acknowledged = workers.filter(({ hasAcknowledged }) => hasAcknowledged);
  const silent = workers.filter(({ hasAcknowledged }) => !hasAcknowledged).map(({ worker }) => inLine(worker, 40));
  if (silent.length === 0) return `${plural(workers.length, 'worker')} acknowledged: all of them.`;
  return `${acknowledged.length} of ${plural(workers.length, 'worker')} acknowledged; not yet: ${silent.join(', ')}. The gate holds for those too.`;
}

/** A process may be suspended, and wake: what it holds is named, so that somebody can look after it. */
function describeSilent({ worker, seenAt, stepIds }: SilentHolder, { now, time }: StopFacts): string {
  const since = seenAt === null ? 'gone without a word' : `silent since ${time.format(seenAt, now)}`;
  const more = stepIds.length > MAX_STEPS ? ` and ${stepIds.length - MAX_STEPS} more` : '';
  return `⚠️ ${inLine(worker, 40)} is ${since} and may still hold ${stepIds.slice(0, MAX_STEPS).join(', ')}${more}. It is asked again before it sends.`;
}

function describeLifting({ canBeLifted, othersWhoResume }: StopFacts): string {
  if (!canBeLifted) {
    return '⚠️ Nobody can lift this: /resume needs two people, one of them an owner, and there are not two. An owner has to be named in the configuration.';
  }
  if (othersWhoResume === 0) return '⚠️ Nobody but you could /resume, and it takes two people. Somebody has to get a role first.';
  return `To lift it: /resume by two people, one of them an owner (${plural(othersWhoResume, 'other person', 'other people')} could).`;
}

export interface ResumedFacts {
  first: string;
  second: string;
  /** How many nudges went out for what had waited. */
  delivered: number;
  /** The tasks that ended instead of going on. */
  cancelled: readonly string[];
}

export function makeResumedReply({ first, second, delivered, cancelled }: ResumedFacts): Rich {
  const names = fmt`${inLine(first, MAX_NAME)} and ${inLine(second, MAX_NAME)}`;
  const waited = delivered === 0 ? 'Nothing had waited.' : 'What waited goes on; approvals given before the stop still count.';
  return fmt`▶️ ${bold('RESUMED')} by ${names}. ${cancelled.length > 0 ? describeResumed(cancelled) : waited}`;
}

export interface LiftedFacts {
  first: string;
  second: string;
  stoppedAt: string | null;
  stoppedBy: string;
  now: Date;
  time: LocalTime;
}

/** What the notice of a stop says from then on: what it was, and that it is over. */
export function makeLiftedNotice({ first, second, stoppedAt, stoppedBy, now, time }: LiftedFacts): Rich {
  const names = fmt`${inLine(first, MAX_NAME)} and ${inLine(second, MAX_NAME)}`;
  const since = stoppedAt === null ? '' : ` at ${time.format(stoppedAt, now)}`;
  return lines([
    fmt`▶️ ${bold('LIFTED')} by ${names} at ${time.format(now.toISOString(), now)}.`,
    fmt`It was stopped${since} by ${inLine(stoppedBy, MAX_NAME)}.`,
  ]);
}
