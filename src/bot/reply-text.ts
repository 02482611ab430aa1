import type { Message, MessageEntity } from 'grammy/types';
import { cleanText } from '../agents/clean-text.ts';
import { toFormattedText } from '../agents/compose/from-markdown.ts';

export interface ReplyText {
  markdown: string;
  /** False when the formatting could not be said in Markdown; the words are all there. */
  isFormattingKept: boolean;
}

/**
 * The Markdown that reads exactly as the person's message looks: signs they typed stay signs, formatting they chose stays formatting.
 * What comes out is read back to be sure; formatting that does not survive is left out rather than guessed.
 */
export function toReplyText({ text = '', entities = [] }: Pick<Message, 'text' | 'entities'>): ReplyText {
  const plain = toLiteral(text).trimStart();
  const marked = write({ text, entities: sortEntities(entities) }, 0, text.length).trimStart();
  const isReadBack = squash(toFormattedText(marked).text) === squash(cleanText(text));
  const isLossless = !entities.some(({ type }) => LOST.has(type));
  return isReadBack
    ? { markdown: marked, isFormattingKept: isLossless }
    : { markdown: plain, isFormattingKept: !entities.some(isFormatting) };
}

const WRAPPED: ReadonlySet<MessageEntity['type']> = new Set(['text_link', 'blockquote', 'expandable_blockquote']);
/** What drafts have no sign for. */
const LOST: ReadonlySet<MessageEntity['type']> = new Set(['underline', 'spoiler', 'custom_emoji', 'text_mention']);

const isFormatting = ({ type }: MessageEntity): boolean => type in SIGNS || WRAPPED.has(type) || LOST.has(type);
const squash = (text: string): string => text.replace(/\s+/gu, ' ').trim();
/**
 * Every sign, for when the lighter way was not read back as it was written. With the stroke U+0338 behind it a sign is one letter (`≮`), and
 * none any more. A backtick is written by its number: escaped ones that follow each other are still read as code.
 */
function toLiteral(text: string): string {
  return text
    .replace(/[!-/:-@[-_{-~](?!\u0338)/g, '\\$&')
    .replaceAll('`', BACKTICK)
    .replace(/\n[^\S\n]+/g, '\n');
}

/** The signs that Markdown could take for its own, at the places where it could; the rest stays readable as it is. */
function toUnmarked(text: string): string {
  return text
    .replace(/[\\*_[\]<>~&|@](?!\u0338)|:(?=\/\/)|(?<=\bwww)\./gi, '\\$&')
    .replaceAll('`', BACKTICK)
    .replace(/\n[^\S\n]+/g, '\n')
    .replace(/^(\d+)([.)])/gm, '$1\\$2')
    .replace(/^[#+\-=](?!\u0338)/gm, '\\$&');
}

const BACKTICK = '&#96;';

function sortEntities(entities: readonly MessageEntity[]): MessageEntity[] {
  return entities.filter(({ type }) => type in SIGNS || WRAPPED.has(type)).toSorted((a, b) => a.offset - b.offset || b.length - a.length);
}

interface Source {
  text: string;
  entities: MessageEntity[];
}

const SIGNS: Partial<Record<MessageEntity['type'], string>> = { bold: '**', italic: '*', strikethrough: '~~', code: '`', pre: '```' };

/** Entities nest properly, as Telegram gives them: the outermost first, what is inside written by the same function. */
function write(source: Source, start: number, end: number): string {
  let written = '';
  let position = start;
  for (const entity of source.entities) {
    const from = entity.offset;
    const to = entity.offset + entity.length;
    if (from < position || to > end) continue;
    const inner = {
      text: source.text,
      entities: source.entities.filter((other) => other !== entity && other.offset >= from && other.offset + other.length <= to),
    };
    written +=
      toUnmarked(source.text.slice(position, from)) + writeEntity(entity, source.text.slice(from, to), () => write(inner, from, to));
    position = to;
  }
  return written + toUnmarked(source.text.slice(position, end));
}

function writeEntity(entity: MessageEntity, covered: string, writeInner: () => string): string {
  if (entity.type === 'code') return fence(covered, '`');
  if (entity.type === 'pre') return `\n\`\`\`${entity.language ?? ''}\n${covered}\n\`\`\`\n`;
  if (entity.type === 'blockquote' || entity.type === 'expandable_blockquote') return `\n${writeInner().replace(/^/gm, '> ')}\n\n`;
  const sign = SIGNS[entity.type] ?? '';
  const inner = writeInner();
  const [, before = '', middle = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(inner) ?? [];
  if (middle === '') return inner;
  const marked =
    entity.type === 'text_link' ? `[${middle}](<${entity.url.replace(/[<>\\]/g, encodeURIComponent)}>)` : `${sign}${middle}${sign}`;
  return before + marked + after;
}

/** A fence longer than any run of backticks inside. */
function fence(text: string, tick: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = tick.repeat(longest + 1);
  const pad = text.startsWith(tick) || text.endsWith(tick) ? ' ' : '';
  return `${ticks}${pad}${text}${pad}${ticks}`;
}
