-- Running code breaks. "Do not ask again": a rejection with its reason becomes a rule that holds for a day. Whoever had asked may not ask for the same
-- kind of act at the same place in any words; nobody may ask there for anything that reads like it. Operators and owners see the rules and lift them.
set role ags_owner;

-- What the button under "Rejected" carries: one person's offer to keep that rejection, for an hour, on its own message.
create table public.rule_offers (
  token text primary key constraint rule_offers_token_form check (token ~ '^[A-Za-z0-9_-]{22}$'),
  request_id uuid not null references public.approval_requests,
  person_id uuid not null references public.people,
  chat_id bigint not null,
  message_id bigint,
  created_at timestamptz not null default now()
);

create table public.denial_rules (
  -- Known to people by the reference of the request that was rejected.
  request_id uuid primary key references public.approval_requests,
  author_person_id uuid not null references public.people,
  reason text not null constraint denial_rules_reason_given check (length(btrim(reason)) > 0),
  effect_kind text not null,
  target_chat_id bigint not null,
  target_topic_id bigint,
  -- Whose wish was denied, as in tasks.actor.
  denied_actor text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text,
  constraint denial_rules_lifter_when_lifted check ((lifted_at is null) = (lifted_by is null))
);
create index denial_rules_active on public.denial_rules (target_chat_id, expires_at) where lifted_at is null;

create function public._trigrams(p_text text) returns text[]
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := ' ' || btrim(regexp_replace(lower(left(p_text, 4000)), '[^[:alnum:]]+', ' ', 'g')) || ' ';
begin
  return coalesce((select array_agg(distinct substr(v_text, i, 3)) from generate_series(1, length(v_text) - 2) i), '{}'::text[]);
end
$$;
comment on function public._trigrams(text) is 'Every three letters that stand beside each other, without case and punctuation; of the first 4000 characters.';

create function public._is_alike(p_one text, p_other text) returns boolean
language plpgsql immutable set search_path = ''
as $$
declare
  v_one text[] := public._trigrams(p_one);
  v_other text[] := public._trigrams(p_other);
  v_common integer;
begin
  if p_one is null or p_other is null or cardinality(v_one) + cardinality(v_other) = 0 then
    return false;
  end if;
  select count(*) into v_common from (select unnest(v_one) intersect select unnest(v_other)) x;
  -- Half of what both have. Texts on one subject share a fifth to a third; one with some words changed shares more than half.
  return 2.0 * v_common / (cardinality(v_one) + cardinality(v_other)) >= 0.5;
end
$$;
comment on function public._is_alike(text, text) is 'Whether one text reads like the other with some words changed.';

create function public._post_text(p_artifact_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- One that is too large for its row is known by its goal and its checksum alone.
  return (select string_agg(part ->> 'text', ' ') from public.artifacts a, jsonb_array_elements(a.content::jsonb -> 'parts') part where a.artifact_id = p_artifact_id and a.content is not null and a.type = 'post');
end
$$;

create function public._denial_problem(p_task_id text, p_effect_kind text, p_chat_id bigint, p_topic_id bigint, p_artifact_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select format('denied by rule %s until %s UTC: %s said “%s”', r.reference, to_char(d.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), public._name_of(d.author_person_id), left(d.reason, 300))
    from public.denial_rules d
    join public.approval_requests r using (request_id)
    join public.tasks denied on denied.task_id = r.task_id
    join public.tasks t on t.task_id = p_task_id
    where d.lifted_at is null and d.expires_at > clock_timestamp() and d.effect_kind = p_effect_kind and d.target_chat_id = p_chat_id and d.target_topic_id is not distinct from p_topic_id
      and (d.denied_actor = t.actor or denied.requester_person_id = t.requester_person_id or public._is_alike(denied.goal, t.goal)
        or (p_artifact_id is not null and (r.artifact_checksum = (select checksum from public.artifacts where artifact_id = p_artifact_id) or public._is_alike(public._post_text(r.artifact_id), public._post_text(p_artifact_id)))))
    order by d.expires_at desc limit 1
  );
end
$$;
comment on function public._denial_problem(text, text, bigint, bigint, uuid) is 'The rule that stands against what this task wants to do there, with its author and reason; null when none does. Without an artifact, by what was asked alone.';

create function public.offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests;
  v_person_id uuid := public._person_of(p_external_id);
  v_token text;
begin
  select r.* into v_request from public.approval_requests r join public.approvals a using (request_id)
  where r.reference = upper(btrim(p_reference)) and r.status = 'rejected' and a.decision = 'reject' and a.person_id = v_person_id
    -- An answer to whoever asked is no act that could be denied in general.
    and exists (select 1 from public.task_steps e join public.task_steps g on g.task_id = e.task_id and g.subject_node = e.subject_node where g.step_id = r.step_id and e.kind = 'effect' and e.effect_kind <> 'reply');
  if v_request.request_id is null then
    return jsonb_build_object('token', null);
  end if;
  insert into public.rule_offers (token, request_id, person_id, chat_id) values (public._new_token(), v_request.request_id, v_person_id, p_chat_id) returning token into v_token;
  delete from public.rule_offers where created_at < now() - interval '1 day';
  return jsonb_build_object('token', v_token);
end
$$;
comment on function public.offer_rule(text, bigint, bigint) is 'The token for "do not ask again" under the rejection of whoever rejected; null when there is nothing to keep.';

create function public._rule_view(p_rule public.denial_rules) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('reference', r.reference, 'action', r.action, 'kind', p_rule.effect_kind, 'target_chat_id', p_rule.target_chat_id, 'target_topic_id', p_rule.target_topic_id,
      'author', public._name_of(p_rule.author_person_id), 'reason', p_rule.reason, 'denied', coalesce(public._name_of(t.requester_person_id), t.actor), 'goal', left(t.goal, 200),
      'created_at', p_rule.created_at, 'expires_at', p_rule.expires_at, 'lifted_by', p_rule.lifted_by)
    from public.approval_requests r join public.tasks t using (task_id) where r.request_id = p_rule.request_id
  );
end
$$;

create function public.keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_offer public.rule_offers;
  v_request public.approval_requests;
  v_rule public.denial_rules;
  v_person_id uuid := public._person_of(p_external_id);
  v_actor text := 'tg:' || p_external_id;
  v_code text;
begin
  select * into v_offer from public.rule_offers where token = p_token for update;
  v_code := case
    when v_offer.token is null or v_offer.created_at < now() - interval '1 hour' then 'unknown_button'
    when v_offer.chat_id is distinct from p_chat_id or coalesce(v_offer.message_id, p_message_id) is distinct from p_message_id then 'wrong_message'
    when v_offer.person_id is distinct from v_person_id then 'not_yours'
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role' end;
  if v_code is not null then
    perform public._audit('system', v_actor, 'rule.refuse', 'rule', null, jsonb_build_object('code', v_code, 'asked', 'keep'));
    return jsonb_build_object('code', v_code, 'rule', null);
  end if;
  update public.rule_offers set message_id = p_message_id where token = p_token;
  select * into v_request from public.approval_requests where request_id = v_offer.request_id;
  insert into public.denial_rules (request_id, author_person_id, reason, effect_kind, target_chat_id, target_topic_id, denied_actor, expires_at)
  select v_request.request_id, v_person_id, a.reason, e.effect_kind, v_request.target_chat_id, v_request.target_topic_id, t.actor, clock_timestamp() + interval '24 hours'
  from public.approvals a, public.tasks t, public.task_steps g join public.task_steps e on e.task_id = g.task_id and e.subject_node = g.subject_node and e.kind = 'effect'
  where a.request_id = v_request.request_id and a.person_id = v_person_id and a.decision = 'reject' and t.task_id = v_request.task_id and g.step_id = v_request.step_id
  on conflict (request_id) do nothing returning * into v_rule;
  if v_rule.request_id is null then
    -- Pressed twice: the first press counts, also when it has been lifted since.
    select * into v_rule from public.denial_rules where request_id = v_request.request_id;
  else
    perform public._audit(v_request.task_id, v_actor, 'rule.keep', v_request.reference, null, jsonb_build_object('reason', v_rule.reason, 'kind', v_rule.effect_kind, 'target', v_rule.target_chat_id,
      'denied', v_rule.denied_actor, 'expires_at', v_rule.expires_at));
  end if;
  return jsonb_build_object('code', null, 'rule', public._rule_view(v_rule));
end
$$;
comment on function public.keep_rule(text, bigint, bigint, bigint) is 'The press on "do not ask again", by whoever rejected, on that message: the rejection holds for a day.';

create function public.list_rules() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select coalesce(jsonb_agg(public._rule_view(d) order by d.expires_at), '[]'::jsonb) from public.denial_rules d where d.lifted_at is null and d.expires_at > clock_timestamp());
end
$$;
comment on function public.list_rules() is 'The denials that hold now.';

create function public.lift_rule(p_reference text, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_rule public.denial_rules;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
begin
  select d.* into v_rule from public.denial_rules d join public.approval_requests r using (request_id)
  where r.reference = upper(btrim(p_reference)) and d.lifted_at is null and d.expires_at > clock_timestamp() for update of d;
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when v_rule.request_id is null then 'not_found'
    -- Whoever was told not to ask again does not give themselves leave.
    when exists (select 1 from public.approval_requests r join public.tasks t using (task_id) where r.request_id = v_rule.request_id and t.requester_person_id = public._person_of(p_external_id))
      and v_rule.author_person_id is distinct from public._person_of(p_external_id) then 'own_request' end;
  if v_code is not null then
    perform public._audit('system', v_actor, 'rule.refuse', 'rule', null, jsonb_build_object('code', v_code, 'asked', 'lift'));
    return jsonb_build_object('code', v_code, 'rule', null);
  end if;
  update public.denial_rules set lifted_at = clock_timestamp(), lifted_by = v_actor where request_id = v_rule.request_id returning * into v_rule;
  perform public._audit((select task_id from public.approval_requests where request_id = v_rule.request_id), v_actor, 'rule.lift', upper(btrim(p_reference)), jsonb_build_object('expires_at', v_rule.expires_at), null);
  return jsonb_build_object('code', null, 'rule', public._rule_view(v_rule));
end
$$;
comment on function public.lift_rule(text, bigint) is 'An operator or owner lifts a denial before its time; not whoever it was said to.';

select public._protect_table('rule_offers'), public._protect_table('denial_rules');
select public._expose('offer_rule', 'ags_bot'), public._expose('keep_rule', 'ags_bot'), public._expose('list_rules', 'ags_bot', 'ags_web', 'ags_reader'), public._expose('lift_rule', 'ags_bot');
select public._expose(f) from unnest(array['_trigrams', '_is_alike', '_post_text', '_denial_problem', '_rule_view']) f;
reset role;
