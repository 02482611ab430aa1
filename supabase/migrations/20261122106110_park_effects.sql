-- Running code breaks. Pending execution: what was granted and cannot be carried out, because the other side is not reachable, is parked.
--
-- granted -> parked (certainly nothing left: no try was begun) -> asked about again once the breaker is closed, or over with its task.
-- Parking takes the grant and the approvals back: what people agreed to was to move money then. Nothing that was parked goes out on an old word.
set role ags_owner;

create table public.parked_effects (
  parked_id bigint generated always as identity primary key,
  effect_id uuid not null references public.effects,
  task_id text not null references public.tasks,
  -- Whose breaker says when the other side may be called again.
  breaker text not null references public.breakers,
  note text,
  parked_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  outcome text constraint parked_effects_outcome_known check (outcome in ('asked_again', 'task_over')),
  constraint parked_effects_ended_whole check ((ended_at is null) = (outcome is null))
);
create unique index parked_effects_once on public.parked_effects (effect_id) where ended_at is null;

create function public.park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_gate public.task_steps;
  v_request public.approval_requests;
  v_effect public.effects;
  v_state text;
begin
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select * into v_gate from public.task_steps where task_id = v_step.task_id and kind = 'approve' and subject_node = v_step.subject_node for update;
  select * into v_request from public.approval_requests where step_id = v_gate.step_id and status = 'approved' for update;
  select * into v_effect from public.effects where effect_id = p_effect_id and step_id = p_step_id for update;
  if not public._is_money(v_effect.kind) or v_effect.status is distinct from 'granted' or v_request.request_id is null then
    perform public._refuse('ZT001', 'only money that was granted on an approval is parked', jsonb_build_object('effect_id', p_effect_id, 'kind', v_effect.kind, 'status', v_effect.status));
  end if;
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'done', 'in_doubt')) then
    perform public._refuse('ZT001', 'a try has left, or may have: it is settled, not parked', jsonb_build_object('effect_id', p_effect_id));
  end if;
  -- Whoever says that the other side is away has had it said to the fleet before.
  select state into v_state from public.breakers where name = p_breaker;
  if v_state is null or v_state = 'closed' then
    perform public._refuse('ZT001', 'the breaker is not open: the other side may be called', jsonb_build_object('breaker', p_breaker, 'state', v_state));
  end if;
  update public.effects set status = 'void', settled_at = clock_timestamp(), outcome_note = left('parked: ' || coalesce(p_note, p_breaker), 500) where effect_id = p_effect_id;
  perform public._void_request(v_request, 'parked: ' || p_breaker || ' is not reachable', 'system');
  update public.task_steps set status = 'pending', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = p_step_id;
  update public.task_steps set status = 'pending', ended_at = null where step_id = v_gate.step_id;
  update public.tasks set status = 'held', held_reason = 'pending_exec' where task_id = v_step.task_id and held_reason is distinct from 'in_doubt';
  insert into public.parked_effects (effect_id, task_id, breaker, note) values (p_effect_id, v_step.task_id, p_breaker, left(p_note, 500));
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.park', p_effect_id::text, jsonb_build_object('status', 'granted'), jsonb_build_object('status', 'void', 'breaker', p_breaker, 'reference', v_request.reference));
  perform public._raise_incident('effect_parked', p_breaker, 'critical', format('a %s waits: %s is not reachable', v_effect.kind, p_breaker),
    jsonb_build_object('effect_id', p_effect_id, 'effect_kind', v_effect.kind, 'tier', v_effect.tier, 'breaker', p_breaker), v_step.task_id, p_step_id);
  return jsonb_build_object('deliver', public._changed(v_step.task_id) || public._redraw_cards(v_step.task_id));
end
$$;
comment on function public.park_effect(text, bigint, uuid, text, text) is
  'Money that was granted, and of which no try was begun, waits until the breaker that is open is closed: grant and approvals are void, its limits are free, people see it and are asked anew.';

create function public._ask_parked() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_parked public.parked_effects;
  v_task public.tasks;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_parked in
    select p.* from public.parked_effects p join public.tasks t using (task_id)
    where p.ended_at is null and (t.ended_at is not null
      or (not public._is_stopped('T3') and not exists (select 1 from public.breakers b where b.name = p.breaker and b.state <> 'closed')))
    order by p.parked_at limit 50 for update of t skip locked
  loop
    select * into v_task from public.tasks where task_id = v_parked.task_id;
    update public.parked_effects set ended_at = clock_timestamp(), outcome = case when v_task.ended_at is null then 'asked_again' else 'task_over' end
    where parked_id = v_parked.parked_id and ended_at is null;
    continue when not found or v_task.ended_at is not null;
    update public.tasks set status = 'running', held_reason = null where task_id = v_parked.task_id and held_reason = 'pending_exec';
    perform public._audit(v_parked.task_id, 'system', 'effect.unpark', v_parked.effect_id::text, null, jsonb_build_object('breaker', v_parked.breaker));
    v_deliver := v_deliver || (public._advance(v_parked.task_id, null, null) -> 'deliver') || public._changed(v_parked.task_id);
  end loop;
  return v_deliver;
end
$$;
comment on function public._ask_parked() is 'What was parked is asked about again once the other side is back: a new version, which people approve as if for the first time. Never sent by itself.';

create function public._list_parked() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('task_id', x.task_id, 'kind', x.kind, 'breaker', x.breaker, 'parked_at', x.parked_at) order by x.parked_at), '[]'::jsonb)
    from (select p.task_id, e.kind, p.breaker, p.parked_at from public.parked_effects p join public.effects e using (effect_id) where p.ended_at is null order by p.parked_at limit 20) x
  );
end
$$;
comment on function public._list_parked() is 'The oldest twenty that wait for the other side.';

select public._protect_table('parked_effects');
select public._expose('park_effect', 'ags_worker');
select public._expose('_ask_parked'), public._expose('_list_parked');
reset role;
