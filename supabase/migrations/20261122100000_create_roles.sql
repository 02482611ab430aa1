-- The roles of the application, and the helpers that every later migration uses to own, protect and expose what it makes.
-- Nothing here logs in: processes log in as something that may become exactly one of the ags_* roles.

do $$
declare
  v_role text;
begin
  foreach v_role in array array['ags_owner', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader'] loop
    if not exists (select 1 from pg_catalog.pg_roles where rolname = v_role) then
      execute format('create role %I nologin noinherit nobypassrls', v_role);
    end if;
    execute format('grant %I to current_user', v_role);
  end loop;
end
$$;

-- PostgREST logs in as authenticator and becomes the role that a token names. Never ags_owner.
do $$
begin
  if to_regrole('authenticator') is not null then
    grant ags_bot, ags_worker, ags_web, ags_reader to authenticator;
  end if;
end
$$;

grant usage, create on schema public to ags_owner;
grant usage on schema public to ags_bot, ags_worker, ags_web, ags_reader;

-- Supabase grants everything in public to the API roles by default; what ags_owner makes is for nobody until it is exposed by name.
alter default privileges for role ags_owner in schema public revoke all on tables from public, anon, authenticated, service_role;
alter default privileges for role ags_owner in schema public revoke all on sequences from public, anon, authenticated, service_role;
alter default privileges for role ags_owner revoke execute on functions from public;
alter default privileges for role ags_owner in schema public revoke execute on functions from public, anon, authenticated, service_role;

set role ags_owner;

create function public._protect_table(p_table text) returns void
language plpgsql set search_path = ''
as $$
begin
  execute format('alter table public.%I enable row level security', p_table);
  execute format('alter table public.%I force row level security', p_table);
  execute format('revoke all on table public.%I from public, anon, authenticated, service_role', p_table);
  execute format('create policy "the functions of the program reach every row" on public.%I for all to ags_owner using (true) with check (true)', p_table);
end
$$;
comment on function public._protect_table(text) is 'Row level security on and forced; only the owner of the functions reaches rows. Call once for each new table.';

create function public._expose(p_function text, variadic p_roles text[] default '{}') returns void
language plpgsql set search_path = ''
as $$
declare
  v_oid oid;
  v_signature text;
  v_role text;
begin
  -- A name that is overloaded would leave one of its versions unguarded: "into strict" fails on two rows as on none.
  select p.oid into strict v_oid
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.proname = p_function;
  v_signature := v_oid::regprocedure::text;
  execute format('revoke all on function %s from public, anon, authenticated, service_role', v_signature);
  foreach v_role in array p_roles loop
    execute format('grant execute on function %s to %I', v_signature, v_role);
  end loop;
  -- Over Supabase a process without SUPABASE_JWT_SECRET cannot become one of the roles: it calls as what its secret key is.
  if cardinality(p_roles) > 0 then
    execute format('grant execute on function %s to service_role', v_signature);
  end if;
end
$$;
comment on function public._expose(text, text[]) is 'Revokes a function from everybody by name and grants it to the roles given, and then to service_role, the fallback without SUPABASE_JWT_SECRET. Every function that a process calls goes through here once.';

create function public._refuse(p_state text, p_message text, p_detail jsonb default '{}', p_hint text default null) returns void
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = p_state, message = p_message, detail = p_detail::text, hint = coalesce(p_hint, '');
end
$$;
comment on function public._refuse(text, text, jsonb, text) is 'Raises one of our own SQLSTATEs (listed in supabase/README.md) with JSON detail.';

reset role;

revoke all on function public._protect_table(text), public._expose(text, text[]), public._refuse(text, text, jsonb, text)
  from public, anon, authenticated, service_role;
