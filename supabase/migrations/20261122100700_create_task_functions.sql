-- The life of a task: create, claim, complete, fail. Each is one call and one transaction: rows, event, audit, and who is next.
-- Locks are taken in one order everywhere: stop switch, task, step, request.
set role ags_owner;

create function public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_before text;
  v_reopened integer;
begin
  select status into v_before from public.tasks where task_id = p_task_id and ended_at is null for update;
  if v_before is null then
    -- It ended in another way before; the first end stands.
    return '[]'::jsonb;
  end if;
  update public.tasks set status = p_status, ended_at = now(), held_reason = null, failure_code = p_code, failure_message = left(p_message, 1000) where task_id = p_task_id;
  update public.task_steps set status = case when p_status = 'cancelled' then 'cancelled' else 'skipped' end, ended_at = now(), worker = null, lease_expires_at = null, fence = fence + 1
  where task_id = p_task_id and status in ('pending', 'ready', 'running', 'awaiting_approval');
  -- An approval that let nothing out ends with its task: nobody can decide on it, edit it or let it expire any more.
  update public.approval_requests r set status = 'void', void_reason = 'task_' || p_status, decided_at = now(), lease_expires_at = null, worker = null
  where r.task_id = p_task_id and (r.status in ('staging', 'pending')
    or (r.status = 'approved' and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void')));
  perform public._audit(p_task_id, p_actor, 'task.end', p_task_id, jsonb_build_object('status', v_before),
    jsonb_strip_nulls(jsonb_build_object('status', p_status, 'code', p_code, 'message', p_message)));
  -- A task that was reopened ends once more.
  select count(*) into v_reopened from public.events where task_id = p_task_id and type = 'TASK_REOPENED';
  perform public._event(p_task_id, 'TASK_ENDED', null, null, jsonb_strip_nulls(jsonb_build_object('status', p_status, 'code', p_code)), p_task_id || ':end' || case when v_reopened > 0 then ':' || v_reopened else '' end);
  return public._changed(p_task_id) || public._redraw_cards(p_task_id);
end
$$;
comment on function public._end_task(text, text, text, text, text) is 'The one place where a task ends, whichever way.';

create function public.create_task(
  p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb,
  p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_task public.tasks;
  v_person_id uuid;
  v_policy public.policies;
  v_day date := (now() at time zone 'UTC')::date;
  v_number integer;
  v_task_id text;
  v_rate jsonb;
  v_queue jsonb;
  v_artifact public.artifacts;
begin
  if coalesce(btrim(p_goal), '') = '' or length(p_goal) > 4000 then
    perform public._refuse('ZT007', 'a goal has 1 to 4000 characters', jsonb_build_object('length', length(p_goal)));
  end if;
  -- The same request may come in twice at once: the second waits, and then finds the first's task.
  perform pg_advisory_xact_lock(hashtextextended('ags.create_task:' || p_source || ':' || p_source_key, 0));
  select * into v_task from public.tasks where source = p_source and source_key = p_source_key;
  if v_task.task_id is not null then
    if v_task.input_checksum is distinct from p_input ->> 'checksum' then
      perform public._refuse('ZT005', 'this input was already taken with other content', jsonb_build_object('task_id', v_task.task_id));
    end if;
    return jsonb_build_object('task_id', v_task.task_id, 'is_new', false, 'code', null, 'task', public._task_view(v_task.task_id), 'deliver', '[]'::jsonb);
  end if;
  v_person_id := public._hold_person(p_external_id);
  if p_source = 'telegram' and not public._roles_of(v_person_id) && array['owner', 'operator'] then
    -- A value, not an error: an error would take its own audit record back.
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'no_role'));
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'no_role', 'deliver', '[]'::jsonb);
  end if;
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  if v_policy.policy_version is null then
    perform public._refuse('ZT001', 'no policy is in force');
  end if;
  v_queue := public._queue(null);
  if (v_queue ->> 'waiting')::integer >= (v_policy.document -> 'intake' ->> 'max_waiting')::integer then
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'overloaded') || v_queue);
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'overloaded', 'queue', v_queue, 'deliver', '[]'::jsonb);
  end if;
  v_rate := public._spend_rates(v_policy.document, jsonb_build_object('tasks_per_person', v_person_id, 'tasks_per_chat', p_chat_id));
  if v_rate is not null then
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'rate_limited', 'limit', v_rate ->> 'limit', 'free_at', v_rate -> 'free_at'));
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'rate_limited', 'rate', v_rate, 'deliver', '[]'::jsonb);
  end if;
  insert into public.task_days as d (day, last_number) values (v_day, 1) on conflict (day) do update set last_number = d.last_number + 1 returning last_number into v_number;
  v_task_id := format('T-%s-%s', to_char(v_day, 'YYYY-MM-DD'), lpad(v_number::text, greatest(4, length(v_number::text)), '0'));
  insert into public.tasks (task_id, actor, goal, requester_person_id, source, source_key, input_checksum, policy_version, chat_id, topic_id, request_message_id, show_requested_at)
  values (v_task_id, p_actor, p_goal, v_person_id, p_source, p_source_key, p_input ->> 'checksum', v_policy.policy_version, p_chat_id, p_topic_id, p_request_message_id, null);
  v_artifact := public._store_artifact(v_task_id, null, p_input, p_actor);
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, status, wake_seq, woken_at, input_ref)
  values (v_task_id || '/plan', v_task_id, 'plan', 0, 'plan', 'planner', v_policy.document -> 'agents' ->> 'planner', 'PLAN', 'T0', 'ready', 1, now(), v_artifact.storage_ref);
  perform public._event(v_task_id, 'TASK_CREATED', null, null, jsonb_build_object('actor', p_actor, 'inputs_ref', v_artifact.storage_ref, 'policy_version', v_policy.policy_version), v_task_id || ':created');
  perform public._event(v_task_id, 'STEP_READY', v_task_id || '/plan', 'planner', jsonb_build_object('node_id', 'plan'), v_task_id || ':plan:ready:1');
  perform public._audit(v_task_id, p_actor, 'task.create', v_task_id, null,
    jsonb_build_object('goal', p_goal, 'source', p_source, 'policy_version', v_policy.policy_version, 'input_checksum', v_artifact.checksum));
  return jsonb_build_object('task_id', v_task_id, 'is_new', true, 'code', null, 'task', public._task_view(v_task_id), 'deliver', public._job('step.run', v_task_id || '/plan', 1));
end
$$;
comment on function public.create_task(text, text, text, bigint, text, jsonb, bigint, bigint, bigint) is
  'Intake: the task, its planning step, TASK_CREATED. The same source key again gives the first answer; with another input it is refused. code no_role: only operators and owners give tasks; overloaded: too many wait already, with about how long they will take; rate_limited: too many, with when it is free again.';

create function public.record_task_message(p_task_id text, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_message_id bigint;
begin
  update public.tasks set message_id = coalesce(message_id, p_message_id) where task_id = p_task_id returning message_id into v_message_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;
comment on function public.record_task_message(text, bigint) is 'The one message that shows how the task goes: the first that is recorded stays, and is the answer.';

create function public._inputs(p_step public.task_steps) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  -- Whoever judges or drafts sees all the work before it; other work sees what it comes after. What the requester sent is last.
  return (
    select coalesce(jsonb_agg(x.item order by x.rank, x.place), '[]') from (
      select 1 as rank, s.position as place,
        jsonb_build_object('node_id', s.node_id, 'agent', s.agent, 'kind', s.kind, 'is_edited_by_person', s.is_edited_by_person) || public._artifact_json(a) as item
      from public.task_steps s join public.artifacts a on a.storage_ref = s.output_ref
      where s.task_id = p_step.task_id and s.kind = 'work' and s.status = 'done' and s.node_id <> p_step.node_id
        and (s.node_id = any (p_step.after) or p_step.kind in ('critic', 'effect') or p_step.agent in ('exec', 'communicator'))
      union all
      select 2, 0, jsonb_build_object('node_id', null, 'agent', null, 'kind', 'input') || public._artifact_json(a)
      from public.artifacts a where a.task_id = p_step.task_id and a.type = 'input'
    ) x
  );
end
$$;

create function public._work(p_step public.task_steps, p_task public.tasks) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_previous jsonb;
  v_post jsonb;
  v_delivery jsonb;
begin
  -- Each is looked up for those steps alone that need it.
  if p_step.output_ref is not null then
    select public._artifact_json(a) into v_previous from public.artifacts a where a.storage_ref = p_step.output_ref;
  end if;
  if p_step.kind = 'effect' then
    -- What would be sent: the post that was judged. The critic's own comes from the draft.
    select public._artifact_json(a) into v_post from public.artifacts a join public.task_steps c on c.step_id = a.step_id
    where a.task_id = p_step.task_id and a.type = 'post' and c.kind = 'critic' and c.subject_node = p_step.subject_node and a.checksum = c.verdict ->> 'post_checksum'
    order by a.created_at desc limit 1;
  elsif p_step.kind = 'critic' then
    -- The critic's post goes where the effect goes.
    select jsonb_build_object('step_id', e.step_id, 'effect_kind', e.effect_kind, 'target_chat_id', e.target_chat_id, 'target_topic_id', e.target_topic_id) into v_delivery
    from public.task_steps e where e.task_id = p_step.task_id and e.kind = 'effect' and e.subject_node = p_step.subject_node limit 1;
  end if;
  return jsonb_build_object(
    'step', jsonb_build_object('step_id', p_step.step_id, 'task_id', p_step.task_id, 'node_id', p_step.node_id, 'kind', p_step.kind, 'agent', p_step.agent,
      'agent_name', p_step.agent_name, 'action', p_step.action, 'tier', p_step.tier, 'instruction', p_step.instruction, 'fence', p_step.fence,
      'attempt_count', p_step.attempt_count, 'comments', p_step.comments, 'effect_kind', p_step.effect_kind,
      'subject_node', p_step.subject_node, 'target_chat_id', p_step.target_chat_id, 'target_topic_id', p_step.target_topic_id, 'lease_expires_at', p_step.lease_expires_at, 'waits_since', p_step.waits_since),
    'task', jsonb_build_object('task_id', p_task.task_id, 'goal', p_task.goal, 'actor', p_task.actor, 'risk_tier', p_task.risk_tier, 'policy_version', p_task.policy_version, 'source', p_task.source,
      'chat_id', p_task.chat_id, 'topic_id', p_task.topic_id, 'message_id', p_task.message_id, 'request_message_id', p_task.request_message_id, 'revision_count', p_task.revision_count, 'created_at', p_task.created_at),
    'inputs', public._inputs(p_step),
    'previous', v_previous, 'post', v_post, 'delivery', v_delivery,
    'made', case when p_step.kind = 'archive' then public.list_task_artifacts(p_step.task_id) end);
end
$$;
comment on function public._work(public.task_steps, public.tasks) is 'Everything that the worker of a claimed step needs, read in one go.';

create function public._hand_over(p_step_id text, p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_task public.tasks;
  v_step public.task_steps;
begin
  select t.* into v_task from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id for update of t;
  -- While people are asked whether it landed, nobody is at it.
  if exists (select 1 from public.effects where step_id = p_step_id and status = 'in_doubt') then
    return null;
  end if;
  -- The dummy of a drill is its worker's alone.
  if v_task.task_id is null or v_task.source = 'drill' or v_task.status not in ('planning', 'running', 'awaiting_approval') or public._is_stopped(coalesce(v_task.risk_tier, 'T0')) then
    return null;
  end if;
  update public.task_steps set status = 'running', worker = p_worker, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds), ended_at = null,
    wake_seq = wake_seq + case when status = 'ready' then 0 else 1 end, woken_at = case when status = 'ready' then woken_at else clock_timestamp() end,
    fence = fence + 1, attempt_count = attempt_count + 1, started_at = coalesce(started_at, clock_timestamp()), not_before = null, error_code = null, error_message = null
  where step_id = p_step_id returning * into v_step;
  return public._work(v_step, v_task);
end
$$;
comment on function public._hand_over(text, text, integer) is
  'Gives a step, ready or woken by this, to one worker with a new fence, and answers with its work; null when the task is over or the stop holds it.';

create function public.claim_step(p_step_id text, p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform 1 from public.stop_switch for share;
  perform 1 from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id and s.status = 'ready' for update of t;
  perform 1 from public.task_steps where step_id = p_step_id and status = 'ready' and (not_before is null or not_before <= clock_timestamp()) for update;
  if not found then
    return null;
  end if;
  return public._hand_over(p_step_id, p_worker, p_lease_seconds);
end
$$;
comment on function public.claim_step(text, text, integer) is
  'Takes a ready step for one worker, or gives null: somebody has it, it is not due, the task is over, or the stop holds it. The answer carries a fence that every later write must show.';

create function public.renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_until timestamptz;
begin
  update public.task_steps set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where step_id = p_step_id and fence = p_fence and status = 'running' returning lease_expires_at into v_until;
  return jsonb_build_object('is_held', v_until is not null);
end
$$;
comment on function public.renew_lease(text, bigint, integer) is 'Keeps a claimed step; is_held false means that it was lost and the work must end.';

create function public._lock_claimed(p_step_id text, p_fence bigint) returns public.task_steps
language plpgsql set search_path = ''
as $$
declare
  v_step public.task_steps;
begin
  select s.* into v_step from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id for update of t, s;
  if v_step.step_id is null then
    perform public._refuse('ZT003', 'no such step', jsonb_build_object('step_id', p_step_id));
  end if;
  if v_step.fence <> p_fence or v_step.status <> 'running' then
    perform public._refuse('ZT006', 'this worker no longer holds the step', jsonb_build_object('step_id', p_step_id, 'fence', p_fence, 'status', v_step.status));
  end if;
  return v_step;
end
$$;
comment on function public._lock_claimed(text, bigint) is 'Locks task and step and proves the fence; a stale worker gets ZT006.';

create function public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) returns void
language plpgsql set search_path = ''
as $$
declare
  v_key text := case when p_input_hash is null then p_step.idempotency_key else p_step.task_id || ':' || p_step.node_id || ':' || left(p_input_hash, 16) end;
  v_checksum text;
  v_prompt_checksum text;
begin
  if p_output_ref is not null then
    select checksum, prompt_checksum into v_checksum, v_prompt_checksum from public.artifacts where storage_ref = p_output_ref;
  end if;
  update public.task_steps set status = 'done', output_ref = coalesce(p_output_ref, output_ref), quality_score = coalesce(p_score, quality_score), idempotency_key = v_key,
    is_edited_by_person = false, waits_for = null, waits_since = null, ended_at = clock_timestamp(), worker = null, lease_expires_at = null, started_at = coalesce(started_at, clock_timestamp())
  where step_id = p_step.step_id;
  perform public._event(p_step.task_id, 'STEP_DONE', p_step.step_id, p_step.agent_name,
    jsonb_strip_nulls(jsonb_build_object('node_id', p_step.node_id, 'inputs_ref', p_step.input_ref, 'outputs_ref', p_output_ref, 'quality_score', p_score)) || p_payload,
    coalesce(v_key, p_step.task_id || ':' || p_step.node_id) || ':done:' || p_step.fence);
  perform public._audit(p_step.task_id, case when p_step.kind = 'approve' then 'system' else 'agent:' || p_step.agent_name end, 'step.complete', p_step.step_id,
    jsonb_build_object('status', p_step.status), jsonb_strip_nulls(jsonb_build_object('status', 'done', 'output_ref', p_output_ref, 'quality_score', p_score,
      'output_checksum', v_checksum, 'prompt_checksum', v_prompt_checksum)) || p_payload);
end
$$;
comment on function public._done(public.task_steps, text, text, numeric, jsonb) is 'Ends a step well, with its event and its record; what was made from an earlier input is known by its hash.';

create function public._wake(p_step_id text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_step public.task_steps;
begin
  update public.task_steps set status = 'ready', wake_seq = wake_seq + 1, woken_at = clock_timestamp(), ended_at = null, worker = null, lease_expires_at = null
  where step_id = p_step_id returning * into v_step;
  perform public._event(v_step.task_id, 'STEP_READY', v_step.step_id, v_step.agent_name, jsonb_build_object('node_id', v_step.node_id), v_step.task_id || ':' || v_step.node_id || ':ready:' || v_step.wake_seq);
  return public._job('step.run', v_step.step_id, v_step.wake_seq);
end
$$;
comment on function public._wake(text) is 'Makes a step ready, counts the wake, and returns the nudge. The count is part of the job''s id, so no queue can mistake it for an earlier one.';

create function public._go_on(p_task_id text, p_step_ids text[], p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_step_id text;
  v_next jsonb;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Exactly one next step and no gate: the same worker goes on with it, without a way through the queue.
  if p_worker is not null and cardinality(p_step_ids) = 1 then
    v_next := public._hand_over(p_step_ids[1], p_worker, p_lease_seconds);
  end if;
  foreach v_step_id in array p_step_ids loop
    if v_next is null then
      v_deliver := v_deliver || public._wake(v_step_id);
    else
      perform public._event(p_task_id, 'STEP_READY', v_step_id, v_next -> 'step' ->> 'agent_name', jsonb_build_object('node_id', v_next -> 'step' ->> 'node_id'),
        p_task_id || ':' || (v_next -> 'step' ->> 'node_id') || ':ready:' || (select wake_seq from public.task_steps where step_id = v_step_id));
    end if;
  end loop;
  return jsonb_build_object('next', v_next, 'deliver', v_deliver || public._changed(p_task_id));
end
$$;
comment on function public._go_on(text, text[], text, integer) is 'Makes steps ready: {next: the work of the only one, for the worker that asks; deliver: the nudges for the others}.';

create function public._advance(p_task_id text, p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_over text[];
  v_left integer;
  v_free text[];
  v_asks boolean;
  v_deliver jsonb := '[]'::jsonb;
  v_on jsonb;
begin
  loop
    select coalesce(array_agg(node_id) filter (where status in ('done', 'skipped')), '{}'), count(*) filter (where status not in ('done', 'skipped')) into v_over, v_left
    from public.task_steps where task_id = p_task_id;
    v_free := '{}';
    v_asks := false;
    for v_step in select * from public.task_steps where task_id = p_task_id and status = 'pending' and after <@ v_over order by position loop
      if v_step.kind = 'approve' then
        v_deliver := v_deliver || public._open_request(v_step);
        v_asks := true;
      else
        v_free := v_free || v_step.step_id;
      end if;
    end loop;
    -- A gate that was not needed has been skipped, and frees what came after it.
    exit when not v_asks;
  end loop;
  if v_left = 0 then
    return jsonb_build_object('next', null, 'deliver', v_deliver || public._end_task(p_task_id, 'done', null, null, 'system'));
  end if;
  v_on := public._go_on(p_task_id, v_free, p_worker, p_lease_seconds);
  return v_on || jsonb_build_object('deliver', v_deliver || (v_on -> 'deliver'));
end
$$;
comment on function public._advance(text, text, integer) is
  'Makes every step ready whose predecessors are done, opens the requests that are due, ends the task when nothing is left. {next, deliver} as _go_on.';

create function public.complete_step(
  p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb default '[]'
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_item jsonb;
  v_artifact public.artifacts;
  v_output_ref text;
begin
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind not in ('work', 'archive') then
    perform public._refuse('ZT001', 'a ' || v_step.kind || ' step ends in its own way', jsonb_build_object('step_id', p_step_id));
  end if;
  if v_step.kind = 'work' and not (
    select public._is_allowed(p.document, v_step.agent, v_step.action) from public.tasks t join public.policies p using (policy_version) where t.task_id = v_step.task_id) then
    perform public._refuse('ZT004', format('%s may not %s by this task''s policy', v_step.agent, v_step.action), jsonb_build_object('step_id', p_step_id));
  end if;
  for v_item in select i from jsonb_array_elements(p_artifacts) i loop
    v_artifact := public._store_artifact(v_step.task_id, v_step.step_id, v_item, 'agent:' || v_step.agent_name);
    v_output_ref := coalesce(v_output_ref, v_artifact.storage_ref);
  end loop;
  if v_step.kind = 'archive' then
    -- The worker has copied them to Storage before it says that it is done.
    update public.artifacts set archived_at = now() where task_id = v_step.task_id and archived_at is null;
  end if;
  if p_is_rehearsal then
    update public.tasks set is_rehearsal = true where task_id = v_step.task_id and not is_rehearsal;
  end if;
  perform public._done(v_step, p_input_hash, v_output_ref, null, '{}');
  return public._settled(public._advance(v_step.task_id, p_worker, p_lease_seconds), p_spent);
end
$$;
comment on function public.complete_step(text, bigint, text, jsonb, boolean, text, integer, jsonb) is
  'Ends a work or archive step with its artifacts (the first is its output) and hands the same worker the next step where there is exactly one.';

create function public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_delay interval;
  v_is_poison boolean;
begin
  v_step := public._lock_claimed(p_step_id, p_fence);
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'step.fail', p_step_id, jsonb_build_object('attempt', v_step.attempt_count),
    jsonb_build_object('code', p_code, 'message', left(p_message, 500), 'is_retryable', p_is_retryable));
  if p_is_retryable and v_step.attempt_count < 3 then
    -- Exponential backoff with full jitter: anywhere between nothing and 1 s, 2 s, 4 s.
    v_delay := make_interval(secs => random() * power(2, v_step.attempt_count - 1));
    update public.task_steps set status = 'ready', wake_seq = wake_seq + 1, woken_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1,
      not_before = clock_timestamp() + v_delay, error_code = p_code, error_message = left(p_message, 1000)
    where step_id = p_step_id returning * into v_step;
    return jsonb_build_object('status', 'ready', 'deliver',
      public._job('step.run', v_step.step_id, v_step.wake_seq, ceil(extract(epoch from v_delay) * 1000)::bigint + 1) || public._changed(v_step.task_id));
  end if;
  v_is_poison := p_is_retryable or p_code = 'internal';
  update public.task_steps set status = case when v_is_poison then 'quarantined' else 'failed' end, ended_at = clock_timestamp(), worker = null, lease_expires_at = null,
    fence = fence + 1, error_code = p_code, error_message = left(p_message, 1000)
  where step_id = p_step_id;
  if v_is_poison then
    perform public._raise_incident('step_quarantined', v_step.agent_name || ':' || p_code, 'warning', 'a step was quarantined after its last try',
      jsonb_build_object('agent', v_step.agent_name, 'code', p_code, 'step_id', p_step_id, 'attempts', v_step.attempt_count), v_step.task_id, p_step_id, v_step.agent_name);
  elsif p_code = 'artifact_corrupt' then
    perform public._raise_incident('row_tampered', 'artifact:' || p_step_id, 'critical', 'a stored artifact does not match its checksum', jsonb_build_object('step_id', p_step_id), v_step.task_id, p_step_id, v_step.agent_name);
  end if;
  return jsonb_build_object('status', case when v_is_poison then 'quarantined' else 'failed' end,
    'deliver', public._end_task(v_step.task_id, 'failed', p_code, p_message, 'agent:' || v_step.agent_name));
end
$$;
comment on function public.fail_step(text, bigint, text, text, boolean) is 'A try did not work: again after a jittered wait, at most three tries in all, else the task fails with the reason.';

create function public.release_step(p_step_id text, p_fence bigint, p_delay_ms bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
begin
  v_step := public._lock_claimed(p_step_id, p_fence);
  update public.task_steps set status = 'ready', attempt_count = attempt_count - 1, wake_seq = wake_seq + 1, woken_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1,
    not_before = case when p_delay_ms > 0 then clock_timestamp() + make_interval(secs => p_delay_ms / 1000.0) end
  where step_id = p_step_id returning * into v_step;
  return jsonb_build_object('deliver', public._job('step.run', v_step.step_id, v_step.wake_seq, p_delay_ms));
end
$$;
comment on function public.release_step(text, bigint, bigint) is 'Hands a step back untouched: the process drains, a stop holds it, or Telegram asked to wait. It does not count as a try.';

create function public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_task record;
  v_day date := (now() at time zone 'UTC')::date;
  v_reserved record;
  v_is_there boolean := false;
  v_has_room boolean := false;
  v_call_id uuid;
  v_reason text;
  v_rate jsonb;
begin
  if p_tokens < 0 or p_cost_usd < 0 or p_tokens is null or p_cost_usd is null then
    perform public._refuse('ZT007', 'a reservation is not negative', jsonb_build_object('tokens', p_tokens, 'cost_usd', p_cost_usd));
  end if;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select t.task_id, t.tokens_used, t.cost_usd, p.document -> 'budgets' as budgets, p.document into v_task
  from public.tasks t join public.policies p using (policy_version) where t.task_id = v_step.task_id;
  -- What is reserved and not settled counts as spent: a crash must not make money free. What other steps hold that are at work now comes back, most of it.
  select coalesce(sum(c.reserved_tokens), 0) as tokens, coalesce(sum(c.reserved_usd), 0) as usd,
    coalesce(sum(c.reserved_tokens) filter (where s.status = 'running' and s.step_id <> p_step_id), 0) as open_tokens,
    coalesce(sum(c.reserved_usd) filter (where s.status = 'running' and s.step_id <> p_step_id), 0) as open_usd into v_reserved
  from public.engine_calls c join public.task_steps s using (step_id) where c.task_id = v_task.task_id and c.outcome = 'reserved';
  -- A budget that the policy does not name is nothing, not everything.
  v_reason := case
    when v_task.tokens_used + v_reserved.tokens + p_tokens > coalesce((v_task.budgets ->> 'task_tokens')::bigint, 0) then 'task_tokens'
    when v_task.cost_usd + v_reserved.usd + p_cost_usd > coalesce((v_task.budgets ->> 'task_usd')::numeric, 0) then 'task_usd' end;
  if v_reason is not null and v_task.tokens_used + v_reserved.tokens - v_reserved.open_tokens + p_tokens <= coalesce((v_task.budgets ->> 'task_tokens')::bigint, 0)
    and v_task.cost_usd + v_reserved.usd - v_reserved.open_usd + p_cost_usd <= coalesce((v_task.budgets ->> 'task_usd')::numeric, 0) then
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'retry_after_ms', 1000 + floor(random() * 1000)::integer);
  end if;
  if v_reason is null then
    v_rate := public._spend_rates(v_task.document, jsonb_build_object('calls_per_agent', v_step.agent, 'calls_per_engine', p_engine));
    if v_rate is not null then
      perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, 'rate.refuse', p_step_id, null, v_rate);
      return jsonb_build_object('is_granted', false, 'rate', v_rate);
    end if;
  end if;
  while v_reason is null and not v_has_room loop
    update public.budget_days set reserved_usd = reserved_usd + p_cost_usd
    where day = v_day and spent_usd + reserved_usd + p_cost_usd <= coalesce((v_task.budgets ->> 'day_usd')::numeric, 0);
    v_has_room := found;
    if not v_has_room then
      -- No room, or no row yet: whoever makes the first one of a day looks again, and so does, once, whoever finds it made in between.
      insert into public.budget_days (day) values (v_day) on conflict (day) do nothing;
      v_reason := case when not found and v_is_there then 'day_usd' end;
      v_is_there := true;
    end if;
  end loop;
  if v_reason = 'day_usd' and exists (
    select 1 from public.budget_days d where d.day = v_day and d.spent_usd + d.reserved_usd + p_cost_usd - (
      select coalesce(sum(c.reserved_usd), 0) from public.task_steps s join public.engine_calls c on c.task_id = s.task_id and c.step_id = s.step_id
      where s.status = 'running' and s.step_id <> p_step_id and c.day = v_day and c.outcome = 'reserved') <= coalesce((v_task.budgets ->> v_reason)::numeric, 0)) then
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'retry_after_ms', 5000 + floor(random() * 5000)::integer);
  end if;
  if v_reason is not null then
    perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, 'budget.refuse', p_step_id, null,
      jsonb_build_object('budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'asked_tokens', p_tokens, 'asked_usd', p_cost_usd));
    if v_reason = 'day_usd' then
      perform public._raise_incident('budget_day', v_day::text, 'warning', 'the budget of the day is used up', jsonb_build_object('day', v_day, 'limit_usd', v_task.budgets ->> v_reason), v_task.task_id, p_step_id, v_step.agent_name);
    end if;
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', coalesce(v_task.budgets ->> v_reason, '0'));
  end if;
  insert into public.engine_calls (task_id, step_id, day, engine, reserved_tokens, reserved_usd) values (v_task.task_id, p_step_id, v_day, p_engine, p_tokens, p_cost_usd) returning call_id into v_call_id;
  return jsonb_build_object('is_granted', true, 'call_id', v_call_id);
end
$$;
comment on function public.reserve_spend(text, bigint, text, bigint, numeric) is 'Sets aside the most that a model call can cost (USD, tokens), or says which budget or rate of the policy it would break. With retry_after_ms when only what other steps have set aside stands against it: most of that comes back.';

create function public.settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_call public.engine_calls;
  v_cost_usd numeric := coalesce(p_cost_usd, 0);
begin
  if p_input_tokens < 0 or p_output_tokens < 0 or v_cost_usd < 0 or p_outcome is null or p_outcome not in ('ok', 'failed') then
    perform public._refuse('ZT007', 'a call ends as ok or failed, and never gives anything back', jsonb_build_object('outcome', p_outcome, 'cost_usd', p_cost_usd));
  end if;
  update public.engine_calls set model = p_model, input_tokens = p_input_tokens, output_tokens = p_output_tokens, cost_usd = v_cost_usd, latency_ms = p_latency_ms,
    outcome = p_outcome, settled_at = now()
  where call_id = p_call_id and outcome = 'reserved' returning * into v_call;
  if v_call.call_id is not null then
    update public.tasks set tokens_used = tokens_used + coalesce(p_input_tokens, 0) + coalesce(p_output_tokens, 0), cost_usd = cost_usd + v_cost_usd where task_id = v_call.task_id;
    update public.budget_days set spent_usd = spent_usd + v_cost_usd, reserved_usd = reserved_usd - v_call.reserved_usd where day = v_call.day;
  end if;
  return jsonb_build_object('is_settled', v_call.call_id is not null);
end
$$;
comment on function public.settle_spend(uuid, text, bigint, bigint, numeric, numeric, text) is 'Replaces a reservation by what the call used; once.';

create function public._settled(p_answer jsonb, p_spent jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_call jsonb;
begin
  for v_call in select c from jsonb_array_elements(p_spent) c loop
    perform public.settle_spend((v_call ->> 'call_id')::uuid, v_call ->> 'model', (v_call ->> 'input_tokens')::bigint, (v_call ->> 'output_tokens')::bigint,
      (v_call ->> 'cost_usd')::numeric, (v_call ->> 'latency_ms')::numeric, v_call ->> 'outcome');
  end loop;
  return p_answer;
end
$$;
comment on function public._settled(jsonb, jsonb) is 'Settles the calls that a step made with its end, and passes its answer on. The last thing of all: everybody waits for the row of the day.';

create function public._any_of(p_words tsquery[]) returns tsquery
language plpgsql immutable set search_path = ''
as $$
declare
  v_any tsquery;
  v_word tsquery;
begin
  foreach v_word in array p_words loop
    v_any := coalesce(v_any || v_word, v_word);
  end loop;
  return v_any;
end
$$;
comment on function public._any_of(tsquery[]) is 'Matches a text with any of the words; null when there are none.';

create function public.search_artifacts(p_query text, p_task_id text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_words tsquery[];
  v_any_word tsquery;
  v_rare_word tsquery;
  v_sample tsvector[];
  v_found uuid[];
begin
  select array_agg(quote_literal(w.lexeme)::tsquery) into v_words from (
    select l.lexeme from unnest(to_tsvector('simple', left(p_query, 2000))) l where length(l.lexeme) > 3 order by length(l.lexeme) desc, l.lexeme limit 16) w;
  if v_words is null then
    return '[]'::jsonb;
  end if;
  select array_agg(n.artifact_id), array_agg(n.search) into v_found, v_sample from (
    select artifact_id, search from public.artifacts where type in ('draft', 'findings', 'note') order by created_at desc limit 50) n;
  -- A word that stands in many texts tells little, and to look all of them up would cost more with each task: only the newest texts are
  -- searched for it. The newest of them say which words those are.
  v_any_word := public._any_of(v_words);
  v_rare_word := public._any_of(array(
    select w from unnest(v_words) w where (select count(*) from (select from unnest(v_sample) t where t @@ w limit 2) seen) < 2));
  if v_rare_word is not null then
    v_found := v_found || array(
      select artifact_id from public.artifacts where type in ('draft', 'findings', 'note') and search @@ v_rare_word limit 300);
  end if;
  return (
    select coalesce(jsonb_agg(public._artifact_json(x.artifact) || jsonb_build_object('task_id', (x.artifact).task_id, 'goal', x.goal) order by x.rank desc, (x.artifact).created_at desc), '[]') from (
      select a as artifact, t.goal, ts_rank(a.search, v_any_word) as rank
      from public.artifacts a
      -- Only what ended well is worth remembering. Each text's task is looked up (offset 0): a join may begin with every task that ended well.
      cross join lateral (select d.goal from public.tasks d where d.task_id = a.task_id and d.status = 'done' offset 0) t
      where a.artifact_id = any (v_found) and a.search @@ v_any_word and a.task_id <> p_task_id
      order by rank desc, a.created_at desc limit least(greatest(p_limit, 1), 20)
    ) x
  );
end
$$;
comment on function public.search_artifacts(text, text, integer) is 'Full-text search over the texts of earlier tasks that ended well: the newest ones by any word, all of them by words that are rare.';

create function public.list_task_artifacts(p_task_id text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select coalesce(jsonb_agg(public._artifact_json(a) order by a.created_at), '[]') from public.artifacts a where a.task_id = p_task_id);
end
$$;
comment on function public.list_task_artifacts(text) is 'Everything that a task has made.';

select public._expose('create_task', 'ags_bot'), public._expose('record_task_message', 'ags_bot', 'ags_worker'),
  public._expose('claim_step', 'ags_worker'), public._expose('renew_lease', 'ags_worker'), public._expose('complete_step', 'ags_worker'),
  public._expose('fail_step', 'ags_worker'), public._expose('release_step', 'ags_worker'), public._expose('reserve_spend', 'ags_worker'),
  public._expose('settle_spend', 'ags_worker'), public._expose('search_artifacts', 'ags_worker'),
  public._expose('list_task_artifacts', 'ags_worker', 'ags_bot', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['_end_task', '_inputs', '_work', '_hand_over', '_lock_claimed', '_done', '_wake', '_go_on', '_advance', '_settled', '_any_of']) f;
reset role;
