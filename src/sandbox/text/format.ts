import { refuse } from '../refusal.ts';
import type { Entity, User } from '../wire.ts';
import { addFoundEntities, arrangeEntities } from './arrange.ts';
import { cleanText, isBlank, trimText } from './clean.ts';
import { findEntities } from './find.ts';
import { toCheckedLink } from './links.ts';

export const MAX_TEXT_LENGTH = 4096;
export const MAX_CAPTION_LENGTH = 1024;
/** Telegram gives up on longer input before it looks at entities. */
const MAX_INPUT_BYTES = 32_768;
const MAX_ENTITIES = 100;

export interface FormattedText {
  text: string;
  entities: Entity[];
}

/** Marked by the server alone: accepted from a sender, and ignored. */
const FOUND_BY_SERVER = ['mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'phone_number', 'bank_card_number'];
const PLAIN = ['bold', 'italic', 'underline', 'strikethrough', 'spoiler', 'code', 'blockquote', 'expandable_blockquote'];

/** Turns text and entities as they arrive into what Telegram would store and return. Throws Telegram's refusals. */
export function formatText(
  text: string,
  rawEntities: unknown,
  { findUser }: { findUser: (id: number) => User | undefined },
): FormattedText {
  if (Buffer.byteLength(text) > MAX_INPUT_BYTES) refuse('text is too long');
  if (!text.isWellFormed()) refuse('strings must be encoded in UTF-8');
  const given = toList(rawEntities).flatMap((raw) => parseEntity(raw, findUser));
  const cleaned = cleanText(text, arrangeEntities(given.filter((entity) => entity.length > 0)));
  const trimmed = trimText(cleaned.text, arrangeEntities(cleaned.entities));
  if (isBlank(trimmed.text)) return { text: '', entities: [] };
  // A long list is cut, not refused, as Telegram does.
  const entities = addFoundEntities(arrangeEntities(trimmed.entities), findEntities(trimmed.text)).slice(0, MAX_ENTITIES);
  return { text: trimmed.text, entities };
}

function toList(raw: unknown): unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function parseEntity(raw: unknown, findUser: (id: number) => User | undefined): Entity[] {
  const bad = (why: string): never => refuse(`can't parse MessageEntity: ${why}`);
  if (typeof raw !== 'object' || raw === null) return bad('expected an Object');
  // The check above leaves an object; its fields are looked at one by one.
  const fields = raw as Record<string, unknown>;
  const offset = toInteger(fields.offset) ?? bad('Field "offset" must be a valid Number');
  const length = toInteger(fields.length) ?? bad('Field "length" must be a valid Number');
  const type = typeof fields.type === 'string' ? fields.type : bad('Can\'t find field "type"');
  if (offset < 0 || offset > 1_000_000) refuse(`receive an entity with incorrect offset ${offset}`);
  if (length < 0 || length > 1_000_000) refuse(`receive an entity with incorrect length ${length}`);
  if (FOUND_BY_SERVER.includes(type)) return [];
  if (PLAIN.includes(type)) return [{ type, offset, length }];
  return parseRichEntity({ type, offset, length }, fields, findUser) ?? bad('Unsupported type specified');
}

function parseRichEntity(base: Entity, fields: Record<string, unknown>, findUser: (id: number) => User | undefined): Entity[] | undefined {
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  if (base.type === 'pre') return [{ ...base, ...(text('language') ? { language: text('language') } : {}) }];
  if (base.type === 'text_link') return toTextLink(base, text('url'), findUser);
  if (base.type === 'text_mention') {
    const given: { id?: unknown } = typeof fields.user === 'object' && fields.user !== null ? fields.user : {};
    const user = findUser(Number(given.id));
    return user ? [{ ...base, user }] : [];
  }
  if (base.type === 'custom_emoji') return [{ ...base, custom_emoji_id: text('custom_emoji_id') }];
  if (base.type !== 'date_time') return undefined;
  if (!/^(?:[rR]|[wW]?[dD]?[tT]?)$/.test(text('date_time_format'))) refuse("can't parse MessageEntity: Invalid date-time format specified");
  const format = text('date_time_format');
  return [{ ...base, unix_time: toInteger(fields.unix_time) ?? 0, ...(format ? { date_time_format: format } : {}) }];
}

/** A link to `tg://user?id=…` is a mention of that person; a link that is none is refused. */
function toTextLink(base: Entity, url: string, findUser: (id: number) => User | undefined): Entity[] {
  if (url === '') return [];
  const person = /^tg:(?:\/\/)?user\?id=(\d+)$/i.exec(url);
  if (person) {
    const user = findUser(Number(person[1]));
    return user ? [{ type: 'text_mention', offset: base.offset, length: base.length, user }] : [];
  }
  const link = toCheckedLink(url) ?? refuse(`entity URL '${url}' is invalid: Wrong HTTP URL`);
  return [{ ...base, url: link }];
}

function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}
