-- Running code breaks. Break-glass: two people let one effect of one task out although a slot is empty, the time is over or the critic's bar is missed.
--
-- It is a change of kind `break_glass`: an owner asks, a second person with any role confirms, and `_open_break_glass` opens it in that transaction.
--   open -> used (by the grant, in its transaction) | expired (15 minutes) | void (what was confirmed is no longer what would go out, or the task ended)
-- Whatever became of it, it is reviewed by another owner; until then there is no further one, and nothing of T3 is granted.
set role ags_owner;

create table public.break_glasses (
  break_glass_id uuid primary key default gen_random_uuid(),
  change_id uuid not null references public.changes constraint break_glasses_one_per_change unique,
  task_id text not null references public.tasks,
  -- What was confirmed: this request, over these bytes.
  request_id uuid not null references public.approval_requests,
  artifact_checksum text not null,
  -- The slot that nobody filled because nobody objected in time; null when people filled all of them.
  waived_slot text constraint break_glasses_waived_slot_known check (waived_slot in ('operator', 'owner')),
  opened_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '15 minutes',
  status text not null default 'open' constraint break_glasses_status_known check (status in ('open', 'used', 'expired', 'void')),
  ended_at timestamptz,
  void_reason text,
  review_due_at timestamptz not null default clock_timestamp() + interval '24 hours',
  review_reminded_at timestamptz,
  reviewed_at timestamptz,
  reviewed_by text,
  review text,
  constraint break_glasses_ended_at_when_ended check ((ended_at is null) = (status = 'open')),
  constraint break_glasses_reason_when_void check ((void_reason is not null) = (status = 'void')),
  constraint break_glasses_review_whole check ((reviewed_at is null) = (reviewed_by is null) and (reviewed_at is null) = (review is null) and length(btrim(review)) > 0),
  constraint break_glasses_reviewed_after_end check (reviewed_at is null or status <> 'open')
);
-- One at a time in the whole team, and none before the last one was reviewed.
create unique index break_glasses_one_unreviewed on public.break_glasses ((true)) where reviewed_at is null;
create index break_glasses_request on public.break_glasses (request_id);

alter table public.changes add constraint changes_break_glass_has_reason check (kind <> 'break_glass' or length(btrim(reason)) > 0);
-- An approval that the second person of a break-glass gave, whatever their role.
alter table public.approvals add column break_glass_id uuid references public.break_glasses;
alter table public.effects add column break_glass_id uuid references public.break_glasses;
-- The chats in which a change has to stand, so that nobody can say that they were not told; a copy in a private chat is not among them.
alter table public.changes add column announced_in bigint[];
-- Since when a card can be read: its row is there before its message is.
alter table public.cards add column sent_at timestamptz, add constraint cards_sent_as_a_message check (sent_at is null or message_id is not null);
create unique index effects_break_glass_used_once on public.effects (break_glass_id);

create function public._has_break_glass(p_request_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select 1 from public.break_glasses g join public.approval_requests r using (request_id)
    where g.request_id = p_request_id and g.status in ('open', 'used') and g.artifact_checksum = r.artifact_checksum);
end
$$;
comment on function public._has_break_glass(uuid) is 'Whether this request stands under a break-glass, be it still open or used; what it waives is the critic''s threshold, never a red flag.';

create function public._waived_slot(p_request_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (select waived_slot from public.break_glasses where request_id = p_request_id and status in ('open', 'used'));
end
$$;
comment on function public._waived_slot(uuid) is 'The slot of this request that a veto window filled with nobody; null when there is none.';

create function public._break_glass_in_force(p_request_id uuid) returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (select break_glass_id from public.break_glasses where request_id = p_request_id and status in ('open', 'used') and expires_at > clock_timestamp());
end
$$;

create function public._is_break_glass_over(p_request_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select 1 from public.break_glasses g where g.request_id = p_request_id and (g.status in ('expired', 'void') or g.expires_at <= clock_timestamp()
    or not public._has_break_glass(p_request_id)));
end
$$;
comment on function public._is_break_glass_over(uuid) is 'Whether this request was approved under a break-glass that lets nothing out any more: its 15 minutes are over, or the bytes are others.';

create function public._limits_under(p_policy jsonb, p_break_glass_id uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  if p_break_glass_id is null then
    return p_policy;
  end if;
  -- Half of what the policy allows to leave in a time, and of what it allows to move at once.
  return p_policy || jsonb_build_object(
    'rates', (select coalesce(jsonb_object_agg(r.key, case when r.key like 'effects\_%' then r.value || jsonb_build_object('max', greatest((r.value ->> 'max')::integer / 2, 1)) else r.value end), '{}'::jsonb)
      from jsonb_each(coalesce(p_policy -> 'rates', '{}'::jsonb)) r),
    'limits', coalesce(p_policy -> 'limits', '{}'::jsonb) || jsonb_build_object(
      'payments', coalesce(p_policy -> 'limits' -> 'payments', '{}'::jsonb) || (
        select coalesce(jsonb_object_agg(l.key, (l.value::numeric / 2)::text), '{}'::jsonb) from jsonb_each_text(p_policy -> 'limits' -> 'payments') l where l.key in ('max_single_tx_usdt', 'max_day_usdt')),
      'trading', coalesce(p_policy -> 'limits' -> 'trading', '{}'::jsonb) || (
        select coalesce(jsonb_object_agg(l.key, case l.key when 'max_positions' then to_jsonb(l.value::integer / 2) else to_jsonb(l.value::numeric / 2) end), '{}'::jsonb)
        from jsonb_each_text(p_policy -> 'limits' -> 'trading') l where l.key in ('max_positions', 'max_daily_loss_pct', 'max_drawdown_pct'))));
end
$$;
comment on function public._limits_under(jsonb, uuid) is 'The policy''s limits as they hold for an effect: all of them, or half of them under a break-glass.';

create function public._veto_window(p_policy jsonb) returns interval
language plpgsql immutable set search_path = ''
as $$
begin
  return make_interval(secs => coalesce((p_policy -> 'break_glass' ->> 'veto_window')::integer, 0));
end
$$;
comment on function public._veto_window(jsonb) is 'After how long without an objection a break-glass opens on one person''s word; nothing where the policy does not allow it.';

create function public._veto_runs_from(p_change public.changes) returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select case when count(*) > 0 and count(*) = count(k.sent_at) and (select stopped_at is null from public.stop_switch) then
      greatest(max(k.sent_at), (select max(resumed_at) from public.stops)) end
    from unnest(p_change.announced_in) a (chat_id) left join public.cards k on k.kind = 'change' and k.change_id = p_change.change_id and k.chat_id = a.chat_id
  );
end
$$;
comment on function public._veto_runs_from(public.changes) is
  'Since when nobody has objected to a break-glass that stood in every chat where it has to stand; time before the last stop was lifted does not count. Null while it stands in none or not in all of them, and while stopped.';

create function public._was_vetoed(p_change public.changes) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select 1 from public.changes v where v.kind = 'break_glass' and v.status = 'rejected' and v.change_id <> p_change.change_id and v.payload ->> 'task_id' = p_change.payload ->> 'task_id');
end
$$;
comment on function public._was_vetoed(public.changes) is 'Whether somebody has objected to a break-glass for the same task before: silence is then no longer enough.';

create function public._break_glass_patience(p_policy jsonb) returns interval
language plpgsql immutable set search_path = ''
as $$
begin
  return greatest(interval '1 hour', public._veto_window(p_policy) + interval '30 minutes');
end
$$;
comment on function public._break_glass_patience(jsonb) is 'How long a break-glass waits for the second person.';

create function public._break_glass_request(p_task_id text) returns public.approval_requests
language plpgsql stable set search_path = ''
as $$
declare
  v_request public.approval_requests;
begin
  -- Of several gates the first that waits; of a task that ended because nobody decided, the one that was not decided.
  select r.* into v_request from public.approval_requests r join public.tasks t using (task_id)
  where r.task_id = p_task_id and (r.status in ('pending', 'approved') or (r.status = 'expired' and t.status = 'expired'))
    and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void')
  order by r.status = 'expired', r.created_at desc limit 1;
  return v_request;
end
$$;
comment on function public._break_glass_request(text) is 'What a break-glass for this task would be about; empty when nothing of it waits for people.';

create function public._glass_people(p_request public.approval_requests, p_first uuid, p_second uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_separation text := public._separation(public._policy(p_request.policy_version), p_request.tier);
  v_missing text[];
  v_slot text;
  v_person_id uuid;
  v_others uuid[];
  v_fills jsonb := '{}'::jsonb;
begin
  v_missing := array(select s from unnest(p_request.slots) s
    where not exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_request.artifact_checksum and a.role = s));
  v_others := array(select b.person_id from public.approvals a cross join lateral unnest(public._behind(null, a.person_id, a.role, a.ts)) b (person_id)
    where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_request.artifact_checksum);
  foreach v_person_id in array array[p_first, p_second] loop
    continue when v_person_id is null or exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.person_id = v_person_id);
    -- The role is waived for the second person alone. That nobody approves what they asked for themselves is not.
    -- Whoever stands in for somebody is that one too; the second person may do so with any role, as for the operator's slot of this change.
    select s into v_slot from unnest(v_missing) s
    cross join lateral (select case when v_person_id = p_second then public._behind('break_glass', v_person_id, 'operator', clock_timestamp()) else public._behind(null, v_person_id, s, clock_timestamp()) end as people) b
    where (v_separation = 'any' or (v_separation = 'operator' and s = 'operator') or (p_request.requester_person_id = any (b.people)) is not true)
      and not b.people && v_others
      and (v_person_id = p_second or public._fits_change_slot('role_grant', s, public._roles_of(v_person_id)))
    order by public._fits_change_slot('role_grant', s, public._roles_of(v_person_id)) desc, s = 'owner' desc limit 1;
    if v_slot is not null then
      v_fills := v_fills || jsonb_build_object(v_person_id::text, v_slot);
      v_missing := array_remove(v_missing, v_slot);
    end if;
  end loop;
  return jsonb_build_object('fills', v_fills, 'missing', to_jsonb(v_missing));
end
$$;
comment on function public._glass_people(public.approval_requests, uuid, uuid) is 'Which empty slot each of the two would fill, and which would stay empty. One person never fills two.';

create function public._glass_lacks(p_change public.changes, p_second uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_request public.approval_requests;
begin
  select * into v_request from public.approval_requests where reference = p_change.payload ->> 'reference';
  return jsonb_array_length(public._glass_people(v_request, p_change.proposed_by, p_second) -> 'missing') > 0;
end
$$;
comment on function public._glass_lacks(public.changes, uuid) is 'Whether a slot would stay empty with this second person: they asked for the task, or have approved it already.';

create function public._break_glass_form_problem(p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case when jsonb_typeof(p_payload) is distinct from 'object' or p_payload - 'task_id' - 'reference' - 'checksum' <> '{}'::jsonb
    or coalesce(p_payload ->> 'task_id', '') = '' or coalesce(p_payload ->> 'reference', '') = '' or coalesce(p_payload ->> 'checksum', '') !~ '^[0-9a-f]{64}$'
    then 'a break-glass names a task that waits for people, its reference and the checksum of what would go out' end;
end
$$;

create function public._break_glass_problem(p_payload jsonb, p_proposer uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_task public.tasks;
  v_request public.approval_requests;
  v_effect public.task_steps;
  v_open record;
  v_unmet text;
begin
  select * into v_task from public.tasks where task_id = p_payload ->> 'task_id';
  v_request := public._break_glass_request(v_task.task_id);
  select e.* into v_effect from public.task_steps g join public.task_steps e on e.task_id = g.task_id and e.kind = 'effect' and e.subject_node = g.subject_node where g.step_id = v_request.step_id;
  select c.reference, c.payload ->> 'task_id' as task_id, g.status into v_open from public.changes c left join public.break_glasses g using (change_id)
  where c.kind = 'break_glass' and ((c.status = 'pending' and c.expires_at > clock_timestamp() and c.payload <> p_payload) or (g.break_glass_id is not null and g.reviewed_at is null)) limit 1;
  -- Whatever people cannot mend by approving has to be met, but for the critic's threshold.
  select i ->> 'detail' into v_unmet from jsonb_array_elements(public.evaluate_requirements(v_request.requirements, public._facts(v_request) || '{"is_critic_waived":true}'::jsonb) -> 'items') i
  where not (i ->> 'is_met')::boolean and not (i ->> 'is_by_people')::boolean limit 1;
  return case
    when (select stopped_at is not null from public.stop_switch) then 'everything is stopped, and no break-glass goes past the emergency stop: /resume comes first'
    when v_open.status is not null and v_open.status <> 'open' then format('the break-glass %s for %s has not been reviewed yet: an owner who did not open it writes /breakglass review %s and what they found', v_open.reference, v_open.task_id, v_open.task_id)
    when v_open.reference is not null then format('the break-glass %s for %s is open: there is one at a time', v_open.reference, v_open.task_id)
    when v_task.task_id is null then 'there is no such task'
    when v_request.request_id is null and v_task.ended_at is not null then format('the task has ended (%s)', v_task.status)
    when v_request.request_id is null then 'nothing of this task waits for people, or it has not been shown in full yet'
    when v_task.held_reason = 'in_doubt' then 'an effect of this task is in doubt: the card about it comes first'
    when v_request.reference is distinct from p_payload ->> 'reference' or v_request.artifact_checksum is distinct from p_payload ->> 'checksum' then 'what would go out is no longer what was shown'
    when v_request.policy_version <> v_task.policy_version or (v_request.status = 'expired' and v_request.policy_version <> (public._policy_in_force()).policy_version) then 'it was asked under other rules'
    when public._freeze_problem(v_request.tier) is not null then public._freeze_problem(v_request.tier)
    when v_unmet is not null then format('this is not waived: %s', v_unmet)
    when jsonb_array_length(public._glass_people(v_request, p_proposer, null) -> 'missing') > 1 then 'two slots would be empty: a break-glass fills one, and nobody approves what they asked for themselves'
    else public._denial_problem(v_task.task_id, v_effect.effect_kind, v_request.target_chat_id, v_request.target_topic_id, v_request.artifact_id) end;
end
$$;
comment on function public._break_glass_problem(jsonb, uuid) is 'Why this glass cannot be broken now, as a sentence; null when it can. Asked when it is proposed, and again before it is opened.';

create function public._audit_break_glass(p_change public.changes, p_actor text, p_what text, p_more jsonb) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  perform public._audit(p_change.payload ->> 'task_id', p_actor, 'glass.' || p_what, p_change.reference, null,
    jsonb_strip_nulls(jsonb_build_object('reference', p_change.payload ->> 'reference', 'checksum', p_change.payload ->> 'checksum') || p_more));
end
$$;
comment on function public._audit_break_glass(public.changes, text, text, jsonb) is 'What happened to a break-glass, in the chain of its task.';

create function public._open_break_glass(p_change public.changes, p_actor text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
  v_request public.approval_requests;
  v_glass public.break_glasses;
  v_second record;
  v_people jsonb;
  v_fill record;
begin
  select * into v_task from public.tasks where task_id = p_change.payload ->> 'task_id' for update;
  select * into v_request from public.approval_requests where reference = p_change.payload ->> 'reference' for update;
  select person_id, approver into v_second from public.change_decisions where change_id = p_change.change_id and decision = 'approve' and voided_at is null and person_id <> p_change.proposed_by;
  v_people := public._glass_people(v_request, p_change.proposed_by, v_second.person_id);
  insert into public.break_glasses (change_id, task_id, request_id, artifact_checksum, waived_slot)
  values (p_change.change_id, v_task.task_id, v_request.request_id, v_request.artifact_checksum, case when v_second.person_id is null then v_people -> 'missing' ->> 0 end) returning * into v_glass;
  for v_fill in select key::uuid as person_id, value as slot from jsonb_each_text(v_people -> 'fills') loop
    insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, reason, artifact_checksum, break_glass_id, factor_checked_at)
    values (v_request.request_id, v_request.task_id, v_request.step_id, v_request.tier, case when v_fill.person_id = p_change.proposed_by then p_change.proposer else v_second.approver end, v_fill.person_id, v_fill.slot,
      'approve', left('break-glass: ' || p_change.reason, 2000), v_request.artifact_checksum, v_glass.break_glass_id,
      (select factor_checked_at from public.change_decisions where change_id = p_change.change_id and person_id = v_fill.person_id and voided_at is null));
  end loop;
  perform public._audit_break_glass(p_change, p_actor, 'open', jsonb_build_object('reason', p_change.reason, 'opened_by', p_change.proposer, 'confirmed_by', v_second.approver, 'slots', v_people -> 'fills',
    'waived_slot', v_glass.waived_slot, 'expired_at', case when v_request.expires_at <= clock_timestamp() then v_request.expires_at end, 'expires_at', v_glass.expires_at, 'review_due_at', v_glass.review_due_at));
  perform public._event(v_task.task_id, 'BREAK_GLASS', v_request.step_id, null, jsonb_build_object('reference', p_change.reference, 'state', 'open', 'checksum', v_glass.artifact_checksum), p_change.reference || ':open');
  if v_task.status = 'expired' then
    perform public._reopen_expired(v_task, v_request, 'a break-glass waives the expiry');
  end if;
  perform public._lift_hold(v_task.task_id, null);
  -- The time to decide ends with the break-glass at the earliest.
  update public.approval_requests set status = 'approved', decided_at = clock_timestamp(), expires_at = greatest(expires_at, v_glass.expires_at) where request_id = v_request.request_id;
  return case when v_request.status = 'approved' then coalesce((select public._wake(e.step_id) from public.task_steps g join public.task_steps e on e.task_id = g.task_id and e.kind = 'effect' and e.subject_node = g.subject_node
      where g.step_id = v_request.step_id and e.status = 'ready'), '[]'::jsonb)
    else public._close_gate(v_request) end || public._changed(v_task.task_id) || public._redraw_cards(v_task.task_id);
end
$$;
comment on function public._open_break_glass(public.changes, text) is 'Opens the glass for one request: the two people fill what is empty, and its effect may be granted for 15 minutes. The caller holds the task.';

create function public._reopen_expired(p_task public.tasks, p_request public.approval_requests, p_rule text) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- Exactly what ended with the task goes on: it was given the task's own moment.
  update public.task_steps set status = 'pending', ended_at = null where task_id = p_task.task_id and status = 'skipped' and ended_at = p_task.ended_at;
  -- Also where the gate had been passed and nothing was let out in time.
  update public.task_steps set status = 'awaiting_approval', ended_at = null where step_id = p_request.step_id;
  update public.tasks set ended_at = null, failure_code = null, failure_message = null, status = 'running' where task_id = p_task.task_id;
  perform public._audit(p_task.task_id, 'system', 'task.reopen', p_task.task_id, jsonb_build_object('status', p_task.status), jsonb_build_object('status', 'running', 'rule', p_rule));
  perform public._event(p_task.task_id, 'TASK_REOPENED', null, null, jsonb_build_object('status', p_task.status),
    p_task.task_id || ':reopen:' || (select count(*) + 1 from public.events where task_id = p_task.task_id and type = 'TASK_REOPENED'));
end
$$;
comment on function public._reopen_expired(public.tasks, public.approval_requests, text) is 'A task that ended because nobody decided in time goes on from there.';

create function public._use_break_glass(p_effect public.effects) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_change public.changes;
begin
  select c.* into v_change from public.changes c join public.break_glasses g using (change_id) where g.break_glass_id = p_effect.break_glass_id;
  if v_change.change_id is null then
    return '{}'::jsonb;
  end if;
  update public.break_glasses set status = 'used', ended_at = clock_timestamp() where break_glass_id = p_effect.break_glass_id and status = 'open';
  if found then
    perform public._audit_break_glass(v_change, 'system', 'use', jsonb_build_object('effect_id', p_effect.effect_id));
    perform public._event(p_effect.task_id, 'BREAK_GLASS', p_effect.step_id, null, jsonb_build_object('reference', v_change.reference, 'state', 'used', 'effect_id', p_effect.effect_id), v_change.reference || ':used');
    update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = v_change.change_id;
  end if;
  return jsonb_build_object('break_glass', v_change.reference);
end
$$;
comment on function public._use_break_glass(public.effects) is 'The grant takes the glass with it, in its own transaction: a second effect finds it used.';

create function public._end_break_glass(p_glass public.break_glasses, p_status text, p_reason text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_change public.changes;
begin
  select * into v_change from public.changes where change_id = p_glass.change_id;
  update public.break_glasses set status = p_status, ended_at = clock_timestamp(), void_reason = case when p_status = 'void' then p_reason end where break_glass_id = p_glass.break_glass_id;
  update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = p_glass.change_id;
  perform public._audit_break_glass(v_change, 'system', case p_status when 'void' then 'void' else 'expire' end, jsonb_build_object('reason', p_reason));
  perform public._event(p_glass.task_id, 'BREAK_GLASS', null, null, jsonb_build_object('reference', v_change.reference, 'state', p_status), v_change.reference || ':over');
  return public._show_change(p_glass.change_id);
end
$$;

create function public._void_break_glass(p_request_id uuid, p_reason text) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  perform public._end_break_glass(g, 'void', p_reason) from public.break_glasses g where g.request_id = p_request_id and g.status = 'open';
end
$$;
comment on function public._void_break_glass(uuid, text) is 'What was confirmed is void, and the glass with it.';

create function public._open_unopposed() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_change public.changes;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Nobody objects to what they could not read.
  for v_change in
    select c.* from public.changes c join public.policies p using (policy_version)
    where c.kind = 'break_glass' and c.status = 'pending' and c.expires_at > clock_timestamp() and p.retired_at is null and public._veto_window(p.document) > interval '0'
      -- On the word of whoever opens it, which counts with the code where the policy asks for one.
      and exists (select 1 from public.change_decisions d where d.change_id = c.change_id and d.person_id = c.proposed_by and d.decision = 'approve' and d.voided_at is null)
      and public._veto_runs_from(c) + public._veto_window(p.document) <= clock_timestamp() and not public._was_vetoed(c)
    order by c.created_at for update of c
  loop
    perform public._drop_lost_decisions(v_change);
    v_deliver := v_deliver || (public._apply_change(v_change, 'system') -> 'deliver');
  end loop;
  return v_deliver;
end
$$;
comment on function public._open_unopposed() is 'Where the policy allows it, a break-glass that nobody confirmed and nobody objected to takes effect when its veto window is over.';

create function public._sweep_break_glass() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_glass public.break_glasses;
  v_request public.approval_requests;
  v_deliver jsonb := public._open_unopposed();
begin
  for v_glass in
    select g.* from public.break_glasses g join public.approval_requests r using (request_id) where g.status = 'open' and (g.expires_at <= clock_timestamp() or r.status <> 'approved')
  loop
    perform 1 from public.tasks where task_id = v_glass.task_id for update;
    -- Read again under the task's lock: it may have been used since.
    select * into v_glass from public.break_glasses where break_glass_id = v_glass.break_glass_id and status = 'open' for update;
    continue when v_glass.break_glass_id is null;
    select * into v_request from public.approval_requests where request_id = v_glass.request_id for update;
    if v_request.status <> 'approved' then
      v_deliver := v_deliver || public._end_break_glass(v_glass, 'void', 'the task ended before anything was let out');
    else
      v_deliver := v_deliver || public._end_break_glass(v_glass, 'expired', null) || public._ask_again(v_request, 'the break-glass was over before anything was let out', 'system');
    end if;
  end loop;
  for v_glass in
    update public.break_glasses set review_reminded_at = clock_timestamp() where reviewed_at is null and review_reminded_at is null and review_due_at <= clock_timestamp() returning *
  loop
    update public.changes set tell_requested_at = clock_timestamp() where change_id = v_glass.change_id;
    perform public._raise_incident('review_overdue', v_glass.break_glass_id::text, 'warning', 'the review of a break-glass is overdue', jsonb_build_object('break_glass_id', v_glass.break_glass_id), v_glass.task_id);
    v_deliver := v_deliver || public._show_change(v_glass.change_id);
  end loop;
  return v_deliver;
end
$$;
comment on function public._sweep_break_glass() is 'What is due about break-glasses: those that open unopposed, those that are over, and reviews that nobody has written.';

create function public._review_wait(p_tier text, p_break_glass_id uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('limit', 'review_due', 'subject', g.task_id, 'max', 0, 'per_seconds', 86400, 'free_at', greatest(g.review_due_at, clock_timestamp() + interval '1 minute'), 'retry_after_ms', 60000)
    from public.break_glasses g where p_tier = 'T3' and g.reviewed_at is null and g.break_glass_id is distinct from p_break_glass_id
  );
end
$$;
comment on function public._review_wait(text, uuid) is 'Why nothing of T3 is granted now: an earlier break-glass has not been reviewed. Null when it has, or for the effect that it was broken for.';

create function public._break_glass_view(p_change public.changes) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('task_id', r.task_id, 'goal', t.goal, 'reference', r.reference, 'tier', r.tier, 'action', r.action, 'target_chat_id', r.target_chat_id, 'checksum', p_change.payload ->> 'checksum',
      'unmet', coalesce((select jsonb_agg(i ->> 'detail') from jsonb_array_elements(public._verdict(r) -> 'items') i where not (i ->> 'is_met')::boolean), '[]'::jsonb),
      'has_expired', r.expires_at <= clock_timestamp(), 'status', g.status, 'opened_at', g.opened_at, 'expires_at', g.expires_at, 'ended_at', g.ended_at, 'void_reason', g.void_reason, 'waived_slot', g.waived_slot,
      'review_due_at', g.review_due_at, 'is_review_overdue', coalesce(g.reviewed_at is null and g.review_due_at <= clock_timestamp(), false), 'reviewed_at', g.reviewed_at,
      'reviewed_by', case when g.reviewed_by is not null then public._known_as(substr(g.reviewed_by, 4)) end, 'review', g.review,
      'veto_seconds', case when public._was_vetoed(p_change) then 0 else extract(epoch from public._veto_window(public._policy(p_change.policy_version)))::integer end,
      'was_vetoed', public._was_vetoed(p_change))
    from public.approval_requests r join public.tasks t using (task_id) left join public.break_glasses g on g.change_id = p_change.change_id where r.reference = p_change.payload ->> 'reference'
  );
end
$$;
comment on function public._break_glass_view(public.changes) is 'What a break-glass is about and how far it came.';

create function public._list_break_glasses(p_task_id text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('change_reference', c.reference, 'status', g.status, 'opened_at', g.opened_at, 'expires_at', g.expires_at, 'opened_by', public._known_as(substr(c.proposer, 4)),
      'reason', c.reason, 'review_due_at', g.review_due_at, 'reviewed_at', g.reviewed_at) order by g.opened_at), '[]'::jsonb)
    from public.break_glasses g join public.changes c using (change_id) where g.task_id = p_task_id
  );
end
$$;

create function public._break_glass_state() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('change_reference', c.reference, 'task_id', g.task_id, 'status', g.status, 'expires_at', g.expires_at, 'review_due_at', g.review_due_at, 'is_review_overdue', g.review_due_at <= clock_timestamp())
    from public.break_glasses g join public.changes c using (change_id) where g.reviewed_at is null
  );
end
$$;
comment on function public._break_glass_state() is 'The one break-glass that is open or waits for its review; null when there is none.';

create function public.propose_break_glass(p_external_id bigint, p_task_id text, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests := public._break_glass_request(upper(btrim(p_task_id)));
  v_problem text;
begin
  -- Outside the table of changes nothing says what it would be about: the same sentences, and the same record, as for any other proposal.
  v_problem := case
    when not 'owner' = any (public._roles_of(public._person_of(p_external_id))) then 'only an owner opens a break-glass'
    when coalesce(btrim(p_reason), '') = '' then 'a break-glass needs a reason: /breakglass TASK and why it cannot wait'
    when v_request.request_id is null then public._break_glass_problem(jsonb_build_object('task_id', upper(btrim(p_task_id))), public._person_of(p_external_id)) end;
  if v_problem is not null then
    perform public._audit(coalesce((select task_id from public.tasks where task_id = upper(btrim(p_task_id))), 'system'), 'tg:' || p_external_id, 'glass.refuse', 'break_glass', null, jsonb_build_object('problem', v_problem));
    return jsonb_build_object('outcome', 'refused', 'code', 'not_possible', 'problem', v_problem, 'slot', null, 'change', null, 'deliver', '[]'::jsonb);
  end if;
  return public.propose_change(p_external_id, 'break_glass', jsonb_build_object('task_id', v_request.task_id, 'reference', v_request.reference, 'checksum', v_request.artifact_checksum), p_reason);
end
$$;
comment on function public.propose_break_glass(bigint, text, text) is 'An owner asks to let out what waits for people in this task, for a second person to confirm: `decide_change` opens it.';

create function public.review_break_glass(p_external_id bigint, p_task_id text, p_text text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_glass public.break_glasses;
  v_change public.changes;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_step_id text;
  v_deliver jsonb := '[]'::jsonb;
begin
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  v_person_id := public._person_of(p_external_id);
  select * into v_glass from public.break_glasses where task_id = upper(btrim(p_task_id)) and reviewed_at is null for update;
  select * into v_change from public.changes where change_id = v_glass.change_id;
  v_code := case
    when not 'owner' = any (public._roles_of(v_person_id)) then 'no_role'
    when v_glass.break_glass_id is null then 'not_found'
    when v_glass.status = 'open' then 'still_open'
    -- By account: two accounts that have been linked since are one person.
    when v_person_id = public._person_of(substr(v_change.proposer, 4)::bigint) then 'opener'
    when public._behind(null, v_person_id, 'owner', clock_timestamp()) && public._behind(null, public._person_of(substr(v_change.proposer, 4)::bigint), 'owner', v_change.created_at) then 'stand_in'
    when coalesce(btrim(p_text), '') = '' then 'text_needed' end;
  if v_code is not null then
    perform public._audit(coalesce(v_glass.task_id, 'system'), v_actor, 'glass.refuse', coalesce(v_change.reference, 'break_glass'), null, jsonb_build_object('code', v_code, 'asked', 'review'));
    return jsonb_build_object('code', v_code, 'reference', v_change.reference, 'deliver', '[]'::jsonb);
  end if;
  update public.break_glasses set reviewed_at = clock_timestamp(), reviewed_by = v_actor, review = left(btrim(p_text), 2000) where break_glass_id = v_glass.break_glass_id;
  update public.changes set tell_requested_at = clock_timestamp() where change_id = v_glass.change_id;
  perform public._audit_break_glass(v_change, v_actor, 'review', jsonb_build_object('review', left(btrim(p_text), 500)));
  perform public._event(v_glass.task_id, 'BREAK_GLASS', null, null, jsonb_build_object('reference', v_change.reference, 'state', 'reviewed'), v_change.reference || ':reviewed');
  -- What waited for the review goes on.
  for v_step_id in
    select s.step_id from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and s.kind = 'effect' and t.risk_tier = 'T3' and t.ended_at is null order by t.task_id for update of t
  loop
    update public.task_steps set not_before = null where step_id = v_step_id;
    v_deliver := v_deliver || public._wake(v_step_id);
  end loop;
  return jsonb_build_object('code', null, 'reference', v_change.reference, 'deliver', v_deliver || public._show_change(v_glass.change_id));
end
$$;
comment on function public.review_break_glass(bigint, text, text) is 'An owner who did not open it writes what they found; code is no_role, not_found, still_open, opener, stand_in or text_needed. T3 goes on.';

select public._protect_table('break_glasses');
select public._expose('propose_break_glass', 'ags_bot'), public._expose('review_break_glass', 'ags_bot');
select public._expose(f) from unnest(array['_has_break_glass', '_waived_slot', '_break_glass_in_force', '_is_break_glass_over', '_limits_under', '_veto_window', '_veto_runs_from', '_was_vetoed', '_break_glass_patience', '_break_glass_request', '_glass_people',
  '_glass_lacks', '_break_glass_form_problem', '_break_glass_problem', '_audit_break_glass', '_open_break_glass', '_reopen_expired', '_use_break_glass', '_end_break_glass', '_void_break_glass', '_open_unopposed',
  '_sweep_break_glass', '_review_wait', '_break_glass_view', '_list_break_glasses', '_break_glass_state']) f;
reset role;
