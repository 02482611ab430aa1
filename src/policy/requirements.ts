import type { Role } from '../domain/tier.ts';

/** Who can give an approval. Reviewers read; they fill no slot. */
export type ApproverRole = Extract<Role, 'operator' | 'owner'>;

/** One entry of `approvals.<tier>`, read. All entries of a tier must be met: there is no "or", and no count that could be zero. */
export type Requirement = { kind: 'critic'; atLeast: number } | { kind: 'approval'; role: ApproverRole } | { kind: 'dry_run' };

const WORDS: ReadonlyMap<string, Requirement> = new Map([
  ['operator_approval', { kind: 'approval', role: 'operator' }],
  ['owner_approval', { kind: 'approval', role: 'owner' }],
  ['dry_run_required', { kind: 'dry_run' }],
]);

/** No blanks and no other spelling, because the database reads the same words. */
const CRITIC = /^critic>=(0\.\d{1,4}|1(?:\.0{1,4})?)$/;

export const REQUIREMENT_FORMS = 'critic>=0.8 (above 0, at most 1), operator_approval, owner_approval, dry_run_required';

/** The grammar only; whether a requirement is met is decided in the database. Null for anything that is not one of the words. */
export function tryParseRequirement(text: string): Requirement | null {
  const word = WORDS.get(text);
  if (word) return word;
  const atLeast = Number(CRITIC.exec(text)?.[1] ?? 0);
  return atLeast > 0 ? { kind: 'critic', atLeast } : null;
}

/** As `tryParseRequirement`, for lists that a parsed policy holds. Throws TypeError on other words. */
export function parseRequirement(text: string): Requirement {
  const requirement = tryParseRequirement(text);
  if (!requirement) throw new TypeError(`expected one of ${REQUIREMENT_FORMS}, got ${JSON.stringify(text.slice(0, 60))}`);
  return requirement;
}

/** Two requirements of one kind (and role) say the same thing twice. */
export function toRequirementKind(requirement: Requirement): string {
  return requirement.kind === 'approval' ? `${requirement.role}_approval` : requirement.kind;
}
