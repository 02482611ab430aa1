-- Running code does not break. Changes of the rules themselves: proposed by one person, in force when two people have decided, and by one door.
--
-- A change:  pending -> applied | rejected | expired | void.  Two slots, two people; whoever proposes fills at most one of them, and whom it concerns none.
-- A further kind is one word in `changes_kind_known`, one line in `_change_kind`, a validator in `_change_problem`, a preview in `_change_preview`, and an apply function in `_apply_change`.
set role ags_owner;

create table public.changes (
  change_id uuid primary key default gen_random_uuid(),
  reference text not null constraint changes_reference_once unique
    constraint changes_reference_form check (reference ~ '^T3-[A-HJ-NP-Z2-9]{4,}$'),
  kind text not null constraint changes_kind_known check (kind in ('role_grant', 'role_revoke', 'link_accounts', 'delegation', 'policy', 'break_glass', 'factor_reset')),
  -- What is decided on: these words and no others. Each decision repeats the checksum.
  payload jsonb not null,
  checksum text not null constraint changes_checksum_form check (checksum ~ '^[0-9a-f]{64}$'),
  subject text not null,
  reason text constraint changes_reason_bounded check (length(reason) <= 2000),
  proposed_by uuid not null references public.people,
  proposer text not null constraint changes_proposer_is_a_person check (proposer ~ '^tg:\d+$'),
  slots text[] not null constraint changes_take_two_people check (slots @> array['operator', 'owner'] and cardinality(slots) = 2),
  policy_version integer not null references public.policies,
  status text not null default 'pending' constraint changes_status_known check (status in ('pending', 'applied', 'rejected', 'expired', 'void')),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  decided_at timestamptz,
  void_reason text,
  before_json jsonb,
  after_json jsonb,
  -- What it gave for a time is over.
  ended_at timestamptz,
  -- Something about it that people have not been told yet.
  tell_requested_at timestamptz,
  constraint changes_expire_later check (expires_at > created_at),
  constraint changes_decided_at_when_decided check ((decided_at is null) = (status = 'pending')),
  constraint changes_before_and_after_when_applied check ((before_json is not null) = (status = 'applied') and (after_json is not null) = (status = 'applied')),
  constraint changes_reason_when_void check ((void_reason is not null) = (status = 'void')),
  constraint changes_end_only_when_applied check (ended_at is null or status = 'applied')
);
create unique index changes_proposed_once on public.changes (kind, checksum) where status = 'pending';
create index changes_untold on public.changes (tell_requested_at) where tell_requested_at is not null;

create table public.change_decisions (
  decision_id uuid primary key default gen_random_uuid(),
  change_id uuid not null references public.changes,
  approver text not null constraint change_decisions_approver_is_a_person check (approver ~ '^tg:\d+$'),
  person_id uuid not null references public.people,
  slot text not null constraint change_decisions_slot_known check (slot in ('operator', 'owner')),
  decision text not null constraint change_decisions_decision_known check (decision in ('approve', 'reject')),
  reason text constraint change_decisions_reason_bounded check (length(reason) <= 2000),
  checksum text not null,
  via text not null constraint change_decisions_via_known check (via in ('proposal', 'button', 'command', 'reply')),
  ts timestamptz not null default clock_timestamp(),
  -- A decision that no longer counts stays, with why.
  voided_at timestamptz,
  void_reason text,
  constraint change_decisions_reason_when_rejected check (decision = 'approve' or length(btrim(reason)) > 0),
  constraint change_decisions_void_whole check ((voided_at is null) = (void_reason is null))
);
create unique index change_decisions_one_per_person on public.change_decisions (change_id, person_id) where voided_at is null;
create unique index change_decisions_one_per_slot on public.change_decisions (change_id, slot) where voided_at is null and decision = 'approve';

-- By which change a role came and went.
alter table public.person_roles add column granted_change_id uuid references public.changes, add column revoked_change_id uuid references public.changes;

alter table public.cards add column change_id uuid references public.changes,
  add constraint cards_change_whole check (kind <> 'change' or change_id is not null);
create unique index cards_one_change_per_chat on public.cards (change_id, chat_id) where kind = 'change';

-- A change is rejected by a reply too; nobody edits one.
alter table public.prompts alter column request_id drop not null, add column change_id uuid references public.changes,
  add constraint prompts_about_one_thing check ((request_id is null) <> (change_id is null) and (change_id is null or kind = 'reject'));

create function public._change_kind(p_kind text) returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  -- Who may propose it, and which slot their proposal may fill. That the two slots take two people holds for every kind.
  return case
    when p_kind in ('role_grant', 'role_revoke', 'link_accounts', 'policy') then '{"slots":["operator","owner"],"proposers":["owner"],"proposer_fills":["owner"],"may_concern_proposer":false}'::jsonb
      || case when p_kind = 'link_accounts' then '{"may_concern_proposer":true}'::jsonb else '{}'::jsonb end
    when p_kind = 'delegation' then '{"slots":["operator","owner"],"proposers":["owner","operator"],"proposer_fills":["owner","operator"],"may_concern_proposer":false}'::jsonb
    -- An owner opens it; the second person may hold any role.
    when p_kind = 'break_glass' then '{"slots":["operator","owner"],"proposers":["owner"],"proposer_fills":["owner"],"may_concern_proposer":false,"any_role_is_second":true}'::jsonb
    -- Whoever lost the device asks for it themselves, and two others decide.
    when p_kind = 'factor_reset' then '{"slots":["operator","owner"],"proposers":["owner","operator"],"proposer_fills":[],"may_concern_proposer":false}'::jsonb end;
end
$$;
comment on function public._change_kind(text) is 'The rules of one kind of change; null for a kind that there is not.';

create function public._fits_change_slot(p_kind text, p_slot text, p_roles text[]) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  -- An owner may do what an operator may.
  return p_slot = any (p_roles) or (p_slot = 'operator'
    and ('owner' = any (p_roles) or (cardinality(p_roles) > 0 and coalesce((public._change_kind(p_kind) ->> 'any_role_is_second')::boolean, false))));
end
$$;
comment on function public._fits_change_slot(text, text, text[]) is 'Whether somebody with these roles may fill that slot of such a change.';

create function public._hold_person(p_external_id bigint) returns uuid
language plpgsql volatile set search_path = ''
as $$
declare
  v_person_id uuid;
begin
  -- A role that is being taken away, or an account that is being linked, is waited for; and waits for this transaction.
  select person_id into v_person_id from public.identities where platform = 'telegram' and external_id = p_external_id for key share;
  return v_person_id;
end
$$;
comment on function public._hold_person(bigint) is 'The person behind a numeric id, whose roles then stay as they are until the transaction ends.';

create function public._lock_people(p_people uuid[]) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  perform 1 from public.identities where person_id = any (p_people) order by external_id for update;
end
$$;

create function public._delegated_by(p_person_id uuid, p_role text, p_at timestamptz) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select public._name_of(d.delegated_by) from public.person_roles d
    where d.person_id = p_person_id and d.role = p_role and d.source = 'delegation' and d.granted_at <= p_at and d.expires_at > p_at and (d.revoked_at is null or d.revoked_at > p_at)
      and not exists (select 1 from public.person_roles o where o.person_id = p_person_id and o.role = 'owner' and p_role = 'operator' and o.source <> 'delegation' and o.granted_at <= p_at and (o.revoked_at is null or o.revoked_at > p_at))
    limit 1
  );
end
$$;
comment on function public._delegated_by(uuid, text, timestamptz) is 'For whom this person stood in with this role at that moment; null when the role was their own.';

create function public._behind(p_kind text, p_person_id uuid, p_slot text, p_at timestamptz) returns uuid[]
language plpgsql stable set search_path = ''
as $$
begin
  -- A role that is lent speaks for whoever lent it, unless one of their own would have done.
  return array[p_person_id] || array(
    select r.delegated_by from public.person_roles r
    where r.person_id = p_person_id and r.source = 'delegation' and public._fits_change_slot(p_kind, p_slot, array[r.role])
      and r.granted_at <= p_at and r.expires_at > p_at and (r.revoked_at is null or r.revoked_at > p_at)
      and not exists (select 1 from public.person_roles o where o.person_id = p_person_id and o.source <> 'delegation' and public._fits_change_slot(p_kind, p_slot, array[o.role])
        and o.granted_at <= p_at and (o.revoked_at is null or o.revoked_at > p_at)));
end
$$;
comment on function public._behind(text, uuid, text, timestamptz) is
  'Who stands behind a word of this person in this slot at that moment: they themselves, and whoever lent them the role for it. Two words behind which one person stands are not of two people. The kind of a change, or null.';

create function public._behind_others(p_change public.changes, p_person_id uuid) returns uuid[]
language plpgsql stable set search_path = ''
as $$
begin
  return array_remove(p_change.proposed_by || public._concerned(p_change.payload), p_person_id) || array(
    select b.person_id from public.change_decisions d cross join lateral unnest(public._behind(p_change.kind, d.person_id, d.slot, d.ts)) b (person_id)
    where d.change_id = p_change.change_id and d.decision = 'approve' and d.voided_at is null and d.person_id <> p_person_id);
end
$$;
comment on function public._behind_others(public.changes, uuid) is 'For whom nobody stands in on this change beside them: whoever proposed it, whom it concerns, and who else stands behind a decision on it.';

create function public._concerned(p_payload jsonb) returns uuid[]
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(distinct i.person_id), '{}') from public.identities i
    where i.platform = 'telegram' and i.external_id::text in (p_payload ->> 'external_id', p_payload ->> 'other_external_id')
  );
end
$$;
comment on function public._concerned(jsonb) is 'The people whom a change is about: they decide nothing about it.';

create function public._known_as(p_external_id text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (select coalesce((select public._name_of(i.person_id) from public.identities i where i.platform = 'telegram' and i.external_id::text = p_external_id), 'tg:' || p_external_id));
end
$$;

create function public._team_problem(p_person_id uuid, p_role text, p_into uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- A delegation ends by itself, so that it keeps nobody's place.
  return (
    with held as (
      select case when r.person_id = p_person_id then coalesce(p_into, r.person_id) else r.person_id end as person_id, r.role
      from public.person_roles r
      where r.revoked_at is null and r.expires_at is null and (p_into is not null or r.person_id <> p_person_id or r.role <> p_role)
    )
    select case when not exists (select 1 from held o join held s on s.person_id <> o.person_id and s.role in ('owner', 'operator') where o.role = 'owner')
      then 'there must remain an owner and a second person who is operator or owner: without them nobody could decide, nor give a role again' end
  );
end
$$;
comment on function public._team_problem(uuid, text, uuid) is 'What the team would lack without this person''s role, or with this person made one with another; null when nothing.';

create function public._role_grant_problem(p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
begin
  return case when exists (select 1 from public.person_roles where person_id = v_person_id and role = p_payload ->> 'role' and revoked_at is null and expires_at is null)
    then format('%s already holds the role %s', public._name_of(v_person_id), p_payload ->> 'role') end;
end
$$;

create function public._role_revoke_problem(p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
  v_is_own boolean;
begin
  select expires_at is null into v_is_own from public.person_roles where person_id = v_person_id and role = p_payload ->> 'role' and revoked_at is null and (expires_at is null or expires_at > clock_timestamp());
  return case
    when v_is_own is null then format('%s does not hold the role %s', public._known_as(p_payload ->> 'external_id'), p_payload ->> 'role')
    when v_is_own then public._team_problem(v_person_id, p_payload ->> 'role', null) end;
end
$$;

create function public._link_accounts_problem(p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
  v_other_id uuid := public._person_of((p_payload ->> 'other_external_id')::bigint);
begin
  return case
    when v_person_id is null or v_other_id is null then
      format('%s is not known: whoever it is has to write to the bot first', public._known_as(case when v_person_id is null then p_payload ->> 'external_id' else p_payload ->> 'other_external_id' end))
    when v_person_id = v_other_id then 'these two accounts are one person already'
    else public._team_problem(v_other_id, null, v_person_id) end;
end
$$;

create function public._delegation_problem(p_payload jsonb, p_proposer uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
  v_from_id uuid := public._person_of((p_payload ->> 'from_external_id')::bigint);
  v_role text := p_payload ->> 'role';
begin
  return case
    when (p_payload ->> 'seconds')::bigint not between 300 and 2592000 then 'a delegation lasts from 5 minutes to 30 days'
    when v_from_id is distinct from p_proposer then 'everybody delegates a role of their own'
    when v_person_id = v_from_id then 'a role is delegated to somebody else'
    when not exists (select 1 from public.person_roles r where r.person_id = v_from_id and r.revoked_at is null and r.expires_at is null and (r.role = v_role or (r.role = 'owner' and v_role = 'operator')))
      then format('%s does not hold the role %s, or only by delegation, and cannot delegate it', public._name_of(v_from_id), v_role)
    when v_role = any (public._roles_of(v_person_id)) then format('%s already holds the role %s', public._name_of(v_person_id), v_role)
    when v_role = 'operator' and 'owner' = any (public._roles_of(v_person_id)) then format('%s is an owner, who may do what an operator may', public._name_of(v_person_id)) end;
end
$$;

create function public._change_form_problem(p_kind text, p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_keys text[];
  v_key text;
begin
  if p_kind = 'policy' then
    return public._policy_form_problem(p_payload);
  elsif p_kind = 'break_glass' then
    return public._break_glass_form_problem(p_payload);
  end if;
  v_keys := case p_kind
    when 'role_grant' then array['external_id', 'role'] when 'role_revoke' then array['external_id', 'role']
    when 'factor_reset' then array['external_id']
    when 'link_accounts' then array['external_id', 'other_external_id'] when 'delegation' then array['external_id', 'from_external_id', 'role', 'seconds'] end;
  if v_keys is null then
    return format('there is no such kind of change: %s', left(coalesce(p_kind, 'null'), 40));
  end if;
  if jsonb_typeof(p_payload) is distinct from 'object' then
    return format('a %s names %s', p_kind, array_to_string(v_keys, ', '));
  end if;
  if array(select k from jsonb_object_keys(p_payload) k order by k collate "C") is distinct from v_keys then
    return format('a %s names %s and nothing else', p_kind, array_to_string(v_keys, ', '));
  end if;
  foreach v_key in array v_keys loop
    if v_key = 'role' then
      continue when p_payload ->> v_key is not null and p_payload ->> v_key in ('owner', 'operator', 'reviewer');
      return 'a role is owner, operator or reviewer';
    end if;
    -- As Telegram counts people and as a number is written once only: the checksum is over these very characters.
    continue when jsonb_typeof(p_payload -> v_key) = 'number' and p_payload ->> v_key ~ '^[1-9][0-9]{0,15}$' and (v_key = 'seconds' or (p_payload ->> v_key)::bigint not in (777000, 1087968824, 136817688));
    return format('%s has to be the number of a person''s account, and %s is none', v_key, left(coalesce(p_payload ->> v_key, 'null'), 40));
  end loop;
  return null;
end
$$;

create function public._change_problem(p_kind text, p_payload jsonb, p_proposer uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_proposers jsonb := public._change_kind(p_kind) -> 'proposers';
  v_problem text := public._change_form_problem(p_kind, p_payload);
begin
  if v_problem is not null then
    return v_problem;
  end if;
  if not exists (select 1 from unnest(public._roles_of(p_proposer)) r where v_proposers ? r) then
    return format('%s, who proposes it, does not hold a role that may', coalesce(public._name_of(p_proposer), 'whoever'));
  end if;
  return case p_kind
    when 'role_grant' then public._role_grant_problem(p_payload)
    when 'role_revoke' then public._role_revoke_problem(p_payload)
    when 'link_accounts' then public._link_accounts_problem(p_payload)
    when 'delegation' then public._delegation_problem(p_payload, p_proposer)
    when 'policy' then public._policy_problem(p_payload)
    when 'break_glass' then public._break_glass_problem(p_payload, p_proposer)
    when 'factor_reset' then public._factor_reset_problem(p_payload, p_proposer) end;
end
$$;
comment on function public._change_problem(text, jsonb, uuid) is 'Why this cannot be changed now, as a sentence; null when it can. Asked when it is proposed, and again before it is applied.';

create function public._people_state(p_people uuid[]) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('name', p.display_name,
      'accounts', (select coalesce(jsonb_agg(i.external_id order by i.external_id), '[]'::jsonb) from public.identities i where i.person_id = p.person_id),
      'roles', (select coalesce(jsonb_agg(jsonb_build_object('role', r.role, 'until', r.expires_at, 'seconds', null) order by r.role), '[]'::jsonb) from public.person_roles r
        where r.person_id = p.person_id and r.revoked_at is null and (r.expires_at is null or r.expires_at > clock_timestamp()))) order by p.created_at, p.person_id), '[]'::jsonb)
    from public.people p where p.person_id = any (p_people)
  );
end
$$;

create function public._change_preview(p_kind text, p_payload jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_before jsonb;
  v_one jsonb;
  v_roles jsonb;
begin
  if p_kind in ('policy', 'break_glass') then
    -- It concerns everybody and nobody in particular: what changes is told from the two documents, or from the task.
    return '{"before":[],"after":[]}'::jsonb;
  end if;
  -- The account that stays comes first; of one that nobody has met there is only the number.
  v_before := public._people_state(array_remove(array[public._person_of((p_payload ->> 'external_id')::bigint)], null));
  if jsonb_array_length(v_before) = 0 then
    v_before := jsonb_build_array(jsonb_build_object('name', 'tg:' || (p_payload ->> 'external_id'), 'accounts', jsonb_build_array(p_payload -> 'external_id'), 'roles', '[]'::jsonb));
  end if;
  v_one := v_before -> 0;
  select coalesce(jsonb_agg(r), '[]'::jsonb) into v_roles from jsonb_array_elements(v_one -> 'roles') r where r ->> 'role' is distinct from p_payload ->> 'role';
  if p_kind = 'factor_reset' then
    return jsonb_build_object('before', v_before, 'after', v_before);
  elsif p_kind = 'role_revoke' then
    return jsonb_build_object('before', v_before, 'after', jsonb_build_array(v_one || jsonb_build_object('roles', v_roles)));
  elsif p_kind = 'link_accounts' then
    v_before := v_before || public._people_state(array_remove(array[public._person_of((p_payload ->> 'other_external_id')::bigint)], null));
    select coalesce(jsonb_agg(x.r order by x.r ->> 'role'), '[]'::jsonb) into v_roles from (
      -- Held by both: what does not end outlasts what does.
      select distinct on (r ->> 'role') r from jsonb_array_elements(v_before) p, jsonb_array_elements(p -> 'roles') r order by r ->> 'role', (r ->> 'until')::timestamptz desc nulls first) x;
    return jsonb_build_object('before', v_before, 'after', jsonb_build_array(v_one || jsonb_build_object('roles', v_roles,
      'accounts', (select jsonb_agg(a order by a) from jsonb_array_elements(v_before) p, jsonb_array_elements(p -> 'accounts') a))));
  end if;
  return jsonb_build_object('before', v_before, 'after', jsonb_build_array(v_one || jsonb_build_object('roles',
    v_roles || jsonb_build_object('role', p_payload ->> 'role', 'until', null, 'seconds', p_payload -> 'seconds'))));
end
$$;
comment on function public._change_preview(text, jsonb) is 'The people concerned as they are and as they would be: name, accounts, roles. {before, after}';

create function public._change_slot(p_change public.changes, p_person_id uuid, p_as_role text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_roles text[] := public._roles_of(p_person_id);
  v_kind jsonb := public._change_kind(p_change.kind);
  v_slot text;
  v_fits text[];
  v_others uuid[];
begin
  -- An owner may do what an operator may; whoever fits both fills the owner slot first.
  v_fits := array(select s from unnest(p_change.slots) s where public._fits_change_slot(p_change.kind, s, v_roles) order by s = 'owner' desc);
  if cardinality(v_fits) = 0 then
    return jsonb_build_object('code', 'no_role');
  end if;
  if p_person_id = any (public._concerned(p_change.payload)) and not (p_person_id = p_change.proposed_by and (v_kind ->> 'may_concern_proposer')::boolean) then
    return jsonb_build_object('code', 'concerned');
  end if;
  if p_person_id = p_change.proposed_by then
    v_fits := array(select f from unnest(v_fits) with ordinality x (f, place) where v_kind -> 'proposer_fills' ? f order by x.place);
    if cardinality(v_fits) = 0 then
      return jsonb_build_object('code', 'proposer');
    end if;
  end if;
  v_others := public._behind_others(p_change, p_person_id);
  v_fits := array(select f from unnest(v_fits) with ordinality x (f, place) where not public._behind(p_change.kind, p_person_id, f, clock_timestamp()) && v_others order by x.place);
  if cardinality(v_fits) = 0 then
    return jsonb_build_object('code', 'stand_in');
  end if;
  if p_change.kind = 'break_glass' and p_person_id <> p_change.proposed_by and public._glass_lacks(p_change, p_person_id) then
    return jsonb_build_object('code', 'fills_nothing');
  end if;
  if p_as_role is not null then
    v_fits := array(select f from unnest(v_fits) f where f = p_as_role);
    if cardinality(v_fits) = 0 then
      return jsonb_build_object('code', 'no_role');
    end if;
  end if;
  select x.f into v_slot from unnest(v_fits) with ordinality x (f, place)
  where not exists (select 1 from public.change_decisions d where d.change_id = p_change.change_id and d.decision = 'approve' and d.voided_at is null and d.slot = x.f) order by x.place limit 1;
  return jsonb_build_object('code', case when v_slot is null then 'slot_taken' end, 'slot', v_slot);
end
$$;
comment on function public._change_slot(public.changes, uuid, text) is 'The slot of a change that this person would fill, or the code of why there is none.';

create function public._change_people_problem(p_change public.changes) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_filled text := public._change_slot(p_change, p_change.proposed_by, null) ->> 'slot';
begin
  -- Looks for an assignment of what the proposal leaves open: somebody for each slot, nobody twice.
  return (
    with able as (
      select r.person_id, bool_or(r.role = 'owner') as can_own from public.person_roles r
      where r.revoked_at is null and (r.expires_at is null or r.expires_at > clock_timestamp()) and public._fits_change_slot(p_change.kind, 'operator', array[r.role])
        and r.person_id <> p_change.proposed_by and r.person_id <> all (public._concerned(p_change.payload))
        and (r.delegated_by = any (p_change.proposed_by || public._concerned(p_change.payload))) is not true
      group by r.person_id
    )
    select case when not case v_filled
      when 'owner' then exists (select 1 from able)
      when 'operator' then exists (select 1 from able where can_own)
      else exists (select 1 from able w join able o on o.person_id <> w.person_id where w.can_own
        and not public._behind(p_change.kind, w.person_id, 'owner', clock_timestamp()) && public._behind(p_change.kind, o.person_id, 'operator', clock_timestamp())) end
      then 'it takes two people, and besides whoever proposes it and whom it concerns there is nobody who could be the second one' end
  );
end
$$;

create function public._change_view(p_change_id uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('change_id', c.change_id, 'reference', c.reference, 'kind', c.kind, 'status', c.status, 'payload', c.payload, 'checksum', c.checksum, 'reason', c.reason,
      'slots', to_jsonb(c.slots), 'policy_version', c.policy_version, 'proposer', public._name_of(c.proposed_by), 'proposed_by', c.proposer, 'created_at', c.created_at, 'expires_at', c.expires_at,
      'decided_at', c.decided_at, 'ended_at', c.ended_at, 'void_reason', c.void_reason,
      'break_glass', case when c.kind = 'break_glass' then public._break_glass_view(c) end,
      'policy', case when c.kind = 'policy' then c.payload || jsonb_build_object('version', (select p.policy_version from public.policies p where p.change_id = c.change_id)) end,
      'before', coalesce(c.before_json, x.preview -> 'before'), 'after', coalesce(c.after_json, x.preview -> 'after'),
      'decisions', coalesce((select jsonb_agg(jsonb_build_object('slot', d.slot, 'decision', d.decision, 'name', public._name_of(d.person_id), 'approver', d.approver, 'reason', d.reason, 'at', d.ts,
        'void_reason', d.void_reason, 'delegated_by', public._delegated_by(d.person_id, d.slot, d.ts)) order by d.ts) from public.change_decisions d where d.change_id = c.change_id), '[]'::jsonb),
      'concerned', coalesce((select jsonb_agg(jsonb_build_object('external_id', i.external_id, 'display_name', public._name_of(i.person_id), 'roles', to_jsonb(public._roles_of(i.person_id)),
        'has_private_chat', i.private_chat_since is not null) order by i.external_id) from public.identities i where i.person_id = any (public._concerned(c.payload))), '[]'::jsonb))
    from public.changes c cross join lateral (select case when c.before_json is null then public._change_preview(c.kind, c.payload) end as preview) x
    where c.change_id = p_change_id
  );
end
$$;
comment on function public._change_view(uuid) is 'Everything that the card of a change shows.';

create function public._show_change(p_change_id uuid) returns jsonb
language plpgsql volatile set search_path = ''
as $$
begin
  return public._job('change.show', p_change_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint);
end
$$;

create function public._drop_lost_decisions(p_change public.changes) returns boolean
language plpgsql volatile set search_path = ''
as $$
declare
  v_decision public.change_decisions;
  v_reason text;
  v_is_any boolean := false;
begin
  for v_decision in
    select * from public.change_decisions d where d.change_id = p_change.change_id and d.decision = 'approve' and d.voided_at is null
      and not public._fits_change_slot(p_change.kind, d.slot, public._roles_of(d.person_id)) for update
  loop
    v_reason := format('%s no longer holds the role %s', public._name_of(v_decision.person_id), v_decision.slot);
    update public.change_decisions set voided_at = clock_timestamp(), void_reason = v_reason where decision_id = v_decision.decision_id;
    perform public._audit('system', 'system', 'change.uncount', p_change.reference, jsonb_build_object('approver', v_decision.approver, 'slot', v_decision.slot), jsonb_build_object('reason', v_reason));
    v_is_any := true;
  end loop;
  return v_is_any;
end
$$;
comment on function public._drop_lost_decisions(public.changes) is 'The approvals of people who have lost the role since then: they stay written down and count no longer.';

create function public._drop_all_lost_decisions() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_change public.changes;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_change in select * from public.changes where status = 'pending' order by created_at, change_id for update loop
    if public._drop_lost_decisions(v_change) then
      v_deliver := v_deliver || public._show_change(v_change.change_id);
    end if;
  end loop;
  return v_deliver;
end
$$;

create function public._uncounted(p_request public.approval_requests) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_separation text := public._separation(public._policy(p_request.policy_version), p_request.tier);
begin
  return (
    select case when x.is_held then format('%s asked for this', public._name_of(x.person_id)) else format('%s no longer holds the role %s', public._name_of(x.person_id), x.role) end
    from (
      select a.person_id, a.role, a.ts, a.role = any (public._roles_of(a.person_id)) or (a.role = 'operator' and 'owner' = any (public._roles_of(a.person_id))) as is_held,
        a.person_id = p_request.requester_person_id and (v_separation = 'none' or (v_separation = 'operator' and a.role <> 'operator')) as is_own
      from public.approvals a where a.request_id = p_request.request_id and a.decision = 'approve'
    ) x
    where not x.is_held or x.is_own order by x.ts limit 1
  );
end
$$;
comment on function public._uncounted(public.approval_requests) is 'Why an approval that was counted can count no longer, as a sentence; null when all of them still can.';

create function public._ask_again(p_request public.approval_requests, p_reason text, p_actor text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_subject text;
begin
  select subject_node into v_subject from public.task_steps where step_id = p_request.step_id for update;
  perform public._void_request(p_request, p_reason, p_actor);
  -- What had been approved and not yet let out is taken back with it.
  update public.task_steps set status = 'pending', ended_at = null, worker = null, lease_expires_at = null, fence = fence + 1
  where task_id = p_request.task_id and subject_node = v_subject and kind in ('approve', 'effect') and status in ('awaiting_approval', 'done', 'ready', 'running');
  return (public._advance(p_request.task_id, null, null) -> 'deliver') || public._changed(p_request.task_id) || public._redraw_cards(p_request.task_id);
end
$$;
comment on function public._ask_again(public.approval_requests, text, text) is 'The request is void, and the same is asked anew under another reference. The caller holds the task.';

create function public._recheck_requests(p_people uuid[], p_actor text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_task_id text;
  v_request public.approval_requests;
  v_reason text;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_task_id in
    select t.task_id from public.tasks t where t.ended_at is null
      and (exists (select 1 from public.approvals a where a.task_id = t.task_id and a.person_id = any (p_people)) or exists (select 1 from public.effects e where e.task_id = t.task_id and e.doubt_resend_by = any (p_people)))
    order by t.task_id
  loop
    perform 1 from public.tasks where task_id = v_task_id and ended_at is null for update;
    continue when not found;
    for v_request in
      select * from public.approval_requests r where r.task_id = v_task_id and r.status in ('pending', 'approved')
        and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void') order by r.created_at for update
    loop
      v_reason := public._uncounted(v_request);
      if v_reason is not null then
        v_deliver := v_deliver || public._ask_again(v_request, v_reason, p_actor);
      end if;
    end loop;
    -- Whoever asked to send again needs the role for it when the second person answers.
    update public.effects e set doubt_resend_by = null, doubt_resend_slot = null where e.task_id = v_task_id and e.status = 'in_doubt' and e.doubt_resend_by = any (p_people)
      and not public._roles_of(e.doubt_resend_by) && array[e.doubt_resend_slot, 'owner'];
  end loop;
  return v_deliver;
end
$$;
comment on function public._recheck_requests(uuid[], text) is 'After these people''s roles have changed: every open request that counted an approval which no longer counts is void and asked anew.';

create function public._apply_role_grant(p_change public.changes) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_person_id uuid := public._ensure_person((p_change.payload ->> 'external_id')::bigint, null);
begin
  -- A role of one's own takes the place of one that was delegated.
  update public.person_roles set revoked_at = clock_timestamp(), revoked_by = p_change.proposer, revoked_change_id = p_change.change_id
  where person_id = v_person_id and role = p_change.payload ->> 'role' and revoked_at is null;
  insert into public.person_roles (person_id, role, source, granted_by, granted_change_id) values (v_person_id, p_change.payload ->> 'role', 'grant', p_change.proposer, p_change.change_id);
  return '[]'::jsonb;
end
$$;

create function public._apply_role_revoke(p_change public.changes) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_change.payload ->> 'external_id')::bigint);
begin
  update public.person_roles set revoked_at = clock_timestamp(), revoked_by = p_change.proposer, revoked_change_id = p_change.change_id
  where person_id = v_person_id and role = p_change.payload ->> 'role' and revoked_at is null;
  return public._recheck_requests(array[v_person_id] || public._end_orphaned_delegations(p_change.proposer, p_change.change_id), p_change.proposer);
end
$$;

create function public._apply_link_accounts(p_change public.changes) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_person_id uuid := public._person_of((p_change.payload ->> 'external_id')::bigint);
  v_other_id uuid := public._person_of((p_change.payload ->> 'other_external_id')::bigint);
  v_role public.person_roles;
begin
  for v_role in select * from public.person_roles where person_id = v_other_id and revoked_at is null order by role for update loop
    update public.person_roles set revoked_at = clock_timestamp(), revoked_by = p_change.proposer, revoked_change_id = p_change.change_id where grant_id = v_role.grant_id
      or (person_id = v_person_id and role = v_role.role and revoked_at is null and expires_at < coalesce(v_role.expires_at, 'infinity'::timestamptz));
    insert into public.person_roles (person_id, role, source, granted_by, granted_at, delegated_by, expires_at, granted_change_id)
    values (v_person_id, v_role.role, v_role.source, v_role.granted_by, clock_timestamp(), v_role.delegated_by, v_role.expires_at, p_change.change_id)
    on conflict (person_id, role) where revoked_at is null do nothing;
  end loop;
  update public.person_roles set delegated_by = v_person_id where delegated_by = v_other_id and revoked_at is null;
  update public.identities set person_id = v_person_id where person_id = v_other_id;
  -- A confirmed second factor goes along, in the place of one that was only begun; where both have one, that of the person who stays counts.
  delete from public.second_factors f where f.person_id = v_person_id and f.confirmed_at is null
    and exists (select 1 from public.second_factors o where o.person_id = v_other_id and o.confirmed_at is not null);
  update public.second_factors f set person_id = v_person_id where f.person_id = v_other_id and f.confirmed_at is not null
    and not exists (select 1 from public.second_factors o where o.person_id = v_person_id);
  update public.changes set proposed_by = v_person_id where proposed_by = v_other_id and status = 'pending';
  update public.change_decisions d set voided_at = clock_timestamp(), void_reason = 'the two accounts are one person'
  from public.changes c where c.change_id = d.change_id and c.status = 'pending' and c.change_id <> p_change.change_id and d.person_id = v_other_id and d.voided_at is null
    and exists (select 1 from public.change_decisions o where o.change_id = d.change_id and o.person_id = v_person_id and o.voided_at is null);
  update public.change_decisions d set person_id = v_person_id from public.changes c where c.change_id = d.change_id and c.status = 'pending' and d.person_id = v_other_id and d.voided_at is null;
  return public._join_approvals(v_person_id, v_other_id, p_change.proposer) || public._recheck_requests(array[v_person_id, v_other_id], p_change.proposer);
end
$$;

create function public._join_approvals(p_person_id uuid, p_other_id uuid, p_actor text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_task_id text;
  v_is_open boolean;
  v_may_go_on boolean;
  v_request public.approval_requests;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Who asked is known of every task, also of one that is over: it may be asked anew, and what was denied stays denied to that person.
  for v_task_id in
    select t.task_id from public.tasks t where t.requester_person_id = p_other_id
      or ((t.ended_at is null or t.status = 'expired') and exists (select 1 from public.approvals a where a.task_id = t.task_id and a.person_id = p_other_id)) order by t.task_id
  loop
    select ended_at is null, ended_at is null or status = 'expired' into v_is_open, v_may_go_on from public.tasks where task_id = v_task_id for update;
    update public.tasks set requester_person_id = p_person_id where task_id = v_task_id and requester_person_id = p_other_id;
    update public.approval_requests set requester_person_id = p_person_id where task_id = v_task_id and requester_person_id = p_other_id;
    for v_request in
      select * from public.approval_requests r where v_is_open and r.task_id = v_task_id and r.status in ('pending', 'approved')
        and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void')
        and (select count(*) from public.approvals a where a.request_id = r.request_id and a.decision = 'approve' and a.person_id in (p_person_id, p_other_id)) > 1 order by r.created_at for update
    loop
      v_deliver := v_deliver || public._ask_again(v_request, format('two accounts of %s had approved it', public._name_of(p_person_id)), p_actor);
    end loop;
    update public.approvals a set person_id = p_person_id where v_may_go_on and a.task_id = v_task_id and a.person_id = p_other_id
      and not exists (select 1 from public.approvals o where o.request_id = a.request_id and o.person_id = p_person_id);
  end loop;
  return v_deliver;
end
$$;
comment on function public._join_approvals(uuid, uuid, text) is 'Every task that one of the two accounts asked for, and every approval of what may still go on, is that one person''s; a request that both had approved is asked anew.';

create function public._apply_delegation(p_change public.changes) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_person_id uuid := public._ensure_person((p_change.payload ->> 'external_id')::bigint, null);
  v_over public.person_roles;
begin
  -- One whose time is over, and that no sweep has found yet, makes way.
  update public.person_roles set revoked_at = clock_timestamp(), revoked_by = 'system'
  where person_id = v_person_id and role = p_change.payload ->> 'role' and revoked_at is null and expires_at <= clock_timestamp() returning * into v_over;
  if v_over.grant_id is not null then
    update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = v_over.granted_change_id and ended_at is null;
    perform public._audit('system', 'system', 'role.end', (select reference from public.changes where change_id = v_over.granted_change_id),
      jsonb_build_object('role', v_over.role, 'person', public._name_of(v_person_id)), jsonb_build_object('expires_at', v_over.expires_at));
  end if;
  insert into public.person_roles (person_id, role, source, granted_by, granted_change_id, delegated_by, expires_at)
  values (v_person_id, p_change.payload ->> 'role', 'delegation', p_change.proposer, p_change.change_id, p_change.proposed_by, clock_timestamp() + make_interval(secs => (p_change.payload ->> 'seconds')::integer));
  return '[]'::jsonb;
end
$$;

create function public._end_orphaned_delegations(p_actor text, p_change_id uuid) returns uuid[]
language plpgsql volatile set search_path = ''
as $$
declare
  v_role public.person_roles;
  v_people uuid[] := '{}'::uuid[];
begin
  -- What somebody no longer holds they no longer lend.
  for v_role in
    select * from public.person_roles d where d.source = 'delegation' and d.revoked_at is null
      and not exists (select 1 from public.person_roles r where r.person_id = d.delegated_by and r.revoked_at is null and r.expires_at is null and (r.role = d.role or (r.role = 'owner' and d.role = 'operator')))
    order by d.grant_id for update
  loop
    perform public._lock_people(array[v_role.person_id]);
    update public.person_roles set revoked_at = clock_timestamp(), revoked_by = p_actor, revoked_change_id = p_change_id where grant_id = v_role.grant_id;
    update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = v_role.granted_change_id and ended_at is null;
    v_people := v_people || v_role.person_id;
  end loop;
  return v_people;
end
$$;

create function public._end_due_delegations() returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_role public.person_roles;
  v_deliver jsonb := '[]'::jsonb;
  v_ended public.person_roles[] := '{}'::public.person_roles[];
begin
  perform public._lock_people(array(select person_id from public.person_roles where revoked_at is null and expires_at <= clock_timestamp()));
  for v_role in select * from public.person_roles where revoked_at is null and expires_at <= clock_timestamp() order by grant_id for update loop
    update public.person_roles set revoked_at = clock_timestamp(), revoked_by = 'system' where grant_id = v_role.grant_id;
    v_ended := array_append(v_ended, v_role);
  end loop;
  if cardinality(v_ended) = 0 then
    return v_deliver;
  end if;
  v_deliver := public._recheck_requests(array(select e.person_id from unnest(v_ended) e), 'system');
  foreach v_role in array v_ended loop
    update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = v_role.granted_change_id and ended_at is null;
    v_deliver := v_deliver || coalesce(public._show_change(v_role.granted_change_id), '[]'::jsonb);
    perform public._audit('system', 'system', 'role.end', (select reference from public.changes where change_id = v_role.granted_change_id),
      jsonb_build_object('role', v_role.role, 'person', public._name_of(v_role.person_id)), jsonb_build_object('expires_at', v_role.expires_at));
  end loop;
  return v_deliver || public._drop_all_lost_decisions();
end
$$;
comment on function public._end_due_delegations() is 'Delegations whose time is over. Until then an approval that was given under one may still be let out; new decisions are measured by the clock.';

create function public._end_change(p_change public.changes, p_status text, p_actor text, p_reason text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
begin
  if p_change.kind = 'break_glass' then
    perform public._audit_break_glass(p_change, p_actor, case p_status when 'rejected' then 'reject' when 'expired' then 'expire' else 'void' end, jsonb_build_object('reason', left(p_reason, 500)));
  end if;
  update public.changes set status = p_status, decided_at = clock_timestamp(), void_reason = case when p_status = 'void' then left(coalesce(p_reason, 'not given'), 500) end, tell_requested_at = clock_timestamp() where change_id = p_change.change_id;
  perform public._audit('system', p_actor, 'change.' || case p_status when 'void' then 'void' when 'expired' then 'expire' else 'reject' end, p_change.reference,
    jsonb_build_object('status', p_change.status), jsonb_strip_nulls(jsonb_build_object('kind', p_change.kind, 'status', p_status, 'reason', left(p_reason, 500))));
  perform public._event(null, 'CHANGE_ENDED', null, null, jsonb_build_object('reference', p_change.reference, 'kind', p_change.kind, 'status', p_status), p_change.reference || ':ended');
  return public._show_change(p_change.change_id);
end
$$;
comment on function public._end_change(public.changes, text, text, text) is 'A change that does not come about: rejected, expired or void.';

create function public._apply_change(p_change public.changes, p_actor text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_problem text;
  v_before jsonb;
  v_after jsonb;
  v_deliver jsonb;
begin
  perform public._lock_people(public._concerned(p_change.payload));
  perform 1 from public.tasks where task_id = p_change.payload ->> 'task_id' for update;
  -- Everything again: since it was proposed people may have come, gone, or lost a role.
  v_problem := public._change_problem(p_change.kind, p_change.payload, p_change.proposed_by);
  if v_problem is not null then
    return jsonb_build_object('outcome', 'void', 'deliver', public._end_change(p_change, 'void', p_actor, v_problem));
  end if;
  v_before := public._change_preview(p_change.kind, p_change.payload) -> 'before';
  v_deliver := case p_change.kind
    when 'role_grant' then public._apply_role_grant(p_change)
    when 'role_revoke' then public._apply_role_revoke(p_change)
    when 'link_accounts' then public._apply_link_accounts(p_change)
    when 'delegation' then public._apply_delegation(p_change)
    when 'policy' then public._apply_policy(p_change)
    when 'break_glass' then public._open_break_glass(p_change, p_actor)
    when 'factor_reset' then public._apply_factor_reset(p_change) end;
  if v_deliver is null then
    perform public._refuse('ZT001', 'nothing applies this kind of change', jsonb_build_object('kind', p_change.kind));
  end if;
  v_after := public._people_state(public._concerned(p_change.payload));
  update public.changes set status = 'applied', decided_at = clock_timestamp(), before_json = v_before, after_json = v_after, tell_requested_at = clock_timestamp() where change_id = p_change.change_id;
  perform public._audit('system', p_actor, 'change.apply', p_change.reference, v_before, jsonb_build_object('kind', p_change.kind, 'checksum', p_change.checksum, 'after', v_after,
    'decided_by', (select jsonb_object_agg(d.slot, d.approver) from public.change_decisions d where d.change_id = p_change.change_id and d.decision = 'approve' and d.voided_at is null)));
  perform public._event(null, 'CHANGE_ENDED', null, null, jsonb_build_object('reference', p_change.reference, 'kind', p_change.kind, 'status', 'applied'), p_change.reference || ':ended');
  -- Its own news, and those of delegations that ended with it.
  return jsonb_build_object('outcome', 'applied', 'deliver', v_deliver || public._drop_all_lost_decisions()
    || (select jsonb_agg(public._show_change(c.change_id) -> 0) from public.changes c where c.tell_requested_at is not null));
end
$$;
comment on function public._apply_change(public.changes, text) is 'Checks once more and changes, in the transaction of the last approval; or voids the change with what stands against it.';

create function public._record_change_decision(p_change public.changes, p_person_id uuid, p_actor text, p_slot text, p_decision text, p_reason text, p_via text) returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_decision_id uuid;
begin
  insert into public.change_decisions (change_id, approver, person_id, slot, decision, reason, checksum, via, factor_checked_at)
  values (p_change.change_id, p_actor, p_person_id, p_slot, p_decision, nullif(left(btrim(p_reason), 2000), ''), p_change.checksum, p_via,
    case when p_decision = 'approve' then public._spend_factor('change:' || p_change.change_id, p_person_id) end) returning decision_id into v_decision_id;
  perform public._event(null, 'CHANGE_DECIDED', null, null, jsonb_build_object('reference', p_change.reference, 'decision', p_decision, 'slot', p_slot, 'approver', p_actor), p_change.reference || ':' || v_decision_id);
end
$$;

create function public.propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_change public.changes;
  v_policy public.policies;
  v_kind jsonb := public._change_kind(p_kind);
  v_problem text;
  v_slot text;
  v_factor text;
  v_prompt_id uuid;
  v_calls jsonb;
begin
  -- One at a time in the whole fleet: who may decide must not change while it is looked at.
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  perform 1 from public.stop_switch for share;
  v_person_id := public._person_of(p_external_id);
  if v_kind is not null and not exists (select 1 from unnest(public._roles_of(v_person_id)) r where v_kind -> 'proposers' ? r) then
    perform public._audit('system', v_actor, 'change.refuse', left(p_kind, 40), null, jsonb_build_object('code', 'no_role', 'asked', 'propose'));
    return jsonb_build_object('outcome', 'refused', 'code', 'no_role', 'problem', null, 'slot', null, 'change', null, 'deliver', '[]'::jsonb);
  end if;
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  if v_policy.policy_version is null then
    perform public._refuse('ZT001', 'no policy is in force');
  end if;
  v_problem := public._change_problem(p_kind, p_payload, v_person_id);
  if v_problem is null then
    v_change.checksum := encode(sha256(convert_to(p_kind || ':' || p_payload::text, 'UTF8')), 'hex');
    select * into v_change from public.changes where kind = p_kind and checksum = v_change.checksum and status = 'pending' and expires_at > clock_timestamp();
    if v_change.change_id is not null then
      return jsonb_build_object('outcome', 'exists', 'code', null, 'problem', null, 'slot', null, 'change', public._change_view(v_change.change_id), 'deliver', '[]'::jsonb);
    end if;
    v_change := jsonb_populate_record(null::public.changes, jsonb_build_object('change_id', gen_random_uuid(), 'kind', p_kind, 'payload', p_payload, 'proposed_by', v_person_id, 'slots', v_kind -> 'slots'));
    v_problem := public._change_people_problem(v_change);
  end if;
  if v_problem is not null then
    perform public._audit('system', v_actor, 'change.refuse', left(coalesce(p_kind, 'change'), 40), null, jsonb_build_object('code', 'not_possible', 'asked', 'propose', 'problem', v_problem));
    return jsonb_build_object('outcome', 'refused', 'code', 'not_possible', 'problem', v_problem, 'slot', null, 'change', null, 'deliver', '[]'::jsonb);
  end if;
  v_change.expires_at := clock_timestamp() + case p_kind when 'break_glass' then public._break_glass_patience(v_policy.document)
    else make_interval(secs => coalesce((v_policy.document -> 'approval_times' ->> 'expire_after')::integer, 86400)) end;
  -- The same one whose time is over, and that no sweep has found yet, makes way.
  perform public._end_change(c, 'expired', 'system', null) from public.changes c where c.kind = p_kind and c.payload = p_payload and c.status = 'pending';
  v_calls := public._call_times(v_policy.document, clock_timestamp(), v_change.expires_at);
  insert into public.changes (change_id, reference, kind, payload, checksum, subject, reason, proposed_by, proposer, slots, policy_version, expires_at, remind_at, escalate_at, warn_at)
  values (v_change.change_id, public._new_reference('T3'), p_kind, p_payload, encode(sha256(convert_to(p_kind || ':' || p_payload::text, 'UTF8')), 'hex'), coalesce('tg:' || (p_payload ->> 'external_id'), p_kind),
    nullif(left(btrim(p_reason), 2000), ''), v_person_id, v_actor, v_change.slots, v_policy.policy_version, v_change.expires_at,
    (v_calls ->> 'remind_at')::timestamptz, (v_calls ->> 'escalate_at')::timestamptz, (v_calls ->> 'warn_at')::timestamptz)
  returning * into v_change;
  if p_kind = 'break_glass' then
    perform public._audit_break_glass(v_change, v_actor, 'ask', jsonb_build_object('reason', v_change.reason));
  end if;
  perform public._event(null, 'CHANGE_PROPOSED', null, null, jsonb_build_object('reference', v_change.reference, 'kind', p_kind, 'checksum', v_change.checksum, 'proposer', v_actor), v_change.reference || ':proposed');
  v_slot := public._change_slot(v_change, v_person_id, null) ->> 'slot';
  v_factor := case when v_slot is not null then public._factor_refusal('change:' || v_change.change_id, v_change.policy_version, 'T3', v_person_id) end;
  if v_factor is not null then
    -- Proposed it is; the word of whoever proposes it counts with the code.
    v_slot := null;
    v_prompt_id := case when v_factor = 'factor_needed' then public._ask_factor('change:' || v_change.change_id, p_external_id, jsonb_build_object('reason', v_change.reason)) end;
  elsif v_slot is not null then
    perform public._record_change_decision(v_change, v_person_id, v_actor, v_slot, 'approve', p_reason, 'proposal');
  end if;
  perform public._audit('system', v_actor, 'change.propose', v_change.reference, null, jsonb_strip_nulls(jsonb_build_object('kind', p_kind, 'payload', p_payload, 'checksum', v_change.checksum, 'slot', v_slot,
    'policy_version', v_change.policy_version, 'reason', left(v_change.reason, 500))));
  return jsonb_build_object('outcome', 'proposed', 'code', null, 'problem', null, 'slot', v_slot, 'factor', v_factor, 'prompt_id', v_prompt_id, 'change', public._change_view(v_change.change_id), 'deliver', public._show_change(v_change.change_id));
end
$$;
comment on function public.propose_change(bigint, text, jsonb, text) is
  'A change of roles or accounts, for two people to decide. The proposal fills the one slot that its kind lets it fill, where the policy asks for a code (factor) once that is given. The same open proposal again is the first one; what cannot be is refused with a sentence.';

create function public._find_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_card public.cards;
  v_change_id uuid;
begin
  if p_token is null then
    select change_id into v_change_id from public.changes where reference = upper(btrim(p_reference));
    return jsonb_build_object('change_id', v_change_id, 'code', case when v_change_id is null then 'unknown_reference' end);
  end if;
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'change';
  if v_card.card_id is null then
    return jsonb_build_object('change_id', null, 'code', 'unknown_button');
  end if;
  return jsonb_build_object('change_id', v_card.change_id, 'code', public._press(v_card.card_id, p_chat_id, p_message_id));
end
$$;

create function public._change_refusal(p_change public.changes, p_person_id uuid, p_decision text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case
    when not public._fits_change_slot(p_change.kind, 'operator', public._roles_of(p_person_id)) then 'no_role'
    -- A veto only ever keeps something in: it counts also while stopped.
    when p_change.kind = 'break_glass' and p_decision is distinct from 'reject' and (select stopped_at is not null from public.stop_switch) then 'stopped'
    when p_change.status = 'applied' then 'already_applied'
    when p_change.status = 'rejected' then 'already_rejected'
    when p_change.status = 'void' then 'void'
    when p_change.status = 'expired' or p_change.expires_at <= clock_timestamp() then 'expired' end;
end
$$;

create function public.decide_change(
  p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb;
  v_change public.changes;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_slot jsonb;
  v_code text;
  v_result jsonb := jsonb_build_object('outcome', 'refused', 'deliver', '[]'::jsonb);
  v_is_complete boolean;
  v_in_force integer;
  v_prompt_id uuid;
begin
  if p_source is null or p_source not in ('button', 'command', 'reply') then
    perform public._refuse('ZT007', 'a decision comes by button, command or reply', jsonb_build_object('source', p_source));
  end if;
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  perform 1 from public.stop_switch for share;
  v_person_id := public._person_of(p_external_id);
  v_found := public._find_change(p_reference, p_token, p_chat_id, p_message_id);
  select * into v_change from public.changes where change_id = (v_found ->> 'change_id')::uuid for update;
  v_code := coalesce(v_found ->> 'code', case when p_decision is null or p_decision not in ('approve', 'reject') then 'unknown_decision' end, public._change_refusal(v_change, v_person_id, p_decision));
  select policy_version into v_in_force from public.policies where in_force_at is not null and retired_at is null;

  if v_code is null and v_change.policy_version is distinct from v_in_force then
    -- Whoever decided did so under other rules.
    v_result := jsonb_build_object('outcome', 'void', 'deliver', public._end_change(v_change, 'void', v_actor, format('it was proposed under policy version %s, and %s is in force', v_change.policy_version, v_in_force)));
  elsif v_code is null and p_decision = 'reject' then
    -- Whoever could approve may refuse, and whoever proposed it may think better of it; those whom it concerns may not.
    v_code := case
      when v_person_id is distinct from v_change.proposed_by and v_person_id = any (public._concerned(v_change.payload)) then 'concerned'
      when coalesce(btrim(p_reason), '') = '' then 'reason_needed' end;
    if v_code is null then
      update public.change_decisions set voided_at = clock_timestamp(), void_reason = 'rejected later' where change_id = v_change.change_id and person_id = v_person_id and voided_at is null;
      perform public._record_change_decision(v_change, v_person_id, v_actor, case when 'owner' = any (public._roles_of(v_person_id)) then 'owner' else 'operator' end, 'reject', p_reason, p_source);
      v_result := jsonb_build_object('outcome', 'rejected', 'deliver', public._end_change(v_change, 'rejected', v_actor, btrim(p_reason)));
    end if;
  elsif v_code is null then
    perform public._drop_lost_decisions(v_change);
    v_slot := case when not exists (select 1 from public.change_decisions where change_id = v_change.change_id and person_id = v_person_id and voided_at is null) then public._change_slot(v_change, v_person_id, p_as_role) end;
    v_code := case when v_slot is null then 'already_yours' else coalesce(v_slot ->> 'code', public._factor_refusal('change:' || v_change.change_id, v_change.policy_version, 'T3', v_person_id)) end;
    v_prompt_id := case when v_code = 'factor_needed' then public._ask_factor('change:' || v_change.change_id, p_external_id, jsonb_build_object('as_role', p_as_role, 'reason', left(btrim(p_reason), 2000))) end;
    if v_code is null then
      perform public._record_change_decision(v_change, v_person_id, v_actor, v_slot ->> 'slot', 'approve', p_reason, p_source);
      select count(distinct d.person_id) = cardinality(v_change.slots) and count(distinct d.slot) = cardinality(v_change.slots) and bool_and(d.checksum = v_change.checksum) into v_is_complete
      from public.change_decisions d where d.change_id = v_change.change_id and d.decision = 'approve' and d.voided_at is null;
      if v_is_complete then
        v_result := public._apply_change(v_change, v_actor);
      else
        v_result := jsonb_build_object('outcome', 'recorded', 'deliver', public._show_change(v_change.change_id));
      end if;
      -- After what it brought about, for the chains of tasks come before that of the system.
      perform public._audit('system', v_actor, 'change.approve', v_change.reference, null, jsonb_build_object('slot', v_slot ->> 'slot', 'checksum', v_change.checksum, 'policy_version', v_change.policy_version, 'source', p_source));
    end if;
  end if;
  if v_code is not null then
    perform public._audit('system', v_actor, 'change.refuse', coalesce(v_change.reference, left(coalesce(p_reference, 'button'), 40)), null, jsonb_build_object('code', v_code, 'decision', left(p_decision, 20), 'source', p_source));
  end if;
  return v_result || jsonb_build_object('code', v_code, 'slot', case when v_code is null then v_slot ->> 'slot' end, 'prompt_id', v_prompt_id,
    'change', case when v_change.change_id is not null then public._change_view(v_change.change_id) end);
end
$$;
comment on function public.decide_change(text, text, bigint, bigint, bigint, text, text, text, text) is
  'The only door to a change: recorded, applied with the last approval, rejected, void (with what stands against it), or refused with a code. A stop does not keep people from it: somebody may have to be given a role to lift it.';

create function public.withdraw_change(p_reference text, p_external_id bigint, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_change public.changes;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_deliver jsonb := '[]'::jsonb;
begin
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  v_person_id := public._person_of(p_external_id);
  select * into v_change from public.changes where reference = upper(btrim(p_reference)) for update;
  v_code := case
    when v_change.change_id is null then 'unknown_reference'
    when v_person_id is distinct from v_change.proposed_by then 'not_yours'
    when v_change.status = 'applied' then 'already_applied'
    when v_change.status = 'rejected' then 'already_rejected'
    when v_change.status = 'void' then 'void'
    when v_change.status = 'expired' then 'expired' end;
  if v_code is not null then
    perform public._audit('system', v_actor, 'change.refuse', coalesce(v_change.reference, left(coalesce(p_reference, 'change'), 40)), null, jsonb_build_object('code', v_code, 'asked', 'withdraw'));
  else
    v_deliver := public._end_change(v_change, 'void', v_actor, concat_ws(': ', format('%s took it back', public._name_of(v_person_id)), nullif(btrim(p_reason), '')));
  end if;
  return jsonb_build_object('outcome', case when v_code is null then 'withdrawn' else 'refused' end, 'code', v_code, 'change', case when v_change.change_id is not null then public._change_view(v_change.change_id) end, 'deliver', v_deliver);
end
$$;
comment on function public.withdraw_change(text, bigint, text) is 'Whoever proposed a change takes it back, as long as it is open.';

create function public._sweep_changes(p_patience interval) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_change public.changes;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Somebody decides right now: the next sweep comes soon.
  if not pg_try_advisory_xact_lock(hashtext('ags.govern')) then
    return v_deliver;
  end if;
  v_deliver := public._end_due_delegations();
  for v_change in select * from public.changes where status = 'pending' and expires_at <= clock_timestamp() order by expires_at for update loop
    v_deliver := v_deliver || public._end_change(v_change, 'expired', 'system', null);
  end loop;
  v_deliver := v_deliver || public._sweep_break_glass();
  -- Ends that nobody has been told of, and questions that nobody has been asked.
  return v_deliver || coalesce((select jsonb_agg(public._show_change(c.change_id) -> 0) from public.changes c
    where c.tell_requested_at < clock_timestamp() - p_patience
      or (c.status = 'pending' and c.created_at < clock_timestamp() - p_patience and not exists (select 1 from public.cards k where k.change_id = c.change_id and k.chat_id < 0 and k.message_id is not null))), '[]'::jsonb);
end
$$;
comment on function public._sweep_changes(interval) is 'What is due about changes: delegations that end, proposals that expire, news and cards that did not get through.';

create function public.get_change(p_reference text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select public._change_view(change_id) from public.changes where reference = upper(btrim(p_reference)));
end
$$;
comment on function public.get_change(text) is 'The change with this reference as it stands; null when there is none.';

create function public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_card public.cards;
  v_announced_in bigint[];
begin
  perform 1 from public.changes where change_id = p_change_id;
  if not found then
    perform public._refuse('ZT003', 'no such change', jsonb_build_object('change_id', p_change_id));
  end if;
  if jsonb_typeof(p_announced_in) = 'array' then
    v_announced_in := array(select jsonb_array_elements_text(p_announced_in)::bigint);
    update public.changes set announced_in = v_announced_in where change_id = p_change_id and announced_in is distinct from v_announced_in;
  end if;
  insert into public.cards (kind, change_id, chat_id, topic_id) values ('change', p_change_id, p_chat_id, p_topic_id) on conflict (change_id, chat_id) where kind = 'change' do nothing;
  -- Two at once make one button: the second waits for the card here.
  select * into v_card from public.cards where kind = 'change' and change_id = p_change_id and chat_id = p_chat_id for no key update;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('change', public._change_view(p_change_id), 'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id)),
    'chats', (select jsonb_agg(jsonb_build_object('chat_id', k.chat_id, 'topic_id', k.topic_id) order by k.created_at) from public.cards k where k.kind = 'change' and k.change_id = p_change_id));
end
$$;
comment on function public.open_change_card(uuid, bigint, bigint, jsonb) is 'The card of a change in one chat: its token, and its message once it is sent; and all the chats in which it stands. p_announced_in are the chats in which it has to stand.';

create function public.open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb := public._find_change(null, p_token, p_chat_id, p_card_message_id);
  v_change public.changes;
  v_person_id uuid := public._person_of(p_external_id);
  v_code text;
  v_prompt_id uuid;
begin
  select * into v_change from public.changes where change_id = (v_found ->> 'change_id')::uuid;
  v_code := coalesce(v_found ->> 'code', public._change_refusal(v_change, v_person_id, 'reject'),
    case when v_person_id is distinct from v_change.proposed_by and v_person_id = any (public._concerned(v_change.payload)) then 'concerned' end);
  if v_code is null then
    -- One question per person and card: a second press asks again in place of the first.
    update public.prompts set answered_at = now() where change_id = v_change.change_id and external_id = p_external_id and answered_at is null;
    insert into public.prompts (kind, change_id, external_id, chat_id, topic_id, card_message_id) values ('reject', v_change.change_id, p_external_id, p_chat_id, p_topic_id, p_card_message_id) returning prompt_id into v_prompt_id;
  else
    perform public._audit('system', 'tg:' || p_external_id, 'change.refuse', coalesce(v_change.reference, 'button'), null, jsonb_build_object('code', v_code, 'decision', 'reject'));
  end if;
  return jsonb_build_object('code', v_code, 'prompt_id', v_prompt_id, 'change', case when v_change.change_id is not null then public._change_view(v_change.change_id) end);
end
$$;
comment on function public.open_change_prompt(text, bigint, bigint, bigint, bigint) is 'Reject asks one person to reply with the reason; until the reply comes nothing is decided.';

create function public.claim_change_news(p_change_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_due boolean;
begin
  update public.changes set tell_requested_at = null where change_id = p_change_id and tell_requested_at is not null;
  v_is_due := found;
  return jsonb_build_object('is_due', v_is_due, 'change', public._change_view(p_change_id));
end
$$;
comment on function public.claim_change_news(uuid) is 'Takes the duty of telling people how a change ended; once, whoever asks.';

create function public.list_deciders(p_reference text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  -- A reference names a request or a change, never both.
  return (
    select coalesce(jsonb_agg(i.external_id order by i.external_id), '[]'::jsonb)
    from public.identities i
    left join public.approval_requests r on r.reference = p_reference
    left join public.changes c on c.reference = p_reference
    where exists (select 1 from public.person_roles h where h.person_id = i.person_id and h.revoked_at is null)
      and ((r.request_id is not null and not exists (select 1 from public.approvals a where a.request_id = r.request_id and a.person_id = i.person_id)
          and public._open_slot(r, i.person_id, null) ->> 'code' is null)
        or (c.status = 'pending' and not exists (select 1 from public.change_decisions d where d.change_id = c.change_id and d.person_id = i.person_id and d.voided_at is null)
          and public._change_slot(c, i.person_id, null) ->> 'code' is null))
  );
end
$$;
comment on function public.list_deciders(text) is 'The accounts whose approval of this request or change would fill a slot that is still open.';

create function public._list_delegations() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('name', public._name_of(r.person_id), 'role', r.role, 'delegated_by', public._name_of(r.delegated_by), 'expires_at', r.expires_at) order by r.expires_at, r.role), '[]'::jsonb)
    from public.person_roles r where r.revoked_at is null and r.expires_at > clock_timestamp()
  );
end
$$;

create function public.list_roles() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return jsonb_build_object(
    'holders', (
      select coalesce(jsonb_agg(jsonb_build_object('name', p.display_name, 'role', r.role, 'source', r.source, 'since', r.granted_at, 'until', r.expires_at, 'delegated_by', public._name_of(r.delegated_by),
        'granted_by', case when r.granted_by like 'tg:%' then public._known_as(substr(r.granted_by, 4)) else r.granted_by end, 'reference', c.reference,
        'accounts', (select coalesce(jsonb_agg(i.external_id order by i.external_id), '[]'::jsonb) from public.identities i where i.person_id = p.person_id))
        order by array_position(array['owner', 'operator', 'reviewer'], r.role), r.granted_at, p.display_name), '[]'::jsonb)
      from public.person_roles r join public.people p using (person_id) left join public.changes c on c.change_id = r.granted_change_id
      where r.revoked_at is null and (r.expires_at is null or r.expires_at > clock_timestamp())),
    'open', (select coalesce(jsonb_agg(public._change_view(c.change_id) order by c.created_at), '[]'::jsonb) from public.changes c where c.status = 'pending' and c.expires_at > clock_timestamp()));
end
$$;
comment on function public.list_roles() is 'Who holds what, since when, until when and by whom; and the changes that wait for people.';

create function public.find_people(p_username text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('external_id', i.external_id, 'display_name', public._name_of(i.person_id), 'seen_at', i.seen_at) order by i.seen_at desc), '[]'::jsonb)
    from public.identities i where lower(i.username) = lower(ltrim(btrim(p_username), '@'))
  );
end
$$;
comment on function public.find_people(text) is 'The accounts that had this username when they last wrote. A name decides nothing: it only finds a numeric id for people to look at.';

select public._protect_table('changes'), public._protect_table('change_decisions');
select public._expose('propose_change', 'ags_bot'), public._expose('decide_change', 'ags_bot'), public._expose('withdraw_change', 'ags_bot'), public._expose('open_change_prompt', 'ags_bot'),
  public._expose('find_people', 'ags_bot'), public._expose('get_change', 'ags_bot', 'ags_worker'), public._expose('list_deciders', 'ags_bot', 'ags_worker'), public._expose('open_change_card', 'ags_bot', 'ags_worker'), public._expose('claim_change_news', 'ags_bot', 'ags_worker'),
  public._expose('list_roles', 'ags_bot', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['_change_kind', '_fits_change_slot', '_hold_person', '_lock_people', '_delegated_by', '_behind', '_behind_others', '_concerned', '_known_as', '_team_problem', '_role_grant_problem', '_role_revoke_problem', '_link_accounts_problem',
  '_delegation_problem', '_change_form_problem', '_change_problem', '_people_state', '_change_preview', '_change_slot', '_change_people_problem', '_change_view', '_show_change', '_drop_lost_decisions',
  '_drop_all_lost_decisions', '_uncounted', '_ask_again', '_recheck_requests', '_apply_role_grant', '_apply_role_revoke', '_apply_link_accounts', '_join_approvals', '_apply_delegation', '_end_orphaned_delegations',
  '_end_due_delegations', '_end_change', '_apply_change', '_record_change_decision', '_find_change', '_change_refusal', '_sweep_changes', '_list_delegations']) f;
reset role;
