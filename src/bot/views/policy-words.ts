import type { PolicyChange } from '../../policy/describe.ts';
import type { PolicyProblem } from '../../policy/problems.ts';
import type { Policy } from '../../policy/schema.ts';
import { describePolicy } from '../../policy/words.ts';
import type { PolicyOrigin } from '../../store/policy-changes.ts';
import type { PromptSet } from '../../store/prompt-sets.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, type Fragment, fmt, lines, plural, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

/** What loosens is marked, for that is what people look for. */
export const WEIGHT_MARKS: Readonly<Record<PolicyChange['weight'], string>> = { looser: '⚠️', stricter: '🔒', other: '•' };

const MAX_NAME = 60;
const MAX_ROW = 300;

export interface PolicyInForceFacts {
  policy: Policy;
  checksum: string;
  origin: PolicyOrigin;
  /** Of the running release; null with a version that is not the one in force. */
  prompts: PromptSet | null;
  now: Date;
  time: LocalTime;
}

/** A version as people read it: since when, by whom, and what it says. */
export function makePolicyWords({ policy, checksum, origin, prompts, now, time }: PolicyInForceFacts): Rich {
  return lines([
    bold(`Policy version ${origin.policyVersion}`),
    describeTimes(origin, now, time),
    describeOrigin(origin),
    fmt`Checksum ${code(checksum.slice(0, 8))}`,
    ...describePolicy(policy).flatMap(({ title, rows }): Fragment[] => ['', bold(title), ...rows.map((row) => inLine(row, MAX_ROW))]),
    ...(prompts === null ? [] : ['', ...describePrompts(prompts, now, time)]),
    '',
    fmt`${code('/policy show file')} sends the file, ${code('/policy diff')} what changed last.`,
  ]);
}

/** Short, as checksums are on cards; the audit log has them whole. */
function describePrompts({ hashes, rubric, since }: PromptSet, now: Date, time: LocalTime): Fragment[] {
  const names = Object.entries(hashes).sort(([one], [other]) => one.localeCompare(other));
  return [
    bold('Prompts and rubric, by checksum'),
    ...names.map(([name, hash]) => fmt`${name} ${code(hash.slice(0, 8))}`),
    fmt`rubric ${code(rubric.slice(0, 8))}`,
    `They come with the release, and are these since ${time.formatBoth(since, now)}.`,
  ];
}

function describeTimes({ inForceAt, retiredAt }: PolicyOrigin, now: Date, time: LocalTime): string {
  if (inForceAt === null) return 'It never was in force.';
  if (retiredAt === null) return `In force since ${time.formatBoth(inForceAt, now)}.`;
  return `In force from ${time.format(inForceAt, now)} to ${time.formatBoth(retiredAt, now)}.`;
}

function describeOrigin({ reference, proposer, decidedBy }: PolicyOrigin): Rich | string {
  if (reference === null) return 'It came with the installation.';
  const people = decidedBy.map(({ slot, name }) => `${inLine(name, MAX_NAME)} (${slot})`).join(' and ');
  return fmt`Proposed by ${inLine(proposer ?? 'somebody', MAX_NAME)} as ${code(reference)}, decided by ${people}.`;
}

/** Each change a line, what loosens marked; at most so many, the rest counted. */
export function describeChanges(changes: readonly PolicyChange[], max: number, whereIsTheRest: string): string[] {
  if (changes.length === 0) return ['Nothing but comments and spelling.'];
  const shown = changes.slice(0, max).map(({ weight, text }) => `${WEIGHT_MARKS[weight]} ${inLine(text, MAX_ROW)}`);
  const more = changes.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more: ${whereIsTheRest}`] : shown;
}

const MAX_PROBLEMS = 25;

/** Everything that is wrong with a text, by path and line, for whoever wrote it. */
export function makeProblemsText(problems: readonly PolicyProblem[]): Rich {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ path, reason, line }) => {
    const where = line === undefined ? '' : ` (line ${line})`;
    return fmt`• ${code(inLine(path, 120))}${where}: ${inLine(reason, 200)}`;
  });
  const more = problems.length - shown.length;
  return lines([
    fmt`${bold('That is no valid policy')}: ${plural(problems.length, 'problem')}. Nothing was proposed; the policy in force stays.`,
    ...shown,
    more > 0 && `… and ${more} more.`,
  ]);
}
