-- Running code does not break. A card remembers what it shows, so that the sweeper finds one whose redraw was lost: with the text and the buttons of something that has changed since.
-- A further kind is one branch in `_card_face`, one word in the index and in the sweep. Incidents are not among them: they count their changes themselves.
set role ags_owner;

alter table public.cards
  -- What its message was last made from; null until it was recorded.
  add column shown_mark text,
  -- Since when the sweeper has seen it show something else than the rows say, and how often it has had it drawn since.
  add column stale_since timestamptz,
  add column redraw_count integer not null default 0,
  -- What it is about is over, and it says so.
  add column is_settled boolean not null default false;
create index cards_unsettled on public.cards (kind) where kind in ('approval', 'doubt', 'change', 'runbook', 'resume') and message_id is not null and not is_settled;

create function public._card_face(p_card public.cards) returns table (mark text, is_over boolean, job text, id text)
language plpgsql stable set search_path = ''
as $$
begin
  if p_card.kind = 'approval' then
    -- The version, how it stands, how many have decided, whether a stop holds it.
    return query select concat_ws('|', r.request_id, r.status, r.void_reason, case when t.ended_at is null then 'open' else t.status end, (select count(*) from public.approvals a where a.request_id = r.request_id),
        public._is_stopped(r.tier)), t.ended_at is not null, 'card.show', p_card.step_id
      from public.approval_requests r join public.tasks t using (task_id) where r.step_id = p_card.step_id order by r.version desc limit 1;
  elsif p_card.kind = 'doubt' then
    -- Each doubt about the same effect is about further tries.
    return query select concat_ws('|', e.status, (select count(*) from public.effect_attempts a where a.effect_id = e.effect_id), e.doubt_resend_by, e.outcome_note),
        e.status in ('done', 'failed', 'void'), 'doubt.show', e.effect_id::text
      from public.effects e where e.effect_id = p_card.effect_id;
  elsif p_card.kind = 'change' then
    return query select concat_ws('|', c.status, c.ended_at is not null, (select count(*) || '-' || count(d.voided_at) from public.change_decisions d where d.change_id = c.change_id), g.status,
        g.reviewed_at is not null, g.reviewed_at is null and g.review_due_at <= clock_timestamp()),
        c.status <> 'pending' and (c.status <> 'applied' or case c.kind when 'delegation' then c.ended_at is not null when 'break_glass' then g.status <> 'open' and g.reviewed_at is not null else true end), 'change.show', c.change_id::text
      from public.changes c left join public.break_glasses g using (change_id) where c.change_id = p_card.change_id;
  elsif p_card.kind = 'runbook' then
    -- A dry run that nobody ran in time cannot be run any more.
    return query select concat_ws('|', r.state, (select count(s.started_at) || '-' || count(s.ended_at) from public.runbook_steps s where s.run_id = r.run_id)),
        r.ended_at is not null or (r.state = 'proposed' and r.created_at < clock_timestamp() - interval '1 hour'), 'runbook.run', r.run_id::text
      from public.runbook_runs r where r.run_id = p_card.run_id;
  elsif p_card.kind = 'resume' then
    -- What was asked stays as it was asked; how it ended is all that is drawn from the rows.
    return query select public._resume_end(s), true, 'resume.show', p_card.generation::text
      from public.stops s where s.generation = p_card.generation and public._resume_end(s) is not null;
  end if;
end
$$;
comment on function public._card_face(public.cards) is 'What a card has to show, in short; whether that can change any more; and which job draws it. Nothing for cards that nobody looks after.';

create function public._card_view(p_card public.cards, p_token text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('card_id', p_card.card_id, 'token', p_token, 'chat_id', p_card.chat_id, 'topic_id', p_card.topic_id, 'message_id', p_card.message_id,
    'mark', (select f.mark from public._card_face(p_card) f), 'shown_mark', p_card.shown_mark);
end
$$;
comment on function public._card_view(public.cards, text) is 'A card for whoever draws it. Asked for in the statement that reads what is drawn: its mark is of the same moment.';

create function public.record_card_shown(p_card_id uuid, p_mark text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.cards set shown_mark = p_mark, stale_since = null, redraw_count = 0 where card_id = p_card_id;
end
$$;
comment on function public.record_card_shown(uuid, text) is 'The message of a card says what the rows said at this mark.';

create function public._sweep_cards(p_patience interval) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_deliver jsonb;
begin
  with looked_at as (
    select c.card_id, c.stale_since, f.job, f.id, c.shown_mark is not distinct from f.mark as is_true from public.cards c cross join lateral public._card_face(c) f
    where c.kind in ('approval', 'doubt', 'change', 'runbook', 'resume') and c.message_id is not null and not c.is_settled
      and (case when c.shown_mark is not distinct from f.mark then f.is_over
        -- Seen for the first time it is most likely being drawn; what cannot be drawn is asked for ever less often.
        else c.stale_since is null or c.stale_since <= clock_timestamp() - p_patience * power(2, least(c.redraw_count, 8)) end)
    order by c.stale_since nulls first limit 200 for update of c skip locked
  ), noted as (
    update public.cards c set is_settled = l.is_true, stale_since = case when not l.is_true then clock_timestamp() end,
      redraw_count = c.redraw_count + case when l.is_true or l.stale_since is null then 0 else 1 end
    from looked_at l where c.card_id = l.card_id
  )
  select coalesce(jsonb_agg(public._job(x.job, x.id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]'::jsonb) into v_deliver
  from (select distinct l.job, l.id from looked_at l where not l.is_true and l.stale_since is not null) x;
  return v_deliver;
end
$$;
comment on function public._sweep_cards(interval) is 'Cards that have shown something else than the rows say for longer than a nudge takes: their redraw was lost. Those that say how it ended are looked at no more.';

select public._expose('record_card_shown', 'ags_bot', 'ags_worker');
select public._expose(f) from unnest(array['_card_face', '_card_view', '_sweep_cards']) f;
reset role;
