import type { Entity } from '../../domain/post.ts';
import { cleanText } from '../clean-text.ts';

/** Text with its formatting, entities in UTF-16 units. */
export interface FormattedText {
  text: string;
  entities: Entity[];
}

export interface TextBuilder {
  write(text: string): void;
  /** Asks for a separator before the next text; nothing is written when no text follows or precedes. */
  separate(separator: string): void;
  /** Everything that `body` writes carries the entity. */
  wrap(entity: Omit<Entity, 'offset' | 'length'>, body: () => void): void;
  finish(): FormattedText;
}

export function makeTextBuilder(): TextBuilder {
  const entities: Entity[] = [];
  let text = '';
  let pending = '';
  const flush = (): void => {
    if (text !== '') text += pending;
    pending = '';
  };
  return {
    write(piece) {
      const clean = cleanText(piece);
      if (clean === '') return;
      flush();
      text += clean;
    },
    separate(separator) {
      if (separator.length > pending.length) pending = separator;
    },
    wrap(entity, body) {
      flush();
      const offset = text.length;
      body();
      entities.push({ ...entity, offset, length: text.length - offset });
    },
    finish: () => finishText(text, entities),
  };
}

/**
 * Marks that only compose across two pieces (a letter, then a bold accent) would shift every offset behind them. That is so rare
 * that such a text simply loses its formatting.
 */
function finishText(text: string, entities: Entity[]): FormattedText {
  const normal = cleanText(text);
  if (normal !== text) return { text: normal, entities: [] };
  return { text, entities: entities.map((entity) => trimEntity(text, entity)).filter((entity) => entity.length > 0) };
}

/** Formatting of blanks shows nothing, and who returns it may drop it: an entity begins and ends at something visible. */
function trimEntity(text: string, entity: Entity): Entity {
  const covered = text.slice(entity.offset, entity.offset + entity.length);
  const leading = covered.length - covered.trimStart().length;
  return { ...entity, offset: entity.offset + leading, length: covered.trim().length };
}
