-- The audit log: append-only, one hash chain per task and one, `system`, for what belongs to no task.
-- A record's hash covers the hash before it and each field with its length, so that no two records have the same bytes.
set role ags_owner;

create table public.audit_heads (
  chain text primary key,
  seq bigint not null constraint audit_heads_seq_positive check (seq >= 0),
  hash text not null
);

create table public.audit_logs (
  id bigint generated always as identity primary key,
  chain text not null,
  seq bigint not null constraint audit_logs_seq_positive check (seq > 0),
  actor text not null constraint audit_logs_actor_known check (actor ~ '^(tg:-?\d+|agent:[a-z0-9_.:-]+|webhook:[a-z0-9_-]+|system)$'),
  action text not null constraint audit_logs_action_form check (action ~ '^[a-z_]+\.[a-z_]+$'),
  object text not null,
  before_json jsonb,
  after_json jsonb,
  ts timestamptz not null,
  prev_hash text not null,
  hash text not null,
  constraint audit_logs_one_record_per_place unique (chain, seq),
  constraint audit_logs_chain_never_forks unique (chain, prev_hash)
);
-- Records come in the order of their time: the bounds of each range of pages find them.
create index audit_logs_ts on public.audit_logs using brin (ts);

create function public.tg_audit_logs__append_only() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'ZT002', message = 'audit_logs is append-only', hint = 'Write a further record instead.';
end
$$;
create trigger _100_append_only before update or delete on public.audit_logs for each row execute function public.tg_audit_logs__append_only();
create trigger _110_never_truncated before truncate on public.audit_logs for each statement execute function public.tg_audit_logs__append_only();

create function public._audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamptz)
returns text language plpgsql immutable set search_path = ''
as $$
begin
  return encode(sha256(convert_to(concat(
    octet_length(p_prev), ':', p_prev, ',', octet_length(p_chain), ':', p_chain, ',', octet_length(p_seq::text), ':', p_seq, ',',
    octet_length(p_actor), ':', p_actor, ',', octet_length(p_action), ':', p_action, ',', octet_length(p_object), ':', p_object, ',',
    coalesce(octet_length(p_before::text), 0), ':', p_before, ',', coalesce(octet_length(p_after::text), 0), ':', p_after, ',',
    '27:', to_char(p_ts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8')), 'hex');
end
$$;
comment on function public._audit_hash(text, text, bigint, text, text, text, jsonb, jsonb, timestamptz) is 'sha256 over the length-prefixed fields of one record and the hash before it; hex.';

create function public._audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb default null, p_after jsonb default null)
returns void language plpgsql set search_path = ''
as $$
declare
  v_head public.audit_heads;
  v_ts timestamptz;
  v_hash text;
begin
  -- The head row is the lock: whoever appends to a chain waits here, so it cannot fork and time cannot run backwards in it.
  select * into v_head from public.audit_heads where chain = p_chain for update;
  if v_head.chain is null then
    insert into public.audit_heads (chain, seq, hash) values (p_chain, 0, encode(sha256(convert_to(p_chain, 'UTF8')), 'hex')) on conflict (chain) do nothing;
    select * into v_head from public.audit_heads where chain = p_chain for update;
  end if;
  v_ts := clock_timestamp();
  v_hash := public._audit_hash(v_head.hash, p_chain, v_head.seq + 1, p_actor, p_action, p_object, p_before, p_after, v_ts);
  insert into public.audit_logs (chain, seq, actor, action, object, before_json, after_json, ts, prev_hash, hash)
  values (p_chain, v_head.seq + 1, p_actor, p_action, p_object, p_before, p_after, v_ts, v_head.hash, v_hash);
  update public.audit_heads set seq = v_head.seq + 1, hash = v_hash where chain = p_chain;
end
$$;
comment on function public._audit(text, text, text, text, jsonb, jsonb) is 'Appends one record to a chain under its locked head.';

create function public.verify_audit_chain(p_chain text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_expected_prev text := encode(sha256(convert_to(p_chain, 'UTF8')), 'hex');
  v_expected_seq bigint := 1;
  v_row public.audit_logs;
  v_head public.audit_heads;
begin
  for v_row in select * from public.audit_logs where chain = p_chain order by seq loop
    if v_row.seq <> v_expected_seq or v_row.prev_hash <> v_expected_prev
      or v_row.hash <> public._audit_hash(v_row.prev_hash, v_row.chain, v_row.seq, v_row.actor, v_row.action, v_row.object, v_row.before_json, v_row.after_json, v_row.ts) then
      return jsonb_build_object('is_intact', false, 'first_bad_seq', v_expected_seq, 'records', v_expected_seq - 1);
    end if;
    v_expected_prev := v_row.hash;
    v_expected_seq := v_expected_seq + 1;
  end loop;
  select * into v_head from public.audit_heads where chain = p_chain;
  if v_head.seq is distinct from v_expected_seq - 1 and not (v_head.seq is null and v_expected_seq = 1) then
    return jsonb_build_object('is_intact', false, 'first_bad_seq', v_expected_seq, 'records', v_expected_seq - 1);
  end if;
  return jsonb_build_object('is_intact', true, 'first_bad_seq', null, 'records', v_expected_seq - 1);
end
$$;
comment on function public.verify_audit_chain(text) is 'Recomputes one chain. {is_intact, first_bad_seq, records}.';

select public._protect_table('audit_heads'), public._protect_table('audit_logs');
select public._expose('verify_audit_chain', 'ags_bot', 'ags_web', 'ags_reader');
reset role;
