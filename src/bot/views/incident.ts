import type { Incident } from '../../store/incidents.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, formatElapsed, join, lines, makeKeyboard, plural, toView, type View } from '../view.ts';
import { describeFacts, describeOver } from './incident-facts.ts';
import { toIncidentWords } from './incident-words.ts';
import { inLine } from './quoted.ts';

export interface IncidentFacts {
  incident: Incident;
  now: Date;
  time: LocalTime;
}

/** The one letter behind the token of a button on an incident's message. */
export const INCIDENT_PRESSES = { a: 'ack', m: 'mute', r: 'runbook', e: 'resolve', p: 'postMortem' } as const;
export type IncidentPressKind = (typeof INCIDENT_PRESSES)[keyof typeof INCIDENT_PRESSES];

const MAX_TITLE = 200;
const MAX_NAME = 60;
const MAX_TASKS = 5;

const ICONS = { critical: '🚨', warning: '⚠️' } as const;

/** The one message of an incident: what, since when, how often, what it means, what to do, and who is at it. */
export function makeIncidentView(facts: IncidentFacts, token: string): View {
  const { incident } = facts;
  const { means, toDo } = toIncidentWords(incident);
  const isOver = incident.state === 'resolved';
  const body = lines([
    makeHeadline(incident),
    describeTimes(facts),
    describeState(facts),
    !isOver && '',
    !isOver && fmt`${bold('Means')}: ${means}`,
    !isOver && fmt`${bold('Do')}: ${toDo}`,
    '',
    ...describeTasks(incident),
    describeFacts(incident),
  ]);
  return toView(body, makeIncidentKeyboard(incident, token));
}

function makeHeadline({ severity, title, occurrenceCount, state }: Incident): Fragment {
  const times = occurrenceCount > 1 ? ` ×${occurrenceCount}` : '';
  const icon = state === 'resolved' ? '✅ Resolved:' : ICONS[severity];
  return fmt`${icon} ${bold(`${inLine(title.charAt(0).toUpperCase() + title.slice(1), MAX_TITLE)}${times}`)}`;
}

function describeTimes({ incident, now, time }: IncidentFacts): string {
  const { firstSeenAt, lastSeenAt, occurrenceCount, resolvedAt } = incident;
  const last = occurrenceCount > 1 ? `, last ${time.format(lastSeenAt, now)}` : '';
  if (resolvedAt === null) return `Since ${time.formatBoth(firstSeenAt, now)}${last}`;
  const lastedMs = new Date(resolvedAt).getTime() - new Date(firstSeenAt).getTime();
  return `From ${time.format(firstSeenAt, now)}${last}; it lasted ${formatElapsed(lastedMs)}`;
}

function describeState({ incident, now, time }: IncidentFacts): Fragment {
  const { state, ackedByName, ackedAt, mutedByName, mutedUntil, resolvedByName, resolvedAt } = incident;
  const acked =
    ackedByName === null || ackedAt === null ? null : `${inLine(ackedByName, MAX_NAME)} is at it since ${time.format(ackedAt, now)}`;
  if (state === 'resolved') {
    const by = resolvedByName === null ? describeOver(incident.kind) : `Resolved by ${inLine(resolvedByName, MAX_NAME)}`;
    return `${by}, ${time.format(resolvedAt ?? now, now)}`;
  }
  if (state === 'muted') {
    const until = `Muted by ${inLine(mutedByName ?? 'somebody', MAX_NAME)} until ${time.formatBoth(mutedUntil ?? now, now)}`;
    return acked === null ? until : `${acked}; ${until.charAt(0).toLowerCase()}${until.slice(1)}`;
  }
  return acked ?? bold('Nobody is at it yet.');
}

function describeTasks({ taskIds }: Incident): Fragment[] {
  if (taskIds.length === 0) return [];
  const shown = taskIds.slice(-MAX_TASKS).map((taskId) => code(taskId));
  const more = taskIds.length > MAX_TASKS ? ` and ${taskIds.length - MAX_TASKS} more` : '';
  return [fmt`${taskIds.length === 1 ? 'Task' : 'Tasks'}: ${join(shown, ', ')}${more}`];
}

function makeIncidentKeyboard({ state, ackedByName, runbook }: Incident, token: string) {
  if (state === 'resolved') return makeKeyboard([{ text: '📝 Post-mortem', callback_data: `i:${token}:p` }]);
  const isAcked = ackedByName !== null;
  const first = isAcked
    ? ({ text: '✅ Resolve', callback_data: `i:${token}:e`, style: 'success' } as const)
    : { text: '👀 Ack', callback_data: `i:${token}:a` };
  return makeKeyboard([
    first,
    ...(state === 'muted' ? [] : [{ text: '🔕 Mute 1 h', callback_data: `i:${token}:m` }]),
    ...(runbook === null ? [] : [{ text: '📖 Runbook', callback_data: `i:${token}:r` }]),
  ]);
}

/** For `/status`: one line each. */
export function describeOpenIncident(
  {
    severity,
    title,
    occurrenceCount,
    state,
    firstSeenAt,
  }: Pick<Incident, 'severity' | 'title' | 'occurrenceCount' | 'state' | 'firstSeenAt'>,
  now: Date,
  time: LocalTime,
): string {
  const times = occurrenceCount > 1 ? ` ×${occurrenceCount}` : '';
  const seen = state === 'open' ? 'nobody is at it' : state;
  return `${ICONS[severity]} ${inLine(title, MAX_TITLE)}${times}, since ${time.formatBoth(firstSeenAt, now)}, ${seen}`;
}

export const countIncidents = (count: number): string => `Incidents: ${plural(count, 'open one')}`;
