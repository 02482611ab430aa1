import type { SystemStatus } from '../../store/system.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, fmt, formatElapsed, formatUsd, lines, plural, type Rich } from '../view.ts';
import { countIncidents, describeOpenIncident } from './incident.ts';
import { describeParked } from './money.ts';
import { inLine } from './quoted.ts';

export interface SystemFacts {
  status: SystemStatus;
  /** Who stopped, by name. */
  stoppedBy: string | null;
  warnings: readonly string[];
  now: Date;
  time: LocalTime;
}

const MAX_WARNING = 300;

/** The system as somebody wants it who was woken up: is it stopped, does it work, what waits for people, what is wrong. */
export function makeSystemStatusView({ status, stoppedBy, warnings, now, time }: SystemFacts): Rich {
  const problems = listProblems(status, warnings);
  return lines([
    describeStop(status, stoppedBy, now, time),
    '',
    describeWorkers(status),
    `Tasks: ${describeTasks(status.tasks)}`,
    `Steps: ${status.stepsRunning} running, ${status.stepsReady} waiting for a worker`,
    `People: ${plural(status.requestsOpen, 'open approval')}${status.effectsInDoubt > 0 ? `, ${status.effectsInDoubt} in doubt` : ''}`,
    ...describeGovernance(status, now, time),
    ...describeGlass(status, now, time),
    ...status.parked.map((parked) => describeParked(parked, now, time)),
    // The question itself is in the inbox until it is answered.
    `Inbox: ${Math.max(0, status.inboxPending - 1)} more to handle`,
    `Spent today: ${formatUsd(status.spentTodayUsd)}${status.dayBudgetUsd === null ? '' : ` of ${formatUsd(status.dayBudgetUsd)}`}`,
    `Stop drill: ${describeLastDrill(status.lastDrill, now, time)}`,
    `Fallbacks: ${describeFallbacks(status.lastFallbackCheck, now, time)}`,
    ...status.breakers.map(describeBreaker),
    status.incidentsOpen > 0 && countIncidents(status.incidentsOpen),
    ...status.incidents.map((incident) => describeOpenIncident(incident, now, time)),
    `Policy: ${status.policyVersion === null ? 'none in force' : `version ${status.policyVersion}`}`,
    problems.length > 0 && '',
    problems.length > 0 && bold('Warnings'),
    ...problems.map((problem) => `⚠️ ${inLine(problem, MAX_WARNING)}`),
  ]);
}

function describeStop({ stop }: SystemStatus, stoppedBy: string | null, now: Date, time: LocalTime): Rich {
  if (!stop.isStopped) return fmt`🟢 ${bold('Running')}`;
  const what = stop.scope === 'all' ? 'everything' : 'T2 and T3 effects';
  const since = stop.stoppedAt === null ? '' : ` since ${time.formatBoth(stop.stoppedAt, now)}`;
  const by = ` by ${inLine(stoppedBy ?? stop.stoppedBy ?? 'somebody', 60)}`;
  const reason = stop.reason === null ? '' : `: “${inLine(stop.reason, 200)}”`;
  const asked =
    stop.resumeAskedBy === null
      ? '/resume needs two people'
      : `${inLine(stop.resumeAskedBy, 60)} has asked to resume, a second person is needed`;
  return fmt`🛑 ${bold('STOPPED')} (${what})${since}${by}${reason}\n${asked}`;
}

function describeWorkers({ workers }: SystemStatus): string {
  const behind = workers.filter(({ hasAcknowledged }) => !hasAcknowledged).length;
  return `Workers: ${workers.length === 0 ? 'none in the last 30 s' : workers.length}${behind > 0 ? `, ${behind} not yet aware of the stop` : ''}`;
}

/** Roles that are somebody else's for a while, and changes that wait for people. */
function describeGovernance({ changesOpen, delegations }: SystemStatus, now: Date, time: LocalTime): string[] {
  return [
    ...(changesOpen === 0 ? [] : [`Changes: ${plural(changesOpen, 'open proposal')}, see /role`]),
    ...delegations.map(
      ({ name, role, delegatedBy, expiresAt }) =>
        `Delegated: ${inLine(name, 60)} is ${role} for ${inLine(delegatedBy, 60)} until ${time.formatBoth(expiresAt, now)}`,
    ),
  ];
}

function describeGlass({ breakGlass }: SystemStatus, now: Date, time: LocalTime): Rich[] {
  if (breakGlass === null) return [];
  const { changeReference, taskId, status, expiresAt, reviewDueAt } = breakGlass;
  const until =
    status === 'open' ? `open until ${time.format(expiresAt, now)}` : `${status}, review due by ${time.formatBoth(reviewDueAt, now)}`;
  return [fmt`🚨 Break-glass: ${code(changeReference)} for ${code(taskId)} is ${until}`];
}

function describeBreaker({ name, state, lastCode, retryAfterMs }: SystemStatus['breakers'][number]): string {
  const why = lastCode === null ? '' : ` (${lastCode})`;
  const next =
    state === 'half_open'
      ? 'one call tries it now'
      : retryAfterMs === 0
        ? 'the next call tries it'
        : `tried in ${formatElapsed(retryAfterMs)}`;
  return `Breaker: ${name} is open${why}, ${next}`;
}

function describeTasks(tasks: Record<string, number>): string {
  const counts = Object.entries(tasks).map(([status, count]) => `${count} ${status.replaceAll('_', ' ')}`);
  return counts.join(', ') || 'none yet';
}

function describeLastDrill(drill: SystemStatus['lastDrill'], now: Date, time: LocalTime): string {
  if (drill === null || drill.startedAt === null) return 'none yet';
  const took = drill.secondsToHalt === null ? '' : `, ${drill.secondsToHalt} s to halt`;
  return `${drill.outcome} at ${time.formatBoth(drill.startedAt, now)}${took}`;
}

function describeFallbacks(check: SystemStatus['lastFallbackCheck'], now: Date, time: LocalTime): string {
  if (check === null) return 'not tried yet';
  const named = check.results.map(({ fallback, outcome }) => `${inLine(fallback, 60)} ${outcome}`).join(', ');
  return `tried at ${time.formatBoth(check.askedAt, now)}: ${named || check.outcome}`;
}

const toSentence = (problem: string): string => `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;

function listProblems(
  { workers, t3Problem, drillProblem, fallbackProblem, breakGlass, inboxDead, effectsInDoubt }: SystemStatus,
  warnings: readonly string[],
): string[] {
  return [
    ...(workers.length === 0 ? ['No worker is alive: tasks are taken, but nothing moves.'] : []),
    ...(drillProblem === null ? [] : [`${toSentence(drillProblem)} /drill stop tries it now.`]),
    ...(fallbackProblem === null ? [] : [`${toSentence(fallbackProblem)} /drill fallbacks tries them now.`]),
    ...(breakGlass?.isReviewOverdue === true
      ? [`The review of a break-glass is overdue, and T3 waits for it: /breakglass review ${breakGlass.taskId}`]
      : []),
    ...(t3Problem === null ? [] : [`T3 tasks are refused: ${t3Problem}`]),
    ...(effectsInDoubt > 0
      ? [`${plural(effectsInDoubt, 'effect')} may or may not have happened: answer the cards in the admin group.`]
      : []),
    ...(inboxDead > 0 ? [`${plural(inboxDead, 'update')} could not be handled after three tries; the log has them.`] : []),
    ...warnings,
  ];
}
