import type { Source, StepInput } from '../../agents/agent.ts';
import type { Work } from '../../store/steps.ts';

/** One thing that the agents of a task were given and did not write themselves. */
export interface Material {
  /** In words, for people. */
  where: string;
  /** A name that somebody chose is material, too. */
  text: string;
  /** The requester gave it with the task; records were found. */
  isGiven: boolean;
}

/** The goal, what people sent along, and what records say. An agent's words are none of it, also when the retriever quotes them. */
export function listMaterial(
  { goal, sources }: Pick<StepInput, 'goal' | 'sources'>,
  { inputs, step }: Pick<Work, 'inputs' | 'step'>,
): Material[] {
  const retrieved = new Set(inputs.filter(({ agent }) => agent === 'retriever').map(({ storageRef }) => storageRef));
  const rest = sources.flatMap(({ ref, title, text, origin }): Material[] => {
    if (retrieved.has(ref)) return [{ where: `the sources that ${title} found`, text: dropOwn(text, step.taskId), isGiven: false }];
    if (origin === 'agent') return [];
    return [{ where: ref.startsWith('attachment-') ? `the file ${title}` : `the ${title}`, text: `${title}\n${text}`, isGiven: true }];
  });
  return [{ where: 'the request', text: goal, isGiven: true }, ...rest];
}

/** What the retriever found without the sections that quote this very task's agents; its form is its own, see `agents/retriever.ts`. */
function dropOwn(context: Source['text'], taskId: string): string {
  const sections = context.split(/^## (?=\d+\. )/m);
  return sections.filter((section) => !section.includes(`Ref: \`supa://tasks/${taskId}/`)).join('\n');
}
