import { refuse } from '../refusal.ts';
import type { Entity } from '../wire.ts';

/**
 * Telegram stores a text not quite as it was sent: control characters and tabs become blanks; carriage returns, line and paragraph
 * separators, bidirectional overrides and three combining lines disappear; runs of direction marks keep only their last one.
 * Whoever compares a returned text with the one sent has to know.
 */
const TO_BLANK = /[\u0000-\u0009\u000b\u000c\u000e-\u001f]/;
const DROPPED = /\r|[\u2028-\u202e]|\u0333|\u033f|\u030a/;
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;

/** Cleans a text and moves the entities along. Throws Telegram's refusal for entities outside the text or inside a character. */
export function cleanText(text: string, entities: readonly Entity[]): { text: string; entities: Entity[] } {
  for (const entity of entities) checkBounds(text, entity);
  const newOffset = new Int32Array(text.length + 1);
  let cleaned = '';
  for (let index = 0; index < text.length; index++) {
    newOffset[index] = cleaned.length;
    const unit = text.charAt(index);
    if (DROPPED.test(unit)) continue;
    cleaned += TO_BLANK.test(unit) ? ' ' : unit;
  }
  newOffset[text.length] = cleaned.length;
  // Every index asked for lies within the array: checkBounds has looked.
  const at = (index: number): number => newOffset[index] ?? cleaned.length;
  const moved = entities.map((entity) => ({
    ...entity,
    offset: at(entity.offset),
    length: at(entity.offset + entity.length) - at(entity.offset),
  }));
  return { text: muteDirectionMarks(cleaned), entities: moved.filter((entity) => entity.length > 0) };
}

function checkBounds(text: string, entity: Entity): void {
  const end = entity.offset + entity.length;
  if (entity.offset > text.length) refuse(`entity begins after the end of the text at UTF-16 offset ${entity.offset}`);
  if (end > text.length)
    refuse(`entity beginning at UTF-16 offset ${entity.offset} ends after the end of the text at UTF-16 offset ${end}`);
  if (isInsideCharacter(text, entity.offset)) {
    refuse(`entity begins in a middle of a UTF-16 symbol at byte offset ${toByteOffset(text, entity.offset + 1)}`);
  }
  if (isInsideCharacter(text, end)) {
    refuse(
      `entity beginning at UTF-16 offset ${entity.offset} ends in a middle of a UTF-16 symbol at byte offset ${toByteOffset(text, end + 1)}`,
    );
  }
}

function isInsideCharacter(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return index > 0 && code >= 0xdc00 && code <= 0xdfff && isHighSurrogate(text.charCodeAt(index - 1));
}

const toByteOffset = (text: string, index: number): number => Buffer.byteLength(text.slice(0, index));

const muteDirectionMarks = (text: string): string =>
  text.replace(/[\u200e\u200f]{2,}/g, (run) => '\u200c'.repeat(run.length - 1) + run.slice(-1));

/** Blanks and line breaks at both ends go; at the front only as far as the first entity, which keeps what it covers. */
export function trimText(text: string, entities: readonly Entity[]): { text: string; entities: Entity[] } {
  const end = text.replace(/[ \n]+$/, '').length;
  const inside = entities
    .filter((entity) => entity.offset < end)
    .map((entity) => ({ ...entity, length: Math.min(entity.length, end - entity.offset) }));
  const firstEntity = Math.min(end, ...inside.map((entity) => entity.offset));
  const blanks = /^[ \n]*/.exec(text.slice(0, firstEntity))?.[0].length ?? 0;
  return { text: text.slice(blanks, end), entities: inside.map((entity) => ({ ...entity, offset: entity.offset - blanks })) };
}

/** True for a text of nothing but blanks and invisible characters, which Telegram takes for empty. */
export function isBlank(text: string): boolean {
  return /^[\s\u1680\u180e\u2000-\u200f\u202e\u202f\u205f\u2800\u3000\ufffc\ufeff\u00a0\u{e0000}-\u{e007f}]*$/u.test(text);
}
