/**
 * Amounts, prices and percentages that a text states and that stand in none of its sources: what a model makes up here costs somebody
 * money. Rules, no AI. A number is compared by its value, however it is written; what is not known to be a sum of money, a price or a
 * percentage (a date, a count, a version) is nobody's business here.
 */
const CURRENCY_SIGNS = '$€£¥₽₴₸₹₺₿₩₮';
const CURRENCY_WORDS =
  'usdt?|usdc|eur|euros?|gbp|chf|jpy|cny|rub|uah|kzt|inr|try|ton|btc|eth|xtr|stars?|dollars?|pounds?|cents?|rubles?|руб(?:лей|ля|ль)?|евро|доллар(?:ов|а)?|bucks';
const PERCENT = '%|‰|percent|per cent|pct|процент(?:ов|а)?|п\\.п\\.|bps|basis points';
/** What stands before the price of something that is traded. */
const PRICE_WORDS =
  'price|entry|stop[- ]?loss|take[- ]?profit|sl|tp\\d?|target|support|resistance|spot|bid|ask|cost|costs|worth|fee|цена|вход|стоп|тейк|цель';
const SCALE = 'k|m|mn|mio|bn|thousand|million|billion|тыс\\.?|млн\\.?|млрд\\.?';
const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  тыс: 1e3,
  m: 1e6,
  mn: 1e6,
  mio: 1e6,
  million: 1e6,
  млн: 1e6,
  bn: 1e9,
  billion: 1e9,
  млрд: 1e9,
};

/** Digits with single separators in between; not the middle of a longer word or number. */
const NUMBER = "\\d{1,15}(?:[.,'’\\u00a0\\u202f ]\\d{1,9}){0,5}";
const EDGE = '(?![\\p{L}\\p{N}])';
const AMOUNT = new RegExp(
  [
    `[${CURRENCY_SIGNS}]\\s?(?<a>${NUMBER})(?:\\s?(?<as>${SCALE})${EDGE})?`,
    `(?<![\\p{L}\\p{N}.,])(?<b>${NUMBER})(?:\\s?(?<bs>${SCALE}))?\\s?(?:[${CURRENCY_SIGNS}]|(?:${CURRENCY_WORDS}|${PERCENT})${EDGE}|%|‰)`,
    `(?<![\\p{L}\\p{N}])(?:${PRICE_WORDS})${EDGE}[ \\t]{0,3}(?:is|of|at|:|=|–|-|—|@)?[ \\t]{0,3}(?<c>${NUMBER})(?:\\s?(?<cs>${SCALE})${EDGE})?(?:\\s?(?:[${CURRENCY_SIGNS}]|(?:${CURRENCY_WORDS})${EDGE}))?`,
  ].join('|'),
  'giu',
);
const ENDS_AS_SHARE = new RegExp(`(?:${PERCENT})$`, 'iu');
const ANY_NUMBER = new RegExp(`(?<n>${NUMBER})(?:\\s?(?<ns>${SCALE})${EDGE})?`, 'giu');

/** Each of them once, as it is written; in the order of the text. */
export function findUnsourcedAmounts(text: string, sources: readonly string[]): string[] {
  const known = new Set(sources.flatMap(listValues));
  const found: string[] = [];
  for (const match of text.normalize('NFKC').matchAll(AMOUNT)) {
    const { a, b, c, as, bs, cs } = match.groups ?? {};
    const values = toValues(a ?? b ?? c ?? '', as ?? bs ?? cs);
    const words = match[0].replace(/\s+/g, ' ').trim();
    // A share of 5 % may stand in a source as 0.05.
    const isShare = ENDS_AS_SHARE.test(words);
    const isKnown = values.some((value) => known.has(toKey(value)) || (isShare && known.has(toKey(value / 100))));
    if (values.length > 0 && !isKnown && !found.includes(words)) found.push(words);
  }
  return found;
}

function listValues(source: string): string[] {
  return [...source.normalize('NFKC').matchAll(ANY_NUMBER)].flatMap((match) => {
    const { n = '', ns } = match.groups ?? {};
    // "10 20" may be two numbers or one: both readings are known.
    const parts = n.split(/[\u00a0\u202f ]/).flatMap((part) => toValues(part, ns));
    return [...toValues(n, ns), ...toValues(n, undefined), ...parts].map(toKey);
  });
}

/** To nine significant digits, so that 0.1 + 0.2 and 0.3 are one. */
const toKey = (value: number): string => String(Number(value.toPrecision(9)));

/** What a written number may mean: `1,500` is fifteen hundred or one and a half. */
function toValues(written: string, scale: string | undefined): number[] {
  const factor = scale === undefined ? 1 : (SCALES[scale.toLowerCase().replace('.', '')] ?? 1);
  const compact = written.replace(/['’\u00a0\u202f ]/g, '');
  const marks = compact.replace(/\d/g, '');
  const last = marks.at(-1) ?? '';
  const asGroups = compact.replace(/[.,]/g, '');
  const at = compact.lastIndexOf(last);
  const asDecimal = last === '' ? compact : `${compact.slice(0, at).replace(/[.,]/g, '')}.${compact.slice(at + 1)}`;
  const isOnlyDecimal = last !== '' && (new Set(marks).size === 2 || /^0[.,]/.test(compact) || !/[.,]\d{3}$/.test(compact));
  const readings = isOnlyDecimal ? [asDecimal] : [asDecimal, asGroups];
  return [...new Set(readings.map((reading) => Number(reading) * factor))].filter(Number.isFinite);
}
