import { z } from 'zod';
import { Role } from '../domain/tier.ts';
import { ChangeView } from './changes.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

const RoleHolder = fromSnake({
  name: z.string(),
  accounts: z.array(z.number().int()),
  role: Role,
  source: z.enum(['seed', 'grant', 'delegation']),
  since: Timestamp,
  /** For a delegation: when it ends, and for whom. */
  until: Timestamp.nullable(),
  delegatedBy: z.string().nullable(),
  grantedBy: z.string(),
  /** Of the change that gave it; null for what the configuration gave. */
  reference: z.string().nullable(),
});
export type RoleHolder = z.infer<typeof RoleHolder>;

/** Who holds what, and the changes that wait for people. As `ags_bot`. */
export function listRoles(rpc: Rpc) {
  return rpc.call('list_roles', {}, fromSnake({ holders: z.array(RoleHolder), open: z.array(ChangeView) }));
}

const Account = fromSnake({ externalId: z.number().int(), displayName: z.string(), seenAt: Timestamp });

/** The accounts that had this username when they last wrote, the newest first. As `ags_bot`. */
export function findPeople(rpc: Rpc, username: string) {
  return rpc.call('find_people', { p_username: username }, z.array(Account));
}
