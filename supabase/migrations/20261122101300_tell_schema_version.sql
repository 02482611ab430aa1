-- Running code does not break. A process asks at its start which migrations its database has had.
grant usage on schema supabase_migrations to ags_owner;
grant select on table supabase_migrations.schema_migrations to ags_owner;

set role ags_owner;

create function public.list_applied_migrations() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- The promise stands in the first comment of the file, which is recorded with its statements: a program that has no such file can read it.
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'version', m.version, 'name', m.name,
      'keeps_running_code', coalesce(m.statements[1] ~ '^\s*--\s*Running code does not break', false)) order by m.version), '[]'::jsonb)
    from supabase_migrations.schema_migrations m
  );
end
$$;
comment on function public.list_applied_migrations() is 'Every migration that this database has had, and whether it promised to keep older programs running.';

select public._expose('list_applied_migrations', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader');
reset role;
