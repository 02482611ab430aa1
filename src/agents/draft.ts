import { z } from 'zod';
import type { Agent } from './agent.ts';
import { cleanText } from './clean-text.ts';
import { boundSources, makeMessages } from './context.ts';
import { toFacts } from './facts.ts';
import type { Prompt } from './prompts.ts';

export const Draft = z.object({ text: z.string().min(1).max(20_000) });
export type Draft = z.infer<typeof Draft>;

/** What exec and communicator share: one prompt, the sources, and on a revision the last version with the comments on it. */
export function makeDrafter(prompt: Prompt): Agent {
  return async (input, tools) => {
    const sources = boundSources(input.sources);
    const answer = await tools.engine.answer({
      agent: prompt.name,
      schemaName: prompt.schemaName,
      schema: Draft,
      messages: makeMessages(prompt, input, { frame: [input.previousText === null ? FIRST : REVISION], sources }),
      maxOutputTokens: 4000,
      check: (draft) => checkDraft(draft, input.comments.length > 0 ? input.previousText : null),
      facts: toFacts(input, sources),
      signal: tools.signal,
    });
    return { proposal: { kind: 'text', text: answer.value.text, contentType: 'text/markdown' }, isRehearsal: answer.isRehearsal };
  };
}

const FIRST = 'This is the first version.';
const REVISION = 'This is a revision: write the previous text anew, whole, and settle every comment.';

/** A revision that changes nothing would only spend another round with the critic. */
export function checkDraft({ text }: Draft, previousText: string | null): string[] {
  if (cleanText(text).trim() === '') return ['"text" has nothing visible in it.'];
  return previousText !== null && text.trim() === previousText.trim()
    ? ['"text" is the previous text unchanged; the comments ask for changes.']
    : [];
}
