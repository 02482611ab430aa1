import type { Entity } from '../wire.ts';

/**
 * The order and shape in which Telegram keeps entities. Three kinds behave differently:
 * - splittable (bold, italic, …): same ones that touch are joined, then cut wherever anything else begins or ends;
 * - quotes: may hold the others, never each other;
 * - whole ones (links, code, mentions, …): may not overlap each other; the first one stays.
 * So entities come back rearranged: bold text with a link in it returns as three bold pieces and the link.
 */
const SPLITTABLE = ['bold', 'italic', 'underline', 'strikethrough', 'spoiler'];
const QUOTES = ['blockquote', 'expandable_blockquote'];
/** What is inside these cannot be formatted. */
const VERBATIM = ['pre', 'code', 'date_time'];
const ORDER = [...QUOTES, 'pre', 'code', 'date_time', 'text_link', 'text_mention', 'mention', ...SPLITTABLE, 'custom_emoji'];

const isSplittable = (entity: Entity): boolean => SPLITTABLE.includes(entity.type);
const isQuote = (entity: Entity): boolean => QUOTES.includes(entity.type);
const endOf = (entity: Entity): number => entity.offset + entity.length;
const rank = (entity: Entity): number => {
  const index = ORDER.indexOf(entity.type);
  // Everything the server finds by itself (urls, hashtags, commands, …) ranks with mentions.
  return index === -1 ? ORDER.indexOf('mention') : index;
};

export function sortEntities(entities: readonly Entity[]): Entity[] {
  return entities.toSorted((a, b) => a.offset - b.offset || b.length - a.length || rank(a) - rank(b));
}

/** Brings entities into Telegram's form. Doing it twice changes nothing. */
export function arrangeEntities(entities: readonly Entity[]): Entity[] {
  const sorted = sortEntities(entities);
  const quotes = dropOverlapping(sorted.filter(isQuote));
  const whole = dropOverlapping(sorted.filter((entity) => !isSplittable(entity) && !isQuote(entity)));
  return combine(
    whole.filter((entity) => !crossesQuote(entity, quotes)),
    quotes,
    sorted.filter(isSplittable),
  );
}

/** Adds what the server found in the text; where it overlaps something the sender marked, the sender's stays. */
export function addFoundEntities(entities: readonly Entity[], found: readonly Entity[]): Entity[] {
  const quotes = entities.filter(isQuote);
  const whole = entities.filter((entity) => !isSplittable(entity) && !isQuote(entity));
  const added = dropOverlapping(sortEntities(found)).filter(
    (entity) => !crossesQuote(entity, quotes) && !whole.some((other) => entity.offset < endOf(other) && other.offset < endOf(entity)),
  );
  return combine([...whole, ...added], quotes, entities.filter(isSplittable));
}

function combine(whole: readonly Entity[], quotes: readonly Entity[], splittable: readonly Entity[]): Entity[] {
  const others = [...whole, ...quotes];
  const joined = SPLITTABLE.flatMap((type) => joinTouching(splittable.filter((entity) => entity.type === type)));
  const cuts = new Set([...others.flatMap((entity) => [entity.offset, endOf(entity)]), ...joined.map((entity) => entity.offset)]);
  const verbatim = whole.filter((entity) => VERBATIM.includes(entity.type));
  const pieces = joined
    .flatMap((entity) => cutAt(entity, cuts))
    .filter((piece) => !verbatim.some((block) => piece.offset >= block.offset && endOf(piece) <= endOf(block)));
  return sortEntities([...others, ...pieces]);
}

function dropOverlapping(sorted: readonly Entity[]): Entity[] {
  const kept: Entity[] = [];
  let lastEnd = 0;
  for (const entity of sorted) {
    if (entity.offset < lastEnd) continue;
    kept.push(entity);
    lastEnd = endOf(entity);
  }
  return kept;
}

function crossesQuote(entity: Entity, quotes: readonly Entity[]): boolean {
  return quotes.some((quote) => {
    const overlaps = entity.offset < endOf(quote) && quote.offset < endOf(entity);
    const isInside = entity.offset >= quote.offset && endOf(entity) <= endOf(quote);
    return overlaps && !isInside;
  });
}

function joinTouching(sameType: readonly Entity[]): Entity[] {
  const joined: Entity[] = [];
  for (const entity of sortEntities(sameType)) {
    const last = joined.at(-1);
    if (last && entity.offset <= endOf(last)) last.length = Math.max(endOf(last), endOf(entity)) - last.offset;
    else joined.push({ ...entity });
  }
  return joined;
}

function cutAt(entity: Entity, cuts: ReadonlySet<number>): Entity[] {
  const inside = [...cuts].filter((cut) => cut > entity.offset && cut < endOf(entity)).sort((a, b) => a - b);
  const edges = [entity.offset, ...inside, endOf(entity)];
  return edges.slice(1).map((edge, index) => {
    // `edges` has one element more than this slice, so the left edge is there.
    const left = edges[index] ?? entity.offset;
    return { ...entity, offset: left, length: edge - left };
  });
}
