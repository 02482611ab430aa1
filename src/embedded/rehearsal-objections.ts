import { toNumbers } from './rehearsal-terms.ts';

/** How the rehearsal's critic says which numbers it found nowhere; a revision reads it from there. */
export const UNSOURCED_NUMBERS = 'Show where these numbers come from:';
const NUMBERS = new RegExp(`${UNSOURCED_NUMBERS} ([^\\n]{1,400}?)\\.(?=\\s|$)`, 'g');
/** Guards quote the amount, or name the address, that they object to. */
const AMOUNT = /amount guard: “([^”\n]{1,100})”/g;
const LINK = /link guard: [^\n;]{1,200}? opens ([^\s;,]{1,200})/g;

/** Says of a sentence whether one of the comments objects to something in it. */
export function makeObjection(comments: readonly string[]): (sentence: string) => boolean {
  const all = comments.join('\n');
  const quote = (pattern: RegExp): string[] => [...all.matchAll(pattern)].flatMap(([, words]) => (words === undefined ? [] : [words]));
  const numbers = new Set([...quote(NUMBERS), ...quote(AMOUNT)].flatMap(toNumbers));
  const hosts = quote(LINK).map((host) => host.replace(/\.$/, '').toLowerCase());
  return (sentence) =>
    toNumbers(sentence).some((number) => numbers.has(number)) || hosts.some((host) => sentence.toLowerCase().includes(host));
}
