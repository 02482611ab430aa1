import type { Agent, Recollection, Source } from './agent.ts';
import { cleanText } from './clean-text.ts';
import { boundSources } from './context.ts';

const MAX_RESULTS = 6;
const MAX_CONTEXT_CHARS = 24_000;
/** Search needs the words of the goal, not a page of them. */
const MAX_QUERY_CHARS = 500;

/** What a context says when there is none. */
export const EMPTY_CONTEXT = 'Nothing was sent along, and no earlier task says anything about this goal.';

/**
 * Gathers what a task can rest on: what the requester sent along, and what earlier tasks left behind. Asks no model. Each piece keeps
 * its reference and its origin; where the search did not answer, that stands before all of them.
 */
export function makeRetriever(): Agent {
  return async (input, { recall, signal }) => {
    const query = cleanText(`${input.goal} ${input.instruction}`).slice(0, MAX_QUERY_CHARS).toWellFormed();
    const { sources: found, stale } = await recall.search(query, { limit: MAX_RESULTS, signal });
    const sources = boundSources(dedupeByRef([...input.sources, ...found]), MAX_CONTEXT_CHARS);
    return { proposal: { kind: 'text', text: toMarkdown(sources, stale), contentType: 'text/markdown' }, isRehearsal: false };
  };
}

/** An artifact is taken once, as it was given first. Other references, such as `message`, may name several texts. */
function dedupeByRef(sources: readonly Source[]): Source[] {
  const visible = sources.filter((source) => cleanText(source.text).trim() !== '');
  return visible.filter(({ ref }, index) => !ref.startsWith('supa://') || visible.findIndex((other) => other.ref === ref) === index);
}

function toMarkdown(sources: readonly Source[], stale: Recollection['stale']): string {
  const head = ['# Context', ...(stale === null ? [] : [describeStale(stale)])];
  if (sources.length === 0 && stale === null) return [...head, EMPTY_CONTEXT].join('\n\n');
  return [...head, ...sources.map(toSection)].join('\n\n');
}

/** Read by models: a text that rests on it should say less, not more. */
function describeStale({ foundAt }: NonNullable<Recollection['stale']>): string {
  if (foundAt === null) return 'Sources: of earlier tasks none, because search did not answer and nothing was kept in the cache.';
  return `Sources: those of earlier tasks are from the cache of ${foundAt.slice(0, 16).replace('T', ' ')} UTC, because search did not answer.`;
}

/** Every line of the text is quoted, so that no text can pretend to be the next section. */
function toSection({ ref, title, origin, text }: Source, index: number): string {
  const heading = cleanText(title).replaceAll('\n', ' ').slice(0, 200);
  const quoted = cleanText(text)
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd());
  return `## ${index + 1}. ${heading}\n\nRef: \`${cleanText(ref).replace(/[`\n]/g, "'")}\` (${origin})\n\n${quoted.join('\n')}`;
}
