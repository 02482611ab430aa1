-- The effect gate. Nothing acts outside without a row here that says "granted", written before anything leaves.
--
-- grant -> for each part: begin (asks the stop once more) -> send -> settle. A part that began and was never settled is in doubt: nobody sends it again but a person.
set role ags_owner;

create function public._effect_view(p_effect public.effects) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('effect_id', p_effect.effect_id, 'task_id', p_effect.task_id, 'step_id', p_effect.step_id, 'kind', p_effect.kind, 'tier', p_effect.tier, 'status', p_effect.status,
      'artifact_checksum', p_effect.artifact_checksum, 'generation', p_effect.generation, 'granted_at', p_effect.granted_at, 'settled_at', p_effect.settled_at, 'part_count', p_effect.part_count,
      'target_chat_id', p_effect.target_chat_id, 'target_topic_id', p_effect.target_topic_id, 'outcome_note', p_effect.outcome_note, 'sent_again_by', p_effect.sent_again_by, 'resend_asked_by', public._name_of(p_effect.doubt_resend_by),
      'staged', coalesce((select jsonb_agg(jsonb_build_object('part', s.part, 'chat_id', s.chat_id, 'topic_id', s.topic_id, 'message_id', s.message_id) order by s.part) from public.staged_parts s where s.request_id = p_effect.request_id), '[]'),
      'attempts', coalesce((select jsonb_agg(jsonb_build_object('attempt_id', a.attempt_id, 'part', a.part, 'attempt', a.attempt, 'status', a.status, 'started_at', a.started_at, 'settled_at', a.settled_at,
        'chat_id', a.chat_id, 'topic_id', a.topic_id, 'message_id', a.message_id, 'error', a.error) order by a.part, a.attempt) from public.effect_attempts a where a.effect_id = p_effect.effect_id), '[]'))
  );
end
$$;

create function public._behind_approval(p_approval public.approvals) returns uuid[]
language plpgsql stable set search_path = ''
as $$
begin
  return public._behind(case when p_approval.break_glass_id is not null then 'break_glass' end, p_approval.person_id, p_approval.role, p_approval.ts);
end
$$;
comment on function public._behind_approval(public.approvals) is 'Who stood behind an approval when it was given.';

create function public._grant_refusals(p_step public.task_steps, p_task public.tasks, p_request public.approval_requests, p_checksum text, p_chat_id bigint, p_topic_id bigint, p_part_count integer) returns text[]
language plpgsql stable set search_path = ''
as $$
declare
  v_policy jsonb := public._policy(p_task.policy_version);
  v_critic public.task_steps;
  v_slots text[];
  v_reasons text[] := '{}'::text[];
  v_people integer;
begin
  select * into v_critic from public.task_steps where task_id = p_step.task_id and kind = 'critic' and subject_node = p_step.subject_node;
  v_slots := public._demanded_slots(v_policy, p_task.risk_tier, v_critic.verdict);
  if p_task.status <> 'running' and p_task.status <> 'awaiting_approval' then
    v_reasons := v_reasons || 'task_not_running'::text;
  end if;
  if v_critic.status is distinct from 'done'
    or not (coalesce((v_critic.verdict ->> 'passed')::boolean, false) or (public._has_break_glass(p_request.request_id) and not coalesce((v_critic.verdict ->> 'has_veto')::boolean, true)))
    or v_critic.verdict ->> 'post_checksum' is distinct from p_checksum then
    v_reasons := v_reasons || 'critic'::text;
  end if;
  if (v_critic.verdict ->> 'part_count')::integer is distinct from p_part_count then
    v_reasons := v_reasons || 'parts'::text;
  end if;
  if p_step.target_chat_id is distinct from p_chat_id or p_step.target_topic_id is distinct from p_topic_id then
    v_reasons := v_reasons || 'target'::text;
  end if;
  if public._freeze_problem(p_task.risk_tier) is not null then
    v_reasons := v_reasons || 'frozen'::text;
  end if;
  if exists (select 1 from public.chat_moves where chat_id = p_chat_id) then
    v_reasons := v_reasons || 'chat_moved'::text;
  end if;
  if public._is_break_glass_over(p_request.request_id) then
    v_reasons := v_reasons || 'break_glass_over'::text;
  end if;
  if cardinality(v_slots) > 0 or p_task.risk_tier >= 'T2' then
    if p_request.request_id is null or p_request.status <> 'approved' then
      v_reasons := v_reasons || 'approvals'::text;
    elsif p_request.artifact_checksum <> p_checksum or p_request.target_chat_id is distinct from p_chat_id or p_request.target_topic_id is distinct from p_topic_id or p_request.policy_version <> p_task.policy_version then
      v_reasons := v_reasons || 'approved_something_else'::text;
    elsif p_request.expires_at <= clock_timestamp() then
      v_reasons := v_reasons || 'expired'::text;
    else
      -- Counted again here from the decisions themselves: each slot by another person who still holds a role for it, nobody against.
      select count(distinct a.person_id) into v_people from public.approvals a
      where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_checksum and a.role = any (p_request.slots)
        and exists (select 1 from public.person_roles r where r.person_id = a.person_id and r.revoked_at is null
          and (r.role = a.role or (r.role = 'owner' and a.role = 'operator') or a.break_glass_id is not null));
      if v_people < cardinality(array_remove(p_request.slots, public._waived_slot(p_request.request_id))) or p_request.slots is distinct from v_slots
        or exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'reject')
        -- Two people of whom one stood in for the other are none.
        or exists (select 1 from public.approvals a join public.approvals b on b.request_id = a.request_id and b.person_id > a.person_id and b.decision = 'approve'
          where a.request_id = p_request.request_id and a.decision = 'approve' and public._behind_approval(a) && public._behind_approval(b)) then
        v_reasons := v_reasons || 'approvals'::text;
      end if;
      if not (public._verdict(p_request) ->> 'is_met')::boolean then
        v_reasons := v_reasons || 'requirements'::text;
      end if;
    end if;
  end if;
  return v_reasons;
end
$$;
comment on function public._grant_refusals(public.task_steps, public.tasks, public.approval_requests, text, bigint, bigint, integer) is 'Everything that speaks against letting this out, by name; empty when nothing does.';

create function public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_step public.task_steps;
  v_task public.tasks;
  v_request public.approval_requests;
  v_effect public.effects;
  v_reasons text[];
  v_rate jsonb;
  v_order jsonb;
  v_limit jsonb;
  v_key text;
  v_glass_id uuid;
begin
  -- A stop takes this row for update: it waits for grants under way, and no grant passes it.
  select * into v_switch from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind <> 'effect' then
    perform public._refuse('ZT001', 'only an effect step acts outside', jsonb_build_object('step_id', p_step_id));
  end if;
  select * into v_task from public.tasks where task_id = v_step.task_id;
  if public._is_halted(v_task.risk_tier, v_task.task_id) then
    return jsonb_build_object('verdict', 'stopped', 'reasons', '["stopped"]'::jsonb, 'effect', null);
  end if;
  if public._is_frozen_chat(p_target_chat_id) then
    return jsonb_build_object('verdict', 'frozen', 'reasons', '["chat_moved"]'::jsonb, 'effect', null);
  end if;
  -- Only what stands approved: a version that was replaced must not lend this effect its staged copy.
  select r.* into v_request from public.approval_requests r join public.task_steps g on g.step_id = r.step_id
  where g.task_id = v_step.task_id and g.kind = 'approve' and g.subject_node = v_step.subject_node and r.status = 'approved' for update of r;
  v_key := v_step.task_id || ':' || v_step.node_id || ':' || left(p_checksum, 16);
  select * into v_effect from public.effects where idempotency_key = v_key for update;
  v_order := public._order_of(v_step.effect_kind, v_step.task_id, p_checksum);
  if v_effect.effect_id is not null and v_effect.status <> 'void' then
    -- Granted before, by a worker that is gone: whoever holds the step now learns how far it came, and starts nothing twice. The parts that
    -- never left may go on under this hold and this generation, when nothing speaks against it by now and no try is without an end.
    if v_effect.status = 'granted' and (v_effect.fence <> p_fence or v_effect.generation <> v_switch.generation)
      and not exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status in ('started', 'in_doubt')) then
      v_reasons := public._grant_refusals(v_step, v_task, v_request, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count);
      if cardinality(v_reasons) > 0 then
        perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.refuse', p_step_id, null, jsonb_build_object('reasons', to_jsonb(v_reasons), 'checksum', p_checksum, 'target', p_target_chat_id));
        return jsonb_build_object('verdict', 'refused', 'reasons', to_jsonb(v_reasons), 'effect', public._effect_view(v_effect));
      end if;
      v_limit := public._take_limits(v_step.effect_kind, v_order, public._limits_under(public._policy(v_task.policy_version), v_effect.break_glass_id), v_effect.effect_id);
      if v_limit is not null then
        return public._answer_limit(v_step, v_effect, v_limit);
      end if;
      update public.effects set fence = p_fence, generation = v_switch.generation, request_id = v_request.request_id where effect_id = v_effect.effect_id returning * into v_effect;
      perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.resume', v_effect.effect_id::text, null, jsonb_build_object('reference', v_request.reference, 'generation', v_switch.generation));
    end if;
    return jsonb_build_object('verdict', 'exists', 'reasons', '[]'::jsonb, 'effect', public._effect_view(v_effect));
  end if;
  v_reasons := public._grant_refusals(v_step, v_task, v_request, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count);
  if exists (select 1 from public.effects where step_id = p_step_id and status in ('granted', 'done', 'in_doubt')) then
    v_reasons := v_reasons || 'already_done'::text;
  end if;
  if cardinality(v_reasons) > 0 then
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.refuse', p_step_id, null, jsonb_build_object('reasons', to_jsonb(v_reasons), 'checksum', p_checksum, 'target', p_target_chat_id));
    return jsonb_build_object('verdict', 'refused', 'reasons', to_jsonb(v_reasons), 'effect', null);
  end if;
  v_glass_id := public._break_glass_in_force(v_request.request_id);
  v_limit := public._take_limits(v_step.effect_kind, v_order, public._limits_under(public._policy(v_task.policy_version), v_glass_id), v_effect.effect_id);
  if v_limit is not null then
    return public._answer_limit(v_step, null::public.effects, v_limit);
  end if;
  -- An approved effect waits, whole, until the last break-glass has been reviewed.
  v_rate := public._review_wait(v_task.risk_tier, v_glass_id);
  -- One that goes out again because it certainly never left was counted before.
  v_rate := case when v_rate is not null then v_rate when v_effect.effect_id is null then public._spend_rates(public._limits_under(public._policy(v_task.policy_version), v_glass_id), jsonb_build_object('effects_per_action', v_step.action, 'effects_per_chat', p_target_chat_id)) end;
  if v_rate is not null then
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'rate.refuse', p_step_id, null, v_rate);
    return jsonb_build_object('verdict', 'limited', 'reasons', jsonb_build_array(v_rate ->> 'limit'), 'effect', null, 'rate', v_rate);
  end if;
  insert into public.effects (task_id, step_id, kind, tier, idempotency_key, artifact_checksum, target_chat_id, target_topic_id, part_count, request_id, policy_version, generation, fence, break_glass_id, money_order)
  values (v_step.task_id, p_step_id, v_step.effect_kind, v_task.risk_tier, v_key, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count, v_request.request_id, v_task.policy_version, v_switch.generation, p_fence, v_glass_id, v_order)
  on conflict (idempotency_key) do update set status = 'granted', granted_at = clock_timestamp(), settled_at = null, generation = excluded.generation, fence = excluded.fence, request_id = excluded.request_id, break_glass_id = excluded.break_glass_id, outcome_note = null, doubt_resend_by = null, doubt_resend_slot = null
  returning * into v_effect;
  update public.task_steps set idempotency_key = v_key where step_id = p_step_id;
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.grant', v_effect.effect_id::text, null, jsonb_build_object('kind', v_effect.kind, 'key', v_key, 'checksum', p_checksum,
    'target', p_target_chat_id, 'topic', p_target_topic_id, 'reference', v_request.reference, 'generation', v_switch.generation, 'rule', 'tier ' || v_task.risk_tier) || public._use_break_glass(v_effect));
  perform public._event(v_step.task_id, 'EFFECT_GRANTED', p_step_id, v_step.agent_name, jsonb_build_object('effect_id', v_effect.effect_id, 'kind', v_effect.kind), v_key || ':granted:' || v_switch.generation || ':' || p_fence);
  return jsonb_build_object('verdict', 'go', 'reasons', '[]'::jsonb, 'effect', public._effect_view(v_effect));
end
$$;
comment on function public.authorize_effect(text, bigint, text, bigint, bigint, integer) is
  'The gate. "go" at most once per idempotency key, over exactly these bytes to this target; else stopped, frozen (the group has moved), refused (with every reason), limited (by a rate or by an amount of money, with when it is free again), or exists (with how far it came).';

create function public.begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_effect public.effects;
  v_attempt public.effect_attempts;
begin
  select * into v_switch from public.stop_switch for share;
  select * into v_effect from public.effects where effect_id = p_effect_id for update;
  if p_part is null or p_part not between 1 and v_effect.part_count then
    perform public._refuse('ZT007', 'there is no such part', jsonb_build_object('part', p_part, 'parts', v_effect.part_count));
  end if;
  if v_effect.status is distinct from 'granted' then
    return jsonb_build_object('is_go', false, 'code', 'not_granted');
  end if;
  -- The caller's own hold, not only the newest one: a worker that slept through its lease must not send what another now holds.
  if v_effect.fence is distinct from p_fence or not exists (select 1 from public.task_steps where step_id = v_effect.step_id and status = 'running' and fence = p_fence) then
    return jsonb_build_object('is_go', false, 'code', 'lease_lost');
  end if;
  if public._is_halted(v_effect.tier, v_effect.task_id) or (v_effect.tier >= 'T2' and v_effect.generation < v_switch.halted_generation) then
    return jsonb_build_object('is_go', false, 'code', 'stopped');
  end if;
  -- The group may have moved since the grant.
  if public._is_frozen_chat(v_effect.target_chat_id) then
    return jsonb_build_object('is_go', false, 'code', 'chat_moved');
  end if;
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and part = p_part and status in ('started', 'done', 'in_doubt')) then
    return jsonb_build_object('is_go', false, 'code', 'already_sent');
  end if;
  insert into public.effect_attempts (effect_id, part, attempt, generation)
  select p_effect_id, p_part, 1 + count(*), v_switch.generation from public.effect_attempts where effect_id = p_effect_id and part = p_part
  returning * into v_attempt;
  return jsonb_build_object('is_go', true, 'code', null, 'attempt_id', v_attempt.attempt_id, 'generation', v_switch.generation);
end
$$;
comment on function public.begin_attempt(uuid, bigint, integer) is 'Asked right before a part is sent: is the grant still good? Writes the try down first, so that a crash leaves a trace.';

create function public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_attempt public.effect_attempts;
  v_deliver jsonb := '[]'::jsonb;
  v_is_late boolean;
begin
  if p_outcome is null or p_outcome not in ('done', 'refused', 'void', 'in_doubt') then
    perform public._refuse('ZT007', 'an attempt ends as done, refused, void or in_doubt', jsonb_build_object('outcome', p_outcome));
  end if;
  v_is_late := public._lock_doubt(p_attempt_id);
  update public.effect_attempts set status = p_outcome, settled_at = clock_timestamp(), chat_id = p_chat_id, topic_id = p_topic_id, message_id = p_message_id, error = left(p_error, 500)
  where attempt_id = p_attempt_id and status in ('started', 'in_doubt') returning * into v_attempt;
  if v_is_late and v_attempt.attempt_id is not null then
    v_deliver := public._settle_late(v_attempt.effect_id);
  end if;
  return jsonb_build_object('is_settled', v_attempt.attempt_id is not null, 'deliver', v_deliver);
end
$$;
comment on function public.settle_attempt(uuid, text, bigint, bigint, bigint, text) is 'How one try ended: done with its message, refused for certain, void (never left), or in doubt. The last word about a doubt settles it.';

create function public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_effect public.effects;
  v_done integer;
begin
  if p_outcome is null or p_outcome not in ('done', 'again', 'failed', 'shut') then
    perform public._refuse('ZT007', 'an effect ends as done, again, failed or shut', jsonb_build_object('outcome', p_outcome));
  end if;
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select * into v_effect from public.effects where effect_id = p_effect_id and step_id = p_step_id for update;
  if v_effect.effect_id is null then
    perform public._refuse('ZT003', 'no such effect of this step', jsonb_build_object('step_id', p_step_id));
  end if;
  if v_effect.status <> 'granted' then
    perform public._refuse('ZT001', 'the effect is not under way', jsonb_build_object('effect_id', p_effect_id, 'status', v_effect.status));
  end if;
  select count(distinct part) into v_done from public.effect_attempts where effect_id = p_effect_id and status = 'done';
  -- What the attempts say outweighs what the caller says.
  if p_outcome = 'done' and v_done < v_effect.part_count then
    perform public._refuse('ZT001', 'not every part is known to have arrived', jsonb_build_object('done', v_done, 'parts', v_effect.part_count));
  end if;
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'in_doubt')) then
    return public._doubt(v_effect, p_note);
  end if;
  if p_outcome = 'done' then
    return public._land(v_effect, v_step, p_note, 'agent:' || v_step.agent_name, p_worker, p_lease_seconds);
  elsif p_outcome in ('again', 'shut') then
    -- Certainly refused (429, a chat that does not let the bot in) or never left (no connection, a stop): the grant goes back while nothing has landed, and is asked for again.
    update public.effects set status = case when v_done = 0 then 'void' else 'granted' end, settled_at = case when v_done = 0 then clock_timestamp() end, outcome_note = left(p_note, 500) where effect_id = p_effect_id;
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.return', p_effect_id::text, jsonb_build_object('status', v_effect.status),
      jsonb_build_object('status', case when v_done = 0 then 'void' else 'granted' end, 'note', left(p_note, 500), 'parts_done', v_done));
    return case when p_outcome = 'shut' then public._wait_for_chat(v_effect, p_fence, p_retry_after_ms) else public.release_step(p_step_id, p_fence, p_retry_after_ms) end || jsonb_build_object('next', null);
  end if;
  update public.effects set status = 'failed', settled_at = clock_timestamp(), outcome_note = left(p_note, 500) where effect_id = p_effect_id;
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.fail', p_effect_id::text, jsonb_build_object('status', v_effect.status), jsonb_build_object('status', 'failed', 'note', left(p_note, 500), 'parts_done', v_done));
  update public.task_steps set status = 'failed', ended_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1, error_code = 'telegram_refused', error_message = left(p_note, 1000) where step_id = p_step_id;
  return jsonb_build_object('next', null, 'deliver', public._end_task(v_step.task_id, 'failed', 'telegram_refused', p_note, 'agent:' || v_step.agent_name));
end
$$;
comment on function public.settle_effect(text, bigint, uuid, text, text, bigint, text, integer) is
  'Ends an effect as done, failed, again (after a wait) or shut (the chat does not let the bot in: it waits for that); in doubt whenever a try has no certain end, whatever the caller says. Done hands over the next step.';

create function public._note_landed(p_effect public.effects, p_note text, p_actor text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_messages jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('chat_id', chat_id, 'topic_id', topic_id, 'message_id', message_id) order by part), '[]') into v_messages
  from public.effect_attempts where effect_id = p_effect.effect_id and status = 'done' and message_id is not null;
  update public.effects set status = 'done', settled_at = clock_timestamp(), outcome_note = left(p_note, 500) where effect_id = p_effect.effect_id;
  perform public._audit(p_effect.task_id, p_actor, 'effect.done', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', 'done', 'messages', v_messages));
  if p_effect.kind = 'post' then
    perform public._event(p_effect.task_id, 'PUBLISH_OK', p_effect.step_id, (select agent_name from public.task_steps where step_id = p_effect.step_id), jsonb_build_object('effect_id', p_effect.effect_id, 'messages', v_messages, 'checksum', p_effect.artifact_checksum), p_effect.idempotency_key || ':ok');
  end if;
end
$$;
comment on function public._note_landed(public.effects, text, text) is 'Every part of an effect has arrived: written down, whatever became of the task.';

create function public._land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_next jsonb;
begin
  perform public._note_landed(p_effect, p_note, p_actor);
  perform public._done(p_step, null, (select storage_ref from public.artifacts where task_id = p_effect.task_id and checksum = p_effect.artifact_checksum and type = 'post' order by created_at desc limit 1), null,
    jsonb_build_object('effect_id', p_effect.effect_id, 'effect_kind', p_effect.kind));
  if p_effect.sent_again_by is null then
    return public._advance(p_effect.task_id, p_worker, p_lease_seconds);
  end if;
  -- The card on which people had it sent again says how that ended.
  v_next := public._advance(p_effect.task_id, p_worker, p_lease_seconds);
  return v_next || jsonb_build_object('deliver', (v_next -> 'deliver') || public._job('doubt.show', p_effect.effect_id::text, p_effect.fence));
end
$$;

create function public._doubt(p_effect public.effects, p_note text) returns jsonb
language plpgsql set search_path = ''
as $$
begin
  update public.effect_attempts set status = 'in_doubt', settled_at = clock_timestamp() where effect_id = p_effect.effect_id and status = 'started';
  -- A press that was meant for an earlier doubt about the same effect must find nothing: this one gets a token of its own.
  delete from public.buttons b using public.cards c where c.card_id = b.card_id and c.kind = 'doubt' and c.effect_id = p_effect.effect_id;
  -- Whoever asked to send again in an earlier doubt has not been asked about this one.
  update public.effects set status = 'in_doubt', outcome_note = left(p_note, 500), doubt_resend_by = null, doubt_resend_slot = null where effect_id = p_effect.effect_id;
  update public.task_steps set status = 'ready', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = p_effect.step_id and status = 'running';
  update public.tasks set status = 'held', held_reason = 'in_doubt' where task_id = p_effect.task_id and ended_at is null;
  perform public._audit(p_effect.task_id, 'system', 'effect.doubt', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', 'in_doubt', 'note', left(p_note, 500)));
  perform public._raise_incident('effect_in_doubt', p_effect.effect_id::text, 'critical', format('nobody knows whether a %s arrived', p_effect.kind),
    jsonb_build_object('effect_id', p_effect.effect_id, 'effect_kind', p_effect.kind, 'tier', p_effect.tier), p_effect.task_id, p_effect.step_id);
  return jsonb_build_object('next', null, 'deliver', public._job('doubt.show', p_effect.effect_id::text, p_effect.fence) || public._changed(p_effect.task_id));
end
$$;
comment on function public._doubt(public.effects, text) is 'It left, and nobody knows whether it arrived: the task is held and people are asked.';

create function public._settle_orphan(p_effect public.effects) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_done integer;
  v_status text;
begin
  if exists (select 1 from public.effect_attempts where effect_id = p_effect.effect_id and status in ('started', 'in_doubt')) then
    return public._doubt(p_effect, 'the task ended while it was being sent') -> 'deliver';
  end if;
  select count(distinct part) into v_done from public.effect_attempts where effect_id = p_effect.effect_id and status = 'done';
  if v_done = p_effect.part_count then
    perform public._note_landed(p_effect, 'it landed as the task ended', 'system');
    return '[]'::jsonb;
  end if;
  v_status := case when v_done = 0 then 'void' else 'failed' end;
  update public.effects set status = v_status, settled_at = clock_timestamp(), outcome_note = 'the task ended before it was sent in full' where effect_id = p_effect.effect_id;
  perform public._audit(p_effect.task_id, 'system', 'effect.abandon', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', v_status, 'parts_done', v_done));
  return '[]'::jsonb;
end
$$;
comment on function public._settle_orphan(public.effects) is 'A grant whose task ended under way: what its tries say stands, and a try without an end is in doubt.';

create function public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect public.effects;
  v_card public.cards;
begin
  select * into v_effect from public.effects where effect_id = p_effect_id for update;
  if v_effect.effect_id is null then
    perform public._refuse('ZT003', 'no such effect', jsonb_build_object('effect_id', p_effect_id));
  end if;
  insert into public.cards (kind, effect_id, chat_id, topic_id) values ('doubt', p_effect_id, p_chat_id, p_topic_id) on conflict (effect_id, chat_id) where kind = 'doubt' do nothing;
  select * into v_card from public.cards where kind = 'doubt' and effect_id = p_effect_id and chat_id = p_chat_id;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('effect', public._effect_view(v_effect), 'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id limit 1)));
end
$$;
comment on function public.open_doubt_card(uuid, bigint, bigint) is 'The card that asks people whether an effect landed.';

create function public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect public.effects;
  v_step public.task_steps;
  v_card public.cards;
  v_is_over boolean;
  v_is_whole boolean;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_prompt_id uuid;
  v_fit jsonb;
  v_slot text;
  v_result jsonb := '{}'::jsonb;
  v_lifted jsonb := '[]'::jsonb;
  v_outcome text := 'recorded';
begin
  perform 1 from public.stop_switch for share;
  v_person_id := public._hold_person(p_external_id);
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'doubt';
  select t.ended_at is not null into v_is_over from public.tasks t join public.effects e using (task_id) where e.effect_id = v_card.effect_id for update of t;
  select * into v_effect from public.effects where effect_id = v_card.effect_id for update;
  select * into v_step from public.task_steps where step_id = v_effect.step_id for update;
  -- To send again is to let out once more: it takes those who could have approved it, and of T3 one for each place.
  v_fit := (select public._fitting_slots(r, v_person_id, null) from public.approval_requests r where r.request_id = v_effect.request_id);
  v_slot := (select f from jsonb_array_elements_text(v_fit -> 'slots') with ordinality x (f, place) where f is distinct from v_effect.doubt_resend_slot order by place limit 1);
  v_code := case
    when v_card.card_id is null then 'unknown_button'
    when v_card.chat_id is distinct from p_chat_id or coalesce(v_card.message_id, p_message_id) is distinct from p_message_id then 'wrong_message'
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when p_answer is null or p_answer not in ('landed', 'again', 'cancel') then 'unknown_decision'
    when v_effect.status <> 'in_doubt' then 'settled'
    when p_answer = 'again' and v_is_over then 'task_over'
    when p_answer = 'again' and (select stopped_at is not null from public.stop_switch) then 'stopped'
    -- What cannot be undone is not sent twice on one person's word.
    when p_answer = 'again' and v_effect.tier = 'T3' and v_effect.doubt_resend_by = v_person_id then 'same_person'
    when p_answer = 'again' and v_fit ->> 'code' is not null then v_fit ->> 'code'
    when p_answer = 'again' and v_effect.tier = 'T3' and v_slot is null then 'slot_taken'
    when p_answer = 'again' and v_effect.tier = 'T3'
      and public._behind(null, v_person_id, v_slot, clock_timestamp()) && public._behind(null, v_effect.doubt_resend_by, v_effect.doubt_resend_slot, clock_timestamp()) then 'stand_in'
    when p_answer = 'again' then public._factor_refusal('doubt:' || v_effect.effect_id, (select policy_version from public.tasks where task_id = v_effect.task_id), v_effect.tier, v_person_id) end;
  if v_code is not null then
    v_prompt_id := case when v_code = 'factor_needed' then public._ask_factor('doubt:' || v_effect.effect_id, p_external_id, jsonb_build_object('token', p_token, 'chat_id', p_chat_id, 'message_id', p_message_id)) end;
    perform public._audit(coalesce(v_effect.task_id, 'system'), v_actor, 'effect.refuse', coalesce(v_effect.effect_id::text, 'button'), null, jsonb_build_object('code', v_code, 'answer', left(p_answer, 20)));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'prompt_id', v_prompt_id, 'effect', case when v_effect.effect_id is not null then public._effect_view(v_effect) end, 'deliver', '[]'::jsonb);
  end if;
  perform public._audit(v_effect.task_id, v_actor, 'effect.answer', v_effect.effect_id::text, jsonb_build_object('status', 'in_doubt'),
    jsonb_strip_nulls(jsonb_build_object('answer', p_answer, 'factor_checked_at', case when p_answer = 'again' then public._spend_factor('doubt:' || v_effect.effect_id, v_person_id) end)));
  if p_answer = 'again' and v_effect.tier = 'T3' and v_effect.doubt_resend_by is null then
    update public.effects set doubt_resend_by = v_person_id, doubt_resend_slot = v_slot where effect_id = v_effect.effect_id;
    v_outcome := 'first_of_two';
  elsif p_answer = 'again' then
    -- Each part in doubt may leave once more; parts that are known to have landed may not.
    update public.effect_attempts set status = 'void' where effect_id = v_effect.effect_id and status = 'in_doubt';
    update public.effects set status = case when exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done') then 'granted' else 'void' end,
      settled_at = case when exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done') then null else clock_timestamp() end, doubt_resend_by = null, doubt_resend_slot = null,
      outcome_note = 'sent again by ' || v_actor, sent_again_by = concat_ws(' and ', public._name_of(v_effect.doubt_resend_by), public._name_of(v_person_id))
    where effect_id = v_effect.effect_id;
    v_lifted := public._lift_hold(v_effect.task_id, v_effect.effect_id);
    v_result := jsonb_build_object('deliver', public._wake(v_effect.step_id) || public._changed(v_effect.task_id));
  elsif p_answer = 'landed' then
    update public.effect_attempts set status = 'done', landed_by = v_actor where effect_id = v_effect.effect_id and status = 'in_doubt';
    select count(distinct part) = v_effect.part_count into v_is_whole from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done';
    v_lifted := public._lift_hold(v_effect.task_id, v_effect.effect_id);
    if v_is_whole and not v_is_over then
      v_result := public._land(v_effect, v_step, 'taken as landed by ' || v_actor, v_actor, null, null);
    elsif v_is_whole then
      perform public._note_landed(v_effect, 'taken as landed by ' || v_actor, v_actor);
    else
      -- The parts that nobody has tried yet still have to go.
      update public.effects set status = 'granted', outcome_note = 'taken as landed in part by ' || v_actor where effect_id = v_effect.effect_id returning * into v_effect;
      v_result := jsonb_build_object('deliver', case when v_is_over then public._settle_orphan(v_effect) else public._wake(v_effect.step_id) || public._changed(v_effect.task_id) end);
    end if;
  else
    update public.effects set status = 'failed', settled_at = clock_timestamp(), outcome_note = 'cancelled by ' || v_actor where effect_id = v_effect.effect_id;
    v_result := jsonb_build_object('deliver', public._end_task(v_effect.task_id, 'cancelled', 'in_doubt', 'cancelled while in doubt', v_actor));
  end if;
  select * into v_effect from public.effects where effect_id = v_effect.effect_id;
  return jsonb_build_object('outcome', v_outcome, 'code', null, 'effect', public._effect_view(v_effect), 'deliver', v_lifted || coalesce(v_result -> 'deliver', '[]'::jsonb));
end
$$;
comment on function public.decide_doubt(text, bigint, bigint, bigint, text) is 'People''s answer to "did this land?": it happened, send again (by those who may approve it; T3: an operator and an owner), cancel.';

select public._expose('authorize_effect', 'ags_worker'), public._expose('begin_attempt', 'ags_worker'), public._expose('settle_attempt', 'ags_worker'), public._expose('settle_effect', 'ags_worker'),
  public._expose('open_doubt_card', 'ags_bot', 'ags_worker'), public._expose('decide_doubt', 'ags_bot');
select public._expose(f) from unnest(array['_effect_view', '_behind_approval', '_grant_refusals', '_note_landed', '_land', '_doubt', '_settle_orphan']) f;
reset role;
