-- Running code does not break. Where there is Redis, a worker appends events to a stream for other programs and then says so here. A crash in between
-- appends them twice; the event's idempotency key tells.
set role ags_owner;

-- A task's events are written under its lock: by this number they are in the order in which they happened.
alter table public.events add column seq bigint generated always as identity, add column streamed_at timestamptz;
create index events_to_stream on public.events (seq) where streamed_at is null;

create function public.list_unstreamed_events(p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(public._envelope(e) order by e.seq), '[]') from public.events e
    where e.event_id in (select u.event_id from public.events u where u.streamed_at is null order by u.seq limit least(greatest(p_limit, 1), 1000)));
end
$$;
comment on function public.list_unstreamed_events(integer) is 'The oldest events that no stream has yet, in their envelopes.';

create function public.record_events_streamed(p_event_ids jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.events set streamed_at = clock_timestamp()
  where streamed_at is null and event_id in (select i::uuid from jsonb_array_elements_text(p_event_ids) i);
  get diagnostics v_count = row_count;
  return jsonb_build_object('count', v_count);
end
$$;
comment on function public.record_events_streamed(jsonb) is 'These events are on the stream; an array of their ids.';

select public._expose('list_unstreamed_events', 'ags_worker'), public._expose('record_events_streamed', 'ags_worker');
reset role;
