import type { Drill } from '../../store/drills.ts';
import type { FallbackCheck, FallbackResult } from '../../store/fallback-checks.ts';
import { bold, code, fmt, lines, plural, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

const MAX_NAME = 40;
const MAX_SUMMARY = 200;
const MAX_LISTED = 10;

/** How a drill of the emergency stop ended. The first line is what counts. */
export function makeDrillView({ outcome, secondsToHalt, summary, workers }: Drill): Rich {
  const said = inLine(summary ?? 'nothing more is known', MAX_SUMMARY);
  switch (outcome) {
    case 'passed':
      return lines([
        fmt`✅ ${bold('Drill passed')}: the stop would have held after ${secondsToHalt ?? 0} s.`,
        `${plural(workers.length, 'worker')} acknowledged, and the gate refused the dummy. Nothing real was stopped.`,
        ...workers.slice(0, MAX_LISTED).map(({ worker, seconds }) => `• ${inLine(worker, MAX_NAME)}: ${seconds ?? '?'} s`),
      ]);
    case 'failed':
      return lines([
        fmt`🚨 ${bold('Drill FAILED')}: ${said}.`,
        'A real stop is held by the database all the same; what failed has to be found and mended. It is tried again within the hour; /drill stop tries it now.',
        ...workers
          .filter(({ hasAcknowledged }) => !hasAcknowledged)
          .slice(0, MAX_LISTED)
          .map(({ worker }) => `• did not acknowledge: ${inLine(worker, MAX_NAME)}`),
      ]);
    default:
      return fmt`${bold('Drill broken off')}: ${said}.`;
  }
}

const RESULT_MARKS: Record<FallbackResult['outcome'], string> = { ok: '✓', failed: '✗', skipped: '–' };

/** What became of each fallback when it was tried on a dummy. */
export function makeFallbackView({ outcome, results, taskId }: FallbackCheck): Rich {
  const hasFailed = outcome === 'failed';
  return lines([
    hasFailed ? fmt`🚨 ${bold('A fallback did not work')}` : fmt`✅ ${bold('The fallbacks work')}, as far as they could be tried.`,
    ...results.map(({ fallback, outcome: end, detail }) => `${RESULT_MARKS[end]} ${fallback}: ${inLine(detail, MAX_SUMMARY)}`),
    'Not tried: payments and trades.',
    taskId !== null && fmt`Kept with ${code(taskId)}. Nothing was sent.`,
  ]);
}
