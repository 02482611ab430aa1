import { ROLES } from '../domain/tier.ts';
import { listPeople } from '../store/people.ts';
import type { Rpc } from '../store/rpc.ts';

/** The name behind `tg:111`; the actor as it is when it is none of the people with a role. */
export async function findActorName(rpc: Rpc, actor: string | null): Promise<string | null> {
  if (actor === null || !actor.startsWith('tg:')) return actor;
  const people = await listPeople(rpc, ROLES);
  return people.find(({ externalId }) => actor === `tg:${externalId}`)?.displayName ?? actor;
}

/** `taken as landed by tg:101`, with the name. */
export async function nameActorIn(rpc: Rpc, note: string | null): Promise<string | null> {
  const actor = /tg:\d+/.exec(note ?? '')?.[0];
  if (note === null || actor === undefined) return note;
  return note.replace(actor, (await findActorName(rpc, actor)) ?? actor);
}
