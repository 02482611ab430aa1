import { Critique, MAX_POINTS, toPoints } from '../domain/critique.ts';
import { AppError } from '../errors.ts';
import type { Agent } from './agent.ts';
import { boundSources, makeMessages } from './context.ts';
import { toFacts } from './facts.ts';
import type { Prompt } from './prompts.ts';

/** Judges exactly what would be sent, against goal and sources. Its verdict can stop a text; it can never release one. */
export function makeCritic(prompt: Prompt): Agent {
  return async (input, tools) => {
    if (input.deliverable === null) {
      throw new AppError('input_invalid', 'The critic needs the text that would be sent', { context: { taskId: input.taskId } });
    }
    const sources = boundSources(input.sources);
    const answer = await tools.engine.answer({
      agent: prompt.name,
      schemaName: prompt.schemaName,
      schema: Critique,
      messages: makeMessages(prompt, input, { frame: [], sources }),
      maxOutputTokens: 2000,
      check: checkCritique,
      facts: toFacts(input, sources),
      signal: tools.signal,
    });
    return { proposal: { kind: 'critique', critique: answer.value }, isRehearsal: answer.isRehearsal };
  };
}

/** Whoever revises needs to know what for. */
export function checkCritique(critique: Critique): string[] {
  if (toPoints(critique) === MAX_POINTS && critique.red_flags.length === 0) return [];
  return critique.comments.trim() === ''
    ? ['"comments" must say what is wrong whenever points are taken off or a red flag is raised.']
    : [];
}
