import { ROLES, type Role } from '../domain/tier.ts';
import type { RequestView } from '../store/approvals.ts';
import type { ChangeView } from '../store/changes.ts';
import { listDeciders, listPeople, type Member } from '../store/people.ts';
import type { Rpc } from '../store/rpc.ts';
import { listOpenSlots } from './views/card-state.ts';
import { listOpenChangeSlots } from './views/change-card.ts';

const DECIDERS: Role[] = ['operator', 'owner'];

/** Those whose approval would fill a slot that is still open, as the database decides. */
export async function listApprovers(rpc: Rpc, request: RequestView): Promise<Member[]> {
  // A gate that nobody can approve still waits for somebody who edits or rejects.
  if (request.slots.length === 0) return listPeople(rpc, DECIDERS);
  return listOpenSlots(request).length === 0 ? [] : listWhoDecides(rpc, request.reference);
}

/** The same for a change: of a break-glass anybody with a role, of no change those whom it concerns. */
export async function listChangeApprovers(rpc: Rpc, change: ChangeView): Promise<Member[]> {
  return change.status === 'pending' && listOpenChangeSlots(change).length > 0 ? listWhoDecides(rpc, change.reference) : [];
}

async function listWhoDecides(rpc: Rpc, reference: string): Promise<Member[]> {
  const deciders = new Set(await listDeciders(rpc, reference));
  return (await listPeople(rpc, ROLES)).filter(({ externalId }) => deciders.has(externalId));
}
