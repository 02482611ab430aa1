-- Running code does not break. A step that needs a tool which is left alone for now, or a decision outside of its task, waits for it, whole, instead of using up its tries.
set role ags_owner;

alter table public.task_steps
  -- What it waits for (the name of a breaker, or `chat:` and the id of a group that moved), and since when; kept through the tries in between, until it ends well.
  add column waits_for text,
  add column waits_since timestamptz,
  add constraint task_steps_waits_whole check ((waits_for is null) = (waits_since is null));

create function public.wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_since timestamptz;
  v_deliver jsonb;
begin
  if coalesce(p_waits_for, '') = '' or p_delay_ms is null or p_delay_ms not between 1 and 3600000 then
    perform public._refuse('ZT007', 'a step waits for something that has a name, and looks again within the hour', jsonb_build_object('step_id', p_step_id, 'delay_ms', p_delay_ms));
  end if;
  v_step := public._lock_claimed(p_step_id, p_fence);
  v_since := coalesce(v_step.waits_since, clock_timestamp());
  -- As long as people have for an approval: what was asked for a day ago is asked for again, or is not wanted any more.
  if v_since < clock_timestamp() - interval '24 hours' then
    return public.fail_step(p_step_id, p_fence, case when v_step.kind = 'effect' then 'not_allowed' else 'engine_unavailable' end, 'it waited a day in vain for ' || p_waits_for, false);
  end if;
  update public.task_steps set waits_for = p_waits_for, waits_since = v_since where step_id = p_step_id;
  v_deliver := public.release_step(p_step_id, p_fence, p_delay_ms) -> 'deliver';
  -- Told once, not at every look.
  if v_step.waits_for is distinct from p_waits_for then
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'step.wait', p_step_id, null, jsonb_build_object('waits_for', p_waits_for));
    v_deliver := v_deliver || public._changed(v_step.task_id);
  end if;
  return jsonb_build_object('status', 'ready', 'deliver', v_deliver);
end
$$;
comment on function public.wait_step(text, bigint, text, bigint) is 'Hands a step back until what it needs may be looked at again: a breaker, or a group that moved; it does not count as a try. After a day of waiting the task fails.';

select public._expose('wait_step', 'ags_worker');
reset role;
