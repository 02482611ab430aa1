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

select public._expose('return_probe', 'ags_worker');
select public._expose(f) from unnest(array['_lift_hold']) f;
reset role;
