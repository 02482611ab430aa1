-- Running code does not break. Breakers: what fails five times in a row within a minute is left alone by the whole fleet, and tried by one call after two.
--
-- A breaker:  closed -> open (the fifth failure in a row within 60 s, or a person trips it) -> half_open (two minutes later: one probe) -> closed | open.
set role ags_owner;

create table public.breakers (
  name text primary key constraint breakers_name_form check (name ~ '^[a-z][a-z0-9_.:-]{0,99}$'),
  state text not null default 'closed' constraint breakers_state_known check (state in ('closed', 'open', 'half_open')),
  -- The failures in a row that count still, the newest five.
  failures timestamptz[] not null default '{}',
  last_code text,
  opened_at timestamptz,
  opened_by text,
  -- Who tries, and until when: a process that dies with the probe in hand must not keep it open for good.
  probe_holder text,
  probe_until timestamptz,
  changed_at timestamptz not null default clock_timestamp(),
  constraint breakers_opened_whole check ((state = 'closed') = (opened_at is null) and (opened_at is null) = (opened_by is null)),
  constraint breakers_one_probe_when_half_open check ((state = 'half_open') = (probe_holder is not null) and (probe_holder is null) = (probe_until is null))
);

create function public._breaker_view(p_breaker public.breakers) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('name', p_breaker.name, 'state', p_breaker.state, 'failure_count', cardinality(p_breaker.failures), 'last_code', p_breaker.last_code, 'opened_at', p_breaker.opened_at,
    'opened_by', p_breaker.opened_by, 'retry_after_ms', case when p_breaker.state = 'closed' then 0
      else greatest(0, ceil(extract(epoch from coalesce(p_breaker.probe_until, p_breaker.opened_at + interval '120 seconds') - clock_timestamp()) * 1000))::bigint end);
end
$$;

create function public._open_breaker(p_name text, p_actor text, p_code text) returns public.breakers
language plpgsql set search_path = ''
as $$
declare
  v_breaker public.breakers;
begin
  update public.breakers set state = 'open', opened_at = clock_timestamp(), opened_by = p_actor, last_code = coalesce(p_code, last_code), probe_holder = null, probe_until = null, changed_at = clock_timestamp()
  where name = p_name returning * into v_breaker;
  perform public._audit('system', p_actor, 'breaker.open', 'breaker:' || p_name, null, jsonb_strip_nulls(jsonb_build_object('code', v_breaker.last_code)));
  perform public._raise_incident('breaker_open', p_name, 'critical', format('the breaker of %s is open', p_name), jsonb_strip_nulls(jsonb_build_object('breaker', p_name, 'code', v_breaker.last_code)));
  return v_breaker;
end
$$;
comment on function public._open_breaker(text, text, text) is 'The one place where a breaker opens: from here on nobody calls for two minutes.';

create function public.ask_breaker(p_name text, p_holder text, p_probe_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_breaker public.breakers;
  v_is_probe boolean := false;
begin
  if coalesce(p_holder, '') = '' or p_probe_seconds is null or p_probe_seconds not between 1 and 3600 then
    perform public._refuse('ZT007', 'a probe has a holder and lasts one second to one hour', jsonb_build_object('seconds', p_probe_seconds));
  end if;
  -- Asked all the time: the row is locked only where somebody may become the one who tries.
  select * into v_breaker from public.breakers where name = p_name;
  if v_breaker.name is null or v_breaker.state = 'closed' then
    return jsonb_build_object('may_call', true, 'is_probe', false, 'failure_count', coalesce(cardinality(v_breaker.failures), 0), 'retry_after_ms', 0);
  end if;
  if coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') <= clock_timestamp() then
    select * into v_breaker from public.breakers where name = p_name for update;
    if v_breaker.state <> 'closed' and coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') <= clock_timestamp() then
      update public.breakers set state = 'half_open', probe_holder = p_holder, probe_until = clock_timestamp() + make_interval(secs => p_probe_seconds), changed_at = clock_timestamp()
      where name = p_name returning * into v_breaker;
      v_is_probe := true;
    end if;
  end if;
  return jsonb_build_object('may_call', v_is_probe or v_breaker.state = 'closed', 'is_probe', v_is_probe, 'failure_count', cardinality(v_breaker.failures),
    -- While one tries, the others look again soon: mostly the probe has ended long before its seconds are over.
    'retry_after_ms', least((public._breaker_view(v_breaker) ->> 'retry_after_ms')::bigint, case when v_breaker.state = 'half_open' then 5000 end));
end
$$;
comment on function public.ask_breaker(text, text, integer) is 'Whether the fleet may call this tool now. Of all who ask two minutes after it opened exactly one may, as the probe; when it does not report within its seconds, another one may.';

create function public.report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_breaker public.breakers;
  v_now timestamptz;
begin
  if p_is_ok is null or (not p_is_ok and p_code is null) then
    perform public._refuse('ZT007', 'a call went well, or it failed with a code', jsonb_build_object('name', p_name));
  end if;
  insert into public.breakers (name) values (p_name) on conflict (name) do nothing;
  select * into v_breaker from public.breakers where name = p_name for update;
  v_now := clock_timestamp();
  if v_breaker.state = 'half_open' and v_breaker.probe_holder = p_holder then
    if p_is_ok then
      update public.breakers set state = 'closed', failures = '{}', opened_at = null, opened_by = null, probe_holder = null, probe_until = null, changed_at = v_now where name = p_name returning * into v_breaker;
      perform public._audit('system', 'system', 'breaker.close', 'breaker:' || p_name);
    else
      v_breaker := public._open_breaker(p_name, 'system', p_code);
    end if;
  elsif v_breaker.state = 'closed' and p_is_ok then
    update public.breakers set failures = '{}', changed_at = v_now where name = p_name and failures <> '{}' returning * into v_breaker;
  elsif v_breaker.state = 'closed' then
    update public.breakers set last_code = p_code, failures = (select array_agg(f order by f) from unnest(failures || v_now) f where f > v_now - interval '60 seconds')
    where name = p_name returning * into v_breaker;
    if cardinality(v_breaker.failures) >= 5 then
      v_breaker := public._open_breaker(p_name, 'system', p_code);
    end if;
  end if;
  -- What was under way when it opened says nothing about now.
  return jsonb_build_object('state', (select state from public.breakers where name = p_name));
end
$$;
comment on function public.report_breaker(text, text, boolean, text) is 'How a call went. The fifth failure in a row within 60 s opens; the probe''s answer closes, or opens for two minutes more. Good calls need to be reported after a failure only.';

create function public.list_breakers() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select coalesce(jsonb_agg(public._breaker_view(b) order by b.name), '[]'::jsonb) from public.breakers b);
end
$$;
comment on function public.list_breakers() is 'Every breaker there is, with its state and when it may be tried again.';

select public._protect_table('breakers');
select public._expose('ask_breaker', 'ags_worker'), public._expose('report_breaker', 'ags_worker'), public._expose('list_breakers', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader');
select public._expose('_breaker_view'), public._expose('_open_breaker');
reset role;
