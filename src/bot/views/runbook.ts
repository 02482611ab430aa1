import type { FailedCall, RunbookRun } from '../../store/runbooks.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, italic, lines, makeKeyboard, plural, toView, type View } from '../view.ts';
import { inLine } from './quoted.ts';

/** The one letter behind the token of the button on a run's message. */
export const RUNBOOK_PRESSES = { x: 'run' } as const;

const MAX_TEXT = 500;
const HEADS = { proposed: '🧪', running: '⏳', done: '✅', failed: '🚨' } as const;

/** What each step would do, or did. The button is there as long as nothing has been done. */
export function makeRunbookView(run: RunbookRun, token: string, moment: { now: Date; time: LocalTime }): View {
  const { name, subject, state } = run;
  const title = `Runbook ${name}${subject === null ? '' : ` ${subject}`}`;
  const body = lines([
    fmt`${HEADS[state]} ${bold(title)}: ${describeState(run, moment)}`,
    '',
    ...run.steps.map((step, index) => describeStep(step, index + 1, state)),
  ]);
  return toView(
    body,
    state === 'proposed' ? makeKeyboard([{ text: '▶️ Run', callback_data: `b:${token}:x`, style: 'primary' }]) : undefined,
  );
}

function describeState({ state, startedByName, startedAt, endedAt }: RunbookRun, { now, time }: { now: Date; time: LocalTime }): string {
  if (state === 'proposed') return 'dry run. Nothing has changed yet; the button is good for 15 minutes.';
  const by = `started by ${inLine(startedByName ?? 'somebody', 60)}, ${time.format(startedAt ?? now, now)}`;
  if (endedAt === null) return by;
  return `${state === 'done' ? 'done' : 'did not get through'}, ${time.format(endedAt, now)} (${by})`;
}

function describeStep(
  { name, state, plan, result, isBegun }: RunbookRun['steps'][number],
  number: number,
  run: RunbookRun['state'],
): Fragment {
  if (state !== 'pending') return fmt`${state === 'done' ? '✓' : '✗'} ${number}. ${code(name)} ${inLine(result ?? '', MAX_TEXT)}`;
  const sign = isBegun && run === 'running' ? '⏳' : '○';
  return fmt`${sign} ${number}. ${code(name)} ${italic(inLine(plan, MAX_TEXT))}`;
}

/** What the file is, for whoever sees it below the run. */
export function describeFailures({ subject }: RunbookRun, count: number): string {
  return [
    `The newest ${plural(count, 'call')} of ${subject ?? 'the tool'} that failed, one JSON line each: what was asked, what came back, how long it took.`,
    'Personal data and keys are masked, long texts are cut; nothing is kept for longer than three days.',
  ].join('\n');
}

/** One JSON line a call, the newest first. */
export function makeFailuresFile({ subject, runId }: RunbookRun, failures: readonly FailedCall[]): { name: string; bytes: Uint8Array } {
  const text = failures.map(({ ts, ...call }) => JSON.stringify({ ts, tool: subject, ...call })).join('\n');
  return { name: `failed-calls-${runId.slice(0, 8)}.jsonl`, bytes: Buffer.from(`${text}\n`) };
}
