import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DATABASE_ROLES } from '../../src/store/rpc.ts';
import { openTestDatabase } from '../support/database.ts';

const db = await openTestDatabase();
afterAll(() => db.close());

const B = 'ags_bot';
const W = 'ags_worker';
const H = 'ags_web';
const R = 'ags_reader';
const ALL = [B, R, H, W];
/** Who may call what. A new function has to be added here, by somebody who has thought about who needs it. */
const EXPOSED: Record<string, string[]> = {
  approve_with_code: [B],
  ack_incident: [B],
  advance_runbook: [W],
  ask_account: [W],
  ask_breaker: [W],
  ask_drill: [B],
  answer_runbook: [W],
  ask_fallback_check: [B],
  authorize_effect: [W],
  begin_attempt: [W],
  begin_drill: [W],
  begin_fallback_check: [W],
  begin_enrolment: [B],
  block_payer: [B],
  cancel_task: [B],
  claim_change_news: [B, W],
  claim_lease: [B, W],
  claim_request: [W],
  claim_step: [W],
  claim_task_view: [W],
  postpone_task_view: [W],
  record_call: [W],
  claim_updates: [B],
  close_incidents: [W],
  close_prompt: [B],
  complete_critique: [W],
  complete_plan: [W],
  complete_step: [W],
  complete_update: [B],
  confirm_enrolment: [B],
  create_task: [B],
  confirm_chats: [B],
  decide_approval: [B],
  decide_change: [B],
  decide_doubt: [B],
  delete_short_term: [B, W],
  edit_request: [B],
  end_worker: [W],
  evaluate_requirements: ALL,
  explain_task: [B, R, H],
  export_task: [B, R, H],
  fail_step: [W],
  find_people: [B],
  find_policy_offer: [B],
  find_prompt: [B],
  free_chats: [B],
  freeze_chat: [B, W],
  get_anchor_state: ALL,
  get_change: [B, W],
  get_drill: [B, W],
  get_policy: ALL,
  get_policy_draft: [B, W],
  get_policy_origin: ALL,
  get_post_mortem: [B],
  get_request: [B, W],
  get_short_term: [B, W],
  get_stop_state: ALL,
  get_system_status: ALL,
  get_task: ALL,
  heartbeat: [W],
  keep_failed_call: [W],
  keep_rule: [B],
  lift_rule: [B],
  list_applied_migrations: ALL,
  list_audit_ranges: [B, R, H],
  list_breakers: ALL,
  list_cards: [B, W],
  list_ended_resume_cards: [B, W],
  list_events: [R, H, W],
  list_limits: [B, R, H],
  list_people: ALL,
  list_posted_tasks: [B, R, H],
  list_deciders: [B, W],
  list_roles: [B, R, H],
  list_rules: [B, R, H],
  list_silent_holders: [B, R, H],
  list_task_artifacts: ALL,
  list_tasks: [B, R, H],
  list_unkept_anchors: [W],
  list_unstreamed_events: [W],
  list_workers: [B, R, H],
  make_anchor: [W],
  meet_person: [B],
  move_card: [B, W],
  mute_incident: [B],
  offer_policy_file: [B, W],
  offer_rule: [B],
  open_card: [B, W],
  open_change_card: [B, W],
  open_change_prompt: [B],
  open_doubt_card: [B, W],
  open_incident_card: [B, W],
  open_incident_runbook: [B],
  open_policy_offer: [B],
  open_prompt: [B],
  open_resume_card: [B],
  park_effect: [W],
  propose_break_glass: [B],
  open_runbook_card: [B, W],
  propose_change: [B],
  repropose_change: [B],
  record_prompts: [W],
  get_prompts: [B, R, H],
  reask_request: [B],
  recall_artifacts: [W],
  retrieve_artifacts: [W],
  propose_policy: [B],
  propose_runbook: [B],
  put_short_term: [B, W],
  raise_drill: [W],
  raise_incident: [B, W],
  record_account: [W],
  record_anchor_kept: [W],
  record_anchor_problem: [W],
  record_enrolment_shown: [B],
  record_events_streamed: [W],
  record_attempt: [B],
  record_card: [B, W],
  record_card_shown: [B, W],
  record_greeting: [B],
  record_incident_shown: [B, W],
  record_payer_check: [B],
  record_prompt_message: [B],
  record_shown: [W],
  record_staged_part: [W],
  record_task_message: [B, W],
  record_updates: [B, H],
  release_lease: [B, W],
  release_request: [W],
  release_step: [W],
  renew_lease: [W],
  renew_updates: [B],
  report_breaker: [W],
  return_probe: [W],
  reserve_spend: [W],
  restage_request: [W],
  resolve_incident: [B],
  resume_effects: [B],
  review_break_glass: [B],
  search_artifacts: [W],
  seed_people: [B],
  seed_policy: [B, W],
  settle_attempt: [W],
  settle_drill: [W],
  settle_fallback_check: [W],
  settle_effect: [W],
  settle_spend: [W],
  show_request: [B],
  simulate_policy: [B],
  start_runbook: [B],
  stop_effects: [B],
  sweep: [W],
  sweep_incidents: [W],
  take_over: [W],
  verify_audit_anchors: [B, R, H],
  verify_audit_chain: [B, R, H],
  verify_audit_range: [B, R, H],
  wait_step: [W],
  withdraw_change: [B],
};
/** And service_role for each of them, the fallback without SUPABASE_JWT_SECRET; `anon` and `authenticated` for none. */
const toCallers = (exposed: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(exposed).map(([name, roles]) => [name, [...roles, 'service_role']]));
const CALLERS = [...DATABASE_ROLES, 'anon', 'authenticated', 'service_role'];
/** Everything in public that is ours: what an extension brought along belongs to the extension. */
const OURS = `p.pronamespace = 'public'::regnamespace and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`;

test('every function may be called by exactly the roles of the table, and by nobody else', async () => {
  const rows = await db.sql(
    `select p.proname as name, coalesce(array_agg(r.rolname::text order by r.rolname) filter (where has_function_privilege(r.oid, p.oid, 'execute')), '{}') as callers
     from pg_proc p cross join pg_roles r where ${OURS} and r.rolname = any ($1) group by p.oid, p.proname order by p.proname`,
    [CALLERS],
  );
  const actual = Object.fromEntries(rows.map(({ name, callers }) => [name, callers]));
  const internal = rows.map(({ name }) => String(name)).filter((name) => /^(_|tg_)/.test(name));
  expect(internal.length).toBeGreaterThan(30);
  expect(actual).toEqual({ ...toCallers(EXPOSED), ...Object.fromEntries(internal.map((name) => [name, []])) });
  expect(rows).toHaveLength(Object.keys(actual).length);
});

test('the README names every function', async () => {
  const readme = await readFile(new URL('../../supabase/README.md', import.meta.url), 'utf8');
  expect(Object.keys(EXPOSED).filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test('public, the role that everybody is, may execute nothing', async () => {
  const rows = await db.sql(
    `select p.proname from pg_proc p where ${OURS} and (p.proacl is null or exists (select from aclexplode(p.proacl) a where a.grantee = 0))`,
  );
  expect(rows).toEqual([]);
});

test('every exposed function runs as its owner, with an empty search path, and says what it promises', async () => {
  const rows = await db.sql(
    `select p.proname as name, p.prosecdef as is_definer, coalesce(p.proconfig @> array['search_path=""'], false) as has_empty_path,
       pg_get_userbyid(p.proowner) as owner, length(coalesce(obj_description(p.oid, 'pg_proc'), '')) > 20 as has_comment
     from pg_proc p where ${OURS} order by 1`,
  );
  for (const row of rows) {
    const isExposed = String(row.name) in EXPOSED;
    expect(row.has_empty_path, `${row.name} has a search path`).toBe(true);
    // What is called from inside runs as its caller; only a door changes who one is.
    expect(row.is_definer, `${row.name} is security definer`).toBe(isExposed);
    if (isExposed) expect(row, String(row.name)).toMatchObject({ owner: 'ags_owner', has_comment: true });
  }
});

test('every table has row level security, on and forced, and no grants to anybody but its owner', async () => {
  const rows = await db.sql(
    `select c.relname as name, c.relrowsecurity as is_on, c.relforcerowsecurity as is_forced, pg_get_userbyid(c.relowner) as owner,
       coalesce((select array_agg(distinct coalesce(g.rolname::text, 'public')) from aclexplode(c.relacl) a left join pg_roles g on g.oid = a.grantee
         where a.grantee <> c.relowner), '{}') as others
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') order by 1`,
  );
  expect(rows.length).toBeGreaterThan(25);
  for (const row of rows) expect(row).toEqual({ name: row.name, is_on: true, is_forced: true, owner: 'ags_owner', others: [] });
});

test('no sequence and no column is open either', async () => {
  const sequences = await db.sql(
    `select c.relname, r.rolname from pg_class c cross join pg_roles r where c.relnamespace = 'public'::regnamespace and c.relkind = 'S'
       and r.rolname = any ($1) and has_sequence_privilege(r.oid, c.oid, 'usage, select, update')`,
    [CALLERS],
  );
  const columns = await db.sql(
    `select c.relname, r.rolname from pg_class c cross join pg_roles r where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and r.rolname = any ($1) and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')`,
    [CALLERS],
  );
  expect({ sequences, columns }).toEqual({ sequences: [], columns: [] });
});

test('what is made from here on is closed by default', async () => {
  await db.sql(
    'set role ags_owner; create table public.later (id integer); create function public.later_on() returns integer language sql as $$ select 1 $$; reset role',
  );
  const rows = await db.sql(
    `select r.rolname from pg_roles r where r.rolname = any ($1)
       and (has_table_privilege(r.oid, 'public.later', 'select, insert, update, delete') or has_function_privilege(r.oid, 'public.later_on()', 'execute'))`,
    [CALLERS],
  );
  expect(rows).toEqual([]);
  await db.sql('drop table public.later; drop function public.later_on()');
});

test.each(CALLERS)('%s reads and writes no table, whatever it tries', async (role) => {
  const tables = (
    await db.sql(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`)
  ).map(({ relname }) => relname);
  for (const table of tables) {
    for (const statement of [
      `select * from public.${table}`,
      `insert into public.${table} default values`,
      `delete from public.${table}`,
      `truncate public.${table}`,
    ]) {
      await expect(db.sql(`begin; set local role ${role}; ${statement}`), `${role}: ${statement}`).rejects.toMatchObject({ code: '42501' });
      await db.sql('rollback');
    }
  }
});

test.each(DATABASE_ROLES)('%s cannot log in, bypass row level security, create anything, or become another role', async (role) => {
  const [row] = await db.sql(
    `select rolcanlogin, rolbypassrls, rolsuper, rolcreaterole, rolcreatedb, has_schema_privilege(oid, 'public', 'create') as creates,
       (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships from pg_roles r where rolname = $1`,
    [role],
  );
  const nothing = { rolcanlogin: false, rolbypassrls: false, rolsuper: false, rolcreaterole: false, rolcreatedb: false };
  expect(row).toEqual({ ...nothing, creates: false, memberships: 0 });
});

test('PostgREST’s login may become the roles that tokens name, and never the owner of the functions', async () => {
  const rows = await db.sql(
    `select g.rolname as role from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
     where r.rolname = 'authenticator' order by 1`,
  );
  expect(rows.map(({ role }) => role)).toEqual([...DATABASE_ROLES, 'anon', 'authenticated', 'service_role'].toSorted());
});

test('a worker decides nothing, and the bot lets nothing out', async () => {
  const decision = {
    p_reference: 'T2-AAAA',
    p_token: null,
    p_chat_id: null,
    p_message_id: null,
    p_external_id: 101,
    p_decision: 'approve',
  };
  const decide = { ...decision, p_reason: null, p_as_role: null, p_source: 'command' };
  await expect(db.rpc('ags_worker').call('decide_approval', decide, z.unknown())).rejects.toMatchObject({ code: 'not_allowed' });
  const effect = {
    p_step_id: 'T-2025-01-01-0001/publish',
    p_fence: 1,
    p_checksum: '',
    p_target_chat_id: 1,
    p_target_topic_id: null,
    p_part_count: 1,
  };
  for (const role of ['ags_bot', 'ags_web', 'ags_reader'] as const) {
    await expect(db.rpc(role).call('authorize_effect', effect, z.unknown())).rejects.toMatchObject({ code: 'not_allowed' });
  }
});

test.each(DATABASE_ROLES)('%s cannot call what is internal', async (role) => {
  await expect(
    db.rpc(role).call('_audit', { p_chain: 'system', p_actor: 'system', p_action: 'a.b', p_object: 'x' }, z.unknown()),
  ).rejects.toMatchObject({
    code: 'not_allowed',
  });
  await expect(db.rpc(role).call('_wake', { p_step_id: 'x' }, z.unknown())).rejects.toMatchObject({ code: 'not_allowed' });
});
