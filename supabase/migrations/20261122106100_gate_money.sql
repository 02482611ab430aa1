-- Running code breaks. Money in the gate: what a payment, a withdrawal or a trade is about stands in the bytes that people approve; who pays has a
-- checklist, what may be moved has caps, and both are checked and spent in the transaction of the grant.
--
-- Nothing is counted beside the effects: what was granted is used up until it certainly did not happen. A grant under way and one whose outcome nobody
-- knows count like one that arrived, so that there is nothing to give back, and nothing to forget.
set role ags_owner;

create function public._is_amount(p_value jsonb) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  -- A text of plain decimals: a JSON number may have been a float on its way here.
  return coalesce(jsonb_typeof(p_value) = 'string' and p_value #>> '{}' ~ '^(0|[1-9][0-9]{0,11})(\.[0-9]{1,8})?$' and (p_value #>> '{}')::numeric > 0, false);
end
$$;
comment on function public._is_amount(jsonb) is 'A decimal above zero, as text: at most 12 digits before the point and 8 after it.';

create function public._is_money(p_kind text) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce(p_kind in ('payment', 'withdrawal', 'trade'), false);
end
$$;

create function public._order_problem(p_kind text, p_order jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_names text[] := case p_kind when 'trade' then array['kind', 'account', 'symbol', 'side', 'size', 'risk'] else array['kind', 'amount', 'currency', 'payer', 'payee'] end;
begin
  if p_order is null or jsonb_typeof(p_order) <> 'object' then
    return 'what would go out says no amount, no payer and no account: there is no order in it';
  end if;
  if p_order ->> 'kind' is distinct from p_kind then
    return format('the order is a %s, the step a %s', coalesce(p_order ->> 'kind', 'nothing'), p_kind);
  end if;
  if exists (select 1 from jsonb_object_keys(p_order) k where k <> all (v_names || 'destination'::text)) or not p_order ?& v_names then
    return format('an order of kind %s has exactly %s', p_kind, array_to_string(v_names, ', '));
  end if;
  return case
    when p_kind = 'trade' then case
      when p_order ? 'destination' then 'a trade goes to no destination'
      when coalesce(p_order ->> 'account', '') !~ '^[a-z][a-z0-9_-]{0,39}$' then 'the account of a trade has another form'
      when coalesce(p_order ->> 'symbol', '') !~ '^[A-Z0-9][A-Z0-9.:/_-]{0,19}$' then 'the symbol of a trade has another form'
      when coalesce(p_order ->> 'side', '') not in ('buy', 'sell') then 'a trade buys or sells'
      when not public._is_amount(p_order -> 'size') or not public._is_amount(p_order -> 'risk') then 'size and risk of a trade are decimals above zero, as text' end
    when not public._is_amount(p_order -> 'amount') then 'the amount is a decimal above zero, as text'
    when coalesce(p_order ->> 'currency', '') !~ '^[A-Z]{3,10}$' then 'the currency has another form'
    when coalesce(p_order ->> 'payer', '') !~ '^[a-z]{2,10}:[A-Za-z0-9_.-]{1,80}$' or coalesce(p_order ->> 'payee', '') !~ '^[a-z]{2,10}:[A-Za-z0-9_.-]{1,80}$' then 'payer and payee are named as tg:<id> or <kind>:<name>'
    when p_order ->> 'payer' = p_order ->> 'payee' then 'payer and payee are the same'
    -- Whose checklist counts has to be a person whom people can be asked about.
    when public._order_party(p_order) !~ '^tg:[1-9][0-9]{0,15}$' then 'whoever pays us, and whomever we pay, is named as tg:<id>'
    when coalesce(p_order ->> 'destination', 'x') !~ '^[!-~]{1,200}$' then 'a destination is 1 to 200 characters without blanks' end;
end
$$;
comment on function public._order_problem(text, jsonb) is 'What is wrong with the form of an order; null when nothing is. Decimals are texts, never numbers.';

create function public._order_party(p_order jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return (select case p_order ->> 'kind' when 'payment' then p_order ->> 'payer' when 'withdrawal' then p_order ->> 'payee' when 'trade' then p_order ->> 'account' end);
end
$$;
comment on function public._order_party(jsonb) is 'Whose limits an order uses up: whoever pays us, whomever we pay, the account that trades.';

-- Beside the checksum of the bytes that it was read from.
alter table public.effects add column money_order jsonb,
  add constraint effects_order_when_money check ((kind in ('payment', 'withdrawal', 'trade')) = (money_order is not null)),
  add constraint effects_order_whole check (money_order is null or public._order_problem(kind, money_order) is null);
create index effects_of_party on public.effects (public._order_party(money_order), granted_at) where money_order is not null;

create table public.payers (
  payer text primary key constraint payers_payer_form check (payer ~ '^tg:[1-9][0-9]{0,15}$'),
  created_at timestamptz not null default clock_timestamp()
);

-- Every look at a payer stays; of each item the newest one counts.
create table public.payer_checks (
  check_id bigint generated always as identity primary key,
  payer text not null references public.payers,
  item text not null constraint payer_checks_item_known check (item in ('identity', 'sanctions', 'political_exposure', 'source_of_funds')),
  outcome text not null constraint payer_checks_outcome_known check (outcome in ('passed', 'failed')),
  checked_by text not null constraint payer_checks_by_a_person check (checked_by ~ '^tg:\d+$'),
  checked_at timestamptz not null default clock_timestamp(),
  valid_until timestamptz,
  constraint payer_checks_valid_when_passed check ((outcome = 'passed') = (valid_until is not null)),
  constraint payer_checks_valid_for_a_while check (valid_until > checked_at and valid_until <= checked_at + interval '731 days'),
  constraint payer_checks_not_by_the_payer check (checked_by <> payer)
);
create index payer_checks_newest on public.payer_checks (payer, item, check_id desc);

create table public.payer_blocks (
  block_id bigint generated always as identity primary key,
  payer text not null references public.payers,
  reason text not null constraint payer_blocks_reason_bounded check (length(btrim(reason)) between 1 and 500),
  blocked_by text not null,
  blocked_at timestamptz not null default clock_timestamp(),
  lifted_by text,
  lifted_at timestamptz,
  constraint payer_blocks_lifted_whole check ((lifted_by is null) = (lifted_at is null)),
  constraint payer_blocks_not_lifted_by_the_payer check (lifted_by <> payer)
);
create unique index payer_blocks_one_open on public.payer_blocks (payer) where lifted_at is null;

-- What the broker says about an account. A later flow asks it; the gate refuses when the answer is too old.
create table public.trading_accounts (
  account_id text primary key constraint trading_accounts_id_form check (account_id ~ '^[a-z][a-z0-9_-]{0,39}$'),
  -- The newest question: an answer counts from when it was asked for, by this database's clock, whatever the clock of the machine that asked.
  asked_seq bigint not null default 0,
  asked_at timestamptz,
  currency text constraint trading_accounts_currency_form check (currency ~ '^[A-Z]{3,10}$'),
  equity numeric(20, 8) constraint trading_accounts_equity_positive check (equity >= 0),
  -- Of its equity, ever: it never comes down.
  high_water_mark numeric(20, 8),
  day_start_equity numeric(20, 8) constraint trading_accounts_day_start_positive check (day_start_equity >= 0),
  realised_loss numeric(20, 8) constraint trading_accounts_realised_loss_positive check (realised_loss >= 0),
  taken_at timestamptz,
  constraint trading_accounts_snapshot_whole check ((taken_at is null) = (equity is null) and (equity is null) = (high_water_mark is null) and (equity is null) = (day_start_equity is null)
    and (equity is null) = (realised_loss is null) and (equity is null) = (currency is null)),
  constraint trading_accounts_high_water_mark_is_highest check (high_water_mark >= equity)
);

create table public.trading_positions (
  account_id text not null references public.trading_accounts,
  position_id text not null constraint trading_positions_id_bounded check (length(position_id) between 1 and 100),
  symbol text not null,
  side text not null constraint trading_positions_side_known check (side in ('buy', 'sell')),
  size numeric(20, 8) not null constraint trading_positions_size_positive check (size > 0),
  -- The most that it can still lose, from where the equity stands now.
  risk numeric(20, 8) not null constraint trading_positions_risk_positive check (risk >= 0),
  primary key (account_id, position_id)
);

create function public._order_of(p_kind text, p_task_id text, p_checksum text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_content text;
begin
  if not public._is_money(p_kind) then
    return null;
  end if;
  -- From the bytes that were approved and from nowhere else: nobody hands the gate an amount.
  select a.content into v_content from public.artifacts a
  where a.task_id = p_task_id and a.type = 'post' and a.checksum = p_checksum and encode(sha256(convert_to(a.content, 'UTF8')), 'hex') = p_checksum limit 1;
  return v_content::jsonb -> 'order';
exception when invalid_text_representation then
  return null;
end
$$;
comment on function public._order_of(text, text, text) is 'The order in the bytes with this checksum; null for what moves no money, and where none stands in them.';

create function public._may_have_moved(p_effect public.effects) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- Cancelled in doubt, or failed after a part of it: it counts until it is certain that nothing of it left.
  return p_effect.status in ('granted', 'in_doubt', 'done')
    or exists (select 1 from public.effect_attempts a where a.effect_id = p_effect.effect_id and a.status in ('started', 'done', 'in_doubt'));
end
$$;
comment on function public._may_have_moved(public.effects) is 'Whether an effect uses up limits: everything but what certainly did not happen.';

create function public._missing_checks(p_payer text) returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  return array(
    select i from unnest(array['identity', 'sanctions', 'political_exposure', 'source_of_funds']) i
    where not coalesce((
      select c.outcome = 'passed' and c.valid_until > clock_timestamp() from public.payer_checks c where c.payer = p_payer and c.item = i order by c.check_id desc limit 1), false));
end
$$;
comment on function public._missing_checks(text) is 'The items of a payer''s checklist that nobody has checked, that failed, or that are out of date.';

create function public._over_limit(p_limit text, p_subject text, p_max numeric, p_used numeric, p_asked numeric, p_unit text, p_free_at timestamptz, p_is_final boolean, p_sentence text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_free_at timestamptz := case when not p_is_final then p_free_at end;
begin
  return jsonb_build_object('limit', p_limit, 'subject', p_subject, 'max', trim_scale(p_max)::text, 'used', trim_scale(p_used)::text, 'asked', trim_scale(p_asked)::text, 'unit', p_unit,
    'free_at', v_free_at, 'is_final', p_is_final, 'sentence', p_sentence,
    -- When nobody can say when it is free it is looked at again in a minute.
    'retry_after_ms', greatest(1000, least(ceil(coalesce(extract(epoch from v_free_at - clock_timestamp()), 60) * 1000), 3600000))::bigint);
end
$$;
comment on function public._over_limit(text, text, numeric, numeric, numeric, text, timestamptz, boolean, text) is 'The refusal of a limit: which one, its value, what is used of it, what was asked, when it is free again, and the sentence that says so.';

create function public._payment_refusal(p_order jsonb, p_limits jsonb, p_except uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_party text := public._order_party(p_order);
  v_amount numeric := (p_order ->> 'amount')::numeric;
  v_most numeric := (p_limits ->> 'max_single_tx_usdt')::numeric;
  v_day_most numeric := (p_limits ->> 'max_day_usdt')::numeric;
  v_pause interval := make_interval(mins => (p_limits ->> 'cool_down_minutes')::integer);
  v_day_start timestamptz := date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC';
  v_missing text[] := public._missing_checks(v_party);
  v_used numeric;
  v_last timestamptz;
  v_is_under_way boolean;
begin
  if p_order ->> 'currency' <> 'USDT' then
    return public._over_limit('currency', v_party, null, null, v_amount, p_order ->> 'currency', null, true, format('the limits of payments are in USDT, and this is %s: there is no rate to compare them by', p_order ->> 'currency'));
  end if;
  if exists (select 1 from public.payer_blocks where payer = v_party and lifted_at is null) then
    return public._over_limit('payer_blocked', v_party, null, null, v_amount, 'USDT', null, true, format('%s is blocked: nothing is paid by or to them', v_party));
  end if;
  if cardinality(v_missing) > 0 then
    return public._over_limit('payer_checklist', v_party, null, null, v_amount, 'USDT', null, true, format('the checklist of %s is not complete or out of date: %s', v_party, replace(array_to_string(v_missing, ', '), '_', ' ')));
  end if;
  if v_most is null or v_amount > v_most then
    return public._over_limit('max_single_tx_usdt', v_party, v_most, 0, v_amount, 'USDT', null, true, format('%s USDT are more than the %s USDT that may be paid at once', p_order ->> 'amount', coalesce(trim_scale(v_most), 0)));
  end if;
  if v_day_most is not null then
    -- Whatever is under way may land today.
    select coalesce(sum((e.money_order ->> 'amount')::numeric), 0) into v_used from public.effects e
    where e.kind in ('payment', 'withdrawal') and e.effect_id is distinct from p_except and public._may_have_moved(e)
      and (e.status in ('granted', 'in_doubt') or e.granted_at >= v_day_start or e.settled_at >= v_day_start);
    if v_used + v_amount > v_day_most then
      return public._over_limit('max_day_usdt', v_party, v_day_most, v_used, v_amount, 'USDT', v_day_start + interval '1 day', v_amount > v_day_most,
        format('%s USDT more would be over the %s USDT of a day: %s are used', p_order ->> 'amount', trim_scale(v_day_most), trim_scale(v_used)));
    end if;
  end if;
  if v_pause > interval '0' then
    select max(coalesce(e.settled_at, e.granted_at)), coalesce(bool_or(e.status in ('granted', 'in_doubt')), false) into v_last, v_is_under_way from public.effects e
    where e.kind in ('payment', 'withdrawal') and public._order_party(e.money_order) = v_party and e.effect_id is distinct from p_except and public._may_have_moved(e)
      and (e.status in ('granted', 'in_doubt') or coalesce(e.settled_at, e.granted_at) > clock_timestamp() - v_pause);
    if v_is_under_way or v_last is not null then
      return public._over_limit('cool_down_minutes', v_party, extract(epoch from v_pause) / 60, 1, 1, 'minutes', case when not v_is_under_way then v_last + v_pause end, false,
        format('between two payments of %s are %s minutes%s', v_party, p_limits ->> 'cool_down_minutes', case when v_is_under_way then ', and one is under way' else '' end));
    end if;
  end if;
  return null;
end
$$;
comment on function public._payment_refusal(jsonb, jsonb, uuid) is 'What of the limits of payments speaks against an order now; null when nothing does. Changes nothing.';

create function public._account_use(p_account_id text, p_except uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_account public.trading_accounts;
  v_open record;
  v_granted record;
begin
  select * into v_account from public.trading_accounts where account_id = p_account_id;
  select count(*)::integer as positions, coalesce(sum(p.risk), 0) as risk into v_open from public.trading_positions p where p.account_id = p_account_id;
  -- What was let out and cannot be in the broker's numbers yet: under way, not known, or ended after these numbers were asked for.
  select count(*)::integer as positions, coalesce(sum((e.money_order ->> 'risk')::numeric), 0) as risk into v_granted from public.effects e
  where e.kind = 'trade' and public._order_party(e.money_order) = p_account_id and e.effect_id is distinct from p_except and public._may_have_moved(e)
    and (e.status in ('granted', 'in_doubt') or v_account.taken_at is null or e.settled_at >= v_account.taken_at);
  return jsonb_build_object('account_id', v_account.account_id, 'currency', v_account.currency, 'taken_at', v_account.taken_at, 'equity', v_account.equity, 'high_water_mark', v_account.high_water_mark,
    'day_start_equity', v_account.day_start_equity, 'loss', greatest(v_account.realised_loss, v_account.day_start_equity - v_account.equity, 0), 'drawdown', v_account.high_water_mark - v_account.equity,
    'at_risk', v_open.risk + v_granted.risk, 'positions', v_open.positions + v_granted.positions, 'under_way', v_granted.positions);
end
$$;
comment on function public._account_use(text, uuid) is 'How much of an account is lost, at risk and open, with everything that was let out and that its numbers cannot know yet.';

create function public._trading_caps(p_account_id text, p_limits jsonb, p_use jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_own public.limits;
begin
  select * into v_own from public.limits where account_id = p_account_id;
  -- Where the account has limits of its own, the stricter one holds.
  return jsonb_build_object('loss', least(coalesce((p_use ->> 'day_start_equity')::numeric * (p_limits ->> 'max_daily_loss_pct')::numeric / 100, 0), v_own.daily_loss_cap),
    'drawdown', coalesce((p_use ->> 'high_water_mark')::numeric * (p_limits ->> 'max_drawdown_pct')::numeric / 100, 0),
    'positions', least(coalesce((p_limits ->> 'max_positions')::integer, 0), v_own.max_positions), 'size', v_own.max_order_size,
    'age_seconds', coalesce((p_limits ->> 'max_snapshot_age')::integer, 300));
end
$$;
comment on function public._trading_caps(text, jsonb, jsonb) is 'The caps of an account in its own money: the policy''s, or its own where they are stricter.';

create function public._is_stale(p_use jsonb, p_caps jsonb) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- The loss of yesterday says nothing about today's.
  return coalesce((p_use ->> 'taken_at')::timestamptz < clock_timestamp() - make_interval(secs => (p_caps ->> 'age_seconds')::integer)
    or ((p_use ->> 'taken_at')::timestamptz at time zone 'UTC')::date <> (clock_timestamp() at time zone 'UTC')::date, true);
end
$$;
comment on function public._is_stale(jsonb, jsonb) is 'Whether the numbers of an account are too old to trade by; those that nobody ever got are.';

create function public._trade_refusal(p_order jsonb, p_limits jsonb, p_except uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_account text := p_order ->> 'account';
  v_size numeric := (p_order ->> 'size')::numeric;
  v_risk numeric := (p_order ->> 'risk')::numeric;
  v_use jsonb := public._account_use(v_account, p_except);
  v_caps jsonb := public._trading_caps(v_account, p_limits, v_use);
  v_unit text := v_use ->> 'currency';
  v_at_risk numeric := (v_use ->> 'at_risk')::numeric;
  v_loss numeric := (v_use ->> 'loss')::numeric;
  v_positions integer := (v_use ->> 'positions')::integer;
begin
  if v_use ->> 'account_id' is null then
    return public._over_limit('account', v_account, null, null, v_risk, null, null, true, format('there is no trading account %s', v_account));
  end if;
  if v_size > (v_caps ->> 'size')::numeric then
    return public._over_limit('max_order_size', v_account, (v_caps ->> 'size')::numeric, 0, v_size, 'size', null, true, format('a size of %s is over the %s that %s may order at once', p_order ->> 'size', trim_scale((v_caps ->> 'size')::numeric), v_account));
  end if;
  if public._is_stale(v_use, v_caps) then
    return public._over_limit('max_snapshot_age', v_account, (v_caps ->> 'age_seconds')::numeric, extract(epoch from clock_timestamp() - (v_use ->> 'taken_at')::timestamptz)::integer, null, 'seconds', null, false,
      format('the numbers of %s are too old to trade by: at most %s seconds', v_account, v_caps ->> 'age_seconds'));
  end if;
  if v_positions + 1 > (v_caps ->> 'positions')::integer then
    return public._over_limit('max_positions', v_account, (v_caps ->> 'positions')::numeric, v_positions, 1, 'positions', null, (v_caps ->> 'positions')::integer = 0,
      format('%s of %s positions of %s are open or on their way', v_positions, v_caps ->> 'positions', v_account));
  end if;
  -- What is open and on its way may be lost whole: so counted, no order of events passes the cap.
  if v_loss + v_at_risk + v_risk > (v_caps ->> 'loss')::numeric then
    return public._over_limit('max_daily_loss_pct', v_account, (v_caps ->> 'loss')::numeric, v_loss + v_at_risk, v_risk, v_unit,
      case when v_loss + v_risk > (v_caps ->> 'loss')::numeric then date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC' + interval '1 day' end, v_risk > (v_caps ->> 'loss')::numeric,
      format('a risk of %s more could make the loss of the day larger than %s %s: %s are lost or at risk', p_order ->> 'risk', trim_scale((v_caps ->> 'loss')::numeric), v_unit, trim_scale(v_loss + v_at_risk)));
  end if;
  if (v_use ->> 'drawdown')::numeric + v_at_risk + v_risk > (v_caps ->> 'drawdown')::numeric then
    return public._over_limit('max_drawdown_pct', v_account, (v_caps ->> 'drawdown')::numeric, (v_use ->> 'drawdown')::numeric + v_at_risk, v_risk, v_unit, null, v_risk > (v_caps ->> 'drawdown')::numeric,
      format('a risk of %s more could take %s further than %s %s below its highest: %s are lost or at risk', p_order ->> 'risk', v_account, trim_scale((v_caps ->> 'drawdown')::numeric), v_unit,
        trim_scale((v_use ->> 'drawdown')::numeric + v_at_risk)));
  end if;
  return null;
end
$$;
comment on function public._trade_refusal(jsonb, jsonb, uuid) is 'What of the limits of trading speaks against an order now; null when nothing does. Changes nothing.';

create function public._limit_refusal(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_problem text;
begin
  if not public._is_money(p_kind) then
    return null;
  end if;
  v_problem := public._order_problem(p_kind, p_order);
  if v_problem is not null then
    return public._over_limit('order', p_kind, null, null, null, null, null, true, v_problem);
  end if;
  return case when p_kind = 'trade' then public._trade_refusal(p_order, p_policy -> 'limits' -> 'trading', p_except) else public._payment_refusal(p_order, p_policy -> 'limits' -> 'payments', p_except) end;
end
$$;
comment on function public._limit_refusal(text, jsonb, jsonb, uuid) is 'What the limits say to an order: asked before people are, shown on the card, and asked by the gate. The effect itself does not count against itself.';

create function public._take_limits(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) returns jsonb
language plpgsql volatile set search_path = ''
as $$
begin
  -- Whoever else asks for the same money waits here until this grant is there, or is not; a checklist or numbers that change wait too.
  if p_kind = 'trade' then
    perform 1 from public.trading_accounts where account_id = public._order_party(p_order) for update;
  elsif public._is_money(p_kind) then
    perform pg_advisory_xact_lock(hashtext('ags.payments'));
    perform 1 from public.payers where payer = public._order_party(p_order) for update;
  end if;
  -- In a statement of its own, so that it sees what those before it have written.
  return public._limit_refusal(p_kind, p_order, p_policy, p_except);
end
$$;
comment on function public._take_limits(text, jsonb, jsonb, uuid) is 'Holds what an order uses up until the transaction ends, and asks: the effect that is then written is what spends it.';

create function public._answer_limit(p_step public.task_steps, p_effect public.effects, p_limit jsonb) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_is_final boolean := (p_limit ->> 'is_final')::boolean;
begin
  perform public._audit(p_step.task_id, 'agent:' || p_step.agent_name, 'limit.refuse', p_step.step_id, null, jsonb_strip_nulls(p_limit - 'retry_after_ms'));
  return jsonb_build_object('verdict', case when v_is_final then 'refused' else 'limited' end, 'reasons', jsonb_build_array(p_limit ->> 'limit'),
    'effect', case when p_effect.effect_id is not null then public._effect_view(p_effect) end, 'limit', p_limit);
end
$$;
comment on function public._answer_limit(public.task_steps, public.effects, jsonb) is 'The gate''s answer over a limit: what time can mend waits, whole and approved; what it cannot is refused.';

create function public._request_limit(p_request public.approval_requests) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_kind text := public._effect_kind(p_request.action);
begin
  -- Only while it is asked about: from the approval on the gate asks for itself, when it counts.
  if p_request.status not in ('staging', 'pending') or not public._is_money(v_kind) then
    return null;
  end if;
  return public._limit_refusal(v_kind, public._order_of(v_kind, p_request.task_id, p_request.artifact_checksum), public._policy(p_request.policy_version), null) ->> 'sentence';
end
$$;
comment on function public._request_limit(public.approval_requests) is 'Why the limits would refuse what people are asked about, as a sentence: nobody approves beyond a cap.';

create function public._payer_view(p_payer text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('payer', p_payer, 'missing', to_jsonb(public._missing_checks(p_payer)), 'is_blocked', exists (select 1 from public.payer_blocks where payer = p_payer and lifted_at is null),
    'checks', coalesce((select jsonb_agg(jsonb_build_object('item', c.item, 'outcome', c.outcome, 'checked_by', c.checked_by, 'checked_at', c.checked_at, 'valid_until', c.valid_until) order by c.item)
      from (select distinct on (item) * from public.payer_checks where payer = p_payer order by item, check_id desc) c), '[]'::jsonb));
end
$$;

create function public._payer_problem(p_external_id bigint, p_payer text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of(p_external_id);
begin
  return case
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when coalesce(p_payer, '') !~ '^tg:[1-9][0-9]{0,15}$' then 'not_a_payer'
    -- Two accounts of one human are one: nobody checks themself under another name.
    when p_payer = 'tg:' || p_external_id or public._person_of(substr(p_payer, 4)::bigint) = v_person_id then 'own_checklist' end;
end
$$;
comment on function public._payer_problem(bigint, text) is 'Why this person may not touch this payer''s checklist; null when they may.';

create function public._hold_payer(p_payer text) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into public.payers (payer) values (p_payer) on conflict (payer) do nothing;
  perform 1 from public.payers where payer = p_payer for update;
end
$$;

create function public.record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamptz) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_actor text := 'tg:' || p_external_id;
  v_code text := coalesce(public._payer_problem(p_external_id, p_payer), case
    when p_item is null or p_item not in ('identity', 'sanctions', 'political_exposure', 'source_of_funds') then 'unknown_item'
    when p_outcome is null or p_outcome not in ('passed', 'failed') then 'unknown_outcome'
    when p_outcome = 'passed' and (p_valid_until is null or p_valid_until <= clock_timestamp() or p_valid_until > clock_timestamp() + interval '730 days') then 'not_valid_so_long' end);
  v_before jsonb;
begin
  if v_code is not null then
    perform public._audit('system', v_actor, 'payer.refuse', left(coalesce(p_payer, 'payer'), 40), null, jsonb_build_object('code', v_code, 'item', left(p_item, 40)));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'payer', null);
  end if;
  perform public._hold_payer(p_payer);
  select to_jsonb(c) - 'check_id' - 'payer' into v_before from public.payer_checks c where c.payer = p_payer and c.item = p_item order by c.check_id desc limit 1;
  insert into public.payer_checks (payer, item, outcome, checked_by, valid_until) values (p_payer, p_item, p_outcome, v_actor, case when p_outcome = 'passed' then p_valid_until end);
  perform public._audit('system', v_actor, 'payer.check', p_payer, v_before, jsonb_build_object('item', p_item, 'outcome', p_outcome, 'valid_until', case when p_outcome = 'passed' then p_valid_until end));
  return jsonb_build_object('outcome', 'recorded', 'code', null, 'payer', public._payer_view(p_payer));
end
$$;
comment on function public.record_payer_check(bigint, text, text, text, timestamptz) is 'An operator or owner has checked one item of a payer''s checklist, never their own. A refusal has a code and changes nothing but the audit log.';

create function public.block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_actor text := 'tg:' || p_external_id;
  v_block public.payer_blocks;
  v_code text := coalesce(public._payer_problem(p_external_id, p_payer), case
    when p_is_blocked is null or coalesce(btrim(p_reason), '') = '' then 'reason_needed'
    -- Anybody of them may close a door; it takes an owner to open it again.
    when not p_is_blocked and not 'owner' = any (public._roles_of(public._person_of(p_external_id))) then 'needs_owner' end);
begin
  if v_code is null then
    perform public._hold_payer(p_payer);
    select * into v_block from public.payer_blocks where payer = p_payer and lifted_at is null;
    v_code := case when p_is_blocked and v_block.block_id is not null then 'already_blocked' when not p_is_blocked and v_block.block_id is null then 'not_blocked' end;
  end if;
  if v_code is not null then
    perform public._audit('system', v_actor, 'payer.refuse', left(coalesce(p_payer, 'payer'), 40), null, jsonb_build_object('code', v_code));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'payer', null);
  end if;
  if p_is_blocked then
    insert into public.payer_blocks (payer, reason, blocked_by) values (p_payer, left(btrim(p_reason), 500), v_actor);
  else
    update public.payer_blocks set lifted_by = v_actor, lifted_at = clock_timestamp() where block_id = v_block.block_id;
  end if;
  perform public._audit('system', v_actor, case when p_is_blocked then 'payer.block' else 'payer.unblock' end, p_payer, jsonb_build_object('is_blocked', not p_is_blocked),
    jsonb_build_object('is_blocked', p_is_blocked, 'reason', left(btrim(p_reason), 500)));
  return jsonb_build_object('outcome', 'recorded', 'code', null, 'payer', public._payer_view(p_payer));
end
$$;
comment on function public.block_payer(bigint, text, boolean, text) is 'Nothing is paid by or to a blocked payer. An operator or owner blocks, an owner lifts it, never the payer; each with a reason.';

create function public.ask_account(p_account_id text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_seq bigint;
begin
  if coalesce(p_account_id, '') !~ '^[a-z][a-z0-9_-]{0,39}$' then
    perform public._refuse('ZT007', 'an account is named in small letters, digits, - and _', jsonb_build_object('account_id', left(p_account_id, 60)));
  end if;
  insert into public.trading_accounts as a (account_id, asked_seq, asked_at) values (p_account_id, 1, clock_timestamp())
  on conflict (account_id) do update set asked_seq = a.asked_seq + 1, asked_at = clock_timestamp() returning asked_seq into v_seq;
  return jsonb_build_object('asked_seq', v_seq);
end
$$;
comment on function public.ask_account(text) is 'Called right before the broker is asked about an account; what it answers is recorded with this number and counts from now.';

create function public.record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_account public.trading_accounts;
begin
  if jsonb_typeof(p_numbers) is distinct from 'object' or jsonb_typeof(p_positions) is distinct from 'array'
    or exists (select 1 from unnest(array['equity', 'day_start_equity', 'realised_loss']) k where coalesce(jsonb_typeof(p_numbers -> k) <> 'string' or p_numbers ->> k !~ '^[0-9]{1,12}(\.[0-9]{1,8})?$', true))
    or coalesce(p_numbers ->> 'currency', '') !~ '^[A-Z]{3,10}$'
    or exists (select 1 from jsonb_array_elements(p_positions) x where coalesce(not public._is_amount(x -> 'size') or jsonb_typeof(x -> 'risk') <> 'string' or x ->> 'risk' !~ '^[0-9]{1,12}(\.[0-9]{1,8})?$', true)) then
    perform public._refuse('ZT007', 'the numbers of an account are decimals as text, and so are size and risk of its positions', jsonb_build_object('account_id', left(p_account_id, 60)));
  end if;
  select * into v_account from public.trading_accounts where account_id = p_account_id for update;
  -- An answer to an earlier question says nothing about what was let out since.
  if v_account.account_id is null or v_account.asked_seq is distinct from p_asked_seq or v_account.taken_at = v_account.asked_at then
    return jsonb_build_object('is_taken', false);
  end if;
  delete from public.trading_positions where account_id = p_account_id;
  insert into public.trading_positions (account_id, position_id, symbol, side, size, risk)
  select p_account_id, x ->> 'position_id', x ->> 'symbol', x ->> 'side', (x ->> 'size')::numeric, (x ->> 'risk')::numeric from jsonb_array_elements(p_positions) x;
  update public.trading_accounts set currency = p_numbers ->> 'currency', equity = (p_numbers ->> 'equity')::numeric, day_start_equity = (p_numbers ->> 'day_start_equity')::numeric,
    realised_loss = (p_numbers ->> 'realised_loss')::numeric, high_water_mark = greatest(high_water_mark, (p_numbers ->> 'equity')::numeric, (p_numbers ->> 'day_start_equity')::numeric), taken_at = asked_at
  where account_id = p_account_id;
  return jsonb_build_object('is_taken', true);
end
$$;
comment on function public.record_account(text, bigint, jsonb, jsonb) is 'The broker''s answer to the newest question about an account: its numbers and all of its open positions. Later than another question it is not taken.';

create function public._payment_use(p_limits jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_day_start timestamptz := date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC';
  v_pause interval := make_interval(mins => coalesce((p_limits ->> 'cool_down_minutes')::integer, 0));
begin
  return (
    select jsonb_build_object('day_used', trim_scale(coalesce(sum((e.money_order ->> 'amount')::numeric) filter (where e.status in ('granted', 'in_doubt') or e.granted_at >= v_day_start or e.settled_at >= v_day_start), 0))::text,
      'under_way', count(*) filter (where e.status in ('granted', 'in_doubt')), 'day_free_at', v_day_start + interval '1 day',
      'payers_waiting', count(distinct public._order_party(e.money_order)) filter (where e.status in ('granted', 'in_doubt') or coalesce(e.settled_at, e.granted_at) > clock_timestamp() - v_pause),
      'next_free_at', min(coalesce(e.settled_at, e.granted_at) + v_pause) filter (where e.status not in ('granted', 'in_doubt') and coalesce(e.settled_at, e.granted_at) > clock_timestamp() - v_pause),
      'payers_blocked', (select count(*) from public.payer_blocks where lifted_at is null))
    from public.effects e
    where e.kind in ('payment', 'withdrawal') and public._may_have_moved(e)
      and (e.status in ('granted', 'in_doubt') or e.granted_at >= v_day_start - interval '8 days')
  );
end
$$;
comment on function public._payment_use(jsonb) is 'How much of the limits of payments is used, without saying by whom.';

create function public._trading_use(p_limits jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('account_id', a.account_id, 'currency', u.use ->> 'currency', 'taken_at', u.use -> 'taken_at', 'is_stale', public._is_stale(u.use, c.caps),
      'loss_used', trim_scale(coalesce((u.use ->> 'loss')::numeric, 0) + (u.use ->> 'at_risk')::numeric)::text, 'loss_cap', trim_scale((c.caps ->> 'loss')::numeric)::text,
      'drawdown_used', trim_scale(coalesce((u.use ->> 'drawdown')::numeric, 0) + (u.use ->> 'at_risk')::numeric)::text, 'drawdown_cap', trim_scale((c.caps ->> 'drawdown')::numeric)::text,
      'positions_used', u.use -> 'positions', 'positions_cap', c.caps -> 'positions') order by a.account_id), '[]'::jsonb)
    from public.trading_accounts a
    cross join lateral (select public._account_use(a.account_id, null) as use) u
    cross join lateral (select public._trading_caps(a.account_id, p_limits, u.use) as caps) c
  );
end
$$;
comment on function public._trading_use(jsonb) is 'How much of its limits each account has used.';

select public._protect_table(t) from unnest(array['payers', 'payer_checks', 'payer_blocks', 'trading_accounts', 'trading_positions']) t;
select public._expose('record_payer_check', 'ags_bot'), public._expose('block_payer', 'ags_bot'), public._expose('ask_account', 'ags_worker'), public._expose('record_account', 'ags_worker');
select public._expose(f) from unnest(array['_is_amount', '_is_money', '_order_problem', '_order_party', '_order_of', '_may_have_moved', '_missing_checks', '_over_limit', '_payment_refusal', '_account_use', '_trading_caps',
  '_is_stale', '_trade_refusal', '_limit_refusal', '_take_limits', '_answer_limit', '_request_limit', '_payer_view', '_payer_problem', '_hold_payer', '_payment_use', '_trading_use']) f;
reset role;
