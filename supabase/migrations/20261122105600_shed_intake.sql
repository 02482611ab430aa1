-- Running code does not break. Work that has not begun: how much of it there is, how long it will take, and when no more is taken.
set role ags_owner;

create index tasks_ended on public.tasks (ended_at) where ended_at is not null;

create function public._queue(p_before timestamptz) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_waiting integer;
  v_ended integer;
begin
  select count(*) into v_waiting from public.task_steps
  where status = 'ready' and kind = 'plan' and attempt_count = 0 and woken_at < coalesce(p_before, 'infinity'::timestamptz);
  if v_waiting > 0 then
    -- What the last minutes did is what the next ones will do.
    select count(*) into v_ended from public.tasks where ended_at > clock_timestamp() - interval '5 minutes';
  end if;
  return jsonb_build_object('waiting', v_waiting, 'wait_seconds', case when v_ended > 0 then ceil(v_waiting * 300.0 / v_ended)::integer end);
end
$$;
comment on function public._queue(timestamptz) is 'The tasks that came before and nobody has begun, and in about how many seconds they will be through; null when there are none or nothing has ended of late.';

select public._expose('_queue');
reset role;
