-- Running code breaks. What a stop holds and what becomes of it when it is lifted; and the drill, which shows that a stop would hold.
--
-- A drill:  asked -> running -> passed | failed | overtaken (a stop came in between, or the drill was never begun)
set role ags_owner;

alter table public.stop_switch
  -- The generation of the last stop. A drill raises `generation` as a stop does, so that workers acknowledge it on the same way, and leaves
  -- this one alone: a grant from before a drill stays good.
  add column halted_generation bigint not null default 1,
  add column resume_choice text constraint stop_switch_resume_choice_known check (resume_choice in ('continue', 'cancel')),
  add column resume_reason text,
  -- The one task for which the gate is closed while a drill runs.
  add column drill_task_id text references public.tasks,
  add constraint stop_switch_halt_is_a_generation check (halted_generation <= generation),
  add constraint stop_switch_choice_with_resume check ((resume_choice is null) = (resume_asked_by is null));

-- When a worker told of the newest generation that it knows: how long a stop takes is measured by it.
alter table public.workers add column acknowledged_at timestamptz not null default clock_timestamp();

create table public.stop_drills (
  drill_id uuid primary key default gen_random_uuid(),
  asked_by text not null,
  asked_at timestamptz not null default clock_timestamp(),
  -- Where the result is told, when a person asked.
  chat_id bigint,
  topic_id bigint,
  message_id bigint,
  worker text,
  task_id text references public.tasks,
  started_at timestamptz,
  raised_at timestamptz,
  generation bigint,
  -- When the gate had refused the dummy's effect.
  refused_at timestamptz,
  ended_at timestamptz,
  seconds_to_halt numeric(10, 3),
  workers jsonb not null default '[]',
  outcome text not null default 'asked' constraint stop_drills_outcome_known check (outcome in ('asked', 'running', 'passed', 'failed', 'overtaken')),
  evidence jsonb not null default '{}',
  constraint stop_drills_started_when_running check (outcome in ('asked', 'overtaken') or (started_at is not null and task_id is not null)),
  constraint stop_drills_ended_when_over check ((ended_at is not null) = (outcome in ('passed', 'failed', 'overtaken'))),
  constraint stop_drills_measured_when_passed check (outcome <> 'passed' or seconds_to_halt is not null)
);
create unique index stop_drills_one_at_a_time on public.stop_drills ((true)) where outcome in ('asked', 'running');
create index stop_drills_newest on public.stop_drills (asked_at desc);

create function public._list_waiting(p_scope text) returns setof public.tasks
language plpgsql stable set search_path = ''
as $$
begin
  return query select * from public.tasks where status in ('planning', 'running', 'awaiting_approval') and (risk_tier >= 'T2' or p_scope = 'all') and source <> 'drill';
end
$$;
comment on function public._list_waiting(text) is 'The tasks that a stop of this scope holds.';

create function public._held_by_stop(p_switch public.stop_switch) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_tasks jsonb;
  v_unsent jsonb;
begin
  -- What would go out at once comes first: approved, and only the stop in its way.
  select coalesce(jsonb_agg(jsonb_build_object('task_id', x.task_id, 'tier', x.risk_tier, 'status', x.status, 'goal', left(x.goal, 200), 'leaves_at_once', x.leaves_at_once)
    order by x.leaves_at_once desc, x.risk_tier desc, x.task_id), '[]'::jsonb) into v_tasks
  from (
    select w.task_id, w.risk_tier, w.status, w.goal, exists (select 1 from public.task_steps s where s.task_id = w.task_id and s.kind = 'effect' and s.status in ('ready', 'running')) as leaves_at_once
    from public._list_waiting(p_switch.scope) w
  ) x;
  select coalesce(jsonb_agg(jsonb_build_object('task_id', e.task_id, 'kind', e.kind, 'tier', e.tier, 'target_chat_id', e.target_chat_id) order by e.granted_at), '[]'::jsonb) into v_unsent
  from public.effects e
  where e.status = 'granted' and (e.tier >= 'T2' or p_switch.scope = 'all') and not exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id);
  return jsonb_build_object(
    'tasks', (select coalesce(jsonb_agg(t order by place), '[]'::jsonb) from jsonb_array_elements(v_tasks) with ordinality x (t, place) where place <= 10),
    'task_count', jsonb_array_length(v_tasks),
    'leaving_count', (select count(*) from jsonb_array_elements(v_tasks) t where (t ->> 'leaves_at_once')::boolean),
    'cancellable_count', (select count(*) from jsonb_array_elements(v_tasks) t where t ->> 'tier' >= 'T2'),
    'unsent', v_unsent,
    'steps_ready', (select count(*) from public.task_steps s join public._list_waiting(p_switch.scope) w using (task_id) where s.status = 'ready'),
    'cards_to_show', (select count(*) from public.approval_requests r join public._list_waiting(p_switch.scope) w using (task_id) where r.status = 'staging'));
end
$$;
comment on function public._held_by_stop(public.stop_switch) is 'What goes on when the stop is lifted: tasks (the first ten, those that send at once before the others), grants that never left, and the queues.';

create function public._cancel_held(p_switch public.stop_switch, p_reason text, p_actor text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_task_id text;
  v_effect public.effects;
  v_task_ids jsonb := '[]'::jsonb;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- T0 and T1 harm nobody and go on, also after a stop of everything.
  for v_task_id in select w.task_id from public._list_waiting(p_switch.scope) w where w.risk_tier >= 'T2' order by w.task_id loop
    v_deliver := v_deliver || public._end_task(v_task_id, 'cancelled', 'cancelled',
      'held by the stop and cancelled when it was lifted' || coalesce(': ' || p_reason, ''), p_actor);
    v_task_ids := v_task_ids || to_jsonb(v_task_id);
    -- A grant that never left is worthless at once; one that is under way is settled as it ends.
    for v_effect in
      select * from public.effects e where e.task_id = v_task_id and e.status = 'granted' and not exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id) for update
    loop
      v_deliver := v_deliver || public._settle_orphan(v_effect);
    end loop;
  end loop;
  return jsonb_build_object('task_ids', v_task_ids, 'deliver', v_deliver);
end
$$;
comment on function public._cancel_held(public.stop_switch, text, text) is 'Ends every T2/T3 task that the stop holds, with the reason.';

create function public._is_halted(p_tier text, p_task_id text) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return (select (stopped_at is not null and (scope = 'all' or p_tier >= 'T2')) or coalesce(drill_task_id = p_task_id, false) from public.stop_switch);
end
$$;
comment on function public._is_halted(text, text) is 'Whether the gate is closed for this task: by a stop, or by the drill that this task is the dummy of.';

create function public._drill_rules() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('every', coalesce((document -> 'drills' ->> 'every')::integer, 604800), 'within', coalesce((document -> 'drills' ->> 'within')::integer, 5),
      'freeze_t3', coalesce((document -> 'drills' ->> 'freeze_t3')::boolean, false), 'since', (select min(in_force_at) from public.policies))
    from public.policies where in_force_at is not null and retired_at is null
  );
end
$$;
comment on function public._drill_rules() is 'How often (seconds), how fast (seconds), and what follows: from the policy in force. Null before there is one.';

create function public._drill_due_at() returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_rules jsonb := public._drill_rules();
  v_last public.stop_drills;
begin
  select * into v_last from public.stop_drills where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  return case
    when v_last.outcome = 'passed' then v_last.started_at + make_interval(secs => (v_rules ->> 'every')::integer)
    -- What failed is tried again soon: it may hold by now, and T3 may wait for it.
    when v_last.outcome = 'failed' then v_last.started_at + least(make_interval(secs => (v_rules ->> 'every')::integer), interval '1 hour')
    else (v_rules ->> 'since')::timestamptz + make_interval(secs => (v_rules ->> 'every')::integer) end;
end
$$;
comment on function public._drill_due_at() is 'When the next drill is due by the policy in force.';

create function public._drill_problem() returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_last public.stop_drills;
  v_due_at timestamptz;
begin
  select * into v_last from public.stop_drills where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  if v_last.outcome = 'failed' then
    return format('the drill of the emergency stop of %s UTC failed: %s', to_char(v_last.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), v_last.evidence ->> 'summary');
  end if;
  v_due_at := public._drill_due_at();
  -- Under a stop nothing is drilled, and nothing needs to be.
  if v_due_at < clock_timestamp() - interval '1 hour' and not exists (select 1 from public.stop_switch where stopped_at is not null) then
    return format('the drill of the emergency stop is overdue since %s UTC', to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'));
  end if;
  return null;
end
$$;
comment on function public._drill_problem() is 'What is wrong with the drills: the last one failed, or the next one is more than an hour late; null when nothing is.';

create function public._freeze_problem(p_tier text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case when p_tier = 'T3' and (public._drill_rules() ->> 'freeze_t3')::boolean then
    (select 'T3 is frozen until a drill passes: ' || p from public._drill_problem() p where p is not null) end;
end
$$;
comment on function public._freeze_problem(text) is 'Why a tier is frozen by the policy in force; null when it is not.';

create function public._drill_view(p_drill public.stop_drills) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('drill_id', p_drill.drill_id, 'asked_by', p_drill.asked_by, 'asked_at', p_drill.asked_at, 'chat_id', p_drill.chat_id, 'topic_id', p_drill.topic_id, 'message_id', p_drill.message_id,
    'started_at', p_drill.started_at, 'ended_at', p_drill.ended_at, 'seconds_to_halt', p_drill.seconds_to_halt, 'outcome', p_drill.outcome, 'workers', p_drill.workers, 'summary', p_drill.evidence ->> 'summary');
end
$$;

create function public.get_drill(p_drill_id uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select public._drill_view(d) from public.stop_drills d where d.drill_id = p_drill_id);
end
$$;
comment on function public.get_drill(uuid) is 'One drill as people read of it; null when there is none.';

create function public.ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_drill_id uuid;
begin
  select * into v_switch from public.stop_switch for share;
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when v_switch.stopped_at is not null then 'stopped'
    when public._drill_rules() is null then 'no_policy' end;
  if v_code is null then
    insert into public.stop_drills (asked_by, chat_id, topic_id, message_id) values (v_actor, p_chat_id, p_topic_id, p_message_id)
    on conflict ((true)) where outcome in ('asked', 'running') do nothing returning drill_id into v_drill_id;
    v_code := case when v_drill_id is null then 'running' end;
  end if;
  perform public._audit('system', v_actor, case when v_code is null then 'drill.ask' else 'drill.refuse' end, coalesce('drill:' || v_drill_id, 'drill'), null, jsonb_strip_nulls(jsonb_build_object('code', v_code)));
  return jsonb_build_object('code', v_code, 'drill_id', v_drill_id, 'worker_count', (select count(*) from public.workers where seen_at > now() - interval '30 seconds'),
    'deliver', case when v_code is null then public._job('drill.run', v_drill_id::text) else '[]'::jsonb end);
end
$$;
comment on function public.ask_drill(bigint, bigint, bigint, bigint) is 'An operator or owner wants a drill of the stop now; code is no_role, stopped, no_policy or running.';

create function public._end_dummy(p_task_id text, p_what text) returns void
language plpgsql set search_path = ''
as $$
begin
  -- Its effect has no way out but the gate, and nobody sends it: whatever its tries say, nothing is in doubt.
  update public.effect_attempts a set status = 'void', settled_at = clock_timestamp(), error = 'a dummy is never sent' from public.effects e where e.effect_id = a.effect_id and e.task_id = p_task_id and a.status = 'started';
  update public.effects set status = 'void', settled_at = clock_timestamp(), outcome_note = 'the dummy of ' || p_what where task_id = p_task_id and status = 'granted';
  perform public._end_task(p_task_id, 'cancelled', 'cancelled', 'the dummy of ' || p_what, 'system');
end
$$;

create function public._end_drill(p_drill public.stop_drills, p_outcome text, p_evidence jsonb) returns public.stop_drills
language plpgsql set search_path = ''
as $$
declare
  v_drill public.stop_drills;
  v_content text;
begin
  update public.stop_switch set drill_task_id = null where drill_task_id is not distinct from p_drill.task_id;
  if p_drill.task_id is not null then
    perform public._end_dummy(p_drill.task_id, 'a drill of the emergency stop');
  end if;
  update public.stop_drills set outcome = p_outcome, ended_at = clock_timestamp(), evidence = evidence || p_evidence where drill_id = p_drill.drill_id returning * into v_drill;
  if v_drill.task_id is not null then
    v_content := (public._drill_view(v_drill) || jsonb_build_object('generation', v_drill.generation, 'evidence', v_drill.evidence))::text;
    perform public._store_artifact(v_drill.task_id, null, jsonb_build_object('name', 'stop-drill.json', 'type', 'drill', 'content', v_content, 'content_type', 'application/json',
      'checksum', encode(sha256(convert_to(v_content, 'UTF8')), 'hex')), 'system');
  end if;
  perform public._event(null, 'STOP_DRILLED', null, null, jsonb_build_object('outcome', p_outcome, 'generation', coalesce(v_drill.generation, 0), 'seconds_to_halt', v_drill.seconds_to_halt), 'drill:' || v_drill.drill_id || ':end');
  perform public._audit('system', 'system', 'drill.end', 'drill:' || v_drill.drill_id, jsonb_build_object('outcome', p_drill.outcome), jsonb_build_object('outcome', p_outcome, 'generation', v_drill.generation,
    'seconds_to_halt', v_drill.seconds_to_halt, 'workers', v_drill.workers, 'evidence', v_drill.evidence));
  if p_outcome = 'failed' then
    perform public._raise_incident('stop_drill', 'stop', 'critical', 'a drill of the emergency stop failed: ' || coalesce(v_drill.evidence ->> 'summary', ''),
      jsonb_build_object('drill_id', v_drill.drill_id, 'is_t3_frozen', coalesce((public._drill_rules() ->> 'freeze_t3')::boolean, false)));
  end if;
  return v_drill;
end
$$;

create function public._add_dummy(p_id uuid, p_goal text, p_worker text, p_chat_id bigint) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_policy public.policies;
  v_tier text;
  v_day date := (now() at time zone 'UTC')::date;
  v_number integer;
  v_task_id text;
  v_content text := jsonb_build_object('parts', '[]'::jsonb, 'drill', p_id)::text;
  v_post public.artifacts;
begin
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  -- The lowest tier that people do not approve: nobody is asked about a dummy, and nobody's approval is made up for it.
  select t into v_tier from unnest(array['T0', 'T1']) t order by cardinality(public._slots(v_policy.document, t)), t limit 1;
  insert into public.task_days as d (day, last_number) values (v_day, 1) on conflict (day) do update set last_number = d.last_number + 1 returning last_number into v_number;
  v_task_id := format('T-%s-%s', to_char(v_day, 'YYYY-MM-DD'), lpad(v_number::text, greatest(4, length(v_number::text)), '0'));
  insert into public.tasks (task_id, actor, goal, risk_tier, status, source, source_key, input_checksum, policy_version)
  values (v_task_id, 'system', p_goal, v_tier, 'running', 'drill', p_id::text, encode(sha256(convert_to(v_content, 'UTF8')), 'hex'), v_policy.policy_version);
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, subject_node, status, started_at, ended_at)
  values (v_task_id || '/critic', v_task_id, 'critic', 1, 'critic', 'critic', 'drill', 'CRITIQUE', v_tier, 'draft', 'done', now(), now());
  v_post := public._store_artifact(v_task_id, v_task_id || '/critic', jsonb_build_object('name', 'draft.post.json', 'type', 'post', 'content', v_content, 'content_type', 'application/json',
    'checksum', encode(sha256(convert_to(v_content, 'UTF8')), 'hex')), 'system');
  update public.task_steps set verdict = jsonb_build_object('passed', true, 'points', 9, 'score', 1, 'has_veto', false, 'pass_points', 0, 'critique', '{}'::jsonb, 'post_checksum', v_post.checksum, 'part_count', 1) where step_id = v_task_id || '/critic';
  -- Held for longer than any drill takes: nobody finds it lost, and nobody else can claim it.
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, subject_node, effect_kind, target_chat_id, status, worker, lease_expires_at, fence, attempt_count, started_at, wake_seq)
  values (v_task_id || '/reply', v_task_id, 'reply', 2, 'effect', 'communicator', 'drill', 'REPLY', v_tier, 'draft', 'reply', p_chat_id, 'running', p_worker, now() + interval '1 day', 1, 1, now(), 1);
  return jsonb_build_object('task_id', v_task_id, 'step_id', v_task_id || '/reply', 'fence', 1, 'checksum', v_post.checksum, 'target_chat_id', p_chat_id, 'part_count', 1);
end
$$;
comment on function public._add_dummy(uuid, text, text, bigint) is 'A task whose one effect could pass the gate, held by the worker that drills; only the gate is ever asked about it.';

create function public.begin_drill(p_worker text, p_chat_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_drill public.stop_drills;
  v_dummy jsonb;
  v_problem text;
begin
  -- One at a time in the whole fleet; whoever finds another one at it has nothing to do.
  if not pg_try_advisory_xact_lock(hashtext('ags.begin_drill')) or public._drill_rules() is null then
    return null;
  end if;
  -- Asked every half minute: the switch, which everybody else needs, is locked only when there is something to do.
  if not exists (select 1 from public.stop_drills where outcome in ('asked', 'running')) and (public._drill_due_at() > clock_timestamp() or (select stopped_at is not null from public.stop_switch)) then
    return null;
  end if;
  select * into v_switch from public.stop_switch for update;
  v_problem := public._drill_problem();
  select * into v_drill from public.stop_drills where outcome in ('asked', 'running') for update;
  if v_drill.outcome = 'running' and v_drill.started_at < clock_timestamp() - interval '2 minutes' then
    perform public._end_drill(v_drill, 'failed', jsonb_build_object('summary', format('the worker %s that ran it did not end it', v_drill.worker)));
    v_drill := null;
  elsif v_drill.outcome = 'running' then
    return null;
  end if;
  if v_switch.stopped_at is not null then
    if v_drill.drill_id is not null then
      v_drill := public._end_drill(v_drill, 'overtaken', '{"summary":"a stop came before it began"}');
      return jsonb_build_object('drill', public._drill_view(v_drill), 'dummy', null);
    end if;
    return null;
  end if;
  if v_drill.drill_id is null then
    insert into public.stop_drills (asked_by) values ('system') returning * into v_drill;
  end if;
  v_dummy := public._add_dummy(v_drill.drill_id, 'Drill of the emergency stop: a dummy that is never sent', p_worker, p_chat_id);
  update public.stop_drills set outcome = 'running', started_at = clock_timestamp(), worker = p_worker, task_id = v_dummy ->> 'task_id' where drill_id = v_drill.drill_id returning * into v_drill;
  perform public._audit('system', 'system', 'drill.begin', 'drill:' || v_drill.drill_id, null, jsonb_build_object('asked_by', v_drill.asked_by, 'worker', p_worker, 'task_id', v_drill.task_id));
  if v_problem like '%overdue%' then
    perform public._raise_standing('stop_drill', 'stop', 'warning', v_problem, jsonb_build_object('drill_id', v_drill.drill_id, 'is_t3_frozen', coalesce((public._drill_rules() ->> 'freeze_t3')::boolean, false)));
  end if;
  return jsonb_build_object('drill', public._drill_view(v_drill), 'dummy', v_dummy);
end
$$;
comment on function public.begin_drill(text, bigint) is 'The drill that was asked for or is due, with its dummy, for one worker of the fleet; null when there is none to run. Without a dummy it is over already.';

create function public.raise_drill(p_drill_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_drill public.stop_drills;
begin
  -- As a stop does: waits for grants under way, and no grant of the dummy passes it.
  select * into v_switch from public.stop_switch for update;
  select * into v_drill from public.stop_drills where drill_id = p_drill_id for update;
  if v_drill.outcome is distinct from 'running' or v_drill.raised_at is not null then
    perform public._refuse('ZT001', 'only a drill that runs is raised, and once', jsonb_build_object('drill_id', p_drill_id, 'outcome', v_drill.outcome));
  end if;
  if v_switch.stopped_at is not null then
    v_drill := public._end_drill(v_drill, 'overtaken', '{"summary":"a stop came in between"}');
    return jsonb_build_object('is_raised', false, 'drill', public._drill_view(v_drill));
  end if;
  update public.stop_switch set generation = generation + 1, drill_task_id = v_drill.task_id returning * into v_switch;
  update public.stop_drills set raised_at = clock_timestamp(), generation = v_switch.generation where drill_id = p_drill_id returning * into v_drill;
  perform public._audit('system', 'system', 'drill.raise', 'drill:' || p_drill_id, null, jsonb_build_object('generation', v_switch.generation, 'task_id', v_drill.task_id));
  return jsonb_build_object('is_raised', true, 'drill', public._drill_view(v_drill));
end
$$;
comment on function public.raise_drill(uuid) is 'Raises the generation for the dummy alone: from here on the gate is closed for it, and workers have a generation to acknowledge.';

create function public.settle_drill(p_drill_id uuid, p_gate jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_drill public.stop_drills;
  v_workers jsonb;
  v_silent text;
  v_leak text;
  v_is_late boolean;
begin
  select * into v_switch from public.stop_switch for update;
  select * into v_drill from public.stop_drills where drill_id = p_drill_id for update;
  if v_drill.drill_id is null then
    perform public._refuse('ZT003', 'no such drill', jsonb_build_object('drill_id', p_drill_id));
  end if;
  if v_drill.outcome <> 'running' or v_drill.raised_at is null then
    return jsonb_build_object('is_over', v_drill.outcome <> 'running', 'drill', public._drill_view(v_drill));
  end if;
  -- What the rows say counts; what the worker was answered only adds to it.
  v_leak := case
    when exists (select 1 from public.effects e where e.task_id = v_drill.task_id and e.generation >= v_drill.generation) then 'the gate granted the dummy''s effect under the drill'
    when exists (select 1 from public.effect_attempts a join public.effects e using (effect_id) where e.task_id = v_drill.task_id) then 'the gate let the dummy''s effect begin under the drill'
    when p_gate ->> 'authorize' is distinct from 'stopped' then format('the gate answered %s to a new question', coalesce(p_gate ->> 'authorize', 'nothing'))
    when exists (select 1 from public.effects e where e.task_id = v_drill.task_id) and p_gate ->> 'begin' is distinct from 'stopped' then format('the gate answered %s right before sending', coalesce(p_gate ->> 'begin', 'nothing')) end;
  update public.stop_drills set refused_at = coalesce(refused_at, case when v_leak is null then clock_timestamp() end) where drill_id = p_drill_id returning * into v_drill;
  select coalesce(jsonb_agg(jsonb_build_object('worker', w.worker, 'generation_seen', w.generation_seen, 'has_acknowledged', w.generation_seen >= v_drill.generation,
      'seconds', case when w.generation_seen >= v_drill.generation then round(extract(epoch from greatest(w.acknowledged_at - v_drill.raised_at, interval '0')), 3) end) order by w.worker), '[]'::jsonb),
    string_agg(w.worker, ', ' order by w.worker) filter (where w.generation_seen < v_drill.generation) into v_workers, v_silent
  from public.workers w where w.seen_at > clock_timestamp() - interval '30 seconds';
  v_is_late := clock_timestamp() > v_drill.raised_at + make_interval(secs => (public._drill_rules() ->> 'within')::integer);
  -- A stop that comes in between is the real thing, and closes the gate for everybody.
  if v_leak is null and (v_silent is not null or v_workers = '[]'::jsonb) and not v_is_late and v_switch.stopped_at is null then
    return jsonb_build_object('is_over', false, 'drill', public._drill_view(v_drill));
  end if;
  update public.stop_drills set workers = v_workers,
    seconds_to_halt = case when v_silent is null and v_leak is null and v_workers <> '[]'::jsonb
      then greatest((select max((w ->> 'seconds')::numeric) from jsonb_array_elements(v_workers) w), round(extract(epoch from refused_at - raised_at), 3)) end
  where drill_id = p_drill_id returning * into v_drill;
  v_drill := case
    when v_leak is not null then public._end_drill(v_drill, 'failed', jsonb_build_object('summary', v_leak, 'gate', p_gate))
    when v_silent is null and v_workers <> '[]'::jsonb then public._end_drill(v_drill, 'passed', jsonb_build_object('summary', format('%s acknowledged, the gate refused', jsonb_array_length(v_workers)), 'gate', p_gate))
    when v_switch.stopped_at is not null then public._end_drill(v_drill, 'overtaken', jsonb_build_object('summary', 'a stop came in between', 'gate', p_gate))
    else public._end_drill(v_drill, 'failed', jsonb_build_object('summary', format('no acknowledgement from %s', coalesce(v_silent, 'any worker')), 'gate', p_gate)) end;
  return jsonb_build_object('is_over', true, 'drill', public._drill_view(v_drill));
end
$$;
comment on function public.settle_drill(uuid, jsonb) is 'Looks whether every live worker has acknowledged and the gate has refused the dummy; ends the drill when they have, when the time of the policy is over, or when the gate let anything through.';

-- What a step is comes from its plan, which is made before anything of strangers is read: from then on nobody makes another one of it.
create function public.tg_task_steps__as_planned() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' then
    perform public._refuse('ZT001', 'a step keeps the agent, action, instruction and target of its plan', jsonb_build_object('step_id', old.step_id));
  end if;
  if new.kind <> 'approve' and exists (select 1 from public.task_steps p where p.task_id = new.task_id and p.kind = 'plan' and p.status = 'done') then
    perform public._refuse('ZT001', 'after the plan only a gate may be added', jsonb_build_object('step_id', new.step_id, 'kind', new.kind));
  end if;
  return new;
end
$$;
create trigger _100_as_planned before update on public.task_steps for each row
  when ((old.step_id, old.kind, old.agent, old.agent_name, old.action, old.tier, old.instruction, old.subject_node, old.effect_kind, old.target_chat_id, old.target_topic_id)
    is distinct from (new.step_id, new.kind, new.agent, new.agent_name, new.action, new.tier, new.instruction, new.subject_node, new.effect_kind, new.target_chat_id, new.target_topic_id))
  execute function public.tg_task_steps__as_planned();
create trigger _110_only_gates_later before insert on public.task_steps for each row execute function public.tg_task_steps__as_planned();

select public._protect_table('stop_drills');
select public._expose('ask_drill', 'ags_bot'), public._expose('get_drill', 'ags_bot', 'ags_worker'), public._expose('begin_drill', 'ags_worker'),
  public._expose('raise_drill', 'ags_worker'), public._expose('settle_drill', 'ags_worker');
select public._expose(f) from unnest(array['tg_task_steps__as_planned', '_list_waiting', '_held_by_stop', '_cancel_held', '_is_halted', '_drill_rules', '_drill_due_at', '_drill_problem', '_freeze_problem', '_drill_view', '_end_dummy', '_end_drill', '_add_dummy']) f;
reset role;
