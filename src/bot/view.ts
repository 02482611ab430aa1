import { FormattedString, fmt } from '@grammyjs/parse-mode';
import type { InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity } from 'grammy/types';

/**
 * What a message shows. Made by pure functions from rows (`views/*.ts`); formatting is entities, never a string with markup in it, so
 * that nothing a person or a model wrote can become formatting.
 */
export interface View {
  text: string;
  entities: MessageEntity[];
  keyboard?: InlineKeyboardMarkup;
}

/** A text with formatting while it is being put together. */
export type Rich = FormattedString;
export type Fragment = string | Rich;
export { fmt };

export const bold = (text: Fragment): Rich => FormattedString.bold(text);
export const italic = (text: Fragment): Rich => FormattedString.italic(text);
export const code = (text: Fragment): Rich => FormattedString.code(text);
export const link = (text: Fragment, url: string): Rich => FormattedString.link(text, url);
export const quote = (text: Fragment): Rich => FormattedString.blockquote(text);
export const expandableQuote = (text: Fragment): Rich => FormattedString.expandableBlockquote(text);

/** Names a person so that their client tells them; the numeric id is what counts. */
export const mention = (name: string, userId: number): Rich => FormattedString.mentionUser(name, userId);

/** One fragment a line; what is null or false is left out, `''` is an empty line. */
export function lines(fragments: readonly (Fragment | null | undefined | false)[]): Rich {
  const kept = fragments.filter((fragment): fragment is Fragment => fragment !== null && fragment !== undefined && fragment !== false);
  return FormattedString.join(kept, '\n');
}

export function join(fragments: readonly Fragment[], separator: string): Rich {
  return FormattedString.join([...fragments], separator);
}

export function toView(fragment: Fragment, keyboard?: InlineKeyboardMarkup): View {
  const { text, entities } = typeof fragment === 'string' ? { text: fragment, entities: [] } : fragment;
  return keyboard === undefined ? { text, entities } : { text, entities, keyboard };
}

/** Rows of buttons; empty rows are left out. */
export function makeKeyboard(...rows: InlineKeyboardButton[][]): InlineKeyboardMarkup {
  return { inline_keyboard: rows.filter((row) => row.length > 0) };
}

const ELLIPSIS = '…';

/** At most so many UTF-16 units, never half a character; a text that was cut ends in `…`. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, toBoundary(text, maxLength - ELLIPSIS.length)).trimEnd()}${ELLIPSIS}`;
}

/** One line of somebody's text: line breaks and runs of blanks become one blank. */
export function cutLine(text: string, maxLength: number): string {
  return cut(text.replace(/\s+/gu, ' ').trim(), maxLength);
}

export function cutRich(rich: Rich, maxLength: number): Rich {
  if (rich.text.length <= maxLength) return rich;
  return fmt`${rich.slice(0, toBoundary(rich.text, maxLength - ELLIPSIS.length))}${ELLIPSIS}`;
}

/** Telegram's limits, in UTF-16 units after entities are taken out, and the number of entities that it honours. */
export const MAX_TEXT = 4096;
export const MAX_CAPTION = 1024;
const MAX_ENTITIES = 100;

/** The last safety before sending: a message that is too long arrives cut rather than not at all, with its buttons. */
export function fitView(view: View, maxLength: number): View {
  if (view.text.length <= maxLength && view.entities.length <= MAX_ENTITIES) return view;
  const { text, entities } = cutRich(new FormattedString(view.text, view.entities), maxLength);
  return { ...view, text, entities: entities.slice(0, MAX_ENTITIES) };
}

function toBoundary(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
  return Math.max(0, isHighSurrogate ? end - 1 : end);
}

/** `8 s`, `3 min`, `2 h 10 min`, `3 days 4 h`. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = Math.max(0, Math.round(elapsedMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return withRest(`${hours} h`, minutes % 60, 'min');
  const days = Math.floor(hours / 24);
  return withRest(days === 1 ? '1 day' : `${days} days`, hours % 24, 'h');
}

const withRest = (whole: string, rest: number, unit: string): string => (rest === 0 ? whole : `${whole} ${rest} ${unit}`);

/** A decimal string of dollars as people read it: `$0`, `$0.0012`, `$1.50`. */
export function formatUsd(costUsd: string): string {
  const value = Number(costUsd);
  if (value === 0) return '$0';
  if (value >= 0.01) return `$${value.toFixed(2)}`;
  return value < 0.000_001 ? '<$0.000001' : `$${Number(value.toPrecision(2))}`;
}

/** `950 tokens`, `12.3k tokens`. */
export function formatTokens(count: number): string {
  return `${count < 1000 ? count : `${(count / 1000).toFixed(1)}k`} tokens`;
}

/** `1 worker`, `3 workers`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
