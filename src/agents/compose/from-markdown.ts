import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { cleanText } from '../clean-text.ts';
import { type FormattedText, makeTextBuilder, type TextBuilder } from './formatted-text.ts';
import { toMailAddress, toSafeUrl } from './safe-url.ts';

/** The lexer takes quadratic time on some inputs; longer ones are taken as plain text. No agent writes that much. */
const MAX_MARKDOWN_CHARS = 40_000;
/** Emphasis that does not close is looked for to the end from each of its marks: a few thousand take seconds. No reader wants so much of it. */
const MAX_EMPHASIS_MARKS = 1_000;
const NAMED_REFERENCES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

interface Place {
  listDepth: number;
  isQuoted: boolean;
}

/**
 * Reads bold, italic, strikethrough, code, links, lists, quotes and headings; everything else of markdown and all HTML stays as the plain
 * text it is. Accepts any text and never throws: what the lexer cannot take is plain text too.
 */
export function toFormattedText(markdown: string): FormattedText {
  const clean = cleanText(markdown).replace(/\n(?:[^\S\n]*\n){3,}/g, '\n\n\n');
  if (clean.length > MAX_MARKDOWN_CHARS || countEmphasisMarks(clean) > MAX_EMPHASIS_MARKS) return { text: clean, entities: [] };
  try {
    const builder = makeTextBuilder();
    writeBlocks(builder, new Lexer({ gfm: true }).lex(clean), { listDepth: 0, isQuoted: false }, '\n\n');
    return builder.finish();
  } catch {
    return { text: clean, entities: [] }; // thousands of nested quotes or lists exhaust the lexer's stack
  }
}

const countEmphasisMarks = (markdown: string): number => markdown.match(/[*_~]+/g)?.length ?? 0;

function writeBlocks(builder: TextBuilder, tokens: readonly Token[], place: Place, separator: string): void {
  for (const token of tokens) {
    // No extension is registered, so the lexer makes no tokens but its own.
    writeBlock(builder, token as MarkedToken, place);
    builder.separate(separator);
  }
}

function writeBlock(builder: TextBuilder, token: MarkedToken, place: Place): void {
  switch (token.type) {
    case 'heading':
      builder.wrap({ type: 'bold' }, () => writeInline(builder, token.tokens));
      break;
    case 'code':
      writeCodeBlock(builder, token);
      break;
    case 'blockquote':
      writeQuote(builder, token, place);
      break;
    case 'list':
      writeList(builder, token, place);
      break;
    case 'table':
      writeTable(builder, token);
      break;
    case 'html':
      builder.write(token.raw.trim());
      break;
    case 'hr':
      builder.write('———');
      break;
    case 'paragraph':
      writeInline(builder, token.tokens);
      break;
    case 'space':
    case 'def':
      break;
    default:
      writeInline(builder, [token]);
      break;
  }
}

function writeCodeBlock(builder: TextBuilder, token: Tokens.Code): void {
  const language = /^[\w+#.-]{1,32}/.exec(token.lang ?? '')?.[0];
  builder.wrap(language === undefined ? { type: 'pre' } : { type: 'pre', language }, () => builder.write(token.text));
}

/** Telegram has no quote inside a quote or a list item; there the words stay and the bar is lost. */
function writeQuote(builder: TextBuilder, token: Tokens.Blockquote, place: Place): void {
  const body = (): void => writeBlocks(builder, token.tokens, { ...place, isQuoted: true }, '\n');
  if (place.isQuoted || place.listDepth > 0) body();
  else builder.wrap({ type: 'blockquote' }, body);
}

function writeList(builder: TextBuilder, token: Tokens.List, place: Place): void {
  const first = token.start === '' ? 1 : token.start;
  token.items.forEach((item, index) => {
    builder.separate('\n');
    builder.write(`${'  '.repeat(Math.min(place.listDepth, 6))}${token.ordered ? `${first + index}. ` : '• '}`);
    item.tokens.forEach((block, at) => {
      if (at > 0 && item.tokens[at - 1]?.type !== 'checkbox') builder.separate('\n');
      writeBlock(builder, block as MarkedToken, { ...place, listDepth: place.listDepth + 1 }); // as in writeBlocks
    });
  });
}

function writeTable(builder: TextBuilder, token: Tokens.Table): void {
  for (const row of [token.header, ...token.rows]) {
    builder.separate('\n');
    row.forEach((cell, index) => {
      if (index > 0) builder.write(' | ');
      writeInline(builder, cell.tokens);
    });
  }
}

function writeInline(builder: TextBuilder, tokens: readonly Token[]): void {
  for (const token of tokens) writeInlineToken(builder, token as MarkedToken); // as in writeBlocks
}

function writeInlineToken(builder: TextBuilder, token: MarkedToken): void {
  switch (token.type) {
    case 'strong':
      builder.wrap({ type: 'bold' }, () => writeInline(builder, token.tokens));
      break;
    case 'em':
      builder.wrap({ type: 'italic' }, () => writeInline(builder, token.tokens));
      break;
    case 'del':
      builder.wrap({ type: 'strikethrough' }, () => writeInline(builder, token.tokens));
      break;
    case 'codespan':
      builder.wrap({ type: 'code' }, () => builder.write(token.text));
      break;
    case 'link':
      writeLink(builder, token);
      break;
    case 'image':
      builder.write(token.text === '' ? token.href : token.text);
      break;
    case 'checkbox':
      builder.write(token.checked ? '☑ ' : '☐ ');
      break;
    case 'br':
      builder.write('\n');
      break;
    case 'escape':
      builder.write(token.text);
      break;
    case 'text':
      if (token.tokens) writeInline(builder, token.tokens);
      else builder.write(toPlain(token.raw));
      break;
    default:
      builder.write(token.raw);
      break;
  }
}

/** A bare address needs no entity, Telegram finds it itself; a mail address cannot be one and is written out. */
function writeLink(builder: TextBuilder, token: Tokens.Link): void {
  const href = decodeReferences(token.href);
  const url = token.autolink || token.text === href ? null : toSafeUrl(href);
  if (token.autolink) builder.write(token.text);
  else if (url !== null) builder.wrap({ type: 'text_link', url }, () => writeInline(builder, token.tokens));
  else writeInline(builder, token.tokens);
  const address = toMailAddress(href);
  if (address !== null && !token.text.includes(address)) builder.write(` (${address})`);
}

/** Long runs of blanks push words out of sight; markdown reads them as one. */
const toPlain = (raw: string): string => decodeReferences(raw).replace(/[^\S\n]{2,}/g, ' ');

function decodeReferences(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED_REFERENCES[name] ?? whole;
    const codePoint = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : whole;
  });
}
