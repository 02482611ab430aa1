/** Replaces what a log must not show. The same text always stands in its place, so that a search finds every spot. */
const HIDDEN = '[secret]';

/** Whole names, and endings such as `botToken` or `x-api-key`. `idempotency_key` and `input_tokens` are none of these. */
const SECRET_KEY = /^(key|cookie|setcookie)$|(token|secret|authorization|password|passphrase|apikey|secretkey|privatekey|accesskey)$/;

/** Secrets that give themselves away: a bot token, a login inside an address, a bearer header. */
const SECRET_SHAPES: readonly [RegExp, string][] = [
  [/(?<!\d)\d{6,20}:[A-Za-z0-9_-]{30,}/g, HIDDEN],
  [/(:\/\/)[^\s/?#@:]*:[^\s/?#@]+@/g, `$1${HIDDEN}@`],
  [/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
];

/** Longer than any message of ours; a model's answer or a page that got into a log is cut, saying so. */
const MAX_TEXT = 16_384;

/** Names, ids and messages come in every line; longer texts seldom come twice. */
const MAX_REMEMBERED_CHARS = 80;
const MAX_REMEMBERED_TEXTS = 1_000;

export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase().replaceAll(/[_-]/g, ''));
}

function escapeForPattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A secret as it is, and as it looks inside an address. The longest first, so that no part of one is left beside a shorter one. */
function toPattern(secrets: readonly string[]): RegExp | null {
  const forms = new Set(secrets.filter((secret) => secret !== '').flatMap((secret) => [secret, encodeURIComponent(secret)]));
  if (forms.size === 0) return null;
  const sorted = [...forms].sort((a, b) => b.length - a.length);
  return new RegExp(sorted.map(escapeForPattern).join('|'), 'g');
}

/**
 * Makes the function that cleans one text: known secrets first, then secrets by their shape, then `mask`, which hides what belongs
 * to people. It never throws: a log line is not worth a failure, and what could not be checked is not shown.
 */
export function makeRedactor(secrets: readonly string[], mask: (text: string) => string): (text: string) => string {
  const pattern = toPattern(secrets);
  const clean = (text: string): string => {
    const known = pattern === null ? text : text.replaceAll(pattern, HIDDEN);
    const bounded = known.length > MAX_TEXT ? `${known.slice(0, MAX_TEXT)} [${known.length - MAX_TEXT} characters more]` : known;
    const shaped = SECRET_SHAPES.reduce((rest, [shape, shown]) => rest.replaceAll(shape, shown), bounded);
    try {
      return mask(shaped);
    } catch {
      return '[not shown: it could not be checked for personal data]';
    }
  };
  return rememberShort(clean);
}

/** The same function for the same text is the same answer: what was just cleaned is not looked through again. */
function rememberShort(clean: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    if (text.length > MAX_REMEMBERED_CHARS) return clean(text);
    const before = known.get(text);
    if (before !== undefined) return before;
    const cleaned = clean(text);
    if (known.size >= MAX_REMEMBERED_TEXTS) known.clear();
    known.set(text, cleaned);
    return cleaned;
  };
}

/** Cleans every text inside a JSON value, names included; a value whose name says that it is secret is hidden whatever it is. */
export function redactJson(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactJson(item, redact));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), isSecretKey(key) && item !== null ? HIDDEN : redactJson(item, redact)]),
  );
}
