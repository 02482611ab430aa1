import type { Agent } from './agent.ts';
import { makeDrafter } from './draft.ts';
import type { Prompt } from './prompts.ts';

/** Does the work itself, as far as it is text: the answer, the summary, the draft. What happens outside is done by the effect gate. */
export function makeExec(prompt: Prompt): Agent {
  return makeDrafter(prompt);
}
