/** Half-open, in UTF-16 code units. */
export interface Span {
  start: number;
  end: number;
}

export type Finder = (text: string) => Iterable<Span>;

/**
 * A finder over one pattern. Patterns here have bounded repeats and are anchored at what cannot overlap, so that a text of any kind
 * costs time in proportion to its length. A group named `value` narrows the span; `isReal` has the last word.
 */
export function makeFinder(pattern: RegExp, isReal: (value: string, span: Span, text: string) => boolean = () => true): Finder {
  // Indices of groups make a search several times slower: asked for only where a group narrows the span.
  const wanted = pattern.source.includes('(?<value>') ? 'gd' : 'g';
  const global = new RegExp(pattern, [...new Set(`${pattern.flags}${wanted}`)].join(''));
  return function* find(text) {
    for (const match of text.matchAll(global)) {
      const [start, end] = match.indices?.groups?.value ?? [match.index, match.index + match[0].length];
      const span = { start, end };
      if (isReal(text.slice(start, end), span, text)) yield span;
    }
  };
}

/** The spans of several finders that do not overlap, in the order of the text; an earlier finder goes before a later one. */
export function collectSpans<K>(text: string, finders: readonly { kind: K; find: Finder }[]): (Span & { kind: K })[] {
  const taken = new Uint8Array(text.length);
  const spans: (Span & { kind: K })[] = [];
  for (const { kind, find } of finders) {
    for (const { start, end } of find(text)) {
      if (start >= end || taken.subarray(start, end).includes(1)) continue;
      taken.fill(1, start, end);
      spans.push({ start, end, kind });
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}
