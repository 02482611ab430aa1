-- Running code does not break. A card remembers what it shows, so that the sweeper finds one whose redraw was lost: with the text and the buttons of a version that was replaced, or of a
-- state that is over.
set role ags_owner;

alter table public.cards
  -- What an approval card's message was last made from; null until it was recorded.
  add column shown_mark text,
  -- Since when the sweeper has seen it show something else than the rows say, and how often it has had it drawn since.
  add column stale_since timestamptz,
  add column redraw_count integer not null default 0,
  -- Its task is over, and it says so.
  add column is_settled boolean not null default false;
create index cards_unsettled on public.cards (step_id) where kind = 'approval' and message_id is not null and not is_settled;

create function public._card_mark(p_request public.approval_requests) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select concat_ws('|', p_request.request_id, p_request.status, p_request.void_reason, case when t.ended_at is null then 'open' else t.status end,
      (select count(*) from public.approvals a where a.request_id = p_request.request_id), public._is_stopped(p_request.tier))
    from public.tasks t where t.task_id = p_request.task_id
  );
end
$$;
comment on function public._card_mark(public.approval_requests) is 'What a card of this request has to show, in short: the version, how it stands, how many have decided, whether a stop holds it.';

create function public.record_card_shown(p_card_id uuid, p_mark text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.cards c set shown_mark = p_mark, stale_since = null, redraw_count = 0,
    is_settled = coalesce((select t.ended_at is not null and r.mark = p_mark from public.task_steps s join public.tasks t using (task_id)
      cross join lateral (select public._card_mark(n) as mark from public.approval_requests n where n.step_id = s.step_id order by n.version desc limit 1) r where s.step_id = c.step_id), false)
  where c.card_id = p_card_id and c.kind = 'approval';
end
$$;
comment on function public.record_card_shown(uuid, text) is 'The message of an approval card says what the rows said at this mark.';

create function public._sweep_cards(p_patience interval) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_deliver jsonb;
begin
  with stale as (
    select c.card_id, c.step_id, c.stale_since, c.redraw_count from public.cards c
    cross join lateral (select public._card_mark(n) as mark from public.approval_requests n where n.step_id = c.step_id order by n.version desc limit 1) r
    where c.kind = 'approval' and c.message_id is not null and not c.is_settled and c.shown_mark is distinct from r.mark
      -- Seen for the first time it is most likely being drawn; what cannot be drawn is asked for ever less often.
      and (c.stale_since is null or c.stale_since <= clock_timestamp() - p_patience * power(2, least(c.redraw_count, 8)))
    order by c.stale_since nulls first limit 200 for update of c skip locked
  ), noted as (
    update public.cards c set stale_since = clock_timestamp(), redraw_count = c.redraw_count + case when s.stale_since is null then 0 else 1 end from stale s where c.card_id = s.card_id
  )
  select coalesce(jsonb_agg(public._job('card.show', x.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]'::jsonb) into v_deliver
  from (select distinct step_id from stale where stale_since is not null) x;
  return v_deliver;
end
$$;
comment on function public._sweep_cards(interval) is 'Cards that have shown something else than the rows say for longer than a nudge takes: their redraw was lost.';

select public._expose('record_card_shown', 'ags_bot', 'ags_worker');
select public._expose(f) from unnest(array['_card_mark', '_sweep_cards']) f;
reset role;
