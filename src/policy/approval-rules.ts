import { z } from 'zod';
import { findAction } from '../domain/actions.ts';
import { TIERS, type Tier } from '../domain/tier.ts';
import { REQUIREMENT_FORMS, toRequirementKind, tryParseRequirement } from './requirements.ts';
import { ActionName } from './scalars.ts';

const ActionList = z.array(ActionName).max(100);

/** Which actions belong to which tier. An action stands in one tier; one that stands in none is refused when planned. */
export const RiskTiers = z
  .strictObject({ T0: ActionList, T1: ActionList, T2: ActionList, T3: ActionList })
  .superRefine((tiers, context) => {
    const tierOf = new Map<string, Tier>();
    for (const tier of TIERS) {
      for (const [index, action] of tiers[tier].entries()) {
        const earlier = tierOf.get(action);
        // What leaves the house or moves money may be put into a higher tier than its lowest, never into a lower one.
        const lowest = findAction(action)?.lowestTier;
        const path = [tier, index];
        if (earlier) context.addIssue({ code: 'custom', path, message: `${action} already stands in ${earlier}; an action has one tier` });
        if (lowest && tier < lowest) context.addIssue({ code: 'custom', path, message: `${action} may not be lower than ${lowest}` });
        tierOf.set(action, earlier ?? tier);
      }
    }
  });

/** A tier's requirements: all must be met. Each word of the grammar once, so that "operator twice" cannot pass for two people. */
const RequirementList = z
  .array(z.string())
  .max(10)
  .superRefine((texts, context) => {
    const seen = new Set<string>();
    for (const [index, text] of texts.entries()) {
      const requirement = tryParseRequirement(text);
      const kind = requirement && toRequirementKind(requirement);
      if (!kind) context.addIssue({ code: 'custom', path: [index], message: `not a requirement; the words are ${REQUIREMENT_FORMS}` });
      else if (seen.has(kind)) context.addIssue({ code: 'custom', path: [index], message: `${kind} stands here twice; each counts once` });
      else seen.add(kind);
    }
  });

/** A list that keeps at least what its tier is for. `wanted` has one group per need; any kind of a group meets it. */
function makeListWith(wanted: readonly (readonly string[])[]) {
  return RequirementList.superRefine((texts, context) => {
    const kinds = new Set(texts.map(tryParseRequirement).map((requirement) => requirement && toRequirementKind(requirement)));
    for (const group of wanted.filter((names) => !names.some((name) => kinds.has(name)))) {
      context.addIssue({ code: 'custom', message: `needs ${group.map((name) => (name === 'critic' ? 'critic>=…' : name)).join(' or ')}` });
    }
  });
}

/**
 * A list that may stand without people, but then asks for nothing that only they are shown: a dry run is part of the card on which somebody
 * decides. Without a card it would be neither made nor looked at.
 */
const ListOfItsOwn = RequirementList.min(1).superRefine((texts, context) => {
  const requirements = texts.map(tryParseRequirement);
  const dryRun = requirements.findIndex((requirement) => requirement?.kind === 'dry_run');
  if (dryRun < 0 || requirements.some((requirement) => requirement?.kind === 'approval')) return;
  context.addIssue({
    code: 'custom',
    path: [dryRun],
    message: 'needs operator_approval or owner_approval beside it: a dry run is shown to people',
  });
});

/** T0 and T1 go on their own unless the policy asks for more. T3 always has two roles, so that no one person is enough. */
export const Approvals = z.strictObject({
  T0: ListOfItsOwn.optional(),
  T1: ListOfItsOwn.optional(),
  T2: makeListWith([['critic'], ['operator_approval', 'owner_approval']]),
  T3: makeListWith([['critic'], ['operator_approval'], ['owner_approval'], ['dry_run']]),
});

/** The slot that the requester may fill; one person never fills two. */
const RequesterSlot = z.enum(['none', 'operator', 'any']);
export type RequesterSlot = z.infer<typeof RequesterSlot>;

export const Separation = z.strictObject({ T2: RequesterSlot.default('any'), T3: RequesterSlot.default('none') });
