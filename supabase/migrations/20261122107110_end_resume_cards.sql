-- Running code does not break. The card on which a stop is lifted says from the rows how that ended: lifted, or stopped again before anybody confirmed.
set role ags_owner;

-- The tasks that were ended instead of going on.
alter table public.stops add column cancelled jsonb not null default '[]';

create function public._resume_end(p_stop public.stops) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case
    -- The stop after it came on top of it: what was asked was about less.
    when (select n.was_scope is not null from public.stops n where n.generation > p_stop.generation order by n.generation limit 1) then 'over'
    when p_stop.resumed_at is not null then 'lifted' end;
end
$$;
comment on function public._resume_end(public.stops) is 'How the question to lift this stop ended; null while it stands.';

create function public.list_ended_resume_cards() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('card', public._card_view(c, (select token from public.buttons where card_id = c.card_id limit 1)), 'ending', public._resume_end(s),
      'first', public._name_of(s.resumed_by_1), 'second', public._name_of(s.resumed_by_2), 'cancelled', s.cancelled) order by c.generation), '[]'::jsonb)
    from public.cards c join public.stops s using (generation)
    where c.kind = 'resume' and c.message_id is not null and not c.is_settled and public._resume_end(s) is not null and c.shown_mark is distinct from public._resume_end(s)
  );
end
$$;
comment on function public.list_ended_resume_cards() is 'Cards that ask to lift a stop although that is over, and how it ended.';

select public._expose('list_ended_resume_cards', 'ags_bot', 'ags_worker');
select public._expose('_resume_end');
reset role;
