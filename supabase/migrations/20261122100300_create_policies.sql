-- Policies: a version is a row, exactly one is in force, and each task pins the one it began under.
set role ags_owner;

create table public.policies (
  policy_version integer generated always as identity primary key,
  source text not null constraint policies_source_bounded check (octet_length(source) <= 262144),
  document jsonb not null,
  checksum text not null constraint policies_checksum_form check (checksum ~ '^[0-9a-f]{64}$'),
  proposed_by text not null,
  created_at timestamptz not null default now(),
  in_force_at timestamptz,
  retired_at timestamptz,
  constraint policies_retired_after_force check (retired_at is null or in_force_at is not null)
);
-- Every function that asks the policy reads this document, key by key, and each read of a compressed one unpacks all of it again: it stays
-- as it is, and with its text beside it in the row while both fit on a page.
alter table public.policies alter column document set storage external;
alter table public.policies set (toast_tuple_target = 8160);
create unique index policies_one_in_force on public.policies ((true)) where in_force_at is not null and retired_at is null;

create function public._policy(p_version integer) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (select document from public.policies where policy_version = p_version);
end
$$;

create function public._tier_of(p_policy jsonb, p_action text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return (select max(t.tier) from jsonb_each(p_policy -> 'risk_tiers') as t (tier, actions) where t.actions ? p_action);
end
$$;
comment on function public._tier_of(jsonb, text) is 'The tier of an action; null for one the policy does not know. Two tiers speaking: the stricter wins.';

create function public._separation(p_policy jsonb, p_tier text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return (select coalesce(p_policy -> 'separation' ->> p_tier, case when p_tier = 'T3' then 'none' else 'any' end));
end
$$;
comment on function public._separation(jsonb, text) is 'Which slot of a tier the requester may fill: none, operator or any.';

create function public.seed_policy(p_source text, p_document jsonb, p_checksum text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_row public.policies;
begin
  perform pg_advisory_xact_lock(hashtext('ags.seed_policy'));
  select * into v_row from public.policies where in_force_at is not null and retired_at is null;
  if v_row.policy_version is null then
    insert into public.policies (source, document, checksum, proposed_by, in_force_at) values (p_source, p_document, p_checksum, 'system', now()) returning * into v_row;
    perform public._audit('system', 'system', 'policy.seed', 'policy:' || v_row.policy_version, null, jsonb_build_object('checksum', p_checksum));
    return jsonb_build_object('policy_version', v_row.policy_version, 'checksum', v_row.checksum, 'was_seeded', true, 'is_same', true);
  end if;
  return jsonb_build_object('policy_version', v_row.policy_version, 'checksum', v_row.checksum, 'was_seeded', false, 'is_same', v_row.checksum = p_checksum);
end
$$;
comment on function public.seed_policy(text, jsonb, text) is 'Puts a policy in force only where none ever was; otherwise says whether the one in force is the same.';

create function public.get_policy(p_version integer default null) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('policy_version', policy_version, 'document', document, 'source', source, 'checksum', checksum, 'in_force_at', in_force_at)
    from public.policies
    where case when p_version is null then in_force_at is not null and retired_at is null else policy_version = p_version end
  );
end
$$;
comment on function public.get_policy(integer) is 'The policy in force, or one version.';

create function public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) returns jsonb
language plpgsql immutable security definer set search_path = ''
as $$
declare
  v_requirement text;
  v_items jsonb := '[]'::jsonb;
  v_is_met boolean;
  v_is_waived boolean;
  v_detail text;
  v_role text;
  v_at_least numeric;
  v_score numeric := (p_facts ->> 'score')::numeric;
begin
  for v_requirement in select jsonb_array_elements_text(p_requirements) loop
    v_is_met := false;
    v_detail := null;
    if v_requirement = 'critic_pass' then
      v_is_met := coalesce((p_facts ->> 'points')::integer >= (p_facts ->> 'pass_points')::integer, false);
      v_is_waived := not v_is_met and v_score is not null and coalesce((p_facts ->> 'is_critic_waived')::boolean, false);
      v_is_met := (v_is_met or v_is_waived) and not coalesce((p_facts ->> 'has_veto')::boolean, true);
      v_detail := case
        when v_score is null then 'the critic has not judged it'
        when coalesce((p_facts ->> 'has_veto')::boolean, true) then 'the critic raised a red flag'
        else format('%s of 9 points, %s needed%s', p_facts ->> 'points', p_facts ->> 'pass_points', case when v_is_waived then ', waived by break-glass' end) end;
    elsif v_requirement ~ '^critic>=\d+(\.\d+)?$' then
      v_at_least := substr(v_requirement, 9)::numeric;
      v_is_met := coalesce(v_score >= v_at_least, false);
      v_is_waived := not v_is_met and v_score is not null and coalesce((p_facts ->> 'is_critic_waived')::boolean, false);
      v_is_met := (v_is_met or v_is_waived) and not coalesce((p_facts ->> 'has_veto')::boolean, true);
      v_detail := case when v_score is null then 'the critic has not judged it' else format('critic %s, %s needed%s', round(v_score, 2), v_at_least,
        case when coalesce((p_facts ->> 'has_veto')::boolean, true) then ', but it raised a red flag' when v_is_waived then ', waived by break-glass' end) end;
    elsif v_requirement ~ '^(operator|owner)_approval$' then
      v_role := split_part(v_requirement, '_', 1);
      select coalesce(max(a ->> 'name'), '') into v_detail from jsonb_array_elements(coalesce(p_facts -> 'approvals', '[]')) a where a ->> 'role' = v_role;
      v_is_waived := coalesce(p_facts ->> 'waived_slot' = v_role, false);
      v_is_met := v_detail <> '' or v_is_waived;
      v_detail := v_role || ': ' || case when v_detail <> '' then v_detail when v_is_waived then 'nobody objected to the break-glass' else 'waiting' end;
    elsif v_requirement = 'dry_run_required' then
      v_is_met := coalesce((p_facts ->> 'has_dry_run')::boolean, false);
      v_detail := case when v_is_met then 'the dry run is reported' else 'no dry run yet' end;
    elsif v_requirement = 'staged_copy' then
      v_is_met := coalesce((p_facts ->> 'is_staged')::boolean, false);
      v_detail := coalesce(p_facts ->> 'staging_problem', case when v_is_met then 'shown in full' else 'not shown in full yet' end);
    elsif v_requirement = 'within_limits' then
      v_is_met := coalesce(p_facts ? 'limit_problem' and p_facts ->> 'limit_problem' is null, false);
      v_detail := coalesce(p_facts ->> 'limit_problem', case when v_is_met then 'within the limits' else 'the limits were not asked' end);
    else
      -- An unknown word can never be met: the stricter reading wins.
      v_detail := 'unknown requirement';
    end if;
    v_items := v_items || jsonb_build_object('requirement', v_requirement, 'is_met', v_is_met, 'detail', v_detail, 'is_by_people', v_requirement like '%\_approval');
  end loop;
  -- No list at all is not an empty list: what is not known is not met.
  return jsonb_build_object('is_met', p_requirements is not null and not exists (select 1 from jsonb_array_elements(v_items) i where not (i ->> 'is_met')::boolean), 'items', v_items);
end
$$;
comment on function public.evaluate_requirements(jsonb, jsonb) is 'The verdict over a requirement list: each item met or unmet, with why. Pure; the gate, the cards and /why all use it.';

select public._protect_table('policies');
select public._expose('seed_policy', 'ags_bot', 'ags_worker'), public._expose('get_policy', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader'),
  public._expose('evaluate_requirements', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['_policy', '_tier_of', '_separation']) f;
reset role;
