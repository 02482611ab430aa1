import type { Invariant } from './invariant.ts';

/** Tokens of bots, keys of the common providers, and addresses of mail. */
const SECRET_FORM = String.raw`\m[0-9]{8,10}:[A-Za-z0-9_-]{35}\M|\msk-[A-Za-z0-9_-]{20,}|\m[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}\M`;

export const EVIDENCE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I19',
    title: 'the audit log is whole: every chain without a gap, each hash that of its record and the one before, its head the last one',
    sql: `select x.chain as id from (select chain from public.audit_heads union select chain from public.audit_logs) x
      where not (public.verify_audit_chain(x.chain) ->> 'is_intact')::boolean`,
  },
  {
    id: 'I20',
    title: 'what an anchor covers is still in the log, and the anchors are one chain',
    sql: `select c.anchor_number || ' ' || c.chain as id from public.anchor_chains c left join public.audit_logs l on l.chain = c.chain and l.seq = c.to_seq where l.hash is distinct from c.head_hash
      union all select a.anchor_number::text from public.anchors a where a.anchor_number > 1 and not exists (select 1 from public.anchors b where b.anchor_number = a.anchor_number - 1 and b.hash = a.prev_hash)`,
  },
  {
    id: 'I22',
    title: 'no role of the program can write the audit log, become its owner, or find its guards switched off',
    sql: `select r.rolname || ' ' || p as id from pg_catalog.pg_roles r, unnest(array['insert', 'update', 'delete', 'truncate', 'trigger']) p,
        unnest(array['public.audit_logs', 'public.audit_heads', 'public.anchors', 'public.anchor_chains']) t
      where r.rolname in ('ags_bot', 'ags_worker', 'ags_web', 'ags_reader', 'anon', 'authenticated') and has_table_privilege(r.oid, t::regclass, p)
      union all select r.rolname || ' may become ags_owner' from pg_catalog.pg_roles r
      where r.rolname in ('ags_bot', 'ags_worker', 'ags_web', 'ags_reader', 'anon', 'authenticated') and (r.rolsuper or pg_has_role(r.oid, 'ags_owner', 'member'))
      union all select tgname from pg_catalog.pg_trigger where tgrelid in ('public.audit_logs'::regclass, 'public.anchors'::regclass) and not tgisinternal and tgenabled not in ('O', 'A')
      union all select 'audit_logs without its guards' where (select count(*) from pg_catalog.pg_trigger where tgrelid = 'public.audit_logs'::regclass and not tgisinternal) < 2`,
  },
  {
    id: 'I27',
    title: 'no secret and no address of mail stands where only placeholders may',
    sql: `select 'audit ' || id as id from public.audit_logs where before_json::text ~ '${SECRET_FORM}' or after_json::text ~ '${SECRET_FORM}'
      union all select 'event ' || event_id from public.events where payload_json::text ~ '${SECRET_FORM}'
      union all select task_id from public.tasks where goal ~ '${SECRET_FORM}' or failure_message ~ '${SECRET_FORM}'
      union all select step_id from public.task_steps where instruction ~ '${SECRET_FORM}' or comments::text ~ '${SECRET_FORM}' or error_message ~ '${SECRET_FORM}'`,
  },
  {
    id: 'I31',
    title: 'no door but the functions: row level security on every table, nothing for strangers, every definer with a fixed search path',
    sql: `select c.relname::text as id from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
        and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype = 'e')
      union all select r.rolname || ' reaches ' || c.relname from pg_catalog.pg_class c, pg_catalog.pg_roles r where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
        and r.rolname in ('anon', 'authenticated', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader') and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate')
      union all select coalesce(r.rolname, 'public') || ' calls ' || p.proname from pg_catalog.pg_proc p left join pg_catalog.pg_roles r on r.rolname in ('anon', 'authenticated')
        where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e')
          and has_function_privilege(coalesce(r.rolname, 'public'), p.oid, 'execute')
      union all select p.proname::text from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace and p.prosecdef
        and not exists (select from pg_catalog.pg_depend d where d.objid = p.oid and d.deptype = 'e') and not coalesce(p.proconfig::text like '%search_path=%', false)`,
  },
];
