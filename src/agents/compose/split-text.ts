import { normalizeEntities, sliceEntities } from '../../domain/entities.ts';
import type { FormattedText } from './formatted-text.ts';

/** Telegram keeps the first hundred entities of a message and drops the others silently. */
const MAX_ENTITIES = 100;
/** Where a text may be cut, the best first. A border in the first third would waste most of a message. */
const BORDERS = [/\n\n/g, /\n/g, /[.!?…。！？؟]["”’)\]]?\s/g, /\s/g];

/**
 * Cuts a text into messages of at most `firstLimit`, then `limit` UTF-16 units, at the end of a paragraph, line, sentence or word, whichever
 * comes first, and never inside a character. Each part is trimmed as Telegram trims.
 */
export function splitText(whole: FormattedText, { firstLimit, limit }: { firstLimit: number; limit: number }): FormattedText[] {
  const parts: FormattedText[] = [];
  let start = skipBlanks(whole.text, 0);
  while (start < whole.text.length) {
    const most = parts.length === 0 ? firstLimit : limit;
    const end = findEnd(whole, start, most);
    parts.push(cutPart(whole, start, end));
    start = skipBlanks(whole.text, end);
  }
  return parts;
}

function findEnd(whole: FormattedText, start: number, most: number): number {
  let end = findBorder(whole.text, start, most);
  while (end - start > 1 && cutPart(whole, start, end).entities.length > MAX_ENTITIES) {
    end = findBorder(whole.text, start, Math.floor((end - start) / 2));
  }
  return end;
}

function findBorder(text: string, start: number, most: number): number {
  if (text.length - start <= most) return text.length;
  const window = text.slice(start, start + most + 1);
  for (const border of BORDERS) {
    const end = [...window.matchAll(border)].map((match) => match.index + match[0].trimEnd().length).findLast((at) => at <= most);
    if (end !== undefined && end > most / 3) return start + end;
  }
  return start + toCharacterBorder(window, most);
}

/** A cut inside an emoji or between a letter and its accent would show broken characters in both messages. */
function toCharacterBorder(window: string, most: number): number {
  let last = 0;
  for (const { index } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(window)) {
    if (index > most) break;
    last = index;
  }
  if (last > 0) return last;
  // One character longer than a message (a tower of accents): only a surrogate pair must stay whole.
  return most > 1 && /[\uD800-\uDBFF]/.test(window[most - 1] ?? '') ? most - 1 : Math.max(most, 1);
}

function cutPart(whole: FormattedText, start: number, end: number): FormattedText {
  const text = whole.text.slice(start, end).trimEnd();
  return { text, entities: normalizeEntities(sliceEntities(whole.entities, start, start + text.length)) };
}

function skipBlanks(text: string, from: number): number {
  return from + (text.length - from - text.slice(from).trimStart().length);
}
