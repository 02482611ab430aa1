import { z } from 'zod';
import { Role } from '../domain/tier.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

export const Person = fromSnake({
  personId: z.string(),
  externalId: z.number().int(),
  displayName: z.string(),
  roles: z.array(Role),
  /** A stranger who has had the one polite answer within the last 24 hours. */
  wasGreeted: z.boolean(),
});
export type Person = z.infer<typeof Person>;

export const Member = fromSnake({
  externalId: z.number().int(),
  displayName: z.string(),
  username: z.string().nullable(),
  roles: z.array(Role),
  hasPrivateChat: z.boolean(),
});
export type Member = z.infer<typeof Member>;

/** Notes who wrote, under the numeric id, and says which roles that person holds now. As `ags_bot`. */
export function meetPerson(
  rpc: Rpc,
  who: { externalId: number; displayName: string; username: string | null; isPrivate: boolean },
): Promise<Person> {
  return rpc.call(
    'meet_person',
    { p_external_id: who.externalId, p_display_name: who.displayName, p_username: who.username, p_is_private: who.isPrivate },
    Person,
  );
}

/** As `ags_bot`. */
export async function recordGreeting(rpc: Rpc, externalId: number): Promise<void> {
  await rpc.call('record_greeting', { p_external_id: externalId }, Nothing);
}

const ConfiguredRoles = z.array(fromSnake({ externalId: z.number(), role: Role }));

const Seeding = fromSnake({
  /** Nobody ever had a role before. */
  isFirst: z.boolean(),
  seeded: ConfiguredRoles,
  /** Configured, but taken away by people since: not given again. */
  revoked: ConfiguredRoles,
  /** Configured for somebody who has had another role: only people give them a further one. */
  withheld: ConfiguredRoles,
});
export type Seeding = z.infer<typeof Seeding>;

/** Gives configured roles to people who never had any. As `ags_bot`. */
export function seedPeople(rpc: Rpc, people: { externalId: number; role: Role; displayName?: string }[]): Promise<Seeding> {
  const rows = people.map(({ externalId, role, displayName }) => ({ external_id: externalId, role, display_name: displayName }));
  return rpc.call('seed_people', { p_people: rows }, Seeding);
}

/** As any role. */
export function listPeople(rpc: Rpc, roles: readonly Role[]): Promise<Member[]> {
  return rpc.call('list_people', { p_roles: roles }, z.array(Member));
}

/** The accounts whose approval of a request or a change would fill a slot of it that is still open. As `ags_bot` or `ags_worker`. */
export function listDeciders(rpc: Rpc, reference: string): Promise<number[]> {
  return rpc.call('list_deciders', { p_reference: reference }, z.array(z.number().int()));
}
