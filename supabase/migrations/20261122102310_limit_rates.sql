-- Running code breaks. How often: per person, chat, agent, engine and action, by the `rates` of the policy. A window opens with its first use; what is
-- used up is free again when it closes. The emergency stop has no limit.
set role ags_owner;

create table public.rate_windows (
  limit_name text not null constraint rate_windows_limit_form check (limit_name ~ '^[a-z_]+$'),
  subject text not null,
  opened_at timestamptz not null,
  used integer not null constraint rate_windows_used_positive check (used >= 0),
  primary key (limit_name, subject)
);

create function public._spend_rates(p_policy jsonb, p_uses jsonb) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_use record;
  v_window public.rate_windows;
  v_spent text[] := '{}'::text[];
begin
  -- Always in one order, so that two calls never wait for each other.
  for v_use in
    select u.key as name, u.value as subject, (p_policy -> 'rates' -> u.key ->> 'max')::integer as most, make_interval(secs => (p_policy -> 'rates' -> u.key ->> 'per')::integer) as per
    from jsonb_each_text(p_uses) u where u.value is not null and p_policy -> 'rates' ? u.key order by u.key
  loop
    insert into public.rate_windows as w (limit_name, subject, opened_at, used) values (v_use.name, v_use.subject, clock_timestamp(), 1)
    on conflict (limit_name, subject) do update set
      used = case when w.opened_at + v_use.per > clock_timestamp() then w.used + 1 else 1 end,
      opened_at = case when w.opened_at + v_use.per > clock_timestamp() then w.opened_at else clock_timestamp() end
    where w.opened_at + v_use.per <= clock_timestamp() or w.used < v_use.most;
    if not found then
      -- One that is used up gives back what was spent before it: all of them or none.
      update public.rate_windows set used = used - 1 where limit_name = any (v_spent) and subject = p_uses ->> limit_name;
      select * into v_window from public.rate_windows where limit_name = v_use.name and subject = v_use.subject;
      return jsonb_build_object('limit', v_use.name, 'subject', v_use.subject, 'max', v_use.most, 'per_seconds', extract(epoch from v_use.per)::integer, 'free_at', v_window.opened_at + v_use.per,
        'retry_after_ms', ceil(greatest(extract(epoch from v_window.opened_at + v_use.per - clock_timestamp()), 0) * 1000)::bigint + 1);
    end if;
    v_spent := v_spent || v_use.name;
  end loop;
  return null;
end
$$;
comment on function public._spend_rates(jsonb, jsonb) is 'Spends one of each {limit: subject}, or none of them: null, or which limit is used up and when it is free again.';

create function public.list_limits(p_external_id bigint) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_policy jsonb;
begin
  select document into v_policy from public.policies where in_force_at is not null and retired_at is null;
  return jsonb_build_object(
    'trading', v_policy -> 'limits' -> 'trading', 'payments', v_policy -> 'limits' -> 'payments',
    'payment_use', public._payment_use(v_policy -> 'limits' -> 'payments'), 'accounts', public._trading_use(v_policy -> 'limits' -> 'trading'), 'parked', public._list_parked(),
    'rates', (
      select coalesce(jsonb_agg(jsonb_build_object('limit', r.key, 'max', (r.value ->> 'max')::integer, 'per_seconds', (r.value ->> 'per')::integer, 'uses', (
        -- The fullest ones; of people only the asker's own, for who works how much is nobody's business.
        select coalesce(jsonb_agg(jsonb_build_object('subject', x.subject, 'used', x.used, 'free_at', x.free_at) order by x.used desc, x.subject), '[]'::jsonb) from (
          select w.subject, w.used, w.opened_at + make_interval(secs => (r.value ->> 'per')::integer) as free_at from public.rate_windows w
          where w.limit_name = r.key and w.used > 0 and w.opened_at + make_interval(secs => (r.value ->> 'per')::integer) > clock_timestamp()
            and (r.key <> 'tasks_per_person' or w.subject = public._person_of(p_external_id)::text)
          order by w.used desc, w.subject limit 3) x)) order by r.key), '[]'::jsonb)
      from jsonb_each(coalesce(v_policy -> 'rates', '{}'::jsonb)) r));
end
$$;
comment on function public.list_limits(bigint) is 'The limits of the policy in force and their use: the three fullest windows of each, and of people the asker''s own.';

select public._protect_table('rate_windows');
select public._expose('list_limits', 'ags_bot', 'ags_web', 'ags_reader');
select public._expose('_spend_rates');
reset role;
