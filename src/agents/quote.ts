import { sha256 } from '../domain/ids.ts';
import { cleanText, countInvisible } from './clean-text.ts';

/** A text that somebody wrote, about to be shown to a model: what it is, and where it comes from. */
export interface Quotable {
  label: string;
  attributes?: Record<string, string>;
  text: string;
}

export interface Quoter {
  /** The word that marks where data begins and ends in this request. */
  key: string;
  quote(block: Quotable): string;
}

const MAX_ATTRIBUTE_CHARS = 200;

/**
 * Puts texts between marks that none of them can close: the key is derived from all of them together, so a text would have to contain its
 * own hash, and a key that happens to occur in one is replaced by the next. The same texts give the same key.
 */
export function makeQuoter(blocks: readonly Quotable[]): Quoter {
  const everything = blocks.map((block) => JSON.stringify([block.label, block.attributes ?? {}, block.text])).join('\n');
  let key = sha256(everything).slice(0, 16);
  while (everything.includes(key)) key = sha256(key).slice(0, 16);
  return { key, quote: (block) => toQuotation(key, block) };
}

function toQuotation(key: string, { label, attributes = {}, text }: Quotable): string {
  const invisibleCount = countInvisible(text);
  const shown = { ...attributes, ...(invisibleCount > 0 ? { invisible_characters_removed: String(invisibleCount) } : {}) };
  const head = Object.entries(shown).map(([name, value]) => ` ${name}=${toAttribute(value)}`);
  return `<data-${key} kind=${toAttribute(label)}${head.join('')}>\n${cleanText(text)}\n</data-${key}>`;
}

/** One line, no angle brackets: titles and names are written by strangers too. */
function toAttribute(value: string): string {
  const short = cleanText(value).slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed();
  return JSON.stringify(short).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
}
