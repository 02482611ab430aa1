import { isIPv4, isIPv6 } from 'node:net';
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type Finder, makeFinder, type Span } from './detection.ts';

const LOCAL_PART = /[\p{L}\p{N}._%+'-]/u;
const DOMAIN = /(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?!\p{L})/uy;
const MAX_LOCAL_PART = 64;

/** Grows from each @ to both sides, so that its time does not depend on what stands there. `@everyone` has nothing to its left. */
export function* findEmails(text: string): Iterable<Span> {
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    DOMAIN.lastIndex = at + 1;
    const domain = DOMAIN.exec(text);
    if (!domain) continue;
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL_PART && LOCAL_PART.test(text[start - 1] ?? '')) start -= 1;
    while (start < at && /[.'-]/.test(text[start] ?? '')) start += 1;
    if (start < at) yield { start, end: at + 1 + domain[0].length };
  }
}

/** Digits with at most two separators between any two. */
const DIGITS = String.raw`\d(?:[ \u00a0().\/-]{0,2}\d)`;
const INTERNATIONAL = new RegExp(String.raw`(?<![\w+.])\+ ?\(?${DIGITS}{6,16}`, 'g');
const WITH_TRUNK_ZEROS = /(?<![\w+.-])00[ -]?[1-9](?:[ -]?\d){7,14}(?!\d)/;
const NORTH_AMERICAN = /(?<![\w.+(-])(?:1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-]|[.,]\d)/;
const RUSSIAN = /(?<![\w.+-])8[ -]?\(?9\d{2}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}(?![\w-]|[.,]\d)/;
/** A leading zero and groups with one kind of gap, as in most of Europe. Dates and times mix their gaps or are shorter. */
const NATIONAL = /(?<![\w.+-])0[1-9]\d{0,3}([ -])\d{2,8}(?:\1\d{2,4}){0,3}(?![\w-]|[.,]\d)/;
const NATIONAL_COUNTRIES: readonly CountryCode[] = ['GB', 'DE', 'FR', 'NL', 'AU', 'UA', 'TR'];
/** What follows such a word is a phone number, however it is written. */
const NAMED = new RegExp(
  String.raw`(?<!\p{L})(?:tel|telephone|phone|mobile|cell|whatsapp|viber|fax|call (?:me|us) (?:at|on)|тел|телефон|моб)(?: (?:number|no))?(?: is)?[.:]{0,2} {0,3}(?<value>\(?${DIGITS}{6,14})(?!\d)`,
  'iu',
);

const isValidIn = (country: CountryCode) => (value: string) => parsePhoneNumberFromString(value, country)?.isValid() === true;
/** A gain in money or per cent, not a number to call. */
const FOLLOWED_BY_UNIT = /^\s?(?:%|\$|€|₽|usd|eur|rub|ton|btc|eth|pips?|points?|stars?)/i;
/** Asking the library costs about 10 µs; a text with more candidates than this is hostile, and then all of them are hidden. */
const MAX_QUESTIONS = 2000;

/**
 * `+` and 7 to 15 digits. Of the readings that end at a gap, the longest valid one; made-up numbers (which are long enough but not
 * assigned) count as well when they have ten digits or more.
 */
function* findInternational(text: string): Iterable<Span> {
  let questions = 0;
  for (const { 0: candidate, index: start } of text.matchAll(INTERNATIONAL)) {
    const readings = toReadings(candidate);
    questions += readings.length;
    const length = questions > MAX_QUESTIONS ? candidate.length : chooseReading(readings);
    if (length && !FOLLOWED_BY_UNIT.test(text.slice(start + length, start + length + 8))) yield { start, end: start + length };
  }
}

/** The candidate as a whole, and cut at each gap, longest first. */
function toReadings(candidate: string): string[] {
  const ends = [...candidate.matchAll(/[^\d+(][^\d]*/g)].map(({ index }) => index).reverse();
  return [candidate.length, ...ends].map((end) => candidate.slice(0, end)).filter((reading) => reading.replace(/\D/g, '').length >= 7);
}

function chooseReading(readings: readonly string[]): number | null {
  const parsed = readings.map((reading) => ({ reading, number: parsePhoneNumberFromString(reading) }));
  const valid = parsed.find(({ number }) => number?.isValid());
  const possible = parsed.find(({ reading, number }) => number?.isPossible() && reading.replace(/\D/g, '').length >= 10);
  return (valid ?? possible)?.reading.length ?? null;
}

export const PHONE_FINDERS: readonly Finder[] = [
  findInternational,
  makeFinder(NAMED, (value) => value.replace(/\D/g, '').length <= 15),
  makeFinder(WITH_TRUNK_ZEROS, (value) => parsePhoneNumberFromString(value.replace(/^00/, '+'))?.isValid() === true),
  makeFinder(NORTH_AMERICAN, (value) => value.includes('(') || isValidIn('US')(value)),
  makeFinder(NATIONAL, (value) => value.replace(/\D/g, '').length >= 9 && NATIONAL_COUNTRIES.some((country) => isValidIn(country)(value))),
  makeFinder(RUSSIAN, (value) => /[ ()-]/.test(value) && isValidIn('RU')(value)),
];

/** Loopback and "any" addresses are nobody's. */
const isSomeonesIPv4 = (value: string) => isIPv4(value) && !/^(?:127|0)\./.test(value);

function* findIPv6(text: string): Iterable<Span> {
  for (const { 0: candidate, index: start } of text.matchAll(/(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:][0-9A-Fa-f:.]{2,44}(?!\w)/g)) {
    const address = [candidate, candidate.replace(/[.:]$/, '')].find((reading) => isIPv6(reading));
    if (address && /\d/.test(address) && !/^(?:0{0,4}:)*0{0,3}[01]?$/.test(address)) yield { start, end: start + address.length };
  }
}

export const IP_FINDERS: readonly Finder[] = [findIPv6, makeFinder(/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)/, isSomeonesIPv4)];
