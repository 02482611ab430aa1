-- Running code does not break. Runbooks as commands: a dry run first, then each step in a transaction of its own, so that whoever takes over after a crash goes on
-- with the next one.
--
-- A run:  proposed -> running -> done | failed.  What was proposed more than a quarter of an hour ago is looked at anew before it runs.
set role ags_owner;

create table public.runbook_runs (
  run_id uuid primary key default gen_random_uuid(),
  name text not null constraint runbook_runs_name_known check (name in ('desync', 'tool-failure', 'memory-drift')),
  -- The breaker of the tool that fails.
  subject text,
  asked_by text not null constraint runbook_runs_asked_by_a_person check (asked_by ~ '^tg:\d+$'),
  chat_id bigint not null,
  topic_id bigint,
  state text not null default 'proposed' constraint runbook_runs_state_known check (state in ('proposed', 'running', 'done', 'failed')),
  created_at timestamptz not null default clock_timestamp(),
  started_by text,
  started_at timestamptz,
  ended_at timestamptz,
  -- When the next step is due; what is long past has lost its nudge.
  next_at timestamptz,
  constraint runbook_runs_subject_where_needed check ((subject is not null) = (name = 'tool-failure')),
  constraint runbook_runs_started_when_run check ((started_at is null) = (state = 'proposed') and (started_by is null) = (started_at is null)),
  constraint runbook_runs_ended_when_over check ((ended_at is not null) = (state in ('done', 'failed')))
);
create unique index runbook_runs_one_at_a_time on public.runbook_runs (name, coalesce(subject, '')) where state = 'running';

create table public.runbook_steps (
  run_id uuid not null references public.runbook_runs,
  position integer not null,
  name text not null,
  state text not null default 'pending' constraint runbook_steps_state_known check (state in ('pending', 'done', 'failed')),
  -- What the dry run said that it would do; and what it did.
  plan text not null,
  result text,
  data jsonb not null default '{}',
  started_at timestamptz,
  ended_at timestamptz,
  primary key (run_id, position),
  constraint runbook_steps_ended_when_over check ((ended_at is not null) = (state <> 'pending') and (result is not null or state = 'pending'))
);

alter table public.cards add column run_id uuid references public.runbook_runs,
  add constraint cards_runbook_whole check (kind <> 'runbook' or run_id is not null);
create unique index cards_one_per_run on public.cards (run_id) where kind = 'runbook';

create function public._find_desync() returns table (problem text, task_id text, step_id text, is_for_people boolean)
language plpgsql stable set search_path = ''
as $$
begin
  return query
    with open_tasks as (
      select t.task_id,
        -- What people were asked about, or what has left, is not put together anew behind their backs.
        exists (select 1 from public.effects e where e.task_id = t.task_id and e.status <> 'void') or exists (
          select 1 from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending', 'approved')) as is_for_people
      from public.tasks t where t.status in ('planning', 'running', 'awaiting_approval')
    ), steps as (
      select s.*, o.is_for_people, not exists (
        select 1 from public.task_steps p where p.task_id = s.task_id and p.node_id = any (s.after) and p.status not in ('done', 'skipped')) as is_free
      from public.task_steps s join open_tasks o using (task_id)
    )
    select 'lost_output', s.task_id, s.step_id, s.is_for_people from steps s
    where s.kind = 'work' and s.status = 'done' and not exists (select 1 from public.artifacts a where a.storage_ref = s.output_ref)
    union all
    select 'too_early', s.task_id, s.step_id, s.is_for_people from steps s where s.kind in ('work', 'critic') and s.status in ('ready', 'running') and not s.is_free
    union all
    select 'stuck', s.task_id, s.step_id, s.is_for_people from steps s where s.kind in ('work', 'critic') and s.status = 'pending' and s.is_free
    union all
    select 'event_twice', e.task_id, min(e.step_id), true from public.events e
    -- What Telegram asked to wait for is granted anew each time; what was reopened ends once more.
    where e.ts > clock_timestamp() - interval '7 days' and e.type in ('TASK_CREATED', 'TASK_ENDED', 'PUBLISH_OK')
    group by e.task_id, e.type, e.payload_json ->> 'effect_id'
    having count(*) > 1 + case when e.type = 'TASK_ENDED' then (select count(*) from public.events r where r.task_id = e.task_id and r.type = 'TASK_REOPENED') else 0 end
    union all
    select 'sent_twice', e.task_id, e.step_id, true from public.effects e join public.effect_attempts a using (effect_id)
    where e.granted_at > clock_timestamp() - interval '7 days' and a.status = 'done' group by e.effect_id, e.task_id, e.step_id, a.part having count(*) > 1;
end
$$;
comment on function public._find_desync() is 'Steps whose output is gone, that run before what they come after, or that nobody makes ready; events and parts that are there twice.';

create function public._describe_desync() returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(string_agg(format('%s × %s (%s)', x.n, x.problem, x.tasks), '; ' order by x.problem), 'nothing is out of order')
    from (select f.problem, count(*) as n, (array_agg(distinct f.task_id))[1:3]::text as tasks from public._find_desync() f group by f.problem) x
  );
end
$$;

create function public._rebuild_steps() returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_found record;
  v_step public.task_steps;
  v_task_id text;
  v_task_ids text[] := '{}'::text[];
  v_kept integer := 0;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Whatever goes on takes the switch for share first: while it is held here every consumer of the fleet waits, and none longer than this.
  perform 1 from public.stop_switch for update;
  for v_found in select f.* from public._find_desync() f where not f.is_for_people and f.problem in ('lost_output', 'too_early', 'stuck') order by f.task_id, f.step_id loop
    perform 1 from public.tasks where task_id = v_found.task_id and ended_at is null for update;
    continue when not found;
    select * into v_step from public.task_steps where step_id = v_found.step_id for update;
    if v_found.problem = 'lost_output' and exists (select 1 from public.artifacts a where a.step_id = v_found.step_id and a.type <> 'critique') then
      update public.task_steps set output_ref = (select a.storage_ref from public.artifacts a where a.step_id = v_found.step_id and a.type <> 'critique' order by a.created_at desc limit 1) where step_id = v_found.step_id;
      v_kept := v_kept + 1;
    elsif v_found.problem <> 'stuck' then
      -- It and what was made of it are done again.
      update public.task_steps set status = 'pending', ended_at = null, worker = null, lease_expires_at = null, fence = fence + 1
      where task_id = v_found.task_id and kind in ('work', 'critic') and status in ('ready', 'running', 'done') and (step_id = v_found.step_id or (v_found.problem = 'lost_output' and position > v_step.position));
    end if;
    perform public._audit(v_found.task_id, 'system', 'runbook.rebuild', v_found.step_id, jsonb_build_object('status', v_step.status), jsonb_build_object('problem', v_found.problem));
    if not v_found.task_id = any (v_task_ids) then
      v_task_ids := v_task_ids || v_found.task_id;
    end if;
  end loop;
  foreach v_task_id in array v_task_ids loop
    v_deliver := v_deliver || (public._advance(v_task_id, null, null) -> 'deliver') || public._changed(v_task_id);
  end loop;
  return jsonb_build_object('text', format('%s tasks put in order, %s outputs found again; %s', cardinality(v_task_ids), v_kept,
    coalesce((select format('%s findings are for people: %s', count(*), (array_agg(distinct f.task_id))[1:5]::text) from public._find_desync() f where f.is_for_people having count(*) > 0), 'nothing is left for people')),
    'deliver', v_deliver);
end
$$;
comment on function public._rebuild_steps() is 'Puts the steps of open tasks in order from their newest good artifacts, while all consumers wait. What people were asked about or what has left is not touched.';

create function public._pace_since(p_since timestamptz) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select format('%s steps ended, P95 %s ms, %s duplicates', count(*), coalesce(round(percentile_cont(0.95) within group (order by extract(epoch from s.ended_at - s.started_at) * 1000))::text, '–'),
      (select count(*) from public._find_desync() f where f.problem in ('event_twice', 'sent_twice')))
    from public.task_steps s where s.ended_at > p_since and s.status = 'done' and s.started_at is not null
  );
end
$$;

create function public._engine_of(p_breaker text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return substr(p_breaker, length('engine:') + 1);
end
$$;

create function public._describe_routes(p_engine text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(string_agg(format('%s: %s', x.agent, case when x.others = '' then 'has no other engine, its steps wait' else 'goes to ' || x.others end), '; ' order by x.agent), 'no agent uses it')
    from (
      select r.key as agent, coalesce((select string_agg(n.value, ', ' order by n.place) from jsonb_array_elements_text(r.value) with ordinality n (value, place) where lower(n.value) <> p_engine), '') as others
      from public.policies p cross join jsonb_each(p.document -> 'routing') r
      where p.in_force_at is not null and p.retired_at is null and exists (select 1 from jsonb_array_elements_text(r.value) n where lower(n) = p_engine)
    ) x
  );
end
$$;
comment on function public._describe_routes(text) is 'Where each agent that uses an engine goes while it is left alone.';

create function public._give_canary(p_run public.runbook_runs) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_goal text := 'Canary after a tool failure: answer in one short sentence that you work.';
  v_input text := jsonb_build_object('goal', v_goal, 'vault', '{}'::jsonb, 'context', '[]'::jsonb, 'attachments', '[]'::jsonb)::text;
begin
  return public.create_task('telegram', 'runbook:' || p_run.run_id, p_run.started_by, substr(p_run.started_by, 4)::bigint, v_goal,
    jsonb_build_object('name', 'input.json', 'type', 'input', 'content_type', 'application/json', 'checksum', encode(sha256(convert_to(v_input, 'UTF8')), 'hex'), 'size_bytes', octet_length(v_input), 'content', v_input),
    p_run.chat_id, p_run.topic_id, (select message_id from public.cards where run_id = p_run.run_id and kind = 'runbook'));
end
$$;

create function public._run_desync_step(p_step public.runbook_steps) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_deliver jsonb;
begin
  if p_step.name = 'examine' then
    return jsonb_build_object('text', public._describe_desync());
  elsif p_step.name = 'rebuild' then
    return public._rebuild_steps();
  elsif p_step.name = 'reopen' then
    select coalesce(jsonb_agg(public._job('step.run', s.step_id, s.wake_seq) -> 0), '[]'::jsonb) into v_deliver
    from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval');
    return jsonb_build_object('text', format('%s ready steps nudged', jsonb_array_length(v_deliver)), 'deliver', v_deliver);
  elsif p_step.started_at > clock_timestamp() - interval '10 minutes' then
    return jsonb_build_object('wait_ms', ceil(extract(epoch from p_step.started_at + interval '10 minutes' - clock_timestamp()) * 1000)::bigint);
  end if;
  return jsonb_build_object('text', format('in ten minutes: %s; %s', public._pace_since(p_step.started_at), public._describe_desync()));
end
$$;

create function public._run_tool_step(p_run public.runbook_runs, p_step public.runbook_steps) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_breaker public.breakers;
  v_given jsonb;
  v_task public.tasks;
  v_p95 numeric;
begin
  insert into public.breakers (name) values (p_run.subject) on conflict (name) do nothing;
  select * into v_breaker from public.breakers where name = p_run.subject for update;
  if p_step.name = 'trip' then
    if v_breaker.state <> 'closed' then
      return jsonb_build_object('text', 'it was open already');
    end if;
    v_breaker := public._open_breaker(p_run.subject, p_run.started_by, 'tripped');
    return jsonb_build_object('text', 'the breaker is open, nobody calls the tool for two minutes');
  elsif p_step.name = 'fallback' then
    return jsonb_build_object('text', public._describe_routes(public._engine_of(p_run.subject)));
  elsif p_step.name = 'notify' then
    return jsonb_build_object('text', public._describe_failed_calls(p_run.subject));
  elsif p_step.name = 'canary' and p_step.data ->> 'task_id' is null then
    if v_breaker.state <> 'closed' and coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') > clock_timestamp() then
      return jsonb_build_object('wait_ms', ceil(extract(epoch from coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') - clock_timestamp()) * 1000)::bigint);
    end if;
    v_given := public._give_canary(p_run);
    if v_given ->> 'task_id' is null then
      return jsonb_build_object('text', format('the canary was not taken: %s', v_given ->> 'code'), 'failed', true);
    end if;
    return jsonb_build_object('wait_ms', 5000, 'data', jsonb_build_object('task_id', v_given ->> 'task_id'), 'deliver', v_given -> 'deliver');
  elsif p_step.name = 'canary' then
    select * into v_task from public.tasks where task_id = p_step.data ->> 'task_id';
    if v_task.ended_at is null and p_step.started_at > clock_timestamp() - interval '20 minutes' then
      return jsonb_build_object('wait_ms', 5000);
    elsif v_task.status = 'done' and v_breaker.state = 'closed' then
      return jsonb_build_object('text', format('%s is done and the breaker is closed', v_task.task_id));
    end if;
    return jsonb_build_object('text', format('%s: %s; the breaker is %s. Give the runbook again when the tool works', v_task.task_id, coalesce(v_task.failure_code, v_task.status), v_breaker.state), 'failed', true);
  end if;
  select percentile_cont(0.95) within group (order by latency_ms) into v_p95 from public.engine_calls
  where engine = public._engine_of(p_run.subject) and outcome = 'ok' and created_at > clock_timestamp() - interval '7 days';
  return jsonb_build_object('text', case when v_p95 is null then 'no good call in seven days to measure a timeout by'
    else format('good calls took at most %s ms (P95 of seven days): a timeout of %s ms leaves room for twice that; propose it by /policy propose', round(v_p95), greatest(5000, ceil(v_p95 * 2 / 1000) * 1000)::bigint) end);
end
$$;

create function public._plan_runbook(p_name text, p_subject text) returns table (name text, plan text)
language plpgsql stable set search_path = ''
as $$
begin
  if p_name = 'desync' then
    return query values ('examine', 'look for duplicates and steps out of order; now: ' || public._describe_desync()),
      ('rebuild', 'hold all consumers for a moment and put ' || (select count(distinct f.task_id) from public._find_desync() f where not f.is_for_people) || ' tasks in order from their newest artifacts'),
      ('reopen', 'let the consumers go on and nudge every ready step'), ('watch', 'for ten minutes; then P95 and duplicates. In the last ten: ' || public._pace_since(clock_timestamp() - interval '10 minutes'));
  elsif p_name = 'memory-drift' then
    return query select d.name, d.plan from public._plan_drift() d;
  else
    return query values ('trip', coalesce((select 'the breaker is ' || b.state || ' now' from public.breakers b where b.name = p_subject and b.state <> 'closed'), 'open the breaker: nobody calls the tool for two minutes')),
      ('fallback', public._describe_routes(public._engine_of(p_subject))),
      ('notify', public._describe_failed_calls(p_subject)),
      ('canary', 'after two minutes give one task as you, which tries the tool; it must end well and close the breaker'), ('timeouts', 'measure good calls and propose a tighter timeout');
  end if;
end
$$;

create function public._run_view(p_run public.runbook_runs) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('run_id', p_run.run_id, 'name', p_run.name, 'subject', p_run.subject, 'state', p_run.state, 'created_at', p_run.created_at, 'started_at', p_run.started_at, 'ended_at', p_run.ended_at,
    'started_by_name', public._known_as(substr(p_run.started_by, 4)), 'chat_id', p_run.chat_id, 'topic_id', p_run.topic_id,
    'steps', (select jsonb_agg(jsonb_build_object('name', s.name, 'state', s.state, 'plan', s.plan, 'result', s.result, 'is_begun', s.started_at is not null) order by s.position) from public.runbook_steps s where s.run_id = p_run.run_id));
end
$$;

create function public.propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_run public.runbook_runs;
  v_tools text[] := (select coalesce(array_agg('engine:' || lower(k) order by k), '{}') from public.policies p cross join jsonb_object_keys(p.document -> 'engines') k where p.in_force_at is not null and p.retired_at is null);
  v_subject text := lower(p_subject);
  v_code text;
begin
  if p_name = 'tool-failure' then
    v_subject := case when v_subject is null then (select name from public.breakers where name = any (v_tools) order by (state <> 'closed') desc, changed_at desc limit 1)
      when v_subject like 'engine:%' then v_subject else 'engine:' || v_subject end;
  end if;
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when p_name is null or p_name not in ('desync', 'tool-failure', 'memory-drift') then 'unknown_runbook'
    when p_name = 'tool-failure' and (v_subject is null or not v_subject = any (v_tools)) then 'unknown_tool'
    when exists (select 1 from public.runbook_runs where name = p_name and subject is not distinct from (case when p_name = 'tool-failure' then v_subject end) and state = 'running') then 'running' end;
  if v_code is null then
    insert into public.runbook_runs (name, subject, asked_by, chat_id, topic_id) values (p_name, case when p_name = 'tool-failure' then v_subject end, 'tg:' || p_external_id, p_chat_id, p_topic_id) returning * into v_run;
    insert into public.runbook_steps (run_id, position, name, plan)
    select v_run.run_id, x.place, x.name, x.plan from public._plan_runbook(v_run.name, v_run.subject) with ordinality x (name, plan, place);
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'runbook.propose' else 'runbook.refuse' end, coalesce('runbook:' || v_run.run_id, 'runbook'), null,
    jsonb_strip_nulls(jsonb_build_object('name', p_name, 'subject', v_subject, 'code', v_code)));
  return jsonb_build_object('code', v_code, 'tools', to_jsonb(v_tools), 'run', case when v_code is null then public._run_view(v_run) end);
end
$$;
comment on function public.propose_runbook(bigint, text, text, bigint, bigint) is 'The dry run: what each step would do now. Changes nothing. code: no_role, unknown_runbook, unknown_tool, running.';

create function public.open_runbook_card(p_run_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_run public.runbook_runs;
  v_card public.cards;
begin
  select * into v_run from public.runbook_runs where run_id = p_run_id;
  if v_run.run_id is null then
    perform public._refuse('ZT003', 'no such run of a runbook', jsonb_build_object('run_id', p_run_id));
  end if;
  insert into public.cards (kind, run_id, chat_id, topic_id) values ('runbook', p_run_id, v_run.chat_id, v_run.topic_id) on conflict (run_id) where kind = 'runbook' do nothing;
  select * into v_card from public.cards where kind = 'runbook' and run_id = p_run_id for no key update;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('run', (select public._run_view(r) from public.runbook_runs r where r.run_id = p_run_id),
    'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id)));
end
$$;
comment on function public.open_runbook_card(uuid) is 'The one message of a run: its dry run, its button, and what each step did.';

create function public.start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_card public.cards;
  v_run public.runbook_runs;
  v_code text;
begin
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'runbook';
  v_code := case when v_card.card_id is null then 'unknown_button' else public._press(v_card.card_id, p_chat_id, p_message_id) end;
  if v_code is null then
    perform pg_advisory_xact_lock(hashtext('ags.start_runbook'));
    select * into v_run from public.runbook_runs where run_id = v_card.run_id for update;
    v_code := case
      when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
      when v_run.state <> 'proposed' then 'already_started'
      when v_run.created_at < clock_timestamp() - interval '15 minutes' then 'expired'
      when exists (select 1 from public.runbook_runs where name = v_run.name and subject is not distinct from v_run.subject and state = 'running') then 'running' end;
  end if;
  if v_code is null then
    update public.runbook_runs set state = 'running', started_by = 'tg:' || p_external_id, started_at = clock_timestamp(), next_at = clock_timestamp() where run_id = v_run.run_id returning * into v_run;
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'runbook.start' else 'runbook.refuse' end, coalesce('runbook:' || v_run.run_id, 'runbook'), null, jsonb_strip_nulls(jsonb_build_object('code', v_code)));
  return jsonb_build_object('code', v_code, 'run_id', v_run.run_id, 'deliver', case when v_code is null then public._job('runbook.run', v_run.run_id::text) else '[]'::jsonb end);
end
$$;
comment on function public.start_runbook(text, bigint, bigint, bigint) is 'Run, on the dry run''s own message. code: unknown_button, wrong_message, no_role, already_started, expired, running.';

create function public.advance_runbook(p_run_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_run public.runbook_runs;
  v_step public.runbook_steps;
  v_done jsonb;
  v_is_over boolean;
begin
  select * into v_run from public.runbook_runs where run_id = p_run_id and state = 'running' for update skip locked;
  if v_run.run_id is null then
    -- It is over, or somebody else is at it.
    return jsonb_build_object('is_over', true, 'wait_ms', 0, 'did', null, 'deliver', '[]'::jsonb);
  end if;
  update public.runbook_steps set started_at = coalesce(started_at, clock_timestamp())
  where run_id = p_run_id and position = (select min(position) from public.runbook_steps where run_id = p_run_id and state = 'pending') returning * into v_step;
  v_done := case v_run.name when 'desync' then public._run_desync_step(v_step) when 'memory-drift' then public._run_drift_step(v_run, v_step) else public._run_tool_step(v_run, v_step) end;
  if v_done ? 'text' then
    update public.runbook_steps set state = case when v_done ? 'failed' then 'failed' else 'done' end, result = left(v_done ->> 'text', 1000), ended_at = clock_timestamp() where run_id = p_run_id and position = v_step.position;
    perform public._audit('system', 'system', 'runbook.step', 'runbook:' || p_run_id, null, jsonb_build_object('name', v_run.name, 'step', v_step.name, 'result', left(v_done ->> 'text', 500)));
  elsif v_done ? 'data' then
    update public.runbook_steps set data = data || (v_done -> 'data') where run_id = p_run_id and position = v_step.position;
  end if;
  v_is_over := v_done ? 'failed' or not exists (select 1 from public.runbook_steps where run_id = p_run_id and state = 'pending');
  update public.runbook_runs set state = case when v_done ? 'failed' then 'failed' when v_is_over then 'done' else state end, ended_at = case when v_is_over then clock_timestamp() end,
    next_at = case when not v_is_over then clock_timestamp() + make_interval(secs => coalesce((v_done ->> 'wait_ms')::numeric, 0) / 1000) end
  where run_id = p_run_id;
  return jsonb_build_object('is_over', v_is_over, 'wait_ms', coalesce((v_done ->> 'wait_ms')::bigint, 0), 'did', case when v_done ? 'text' then v_step.name end, 'deliver', coalesce(v_done -> 'deliver', '[]'::jsonb),
    'ask', v_done -> 'ask', 'failures', case when v_step.name = 'notify' then public._list_failed_calls(v_run.subject) end);
end
$$;
comment on function public.advance_runbook(uuid) is 'Does the next step of a run, in one transaction with its record; wait_ms when it has to wait, is_over when there is nothing more to do.';

create function public._list_lost_runs() returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_deliver jsonb;
begin
  with lost as (
    -- What somebody is at just now is not lost.
    update public.runbook_runs set next_at = clock_timestamp()
    where run_id in (select run_id from public.runbook_runs where state = 'running' and next_at < clock_timestamp() - interval '15 seconds' for update skip locked) returning run_id
  )
  select coalesce(jsonb_agg(public._job('runbook.run', run_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]'::jsonb) into v_deliver from lost;
  return v_deliver;
end
$$;
comment on function public._list_lost_runs() is 'Runs whose next step is due and whose nudge was lost.';

select public._protect_table('runbook_runs'), public._protect_table('runbook_steps');
select public._expose('propose_runbook', 'ags_bot'), public._expose('start_runbook', 'ags_bot'), public._expose('open_runbook_card', 'ags_bot', 'ags_worker'), public._expose('advance_runbook', 'ags_worker');
select public._expose(f) from unnest(array['_find_desync', '_describe_desync', '_rebuild_steps', '_pace_since', '_engine_of', '_describe_routes', '_give_canary', '_run_desync_step', '_run_tool_step',
  '_plan_runbook', '_run_view', '_list_lost_runs']) f;
reset role;
