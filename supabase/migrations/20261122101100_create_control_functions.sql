-- Stop, resume, cancel, the sweeper, the inbox, short-term memory, and the reads behind the chat's answers.
set role ags_owner;

create function public.stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_stop public.stops;
  v_actor text := 'tg:' || p_external_id;
begin
  if cardinality(public._roles_of(public._person_of(p_external_id))) = 0 then
    perform public._audit('system', v_actor, 'stop.refuse', 'stop_switch', null, '{"code":"no_role"}');
    return jsonb_build_object('outcome', 'refused', 'code', 'no_role');
  end if;
  select * into v_switch from public.stop_switch for update;
  select * into v_stop from public.stops where source_key = p_source_key and resumed_at is null;
  if v_stop.generation is null then
    -- A second stop raises the generation again and may only widen the scope.
    insert into public.stops (generation, scope, stopped_at, stopped_by, reason, source_key, was_scope)
    values (v_switch.generation + 1, case when p_scope = 'all' or v_switch.scope = 'all' then 'all' else 'effects' end, clock_timestamp(), v_actor, nullif(left(btrim(p_reason), 500), ''), p_source_key, v_switch.scope)
    returning * into v_stop;
    update public.stop_switch set generation = v_stop.generation, halted_generation = v_stop.generation, scope = v_stop.scope,
      stopped_at = coalesce(stopped_at, clock_timestamp()), stopped_by = coalesce(stopped_by, v_actor), reason = coalesce(reason, v_stop.reason), resume_asked_by = null, resume_asked_at = null, resume_choice = null, resume_reason = null
    returning * into v_switch;
    perform public._audit('system', v_actor, 'stop.raise', 'stop_switch', jsonb_build_object('was_stopped', v_stop.was_scope is not null, 'scope', v_stop.was_scope), jsonb_build_object('generation', v_switch.generation, 'scope', v_switch.scope, 'reason', left(p_reason, 500)));
    perform public._event(null, 'STOPPED', null, null, jsonb_build_object('generation', v_switch.generation, 'scope', v_switch.scope, 'by', v_actor), 'stop:' || v_switch.generation);
  end if;
  return jsonb_build_object('outcome', 'stopped', 'code', null, 'was_stopped', v_stop.was_scope is not null, 'was_scope', v_stop.was_scope, 'stop', public.get_stop_state(),
    'in_flight', coalesce((select jsonb_agg(public._effect_view(e)) from public.effects e where e.status in ('granted', 'in_doubt') and (e.tier >= 'T2' or v_switch.scope = 'all')), '[]'),
    'waiting', (select count(*) from public._list_waiting(v_switch.scope)),
    -- Somebody has to be able to lift it again: an owner and one more, the asker may be one of them.
    'can_be_lifted', exists (select 1 from public.person_roles o join public.person_roles p on p.person_id <> o.person_id and p.role in ('owner', 'operator') and p.revoked_at is null where o.role = 'owner' and o.revoked_at is null
      and not public._behind(null, o.person_id, 'owner', clock_timestamp()) && public._behind(null, p.person_id, 'operator', clock_timestamp())),
    'others_who_resume', (select count(distinct r.person_id) from public.person_roles r where r.revoked_at is null and r.role in ('owner', 'operator') and r.person_id <> public._person_of(p_external_id)),
    -- Open cards have to say that a press counts for nothing now.
    'deliver', coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r where r.status = 'pending'), '[]'));
end
$$;
comment on function public.stop_effects(bigint, text, text, text) is 'Anybody with a role stops: after this commits no T2/T3 effect is granted. Answers with what had been granted before and may still land, and with what was stopped before. The same message again (p_source_key) is the same stop, as long as nobody has lifted it.';

create function public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_switch public.stop_switch;
  v_person_id uuid := public._person_of(p_external_id);
  v_roles text[] := public._roles_of(v_person_id);
  v_actor text := 'tg:' || p_external_id;
  v_is_asked boolean;
  v_first_roles text[];
  v_card public.cards;
  v_code text;
  v_choice text;
  v_reason text;
  v_prompt_id uuid;
  v_factor_at timestamptz;
  v_cancelled jsonb;
  v_deliver jsonb := '[]'::jsonb;
begin
  if p_choice is null or p_choice not in ('continue', 'cancel') then
    perform public._refuse('ZT007', 'what was held goes on (continue) or ends (cancel)', jsonb_build_object('choice', p_choice));
  end if;
  select * into v_switch from public.stop_switch for update;
  if p_token is not null then
    select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'resume';
  end if;
  v_first_roles := public._roles_of(v_switch.resume_asked_by);
  -- A first word is good for an hour, and only as long as the person may still give it.
  v_is_asked := coalesce(v_switch.resume_asked_at > now() - interval '1 hour' and v_first_roles && array['operator', 'owner'], false);
  v_code := case
    when not v_roles && array['operator', 'owner'] then 'no_role'
    when v_switch.stopped_at is null then 'not_stopped'
    when p_token is not null and v_card.card_id is null then 'unknown_button'
    when p_token is not null and (v_card.generation <> v_switch.generation or v_card.chat_id is distinct from p_chat_id or coalesce(v_card.message_id, p_message_id) is distinct from p_message_id) then 'wrong_message'
    when p_token is not null and v_switch.resume_asked_by is null then 'expired'
    when v_is_asked and v_switch.resume_asked_by = v_person_id then 'same_person'
    when v_is_asked and not ('owner' = any (v_roles) or 'owner' = any (v_first_roles)) then 'needs_owner'
    -- One of them as owner, the other as what they are, and nobody behind both words.
    when v_is_asked and not exists (select 1 from (values (v_person_id, v_switch.resume_asked_by), (v_switch.resume_asked_by, v_person_id)) x (owner_id, other_id)
      where 'owner' = any (public._roles_of(x.owner_id)) and not public._behind(null, x.owner_id, 'owner', clock_timestamp()) && public._behind(null, x.other_id, 'operator', clock_timestamp())) then 'stand_in'
    else public._factor_refusal('resume:' || v_switch.generation, (select policy_version from public.policies where in_force_at is not null and retired_at is null), 'T3', v_person_id) end;
  if v_code is not null then
    v_prompt_id := case when v_code = 'factor_needed' then public._ask_factor('resume:' || v_switch.generation, p_external_id, jsonb_build_object('choice', p_choice, 'reason', left(btrim(p_reason), 500))) end;
    perform public._audit('system', v_actor, 'stop.refuse', 'stop_switch', null, jsonb_build_object('code', v_code));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'prompt_id', v_prompt_id, 'stop', public.get_stop_state(), 'deliver', '[]'::jsonb);
  end if;
  v_factor_at := public._spend_factor('resume:' || v_switch.generation, v_person_id);
  -- Sent, but the process ended before it could note where: the press itself tells.
  update public.cards set message_id = p_message_id, sent_at = clock_timestamp() where card_id = v_card.card_id and message_id is null;
  if not v_is_asked then
    update public.stop_switch set resume_asked_by = v_person_id, resume_asked_at = now(), resume_choice = p_choice, resume_reason = nullif(left(btrim(p_reason), 500), '');
    perform public._audit('system', v_actor, 'stop.ask_resume', 'stop_switch', null, jsonb_build_object('generation', v_switch.generation, 'reason', left(p_reason, 500), 'held', p_choice) || jsonb_strip_nulls(jsonb_build_object('factor_checked_at', v_factor_at)));
    return jsonb_build_object('outcome', 'asked', 'code', null, 'stop', public.get_stop_state(), 'needs', case when 'owner' = any (v_roles) then 'operator or owner' else 'owner' end,
      'choice', p_choice, 'held', public._held_by_stop(v_switch), 'deliver', '[]'::jsonb);
  end if;
  -- To go on takes the word of both; to let what was held end takes one of the two.
  v_choice := case when 'cancel' in (p_choice, v_switch.resume_choice) then 'cancel' else 'continue' end;
  v_reason := coalesce(nullif(left(btrim(p_reason), 500), ''), v_switch.resume_reason);
  v_cancelled := case when v_choice = 'cancel' then public._cancel_held(v_switch, v_reason, v_actor) end;
  update public.stops set resumed_at = clock_timestamp(), resumed_by_1 = v_switch.resume_asked_by, resumed_by_2 = v_person_id, cancelled = coalesce(v_cancelled -> 'task_ids', '[]'::jsonb) where resumed_at is null;
  update public.stop_switch set scope = null, stopped_at = null, stopped_by = null, reason = null, resume_asked_by = null, resume_asked_at = null, resume_choice = null, resume_reason = null;
  perform public._audit('system', v_actor, 'stop.lift', 'stop_switch', jsonb_build_object('stopped_at', v_switch.stopped_at), jsonb_build_object('generation', v_switch.generation, 'first', public._name_of(v_switch.resume_asked_by), 'reason', v_reason,
    'held', v_choice, 'cancelled', v_cancelled -> 'task_ids') || jsonb_strip_nulls(jsonb_build_object('factor_checked_at', v_factor_at)));
  perform public._event(null, 'RESUMED', null, null, jsonb_build_object('generation', v_switch.generation, 'by', v_actor), 'resume:' || v_switch.generation);
  select coalesce(jsonb_agg(public._job('step.run', s.step_id, s.wake_seq) -> 0), '[]') into v_deliver
  from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval');
  v_deliver := v_deliver || coalesce(v_cancelled -> 'deliver', '[]'::jsonb) || coalesce((select jsonb_agg(public._job('request.show', r.request_id::text, r.wake_seq + 1) -> 0) from public.approval_requests r where r.status = 'staging'), '[]')
    || coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r where r.status = 'pending'), '[]');
  return jsonb_build_object('outcome', 'resumed', 'code', null, 'stop', public.get_stop_state(), 'first', public._name_of(v_switch.resume_asked_by),
    'choice', v_choice, 'cancelled', coalesce(v_cancelled -> 'task_ids', '[]'::jsonb), 'deliver', v_deliver);
end
$$;
comment on function public.resume_effects(bigint, text, text, bigint, bigint, text) is 'The first person asks, a second one lifts the stop; one of the two is an owner. What waited is delivered, or, when one of them chose cancel, its T2/T3 tasks end.';

create function public.open_resume_card(p_chat_id bigint, p_topic_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_generation bigint;
  v_card public.cards;
begin
  select generation into v_generation from public.stop_switch;
  insert into public.cards (kind, generation, chat_id, topic_id) values ('resume', v_generation, p_chat_id, p_topic_id) on conflict (generation) where kind = 'resume' do nothing;
  select * into v_card from public.cards where kind = 'resume' and generation = v_generation;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id limit 1));
end
$$;
comment on function public.open_resume_card(bigint, bigint) is 'The card on which the second person confirms a resume.';

create function public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_task public.tasks;
  v_person_id uuid := public._person_of(p_external_id);
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_in_flight jsonb;
  v_deliver jsonb;
begin
  perform 1 from public.stop_switch for share;
  select * into v_task from public.tasks where task_id = upper(btrim(p_task_id)) for update;
  v_code := case
    when v_task.task_id is null then 'not_found'
    -- Nobody in particular is not the requester of a task that nobody in particular asked for.
    when not public._roles_of(v_person_id) && array['operator', 'owner'] and (v_person_id is null or v_task.requester_person_id is distinct from v_person_id) then 'no_role'
    when v_task.ended_at is not null then 'already_ended' end;
  if v_code is not null then
    perform public._audit(coalesce(v_task.task_id, 'system'), v_actor, 'task.refuse', coalesce(v_task.task_id, 'task'), null, jsonb_build_object('code', v_code, 'asked', 'cancel'));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'status', v_task.status, 'deliver', '[]'::jsonb);
  end if;
  select coalesce(jsonb_agg(public._effect_view(e)), '[]') into v_in_flight from public.effects e where e.task_id = v_task.task_id and e.status in ('granted', 'in_doubt');
  v_deliver := public._end_task(v_task.task_id, 'cancelled', 'cancelled', nullif(btrim(p_reason), ''), v_actor);
  return jsonb_build_object('outcome', 'cancelled', 'code', null, 'status', 'cancelled', 'in_flight', v_in_flight, 'deliver', v_deliver);
end
$$;
comment on function public.cancel_task(text, bigint, text) is 'Ends a task before its next effect; names what had been granted and may still land.';

create function public.sweep(p_patience_ms integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_deliver jsonb := '[]'::jsonb;
  v_step public.task_steps;
  v_request public.approval_requests;
  v_effect public.effects;
  v_worker public.workers;
  v_patience interval := make_interval(secs => p_patience_ms / 1000.0);
begin
  -- One sweeper at a time in the whole fleet; a second one has nothing to add.
  if not pg_try_advisory_xact_lock(hashtext('ags.sweep')) then
    return jsonb_build_object('deliver', '[]'::jsonb);
  end if;
  perform 1 from public.stop_switch for share;
  -- Before any task is held: whoever decides holds an account first, and a task after it.
  v_deliver := public._sweep_changes(v_patience);
  v_deliver := v_deliver || public._ask_parked();
  -- Leases that ran out: the worker died or hangs. Effects in flight are in doubt; other steps are tried again, a poisoned one is set aside.
  for v_step in select s.* from public.task_steps s join public.tasks t using (task_id) where s.status = 'running' and s.lease_expires_at < clock_timestamp() order by s.lease_expires_at limit 100 for update of t skip locked loop
    select * into v_step from public.task_steps where step_id = v_step.step_id and status = 'running' and lease_expires_at < clock_timestamp() for update;
    continue when v_step.step_id is null;
    perform public._audit(v_step.task_id, 'system', 'step.lose', v_step.step_id, jsonb_build_object('worker', v_step.worker, 'fence', v_step.fence), jsonb_build_object('attempt', v_step.attempt_count));
    select * into v_effect from public.effects where step_id = v_step.step_id and status = 'granted' for update;
    if v_effect.effect_id is not null and exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'started') then
      v_deliver := v_deliver || (public._doubt(v_effect, 'the worker was lost between sending and noting it') -> 'deliver');
    elsif v_step.attempt_count >= 4 then
      update public.task_steps set status = 'quarantined', ended_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1, error_code = 'lease_lost' where step_id = v_step.step_id;
      perform public._raise_incident('step_quarantined', v_step.agent_name || ':lease_lost', 'warning', 'a step lost every worker that took it',
        jsonb_build_object('agent', v_step.agent_name, 'code', 'lease_lost', 'step_id', v_step.step_id, 'attempts', v_step.attempt_count), v_step.task_id, v_step.step_id, v_step.agent_name);
      v_deliver := v_deliver || public._end_task(v_step.task_id, 'failed', 'quarantined', 'every worker that took the step ' || v_step.node_id || ' was lost', 'system');
    else
      update public.task_steps set status = 'ready', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = v_step.step_id;
      v_deliver := v_deliver || public._wake(v_step.step_id);
    end if;
  end loop;
  -- Steps whose nudge was lost: asked for, due, and nobody came.
  for v_step in
    select s.* from public.task_steps s join public.tasks t using (task_id)
    where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval') and not public._is_stopped(coalesce(t.risk_tier, 'T0'))
      and greatest(s.woken_at, coalesce(s.not_before, s.woken_at)) < clock_timestamp() - v_patience
      and not exists (select 1 from public.effects e where e.step_id = s.step_id and e.status = 'in_doubt')
    order by s.woken_at limit 200 for update of s skip locked
  loop
    update public.task_steps set wake_seq = wake_seq + 1, woken_at = clock_timestamp() where step_id = v_step.step_id;
    v_deliver := v_deliver || public._job('step.run', v_step.step_id, v_step.wake_seq + 1);
  end loop;
  -- Requests that nobody has shown yet.
  for v_request in
    select * from public.approval_requests where status = 'staging' and not public._is_stopped(tier) and woken_at < clock_timestamp() - v_patience
      and (lease_expires_at is null or lease_expires_at < clock_timestamp()) limit 100 for update skip locked
  loop
    update public.approval_requests set wake_seq = wake_seq + 1, woken_at = clock_timestamp(), worker = null, lease_expires_at = null where request_id = v_request.request_id;
    v_deliver := v_deliver || public._job('request.show', v_request.request_id::text, v_request.wake_seq + 1);
  end loop;
  -- Approvals: expiry, and the calls before it. Rows and this, never a timer in a process.
  for v_request in
    select r.* from public.approval_requests r join public.tasks t using (task_id)
    where r.status in ('pending', 'approved') and r.expires_at <= clock_timestamp()
      and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void') and t.ended_at is null limit 100 for update of t skip locked
  loop
    -- Read again under the task's lock: it may have been decided, or let out, since the list was made.
    select r.* into v_request from public.approval_requests r
    where r.request_id = v_request.request_id and r.status in ('pending', 'approved') and r.expires_at <= clock_timestamp()
      and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void') for update;
    continue when v_request.request_id is null;
    update public.approval_requests set status = 'expired', decided_at = clock_timestamp() where request_id = v_request.request_id;
    perform public._audit(v_request.task_id, 'system', 'approval.expire', v_request.reference, jsonb_build_object('status', v_request.status), jsonb_build_object('expires_at', v_request.expires_at));
    v_deliver := v_deliver || public._end_task(v_request.task_id, 'expired', 'expired', 'nobody decided on ' || v_request.reference || ' in time', 'system');
  end loop;
  v_deliver := v_deliver || public._settle_late_answers();
  v_deliver := v_deliver || public._call_people();
  for v_effect in
    select e.* from public.effects e join public.tasks t using (task_id) where e.status = 'granted' and t.ended_at < clock_timestamp() - v_patience limit 100 for update of t skip locked
  loop
    select * into v_effect from public.effects where effect_id = v_effect.effect_id and status = 'granted' for update;
    continue when v_effect.effect_id is null;
    v_deliver := v_deliver || public._settle_orphan(v_effect);
  end loop;
  -- A worker that is gone without a word may have had redraws in hand: a redraw is given back before the message is edited.
  for v_worker in delete from public.workers where seen_at < clock_timestamp() - interval '30 seconds' returning * loop
    update public.tasks set show_requested_at = clock_timestamp() - v_patience - interval '1 second' where task_id in (
      select task_id from public.tasks
      where show_requested_at is null and shown_at between v_worker.seen_at - interval '1 minute' and v_worker.seen_at + interval '10 seconds' for update skip locked);
  end loop;
  -- Messages that are out of date, and approvals and doubts that nobody has been asked about: a card in a private chat (a positive id) is a copy for one
  -- person, and the one in the group may be missing beside it.
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('task.show', task_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from (
    select task_id from public.tasks where show_requested_at < clock_timestamp() - v_patience order by show_requested_at limit 100) x), '[]');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r
    where r.status = 'pending' and not public._is_stopped(r.tier) and r.shown_at < clock_timestamp() - v_patience
      and not exists (select 1 from public.cards c where c.kind = 'approval' and c.step_id = r.step_id and c.chat_id < 0 and c.message_id is not null)), '[]');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('doubt.show', effect_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.effects e
    where e.status = 'in_doubt' and not exists (select 1 from public.cards c where c.effect_id = e.effect_id and c.message_id is not null)), '[]');
  v_deliver := v_deliver || public._sweep_cards(v_patience);
  delete from public.short_term where expires_at < now();
  perform public._forget_failed_calls();
  return jsonb_build_object('deliver', v_deliver);
end
$$;
comment on function public.sweep(integer) is 'Finds what a lost job or a lost worker left behind, and what is due: one call gives all the nudges.';

create function public.take_over(p_worker text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_died_at timestamptz := (select max(seen_at) from public.workers where worker <> p_worker);
begin
  update public.task_steps set lease_expires_at = now() - interval '1 second' where status = 'running' and worker <> p_worker;
  update public.approval_requests set worker = null, lease_expires_at = null where status = 'staging' and worker <> p_worker;
  update public.inbox set lease_expires_at = now() - interval '1 second' where status = 'processing' and worker <> p_worker;
  delete from public.leases where holder <> p_worker;
  -- A redraw is given back before the message is edited: what was redrawn in the last moments may not have arrived.
  update public.tasks set show_requested_at = now() - interval '1 second' where show_requested_at is null and shown_at > v_died_at - interval '1 minute';
  delete from public.workers where worker <> p_worker;
  return public.sweep(0);
end
$$;
comment on function public.take_over(text) is
  'For a process that knows that it is the only one on this database: whatever others held is free at once, instead of when their leases run out. Answers with the nudges.';

create function public.record_updates(p_source text, p_updates jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_recorded integer;
  v_conflicts jsonb;
begin
  insert into public.inbox (source, external_id, chat_key, is_urgent, payload)
  select p_source, u ->> 'external_id', u ->> 'chat_key', coalesce((u ->> 'is_urgent')::boolean, false), u -> 'payload'
  from jsonb_array_elements(p_updates) with ordinality x (u, place) order by place
  on conflict (source, external_id) do nothing;
  get diagnostics v_recorded = row_count;
  -- After the insert, which waits for whoever stores the same number at the same moment: two at once see each other.
  select coalesce(jsonb_agg(u ->> 'external_id'), '[]') into v_conflicts from jsonb_array_elements(p_updates) u
  join public.inbox i on i.source = p_source and i.external_id = u ->> 'external_id' where i.payload <> u -> 'payload';
  if jsonb_array_length(v_conflicts) > 0 then
    perform public._audit('system', 'system', 'inbox.conflict', p_source, null, jsonb_build_object('external_ids', v_conflicts));
  end if;
  return jsonb_build_object('recorded', v_recorded, 'conflicts', v_conflicts);
end
$$;
comment on function public.record_updates(text, jsonb) is 'Writes down what came from outside, once per source and external id, before anybody answers it.';

create function public._event_update_dead(p_inbox_id bigint) returns void
language plpgsql set search_path = ''
as $$
begin
  perform public._raise_incident('update_dead', 'inbox', 'warning', 'an update could not be handled', jsonb_build_object('inbox_id', p_inbox_id));
end
$$;

create function public._claimable_updates(p_limit integer, p_urgent_only boolean) returns bigint[]
language plpgsql stable set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_window constant integer := 100;
  v_inbox_ids bigint[];
begin
  -- A plan made while the table was small would read all of it for good: along the indexes or not at all.
  if p_urgent_only then
    return array(
      select w.inbox_id from public.inbox w
      where w.status = 'pending' and w.is_urgent and (w.not_before is null or w.not_before <= clock_timestamp())
      order by w.is_urgent desc, w.inbox_id limit p_limit
    );
  end if;
  -- The first of each chat, the oldest first; nothing of a chat while another of it is being handled. Urgent ones go first and wait for nobody.
  select array_agg(x.inbox_id order by x.is_urgent desc, x.inbox_id) into v_inbox_ids from (
    select i.inbox_id, i.is_urgent
    from (select w.inbox_id, w.is_urgent, w.chat_key, w.place, w.not_before from public.inbox w where w.status = 'pending' order by w.is_urgent desc, w.inbox_id limit v_window) i
    where (i.not_before is null or i.not_before <= clock_timestamp()) and (i.is_urgent
      or not exists (select 1 from public.inbox o where o.chat_key = i.chat_key and not o.is_urgent and (o.status = 'processing' or (o.status = 'pending' and (o.place, o.inbox_id) < (i.place, i.inbox_id)))))
    order by i.is_urgent desc, i.inbox_id limit p_limit
  ) x;
  if coalesce(cardinality(v_inbox_ids), 0) >= p_limit or (select count(*) from (select 1 from public.inbox w where w.status = 'pending' limit v_window) x) < v_window then
    return coalesce(v_inbox_ids, '{}');
  end if;
  -- Some chats have so much waiting that those behind them are not in sight. One step along the index for each chat, however much waits there.
  return array(
    with recursive chats as (
      (select o.chat_key from public.inbox o where o.status in ('pending', 'processing') order by o.chat_key limit 1)
      union all
      select (select o.chat_key from public.inbox o where o.status in ('pending', 'processing') and o.chat_key > c.chat_key order by o.chat_key limit 1) from chats c where c.chat_key is not null
    )
    select x.inbox_id from (
      select u as inbox_id, true as is_found from unnest(v_inbox_ids) u
      union all
      select f.inbox_id, false from chats c
      cross join lateral (select i.inbox_id, i.not_before from public.inbox i where i.chat_key = c.chat_key and i.status in ('pending', 'processing') and i.status = 'pending' and not i.is_urgent order by i.place, i.inbox_id limit 1) f
      where (f.not_before is null or f.not_before <= clock_timestamp()) and f.inbox_id <> all (coalesce(v_inbox_ids, '{}'))
        and not exists (select 1 from public.inbox o where o.chat_key = c.chat_key and o.status = 'processing' and not o.is_urgent)
    ) x order by x.is_found desc, x.inbox_id limit p_limit
  );
end
$$;
comment on function public._claimable_updates(integer, boolean) is 'The next updates that may be handled, as far as there is something to take: to look at all that waits would take longer than to handle it, when much does.';

create function public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean default false) returns jsonb
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_rows jsonb;
  v_row public.inbox;
  v_inbox_ids bigint[];
begin
  -- One claim at a time in the whole fleet: it has to see what every other one has taken. Rows become visible out of order, so that two
  -- claims side by side could each find another row to be the first of a chat.
  perform pg_advisory_xact_lock(hashtext('ags.claim_updates'));
  -- Whoever had these is gone. One that took three with it is set aside.
  for v_row in
    update public.inbox set status = case when attempt_count < 3 then 'pending' else 'dead' end, ended_at = case when attempt_count < 3 then null else clock_timestamp() end, worker = null, lease_expires_at = null
    where inbox_id in (select inbox_id from public.inbox where status = 'processing' and lease_expires_at < clock_timestamp() for update skip locked)
    returning *
  loop
    if v_row.status = 'dead' then
      perform public._event_update_dead(v_row.inbox_id);
    end if;
  end loop;
  v_inbox_ids := public._claimable_updates(p_limit, p_urgent_only);
  with heads as (
    select i.inbox_id, i.status from public.inbox i where i.inbox_id = any (v_inbox_ids) for update skip locked
  ), taken as (
    update public.inbox i set status = 'processing', worker = p_worker, attempt_count = i.attempt_count + 1, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from heads h where i.inbox_id = h.inbox_id and h.status = 'pending'
    returning i.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('inbox_id', inbox_id, 'source', source, 'external_id', external_id, 'chat_key', chat_key, 'payload', payload, 'attempt_count', attempt_count, 'received_at', received_at)
    order by is_urgent desc, inbox_id), '[]') into v_rows from taken;
  return v_rows;
end
$$;
comment on function public.claim_updates(text, integer, integer, boolean) is 'The next update of each chat that nobody is handling, in order; with p_urgent_only those alone that wait for nobody.';

create function public.renew_updates(p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_held jsonb;
begin
  with held as (
    update public.inbox set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where worker = p_worker and status = 'processing' returning inbox_id
  )
  select coalesce(jsonb_agg(inbox_id order by inbox_id), '[]'::jsonb) into v_held from held;
  return v_held;
end
$$;
comment on function public.renew_updates(text, integer) is 'Keeps the updates that a process is handling; answers with those that it still has.';

create function public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_row public.inbox;
begin
  if p_outcome is null or p_outcome not in ('processed', 'rejected', 'retry') then
    perform public._refuse('ZT007', 'an update ends as processed, rejected or retry', jsonb_build_object('outcome', p_outcome));
  end if;
  update public.inbox set
    status = case when p_outcome = 'retry' then case when attempt_count < 3 then 'pending' else 'dead' end else p_outcome end,
    ended_at = case when p_outcome = 'retry' and attempt_count < 3 then null else clock_timestamp() end,
    not_before = case when p_outcome = 'retry' then clock_timestamp() + make_interval(secs => random() * power(2, attempt_count - 1)) end,
    worker = null, lease_expires_at = null, error = left(p_error, 500)
  where inbox_id = p_inbox_id and worker = p_worker and status = 'processing' returning * into v_row;
  if v_row.status = 'dead' then
    perform public._event_update_dead(p_inbox_id);
  end if;
  return jsonb_build_object('status', v_row.status);
end
$$;
comment on function public.complete_update(bigint, text, text, text) is 'An update was handled, turned away, or is tried again (at most three times, then it is set aside as dead).';

create function public.get_short_term(p_key text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select value from public.short_term where key = p_key and expires_at > now());
end
$$;
comment on function public.get_short_term(text) is 'Short-term memory: the value, or null when there is none or its time is over.';

create function public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.short_term (key, value, expires_at) values (p_key, p_value, now() + make_interval(secs => p_ttl_seconds))
  on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at;
end
$$;
comment on function public.put_short_term(text, jsonb, integer) is 'Short-term memory: keeps a value for so many seconds.';

create function public.delete_short_term(p_key text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  delete from public.short_term where key = p_key;
end
$$;
comment on function public.delete_short_term(text) is 'Short-term memory: forgets a value.';

create function public._task_view(p_task_id text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'task_id', t.task_id, 'goal', t.goal, 'status', t.status, 'tier', t.risk_tier, 'actor', t.actor, 'requester', public._name_of(t.requester_person_id), 'summary', t.summary,
      'policy_version', t.policy_version, 'revision_count', t.revision_count, 'tokens_used', t.tokens_used, 'cost_usd', t.cost_usd::text, 'is_rehearsal', t.is_rehearsal, 'held_reason', t.held_reason,
      'failure_code', t.failure_code, 'failure_message', t.failure_message,
      -- Somebody else than whoever asked for it.
      'cancelled_by', case when t.status = 'cancelled' then (select public._name_of(public._person_of(substr(l.actor, 4)::bigint)) from public.audit_logs l where l.chain = t.task_id and l.action = 'task.end' and l.actor like 'tg:%' and l.actor <> t.actor order by l.seq desc limit 1) end,
      'chat_id', t.chat_id, 'topic_id', t.topic_id, 'message_id', t.message_id, 'request_message_id', t.request_message_id,
      'created_at', t.created_at, 'ended_at', t.ended_at, 'now', clock_timestamp(), 'is_waiting_for_stop', t.ended_at is null and public._is_stopped(coalesce(t.risk_tier, 'T0')),
      'queue', case when t.status = 'planning' then (select public._queue(s.woken_at) from public.task_steps s where s.step_id = t.task_id || '/plan' and s.status = 'ready') end,
      'steps', coalesce((select jsonb_agg(jsonb_build_object('node_id', s.node_id, 'kind', s.kind, 'agent', s.agent, 'agent_name', s.agent_name, 'action', s.action, 'tier', s.tier, 'status', s.status, 'after', to_jsonb(s.after),
        'quality_score', s.quality_score, 'attempt_count', s.attempt_count, 'started_at', s.started_at, 'ended_at', s.ended_at, 'error_code', s.error_code, 'waits_for', case when s.status = 'ready' then s.waits_for end,
        'comments', s.comments, 'verdict', s.verdict) order by
          -- In the order things happen: a gate that was put in late stands before what it holds.
          case s.kind when 'plan' then 0 when 'archive' then 2 else 1 end,
          case when s.kind = 'approve' then coalesce((select min(h.position) - 0.5 from public.task_steps h where h.task_id = s.task_id and s.node_id = any (h.after)), s.position) else s.position end) from public.task_steps s where s.task_id = t.task_id), '[]'),
      'requests', coalesce((select jsonb_agg(jsonb_build_object('reference', r.reference, 'status', r.status, 'tier', r.tier, 'step_id', r.step_id, 'version', r.version, 'expires_at', r.expires_at, 'slots', to_jsonb(r.slots),
        'verdict', public._verdict(r)) order by r.created_at) from public.approval_requests r where r.task_id = t.task_id), '[]'),
      'effects', coalesce((select jsonb_agg(public._effect_view(e) order by e.granted_at) from public.effects e where e.task_id = t.task_id), '[]'),
      'break_glasses', public._list_break_glasses(t.task_id))
    from public.tasks t where t.task_id = p_task_id
  );
end
$$;

create function public.get_task(p_task_id text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select public._task_view(upper(btrim(p_task_id))));
end
$$;
comment on function public.get_task(text) is 'One task with its steps, requests and effects; null when there is none.';

create function public.claim_task_view(p_task_id text, p_min_interval_ms integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_task public.tasks;
  v_wait_ms bigint;
begin
  select * into v_task from public.tasks where task_id = p_task_id for update;
  if v_task.show_requested_at is null then
    return null;
  end if;
  v_wait_ms := ceil(p_min_interval_ms - extract(epoch from clock_timestamp() - v_task.shown_at) * 1000);
  if v_wait_ms > 0 then
    return jsonb_build_object('wait_ms', v_wait_ms, 'task', null);
  end if;
  update public.tasks set show_requested_at = null, shown_at = clock_timestamp() where task_id = p_task_id;
  return jsonb_build_object('wait_ms', 0, 'task', public._task_view(p_task_id));
end
$$;
comment on function public.claim_task_view(text, integer) is 'Takes the duty of redrawing a task''s message, with the newest state; null when it is up to date, wait_ms when it was redrawn too recently.';

create function public.postpone_task_view(p_task_id text, p_delay_ms integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_due_at timestamptz := clock_timestamp() + make_interval(secs => greatest(p_delay_ms, 0) / 1000.0);
begin
  -- Nothing to do where it has been asked for since.
  update public.tasks set show_requested_at = v_due_at where task_id = p_task_id and show_requested_at is null;
  return jsonb_build_object('deliver', case when found then public._job('task.show', p_task_id, (extract(epoch from v_due_at) * 1000)::bigint, p_delay_ms) else '[]'::jsonb end);
end
$$;
comment on function public.postpone_task_view(text, integer) is 'The task''s message could not be redrawn yet: it is redrawn after this time, and what changes until then needs no redraw of its own.';

create function public.list_tasks(p_status text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(x.item order by x.created_at desc), '[]') from (
      select t.created_at, jsonb_build_object('task_id', t.task_id, 'goal', t.goal, 'status', t.status, 'tier', t.risk_tier, 'requester', public._name_of(t.requester_person_id), 'created_at', t.created_at, 'ended_at', t.ended_at,
        'cost_usd', t.cost_usd::text, 'reference', (select r.reference from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending') order by r.created_at desc limit 1)) as item
      from public.tasks t where p_status is null or t.status = p_status order by t.created_at desc limit least(greatest(p_limit, 1), 50)
    ) x
  );
end
$$;
comment on function public.list_tasks(text, integer) is 'The newest tasks, of one status or of all.';

create function public.explain_task(p_task_id text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('task_id', t.task_id, 'goal', t.goal, 'tier', t.risk_tier, 'status', t.status, 'policy_version', t.policy_version,
      'records', coalesce((select jsonb_agg(jsonb_build_object('seq', a.seq, 'actor', a.actor, 'name', case when a.actor like 'tg:%' then public._name_of(public._person_of(substr(a.actor, 4)::bigint)) end,
        'action', a.action, 'object', a.object, 'before', a.before_json, 'after', a.after_json, 'ts', a.ts) order by a.seq) from public.audit_logs a where a.chain = t.task_id), '[]'),
      'requests', coalesce((select jsonb_agg(jsonb_build_object('reference', r.reference, 'status', r.status, 'verdict', public._verdict(r)) order by r.version) from public.approval_requests r where r.task_id = t.task_id), '[]'),
      'chain', public.verify_audit_chain(t.task_id))
    from public.tasks t where t.task_id = upper(btrim(p_task_id))
  );
end
$$;
comment on function public.explain_task(text) is 'Every decision on a task and the rule behind it, from its audit chain, with the chain''s own proof.';

create function public.get_system_status() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'stop', public.get_stop_state(), 'workers', public.list_workers(),
      'policy_version', (select policy_version from public.policies where in_force_at is not null and retired_at is null),
      't3_problem', (select coalesce(public._freeze_problem('T3'), public._tier_problem(document, 'T3')) from public.policies where in_force_at is not null and retired_at is null),
      'drill_problem', public._drill_problem(), 'last_drill', (select public._drill_view(d) from public.stop_drills d where d.outcome in ('passed', 'failed') order by d.asked_at desc limit 1),
      'fallback_problem', public._fallback_problem(),
      'last_fallback_check', (select jsonb_build_object('outcome', c.outcome, 'asked_at', c.asked_at, 'results', c.results) from public.fallback_checks c where c.outcome in ('passed', 'failed') order by c.asked_at desc limit 1),
      'tasks', coalesce((select jsonb_object_agg(status, n) from (select status, count(*) n from public.tasks group by status) x), '{}'),
      'steps_ready', (select count(*) from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.ended_at is null),
      'steps_running', (select count(*) from public.task_steps where status = 'running'),
      'requests_open', (select count(*) from public.approval_requests where status in ('staging', 'pending')),
      'changes_open', (select count(*) from public.changes where status = 'pending'), 'delegations', public._list_delegations(), 'break_glass', public._break_glass_state(),
      'effects_in_doubt', (select count(*) from public.effects where status = 'in_doubt'), 'parked', public._list_parked(),
      'breakers', (select coalesce(jsonb_agg(public._breaker_view(b) order by b.name), '[]'::jsonb) from public.breakers b where b.state <> 'closed'),
      'incidents', public._list_open_incidents(), 'incidents_open', (select count(*) from public.incidents where state <> 'resolved'),
      'inbox_pending', (select count(*) from public.inbox where status in ('pending', 'processing')), 'inbox_dead', (select count(*) from public.inbox where status = 'dead'),
      'spent_today_usd', coalesce((select (spent_usd + reserved_usd)::text from public.budget_days where day = (now() at time zone 'UTC')::date), '0'),
      'day_budget_usd', (select document -> 'budgets' ->> 'day_usd' from public.policies where in_force_at is not null and retired_at is null))
  );
end
$$;
comment on function public.get_system_status() is 'The system as /status shows it.';

create function public._envelope(p_event public.events) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('schema_version', p_event.schema_version, 'event_id', p_event.event_id, 'event_type', p_event.type, 'task_id', p_event.task_id, 'agent', p_event.agent,
    'ts', p_event.ts, 'payload', p_event.payload_json, 'idempotency_key', p_event.idempotency_key);
end
$$;
comment on function public._envelope(public.events) is 'An event as other programs get it; schemas/events describes it.';

create function public.list_events(p_task_id text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(public._envelope(e) order by e.ts), '[]') from public.events e where e.task_id is not distinct from p_task_id
  );
end
$$;
comment on function public.list_events(text) is 'A task''s events in the envelope that schemas/events describes.';

create function public.get_request(p_request_id uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select public._request_view(p_request_id));
end
$$;
comment on function public.get_request(uuid) is 'One request with everything its card shows.';

select public._expose('stop_effects', 'ags_bot'), public._expose('resume_effects', 'ags_bot'), public._expose('open_resume_card', 'ags_bot'), public._expose('cancel_task', 'ags_bot'),
  public._expose('sweep', 'ags_worker'), public._expose('take_over', 'ags_worker'), public._expose('record_updates', 'ags_bot', 'ags_web'), public._expose('claim_updates', 'ags_bot'), public._expose('_claimable_updates'), public._expose('renew_updates', 'ags_bot'), public._expose('complete_update', 'ags_bot'),
  public._expose('get_short_term', 'ags_bot', 'ags_worker'), public._expose('put_short_term', 'ags_bot', 'ags_worker'), public._expose('delete_short_term', 'ags_bot', 'ags_worker'),
  public._expose('get_task', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader'), public._expose('claim_task_view', 'ags_worker'), public._expose('postpone_task_view', 'ags_worker'),
  public._expose('list_tasks', 'ags_bot', 'ags_web', 'ags_reader'), public._expose('explain_task', 'ags_bot', 'ags_web', 'ags_reader'),
  public._expose('get_system_status', 'ags_bot', 'ags_web', 'ags_reader', 'ags_worker'), public._expose('list_events', 'ags_worker', 'ags_web', 'ags_reader'), public._expose('get_request', 'ags_bot', 'ags_worker');
select public._expose('_task_view'), public._expose('_event_update_dead'), public._expose('_envelope');
reset role;
