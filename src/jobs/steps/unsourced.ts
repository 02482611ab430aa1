import type { StepInput } from '../../agents/agent.ts';
import type { Post } from '../../domain/post.ts';
import { flagAmounts, flagUnlistedLinks } from '../../policy/guards/deliverable.ts';
import type { Policy } from '../../policy/schema.ts';
import type { Work } from '../../store/steps.ts';
import { listMaterial } from './material.ts';

/**
 * What the deliverable states or links to and nobody gave, as red flags: amounts that neither the goal, what people sent along nor a record
 * says, and links to hosts that neither the policy nor the requester named. Of what a person has written the person is the source.
 */
export function flagUnsourced(
  input: StepInput,
  { work, post, policy }: { work: Pick<Work, 'inputs' | 'step'>; post: Post; policy: Policy },
): string[] {
  const draft = work.inputs.find(({ nodeId }) => nodeId === work.step.subjectNode);
  if (input.deliverable === null || draft?.isEditedByPerson === true) return [];
  const material = listMaterial(input, work);
  const given = material.filter(({ isGiven }) => isGiven).map(({ text }) => text);
  const amounts = flagAmounts(
    input.deliverable.text,
    material.map(({ text }) => text),
  );
  return [...amounts, ...flagUnlistedLinks(post.parts, { hosts: policy.links.hosts, given })];
}
