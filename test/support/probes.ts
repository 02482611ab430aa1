import type { Sql } from './owner-sql.ts';

/** Functions that show how a transport carries values, roles and errors. Only ags_worker may call them. */
const PROBES = `
  create table public.probe_rows (number integer primary key);

  create function public.probe_echo(p_text text, p_count integer, p_object jsonb, p_when timestamptz default null, p_flag boolean default true)
  returns jsonb language sql set search_path = ''
  as $$ select jsonb_build_object('text', p_text, 'count', p_count, 'object', p_object, 'when', p_when, 'flag', p_flag) $$;

  create function public.probe_role() returns jsonb language sql set search_path = '' as $$ select to_jsonb(current_user::text) $$;

  create function public.probe_nothing() returns void language sql set search_path = '' as $$ select $$;

  create function public.probe_write(p_number integer, p_state text default null) returns jsonb
  language plpgsql security definer set search_path = ''
  as $$
  begin
    insert into public.probe_rows values (p_number);
    if p_state is not null then
      raise exception 'refused' using errcode = p_state, detail = '{"number": ' || p_number || '}', hint = 'try another';
    end if;
    return to_jsonb(p_number);
  end
  $$;

  do $$
  declare
    v_function regprocedure;
  begin
    for v_function in select oid::regprocedure from pg_proc where proname like 'probe!_%' escape '!' loop
      execute format('revoke all on function %s from public, anon, authenticated, service_role', v_function);
      execute format('grant execute on function %s to ags_worker', v_function);
    end loop;
  end
  $$;`;

export async function installProbes(sql: Sql): Promise<void> {
  await sql(PROBES);
}
