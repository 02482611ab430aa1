import { type ChangeDecision, type ChangeView, decideChange, type ProposedChange, proposeChange } from '../../src/store/changes.ts';
import { meetPerson } from '../../src/store/people.ts';
import { PEOPLE, type StoryDatabase } from './story-world.ts';

export const grantRole = (externalId: number, role: 'owner' | 'operator' | 'reviewer'): ProposedChange => ({
  kind: 'role_grant',
  payload: { external_id: externalId, role },
});
export const revokeRoleOf = (externalId: number, role: 'owner' | 'operator' | 'reviewer'): ProposedChange => ({
  kind: 'role_revoke',
  payload: { external_id: externalId, role },
});
export const linkAccounts = (externalId: number, other: number): ProposedChange => ({
  kind: 'link_accounts',
  payload: { external_id: externalId, other_external_id: other },
});
export const delegateRole = (from: number, to: number, role: 'owner' | 'operator' | 'reviewer', seconds = 8 * 3600): ProposedChange => ({
  kind: 'delegation',
  payload: { external_id: to, from_external_id: from, role, seconds },
});

export function proposeAs(db: StoryDatabase, externalId: number, proposed: ProposedChange, reason = 'as agreed') {
  return proposeChange(db.rpc('ags_bot'), proposed, { externalId, reason });
}

/** A proposal that has to be accepted. */
export async function openChange(db: StoryDatabase, proposed: ProposedChange, externalId: number = PEOPLE.owner): Promise<ChangeView> {
  const { change, code, problem } = await proposeAs(db, externalId, proposed);
  if (change === null) throw new Error(`nothing was proposed: ${code} ${problem}`);
  return change;
}

export function decideAs(
  db: StoryDatabase,
  { reference }: Pick<ChangeView, 'reference'>,
  externalId: number,
  decision: Partial<Omit<ChangeDecision, 'externalId' | 'pointer'>> = {},
) {
  return decideChange(db.rpc('ags_bot'), { pointer: { reference }, externalId, decision: 'approve', source: 'command', ...decision });
}

/** Proposed by an owner, approved by an operator, in force. */
export async function applyChange(
  db: StoryDatabase,
  proposed: ProposedChange,
  { by = PEOPLE.owner, second = PEOPLE.secondOwner }: { by?: number; second?: number } = {},
): Promise<ChangeView> {
  const change = await openChange(db, proposed, by);
  const { outcome, code, change: after } = await decideAs(db, change, second);
  if (outcome !== 'applied' || after === null)
    throw new Error(`${change.reference} is not in force: ${outcome} ${code} ${after?.voidReason}`);
  return after;
}

/** Somebody has written to the bot. */
export function meet(db: StoryDatabase, externalId: number, displayName: string, username: string | null = null) {
  return meetPerson(db.rpc('ags_bot'), { externalId, displayName, username, isPrivate: true });
}

export async function rolesOf(db: StoryDatabase, externalId: number): Promise<unknown> {
  const [row] = await db.sql('select public._roles_of(public._person_of($1)) as roles', [externalId]);
  return row?.roles;
}
