-- The stop switch: one row that the effect gate locks. A stop raises the generation; a grant from before it is worthless after it.
set role ags_owner;

create table public.stop_switch (
  is_only boolean primary key default true constraint stop_switch_has_one_row check (is_only),
  generation bigint not null default 1,
  scope text constraint stop_switch_scope_known check (scope in ('effects', 'all')),
  stopped_at timestamptz,
  stopped_by text,
  reason text,
  resume_asked_by uuid references public.people,
  resume_asked_at timestamptz,
  constraint stop_switch_stopped_whole check ((stopped_at is null) = (scope is null) and (stopped_at is null) = (stopped_by is null)),
  constraint stop_switch_resume_only_when_stopped check (resume_asked_by is null or stopped_at is not null),
  constraint stop_switch_resume_whole check ((resume_asked_by is null) = (resume_asked_at is null))
);
insert into public.stop_switch default values;

create table public.stops (
  generation bigint primary key,
  scope text not null,
  stopped_at timestamptz not null,
  stopped_by text not null,
  reason text,
  -- The message that asked: handled twice, it is one stop.
  source_key text,
  -- How much was stopped before it.
  was_scope text,
  resumed_at timestamptz,
  resumed_by_1 uuid references public.people,
  resumed_by_2 uuid references public.people,
  constraint stops_resumed_by_two_people check (
    (resumed_at is null and resumed_by_1 is null and resumed_by_2 is null)
    or (resumed_at is not null and resumed_by_1 is not null and resumed_by_2 is not null and resumed_by_1 <> resumed_by_2))
);

create table public.workers (
  worker text primary key,
  roles text not null,
  generation_seen bigint not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);

create function public._is_stopped(p_tier text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return (select stopped_at is not null and (scope = 'all' or p_tier >= 'T2') from public.stop_switch);
end
$$;
comment on function public._is_stopped(text) is 'Whether work of this tier has to wait.';

create function public.get_stop_state() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('generation', s.generation, 'is_stopped', s.stopped_at is not null, 'scope', s.scope, 'stopped_at', s.stopped_at,
      'stopped_by', s.stopped_by, 'reason', s.reason, 'resume_asked_by', public._name_of(s.resume_asked_by), 'resume_asked_at', s.resume_asked_at)
    from public.stop_switch s
  );
end
$$;
comment on function public.get_stop_state() is 'The switch as it stands.';

create function public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.workers (worker, roles, generation_seen) values (p_worker, p_roles, p_generation_seen)
  on conflict (worker) do update set seen_at = now(), generation_seen = excluded.generation_seen, roles = excluded.roles,
    acknowledged_at = case when excluded.generation_seen > workers.generation_seen then clock_timestamp() else workers.acknowledged_at end;
  return public.get_stop_state();
end
$$;
comment on function public.heartbeat(text, text, bigint) is 'A worker is alive and has seen this generation; answers with the switch as it stands.';

create function public.list_workers() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('worker', w.worker, 'roles', w.roles, 'generation_seen', w.generation_seen, 'seen_at', w.seen_at,
      'has_acknowledged', w.generation_seen >= (select generation from public.stop_switch)) order by w.worker), '[]')
    from public.workers w where w.seen_at > now() - interval '30 seconds'
  );
end
$$;
comment on function public.list_workers() is 'The workers seen in the last 30 s, and whether each knows of the current generation.';

create function public.end_worker(p_worker text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.workers where worker = p_worker;
end
$$;
comment on function public.end_worker(text) is 'A worker has drained and is gone.';

select public._protect_table('stop_switch'), public._protect_table('stops'), public._protect_table('workers');
select public._expose('get_stop_state', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader'), public._expose('heartbeat', 'ags_worker'),
  public._expose('list_workers', 'ags_bot', 'ags_web', 'ags_reader'), public._expose('end_worker', 'ags_worker');
select public._expose('_is_stopped');
reset role;
