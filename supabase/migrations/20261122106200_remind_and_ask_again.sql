-- Running code does not break. What people are asked, requests and changes alike, is called to mind, escalated, announced before its time is over, and asked
-- anew in one tap after it.
set role ags_owner;

-- called_level and called_at: the last call that was nudged and of which nobody has said yet that it came through.
alter table public.approval_requests add column warn_at timestamptz, add column called_level integer, add column called_at timestamptz;
alter table public.changes add column remind_at timestamptz, add column escalate_at timestamptz, add column warn_at timestamptz, add column called_level integer, add column called_at timestamptz;
create index changes_to_remind on public.changes (least(remind_at, escalate_at, warn_at)) where status = 'pending';

create function public._call_times(p_policy jsonb, p_from timestamptz, p_expires_at timestamptz) returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  v_times jsonb := p_policy -> 'approval_times';
begin
  return jsonb_build_object(
    'remind_at', p_from + make_interval(secs => coalesce((v_times ->> 'remind_after')::integer, 300)),
    'escalate_at', p_from + make_interval(secs => coalesce((v_times ->> 'escalate_after')::integer, 900)),
    -- An hour before the end; of a short time its last fifth.
    'warn_at', p_expires_at - least(interval '1 hour', (p_expires_at - p_from) / 5));
end
$$;
comment on function public._call_times(jsonb, timestamptz, timestamptz) is 'When people are called about what was shown to them at one moment and expires at another.';

create function public._call_level(p_remind_at timestamptz, p_escalate_at timestamptz, p_warn_at timestamptz) returns integer
language plpgsql stable set search_path = ''
as $$
begin
  -- After a standstill all of them may be due: people are called once, by the most urgent one.
  return case when p_warn_at <= clock_timestamp() then 3 when p_escalate_at <= clock_timestamp() then 2 when p_remind_at <= clock_timestamp() then 1 end;
end
$$;
comment on function public._call_level(timestamptz, timestamptz, timestamptz) is 'Which call is due: 1 a reminder, 2 an escalation, 3 that the time is nearly over; null when none is.';

create function public._is_call_lost(p_level integer, p_called_level integer, p_called_at timestamptz) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return p_level > coalesce(p_called_level, 0) or p_called_at < clock_timestamp() - interval '45 seconds';
end
$$;
comment on function public._is_call_lost(integer, integer, timestamptz) is 'Whether a call that is due has to be nudged: nobody was, or whoever was has said nothing since.';

create function public._call_people() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_request public.approval_requests;
  v_change public.changes;
  v_level integer;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_request in
    select * from public.approval_requests where status = 'pending' and expires_at > clock_timestamp() and least(remind_at, escalate_at, warn_at) <= clock_timestamp() and not public._is_stopped(tier)
      and public._is_call_lost(public._call_level(remind_at, escalate_at, warn_at), called_level, called_at)
    order by shown_at limit 100 for update skip locked
  loop
    v_level := public._call_level(v_request.remind_at, v_request.escalate_at, v_request.warn_at);
    update public.approval_requests set called_level = v_level, called_at = clock_timestamp() where request_id = v_request.request_id;
    v_deliver := v_deliver || public._job('request.remind', v_request.request_id::text, v_level);
  end loop;
  -- A stop keeps nobody from a change, but from a break-glass.
  for v_change in
    select * from public.changes where status = 'pending' and expires_at > clock_timestamp() and least(remind_at, escalate_at, warn_at) <= clock_timestamp()
      and (kind <> 'break_glass' or not exists (select 1 from public.stop_switch where stopped_at is not null))
      and public._is_call_lost(public._call_level(remind_at, escalate_at, warn_at), called_level, called_at)
    order by created_at limit 100 for update skip locked
  loop
    v_level := public._call_level(v_change.remind_at, v_change.escalate_at, v_change.warn_at);
    update public.changes set called_level = v_level, called_at = clock_timestamp() where change_id = v_change.change_id;
    v_deliver := v_deliver || public._job('change.remind', v_change.change_id::text, v_level);
  end loop;
  return v_deliver;
end
$$;
comment on function public._call_people() is 'The calls that are due about open requests and changes; each is nudged again until somebody says that it came through.';

create function public.record_call(p_id uuid, p_level integer) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.approval_requests set remind_at = null, escalate_at = case when p_level < 2 then escalate_at end, warn_at = case when p_level < 3 then warn_at end, called_level = null, called_at = null
  where request_id = p_id;
  update public.changes set remind_at = null, escalate_at = case when p_level < 2 then escalate_at end, warn_at = case when p_level < 3 then warn_at end, called_level = null, called_at = null
  where change_id = p_id;
end
$$;
comment on function public.record_call(uuid, integer) is 'People have been called about this request or change, on this level: neither this call nor a lesser one is due any more.';

create function public.reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb;
  v_task public.tasks;
  v_request public.approval_requests;
  v_new_id uuid;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_deliver jsonb := '[]'::jsonb;
begin
  perform 1 from public.stop_switch for share;
  v_person_id := public._hold_person(p_external_id);
  v_found := public._find_request(null, p_token, p_chat_id, p_message_id);
  select t.* into v_task from public.tasks t join public.approval_requests r using (task_id) where r.request_id = (v_found ->> 'request_id')::uuid for update of t;
  select * into v_request from public.approval_requests where request_id = (v_found ->> 'request_id')::uuid for update;
  v_code := coalesce(v_found ->> 'code', case
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when (select stopped_at is not null from public.stop_switch) then 'stopped'
    when v_request.status <> 'expired' then 'replaced'
    when v_task.status <> 'expired' or v_task.failure_code is distinct from 'expired' then 'task_over'
    -- It was judged and asked under rules that no longer hold.
    when v_task.policy_version is distinct from (select policy_version from public.policies where in_force_at is not null and retired_at is null) then 'policy_changed' end);
  if v_code is null then
    perform public._reopen_expired(v_task, v_request, 'it was asked about again');
    v_deliver := public._ask_again(v_request, format('its time was over, and %s asked again', public._name_of(v_person_id)), v_actor);
    select request_id into v_new_id from public.approval_requests where step_id = v_request.step_id and version > v_request.version order by version desc limit 1;
  end if;
  perform public._audit(coalesce(v_request.task_id, 'system'), v_actor, case when v_code is null then 'approval.reask' else 'approval.refuse' end, coalesce(v_request.reference, 'button'), null,
    jsonb_strip_nulls(jsonb_build_object('code', v_code, 'decision', case when v_code is not null then 'reask' end, 'checksum', v_request.artifact_checksum,
      'new_reference', (select reference from public.approval_requests where request_id = v_new_id))));
  return jsonb_build_object('code', v_code, 'step_id', v_request.step_id, 'reference', (select reference from public.approval_requests where request_id = v_new_id), 'deliver', v_deliver);
end
$$;
comment on function public.reask_request(text, bigint, bigint, bigint) is
  'An operator or owner has what expired asked anew: the same frozen content under a new reference, with every decision to be made again. code is unknown_button, wrong_message, no_role, stopped, replaced, task_over or policy_changed.';

create function public.repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb;
  v_change public.changes;
begin
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  v_found := public._find_change(null, p_token, p_chat_id, p_message_id);
  select * into v_change from public.changes where change_id = (v_found ->> 'change_id')::uuid;
  if v_found ->> 'code' is not null or v_change.status <> 'expired' then
    return jsonb_build_object('code', coalesce(v_found ->> 'code', 'not_expired'), 'proposal', null);
  end if;
  return jsonb_build_object('code', null, 'proposal', public.propose_change(p_external_id, v_change.kind, v_change.payload, v_change.reason));
end
$$;
comment on function public.repropose_change(text, bigint, bigint, bigint) is
  'The same change proposed anew, by whoever presses and may propose it: a proposal like any other. code is unknown_button, wrong_message or not_expired.';

select public._expose('reask_request', 'ags_bot'), public._expose('repropose_change', 'ags_bot');
select public._expose('record_call', 'ags_worker');
select public._expose(f) from unnest(array['_call_times', '_call_level', '_is_call_lost', '_call_people']) f;
reset role;
