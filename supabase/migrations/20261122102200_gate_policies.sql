-- Running code does not break. Policies under their own gate: what is proposed is kept, tried on past tasks, and comes into force as a change of kind `policy`.
--
-- A draft is text and decides nothing. Two people decide on it by `decide_change`, whose last approval calls `_apply_policy`: in that transaction the
-- version comes into force and whatever waits for people is asked anew. Tasks that run without waiting keep the version that they began under.
set role ags_owner;

create table public.policy_drafts (
  checksum text not null constraint policy_drafts_checksum_form check (checksum ~ '^[0-9a-f]{64}$'),
  -- What the program made of the text: another program may make something else of it, and that is then another draft.
  document_checksum text not null constraint policy_drafts_document_checksum_form check (document_checksum ~ '^[0-9a-f]{64}$'),
  source text not null constraint policy_drafts_source_bounded check (octet_length(source) <= 262144),
  document jsonb not null,
  -- A file that a deployment brought along, which somebody may take up; else it is a person's.
  is_offered boolean not null default false,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- What it would have made of past tasks when it was proposed last.
  backtest jsonb,
  primary key (checksum, document_checksum)
);

-- By which change a version came into force; the first one came with the installation.
alter table public.policies add column change_id uuid references public.changes;

alter table public.cards add column draft_checksum text, add column draft_document_checksum text,
  add constraint cards_draft foreign key (draft_checksum, draft_document_checksum) references public.policy_drafts,
  add constraint cards_offer_whole check (kind <> 'offer' or (draft_checksum is not null and draft_document_checksum is not null));
-- A file is announced once, however often it is started with.
create unique index cards_one_offer_per_file on public.cards (draft_checksum) where kind = 'offer';

create function public._keep_draft(p_source text, p_document jsonb, p_checksum text, p_actor text, p_is_offered boolean) returns public.policy_drafts
language plpgsql volatile set search_path = ''
as $$
declare
  v_draft public.policy_drafts;
begin
  if encode(sha256(convert_to(p_source, 'UTF8')), 'hex') is distinct from p_checksum then
    perform public._refuse('ZT007', 'the policy''s checksum is not that of its text', jsonb_build_object('checksum', p_checksum));
  end if;
  if jsonb_typeof(p_document) is distinct from 'object' then
    perform public._refuse('ZT007', 'a policy is a document, and what came is none', jsonb_build_object('checksum', p_checksum));
  end if;
  insert into public.policy_drafts as d (checksum, document_checksum, source, document, is_offered, created_by)
  values (p_checksum, encode(sha256(convert_to(p_document::text, 'UTF8')), 'hex'), p_source, p_document, p_is_offered, p_actor)
  on conflict (checksum, document_checksum) do update set is_offered = d.is_offered or excluded.is_offered
  returning * into v_draft;
  return v_draft;
end
$$;
comment on function public._keep_draft(text, jsonb, text, text, boolean) is 'Keeps the text and the document of a policy that may be proposed; the same one again is the same draft.';

create function public._draft_of(p_payload jsonb) returns public.policy_drafts
language plpgsql stable set search_path = ''
as $$
declare
  v_draft public.policy_drafts;
begin
  select * into v_draft from public.policy_drafts where checksum = p_payload ->> 'checksum' and document_checksum = p_payload ->> 'document_checksum';
  return v_draft;
end
$$;

create function public._policy_in_force() returns public.policies
language plpgsql stable set search_path = ''
as $$
declare
  v_policy public.policies;
begin
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  return v_policy;
end
$$;

create function public._policy_rule_problem(p_document jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_needed record;
  v_tier text;
begin
  -- What no policy may say is refused when its text is read. It is looked at here once more, for this document is what the gate goes by.
  for v_needed in
    select * from (values ('T2', array['operator_approval', 'owner_approval'], false), ('T3', array['operator_approval', 'owner_approval', 'dry_run_required'], true)) x (tier, words, takes_all)
  loop
    if not coalesce(p_document -> 'approvals' -> v_needed.tier @? '$[*] ? (@ like_regex "^critic>=[0-9.]+$")', false) then
      return format('%s has to need a critic''s score', v_needed.tier);
    elsif not coalesce(case when v_needed.takes_all then p_document -> 'approvals' -> v_needed.tier ?& v_needed.words else p_document -> 'approvals' -> v_needed.tier ?| v_needed.words end, false) then
      return format('%s has to need %s', v_needed.tier, array_to_string(v_needed.words, case when v_needed.takes_all then ', ' else ' or ' end));
    end if;
  end loop;
  -- A dry run is made for the card on which people decide; without one it would be asked for and never made.
  select t into v_tier from unnest(array['T0', 'T1']) t where p_document -> 'approvals' -> t ? 'dry_run_required' and cardinality(public._slots(p_document, t)) = 0 order by t limit 1;
  if v_tier is not null then
    return format('%s has to need operator_approval or owner_approval beside dry_run_required', v_tier);
  end if;
  return (
    select format('%s may not be lower than %s', x.action, x.lowest)
    from (values ('PUBLISH', 'T2'), ('SOCIAL_POST', 'T2'), ('TRADE', 'T3'), ('PAYMENT', 'T3'), ('WITHDRAWAL', 'T3')) x (action, lowest)
    where public._tier_of(p_document, x.action) < x.lowest order by x.action limit 1
  );
end
$$;
comment on function public._policy_rule_problem(jsonb) is 'What no policy may say, as a sentence: T2 and T3 without their people, a dry run that nobody is shown, money and publishing in a low tier. Null when it says nothing of the kind.';

create function public._tier_lockout(p_document jsonb, p_tier text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with asked as (
      select public._people_missing_for(p_document, p_tier, r.person_id) as problem
      from public.person_roles r where r.revoked_at is null and (r.expires_at is null or r.expires_at > clock_timestamp()) and r.role in ('operator', 'owner') group by r.person_id
    ), actions as (
      select a.action, exists (select 1 from jsonb_each(coalesce(p_document -> 'agent_actions', '{}')) g where g.value ? a.action) as has_agent
      from jsonb_array_elements_text(coalesce(p_document -> 'risk_tiers' -> p_tier, '[]')) a (action)
    )
    select case
      when not exists (select 1 from asked where problem is null) then coalesce((select min(problem) from asked), public._people_missing_for(p_document, p_tier, null), format('nobody may ask for %s', p_tier))
      when exists (select 1 from actions) and not exists (select 1 from actions where has_agent) then
        format('no agent of the policy may do anything of %s (%s): take these actions out of the tier, or put an agent back', p_tier, (select string_agg(action, ', ' order by action) from actions)) end
  );
end
$$;
comment on function public._tier_lockout(jsonb, text) is 'Why nothing of a tier could be done by anybody under this policy; null when somebody could do something.';

create function public._policy_problem(p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_draft public.policy_drafts := public._draft_of(p_payload);
  v_policy public.policies := public._policy_in_force();
  v_problem text;
  v_tier text;
begin
  if v_draft.checksum is null then
    return 'there is no such policy: its text has to be handed in first';
  elsif v_draft.checksum = v_policy.checksum and v_draft.document = v_policy.document then
    return format('this is policy version %s, which is in force', v_policy.policy_version);
  end if;
  v_problem := coalesce(public._policy_rule_problem(v_draft.document),
    case when not coalesce(v_draft.document -> 'agents' ?& array['planner', 'critic'], false) then 'without planner and critic no task could be planned or judged' end);
  -- What nobody can do today either is no reason to keep everything else as it is: tasks of that tier go on being refused with the reason.
  foreach v_tier in array array['T0', 'T1', 'T2', 'T3'] loop
    v_problem := coalesce(v_problem, case when public._tier_lockout(v_policy.document, v_tier) is null then 'it would lock everybody out: ' || public._tier_lockout(v_draft.document, v_tier) end);
  end loop;
  return v_problem;
end
$$;
comment on function public._policy_problem(jsonb) is 'Why this draft cannot come into force now, as a sentence; null when it can.';

create function public._policy_form_problem(p_payload jsonb) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case when jsonb_typeof(p_payload) is distinct from 'object' or p_payload - 'checksum' - 'document_checksum' <> '{}'::jsonb
    or coalesce(p_payload ->> 'checksum', '') !~ '^[0-9a-f]{64}$' or coalesce(p_payload ->> 'document_checksum', '') !~ '^[0-9a-f]{64}$'
    then 'a policy names the checksum of its text and that of its document, and nothing else' end;
end
$$;

create function public._policy_state(p_policy public.policies) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('policy_version', p_policy.policy_version, 'checksum', p_policy.checksum, 'document', p_policy.document);
end
$$;
comment on function public._policy_state(public.policies) is 'A version as the audit log keeps it, before and after a change.';

create function public._judge_again(p_critic public.task_steps, p_policy jsonb, p_tier text) returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_verdict jsonb := p_critic.verdict || jsonb_build_object('pass_points', (p_policy -> 'quality' ->> 'pass_points')::integer);
  v_requirements jsonb;
begin
  select jsonb_agg(r) into v_requirements from (
    select 'critic_pass' as r union all
    select r from jsonb_array_elements_text(public._demands(p_policy, p_tier, v_verdict)) r where r like 'critic>=%') x;
  update public.task_steps set verdict = v_verdict || jsonb_build_object('passed', public.evaluate_requirements(v_requirements, v_verdict) -> 'is_met', 'requirements', v_requirements)
  where step_id = p_critic.step_id;
end
$$;
comment on function public._judge_again(public.task_steps, jsonb, text) is 'The same points by the bar of another policy.';

create function public._move_problem(p_task public.tasks, p_policy public.policies, p_tier text) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(
      (select format('policy version %s allows no %s', p_policy.policy_version, string_agg(distinct s.action, ', ')) from public.task_steps s
        where s.task_id = p_task.task_id and s.kind in ('work', 'effect') and s.status <> 'done' and public._tier_of(public._policy(p_task.policy_version), s.action) is not null
          and public._tier_of(p_policy.document, s.action) is null having count(*) > 0),
      public._people_missing_for(p_policy.document, p_tier, p_task.requester_person_id))
  );
end
$$;
comment on function public._move_problem(public.tasks, public.policies, text) is 'Why a task cannot go on under another policy; null when it can.';

create function public._move_task(p_task public.tasks, p_policy public.policies, p_tier text) returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_critic public.task_steps;
begin
  -- Steps stay as they were planned, with the tier that their action had then: the gate goes by the task's.
  update public.tasks set policy_version = p_policy.policy_version, risk_tier = p_tier where task_id = p_task.task_id;
  for v_critic in
    select c.* from public.task_steps c join public.task_steps e on e.task_id = c.task_id and e.kind = 'effect' and e.subject_node = c.subject_node
    where c.task_id = p_task.task_id and c.kind = 'critic' and e.status <> 'done' order by c.position
  loop
    if v_critic.status = 'done' then
      perform public._judge_again(v_critic, p_policy.document, p_tier);
    end if;
    -- A tier that people approve has a gate before each delivery, also one that it has only now.
    perform public._insert_human_gate(v_critic);
  end loop;
  perform public._audit(p_task.task_id, 'system', 'policy.move', p_task.task_id, jsonb_build_object('policy_version', p_task.policy_version, 'tier', p_task.risk_tier),
    jsonb_build_object('policy_version', p_policy.policy_version, 'tier', p_tier, 'rule', 'what waits for people is asked under the rules in force'));
end
$$;
comment on function public._move_task(public.tasks, public.policies, text) is 'What is left of a task goes on under another policy: tier, gates and the critic''s bar are those of the new one.';

create function public._ask_task_under(p_task_id text, p_policy public.policies, p_actor text) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_task public.tasks;
  v_request public.approval_requests;
  v_tier text;
  v_problem text;
  v_deliver jsonb := '[]'::jsonb;
begin
  select * into v_task from public.tasks where task_id = p_task_id and ended_at is null for update;
  if v_task.task_id is null then
    return v_deliver;
  end if;
  select coalesce(max(public._tier_of(p_policy.document, s.action)), v_task.risk_tier) into v_tier from public.task_steps s where s.task_id = p_task_id and s.kind in ('work', 'effect');
  -- Two things stay under the rules that they began under, and are asked anew all the same: what is on its way out already, whose grant must find
  -- the version that it was given under; and what the new rules would ask nobody about, for a change of the rules must send nothing by itself.
  if not exists (select 1 from public.effects e where e.task_id = p_task_id and e.status in ('granted', 'in_doubt')) then
    v_problem := public._move_problem(v_task, p_policy, v_tier);
    if v_problem is not null then
      perform public._audit(p_task_id, 'system', 'plan.refuse', p_task_id, null, jsonb_build_object('tier', v_tier, 'policy_version', p_policy.policy_version, 'reasons', jsonb_build_array(v_problem)));
      return public._end_task(p_task_id, 'failed', 'plan_refused', v_problem, 'system');
    elsif cardinality(public._slots(p_policy.document, v_tier)) > 0 then
      perform public._move_task(v_task, p_policy, v_tier);
    end if;
  end if;
  for v_request in
    select * from public.approval_requests r where r.task_id = p_task_id and r.status in ('staging', 'pending', 'approved')
      and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void') order by r.created_at, r.request_id for update
  loop
    v_deliver := v_deliver || public._ask_again(v_request, format('policy version %s came into force', p_policy.policy_version), p_actor);
  end loop;
  return v_deliver;
end
$$;
comment on function public._ask_task_under(text, public.policies, text) is 'A task that waits for people, or whose approval has let nothing out yet: every decision on it is void, and it is asked anew.';

create function public._apply_policy(p_change public.changes) returns jsonb
language plpgsql volatile set search_path = ''
as $$
declare
  v_draft public.policy_drafts := public._draft_of(p_change.payload);
  v_before jsonb := public._policy_state(public._policy_in_force());
  v_now timestamptz;
  v_policy public.policies;
  v_task_id text;
  v_other public.changes;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Whoever decides or lets out holds the switch for share. From here to the end nobody does: what was decided under the old rules has been
  -- let out before, or is found below.
  perform 1 from public.stop_switch for update;
  perform 1 from public.changes where status = 'pending' order by created_at, change_id for update;
  v_now := clock_timestamp();
  update public.policies set retired_at = v_now where in_force_at is not null and retired_at is null;
  insert into public.policies (source, document, checksum, proposed_by, in_force_at, change_id)
  values (v_draft.source, v_draft.document, v_draft.checksum, p_change.proposer, v_now, p_change.change_id) returning * into v_policy;
  for v_task_id in
    select t.task_id from public.tasks t where t.ended_at is null and exists (
      select 1 from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending', 'approved')
        and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void')) order by t.task_id
  loop
    v_deliver := v_deliver || public._ask_task_under(v_task_id, v_policy, p_change.proposer);
  end loop;
  perform public._audit('system', p_change.proposer, 'policy.apply', 'policy:' || v_policy.policy_version, v_before, public._policy_state(v_policy) || jsonb_build_object('reference', p_change.reference));
  -- People looked at them beside other rules.
  for v_other in select * from public.changes where status = 'pending' and change_id <> p_change.change_id order by created_at, change_id loop
    v_deliver := v_deliver || public._end_change(v_other, 'void', p_change.proposer, format('policy version %s came into force; propose it anew', v_policy.policy_version));
  end loop;
  return v_deliver;
end
$$;
comment on function public._apply_policy(public.changes) is
  'A draft comes into force as the next version. Approvals under the old one are void and asked anew under the new one; tasks that wait for nobody keep theirs.';

create function public._outlook(p_document jsonb, p_nodes jsonb, p_requester uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_tier text;
  v_refusal text;
begin
  select max(public._tier_of(p_document, n ->> 1)), min(case
      when public._tier_of(p_document, n ->> 1) is null then format('%s is in no tier', n ->> 1)
      when not coalesce(p_document -> 'agents' ? (n ->> 0), false) then format('the agent %s is not in the policy', n ->> 0)
      when not coalesce(p_document -> 'agent_actions' -> (n ->> 0) ? (n ->> 1), false) then format('%s may not %s', n ->> 0, n ->> 1) end)
  into v_tier, v_refusal from jsonb_array_elements(p_nodes) n;
  return jsonb_build_object('tier', v_tier, 'slots', to_jsonb(public._slots(p_document, v_tier)),
    'has_dry_run', coalesce(p_document -> 'approvals' -> v_tier ? 'dry_run_required', false),
    -- How much of the approval may be the requester's own.
    'own', case when cardinality(public._slots(p_document, v_tier)) = 0 then 0 else array_position(array['none', 'operator', 'any'], public._separation(p_document, v_tier)) end,
    'refusal', coalesce(v_refusal, public._people_missing_for(p_document, v_tier, p_requester)));
end
$$;
comment on function public._outlook(jsonb, jsonb, uuid) is 'What a policy makes of the actions of a plan, each with its agent: the tier, who is asked, and why it is refused if it is.';

create function public._would_pass(p_document jsonb, p_tier text, p_verdict jsonb) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select (public.evaluate_requirements(jsonb_agg(x.r), p_verdict || jsonb_build_object('pass_points', (p_document -> 'quality' ->> 'pass_points')::integer)) ->> 'is_met')::boolean
    from (select 'critic_pass' as r union all select r from jsonb_array_elements_text(public._demands(p_document, p_tier, p_verdict)) r where r like 'critic>=%') x
  );
end
$$;
comment on function public._would_pass(jsonb, text, jsonb) is 'Whether a critic''s points pass the bar of a policy.';

create function public.simulate_policy(p_document jsonb, p_days integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_policy public.policies := public._policy_in_force();
  v_since timestamptz := now() - make_interval(days => least(greatest(coalesce(p_days, 30), 1), 365));
begin
  return (
    with planned as materialized (
      select t.task_id, t.created_at, t.status, t.requester_person_id, t.tokens_used, t.cost_usd, a.nodes,
        -- Where there were several critiques, the worst one decided.
        (select c.verdict from public.task_steps c where c.task_id = t.task_id and c.kind = 'critic' and c.verdict is not null order by (c.verdict ->> 'passed')::boolean, (c.verdict ->> 'score')::numeric limit 1) as verdict
      from public.tasks t
      cross join lateral (
        select l.after_json -> 'nodes' as nodes from public.audit_logs l
        where l.chain = t.task_id and l.action in ('plan.accept', 'plan.refuse') and l.after_json ? 'nodes' order by l.seq limit 1) a
      where t.created_at >= v_since
    ), outlooks as materialized (
      -- Most tasks ask for one of a few things: each is looked at once.
      select p.nodes, p.requester_person_id, public._outlook(v_policy.document, p.nodes, p.requester_person_id) as was, public._outlook(p_document, p.nodes, p.requester_person_id) as would
      from (select distinct nodes, requester_person_id from planned) p
    ), judged as (
      select p.*, o.was, o.would, public._would_pass(v_policy.document, o.was ->> 'tier', p.verdict) as passed, public._would_pass(p_document, o.would ->> 'tier', p.verdict) as would_pass,
        p.tokens_used > (v_policy.document -> 'budgets' ->> 'task_tokens')::bigint or p.cost_usd > (v_policy.document -> 'budgets' ->> 'task_usd')::numeric as was_over,
        p.tokens_used > (p_document -> 'budgets' ->> 'task_tokens')::bigint or p.cost_usd > (p_document -> 'budgets' ->> 'task_usd')::numeric as would_be_over
      from planned p join outlooks o on o.nodes = p.nodes and o.requester_person_id is not distinct from p.requester_person_id
    ), changed as (
      select * from judged j where j.was <> j.would or j.passed is distinct from j.would_pass or j.was_over is distinct from j.would_be_over
    )
    select jsonb_build_object('since', v_since, 'base_version', v_policy.policy_version, 'tasks', (select count(*) from planned), 'changed', (select count(*) from changed),
      'items', coalesce((select jsonb_agg(x.item order by x.created_at desc) from (
        select c.created_at, jsonb_build_object('task_id', c.task_id, 'status', c.status,
          'kind', coalesce((select max(public._effect_kind(n ->> 1)) from jsonb_array_elements(c.nodes) n), 'reply'),
          'tier_before', c.was ->> 'tier', 'tier_after', c.would ->> 'tier', 'refusal_before', c.was ->> 'refusal', 'refusal_after', c.would ->> 'refusal',
          'slots_lost', (select coalesce(jsonb_agg(s), '[]') from jsonb_array_elements(c.was -> 'slots') s where not c.would -> 'slots' @> s),
          'slots_gained', (select coalesce(jsonb_agg(s), '[]') from jsonb_array_elements(c.would -> 'slots') s where not c.was -> 'slots' @> s),
          'dry_run', case when c.was -> 'has_dry_run' <> c.would -> 'has_dry_run' then case when (c.would ->> 'has_dry_run')::boolean then 'gained' else 'lost' end end,
          'own', case when c.was -> 'own' <> c.would -> 'own' and (c.was ->> 'own')::integer > 0 and (c.would ->> 'own')::integer > 0
            then case when (c.would ->> 'own')::integer > (c.was ->> 'own')::integer then 'gained' else 'lost' end end,
          'critic', case when c.passed and not c.would_pass then 'would_fail' when c.would_pass and not c.passed then 'would_pass' end,
          'budget', case when c.would_be_over and not c.was_over then 'over' when c.was_over and not c.would_be_over then 'within' end) as item
        -- Newest first; more than this nobody reads, and the counts have all of them.
        from changed c order by c.created_at desc limit 1000) x), '[]'))
  );
end
$$;
comment on function public.simulate_policy(jsonb, integer) is 'What the tasks of so many days would have met under this policy, beside the one in force: only those for which something differs.';

create function public.propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_draft public.policy_drafts;
  v_payload jsonb := '{}'::jsonb;
  v_backtest jsonb;
  v_result jsonb;
begin
  if 'owner' = any (public._roles_of(public._person_of(p_external_id))) then
    v_draft := public._keep_draft(p_source, p_document, p_checksum, 'tg:' || p_external_id, false);
    v_payload := jsonb_build_object('checksum', v_draft.checksum, 'document_checksum', v_draft.document_checksum);
    v_backtest := public.simulate_policy(v_draft.document, 30);
  end if;
  v_result := public.propose_change(p_external_id, 'policy', v_payload, p_reason);
  if v_result ->> 'outcome' = 'proposed' then
    update public.policy_drafts set backtest = v_backtest where checksum = v_draft.checksum and document_checksum = v_draft.document_checksum;
    perform public._audit('system', 'tg:' || p_external_id, 'policy.backtest', v_result -> 'change' ->> 'reference', null, v_backtest - 'items');
  elsif v_result ->> 'outcome' = 'refused' then
    -- Nothing is kept of what was refused, unless it is also a deployment's file or was proposed before.
    delete from public.policy_drafts d where d.checksum = v_draft.checksum and d.document_checksum = v_draft.document_checksum and not d.is_offered
      and not exists (select 1 from public.changes c where c.kind = 'policy' and c.payload = v_payload);
  end if;
  return v_result;
end
$$;
comment on function public.propose_policy(bigint, text, jsonb, text, text) is 'Keeps the text, tries it on the tasks of the last 30 days, and proposes it as a change: `propose_change` says whether it may be.';

create function public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_policy public.policies := public._policy_in_force();
  v_earlier integer;
begin
  select max(policy_version) into v_earlier from public.policies where checksum = p_checksum and in_force_at is not null;
  if v_policy.policy_version is not null and v_earlier is null then
    perform public._keep_draft(p_source, p_document, p_checksum, 'system', true);
  end if;
  return jsonb_build_object('policy_version', v_policy.policy_version, 'earlier_version', v_earlier, 'is_offered', v_policy.policy_version is not null and v_earlier is null);
end
$$;
comment on function public.offer_policy_file(text, jsonb, text) is 'The file that a process was started with, where it is not what is in force: kept for somebody to take up, unless it was in force before.';

create function public._draft_view(p_draft public.policy_drafts) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return case when p_draft.checksum is not null then jsonb_build_object('checksum', p_draft.checksum, 'document_checksum', p_draft.document_checksum, 'source', p_draft.source, 'document', p_draft.document,
    'created_by', p_draft.created_by, 'created_at', p_draft.created_at, 'backtest', p_draft.backtest) end;
end
$$;

create function public._offered() returns public.policy_drafts
language plpgsql stable set search_path = ''
as $$
declare
  v_draft public.policy_drafts;
begin
  select d.* into v_draft from public.policy_drafts d where d.is_offered and not exists (select 1 from public.policies p where p.checksum = d.checksum and p.in_force_at is not null) order by d.created_at desc limit 1;
  return v_draft;
end
$$;
comment on function public._offered() is 'The newest file of a deployment that never was in force.';

create function public.open_policy_offer(p_chat_id bigint, p_topic_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_draft public.policy_drafts := public._offered();
  v_card public.cards;
begin
  if v_draft.checksum is null then
    return null;
  end if;
  insert into public.cards (kind, draft_checksum, draft_document_checksum, chat_id, topic_id) values ('offer', v_draft.checksum, v_draft.document_checksum, p_chat_id, p_topic_id) on conflict (draft_checksum) where kind = 'offer' do nothing;
  select * into v_card from public.cards where kind = 'offer' and draft_checksum = v_draft.checksum for no key update;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('draft', public._draft_view(v_draft), 'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id)));
end
$$;
comment on function public.open_policy_offer(bigint, bigint) is 'The message that announces a deployment''s file: once per file. Null when there is nothing to announce.';

create function public.find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_card public.cards;
  v_draft public.policy_drafts;
begin
  if p_token is null then
    return jsonb_build_object('code', null, 'draft', public._draft_view(public._offered()));
  end if;
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'offer';
  if v_card.card_id is null then
    return jsonb_build_object('code', 'unknown_button', 'draft', null);
  elsif v_card.chat_id is distinct from p_chat_id or coalesce(v_card.message_id, p_message_id) is distinct from p_message_id then
    return jsonb_build_object('code', 'wrong_message', 'draft', null);
  end if;
  select * into v_draft from public.policy_drafts where checksum = v_card.draft_checksum and document_checksum = v_card.draft_document_checksum;
  return jsonb_build_object('code', null, 'draft', public._draft_view(v_draft));
end
$$;
comment on function public.find_policy_offer(text, bigint, bigint) is 'The file behind a button on its own message, or without a button the newest one that never was in force.';

create function public.get_policy_draft(p_checksum text, p_document_checksum text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return public._draft_view(public._draft_of(jsonb_build_object('checksum', p_checksum, 'document_checksum', p_document_checksum)));
end
$$;
comment on function public.get_policy_draft(text, text) is 'The text and document of what a change of kind policy is about; null when there is none.';

create function public.get_policy_origin(p_version integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('policy_version', p.policy_version, 'in_force_at', p.in_force_at, 'retired_at', p.retired_at, 'reference', c.reference, 'proposer', public._name_of(c.proposed_by),
      'decided_by', coalesce((select jsonb_agg(jsonb_build_object('slot', d.slot, 'name', public._name_of(d.person_id)) order by d.ts) from public.change_decisions d
        where d.change_id = c.change_id and d.decision = 'approve' and d.voided_at is null), '[]'),
      'previous_version', (select max(o.policy_version) from public.policies o where o.policy_version < p.policy_version and o.in_force_at is not null))
    from public.policies p left join public.changes c on c.change_id = p.change_id
    where case when p_version is null then p.in_force_at is not null and p.retired_at is null else p.policy_version = p_version end
  );
end
$$;
comment on function public.get_policy_origin(integer) is 'Since when a version is in force, or was, and by whom; the one in force without a number.';

select public._protect_table('policy_drafts');
select public._expose('propose_policy', 'ags_bot'), public._expose('simulate_policy', 'ags_bot'), public._expose('offer_policy_file', 'ags_bot', 'ags_worker'), public._expose('open_policy_offer', 'ags_bot'),
  public._expose('find_policy_offer', 'ags_bot'), public._expose('get_policy_draft', 'ags_bot', 'ags_worker'), public._expose('get_policy_origin', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['_keep_draft', '_draft_of', '_policy_in_force', '_policy_rule_problem', '_tier_lockout', '_policy_problem', '_policy_form_problem', '_policy_state', '_judge_again', '_move_problem',
  '_move_task', '_ask_task_under', '_apply_policy', '_outlook', '_would_pass', '_draft_view', '_offered']) f;
reset role;
