import type { Agent, Source } from './agent.ts';
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
 * its reference and its origin.
 */
export function makeRetriever(): Agent {
  return async (input, { recall, signal }) => {
    const query = cleanText(`${input.goal} ${input.instruction}`).slice(0, MAX_QUERY_CHARS).toWellFormed();
    const found = await recall.search(query, { limit: MAX_RESULTS, signal });
    const sources = boundSources(dedupeByRef([...input.sources, ...found]), MAX_CONTEXT_CHARS);
    return { proposal: { kind: 'text', text: toMarkdown(sources), contentType: 'text/markdown' }, isRehearsal: false };
  };
}

/** An artifact is taken once, as it was given first. Other references, such as `message`, may name several texts. */
function dedupeByRef(sources: readonly Source[]): Source[] {
  const visible = sources.filter((source) => cleanText(source.text).trim() !== '');
  return visible.filter(({ ref }, index) => !ref.startsWith('supa://') || visible.findIndex((other) => other.ref === ref) === index);
}

function toMarkdown(sources: readonly Source[]): string {
  if (sources.length === 0) return `# Context\n\n${EMPTY_CONTEXT}`;
  return ['# Context', ...sources.map(toSection)].join('\n\n');
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
