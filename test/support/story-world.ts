import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { sha256 } from '../../src/domain/ids.ts';
import { type ParsedPolicy, parsePolicy } from '../../src/policy/parse.ts';
import { seedPeople } from '../../src/store/people.ts';
import { seedPolicy as storePolicy } from '../../src/store/policies.ts';
import type { DatabaseRole, Rpc } from '../../src/store/rpc.ts';
import type { NewArtifact } from '../../src/store/shared-rows.ts';
import type { Sql } from './owner-sql.ts';

/** What a story needs of a database: the roles' own doors, and the owner's for arranging and looking. */
export interface StoryDatabase {
  rpc(role: DatabaseRole): Rpc;
  sql: Sql;
}

/** The people of the sandbox's world. Member and stranger hold no role. */
export const PEOPLE = {
  owner: 101,
  secondOwner: 102,
  operator: 111,
  secondOperator: 112,
  reviewer: 121,
  member: 131,
  stranger: 141,
} as const;
export const PLACES = { admin: -1001000000001, signals: -1001000000003 } as const;

const TEAM = [
  { externalId: PEOPLE.owner, role: 'owner', displayName: 'Olivia' },
  { externalId: PEOPLE.secondOwner, role: 'owner', displayName: 'Oscar' },
  { externalId: PEOPLE.operator, role: 'operator', displayName: 'Adam' },
  { externalId: PEOPLE.secondOperator, role: 'operator', displayName: 'Bella' },
  { externalId: PEOPLE.reviewer, role: 'reviewer', displayName: 'Rita' },
] as const;

export async function seedTeam(db: StoryDatabase): Promise<void> {
  await seedPeople(db.rpc('ags_bot'), [...TEAM]);
}

export type PolicyOverrides = Record<string, unknown>;

const DEFAULT_POLICY = readFileSync(new URL('../../policies/default.yaml', import.meta.url), 'utf8');

/** Posts are T3: the whole machinery of two people, with the staged post as the dry run. */
export const PUBLISH_IS_T3: PolicyOverrides = {
  risk_tiers: {
    T0: ['READ', 'RESEARCH', 'RETRIEVE'],
    T1: ['WRITE_DB', 'SUMMARIZE', 'DRAFT_REPLY'],
    T2: ['SOCIAL_POST'],
    T3: ['PUBLISH', 'TRADE', 'PAYMENT', 'WITHDRAWAL'],
  },
};

/** The default policy with whole sections replaced. */
export function makePolicy(overrides: PolicyOverrides = {}): ParsedPolicy {
  return parsePolicy(stringify({ ...parse(DEFAULT_POLICY), ...overrides }));
}

/** Puts a policy in force in an empty database. */
export async function seedPolicy(db: StoryDatabase, overrides: PolicyOverrides = {}): Promise<void> {
  const { source, policy, checksum } = makePolicy(overrides);
  await storePolicy(db.rpc('ags_worker'), { source, document: policy, checksum });
}

/** Another policy for the tasks from here on; those that began keep theirs. */
export async function changePolicy(db: StoryDatabase, overrides: PolicyOverrides = {}): Promise<void> {
  await db.sql('update public.policies set retired_at = now() where in_force_at is not null and retired_at is null');
  await seedPolicy(db, overrides);
}

export async function revokeRole(db: StoryDatabase, externalId: number): Promise<void> {
  await db.sql(
    `update public.person_roles set revoked_at = now(), revoked_by = 'tg:101' where revoked_at is null and person_id = public._person_of($1)`,
    [externalId],
  );
}

export async function restoreRoles(db: StoryDatabase): Promise<void> {
  await db.sql('update public.person_roles set revoked_at = null, revoked_by = null where revoked_at is not null');
}

export function makeArtifact(name: string, type: NewArtifact['type'], content: string, contentType = 'text/markdown'): NewArtifact {
  return { name, type, contentType, content, checksum: sha256(content), sizeBytes: Buffer.byteLength(content) };
}

/** The actions of one audit chain, oldest first. */
export async function listActions(db: StoryDatabase, chain: string): Promise<string[]> {
  const rows = await db.sql('select action from public.audit_logs where chain = $1 order by seq', [chain]);
  return rows.map((row) => String(row.action));
}

/** The newest record of a chain: who, what, and the code or reasons in it. */
export async function lastRecord(db: StoryDatabase, chain: string): Promise<Record<string, unknown>> {
  const [row] = await db.sql(
    'select actor, action, object, after_json as after from public.audit_logs where chain = $1 order by seq desc limit 1',
    [chain],
  );
  return row ?? {};
}
