import { z } from 'zod';
import { ROLES, type Role } from '../domain/tier.ts';
import type { RequestView } from '../store/approvals.ts';
import type { ChangeView } from '../store/changes.ts';
import { listPeople, type Member } from '../store/people.ts';
import { findPolicy } from '../store/policies.ts';
import type { Rpc } from '../store/rpc.ts';
import { listOpenSlots } from './views/card-state.ts';
import { listOpenChangeSlots } from './views/change-card.ts';

/** Which slot of a tier the requester may fill, as the policy has it. The database decides; this only spares people a card in vain. */
const Separation = z.object({ separation: z.record(z.string(), z.enum(['none', 'operator', 'any'])) });

const DECIDERS: Role[] = ['operator', 'owner'];

/** Those who can fill a slot that is still open: they hold a role for it, have not decided yet, and may decide on this person's request. */
export async function listApprovers(rpc: Rpc, request: RequestView): Promise<Member[]> {
  // A gate that nobody can approve still waits for somebody who edits or rejects.
  const open = request.slots.length === 0 ? DECIDERS : listOpenSlots(request);
  if (open.length === 0) return [];
  const decided = new Set(request.decisions.map(({ approver }) => approver));
  const people = (await listPeople(rpc, ROLES)).filter(
    ({ roles, externalId }) => !decided.has(`tg:${externalId}`) && open.some((slot) => fits(roles, slot)),
  );
  if (!people.some((person) => isRequester(person, request))) return people;
  const slots = await listRequesterSlots(rpc, request, open);
  return people.filter((person) => !isRequester(person, request) || slots.some((slot) => fits(person.roles, slot)));
}

/** Those who can fill a slot of a change that is still open: of a break-glass anybody with a role, of no change those whom it concerns. */
export async function listChangeApprovers(rpc: Rpc, change: ChangeView): Promise<Member[]> {
  const open = listOpenChangeSlots(change);
  if (change.status !== 'pending' || open.length === 0) return [];
  const decided = new Set(change.decisions.flatMap(({ approver, voidReason }) => (voidReason === null ? [approver] : [])));
  const concerned = new Set(change.concerned.map(({ externalId }) => externalId));
  return (await listPeople(rpc, ROLES)).filter(
    ({ roles, externalId }) =>
      !decided.has(`tg:${externalId}`) &&
      !concerned.has(externalId) &&
      (change.kind === 'break_glass' || open.some((slot) => fits(roles, slot))),
  );
}

/** An owner may do what an operator may. */
export const fits = (roles: readonly Role[], slot: Role): boolean =>
  roles.includes(slot) || (slot === 'operator' && roles.includes('owner'));

const isRequester = ({ externalId }: Member, { actor }: RequestView): boolean => actor === `tg:${externalId}`;

async function listRequesterSlots(rpc: Rpc, { policyVersion, tier }: RequestView, open: Role[]): Promise<Role[]> {
  const policy = await findPolicy(rpc, policyVersion);
  const parsed = Separation.safeParse(policy?.document);
  const rule = (parsed.success ? parsed.data.separation[tier] : undefined) ?? (tier === 'T3' ? 'none' : 'any');
  return rule === 'any' ? open : open.filter((slot) => rule === 'operator' && slot === 'operator');
}
