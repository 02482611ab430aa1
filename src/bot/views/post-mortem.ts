import { redactPersonalData } from '../../policy/guards/pii.ts';
import type { Incident, PostMortemFacts } from '../../store/incidents.ts';
import type { LocalTime } from '../local-time.ts';
import { formatElapsed } from '../view.ts';
import { toIncidentWords } from './incident-words.ts';

interface Moment {
  now: Date;
  time: LocalTime;
}

/** A timeline and the affected tasks from the trail; the questions that only people can answer are left open. Times are UTC. */
export function makePostMortemFile(
  facts: Omit<PostMortemFacts, 'incident'> & { incident: Incident },
  moment: Moment,
): { name: string; bytes: Uint8Array } {
  const { incident } = facts;
  const text = [...describe(incident, moment), ...listTasks(facts), ...listTimeline(facts), ...QUESTIONS].join('\n');
  return { name: `post-mortem-${incident.incidentId.slice(0, 8)}.md`, bytes: Buffer.from(`${redactPersonalData(text)}\n`) };
}

function describe(incident: Incident, { now, time }: Moment): string[] {
  const { title, kind, severity, occurrenceCount, firstSeenAt, lastSeenAt, resolvedAt, ackedByName, ackedAt } = incident;
  const lastedMs = new Date(resolvedAt ?? now).getTime() - new Date(firstSeenAt).getTime();
  const ackedAfterMs = ackedAt === null ? null : new Date(ackedAt).getTime() - new Date(firstSeenAt).getTime();
  return [
    `# Post-mortem: ${inCell(title)}`,
    '',
    `| | |`,
    `| --- | --- |`,
    `| Kind | ${kind}, ${severity} |`,
    `| First seen | ${firstSeenAt} |`,
    `| Last seen | ${lastSeenAt} (×${occurrenceCount}) |`,
    `| Acknowledged | ${ackedByName === null || ackedAfterMs === null ? 'by nobody' : `by ${inCell(ackedByName)} after ${formatElapsed(ackedAfterMs)}`} |`,
    `| Resolved | ${resolvedAt ?? 'not yet'}${describeEnd(incident)} |`,
    `| Lasted | ${formatElapsed(lastedMs)} |`,
    `| Written | ${time.format(now, now)} |`,
    '',
    toIncidentWords(incident).means,
    '',
    '## Evidence of the newest occurrence',
    '',
    ...Object.entries(incident.evidence).map(
      ([name, value]) => `- ${name}: ${inCell(typeof value === 'string' ? value : JSON.stringify(value))}`,
    ),
    '',
  ];
}

function describeEnd({ resolvedAt, resolvedByName, resolution }: Incident): string {
  if (resolvedAt === null) return '';
  return `, ${resolvedByName === null ? 'by itself' : `by ${inCell(resolvedByName)}`}: ${inCell(resolution ?? '')}`;
}

function listTasks({ tasks }: Pick<PostMortemFacts, 'tasks'>): string[] {
  const rows = tasks.map(
    ({ taskId, tier, status, failureCode }) =>
      `- ${taskId} (${tier ?? 'no tier'}): ${status}${failureCode === null ? '' : `, ${failureCode}`}`,
  );
  return ['## Affected tasks', '', ...(rows.length === 0 ? ['None.'] : rows), ''];
}

function listTimeline({ timeline }: Pick<PostMortemFacts, 'timeline'>): string[] {
  const rows = timeline.map(({ ts, actor, name, what, object }) => `| ${ts} | ${inCell(name ?? actor)} | ${what} | ${inCell(object)} |`);
  return ['## Timeline', '', '| when | who | what | on |', '| --- | --- | --- | --- |', ...rows, ''];
}

const QUESTIONS = [
  '## For people to fill in',
  '',
  '- What did people outside notice, and for how long?',
  '- What was the cause, and what was the cause of that?',
  '- What helped, what was in the way, what was luck?',
  '- What changes so that it does not come again: who, by when?',
];

/** Names are people’s own: they stay within their cell. */
const inCell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
