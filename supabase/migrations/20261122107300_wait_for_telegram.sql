-- Running code does not break. What cannot go out now waits, whole and approved: while people are asked about something else of its task, while
-- Telegram is away, and while a chat does not let the bot in.
set role ags_owner;

create function public._lift_hold(p_task_id text, p_settled_effect_id uuid) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_deliver jsonb := '[]'::jsonb;
begin
  if exists (select 1 from public.effects where task_id = p_task_id and status = 'in_doubt' and effect_id is distinct from p_settled_effect_id) then
    update public.tasks set status = 'held', held_reason = 'in_doubt' where task_id = p_task_id and ended_at is null;
    return v_deliver;
  end if;
  update public.tasks set status = 'running', held_reason = null where task_id = p_task_id and ended_at is null;
  -- What became ready while the task was held was nudged in vain.
  with freed as (
    update public.task_steps set wake_seq = wake_seq + 1, woken_at = clock_timestamp()
    where step_id in (select step_id from public.task_steps where task_id = p_task_id and status = 'ready' and (not_before is null or not_before <= clock_timestamp())
      and not exists (select 1 from public.effects e where e.step_id = public.task_steps.step_id and e.status = 'in_doubt') order by step_id for update)
    returning step_id, wake_seq
  )
  select coalesce(jsonb_agg(public._job('step.run', step_id, wake_seq) -> 0), '[]'::jsonb) into v_deliver from freed;
  return v_deliver;
end
$$;
comment on function public._lift_hold(text, uuid) is
  'A task goes on, unless another of its effects than the one that is being settled is in doubt: one answer says nothing about the other. Answers with the nudges for what is ready.';

create function public.return_probe(p_name text, p_holder text) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.breakers set state = 'open', probe_holder = null, probe_until = null, changed_at = clock_timestamp() where name = p_name and state = 'half_open' and probe_holder = p_holder;
  return jsonb_build_object('is_returned', found);
end
$$;
comment on function public.return_probe(text, text) is 'Who was to try did not call after all: whoever asks next is the probe, instead of waiting for this one''s time to be over.';

create function public._lock_doubt(p_attempt_id uuid) returns boolean
language plpgsql volatile set search_path = ''
as $$
declare
  v_effect public.effects;
begin
  select e.* into v_effect from public.effects e join public.effect_attempts a using (effect_id) where a.attempt_id = p_attempt_id;
  if v_effect.status is distinct from 'in_doubt' then
    return false;
  end if;
  -- As whoever answers the doubt does, and in the same order: only one of the two finds it open.
  perform 1 from public.stop_switch for share;
  perform 1 from public.tasks where task_id = v_effect.task_id for update;
  select * into v_effect from public.effects where effect_id = v_effect.effect_id for update;
  return v_effect.status = 'in_doubt';
end
$$;
comment on function public._lock_doubt(uuid) is 'Whether the effect of this try is in doubt, and if so held for whoever settles it.';

create function public._settle_late(p_effect_id uuid) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_effect public.effects;
  v_step public.task_steps;
  v_done integer;
  v_status text;
  v_is_over boolean;
  v_deliver jsonb;
begin
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'in_doubt')) then
    return '[]'::jsonb;
  end if;
  select * into v_effect from public.effects where effect_id = p_effect_id;
  select * into v_step from public.task_steps where step_id = v_effect.step_id for update;
  select ended_at is not null into v_is_over from public.tasks where task_id = v_effect.task_id;
  select count(distinct part) into v_done from public.effect_attempts where effect_id = p_effect_id and status = 'done';
  v_status := case when v_done = v_effect.part_count then 'done' when v_done > 0 then 'granted' else 'void' end;
  perform public._audit(v_effect.task_id, 'system', 'effect.late', p_effect_id::text, jsonb_build_object('status', 'in_doubt'),
    jsonb_build_object('status', v_status, 'parts_done', v_done, 'rule', 'the answer came late, before anybody had answered the doubt'));
  v_deliver := public._lift_hold(v_effect.task_id, p_effect_id) || public._job('doubt.show', p_effect_id::text, v_effect.fence + 1);
  if v_status = 'done' and v_is_over then
    perform public._note_landed(v_effect, 'the answer came late', 'system');
  elsif v_status = 'done' then
    v_deliver := v_deliver || (public._land(v_effect, v_step, 'the answer came late', 'system', null, null) -> 'deliver');
  else
    update public.effects set status = v_status, settled_at = case when v_status = 'void' then clock_timestamp() end, outcome_note = 'the answer came late: it did not arrive whole',
      doubt_resend_by = null, doubt_resend_slot = null where effect_id = p_effect_id returning * into v_effect;
    -- What certainly did not leave is asked for again, and the gate looks anew.
    v_deliver := v_deliver || case when not v_is_over then public._wake(v_effect.step_id) when v_status = 'granted' then public._settle_orphan(v_effect) else '[]'::jsonb end;
  end if;
  return v_deliver || public._changed(v_effect.task_id);
end
$$;
comment on function public._settle_late(uuid) is 'The answer to a doubt came after all: once every try has a certain end the effect has one too, and nobody needs to be asked. The caller holds task and effect.';

create function public._settle_late_answers() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_effect public.effects;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_effect in
    select e.* from public.effects e join public.tasks t using (task_id) where e.status = 'in_doubt'
      and not exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id and a.status in ('started', 'in_doubt')) limit 100 for update of t skip locked
  loop
    perform 1 from public.effects where effect_id = v_effect.effect_id and status = 'in_doubt' for update;
    continue when not found;
    v_deliver := v_deliver || public._settle_late(v_effect.effect_id);
  end loop;
  return v_deliver;
end
$$;
comment on function public._settle_late_answers() is 'Doubts whose last try was settled in the very moment in which they became doubts.';

create function public._wait_for_chat(p_effect public.effects, p_fence bigint, p_delay_ms bigint) returns jsonb
language plpgsql volatile set search_path = ''
as $$
begin
  perform public._raise_standing('chat_shut', p_effect.target_chat_id::text, 'critical', 'Telegram does not let the bot write to a chat',
    jsonb_build_object('chat_id', p_effect.target_chat_id, 'effect_kind', p_effect.kind, 'tier', p_effect.tier), p_effect.task_id);
  return public.wait_step(p_effect.step_id, p_fence, 'access:' || p_effect.target_chat_id, p_delay_ms);
end
$$;
comment on function public._wait_for_chat(public.effects, bigint, bigint) is 'What was approved for a chat that does not let the bot in waits for it, with one incident for the chat.';

create function public._is_chat_waited_for(p_chat_id bigint) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return exists (select 1 from public.task_steps s join public.tasks t using (task_id)
    where s.kind = 'effect' and s.status in ('ready', 'running') and s.waits_for = 'access:' || p_chat_id and t.ended_at is null);
end
$$;
comment on function public._is_chat_waited_for(bigint) is 'Whether something waits for the right to write to a chat.';

create function public.free_chats(p_chat_ids jsonb) returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_names text[] := array(select 'access:' || c from jsonb_array_elements_text(p_chat_ids) c);
  v_deliver jsonb;
begin
  -- What somebody holds is being tried.
  with freed as (
    update public.task_steps set not_before = null, wake_seq = wake_seq + 1, woken_at = clock_timestamp()
    where step_id in (select step_id from public.task_steps where status = 'ready' and waits_for = any (v_names) for update skip locked) returning step_id, wake_seq
  )
  select coalesce(jsonb_agg(public._job('step.run', step_id, wake_seq) -> 0), '[]'::jsonb) into v_deliver from freed;
  return jsonb_build_object('deliver', v_deliver);
end
$$;
comment on function public.free_chats(jsonb) is 'The bot may write to these chats: what waited for that is tried now. Answers with the nudges.';

select public._expose('return_probe', 'ags_worker'), public._expose('free_chats', 'ags_bot');
select public._expose(f) from unnest(array['_lift_hold', '_lock_doubt', '_settle_late', '_settle_late_answers', '_wait_for_chat', '_is_chat_waited_for']) f;
reset role;
