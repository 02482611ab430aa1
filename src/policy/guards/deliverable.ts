import { findUnsourcedAmounts } from './amounts.ts';
import { screenInjection } from './injection.ts';
import type { Link, LinkEntity } from './links.ts';
import { inspectOutput, type OutputFinding } from './output.ts';

/** What the critique's schema leaves room for, with the critic's own flags. */
const MAX_FLAGS = 10;
const MAX_WORDS = 60;
/** One plain sign is enough to say it; a long encoded block or an odd character alone is not. */
const MIN_INJECTION_SCORE = 0.4;

/**
 * What rules object to in exactly the text that would be sent, as red flags: whatever deceives or hides, and every link that reads like
 * another address than it opens. No AI, and no critic can talk it away.
 */
export function flagDeliverable(parts: readonly { text: string; entities: readonly LinkEntity[] }[]): string[] {
  const flags = parts.flatMap(({ text, entities }) => {
    const { findings, links } = inspectOutput(text, entities);
    return [...links.flatMap(flagLink), ...findings.flatMap(flagText)];
  });
  return [...new Set(flags)].slice(0, MAX_FLAGS);
}

function flagLink({ url, host, visibleText, problems }: Link): string[] {
  const where = host ?? cutWords(url);
  const flags: string[] = [];
  if (problems.includes('disguised')) flags.push(`link guard: ${cutWords(visibleText ?? '')} opens ${where}`);
  // The address itself stays out: a name before an @ looks like a mail address, and is the disguise.
  if (problems.includes('user_info')) flags.push(`link guard: an address with a user name or password in front opens ${where}`);
  if (problems.includes('scheme')) flags.push(`link guard: ${cutWords(url)} is not an address of a page`);
  if (problems.includes('unreadable')) flags.push(`link guard: ${cutWords(url)} cannot be read as an address`);
  return flags;
}

function flagText({ kind, severity, examples }: OutputFinding): string[] {
  if (severity !== 'refused' || kind.startsWith('link_')) return [];
  return [`text guard: ${kind.replaceAll('_', ' ')}${examples.length === 0 ? '' : ` (${examples.join(', ')})`}`];
}

/** Beside the first ones, one flag says how many more there are. */
const MAX_AMOUNTS = 5;

/**
 * What the text states of money, prices and percentages and nothing that people or records say states too, as red flags. Nothing is taken
 * out: people see the text as it is, and why it is marked.
 */
export function flagAmounts(text: string, sources: readonly string[]): string[] {
  const amounts = findUnsourcedAmounts(text, sources);
  const more = amounts.length - MAX_AMOUNTS;
  const flags = amounts.slice(0, MAX_AMOUNTS).map((amount) => `amount guard: “${cutWords(amount)}” stands in no source`);
  return more > 0 ? [...flags, `amount guard: and ${more} more that stand in no source`] : flags;
}

/** One line on what in the material tries to give orders to a model; null when nothing does. A signal, never a verdict. */
export function noteInjection(sources: readonly { ref: string; title: string; text: string }[]): string | null {
  const found = sources.flatMap(({ ref, title, text }) => {
    const { score, signals } = screenInjection(`${title}\n${text}`);
    return score >= MIN_INJECTION_SCORE ? [`${ref}: ${signals.join(', ')}`] : [];
  });
  return found.length === 0
    ? null
    : `Injection signals in the material (found by rules, not a verdict): ${found.join('; ')}.`.slice(0, 500);
}

const cutWords = (words: string): string => {
  const line = words.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS - 1).toWellFormed()}…`;
};
