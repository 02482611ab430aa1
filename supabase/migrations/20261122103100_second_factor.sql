-- Running code breaks. Second factor, for everything that takes two people: time-based one-time codes (RFC 6238), checked here and nowhere else. A secret is shown once, to its person, and is
-- readable by no role after that. SHA-1 is what every authenticator app speaks, and what PostgreSQL has only in an extension; twenty lines of it need none.
set role ags_owner;

create table public.second_factors (
  person_id uuid primary key references public.people,
  secret bytea not null constraint second_factors_secret_long_enough check (length(secret) >= 20),
  created_at timestamptz not null default clock_timestamp(),
  -- It counts from the first right code on.
  confirmed_at timestamptz,
  -- The newest code that was taken: none is taken twice, nor an older one after it.
  last_counter bigint not null default 0,
  failed_count integer not null default 0,
  locked_until timestamptz,
  -- The message in the private chat that shows the key, as long as it stands there.
  key_message_id bigint
);

-- A right code, for one decision of one person, until it is made: `request:<id>`, `change:<id>`, `doubt:<effect>` or `resume:<generation of the stop>`.
create table public.factor_passes (
  pass_id uuid primary key default gen_random_uuid(),
  person_id uuid not null references public.people,
  subject text not null constraint factor_passes_subject_form check (subject ~ '^(request|change|doubt|resume):[0-9a-f-]+$'),
  checked_at timestamptz not null default clock_timestamp(),
  used_at timestamptz
);
create index factor_passes_unused on public.factor_passes (subject, person_id) where used_at is null;

alter table public.approvals add column factor_checked_at timestamptz;
alter table public.change_decisions add column factor_checked_at timestamptz;
-- The code is asked for in private: a question that no reply in a group answers. What it is about, and what else was said, is repeated with the code.
alter table public.prompts add column subject text, add column wish jsonb,
  drop constraint prompts_kind_known, add constraint prompts_kind_known check (kind in ('reject', 'edit', 'factor')),
  add constraint prompts_factor_in_private check (kind <> 'factor' or chat_id = external_id),
  add constraint prompts_factor_whole check ((kind = 'factor') = (subject is not null) and (kind = 'factor') = (wish is not null)),
  drop constraint prompts_about_one_thing, add constraint prompts_about_one_thing check (
    case when kind = 'factor' then request_id is null and change_id is null else (request_id is null) <> (change_id is null) and (change_id is null or kind = 'reject') end);
create index prompts_open_factors on public.prompts (subject, external_id) where kind = 'factor' and answered_at is null;

create function public._sha1(p_bytes bytea) returns bytea
language plpgsql immutable set search_path = ''
as $$
declare
  v_mask constant bigint := 4294967295;
  v_bytes bytea := p_bytes || '\x80'::bytea || decode(repeat('00', (119 - length(p_bytes) % 64) % 64), 'hex') || int8send(length(p_bytes)::bigint * 8);
  v_h bigint[] := array[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  v_w bigint[];
  v_x bigint[];
  v_f bigint;
  v_t bigint;
begin
  for v_block in 0 .. length(v_bytes) / 64 - 1 loop
    v_w := array(select (get_byte(v_bytes, v_block * 64 + i * 4)::bigint << 24) | (get_byte(v_bytes, v_block * 64 + i * 4 + 1) << 16) | (get_byte(v_bytes, v_block * 64 + i * 4 + 2) << 8) | get_byte(v_bytes, v_block * 64 + i * 4 + 3)
      from generate_series(0, 15) i order by i);
    for i in 17 .. 80 loop
      v_t := v_w[i - 3] # v_w[i - 8] # v_w[i - 14] # v_w[i - 16];
      v_w[i] := ((v_t << 1) | (v_t >> 31)) & v_mask;
    end loop;
    v_x := v_h;
    for i in 1 .. 80 loop
      v_f := case
        when i <= 20 then ((v_x[2] & v_x[3]) | ((v_x[2] # v_mask) & v_x[4])) + 1518500249
        when i <= 40 then (v_x[2] # v_x[3] # v_x[4]) + 1859775393
        when i <= 60 then ((v_x[2] & v_x[3]) | (v_x[2] & v_x[4]) | (v_x[3] & v_x[4])) + 2400959708
        else (v_x[2] # v_x[3] # v_x[4]) + 3395469782 end;
      v_t := ((((v_x[1] << 5) | (v_x[1] >> 27)) & v_mask) + v_f + v_x[5] + v_w[i]) & v_mask;
      v_x := array[v_t, v_x[1], ((v_x[2] << 30) | (v_x[2] >> 2)) & v_mask, v_x[3], v_x[4]];
    end loop;
    v_h := array[(v_h[1] + v_x[1]) & v_mask, (v_h[2] + v_x[2]) & v_mask, (v_h[3] + v_x[3]) & v_mask, (v_h[4] + v_x[4]) & v_mask, (v_h[5] + v_x[5]) & v_mask];
  end loop;
  return decode((select string_agg(lpad(to_hex(h), 8, '0'), '' order by place) from unnest(v_h) with ordinality x (h, place)), 'hex');
end
$$;
comment on function public._sha1(bytea) is 'FIPS 180-4. For one-time codes alone: everything else here is SHA-256.';

create function public._hmac_sha1(p_key bytea, p_message bytea) returns bytea
language plpgsql immutable set search_path = ''
as $$
declare
  v_key bytea := case when length(p_key) > 64 then public._sha1(p_key) else p_key end;
  v_inner bytea := decode(repeat('36', 64), 'hex');
  v_outer bytea := decode(repeat('5c', 64), 'hex');
begin
  for i in 0 .. length(v_key) - 1 loop
    v_inner := set_byte(v_inner, i, get_byte(v_inner, i) # get_byte(v_key, i));
    v_outer := set_byte(v_outer, i, get_byte(v_outer, i) # get_byte(v_key, i));
  end loop;
  return public._sha1(v_outer || public._sha1(v_inner || p_message));
end
$$;
comment on function public._hmac_sha1(bytea, bytea) is 'RFC 2104.';

create function public._one_time_code(p_secret bytea, p_counter bigint) returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_mac bytea := public._hmac_sha1(p_secret, int8send(p_counter));
  v_at integer := get_byte(v_mac, 19) & 15;
begin
  return lpad(((((get_byte(v_mac, v_at) & 127)::bigint << 24) | (get_byte(v_mac, v_at + 1) << 16) | (get_byte(v_mac, v_at + 2) << 8) | get_byte(v_mac, v_at + 3)) % 1000000)::text, 6, '0');
end
$$;
comment on function public._one_time_code(bytea, bigint) is 'The six digits of RFC 4226 for a counter; RFC 6238 counts in steps of 30 seconds.';

create function public._check_code(p_person_id uuid, p_code text, p_actor text) returns text
language plpgsql volatile set search_path = ''
as $$
declare
  v_factor public.second_factors;
  v_now bigint := floor(extract(epoch from clock_timestamp()) / 30)::bigint;
  v_counter bigint;
  v_code text := regexp_replace(coalesce(p_code, ''), '\s', '', 'g');
begin
  select * into v_factor from public.second_factors where person_id = p_person_id for update;
  if v_factor.person_id is null then
    return 'not_enrolled';
  elsif v_factor.locked_until > clock_timestamp() then
    return 'locked';
  end if;
  -- A clock that is half a minute off is no stranger's.
  select c into v_counter from generate_series(v_now - 1, v_now + 1) c where public._one_time_code(v_factor.secret, c) = v_code order by c desc limit 1;
  if v_counter > v_factor.last_counter then
    update public.second_factors set last_counter = v_counter, failed_count = 0, locked_until = null where person_id = p_person_id;
    return null;
  end if;
  update public.second_factors set failed_count = case when failed_count >= 4 then 0 else failed_count + 1 end, locked_until = case when failed_count >= 4 then clock_timestamp() + interval '15 minutes' end
  where person_id = p_person_id returning * into v_factor;
  if v_factor.locked_until is not null then
    perform public._audit('system', p_actor, 'factor.lock', p_actor, null, jsonb_build_object('until', v_factor.locked_until));
    perform public._raise_incident('factor_locked', p_actor, 'warning', 'five wrong one-time codes: the second factor of an account is locked for 15 minutes', jsonb_build_object('account', p_actor));
    return 'locked';
  end if;
  return case when v_counter is null then 'wrong_code' else 'used_code' end;
end
$$;
comment on function public._check_code(uuid, text, text) is 'Null for a right code that was never taken before; else not_enrolled, locked, wrong_code or used_code. Five wrong ones lock it for 15 minutes.';

create function public.begin_enrolment(p_external_id bigint, p_chat_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of(p_external_id);
  v_factor public.second_factors;
  v_key_message_id bigint;
  v_code text;
begin
  select * into v_factor from public.second_factors where person_id = v_person_id for update;
  v_code := case
    when cardinality(public._roles_of(v_person_id)) = 0 then 'no_role'
    when p_chat_id is distinct from p_external_id then 'not_private'
    when v_factor.confirmed_at is not null then 'enrolled'
    when v_factor.locked_until > clock_timestamp() then 'locked' end;
  if v_code is not null then
    return jsonb_build_object('code', v_code, 'secret', null, 'key_message_id', null);
  end if;
  v_key_message_id := v_factor.key_message_id;
  -- Until it is confirmed, asking again makes another one. The count of wrong codes stays.
  insert into public.second_factors (person_id, secret) values (v_person_id, substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) from 1 for 20))
  on conflict (person_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_counter = 0, key_message_id = null returning * into v_factor;
  perform public._audit('system', 'tg:' || p_external_id, 'factor.begin', 'tg:' || p_external_id, null, '{}'::jsonb);
  return jsonb_build_object('code', null, 'secret', encode(v_factor.secret, 'hex'), 'key_message_id', v_key_message_id);
end
$$;
comment on function public.begin_enrolment(bigint, bigint) is 'A new secret (hex), told this once and in private alone; it counts after `confirm_enrolment`. One that counts is replaced only by a change of kind factor_reset.';

create function public.record_enrolment_shown(p_external_id bigint, p_message_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.second_factors set key_message_id = p_message_id where person_id = public._person_of(p_external_id) and confirmed_at is null;
end
$$;
comment on function public.record_enrolment_shown(bigint, bigint) is 'Which message in the private chat shows the key, so that it can be taken back.';

create function public.confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of(p_external_id);
  v_key_message_id bigint;
  v_code text;
begin
  v_code := case
    when cardinality(public._roles_of(v_person_id)) = 0 then 'no_role'
    when p_chat_id is distinct from p_external_id then 'not_private'
    when exists (select 1 from public.second_factors where person_id = v_person_id and confirmed_at is not null) then 'enrolled'
    else public._check_code(v_person_id, p_code, 'tg:' || p_external_id) end;
  if v_code is null then
    select key_message_id into v_key_message_id from public.second_factors where person_id = v_person_id;
    update public.second_factors set confirmed_at = clock_timestamp(), key_message_id = null where person_id = v_person_id;
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'factor.enrol' else 'factor.refuse' end, 'tg:' || p_external_id, null, jsonb_build_object('code', v_code));
  return jsonb_build_object('code', v_code, 'key_message_id', v_key_message_id);
end
$$;
comment on function public.confirm_enrolment(bigint, bigint, text) is 'The first right code makes the second factor count. Answers with the message that shows its key, to be taken back.';

create function public._needs_factor(p_policy_version integer, p_tier text, p_person_id uuid) returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_rule jsonb := public._policy(p_policy_version) -> 'second_factor';
begin
  return coalesce(v_rule -> 'tiers' ? p_tier, false) and exists (select 1 from unnest(public._roles_of(p_person_id)) r where v_rule -> 'roles' ? r);
end
$$;
comment on function public._needs_factor(integer, text, uuid) is 'Whether the policy asks this person for a second factor here: by any role they hold, whichever slot they fill.';

create function public._factor_refusal(p_subject text, p_policy_version integer, p_tier text, p_person_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case
    when not public._needs_factor(p_policy_version, p_tier, p_person_id) then null
    when not exists (select 1 from public.second_factors where person_id = p_person_id and confirmed_at is not null) then 'not_enrolled'
    when not exists (select 1 from public.factor_passes where subject = p_subject and person_id = p_person_id and used_at is null and checked_at > clock_timestamp() - interval '1 minute') then 'factor_needed' end;
end
$$;
comment on function public._factor_refusal(text, integer, text, uuid) is
  'The one question of everything that people decide with yes: not_enrolled or factor_needed, null when no code is asked for or a fresh one is there. To stop and to say no never asks it.';

create function public._spend_factor(p_subject text, p_person_id uuid) returns timestamptz
language plpgsql volatile set search_path = ''
as $$
declare
  v_checked_at timestamptz;
begin
  with spent as (update public.factor_passes set used_at = clock_timestamp() where subject = p_subject and person_id = p_person_id and used_at is null returning checked_at)
  select max(checked_at) into v_checked_at from spent;
  return v_checked_at;
end
$$;
comment on function public._spend_factor(text, uuid) is 'Takes the code with the decision, in its transaction; when it was checked, or null when none was given.';

create function public._ask_factor(p_subject text, p_external_id bigint, p_wish jsonb) returns uuid
language plpgsql volatile set search_path = ''
as $$
declare
  v_prompt_id uuid;
begin
  -- One question per person and decision: a second press asks again in place of the first.
  update public.prompts set answered_at = now() where subject = p_subject and external_id = p_external_id and kind = 'factor' and answered_at is null;
  insert into public.prompts (kind, subject, external_id, chat_id, wish, expires_at) values ('factor', p_subject, p_external_id, p_external_id, jsonb_strip_nulls(p_wish), now() + interval '10 minutes') returning prompt_id into v_prompt_id;
  return v_prompt_id;
end
$$;
comment on function public._ask_factor(text, bigint, jsonb) is 'The question for the code, in the private chat alone.';

create function public._about_factor(p_prompt public.prompts) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_about text := split_part(p_prompt.subject, ':', 1);
  v_id text := split_part(p_prompt.subject, ':', 2);
begin
  return case v_about
    when 'request' then (select jsonb_build_object('about', v_about, 'reference', reference, 'task_id', task_id) from public.approval_requests where request_id = v_id::uuid)
    when 'change' then (select jsonb_build_object('about', v_about, 'reference', reference, 'task_id', null) from public.changes where change_id = v_id::uuid)
    when 'doubt' then (select jsonb_build_object('about', v_about, 'reference', 'sending ' || task_id || ' again', 'task_id', task_id) from public.effects where effect_id = v_id::uuid)
    when 'resume' then jsonb_build_object('about', v_about, 'reference', 'the end of the stop', 'task_id', null) end;
end
$$;
comment on function public._about_factor(public.prompts) is 'What a question for a code is about: {about, reference, task_id}.';

create function public.approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_prompt public.prompts;
  v_about jsonb;
  v_person_id uuid;
  v_code text;
begin
  select * into v_prompt from public.prompts where prompt_id = p_prompt_id and kind = 'factor' and external_id = p_external_id and answered_at is null and expires_at > now();
  v_about := public._about_factor(v_prompt);
  -- In the order of the decision itself, which comes last here: first what it locks before anything that a person has.
  if v_about ->> 'about' = 'change' then
    perform pg_advisory_xact_lock(hashtext('ags.govern'));
  elsif v_about ->> 'about' = 'resume' then
    perform 1 from public.stop_switch for update;
  end if;
  v_person_id := public._person_of(p_external_id);
  v_code := case
    when v_prompt.prompt_id is null then 'expired'
    when v_about ->> 'about' = 'resume' and not exists (select 1 from public.stop_switch where 'resume:' || generation = v_prompt.subject) then 'expired'
    else public._check_code(v_person_id, p_code, 'tg:' || p_external_id) end;
  if v_code is not null then
    perform public._audit(coalesce(v_about ->> 'task_id', 'system'), 'tg:' || p_external_id, 'factor.refuse', coalesce(v_about ->> 'reference', 'code'), null, jsonb_build_object('code', v_code));
    return jsonb_build_object('code', v_code, 'request', null, 'change', null, 'resume', null, 'doubt', null);
  end if;
  update public.prompts set answered_at = now() where prompt_id = p_prompt_id;
  insert into public.factor_passes (person_id, subject) values (v_person_id, v_prompt.subject);
  return jsonb_build_object('code', null,
    'request', case when v_about ->> 'about' = 'request' then public.decide_approval(v_about ->> 'reference', null, null, null, p_external_id, 'approve', v_prompt.wish ->> 'reason', v_prompt.wish ->> 'as_role', 'reply') end,
    'change', case when v_about ->> 'about' = 'change' then public.decide_change(v_about ->> 'reference', null, null, null, p_external_id, 'approve', v_prompt.wish ->> 'reason', v_prompt.wish ->> 'as_role', 'reply') end,
    'resume', case when v_about ->> 'about' = 'resume' then public.resume_effects(p_external_id, v_prompt.wish ->> 'reason', null, null, null, v_prompt.wish ->> 'choice') end,
    'doubt', case when v_about ->> 'about' = 'doubt' then public.decide_doubt(v_prompt.wish ->> 'token', (v_prompt.wish ->> 'chat_id')::bigint, (v_prompt.wish ->> 'message_id')::bigint, p_external_id, 'again') end);
end
$$;
comment on function public.approve_with_code(uuid, bigint, text) is
  'The reply to the question for a code: a right one decides, by `decide_approval`, `decide_change`, `resume_effects` or `decide_doubt`, whose answer it gives; else code is expired, wrong_code, used_code, locked or not_enrolled.';

create function public._factor_reset_problem(p_payload jsonb, p_proposer uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
begin
  return case
    when v_person_id is distinct from p_proposer then 'everybody asks for their own second factor to be taken back'
    when not exists (select 1 from public.second_factors where person_id = v_person_id and confirmed_at is not null) then 'there is no second factor to take back: /enrol makes one' end;
end
$$;

create function public._apply_factor_reset(p_change public.changes) returns jsonb
language plpgsql volatile set search_path = ''
as $$
begin
  delete from public.second_factors where person_id = public._person_of((p_change.payload ->> 'external_id')::bigint);
  return '[]'::jsonb;
end
$$;

select public._protect_table('second_factors'), public._protect_table('factor_passes');
select public._expose('begin_enrolment', 'ags_bot'), public._expose('record_enrolment_shown', 'ags_bot'), public._expose('confirm_enrolment', 'ags_bot'), public._expose('approve_with_code', 'ags_bot');
select public._expose(f) from unnest(array['_sha1', '_hmac_sha1', '_one_time_code', '_check_code', '_needs_factor', '_factor_refusal', '_spend_factor', '_ask_factor', '_about_factor', '_factor_reset_problem', '_apply_factor_reset']) f;
reset role;
