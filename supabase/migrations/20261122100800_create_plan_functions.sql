-- The plan: what the planner proposes is checked here once more, and the gates that policy demands are added here and nowhere else.
-- Nothing a model writes can remove, reorder or weaken them: it names work and wishes, this function makes the steps.
set role ags_owner;

create function public._effect_kind(p_action text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return (select case p_action when 'PUBLISH' then 'post' when 'SOCIAL_POST' then 'post' when 'TRADE' then 'trade' when 'PAYMENT' then 'payment' when 'WITHDRAWAL' then 'withdrawal' end);
end
$$;
comment on function public._effect_kind(text) is 'The outside act behind an action; null when it is none of those.';

create function public._is_inside(p_action text) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return (select p_action in ('READ', 'RESEARCH', 'RETRIEVE', 'SUMMARIZE', 'DRAFT_REPLY', 'WRITE_DB'));
end
$$;
comment on function public._is_inside(text) is
  'Work whose whole result is an artifact of the task, kept in this database (WRITE_DB: a record among them). Whatever else a policy names needs an executor.';

create function public._is_allowed(p_policy jsonb, p_agent text, p_action text) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce(p_policy -> 'agent_actions' -> p_agent ? p_action, false);
end
$$;
comment on function public._is_allowed(jsonb, text, text) is 'Whether the policy gives this action to this agent: by exact names, and what is not named is not allowed.';

create function public._slots(p_policy jsonb, p_tier text) returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  return (
    select coalesce(array_agg(split_part(r, '_', 1) order by r desc), '{}')
    from jsonb_array_elements_text(coalesce(p_policy -> 'approvals' -> p_tier, '[]')) r where r in ('operator_approval', 'owner_approval')
  );
end
$$;
comment on function public._slots(jsonb, text) is 'The roles whose approval a tier needs, one slot each.';

create function public._plan_problems(p_nodes jsonb, p_policy jsonb) returns text[]
language plpgsql stable set search_path = ''
as $$
declare
  v_problems text[] := '{}'::text[];
  v_left text[];
  v_free text[];
begin
  if jsonb_typeof(p_nodes) is distinct from 'array' or jsonb_array_length(p_nodes) not between 1 and 20 then
    return array['a plan has 1 to 20 nodes'];
  end if;
  select array_agg(format('node %s is not an object with a list "after"', coalesce(n ->> 'id', x.place::text))) into v_problems
  from jsonb_array_elements(p_nodes) with ordinality x (n, place)
  where jsonb_typeof(n) <> 'object' or jsonb_typeof(coalesce(n -> 'after', '[]')) <> 'array';
  if v_problems is not null then
    return v_problems;
  end if;
  v_problems := '{}';
  select v_problems || coalesce(array_agg(x.problem), '{}') into v_problems from (
    select format('node %s: the id has another form or belongs to the orchestrator', n ->> 'id') as problem from jsonb_array_elements(p_nodes) n
    where coalesce(n ->> 'id', '') !~ '^[a-z][a-z0-9_-]{0,39}$' or n ->> 'id' in ('plan', 'approve', 'archive', 'critic') or n ->> 'id' ~ '^(approve|critic)-'
    union all
    select format('node %s stands there twice', n ->> 'id') from jsonb_array_elements(p_nodes) n group by n ->> 'id' having count(*) > 1
    union all
    select format('node %s: agent %s is unknown or plans nothing', n ->> 'id', n ->> 'agent') from jsonb_array_elements(p_nodes) n
    where not coalesce(p_policy -> 'agents' ? (n ->> 'agent'), false) or n ->> 'agent' in ('planner', 'critic')
    union all
    select format('node %s: action %s is not in the policy', n ->> 'id', n ->> 'action') from jsonb_array_elements(p_nodes) n where public._tier_of(p_policy, n ->> 'action') is null
    union all
    select format('node %s: %s is not for agent %s', n ->> 'id', n ->> 'action', n ->> 'agent') from jsonb_array_elements(p_nodes) n
    where public._tier_of(p_policy, n ->> 'action') is not null and not public._is_allowed(p_policy, n ->> 'agent', n ->> 'action')
    union all
    select format('node %s comes after %s, which does not exist', n ->> 'id', a) from jsonb_array_elements(p_nodes) n, jsonb_array_elements_text(coalesce(n -> 'after', '[]')) a
    where a <> 'plan' and not exists (select 1 from jsonb_array_elements(p_nodes) m where m ->> 'id' = a)
  ) x;
  -- Take away whatever waits for nothing that is left; what can never be taken away is a circle.
  select array_agg(n ->> 'id') into v_left from jsonb_array_elements(p_nodes) n;
  loop
    select array_agg(n ->> 'id') into v_free from jsonb_array_elements(p_nodes) n
    where n ->> 'id' = any (v_left) and not exists (select 1 from jsonb_array_elements_text(coalesce(n -> 'after', '[]')) a where a = any (v_left));
    exit when v_free is null;
    select array_agg(l) into v_left from unnest(v_left) l where l <> all (v_free);
    exit when v_left is null;
  end loop;
  if v_left is not null then
    v_problems := v_problems || format('these nodes wait for each other: %s', array_to_string(v_left, ', '));
  end if;
  return v_problems;
end
$$;
comment on function public._plan_problems(jsonb, jsonb) is 'What is wrong with a proposed plan, in words; empty when nothing is.';

create function public._people_missing_for(p_policy jsonb, p_tier text, p_requester uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_slots text[] := public._slots(p_policy, p_tier);
  v_separation text := public._separation(p_policy, p_tier);
  v_found boolean;
begin
  if cardinality(v_slots) = 0 then
    return null;
  end if;
  -- Looks for an assignment: somebody for each slot, nobody twice, the requester only where the policy lets them.
  with able as (
    select r.person_id, bool_or(r.role = 'owner') as can_own, bool_or(r.role in ('owner', 'operator')) as can_operate
    from public.person_roles r where r.revoked_at is null and (v_separation = 'any' or (r.delegated_by = p_requester) is not true) group by r.person_id
  ),
  operators as (select person_id from able where can_operate and (person_id is distinct from p_requester or v_separation in ('operator', 'any'))),
  owners as (select person_id from able where can_own and (person_id is distinct from p_requester or v_separation = 'any'))
  select case
    when v_slots @> array['operator', 'owner'] then exists (select 1 from owners w join operators o on o.person_id <> w.person_id
      and not public._behind(null, w.person_id, 'owner', clock_timestamp()) && public._behind(null, o.person_id, 'operator', clock_timestamp()))
    when 'owner' = any (v_slots) then exists (select 1 from owners)
    else exists (select 1 from operators) end into v_found;
  return case when not v_found then format('%s needs %s, and there are not enough people who hold those roles%s', p_tier, array_to_string(v_slots, ' and '),
    case when v_separation = 'none' then ' besides the requester' else '' end) end;
end
$$;
comment on function public._people_missing_for(jsonb, text, uuid) is 'Null when the slots of a tier can be filled by the people there are; else the sentence that says why not.';

create function public._tier_problem(p_policy jsonb, p_tier text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with askers as (
      select r.person_id, public._people_missing_for(p_policy, p_tier, r.person_id) as problem
      from public.person_roles r where r.revoked_at is null and r.role in ('operator', 'owner') group by r.person_id
    )
    select coalesce(public._people_missing_for(p_policy, p_tier, null),
      case when count(problem) = count(*) then min(problem)
        when count(problem) > 0 then min(problem) || ', when it is ' || string_agg(public._name_of(person_id), ' or ' order by person_id) filter (where problem is not null) end)
    from askers
  );
end
$$;
comment on function public._tier_problem(jsonb, text) is 'Why tasks of a tier are refused, for all who may ask for one or for some of them by name; null when they are not.';

create function public._add_step(p_task public.tasks, p_policy jsonb, p_node_id text, p_kind text, p_agent text, p_action text, p_after text[], p_instruction text, p_subject text default null, p_effect_kind text default null, p_target jsonb default null)
returns void language plpgsql set search_path = ''
as $$
begin
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, instruction, after, subject_node, effect_kind, target_chat_id, target_topic_id)
  values (p_task.task_id || '/' || p_node_id, p_task.task_id, p_node_id, (select max(position) + 1 from public.task_steps where task_id = p_task.task_id), p_kind, p_agent,
    coalesce(p_policy -> 'agents' ->> p_agent, p_agent), p_action, coalesce(public._tier_of(p_policy, p_action), p_task.risk_tier), coalesce(p_instruction, ''), p_after, p_subject, p_effect_kind,
    (p_target ->> 'chat_id')::bigint, (p_target ->> 'topic_id')::bigint);
end
$$;

create function public._joining_action(p_policy jsonb) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return coalesce((select a from unnest(array['DRAFT_REPLY', 'SUMMARIZE']) a where public._is_allowed(p_policy, 'communicator', a) order by public._tier_of(p_policy, a), a limit 1), 'DRAFT_REPLY');
end
$$;
comment on function public._joining_action(jsonb) is 'By which action the communicator joins what a plan leaves without one text: of those that write, the one in the lowest tier.';

create function public._add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]) returns void
language plpgsql set search_path = ''
as $$
declare
  v_node_id text := p_node ->> 'id';
  v_after text[] := array(select jsonb_array_elements_text(p_node -> 'after'));
  v_suffix text := case when exists (select 1 from public.task_steps where task_id = p_task.task_id and node_id = 'critic') then '-' || left(v_node_id, 40) else '' end;
  v_subject text;
  v_number integer := 1;
  v_last text;
begin
  -- The subject is the one text that goes out. Where the plan names no single draft, the communicator joins what there is.
  select s.node_id into v_subject from public.task_steps s
  where s.task_id = p_task.task_id and cardinality(v_after) = 1 and s.node_id = v_after[1] and s.kind = 'work' and s.agent in ('exec', 'communicator')
    and not exists (select 1 from public.task_steps c where c.task_id = p_task.task_id and c.kind = 'critic' and c.subject_node = s.node_id);
  if v_subject is null then
    -- Names of the plan are taken, also those of steps that are made after this one.
    v_subject := 'draft';
    while v_subject = any (p_taken) or exists (select 1 from public.task_steps where task_id = p_task.task_id and node_id = v_subject) loop
      v_number := v_number + 1;
      v_subject := 'draft-' || v_number;
    end loop;
    perform public._add_step(p_task, p_policy, v_subject, 'work', 'communicator', public._joining_action(p_policy),
      v_after, p_node ->> 'instruction');
  end if;
  v_last := 'critic' || v_suffix;
  perform public._add_step(p_task, p_policy, v_last, 'critic', 'critic', 'CRITIQUE', array[v_subject], '', v_subject);
  if cardinality(public._slots(p_policy, p_task.risk_tier)) > 0 then
    perform public._add_step(p_task, p_policy, 'approve' || v_suffix, 'approve', 'human', 'APPROVE', array[v_last], '', v_subject);
    v_last := 'approve' || v_suffix;
  end if;
  perform public._add_step(p_task, p_policy, v_node_id, 'effect', 'communicator', p_node ->> 'action', array[v_last], p_node ->> 'instruction', v_subject,
    coalesce(public._effect_kind(p_node ->> 'action'), 'reply'), p_target);
end
$$;
comment on function public._add_delivery(public.tasks, jsonb, jsonb, jsonb, text[]) is 'Turns "publish this" into draft, critic, approval where the tier asks for it, and the effect, in that order.';

create function public._asked_for(p_nodes jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return (select jsonb_agg(distinct jsonb_build_array(n ->> 'agent', n ->> 'action')) from jsonb_array_elements(p_nodes) n);
end
$$;
comment on function public._asked_for(jsonb) is 'What a plan asks of whom: [agent, action], each once. Kept with the verdict on it, so that another policy can be tried on the same.';

create function public.complete_plan(
  p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean,
  p_worker text, p_lease_seconds integer, p_spent jsonb default '[]'
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_task public.tasks;
  v_policy jsonb;
  v_problems text[];
  v_tier text;
  v_node jsonb;
  v_ids text[];
  v_sinks text[];
  v_reply text := 'reply';
  v_reply_to jsonb;
  v_artifact public.artifacts;
begin
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind <> 'plan' then
    perform public._refuse('ZT001', 'only a plan step takes a plan', jsonb_build_object('step_id', p_step_id));
  end if;
  select * into v_task from public.tasks where task_id = v_step.task_id;
  v_policy := public._policy(v_task.policy_version);
  v_problems := public._plan_problems(p_nodes, v_policy);
  if cardinality(v_problems) > 0 then
    perform public._refuse('ZT009', 'the plan is not acceptable: ' || array_to_string(v_problems[1:5], '; '), jsonb_build_object('problems', to_jsonb(v_problems)));
  end if;
  -- What nothing uses is for the requester: whatever else the plan does, no work ends in nothing.
  select array_agg(n ->> 'id' order by x.place) into v_sinks from jsonb_array_elements(p_nodes) with ordinality x (n, place)
  where public._effect_kind(n ->> 'action') is null and not exists (select 1 from jsonb_array_elements(p_nodes) m where coalesce(m -> 'after', '[]') ? (n ->> 'id'));
  select max(public._tier_of(v_policy, n ->> 'action')) into v_tier from jsonb_array_elements(p_nodes) n;
  -- So does the draft that is added where the answer is not one text already.
  if v_sinks is not null and not exists (select 1 from jsonb_array_elements(p_nodes) n where array[n ->> 'id'] = v_sinks and n ->> 'agent' in ('exec', 'communicator')) then
    v_tier := greatest(v_tier, public._tier_of(v_policy, public._joining_action(v_policy)));
  end if;
  v_artifact := public._store_artifact(v_task.task_id, p_step_id, p_artifact, 'agent:' || v_step.agent_name);
  update public.tasks set risk_tier = v_tier, summary = left(p_summary, 500), status = 'running', is_rehearsal = is_rehearsal or p_is_rehearsal where task_id = v_task.task_id returning * into v_task;

  v_reply_to := case when v_task.chat_id is not null then jsonb_build_object('chat_id', v_task.chat_id, 'topic_id', v_task.topic_id) else p_channels -> 'reply' end;
  select array_agg(x.problem) into v_problems from (
    select case public._effect_kind(n ->> 'action')
        when 'trade' then 'no broker is connected, so trades are refused'
        when 'payment' then 'no payment service is connected, so payments are refused'
        when 'withdrawal' then 'no payment service is connected, so withdrawals are refused'
        else format('nothing here can carry out %s', n ->> 'action') end as problem from jsonb_array_elements(p_nodes) n
    where not public._is_inside(n ->> 'action') and (public._effect_kind(n ->> 'action') is null or not coalesce(p_executors ? (n ->> 'action'), false))
    union all
    select format('there is no place to send %s to', n ->> 'action') from jsonb_array_elements(p_nodes) n
    where public._effect_kind(n ->> 'action') is not null and coalesce(p_executors ? (n ->> 'action'), false) and p_channels -> public._effect_kind(n ->> 'action') ->> 'chat_id' is null
    union all
    select public._denial_problem(v_task.task_id, public._effect_kind(n ->> 'action'), (p_channels -> public._effect_kind(n ->> 'action') ->> 'chat_id')::bigint, (p_channels -> public._effect_kind(n ->> 'action') ->> 'topic_id')::bigint, null)
    from jsonb_array_elements(p_nodes) n where public._effect_kind(n ->> 'action') is not null
    union all
    select 'there is no chat to answer in' where v_reply_to ->> 'chat_id' is null and v_sinks is not null) x;
  v_problems := array_remove(coalesce(v_problems, '{}') || public._people_missing_for(v_policy, v_tier, v_task.requester_person_id) || public._freeze_problem(v_tier), null);
  if cardinality(v_problems) > 0 then
    perform public._done(v_step, p_input_hash, v_artifact.storage_ref, null, '{}');
    perform public._audit(v_task.task_id, 'system', 'plan.refuse', v_task.task_id, null, jsonb_build_object('tier', v_tier, 'reasons', to_jsonb(v_problems), 'nodes', public._asked_for(p_nodes)));
    return public._settled(jsonb_build_object('outcome', 'refused', 'reasons', to_jsonb(v_problems), 'next', null,
      'deliver', public._end_task(v_task.task_id, 'failed', 'plan_refused', array_to_string(v_problems, '; '), 'system')), p_spent);
  end if;

  select array_agg(n ->> 'id') into v_ids from jsonb_array_elements(p_nodes) n;
  for v_node in select n from jsonb_array_elements(p_nodes) n where public._effect_kind(n ->> 'action') is null loop
    perform public._add_step(v_task, v_policy, v_node ->> 'id', 'work', v_node ->> 'agent', v_node ->> 'action',
      coalesce(nullif(array(select jsonb_array_elements_text(coalesce(v_node -> 'after', '[]'))), '{}'), array['plan']), v_node ->> 'instruction');
  end loop;
  for v_node in select n || jsonb_build_object('after', case when jsonb_array_length(coalesce(n -> 'after', '[]')) = 0 then '["plan"]'::jsonb else n -> 'after' end)
    from jsonb_array_elements(p_nodes) n where public._effect_kind(n ->> 'action') is not null loop
    perform public._add_delivery(v_task, v_policy, v_node, p_channels -> public._effect_kind(v_node ->> 'action'), v_ids);
  end loop;
  if v_sinks is not null then
    while exists (select 1 from public.task_steps where task_id = v_task.task_id and node_id = v_reply) loop
      v_reply := v_reply || '-out';
    end loop;
    perform public._add_delivery(v_task, v_policy, jsonb_build_object('id', v_reply, 'action', 'REPLY', 'after', to_jsonb(v_sinks), 'instruction', 'Answer the requester.'),
      v_reply_to, v_ids);
  end if;
  perform public._add_step(v_task, v_policy, 'archive', 'archive', 'archive', 'ARCHIVE',
    array(select s.node_id from public.task_steps s where s.task_id = v_task.task_id and s.kind <> 'plan' and not exists (select 1 from public.task_steps o where o.task_id = s.task_id and s.node_id = any (o.after))), '');

  perform public._done(v_step, p_input_hash, v_artifact.storage_ref, null, jsonb_build_object('tier', v_tier, 'nodes', jsonb_array_length(p_nodes)));
  perform public._audit(v_task.task_id, 'system', 'plan.accept', v_task.task_id, null, jsonb_build_object('tier', v_tier,
    'rule', 'the highest tier of its actions', 'nodes', public._asked_for(p_nodes), 'steps', (select jsonb_agg(s.node_id || ':' || s.action || ':' || s.tier order by s.position) from public.task_steps s where s.task_id = v_task.task_id)));
  return public._settled(jsonb_build_object('outcome', 'accepted', 'reasons', '[]'::jsonb) || public._advance(v_task.task_id, p_worker, p_lease_seconds), p_spent);
end
$$;
comment on function public.complete_plan(text, bigint, text, jsonb, text, jsonb, jsonb, jsonb, boolean, text, integer, jsonb) is
  'Checks a proposed plan, computes the tier, adds critic, approvals, effects and archive, and goes on. Refuses what nobody can carry out or approve.';

create function public._points(p_critique jsonb) returns integer
language plpgsql immutable set search_path = ''
as $$
begin
  -- Each line of the rubric within its own bounds: a line that is too high must not pay for one that is too low.
  return (
    select case when jsonb_typeof(p_critique -> 'red_flags') = 'array' and count(*) filter (where r.given ~ '^\d$' and r.given <= r.most) = 5
      then sum(case when r.given ~ '^\d$' then r.given::integer end)::integer end
    from (values
      (p_critique ->> 'policy_compliance', '1'), (p_critique ->> 'evidence_cited', '2'), (p_critique ->> 'factuality', '3'),
      (p_critique ->> 'clarity', '2'), (p_critique ->> 'risk_flags', '1')) as r (given, most)
  );
end
$$;
comment on function public._points(jsonb) is 'The points of a critique, 0 to 9; null when it does not fit the rubric.';

create function public.complete_critique(
  p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer,
  p_spent jsonb default '[]', p_injection jsonb default '[]'
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_task public.tasks;
  v_draft public.task_steps;
  v_policy jsonb;
  v_points integer := public._points(p_critique);
  v_score numeric(5, 4);
  v_has_veto boolean;
  v_verdict jsonb;
  v_requirements jsonb;
  v_post public.artifacts;
  v_artifact public.artifacts;
begin
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind <> 'critic' then
    perform public._refuse('ZT001', 'only a critic step takes a critique', jsonb_build_object('step_id', p_step_id));
  end if;
  if v_points is null then
    perform public._refuse('ZT007', 'the critique does not fit the rubric', jsonb_build_object('step_id', p_step_id));
  end if;
  if jsonb_typeof(p_injection) is distinct from 'array' then
    perform public._refuse('ZT007', 'what was found in the material is a list', jsonb_build_object('step_id', p_step_id));
  end if;
  v_score := round(v_points / 9.0, 4);
  v_has_veto := p_critique ->> 'policy_compliance' = '0' or p_critique ->> 'risk_flags' = '0' or jsonb_array_length(p_critique -> 'red_flags') > 0;
  select * into v_task from public.tasks where task_id = v_step.task_id;
  select * into v_draft from public.task_steps where task_id = v_step.task_id and node_id = v_step.subject_node for update;
  v_policy := public._policy(v_task.policy_version);
  v_post := public._store_artifact(v_task.task_id, p_step_id, p_post, 'agent:communicator');
  v_artifact := public._store_artifact(v_task.task_id, p_step_id, p_artifact, 'agent:' || v_step.agent_name);
  v_verdict := jsonb_build_object('points', v_points, 'score', v_score, 'has_veto', v_has_veto, 'post_checksum', v_post.checksum, 'part_count', p_part_count,
    'pass_points', (v_policy -> 'quality' ->> 'pass_points')::integer, 'critique', p_critique,
    -- What was found once stays: a revision makes the material no better.
    'injection', case when public._is_raised(v_step.verdict) and p_injection = '[]'::jsonb then v_step.verdict -> 'injection' else p_injection end);
  select jsonb_agg(r) into v_requirements from (
    select 'critic_pass' as r union all
    select r from jsonb_array_elements_text(public._demands(v_policy, v_task.risk_tier, v_verdict)) r where r like 'critic>=%') x;
  v_verdict := v_verdict || jsonb_build_object('passed', public.evaluate_requirements(v_requirements, v_verdict) -> 'is_met', 'requirements', v_requirements);
  if public._is_raised(v_verdict) and not public._is_raised(v_step.verdict) and v_task.risk_tier < 'T3' then
    perform public._audit(v_task.task_id, 'system', 'demands.raise', p_step_id, null, jsonb_build_object('rule', 'material that seems to give orders to a model is asked about like the next tier',
      'tier', v_task.risk_tier, 'found', v_verdict -> 'injection', 'requirements', public._demands(v_policy, v_task.risk_tier, v_verdict)));
  end if;
  update public.task_steps set verdict = v_verdict, idempotency_key = task_id || ':' || node_id || ':' || left(p_input_hash, 16) where step_id = p_step_id returning * into v_step;
  if p_is_rehearsal then
    update public.tasks set is_rehearsal = true where task_id = v_task.task_id and not is_rehearsal;
  end if;

  if not (v_verdict ->> 'passed')::boolean and not v_draft.is_edited_by_person and v_task.revision_count < (v_policy -> 'quality' ->> 'max_revisions')::integer then
    update public.tasks set revision_count = revision_count + 1 where task_id = v_task.task_id;
    update public.task_steps set status = 'pending', output_ref = v_artifact.storage_ref, quality_score = v_score, worker = null, lease_expires_at = null, attempt_count = 0, fence = fence + 1 where step_id = p_step_id;
    update public.task_steps set attempt_count = 0, comments = comments || jsonb_build_object('by', 'agent:' || v_step.agent_name, 'text', p_critique ->> 'comments', 'red_flags', p_critique -> 'red_flags', 'at', now())
    where step_id = v_draft.step_id;
    perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, 'critic.return', v_draft.step_id, null, v_verdict - 'critique' || jsonb_build_object('revision', v_task.revision_count + 1));
    return public._settled(jsonb_build_object('outcome', 'revise', 'score', v_score) || public._go_on(v_task.task_id, array[v_draft.step_id], p_worker, p_lease_seconds), p_spent);
  end if;

  perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, case when (v_verdict ->> 'passed')::boolean then 'critic.pass' else 'critic.fail' end, p_step_id, null, v_verdict - 'critique');
  perform public._done(v_step, p_input_hash, v_artifact.storage_ref, v_score, jsonb_build_object('passed', v_verdict -> 'passed', 'points', v_points));
  if not (v_verdict ->> 'passed')::boolean or cardinality(public._demanded_slots(v_policy, v_task.risk_tier, v_verdict)) > 0 then
    perform public._insert_human_gate(v_step);
  end if;
  return public._settled(
    jsonb_build_object('outcome', case when (v_verdict ->> 'passed')::boolean then 'passed' else 'failed' end, 'score', v_score) || public._advance(v_task.task_id, p_worker, p_lease_seconds), p_spent);
end
$$;
comment on function public.complete_critique(text, bigint, text, jsonb, integer, jsonb, jsonb, boolean, text, integer, jsonb, jsonb) is
  'Scores a critique by the rubric (computed here, never taken from a model). Passed: on to the gate. Failed: back to the draft with the comments, at most as often as the policy says, then to people. What was found in the material (p_injection) raises what is asked.';

create function public._insert_human_gate(p_critic public.task_steps) returns void
language plpgsql set search_path = ''
as $$
declare
  v_task public.tasks;
  v_node_id text := 'approve' || substr(p_critic.node_id, 7);
begin
  if exists (select 1 from public.task_steps where task_id = p_critic.task_id and node_id = v_node_id) then
    return;
  end if;
  select * into v_task from public.tasks where task_id = p_critic.task_id;
  perform public._add_step(v_task, public._policy(v_task.policy_version), v_node_id, 'approve', 'human', 'APPROVE', array[p_critic.node_id], '', p_critic.subject_node);
  update public.task_steps set after = array[v_node_id] where task_id = p_critic.task_id and kind = 'effect' and subject_node = p_critic.subject_node;
end
$$;
comment on function public._insert_human_gate(public.task_steps) is 'A tier that people do not approve gets a gate all the same once the critic has refused, or the material raised what is asked.';

select public._expose('complete_plan', 'ags_worker'), public._expose('complete_critique', 'ags_worker');
select public._expose(f) from unnest(array['_effect_kind', '_is_inside', '_is_allowed', '_slots', '_plan_problems', '_people_missing_for', '_tier_problem', '_add_step', '_joining_action', '_add_delivery', '_asked_for', '_points', '_insert_human_gate']) f;
reset role;
