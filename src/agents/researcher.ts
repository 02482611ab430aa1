import { z } from 'zod';
import type { Agent, Source } from './agent.ts';
import { cleanText } from './clean-text.ts';
import { boundSources, makeMessages } from './context.ts';
import { toFacts } from './facts.ts';
import type { Prompt } from './prompts.ts';

export const Findings = z.object({
  findings: z.string().min(1).max(20_000),
  /** References of the sources that were used, as they were given. */
  sources: z.array(z.string().max(300)).max(50),
});
export type Findings = z.infer<typeof Findings>;

/** Reads the sources and writes down what they say about the goal, each point with its reference. */
export function makeResearcher(prompt: Prompt): Agent {
  return async (input, tools) => {
    const sources = boundSources(input.sources);
    const answer = await tools.engine.answer({
      agent: prompt.name,
      schemaName: prompt.schemaName,
      schema: Findings,
      messages: makeMessages(prompt, input, { frame: [describeReferences(sources)], sources }),
      maxOutputTokens: 3000,
      check: (findings) => checkFindings(findings, sources),
      facts: toFacts(input, sources),
      signal: tools.signal,
    });
    return { proposal: { kind: 'text', text: toMarkdown(answer.value), contentType: 'text/markdown' }, isRehearsal: answer.isRehearsal };
  };
}

/** A reference that was never given is invented. */
export function checkFindings({ findings, sources: used }: Findings, given: readonly Source[]): string[] {
  const known = new Set(given.map((source) => source.ref));
  const unknown = used.filter((ref) => !known.has(ref));
  return [
    ...(cleanText(findings).trim() === '' ? ['"findings" has no visible text.'] : []),
    ...unknown.map((ref) => `"sources" names ${JSON.stringify(ref)}, which was not given.`),
  ];
}

function describeReferences(sources: readonly Source[]): string {
  const count = sources.length === 1 ? 'One source follows' : `${sources.length} sources follow`;
  return sources.length === 0
    ? 'There are no sources; say so and leave "sources" empty.'
    : `${count}; name in "sources" those you used, by their ref.`;
}

function toMarkdown({ findings, sources }: Findings): string {
  const references = [...new Set(sources)].map((ref) => `- \`${ref.replaceAll('`', "'")}\``);
  return references.length === 0 ? findings : `${findings.trimEnd()}\n\nSources:\n${references.join('\n')}`;
}
