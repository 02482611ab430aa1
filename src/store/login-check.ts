import type { DatabaseRole } from './rpc.ts';

/** One statement on the process's own connection: as one of its roles or as the login itself, which makes no difference here. */
export type LoginQuery = (text: string, values: unknown[]) => Promise<Record<string, unknown>[]>;

/**
 * The login is `session_user`, whatever role the connection runs under. What its memberships hand down counts as its own: it would only
 * have to ask. A superuser is every role and may do everything, so that one sentence says it all.
 */
const FACTS = `
  select session_user::text as login, r.rolsuper as is_superuser, r.rolcreaterole as may_create_roles, r.rolbypassrls as may_bypass_rls,
    to_regclass('public.audit_logs') is not null
      and has_table_privilege(session_user, to_regclass('public.audit_logs'), 'insert, update, delete, truncate') as may_write_audit,
    pg_has_role(session_user, d.datdba, 'member') as is_owner,
    coalesce((
      select jsonb_agg(other.rolname order by other.rolname) from pg_catalog.pg_roles other
      where other.rolname <> session_user and other.rolname <> all ($1::text[]) and not r.rolsuper
        and pg_has_role(session_user, other.oid, 'member')
        -- PostgreSQL 15 makes the owner of a database a member of this one.
        and other.rolname <> 'pg_database_owner'
    ), '[]'::jsonb)::text as other_roles
  from pg_catalog.pg_roles r, pg_catalog.pg_database d
  where r.rolname = session_user and d.datname = current_database()`;

export interface LoginCheck {
  query: LoginQuery;
  /** The roles that this process calls as. */
  roles: readonly DatabaseRole[];
  /** The variable that holds the login, for the sentences. */
  variable?: string;
}

/**
 * What the login of a process may do beyond its roles, as sentences for `/status`; none for a login that is a member of its roles and
 * nothing else. A process that was taken over could do all of it.
 */
export async function listLoginWarnings({ query, roles, variable = 'DATABASE_URL' }: LoginCheck): Promise<string[]> {
  const [facts] = await query(FACTS, [roles]);
  if (!facts) return [`${variable}: the rights of the login could not be read.`];
  const start = `${variable}: the login ${String(facts.login)}`;
  const remedy = `use a login that is a member of ${roles.join(', ')} only`;
  if (isTrue(facts.is_superuser)) return [`${start} is a superuser, past every rule of the database; ${remedy}.`];
  const others = parseNames(facts.other_roles);
  return [
    ...(isTrue(facts.may_write_audit) ? [`${start} can write audit_logs past the functions; ${remedy}.`] : []),
    ...(isTrue(facts.may_bypass_rls) ? [`${start} bypasses row level security; run: alter role … nobypassrls.`] : []),
    ...(isTrue(facts.may_create_roles) ? [`${start} can create roles and so become others; run: alter role … nocreaterole.`] : []),
    ...(isTrue(facts.is_owner) ? [`${start} owns the database or can become its owner; ${remedy}.`] : []),
    ...(others.length > 0 ? [`${start} can become ${others.join(', ')}; ${remedy}.`] : []),
  ];
}

/** Drivers give booleans as such or, when everything is text, as `t`. */
const isTrue = (value: unknown): boolean => value === true || value === 't';

function parseNames(text: unknown): string[] {
  const names: unknown = JSON.parse(String(text));
  return Array.isArray(names) ? names.map(String) : [];
}
