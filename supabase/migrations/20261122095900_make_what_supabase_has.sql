-- Running code does not break. What a Supabase project has from the beginning and a plain PostgreSQL lacks: the roles that the migrations
-- name, the schema for extensions, and the default privileges, so that a function which forgets to revoke them is as open here as there.
-- Supabase is left as it is. Roles belong to the whole server, the rest to one database: everything may be there already.

do $$
declare
  v_role text;
begin
  if to_regrole('supabase_admin') is not null then
    return;
  end if;

  foreach v_role in array array['authenticator', 'anon', 'authenticated', 'service_role'] loop
    begin
      if to_regrole(v_role) is null then
        execute format('create role %I nologin noinherit', v_role);
      end if;
      if not pg_has_role('authenticator', v_role, 'member') then
        execute format('grant %I to authenticator', v_role);
      end if;
    exception
      -- Another database of this server was migrated in the same moment.
      when duplicate_object or unique_violation then null;
    end;
  end loop;
  -- Only a superuser may give it away, and nothing of ours rests on it.
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) and not (select rolbypassrls from pg_catalog.pg_roles where rolname = 'service_role') then
    alter role service_role bypassrls;
  end if;

  create schema if not exists extensions;
  grant usage on schema extensions to anon, authenticated, service_role;

  grant usage on schema public to anon, authenticated, service_role;
  alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
  alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
end
$$;
