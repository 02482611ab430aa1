import type { Agent } from './agent.ts';
import { makeDrafter } from './draft.ts';
import type { Prompt } from './prompts.ts';

/** Gives a text the form in which people in Telegram read it. It sends nothing. */
export function makeCommunicator(prompt: Prompt): Agent {
  return makeDrafter(prompt);
}
