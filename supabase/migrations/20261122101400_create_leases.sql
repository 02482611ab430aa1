-- Running code does not break. What one process of the fleet does at a time, such as polling Telegram: whoever holds the lease does it.
set role ags_owner;

create table public.leases (
  name text primary key constraint leases_name_form check (name ~ '^[a-z][a-z-]{0,59}$'),
  holder text not null constraint leases_holder_given check (holder <> ''),
  claimed_at timestamptz not null,
  expires_at timestamptz not null
);

create function public.claim_lease(p_name text, p_holder text, p_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_holder text;
begin
  if p_seconds is null or p_seconds not between 1 and 3600 then
    perform public._refuse('ZT007', 'a lease lasts from 1 to 3600 seconds', jsonb_build_object('seconds', p_seconds));
  end if;
  insert into public.leases as l (name, holder, claimed_at, expires_at) values (p_name, p_holder, clock_timestamp(), clock_timestamp() + make_interval(secs => p_seconds))
  -- The row is locked before the condition is looked at: of two that find it run out, one takes it.
  on conflict (name) do update set holder = p_holder, claimed_at = case when l.holder = p_holder then l.claimed_at else clock_timestamp() end, expires_at = clock_timestamp() + make_interval(secs => p_seconds)
  where l.holder = p_holder or l.expires_at <= clock_timestamp();
  select holder into v_holder from public.leases where name = p_name;
  return jsonb_build_object('is_held', v_holder is not distinct from p_holder, 'holder', v_holder);
end
$$;
comment on function public.claim_lease(text, text, integer) is 'The lease for this holder, for so many seconds from now, when it is free, has run out or is its own already; else answers who has it.';

create function public.release_lease(p_name text, p_holder text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  delete from public.leases where name = p_name and holder = p_holder;
  get diagnostics v_count = row_count;
  return jsonb_build_object('is_released', v_count > 0);
end
$$;
comment on function public.release_lease(text, text) is 'The holder has ended: the lease is free at once. Of anybody else''s it changes nothing.';

select public._protect_table('leases');
select public._expose('claim_lease', 'ags_bot', 'ags_worker'), public._expose('release_lease', 'ags_bot', 'ags_worker');
reset role;
