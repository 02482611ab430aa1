import { findCards, findIbans, WALLET_FINDERS } from './accounts.ts';
import { findEmails, IP_FINDERS, PHONE_FINDERS } from './contacts.ts';
import { collectSpans, type Finder, makeFinder } from './detection.ts';
import { SECRET_FINDERS } from './secrets.ts';

/**
 * Personal data and secrets become placeholders before a text is logged, stored in a row or shown to a model, and come back where a
 * text needs the real value. Rules and checksums, no AI. Names of people and postal addresses are not found: nothing finds them reliably.
 */
export const PERSONAL_DATA_KINDS = ['email', 'phone', 'card', 'iban', 'ip', 'wallet', 'secret'] as const;
export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];

/**
 * Placeholder to real value, for example `{"[email-1]": "ann@example.org"}`. Plain data; as confidential as what it holds. Entries
 * `[literal-1]` hold text that looked like a placeholder before anything was masked.
 */
export type Vault = Readonly<Record<string, string>>;

export interface MaskedText {
  text: string;
  /** The known entries and the new ones. */
  vault: Vault;
}

const PLACEHOLDER = /\[(?:email|phone|card|iban|ip|wallet|secret|literal)-[1-9]\d{0,8}\]/g;

type Kind = PersonalDataKind | 'literal';

/** Secrets first: a password may contain anything. Then what a checksum proves, then what only looks the part. */
const FINDERS: readonly { kind: Kind; find: Finder }[] = [
  { kind: 'literal', find: makeFinder(PLACEHOLDER) },
  ...SECRET_FINDERS.map((find) => ({ kind: 'secret' as const, find })),
  ...WALLET_FINDERS.map((find) => ({ kind: 'wallet' as const, find })),
  { kind: 'iban', find: findIbans },
  { kind: 'email', find: findEmails },
  { kind: 'card', find: findCards },
  ...IP_FINDERS.map((find) => ({ kind: 'ip' as const, find })),
  ...PHONE_FINDERS.map((find) => ({ kind: 'phone' as const, find })),
];

export interface MaskOptions {
  /**
   * For a text that was made from a masked one, such as a model's answer: placeholders of the vault stay what they are. Anything else
   * that looks like one is still text, and so cannot become the name of a later entry.
   */
  isMasked?: boolean;
}

/**
 * The same value gets the same placeholder within one vault; `unmask` gives the text back exactly. In a raw text a placeholder that
 * somebody typed is masked as text, so that it is never replaced by another person's data.
 */
export function maskPersonalData(text: string, known: Vault = {}, { isMasked = false }: MaskOptions = {}): MaskedText {
  const book = makeBook(known);
  let masked = '';
  let end = 0;
  for (const span of collectSpans(text, FINDERS)) {
    const value = text.slice(span.start, span.end);
    const staysAsItIs = isMasked && span.kind === 'literal' && Object.hasOwn(known, value);
    masked += text.slice(end, span.start) + (staysAsItIs ? value : book.toPlaceholder(span.kind, value));
    end = span.end;
  }
  return { text: masked + text.slice(end), vault: book.vault };
}

/** Puts the real values back, in one pass: a value that looks like a placeholder is not looked up again. Unknown placeholders stay. */
export function unmask(text: string, vault: Vault): string {
  return text.replace(PLACEHOLDER, (placeholder) =>
    Object.hasOwn(vault, placeholder) ? (vault[placeholder] ?? placeholder) : placeholder,
  );
}

/** Whatever a finder looks for in a text too short for a seed phrase has one of these; most fields of a log line have none. */
const HINT = /[\d@:=_]|-----|\bis\b|[\w-]{12}/;
const SHORTEST_PHRASE_CHARS = 47;

/** For logs, where nothing is ever put back: the kind alone, `[email]`. Placeholders that already stand there stay. */
export function redactPersonalData(text: string): string {
  if (text.length < SHORTEST_PHRASE_CHARS && !HINT.test(text)) return text;
  let redacted = '';
  let end = 0;
  for (const span of collectSpans(text, FINDERS)) {
    redacted += text.slice(end, span.start) + (span.kind === 'literal' ? text.slice(span.start, span.end) : `[${span.kind}]`);
    end = span.end;
  }
  return redacted + text.slice(end);
}

function makeBook(known: Vault) {
  const vault: Record<string, string> = { ...known };
  const toKey = (kind: string, value: string) => `${kind} ${value}`;
  const toKind = (placeholder: string) => placeholder.slice(1, placeholder.lastIndexOf('-'));
  const placeholders = new Map(Object.entries(known).map(([placeholder, value]) => [toKey(toKind(placeholder), value), placeholder]));
  const counts = new Map<string, number>();

  function toPlaceholder(kind: Kind, value: string): string {
    const existing = placeholders.get(toKey(kind, value));
    if (existing) return existing;
    const placeholder = nextFree(kind);
    placeholders.set(toKey(kind, value), placeholder);
    vault[placeholder] = value;
    return placeholder;
  }

  function nextFree(kind: Kind): string {
    let count = counts.get(kind) ?? 0;
    do count += 1;
    while (Object.hasOwn(vault, `[${kind}-${count}]`));
    counts.set(kind, count);
    return `[${kind}-${count}]`;
  }

  return { vault, toPlaceholder };
}
