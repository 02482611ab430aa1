import { findHiddenCharacters, type HiddenKind } from './characters.ts';
import { type Link, type LinkEntity, type LinkProblem, listLinks, stripMarkdownImages } from './links.ts';

/**
 * The last, deterministic look at a text before anybody is shown it or it is sent: people must see what will be there. Rules, no AI.
 * What only litters is taken out; what deceives is refused; what may be meant is flagged for the people who approve.
 */
export type OutputFindingKind =
  | `${HiddenKind}_characters`
  | 'line_endings'
  | 'not_nfc'
  | 'newline_run'
  | 'space_run'
  | 'image'
  | `link_${LinkProblem}`;

export interface OutputFinding {
  kind: OutputFindingKind;
  severity: 'changed' | 'flagged' | 'refused';
  count: number;
  /** Code points or addresses, a few of them. */
  examples: string[];
}

export interface FilteredOutput {
  text: string;
  isRefused: boolean;
  findings: OutputFinding[];
  links: Link[];
}

const REFUSED_HIDDEN: ReadonlySet<HiddenKind> = new Set(['tag', 'bidi']);
/** An address that runs something, that hides its host behind a user name, or that nobody can read. A disguised one is only flagged here. */
const REFUSED_LINKS: ReadonlySet<LinkProblem> = new Set(['scheme', 'user_info', 'unreadable']);

const MAX_BLANK_LINES = 2;
const MAX_SPACES = 40;

/** Cleans a text. Must run before entities are computed, because it may shorten the text. Running it again changes nothing more. */
export function filterOutput(text: string): FilteredOutput {
  const hidden = findHiddenCharacters(text.replace(/\r\n?/g, '\n'));
  const steps: readonly { kind: OutputFindingKind | null; run: (text: string) => string }[] = [
    { kind: 'line_endings', run: (before) => before.replace(/\r\n?/g, '\n') },
    // Reported kind by kind below.
    { kind: null, run: stripHidden },
    { kind: 'image', run: stripMarkdownImages },
    // After all that takes out, which can leave a mark behind another letter.
    { kind: 'not_nfc', run: (before) => before.normalize('NFC') },
    { kind: 'space_run', run: shortenSpaces },
    { kind: 'newline_run', run: shortenBlankLines },
  ];
  const findings = toHiddenFindings(hidden);
  let clean = text;
  for (const { kind, run } of steps) {
    const after = run(clean);
    if (kind && after !== clean) findings.push({ kind, severity: 'changed', count: 1, examples: [] });
    clean = after;
  }
  return finish(clean, findings, listLinks(clean));
}

/**
 * Looks at a text that may not be changed any more, with its entities: what `filterOutput` would change is refused here. For what a
 * person edited and for stored posts.
 */
export function inspectOutput(text: string, entities: readonly LinkEntity[] = []): FilteredOutput {
  const { findings } = filterOutput(text);
  const ofText = findings.filter(({ kind }) => !kind.startsWith('link_')).map((finding) => ({ ...finding, severity: 'refused' as const }));
  return finish(text, ofText, listLinks(text, entities));
}

function finish(text: string, ofText: readonly OutputFinding[], links: Link[]): FilteredOutput {
  const findings = [...ofText, ...toLinkFindings(links)];
  return { text, isRefused: findings.some(({ severity }) => severity === 'refused'), findings, links };
}

function toHiddenFindings(hidden: readonly { kind: HiddenKind; name: string }[]): OutputFinding[] {
  return [...Map.groupBy(hidden, ({ kind }) => kind)].map(([kind, found]) => ({
    kind: `${kind}_characters` as const,
    severity: REFUSED_HIDDEN.has(kind) ? 'refused' : 'changed',
    count: found.length,
    examples: [...new Set(found.map(({ name }) => name))].slice(0, 5),
  }));
}

function toLinkFindings(links: readonly Link[]): OutputFinding[] {
  const byProblem = Map.groupBy(
    links.flatMap(({ url, problems }) => problems.map((problem) => ({ url, problem }))),
    ({ problem }) => problem,
  );
  return [...byProblem].map(([problem, found]) => ({
    kind: `link_${problem}` as const,
    severity: REFUSED_LINKS.has(problem) ? 'refused' : 'flagged',
    count: found.length,
    examples: found.slice(0, 5).map(({ url }) => url.slice(0, 200)),
  }));
}

function stripHidden(text: string): string {
  let clean = '';
  let end = 0;
  for (const { index, length } of findHiddenCharacters(text)) {
    clean += text.slice(end, index);
    end = index + length;
  }
  return clean + text.slice(end);
}

function shortenSpaces(text: string): string {
  return text.replace(/[^\S\n]+/g, (run) => (run.length > MAX_SPACES ? ' ' : run));
}

/** What is pushed far down by blank lines is not read before it is approved. */
function shortenBlankLines(text: string): string {
  let blank = 0;
  const lines = text.split('\n').filter((line) => {
    blank = line.trim() === '' ? blank + 1 : 0;
    return blank <= MAX_BLANK_LINES;
  });
  return lines.join('\n');
}
