import { splitSentences } from './rehearsal-extract.ts';
import { escapeMarkdown } from './rehearsal-markdown.ts';
import type { Piece } from './rehearsal-material.ts';
import { shorten } from './rehearsal-terms.ts';
import { CUT_LINE, findBadWording } from './rehearsal-wording.ts';

/** Well below what a draft may have, also when every other character is escaped. */
const MAX_CHARS = 9000;
const MARKDOWN_FILE = /\.(?:md|markdown)$/i;
/** How a source says that it was shortened on its way here. */
const CUT_MARK = /\n\[… \d+ more characters are left out here\]\s*$/;

/** The material as it is, line by line, without what must not be passed on. A Markdown file keeps its form; all other text is only text. */
export function writeWhole(pieces: readonly Piece[], isObjected: (sentence: string) => boolean): string[] {
  // The part of a message that was quoted goes out, not the whole message too.
  const wanted = pieces.filter(({ text }) => !pieces.some((other) => other.text !== text && text.includes(other.text.trim())));
  const blocks = wanted.map((piece) => writePiece(piece, Math.floor(MAX_CHARS / wanted.length), isObjected));
  const titles = [...new Set(wanted.map(({ title }) => escapeMarkdown(shorten(title.replace(/[()]/g, ' '), 80))))];
  return [...blocks, `Sources: ${titles.join(', ')}`];
}

function writePiece({ title, text }: Piece, maxChars: number, isObjected: (sentence: string) => boolean): string {
  const whole = text.replace(CUT_MARK, '').trim();
  const isCut = CUT_MARK.test(text) || whole.length > maxChars;
  const lines = whole
    .slice(0, maxChars)
    .toWellFormed()
    .split('\n')
    .map((line) => leaveOut(line, (sentence) => isObjected(sentence) || findBadWording(sentence).length > 0));
  const written = MARKDOWN_FILE.test(title) ? lines : lines.map(escapeMarkdown);
  return [...written, ...(isCut ? ['', CUT_LINE] : [])].join('\n');
}

/** A line stays as it is unless one of its sentences has to go. */
function leaveOut(line: string, isUnwanted: (sentence: string) => boolean): string {
  if (!isUnwanted(line)) return line;
  return splitSentences(line)
    .filter((sentence) => !isUnwanted(sentence))
    .join(' ');
}
