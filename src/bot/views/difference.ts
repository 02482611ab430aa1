import { FormattedString } from '@grammyjs/parse-mode';
import { type ChangeObject, diffArrays, diffLines } from 'diff';
import { toChatText } from '../../domain/message.ts';
import type { Post } from '../../domain/post.ts';
import { cut, fmt, type Rich } from '../view.ts';

/** Beyond these the comparison is given up for a coarser one: it takes time that grows with the square. */
const MAX_WORD_EDITS = 1500;
const MAX_LINE_EDITS = 400;
/** Telegram keeps a hundred entities of a message and drops the others, and a dropped strike-through would turn a text into its opposite. */
const MAX_CHANGES = 40;
/** The share of the shorter text that has to stay for a comparison word by word. */
const MIN_KEPT = 0.4;
const MAX_CHANGE_LENGTH = 240;
/** So much of what stayed the same is shown on both sides of a change. */
const CONTEXT_LENGTH = 28;

/**
 * What was taken out (struck through) and what was put in (underlined), with a little of what is around it. Null when nothing changed.
 * What does not fit is counted at the end.
 */
export function makeDifference(before: string, after: string, maxLength: number): Rich | null {
  if (before === after) return null;
  const changes = compare(before, after);
  let shown = fmt``;
  for (const [index, change] of changes.entries()) {
    // A blank between old and new: `2,402 2,412`, not `2,4022,412`.
    const gap = change.added && changes[index - 1]?.removed ? ' ' : '';
    const piece = fmt`${gap}${toPiece(change, { isFirst: index === 0, isLast: index === changes.length - 1 })}`;
    const left = changes.slice(index).filter(isChange).length;
    if (shown.text.length + piece.text.length > maxLength) return left === 0 ? shown : fmt`${shown}… [${left} more changes: see Details]`;
    shown = fmt`${shown}${piece}`;
  }
  return shown;
}

/** What a person would want to know about a new version: the words, and whatever else is not as it was. Null when nothing changed. */
export function describeChange(before: Post, after: Post, maxLength: number): Rich | null {
  const notes = [noteTarget(before, after), notePictures(before, after)].filter((note) => note !== null);
  const words = makeDifference(toText(before), toText(after), maxLength) ?? noteFormatting(before, after);
  const all = [...notes, ...(words === null ? [] : [words])];
  return all.length === 0 ? null : FormattedString.join(all, '\n');
}

/** Words first; when too many changed for that to be readable, whole lines; when even those or nearly everything, all of it. */
function compare(before: string, after: string): ChangeObject<string>[] {
  const words = compareWords(before, after);
  if (words && !isRewritten(words, before, after)) {
    if (words.filter(isChange).length <= MAX_CHANGES) return words;
    const lines = diffLines(before, after, { maxEditLength: MAX_LINE_EDITS });
    if (lines && lines.filter(isChange).length <= MAX_CHANGES) return lines;
  }
  return [toChange(before, 'removed'), { value: '\n', count: 1, added: false, removed: false }, toChange(after, 'added')];
}

/** A text in which little stayed is read as a whole: word by word the old and the new one would be shuffled like cards. */
function isRewritten(words: ChangeObject<string>[], before: string, after: string): boolean {
  const kept = words.filter((change) => !isChange(change)).reduce((sum, { value }) => sum + toLength(value), 0);
  return kept < MIN_KEPT * Math.min(toLength(before), toLength(after));
}

const toLength = (text: string): number => text.replace(/\s+/g, '').length;

/** What stands between blanks is one word, so that `2,400` becomes `2,410` as a whole and not by two of its figures. */
function compareWords(before: string, after: string): ChangeObject<string>[] | undefined {
  const toWords = (text: string) => text.split(/(\s+)/);
  const changes = diffArrays(toWords(before), toWords(after), { maxEditLength: MAX_WORD_EDITS });
  return changes?.map(({ value, ...change }) => ({ ...change, value: value.join('') }));
}

const isChange = ({ added, removed }: ChangeObject<string>): boolean => added || removed;
const toChange = (value: string, kind: 'added' | 'removed'): ChangeObject<string> => ({
  value,
  count: 1,
  added: kind === 'added',
  removed: kind === 'removed',
});

function toPiece(change: ChangeObject<string>, place: { isFirst: boolean; isLast: boolean }): Rich {
  if (change.removed) return FormattedString.strikethrough(toVisible(change.value));
  if (change.added) return FormattedString.underline(toVisible(change.value));
  return new FormattedString(shorten(change.value, place));
}

/** Blanks and line breaks that came or went are changes too: they get a sign, since a line through them is not seen. */
function toVisible(text: string): string {
  const cutText = cut(text, MAX_CHANGE_LENGTH);
  return cutText.trim() === '' ? cutText.replaceAll('\n', '⏎').replaceAll(' ', '␣') : cutText;
}

function shorten(text: string, { isFirst, isLast }: { isFirst: boolean; isLast: boolean }): string {
  if (text.length <= 2 * CONTEXT_LENGTH + 3) return text;
  const head = isFirst ? '' : text.slice(0, CONTEXT_LENGTH).toWellFormed();
  const tail = isLast ? '' : text.slice(-CONTEXT_LENGTH).toWellFormed();
  return `${head} … ${tail}`;
}

const toText = (post: Post): string => post.parts.map(({ text }) => text).join('\n\n');
const toPictures = (post: Post): string => post.parts.flatMap((part) => (part.kind === 'photo' ? [part.media_checksum] : [])).join();
const toTarget = ({ target }: Post): string => toChatText({ chatId: target.chat_id, topicId: target.topic_id });

function noteTarget(before: Post, after: Post): string | null {
  return toTarget(before) === toTarget(after) ? null : `It goes to ${toTarget(after)}, not to ${toTarget(before)} any more.`;
}

function notePictures(before: Post, after: Post): string | null {
  return toPictures(before) === toPictures(after) ? null : 'The picture is another one.';
}

/** The same words with other bold, other links, or cut into messages at other places. */
function noteFormatting(before: Post, after: Post): Rich | null {
  const isSame = JSON.stringify(before.parts) === JSON.stringify(after.parts);
  return isSame ? null : fmt`The words are the same; formatting, links or the cut into messages changed.`;
}

/** Every changed line, uncut, for a file: `-` went, `+` came. */
export function makeFullDifference(before: Post, after: Post): string {
  const changes = diffLines(toText(before), toText(after), { maxEditLength: MAX_LINE_EDITS }) ?? [
    toChange(toText(before), 'removed'),
    toChange(toText(after), 'added'),
  ];
  return changes
    .flatMap(({ value, added, removed }) => toLines(value).map((line) => `${added ? '+' : removed ? '-' : ' '} ${line}`))
    .join('\n');
}

const toLines = (text: string): string[] => text.replace(/\n$/, '').split('\n');
