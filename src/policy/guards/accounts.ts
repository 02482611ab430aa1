import { passesLuhn, passesMod97, readBase58Check } from './checksums.ts';
import { type Finder, makeFinder, type Span } from './detection.ts';

/** Lengths and first digits that card schemes use: Amex, Visa, Mastercard and Mir, Discover and Maestro, JCB, UnionPay. Order ids start otherwise. */
const CARD_SCHEMES =
  /^(?:3[47]\d{13}|4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[0-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17})$/;

const isCard = (value: string) => {
  const digits = value.replace(/\D/g, '');
  return CARD_SCHEMES.test(digits) && passesLuhn(digits);
};

/** In one piece, or in the groups that are printed on cards. */
const CARD = /(?<![\w.])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{5})(?![\w]|[.,]\d)/;

export const findCards: Finder = makeFinder(CARD, isCard);

/** Lengths by country, from the SWIFT registry. */
const IBAN_LENGTHS: Readonly<Record<string, string>> = {
  15: 'NO',
  16: 'BE',
  18: 'DK FI FO GL NL SD FK',
  19: 'MK SI',
  20: 'AT BA EE KZ LT LU MN XK',
  21: 'CH HR LI LV',
  22: 'BG BH CR DE GB GE IE ME RS VA',
  23: 'AE GI IL IQ OM SO TL',
  24: 'AD CZ ES MD PK RO SA SE SK TN VG',
  25: 'LY PT ST',
  26: 'IS TR',
  27: 'BI DJ FR GR IT MC MR SM',
  28: 'AL AZ BY CY DO GT HN HU LB NI PL SV',
  29: 'BR EG PS QA UA',
  30: 'JO KW MU YE',
  31: 'MT SC',
  33: 'LC RU',
};
const LENGTH_BY_COUNTRY: ReadonlyMap<string, number> = new Map(
  Object.entries(IBAN_LENGTHS).flatMap(([length, countries]) => countries.split(' ').map((country) => [country, Number(length)] as const)),
);

/** Takes exactly as many letters and digits as the country has, single blanks left out, so that words behind it stay. */
export function* findIbans(text: string): Iterable<Span> {
  for (const { 0: head, index: start } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g)) {
    const length = LENGTH_BY_COUNTRY.get(head.slice(0, 2).toUpperCase());
    if (length === undefined) continue;
    let iban = '';
    let end = start;
    for (; iban.length < length && end < text.length; end += 1) {
      const character = text[end] ?? '';
      if (/[A-Za-z0-9]/.test(character)) iban += character;
      else if (character !== ' ' || text[end - 1] === ' ') break;
    }
    if (iban.length === length && !/[A-Za-z0-9]/.test(text[end] ?? '') && passesMod97(iban.toUpperCase())) yield { start, end };
  }
}

/** BTC, LTC, DOGE and TRON addresses carry 21 bytes; an extended public key 78. */
const isBase58Address = (text: string) => [21, 78].includes(readBase58Check(text) ?? 0);

/** Solana addresses have neither form nor checksum and cannot be told from other ids. */
export const WALLET_FINDERS: readonly Finder[] = [
  makeFinder(/(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])/),
  makeFinder(/(?<![A-Za-z0-9])(?:bc1|tb1|ltc1)[02-9ac-hj-np-z]{11,87}(?![A-Za-z0-9])/i),
  makeFinder(/(?<![\w+/-])[EUk0]Q[\w+/-]{46}(?![\w+/-])/),
  makeFinder(/(?<![\w:.-])-?[01]:[0-9a-fA-F]{64}(?![0-9a-zA-Z])/),
  makeFinder(/(?<![A-Za-z0-9])[1-9A-HJ-NP-Za-km-z]{26,35}(?![A-Za-z0-9])/, isBase58Address),
  makeFinder(/(?<![A-Za-z0-9])[xyz]pub[1-9A-HJ-NP-Za-km-z]{107}(?![A-Za-z0-9])/, isBase58Address),
];
