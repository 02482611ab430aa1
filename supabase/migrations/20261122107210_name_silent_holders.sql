-- Running code does not break. /stop names, beside the workers of the last seconds, those that were not heard of and may still hold a step or a message.
set role ags_owner;

create function public.list_silent_holders() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('worker', x.worker, 'seen_at', w.seen_at, 'step_ids', x.step_ids) order by x.worker), '[]'::jsonb)
    from (
      select h.worker, jsonb_agg(distinct h.step_id) as step_ids from (
        select s.worker, s.step_id from public.task_steps s where s.status = 'running'
        union all
        -- Its step was taken back, and what it began to send has no certain end: its record says who held it.
        select l.before_json ->> 'worker', e.step_id
        from public.effects e join public.audit_logs l on l.chain = e.task_id and l.action = 'step.lose' and l.object = e.step_id and l.before_json -> 'fence' = to_jsonb(e.fence)
        where e.status in ('granted', 'in_doubt') and exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id and a.status in ('started', 'in_doubt'))
      ) h group by h.worker
    ) x left join public.workers w using (worker)
    -- `list_workers` has those that were seen since.
    where w.seen_at is null or w.seen_at <= now() - interval '30 seconds'
  );
end
$$;
comment on function public.list_silent_holders() is 'Workers that were not seen in the last 30 s, or are gone without a word, and hold a running step or began to send what nobody knows the end of: such a process may be suspended, and wake.';

select public._expose('list_silent_holders', 'ags_bot', 'ags_web', 'ags_reader');
reset role;
