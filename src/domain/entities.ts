import type { Entity } from './post.ts';

type EntityType = Entity['type'];

/** Telegram orders entities by offset, then the longer first, then by this rank. */
const RANK: Record<EntityType, number> = {
  blockquote: 0,
  expandable_blockquote: 0,
  pre: 11,
  code: 20,
  text_link: 49,
  bold: 90,
  italic: 91,
  underline: 92,
  strikethrough: 93,
};
/** Plain styles may overlap anything but code; Telegram merges those that touch and cuts them at the borders of the others. */
const STYLES = ['bold', 'italic', 'underline', 'strikethrough'] as const;
const QUOTES: readonly EntityType[] = ['blockquote', 'expandable_blockquote'];
const VERBATIM: readonly EntityType[] = ['pre', 'code'];

interface Span {
  start: number;
  end: number;
}

const isStyle = (entity: Entity): boolean => (STYLES as readonly string[]).includes(entity.type);
const toSpan = (entity: Entity): Span => ({ start: entity.offset, end: entity.offset + entity.length });

function compareEntities(a: Entity, b: Entity): number {
  return a.offset - b.offset || b.length - a.length || RANK[a.type] - RANK[b.type];
}

/**
 * The one form of a formatting: two lists with the same result look the same. It is the form in which Telegram gives entities back,
 * so that what was composed can be compared with what was sent after both went through here.
 */
export function normalizeEntities(entities: readonly Entity[]): Entity[] {
  const sorted = entities.filter((entity) => entity.length > 0).toSorted(compareEntities);
  const quotes = dropOverlapping(sorted.filter((entity) => QUOTES.includes(entity.type)));
  const solids = dropOverlapping(sorted.filter((entity) => !isStyle(entity) && !QUOTES.includes(entity.type))).filter(
    (entity) => !quotes.some((quote) => crosses(toSpan(quote), toSpan(entity))),
  );
  const styles = STYLES.map((type) => ({ type, spans: mergeSpans(sorted.filter((entity) => entity.type === type).map(toSpan)) }));
  const cuts = new Set([...quotes, ...solids].flatMap((entity) => [entity.offset, entity.offset + entity.length]));
  for (const { spans } of styles) for (const span of spans) cuts.add(span.start);
  const verbatim = solids.filter((entity) => VERBATIM.includes(entity.type)).map(toSpan);
  const pieces = styles.flatMap(({ type, spans }) =>
    spans
      .flatMap((span) => cutSpan(span, cuts))
      .filter((piece) => !verbatim.some((code) => piece.start >= code.start && piece.end <= code.end))
      .map((piece): Entity => ({ type, offset: piece.start, length: piece.end - piece.start })),
  );
  return [...quotes, ...solids, ...pieces].toSorted(compareEntities);
}

/** The entities of `text.slice(start, end)`: clipped to it and counted from its beginning. */
export function sliceEntities(entities: readonly Entity[], start: number, end: number): Entity[] {
  return entities.flatMap((entity) => {
    const from = Math.max(entity.offset, start);
    const to = Math.min(entity.offset + entity.length, end);
    return to > from ? [{ ...entity, offset: from - start, length: to - from }] : [];
  });
}

function dropOverlapping(sorted: Entity[]): Entity[] {
  let end = 0;
  return sorted.filter((entity) => {
    if (entity.offset < end) return false;
    end = entity.offset + entity.length;
    return true;
  });
}

function crosses(outer: Span, inner: Span): boolean {
  const isApart = inner.end <= outer.start || inner.start >= outer.end;
  const isInside = inner.start >= outer.start && inner.end <= outer.end;
  return !isApart && !isInside;
}

function mergeSpans(sorted: Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

function cutSpan(span: Span, cuts: ReadonlySet<number>): Span[] {
  const borders = [...cuts].filter((cut) => cut > span.start && cut < span.end).toSorted((a, b) => a - b);
  const points = [span.start, ...borders, span.end];
  return points.slice(1).map((end, index) => ({ start: points[index] ?? span.start, end }));
}
