import type { Entity } from '../wire.ts';
import { isDomain, toLink } from './links.ts';

/**
 * What the server marks in every text by itself, also in what a bot sends: mentions, commands, hashtags, cashtags, links and
 * e-mail addresses. (Telegram also finds phone and bank card numbers; the sandbox does not.)
 */
const WORD = '[\\p{L}\\p{N}_]';
const TAG = '[\\p{Nd}\\p{L}_\\u200c\\u00b7\\u0d80-\\u0dff]';
const PATTERNS: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['mention', new RegExp(`(?<!${WORD})@[a-zA-Z0-9_]{2,32}(?!${WORD})`, 'gu')],
  ['bot_command', new RegExp(`(?<!${WORD}|[/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?!${WORD}|[/<>@])`, 'gu')],
  ['hashtag', new RegExp(`(?<!${TAG})#(?=${TAG}*\\p{L})${TAG}{1,256}(?!${TAG}|#)`, 'gu')],
  ['cashtag', new RegExp(`(?<!${TAG}|\\$)\\$(?:1INCH|[A-Z]{1,8})(?!${TAG}|\\$)`, 'gu')],
  ['url', /(?<![\p{L}\p{N}_])(?:tg|ton):\/\/[a-z0-9_-]{1,253}(?:[/?#][^\s<>"«»]*)?/giu],
];
const EMAIL = /(?<![\p{L}\p{N}._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@((?:[a-z0-9-]{1,63}\.)+[a-z]{2,})(?![\p{L}\p{N}_-])/giu;
/** The lengths are bounded, so that a long line of signs costs no more than its length. */
const LINK =
  /(?<![@\p{L}\p{N}_.-])(?:(?:https?|ftp|tonsite):\/\/)?(?:[^\s/[\]{}()'`<>"@«»?#:]{1,64}(?::[^\s/[\]{}()'`<>"@«»]{0,64})?@)?[\p{L}\p{N}_~-][\p{L}\p{N}._~-]{0,252}\.[\p{L}\p{N}-]{1,63}(?::\d{1,5})?(?:[/?#][^\s<>"«»]*)?/giu;

/** Everything found, sorted and without overlaps. */
export function findEntities(text: string): Entity[] {
  const found = PATTERNS.flatMap(([type, pattern]) => matches(text, pattern).map((match) => ({ type, ...match })));
  const emails = matches(text, EMAIL)
    .filter(({ offset, length }) => isDomain(text.slice(offset, offset + length).split('@')[1] ?? '', false))
    .map((match) => ({ type: 'email', ...match }));
  return dropLater([...found, ...emails, ...findLinks(text)]);
}

/** The commands alone: what a client marks while somebody types. */
export const findCommands = (text: string): Entity[] => findEntities(text).filter((entity) => entity.type === 'bot_command');

function findLinks(text: string): Entity[] {
  return matches(text, LINK).flatMap(({ offset, length }) => {
    const candidate = text.slice(offset, offset + length);
    const link = toLink(candidate);
    return link ? [{ type: 'url', offset, length: link.length }] : [];
  });
}

function matches(text: string, pattern: RegExp): { offset: number; length: number }[] {
  return [...text.matchAll(pattern)].map((match) => ({ offset: match.index, length: match[0].length }));
}

function dropLater(entities: readonly Entity[]): Entity[] {
  const kept: Entity[] = [];
  let lastEnd = 0;
  for (const entity of entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length)) {
    if (entity.offset < lastEnd) continue;
    kept.push(entity);
    lastEnd = entity.offset + entity.length;
  }
  return kept;
}
