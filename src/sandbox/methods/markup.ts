import type { Params } from '../params.ts';
import { refuse } from '../refusal.ts';
import { toCheckedLink } from '../text/links.ts';
import type { Chat, InlineButton, InlineKeyboard, ReplyMarkup } from '../wire.ts';

const MAX_CALLBACK_DATA_BYTES = 64;
const MAX_COPY_TEXT_LENGTH = 256;
const MAX_PLACEHOLDER_LENGTH = 64;
const MAX_BUTTONS = 100;
const MAX_BUTTONS_IN_ROW = 8;
const STYLES = ['danger', 'success', 'primary'] as const;

const fieldsOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : undefined;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads `reply_markup`; undefined when absent or empty, which on an edit takes the buttons away. */
export function readMarkup(params: Params, chat: Chat): ReplyMarkup | undefined {
  const json = params.json('reply_markup');
  if (json === undefined) return undefined;
  if (json === 'invalid') refuse("can't parse reply keyboard markup JSON object");
  const fields = fieldsOf(json.value) ?? refuse('object expected as reply markup');
  const keyboard = toRows(fields.keyboard, 'Field "keyboard" must be an Array of Arrays');
  if (keyboard.length > 0) return toReplyKeyboard(keyboard, fields);
  const inline = toRows(fields.inline_keyboard, 'Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays');
  if (inline.length > 0) return toInlineKeyboard(inline, chat);
  const selective = fields.selective === true ? { selective: true } : {};
  if (fields.remove_keyboard === true) return { remove_keyboard: true, ...selective };
  if (fields.force_reply === true) return { force_reply: true, ...toPlaceholder(fields), ...selective };
  return undefined;
}

/** As `readMarkup`, for edits, which know inline keyboards only. */
export function readInlineKeyboard(params: Params, chat: Chat): InlineKeyboard | undefined {
  const markup = readMarkup(params, chat);
  if (markup && !('inline_keyboard' in markup)) refuse('inline keyboard expected');
  return markup;
}

function toRows(value: unknown, complaint: string): unknown[][] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(Array.isArray)) refuse(complaint);
  // Every row was just seen to be an array.
  return (value as unknown[][]).filter((row) => row.length > 0);
}

function toInlineKeyboard(rows: unknown[][], chat: Chat): InlineKeyboard {
  if (rows.flat().length > MAX_BUTTONS) refuse('reply markup is too long');
  return { inline_keyboard: rows.map((row) => row.slice(0, MAX_BUTTONS_IN_ROW).map((button) => toInlineButton(button, chat))) };
}

function toInlineButton(raw: unknown, chat: Chat): InlineButton {
  const bad = (why: string): never => refuse(`can't parse inline keyboard button: ${why}`);
  const fields = fieldsOf(raw) ?? bad('InlineKeyboardButton must be an Object');
  if (!('text' in fields)) bad('Can\'t find field "text"');
  const text = textOf(fields.text).trim() || refuse('inline keyboard button text must be non-empty');
  const style = textOf(fields.style).toLowerCase();
  const known = STYLES.find((name) => name === style);
  if (style !== '' && style !== 'default' && !known) bad('invalid button style specified');
  const action = toButtonAction(fields, chat) ?? bad('Text buttons are unallowed in the inline keyboard');
  return { text, ...action, ...(known ? { style: known } : {}) };
}

function toButtonAction(fields: Record<string, unknown>, chat: Chat): Omit<InlineButton, 'text'> | undefined {
  const url = textOf(fields.url);
  if (url !== '') {
    return { url: toCheckedLink(url) ?? refuse(`inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`) };
  }
  const data = textOf(fields.callback_data);
  if (data !== '') {
    if (Buffer.byteLength(data) > MAX_CALLBACK_DATA_BYTES) refuse('BUTTON_DATA_INVALID');
    return { callback_data: data };
  }
  if ('disabled' in fields) return { disabled: {} };
  if ('copy_text' in fields) {
    const text = textOf(fieldsOf(fields.copy_text)?.text);
    if (text === '' || text.length > MAX_COPY_TEXT_LENGTH) refuse('BUTTON_COPY_TEXT_INVALID');
    return { copy_text: { text } };
  }
  if ('web_app' in fields) {
    if (chat.type !== 'private') refuse('BUTTON_TYPE_INVALID');
    return { web_app: { url: textOf(fieldsOf(fields.web_app)?.url) } };
  }
  return undefined;
}

function toReplyKeyboard(rows: unknown[][], fields: Record<string, unknown>): ReplyMarkup {
  const flags = ['is_persistent', 'resize_keyboard', 'one_time_keyboard', 'selective'].filter((name) => fields[name] === true);
  return {
    keyboard: rows.map((row) => row.map(toKeyboardButton)),
    ...Object.fromEntries(flags.map((name) => [name, true])),
    ...toPlaceholder(fields),
  };
}

function toKeyboardButton(raw: unknown): { text: string } {
  const text = typeof raw === 'string' ? raw : textOf(fieldsOf(raw)?.text);
  return { text: text.trim() || refuse('keyboard button text must be non-empty') };
}

function toPlaceholder(fields: Record<string, unknown>): { input_field_placeholder?: string } {
  const text = textOf(fields.input_field_placeholder).trim();
  if (text.length > MAX_PLACEHOLDER_LENGTH) refuse('placeholder is too long');
  return text === '' ? {} : { input_field_placeholder: text };
}
