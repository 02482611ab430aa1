-- Running code does not break. Material that seems to give orders to a model raises what is asked before anything is let out. It never lowers anything, and it is
-- not what keeps an effect in: the allowlist and the gate are.
set role ags_owner;

create function public._is_raised(p_verdict jsonb) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case when jsonb_typeof(p_verdict -> 'injection') = 'array' then jsonb_array_length(p_verdict -> 'injection') > 0 else false end;
end
$$;
comment on function public._is_raised(jsonb) is 'Whether the material behind a critic''s verdict seemed to give orders to a model.';

create function public._demands(p_policy jsonb, p_tier text, p_verdict jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  v_own jsonb := coalesce(p_policy -> 'approvals' -> p_tier, '[]'::jsonb);
  v_more jsonb;
begin
  if not public._is_raised(p_verdict) or p_tier = 'T3' then
    return v_own;
  end if;
  -- A dry run tells about money; there is none in the tiers below.
  v_more := case when p_tier = 'T2' then coalesce(p_policy -> 'approvals' -> 'T3', '[]'::jsonb) - 'dry_run_required' else '["operator_approval"]'::jsonb end;
  return v_own || (select coalesce(jsonb_agg(r), '[]'::jsonb) from jsonb_array_elements_text(v_more) r where not v_own ? r);
end
$$;
comment on function public._demands(jsonb, text, jsonb) is 'What a tier asks for one delivery: what the policy says, and, where the material seems to give orders to a model, what the next tier asks too: an operator below T2, the people and the critic''s bar of T3 for T2.';

create function public._demanded_slots(p_policy jsonb, p_tier text, p_verdict jsonb) returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  return public._slots(jsonb_build_object('approvals', jsonb_build_object(p_tier, public._demands(p_policy, p_tier, p_verdict))), p_tier);
end
$$;
comment on function public._demanded_slots(jsonb, text, jsonb) is 'The roles whose approval one delivery needs, one slot each.';

select public._expose(f) from unnest(array['_is_raised', '_demands', '_demanded_slots']) f;
reset role;
