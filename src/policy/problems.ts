import type { z } from 'zod';
import { AppError } from '../errors.ts';

/** What is wrong with a policy, and where. `line` is 1-based and missing where the fault is something that is not there. */
export interface PolicyProblem {
  path: string;
  reason: string;
  line?: number;
}

type Path = readonly PropertyKey[];

/** The path of the document itself, where no key can be named. */
export const WHOLE_DOCUMENT = '(document)';

/** More than this helps nobody, and a hostile file could name thousands. */
const MAX_PROBLEMS = 50;

/** `['approvals', 'T3', 1]` reads `approvals.T3[1]`. Keys come from the file: odd ones are quoted, long ones cut. */
export function toPathText(path: Path): string {
  if (path.length === 0) return WHOLE_DOCUMENT;
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${toKeyText(String(part))}`))
    .join('');
}

function toKeyText(key: string): string {
  const short = key.length > 40 ? `${key.slice(0, 39)}…` : key;
  return /^[\w-]+$/.test(key) ? short : JSON.stringify(short.toWellFormed());
}

/** One entry per fault; an unknown key is named by its own path. `value` is what was checked. */
export function toPolicyProblems(issues: readonly z.core.$ZodIssue[], value: unknown, lines: ReadonlyMap<string, number>): PolicyProblem[] {
  return issues
    .flatMap((issue): { path: Path; reason: string }[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key], reason: 'unknown key' }))
        : [{ path: issue.path, reason: toReason(issue, valueAt(value, issue.path)) }],
    )
    .map(({ path, reason }) => withLine({ path: toPathText(path), reason }, lines));
}

function withLine(problem: PolicyProblem, lines: ReadonlyMap<string, number>): PolicyProblem {
  const line = lines.get(problem.path);
  return line === undefined ? problem : { ...problem, line };
}

/** Says kinds, never the value: somebody may have pasted a key into the wrong place. */
function toReason(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.code !== 'custom') return 'missing';
  switch (issue.code) {
    case 'invalid_type':
      // A schema with words of its own says more than the kinds do.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return `expected ${KINDS[issue.expected] ?? issue.expected}, got ${toKind(value)}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${toUnit(issue.origin)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${toUnit(issue.origin)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'a key of this form is not allowed here';
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
};

function toKind(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a number with decimals';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'string' ? 'text' : 'a group of keys';
}

function toUnit(origin: string): string {
  if (origin === 'array') return ' entries';
  return origin === 'string' ? ' characters' : '';
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    // The reader builds plain objects and lists only, so that indexing by own key is all there is to do.
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key) ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** The one error of this folder. `context.problems` has every fault, up to a bound. */
export function makePolicyError(problems: readonly PolicyProblem[], cause?: unknown): AppError {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const dropped = problems.length - shown.length;
  const all = dropped === 0 ? shown : [...shown, { path: WHOLE_DOCUMENT, reason: `and ${dropped} more problems` }];
  const first = all[0] ?? { path: WHOLE_DOCUMENT, reason: 'unknown' };
  const count = problems.length > 1 ? ` (the first of ${problems.length} problems)` : '';
  return new AppError('policy_invalid', `The policy is not valid: ${first.path}: ${first.reason}${count}`, {
    context: { problems: all },
    cause,
  });
}
