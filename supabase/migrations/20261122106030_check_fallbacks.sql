-- Running code does not break. The fallbacks are tried on a dummy every so often (`drills.every` of the policy), so that they work when they are needed.
--
-- A check:  asked -> running -> passed | failed.  What it found is kept as an artifact of the dummy's task.
set role ags_owner;

create table public.fallback_checks (
  check_id uuid primary key default gen_random_uuid(),
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp(),
  -- Where the result is told, when a person asked.
  chat_id bigint,
  topic_id bigint,
  message_id bigint,
  worker text,
  task_id text references public.tasks,
  started_at timestamptz,
  ended_at timestamptz,
  outcome text not null default 'asked' constraint fallback_checks_outcome_known check (outcome in ('asked', 'running', 'passed', 'failed')),
  -- One per fallback: {fallback, outcome: ok | failed | skipped, detail}.
  results jsonb not null default '[]',
  constraint fallback_checks_started_when_running check (outcome = 'asked' or (started_at is not null and task_id is not null and worker is not null)),
  constraint fallback_checks_ended_when_over check ((ended_at is not null) = (outcome in ('passed', 'failed')))
);
create unique index fallback_checks_one_at_a_time on public.fallback_checks ((true)) where outcome in ('asked', 'running');
create index fallback_checks_newest on public.fallback_checks (asked_at desc);

create function public._fallback_check_due_at() returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_rules jsonb := public._drill_rules();
  v_every interval := make_interval(secs => (v_rules ->> 'every')::integer);
  v_last public.fallback_checks;
begin
  select * into v_last from public.fallback_checks where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  return case v_last.outcome when 'passed' then v_last.started_at + v_every when 'failed' then v_last.started_at + least(v_every, interval '1 hour') else (v_rules ->> 'since')::timestamptz + v_every end;
end
$$;
comment on function public._fallback_check_due_at() is 'When the fallbacks are tried next: as often as the stop is drilled; after a check that failed within the hour.';

create function public._fallback_problem() returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_last public.fallback_checks;
  v_due_at timestamptz := public._fallback_check_due_at();
begin
  select * into v_last from public.fallback_checks where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  if v_last.outcome = 'failed' then
    return 'a fallback did not work when it was tried: ' || (select string_agg(r ->> 'fallback', ', ') from jsonb_array_elements(v_last.results) r where r ->> 'outcome' = 'failed');
  elsif v_due_at < clock_timestamp() - interval '1 hour' and not exists (select 1 from public.stop_switch where stopped_at is not null) then
    return format('the check of the fallbacks is overdue since %s UTC', to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'));
  end if;
  return null;
end
$$;
comment on function public._fallback_problem() is 'What is wrong with the fallbacks: the last check failed, or the next one is more than an hour late; null when nothing is.';

create function public._fallback_check_view(p_check public.fallback_checks) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('check_id', p_check.check_id, 'chat_id', p_check.chat_id, 'topic_id', p_check.topic_id, 'message_id', p_check.message_id, 'task_id', p_check.task_id,
    'outcome', p_check.outcome, 'results', p_check.results);
end
$$;

create function public.ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_code text;
  v_check_id uuid;
begin
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when (select stopped_at is not null from public.stop_switch) then 'stopped'
    when public._drill_rules() is null then 'no_policy' end;
  if v_code is null then
    insert into public.fallback_checks (asked_by, chat_id, topic_id, message_id) values ('tg:' || p_external_id, p_chat_id, p_topic_id, p_message_id)
    on conflict ((true)) where outcome in ('asked', 'running') do nothing returning check_id into v_check_id;
    v_code := case when v_check_id is null then 'running' end;
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'fallbacks.ask' else 'fallbacks.refuse' end, coalesce('fallbacks:' || v_check_id, 'fallbacks'), null, jsonb_strip_nulls(jsonb_build_object('code', v_code)));
  return jsonb_build_object('code', v_code, 'deliver', case when v_code is null then public._job('drill.run', v_check_id::text) else '[]'::jsonb end);
end
$$;
comment on function public.ask_fallback_check(bigint, bigint, bigint, bigint) is 'An operator or owner wants the fallbacks tried now; code is no_role, stopped, no_policy or running.';

create function public._end_fallback_check(p_check public.fallback_checks, p_results jsonb) returns public.fallback_checks
language plpgsql set search_path = ''
as $$
declare
  v_check public.fallback_checks;
  v_content text := jsonb_pretty(p_results);
  v_problem text;
begin
  perform public._store_artifact(p_check.task_id, null, jsonb_build_object('name', 'fallback-check.json', 'type', 'drill', 'content', v_content, 'content_type', 'application/json',
    'checksum', encode(sha256(convert_to(v_content, 'UTF8')), 'hex')), 'system');
  perform public._end_dummy(p_check.task_id, 'a check of the fallbacks');
  update public.fallback_checks set results = p_results, ended_at = clock_timestamp(), outcome = case when exists (select 1 from jsonb_array_elements(p_results) r where r ->> 'outcome' = 'failed') then 'failed' else 'passed' end
  where check_id = p_check.check_id returning * into v_check;
  perform public._audit('system', 'system', 'fallbacks.end', 'fallbacks:' || v_check.check_id, null, jsonb_build_object('outcome', v_check.outcome, 'results', p_results, 'task_id', p_check.task_id));
  v_problem := public._fallback_problem();
  if v_problem is not null then
    perform public._raise_incident('fallback_check', 'fallbacks', 'warning', v_problem, jsonb_build_object('check_id', v_check.check_id), v_check.task_id);
  end if;
  return v_check;
end
$$;

create function public.begin_fallback_check(p_worker text, p_chat_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_check public.fallback_checks;
  v_dummy jsonb;
begin
  -- One at a time in the whole fleet; whoever finds another one at it has nothing to do.
  if not pg_try_advisory_xact_lock(hashtext('ags.fallback_check')) or public._drill_rules() is null or (select stopped_at is not null from public.stop_switch) then
    return null;
  end if;
  select * into v_check from public.fallback_checks where outcome in ('asked', 'running') for update;
  if v_check.outcome = 'running' and v_check.started_at > clock_timestamp() - interval '15 minutes' then
    return null;
  elsif v_check.outcome = 'running' then
    perform public._end_fallback_check(v_check, jsonb_build_array(jsonb_build_object('fallback', 'check', 'outcome', 'failed', 'detail', 'the worker that ran it did not end it')));
    return null;
  elsif v_check.check_id is null and public._fallback_check_due_at() > clock_timestamp() then
    return null;
  elsif v_check.check_id is null then
    insert into public.fallback_checks (asked_by) values ('system') returning * into v_check;
  end if;
  -- The same dummy as of a drill of the stop: one that could pass the gate, held by this worker alone.
  v_dummy := public._add_dummy(v_check.check_id, 'Check of the fallbacks: a dummy that is never sent', p_worker, p_chat_id);
  update public.fallback_checks set outcome = 'running', started_at = clock_timestamp(), worker = p_worker, task_id = v_dummy ->> 'task_id' where check_id = v_check.check_id returning * into v_check;
  perform public._audit('system', 'system', 'fallbacks.begin', 'fallbacks:' || v_check.check_id, null, jsonb_build_object('asked_by', v_check.asked_by, 'worker', p_worker, 'task_id', v_check.task_id));
  return jsonb_build_object('check_id', v_check.check_id, 'policy_version', (select policy_version from public.tasks where task_id = v_check.task_id), 'dummy', v_dummy);
end
$$;
comment on function public.begin_fallback_check(text, bigint) is 'The check that was asked for or is due, with its dummy, for one worker of the fleet; null when there is none to run.';

create function public.settle_fallback_check(p_check_id uuid, p_results jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_check public.fallback_checks;
begin
  if jsonb_typeof(p_results) is distinct from 'array' or jsonb_array_length(p_results) = 0 or exists (select 1 from jsonb_array_elements(p_results) r where coalesce(r ->> 'outcome', '') not in ('ok', 'failed', 'skipped')) then
    perform public._refuse('ZT007', 'a check ends with a result for each fallback: ok, failed or skipped', jsonb_build_object('check_id', p_check_id));
  end if;
  select * into v_check from public.fallback_checks where check_id = p_check_id for update;
  if v_check.check_id is null then
    perform public._refuse('ZT003', 'no such check', jsonb_build_object('check_id', p_check_id));
  end if;
  if v_check.outcome = 'running' then
    v_check := public._end_fallback_check(v_check, p_results);
  end if;
  return public._fallback_check_view(v_check);
end
$$;
comment on function public.settle_fallback_check(uuid, jsonb) is 'Ends a check with what became of each fallback, kept as an artifact; one that failed is an incident. Once: later results change nothing.';

select public._protect_table('fallback_checks');
select public._expose('ask_fallback_check', 'ags_bot'), public._expose('begin_fallback_check', 'ags_worker'), public._expose('settle_fallback_check', 'ags_worker');
select public._expose(f) from unnest(array['_fallback_check_due_at', '_fallback_problem', '_fallback_check_view', '_end_fallback_check']) f;
reset role;
