import type { Explanation } from '../../store/tasks.ts';
import type { LocalTime } from '../local-time.ts';
import { code, fmt, lines, type Rich } from '../view.ts';
import { makeWhySummary, makeWhyText } from './why.ts';

/** Records on one page: what is still read in a chat, and fits into a message also when each of them is long. */
const PAGE_SIZE = 12;
/** A trail of more pages than this is a file. */
export const TRAIL_PAGES = 3;

interface TrailOptions {
  time: LocalTime;
  now: Date;
}

/** One page of who did what, when, and by which rule. A page behind the end is the last one. */
export function makeTrailPage(
  explanation: Explanation,
  page: number,
  options: TrailOptions,
): { text: Rich; summary: Rich; pageCount: number } {
  const { taskId, records } = explanation;
  const pageCount = Math.max(1, Math.ceil(records.length / PAGE_SIZE));
  const shown = Math.min(page, pageCount);
  const isLast = shown === pageCount;
  const summary = makeWhySummary(explanation, 'Audit trail of');
  const part = {
    ...explanation,
    records: records.slice((shown - 1) * PAGE_SIZE, shown * PAGE_SIZE),
    requests: isLast ? explanation.requests : [],
  };
  const text = lines([
    summary,
    '',
    makeWhyText(part, options),
    '',
    isLast
      ? fmt`Page ${shown} of ${pageCount}. ${code(`/audit ${taskId} export`)} sends all evidence.`
      : fmt`Page ${shown} of ${pageCount}. Next: ${code(`/audit ${taskId} ${shown + 1}`)}`,
  ]);
  return { text, summary, pageCount };
}

export function makeTrailFile(explanation: Explanation, options: TrailOptions): string {
  return `${makeWhySummary(explanation, 'Audit trail of').text}\n\n${makeWhyText(explanation, options)}\n`;
}
