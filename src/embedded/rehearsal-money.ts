export type MoneyAction = 'TRADE' | 'PAYMENT' | 'WITHDRAWAL';

const POLITE =
  /^(?:(?:please|kindly|now|ok|okay|hi|hello|can you|could you|would you|will you|i want you to|i need you to|we need to|let us|let's|go ahead and)\b[\s,:]*)+/i;
/** Whoever wants a text may write about money in it; only how such a request begins counts. */
const ASKS_FOR_TEXT =
  /^(?:post|publish|announce|broadcast|write|draft|compose|prepare|create|summari[sz]e|summary|explain|describe|tell|show|list|report|translate|answer|reply|compare|analy[sz]e)\b/i;
const CLAUSE = /(?<=[.!?;])\s+|\n+|,?\s+(?:and\s+)?then\s+/;

const CURRENCY =
  '(?:[$€£¥₽₿]|(?:usdt?|usdc|eur|euros?|gbp|chf|jpy|cny|rub|inr|try|ton|btc|eth|xtr|stars?|dollars?|pounds?|cents?|rubles?|bitcoins?)\\b)';
const AMOUNT = `(?:[$€£¥₽₿]\\s?\\d[\\d.,]*|\\d[\\d.,]*\\s?k?\\s?${CURRENCY})`;
const MONEY = '(?:(?:some |the |all |our |my )?(?:money|funds|cash|payment)\\b)';
/** "A payment report", "refund policy": about money, not money. */
const PAPERS =
  '(?:reports?|summar(?:y|ies)|lists?|overviews?|polic(?:y|ies)|rules?|terms|forms?|process|status|guides?|posts?|messages?|notes?|texts?|updates?|announcements?|reminders?|articles?|version|windows?|plans?|history|analysis|explained)';
const INSTRUMENT =
  '(?:[A-Z]{3,10}(?:[/-][A-Z]{3,5})?\\b|(?:xau|xag|btc|eth|eur|gbp|usd|jpy)[a-z]{0,5}\\b|(?:gold|silver|oil|bitcoin|ether)\\b)';
const QUANTITY = '(?:\\d[\\d.,]*\\s?(?:lots?|shares?|ounces?|oz|units?|contracts?|coins?)\\b)';

const start = (pattern: string): RegExp => new RegExp(`^${pattern}`, 'i');
const NO_PAPER = `(?!.{0,60}\\b(?i:${PAPERS})\\b)`;
const DEED = '(?:make|execute|do|issue|initiate|process|place|open|close)\\s+(?:an?|the|this|that|our|my)\\s+(?:[\\w.]+\\s+){0,2}?';

/** How an order begins. "Short" and "long" are also adjectives, so an instrument or a quantity has to follow them in the case it is written in. */
const ORDERS: readonly { action: MoneyAction; patterns: readonly RegExp[] }[] = [
  {
    action: 'WITHDRAWAL',
    patterns: [
      start(
        `(?:withdraw|cash out|pull out|take out)\\s+(?:[\\w\\[\\]-]+\\s+){0,2}?(?:${AMOUNT}|${MONEY}|\\d|(?:all|everything|half|profits?|balance|earnings)\\b)`,
      ),
      start(`cash out\\s*[.!]?$`),
      start(`${DEED}withdrawal\\b(?!\\s+${PAPERS}\\b)`),
    ],
  },
  {
    action: 'TRADE',
    patterns: [
      start(`(?:buy|sell)\\s+(?!(?:and|or|vs|versus|side|signals?|volume|orders|recommendations?)\\b)\\S`),
      new RegExp(`^(?:[Gg]o\\s+)?(?:[Ll]ong|[Ss]hort|LONG|SHORT)\\s+${NO_PAPER}(?:${QUANTITY}|${AMOUNT}|${INSTRUMENT})`),
      start(`go (?:long|short)\\b`),
      start(`${DEED}(?:trade|position|long|short|(?:buy|sell|market|limit|stop) order)\\b(?!\\s+${PAPERS}\\b)`),
      start(`trade\\s+(?:${QUANTITY}|${AMOUNT}|\\d)`),
    ],
  },
  {
    action: 'PAYMENT',
    patterns: [
      start(
        `(?:pay|repay|reimburse)\\s+(?!(?:attention|heed|tribute|respects?|homage|gaps?|rises?|raises?|slips?|scales?|days?|rolls?|and|or)\\b)(?!\\s*${PAPERS}\\b)\\S`,
      ),
      start(`refund\\s+(?!\\s*${PAPERS}\\b)\\S`),
      start(
        `(?:send|transfer|wire|remit|donate|deposit|give|tip)\\s+${NO_PAPER}(?:(?!an?\\b|this\\b|that\\b|out\\b|these\\b)[\\w@\\[\\]-]+\\s+){0,3}?(?:${AMOUNT}|${MONEY})`,
      ),
      start(`(?:settle|clear)\\s+(?:the|this|that|our|my)\\s+(?:[\\w.#-]+\\s+)?(?:invoice|bill|debt)\\b`),
      start(`${DEED}(?:payment|refund|transfer|purchase)\\b(?!\\s+${PAPERS}\\b)`),
    ],
  },
];

/**
 * The act with money that a goal orders, in English; null for what only asks, tells or reports about it. By how its clauses begin: an
 * order begins with its verb, perhaps after a polite word.
 */
export function findMoneyAction(goal: string): MoneyAction | null {
  const whole = goal.trim();
  const clauses = ASKS_FOR_TEXT.test(whole.replace(POLITE, '')) ? [] : whole.split(CLAUSE);
  for (const clause of clauses) {
    const order = clause.replace(POLITE, '');
    // "Buy gold now?" asks; "Can you buy gold?" is an order.
    if (order === clause && clause.trimEnd().endsWith('?')) continue;
    const found = ORDERS.find(({ patterns }) => patterns.some((pattern) => pattern.test(order)));
    if (found !== undefined) return found.action;
  }
  return null;
}
