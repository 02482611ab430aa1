import { cleanText } from '../../agents/clean-text.ts';
import { cut, cutLine } from '../view.ts';

/** Scripts that run from right to left: beside them our own dots and figures would change places. */
const RIGHT_TO_LEFT = /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Adlam}/u;
const ISOLATE = '\u2068';
const END_ISOLATE = '\u2069';

/**
 * Somebody's words within a line of ours: one line, nothing in it that is not seen or that turns the direction of what follows, cut with
 * an `…`. Words from right to left stay among themselves.
 */
export function inLine(text: string, maxLength: number): string {
  const line = cutLine(cleanText(text), maxLength);
  if (line === '') return '(nothing visible)';
  return RIGHT_TO_LEFT.test(line) ? `${ISOLATE}${line}${END_ISOLATE}` : line;
}

/** Somebody's words in a block of their own. What is left out is counted, so that nobody takes the part for the whole. */
export function inBlock(text: string, maxLength: number, whereIsTheRest: string): string {
  const clean = cleanText(text)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  if (clean === '') return '(nothing visible)';
  if (clean.length <= maxLength) return clean;
  const shown = cut(clean, maxLength);
  return `${shown}\n[${clean.length - shown.length + 1} more characters: ${whereIsTheRest}]`;
}
