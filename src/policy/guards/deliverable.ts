import type { InjectionFinding } from '../../domain/injection.ts';
import { findUnsourcedAmounts } from './amounts.ts';
import { screenInjection } from './injection.ts';
import { type Link, type LinkEntity, listLinks } from './links.ts';
import { inspectOutput, type OutputFinding } from './output.ts';
import { redactPersonalData } from './pii.ts';

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
  if (problems.includes('look_alike_host')) flags.push(`link guard: ${where} has letters that can look like other ones`);
  if (problems.includes('ip_host')) flags.push('link guard: an address with a number in place of a name');
  if (problems.includes('long_query')) flags.push(`link guard: the address at ${where} carries more data than an address needs`);
  if (problems.includes('unreadable')) flags.push(`link guard: ${cutWords(url)} cannot be read as an address`);
  return flags;
}

function flagText({ kind, severity, examples }: OutputFinding): string[] {
  if (severity !== 'refused' || kind.startsWith('link_')) return [];
  return [`text guard: ${kind.replaceAll('_', ' ')}${examples.length === 0 ? '' : ` (${examples.join(', ')})`}`];
}

/**
 * Links to hosts that neither the policy's list has (subdomains included) nor what the requester gave, as red flags: where else a text
 * sends people, a person decides.
 */
export function flagUnlistedLinks(
  parts: readonly { text: string; entities: readonly LinkEntity[] }[],
  { hosts, given }: { hosts: readonly string[]; given: readonly string[] },
): string[] {
  const known = new Set(given.flatMap((text) => listLinks(text).map(({ host }) => host)));
  const isKnown = (host: string | null) =>
    host !== null && (known.has(host) || hosts.some((listed) => host === listed || host.endsWith(`.${listed}`)));
  const links = parts.flatMap(({ text, entities }) => listLinks(text, entities));
  const flags = links
    .filter(({ host }) => !isKnown(host))
    .map(({ host, url }) => `link guard: ${cutWords(host ?? url)} stands neither in the policy’s list nor in what the requester gave`);
  return [...new Set(flags)].slice(0, MAX_FLAGS);
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

/** More places than this are not told apart: one is enough to ask more people. */
const MAX_PLACES = 10;

/** What in the material seems to give orders to a model. A signal, never a verdict: it raises what is asked, and keeps nothing in. */
export function findInjection(material: readonly { where: string; text: string }[]): InjectionFinding[] {
  const found = material.flatMap(({ where, text }) => {
    const { score, signals } = screenInjection(text);
    return score >= MIN_INJECTION_SCORE ? [{ where: cutWords(redactPersonalData(where)), signals }] : [];
  });
  return found.slice(0, MAX_PLACES);
}

const cutWords = (words: string): string => {
  const line = words.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS - 1).toWellFormed()}…`;
};
