import type { Source, StepInput } from '../../agents/agent.ts';
import { flagAmounts } from '../../policy/guards/deliverable.ts';
import type { Work } from '../../store/steps.ts';

/**
 * The amounts that the deliverable states and that neither the goal, what people sent along nor a record says, as red flags. An agent's
 * words prove nothing, also when the retriever quotes them; of what a person has written the person is the source.
 */
export function flagUnsourced({ goal, sources, deliverable }: StepInput, { inputs, step }: Pick<Work, 'inputs' | 'step'>): string[] {
  const draft = inputs.find(({ nodeId }) => nodeId === step.subjectNode);
  if (deliverable === null || draft?.isEditedByPerson === true) return [];
  const retrieved = new Set(inputs.filter(({ agent }) => agent === 'retriever').map(({ storageRef }) => storageRef));
  const texts = sources.flatMap(({ ref, title, text, origin }) => {
    if (retrieved.has(ref)) return [dropOwn(text, step.taskId)];
    return origin === 'agent' ? [] : [title, text];
  });
  return flagAmounts(deliverable.text, [goal, ...texts]);
}

/** What the retriever found without the sections that quote this very task's agents; its form is its own, see `agents/retriever.ts`. */
function dropOwn(context: Source['text'], taskId: string): string {
  const sections = context.split(/^## (?=\d+\. )/m);
  return sections.filter((section) => !section.includes(`Ref: \`supa://tasks/${taskId}/`)).join('\n');
}
