-- Approval: one version of one artifact, shown in full, decided by people who fit its slots. `decide_approval` is the only door.
set role ags_owner;

create function public._new_reference(p_tier text) returns text
language plpgsql volatile set search_path = ''
as $$
declare
  v_alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  v_length integer := 4;
  v_reference text;
  v_bytes bytea;
begin
  loop
    v_bytes := sha256(uuid_send(gen_random_uuid()));
    select p_tier || '-' || string_agg(substr(v_alphabet, (get_byte(v_bytes, i) % 32) + 1, 1), '') into v_reference from generate_series(0, v_length - 1) i;
    -- None is ever reused: a name that was taken once makes the next one longer.
    exit when not exists (select 1 from public.approval_requests where reference = v_reference) and not exists (select 1 from public.changes where reference = v_reference);
    v_length := v_length + 1;
  end loop;
  return v_reference;
end
$$;

create function public._new_token() returns text
language plpgsql volatile set search_path = ''
as $$
begin
  return (select translate(rtrim(encode(uuid_send(gen_random_uuid()), 'base64'), '='), '+/', '-_'));
end
$$;
comment on function public._new_token() is 'What a button carries: 22 characters, 122 random bits, and no meaning of its own.';

create function public._facts(p_request public.approval_requests) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'score', c.verdict -> 'score', 'points', c.verdict -> 'points', 'pass_points', c.verdict -> 'pass_points',
      -- A verdict over other bytes says nothing about these.
      'has_veto', case when c.verdict ->> 'post_checksum' = p_request.artifact_checksum then c.verdict -> 'has_veto' else 'true'::jsonb end,
      'is_critic_waived', public._has_break_glass(p_request.request_id), 'waived_slot', public._waived_slot(p_request.request_id),
      'has_dry_run', p_request.dry_run_artifact_id is not null,
      'is_staged', p_request.shown_at is not null and p_request.staging_problem is null,
      'staging_problem', p_request.staging_problem, 'limit_problem', public._request_limit(p_request),
      'approvals', coalesce((select jsonb_agg(jsonb_build_object('role', a.role, 'name', public._name_of(a.person_id))) from public.approvals a
        where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_request.artifact_checksum), '[]'))
    from public.task_steps s
    join public.task_steps c on c.task_id = s.task_id and c.kind = 'critic' and c.subject_node = s.subject_node
    where s.step_id = p_request.step_id
  );
end
$$;

create function public._verdict(p_request public.approval_requests) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (select public.evaluate_requirements(p_request.requirements, public._facts(p_request)));
end
$$;
comment on function public._verdict(public.approval_requests) is 'What of a request is met and what is not, now.';

create function public._redraw_cards(p_task_id text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(public._job('card.show', c.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]')
    from (select distinct step_id from public.cards where kind = 'approval' and step_id in (select step_id from public.task_steps where task_id = p_task_id)) c
  );
end
$$;

create function public._open_request(p_step public.task_steps) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_task public.tasks;
  v_policy jsonb;
  v_critic public.task_steps;
  v_effect public.task_steps;
  v_post public.artifacts;
  v_slots text[];
  v_request public.approval_requests;
  v_requirements jsonb;
  v_denial text;
begin
  select * into v_task from public.tasks where task_id = p_step.task_id for update;
  v_policy := public._policy(v_task.policy_version);
  select * into v_critic from public.task_steps where task_id = p_step.task_id and kind = 'critic' and subject_node = p_step.subject_node;
  select * into v_effect from public.task_steps where task_id = p_step.task_id and kind = 'effect' and subject_node = p_step.subject_node;
  v_slots := public._demanded_slots(v_policy, v_task.risk_tier, v_critic.verdict);
  -- A gate that was put in only because the critic had refused is not needed once it passes.
  if cardinality(v_slots) = 0 and (v_critic.verdict ->> 'passed')::boolean then
    update public.task_steps set status = 'skipped', ended_at = now() where step_id = p_step.step_id;
    return '[]'::jsonb;
  end if;
  select * into v_post from public.artifacts where step_id = v_critic.step_id and type = 'post' and checksum = v_critic.verdict ->> 'post_checksum' order by created_at desc limit 1;
  v_denial := public._denial_problem(v_task.task_id, v_effect.effect_kind, v_effect.target_chat_id, v_effect.target_topic_id, v_post.artifact_id);
  if v_denial is not null then
    -- Nobody is asked what has been answered.
    perform public._audit(v_task.task_id, 'system', 'rule.apply', p_step.step_id, null, jsonb_build_object('rule', v_denial, 'checksum', v_post.checksum));
    return public._end_task(v_task.task_id, 'rejected', 'denied', v_denial, 'system');
  end if;
  v_requirements := jsonb_build_array('critic_pass') || public._demands(v_policy, v_task.risk_tier, v_critic.verdict) || '["staged_copy"]'
    || case when public._is_money(v_effect.effect_kind) then '["within_limits"]'::jsonb else '[]'::jsonb end;
  insert into public.approval_requests (reference, task_id, step_id, version, tier, action, slots, requirements, artifact_id, artifact_checksum, target_chat_id, target_topic_id, policy_version, requester_person_id)
  values (public._new_reference(v_task.risk_tier), v_task.task_id, p_step.step_id, 1 + (select count(*) from public.approval_requests where step_id = p_step.step_id), v_task.risk_tier, v_effect.action, v_slots,
    v_requirements, v_post.artifact_id, v_post.checksum, v_effect.target_chat_id, v_effect.target_topic_id, v_task.policy_version, v_task.requester_person_id)
  returning * into v_request;
  update public.task_steps set status = 'awaiting_approval', started_at = coalesce(started_at, clock_timestamp()) where step_id = p_step.step_id;
  if (v_critic.verdict ->> 'passed')::boolean then
    -- A doubt about another delivery of the same task keeps it held until people have answered.
    update public.tasks set status = 'awaiting_approval', held_reason = null where task_id = v_task.task_id and held_reason is distinct from 'in_doubt';
  else
    update public.tasks set status = 'held', held_reason = 'critic' where task_id = v_task.task_id and held_reason is distinct from 'in_doubt';
  end if;
  perform public._event(v_task.task_id, 'NEED_APPROVAL', p_step.step_id, null, jsonb_build_object('reference', v_request.reference, 'tier', v_request.tier, 'checksum', v_request.artifact_checksum,
    'slots', to_jsonb(v_slots), 'outputs_ref', v_post.storage_ref), v_task.task_id || ':' || p_step.node_id || ':need:' || v_request.version);
  perform public._audit(v_task.task_id, 'system', 'approval.ask', v_request.reference, null, jsonb_build_object('step_id', p_step.step_id, 'version', v_request.version, 'checksum', v_request.artifact_checksum,
    'target', v_request.target_chat_id, 'topic', v_request.target_topic_id, 'action', v_request.action, 'tier', v_request.tier, 'slots', to_jsonb(v_slots), 'policy_version', v_request.policy_version,
    'requirements', v_requirements));
  return public._job('request.show', v_request.request_id::text, v_request.wake_seq);
end
$$;
comment on function public._open_request(public.task_steps) is 'Asks people about exactly what the critic judged: a new version with its own reference.';

create function public._request_view(p_request_id uuid) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'request_id', r.request_id, 'reference', r.reference, 'task_id', r.task_id, 'step_id', r.step_id, 'version', r.version, 'tier', r.tier, 'action', r.action, 'status', r.status,
      'slots', to_jsonb(r.slots), 'target_chat_id', r.target_chat_id, 'target_topic_id', r.target_topic_id, 'policy_version', r.policy_version, 'artifact_checksum', r.artifact_checksum,
      'staging_problem', r.staging_problem, 'created_at', r.created_at, 'shown_at', r.shown_at, 'expires_at', r.expires_at, 'decided_at', r.decided_at, 'void_reason', r.void_reason,
      'goal', t.goal, 'task_status', t.status, 'is_rehearsal', t.is_rehearsal, 'requester', public._name_of(r.requester_person_id), 'actor', t.actor,
      'task_chat_id', t.chat_id, 'task_topic_id', t.topic_id, 'task_message_id', t.message_id,
      'post', public._artifact_json(a), 'dry_run', case when d.artifact_id is not null then public._artifact_json(d) end,
      'critic', c.verdict, 'verdict', public._verdict(r),
      'is_edited_by_person', (select s.is_edited_by_person from public.task_steps s where s.task_id = r.task_id and s.node_id = g.subject_node),
      'stale_sources', public._stale_sources(r.task_id),
      'decisions', coalesce((select jsonb_agg(jsonb_build_object('role', x.role, 'decision', x.decision, 'name', public._name_of(x.person_id), 'approver', x.approver, 'reason', x.reason, 'at', x.ts,
        'delegated_by', public._delegated_by(x.person_id, x.role, x.ts)) order by x.ts)
        from public.approvals x where x.request_id = r.request_id), '[]'),
      'staged', coalesce((select jsonb_agg(jsonb_build_object('part', p.part, 'chat_id', p.chat_id, 'topic_id', p.topic_id, 'message_id', p.message_id) order by p.part) from public.staged_parts p where p.request_id = r.request_id), '[]'),
      'previous', (select public._artifact_json(pa) || jsonb_build_object('reference', pr.reference, 'void_reason', pr.void_reason)
        from public.approval_requests pr join public.artifacts pa on pa.artifact_id = pr.artifact_id where pr.step_id = r.step_id and pr.version = r.version - 1),
      'replaced_by', (select n.reference from public.approval_requests n where n.step_id = r.step_id and n.version > r.version order by n.version desc limit 1),
      'stop', public.get_stop_state())
    from public.approval_requests r
    join public.tasks t using (task_id)
    join public.artifacts a on a.artifact_id = r.artifact_id
    left join public.artifacts d on d.artifact_id = r.dry_run_artifact_id
    join public.task_steps g on g.step_id = r.step_id
    join public.task_steps c on c.task_id = r.task_id and c.kind = 'critic' and c.subject_node = g.subject_node
    where r.request_id = p_request_id
  );
end
$$;
comment on function public._request_view(uuid) is 'Everything that a card shows.';

create function public.claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests;
begin
  perform 1 from public.stop_switch for share;
  select * into v_request from public.approval_requests where request_id = p_request_id for update;
  if v_request.status is distinct from 'staging' or public._is_stopped(v_request.tier) or v_request.lease_expires_at > clock_timestamp() then
    return null;
  end if;
  update public.approval_requests set worker = p_worker, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds) where request_id = p_request_id;
  return public._request_view(p_request_id);
end
$$;
comment on function public.claim_request(uuid, text, integer) is 'Takes a request that has to be shown, or gives null. While stopped no new card goes out.';

create function public.release_request(p_request_id uuid, p_worker text, p_delay_ms bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests;
begin
  update public.approval_requests set worker = null, lease_expires_at = null, wake_seq = wake_seq + 1, woken_at = clock_timestamp() + make_interval(secs => p_delay_ms / 1000.0)
  where request_id = p_request_id and worker = p_worker and status = 'staging' returning * into v_request;
  return jsonb_build_object('deliver', case when v_request.request_id is null then '[]' else public._job('request.show', p_request_id::text, v_request.wake_seq, p_delay_ms) end);
end
$$;
comment on function public.release_request(uuid, text, bigint) is 'Hands a request back that could not be shown yet: the process drains, or the messenger does not answer. The parts that stand already are kept.';

create function public.record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
begin
  perform 1 from public.approval_requests where request_id = p_request_id and worker = p_worker and status = 'staging' for update;
  if not found then
    perform public._refuse('ZT006', 'this worker no longer shows the request', jsonb_build_object('request_id', p_request_id));
  end if;
  insert into public.staged_parts (request_id, part, chat_id, topic_id, message_id) values (p_request_id, p_part, p_chat_id, p_topic_id, p_message_id) on conflict (request_id, part) do nothing;
  return jsonb_build_object('is_recorded', true);
end
$$;
comment on function public.record_staged_part(uuid, text, integer, bigint, bigint, bigint) is 'One part of the artifact stands in the admin group as it will be sent.';

create function public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests;
  v_policy jsonb;
  v_expires_at timestamptz;
  v_calls jsonb;
  v_artifact public.artifacts;
  v_problem text := p_problem;
begin
  perform 1 from public.tasks t join public.approval_requests r using (task_id) where r.request_id = p_request_id for update of t;
  select * into v_request from public.approval_requests where request_id = p_request_id for update;
  if v_request.status <> 'staging' or v_request.worker is distinct from p_worker then
    perform public._refuse('ZT006', 'this worker no longer shows the request', jsonb_build_object('request_id', p_request_id));
  end if;
  -- What the caller says does not outweigh what stands there: every part that was judged has been shown, or nobody can approve.
  select coalesce(v_problem, case when count(p.part) < (c.verdict ->> 'part_count')::integer then format('%s of %s parts have been shown', count(p.part), c.verdict ->> 'part_count') end) into v_problem
  from public.task_steps g
  join public.task_steps c on c.task_id = g.task_id and c.kind = 'critic' and c.subject_node = g.subject_node
  left join public.staged_parts p on p.request_id = p_request_id
  where g.step_id = v_request.step_id group by c.verdict;
  v_policy := public._policy(v_request.policy_version);
  v_expires_at := clock_timestamp() + make_interval(secs => (v_policy -> 'approval_times' ->> 'expire_after')::integer);
  v_calls := public._call_times(v_policy, clock_timestamp(), v_expires_at);
  if p_dry_run is not null then
    v_artifact := public._store_artifact(v_request.task_id, v_request.step_id, p_dry_run, 'system');
  end if;
  update public.approval_requests set status = 'pending', shown_at = clock_timestamp(), staging_problem = v_problem, dry_run_artifact_id = v_artifact.artifact_id, worker = null, lease_expires_at = null,
    expires_at = v_expires_at, remind_at = (v_calls ->> 'remind_at')::timestamptz, escalate_at = (v_calls ->> 'escalate_at')::timestamptz, warn_at = (v_calls ->> 'warn_at')::timestamptz
  where request_id = p_request_id returning * into v_request;
  perform public._audit(v_request.task_id, 'system', 'approval.show', v_request.reference, null, jsonb_strip_nulls(jsonb_build_object('problem', v_problem, 'dry_run', v_artifact.storage_ref,
    'parts', (select count(*) from public.staged_parts where request_id = p_request_id), 'expires_at', v_request.expires_at)));
  return public._request_view(p_request_id) || jsonb_build_object('deliver', public._changed(v_request.task_id));
end
$$;
comment on function public.record_shown(uuid, text, text, jsonb) is 'Everything has been shown (or what was shown differs: then the problem blocks approval). From here on it can be decided, until it expires.';

create function public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests;
  v_card public.cards;
  v_token text;
begin
  perform 1 from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id for update of t;
  select * into v_request from public.approval_requests where step_id = p_step_id order by version desc limit 1;
  if v_request.request_id is null then
    perform public._refuse('ZT003', 'nothing is asked about this step', jsonb_build_object('step_id', p_step_id));
  end if;
  insert into public.cards (kind, step_id, chat_id, topic_id) values ('approval', p_step_id, p_chat_id, p_topic_id) on conflict (step_id, chat_id) where kind = 'approval' do nothing;
  select * into v_card from public.cards where kind = 'approval' and step_id = p_step_id and chat_id = p_chat_id;
  insert into public.buttons (token, card_id, request_id) values (public._new_token(), v_card.card_id, v_request.request_id) on conflict (card_id, request_id) do nothing;
  select token into v_token from public.buttons where card_id = v_card.card_id and request_id = v_request.request_id;
  return public._request_view(v_request.request_id) || jsonb_build_object('card', public._card_view(v_card, v_token));
end
$$;
comment on function public.open_card(text, bigint, bigint) is 'The card of a gate in one chat, for the newest version of what is asked: its token, and its message once it is sent.';

create function public.list_cards(p_step_id text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('card_id', card_id, 'chat_id', chat_id, 'topic_id', topic_id, 'message_id', message_id) order by created_at), '[]') from public.cards where kind = 'approval' and step_id = p_step_id);
end
$$;
comment on function public.list_cards(text) is 'Where the cards of a gate stand.';

create function public.record_card(p_card_id uuid, p_message_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_message_id bigint;
begin
  update public.cards set sent_at = coalesce(sent_at, clock_timestamp()), message_id = coalesce(message_id, p_message_id) where card_id = p_card_id returning message_id into v_message_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;
comment on function public.record_card(uuid, bigint) is 'The card was sent as this message; the first one stays.';

create function public._press(p_card_id uuid, p_chat_id bigint, p_message_id bigint) returns text
language plpgsql set search_path = ''
as $$
declare
  v_card public.cards;
begin
  -- Not "for update": whoever opens the card of a task holds the task and refers to the card's row, and would wait for us as we for it.
  select * into v_card from public.cards where card_id = p_card_id for no key update;
  if v_card.message_id is null and v_card.chat_id = p_chat_id then
    -- Sent, but the process ended before it could note where: the press itself tells.
    update public.cards set message_id = p_message_id, sent_at = clock_timestamp() where card_id = p_card_id;
    return null;
  end if;
  return case when v_card.chat_id is distinct from p_chat_id or v_card.message_id is distinct from p_message_id then 'wrong_message' end;
end
$$;
comment on function public._press(uuid, bigint, bigint) is 'A press counts on the card''s own message alone: null, or wrong_message.';

create function public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_request_id uuid;
  v_card_id uuid;
begin
  if p_token is null then
    select request_id into v_request_id from public.approval_requests where reference = upper(btrim(p_reference));
    return jsonb_build_object('request_id', v_request_id, 'code', case when v_request_id is null then 'unknown_reference' end);
  end if;
  select b.request_id, c.card_id into v_request_id, v_card_id from public.buttons b join public.cards c using (card_id) where b.token = p_token and c.kind = 'approval';
  if v_request_id is null then
    return jsonb_build_object('request_id', null, 'code', 'unknown_button');
  end if;
  return jsonb_build_object('request_id', v_request_id, 'code', public._press(v_card_id, p_chat_id, p_message_id));
end
$$;
comment on function public._find_request(text, text, bigint, bigint) is 'From a reference, or from a button on its own card''s message, to the request.';

create function public._fitting_slots(p_request public.approval_requests, p_person_id uuid, p_as_role text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_roles text[] := public._roles_of(p_person_id);
  v_separation text := public._separation(public._policy(p_request.policy_version), p_request.tier);
  v_fits text[];
begin
  -- An owner may do what an operator may; whoever fits both fills the owner slot first.
  select array_agg(s order by s = 'owner' desc) into v_fits from unnest(p_request.slots) s where s = any (v_roles) or (s = 'operator' and 'owner' = any (v_roles));
  if v_fits is null then
    return jsonb_build_object('code', 'no_role');
  end if;
  if p_request.requester_person_id is null and p_request.tier = 'T3' and exists (select 1 from public.tasks t where t.task_id = p_request.task_id and t.source = 'telegram') then
    return jsonb_build_object('code', 'requester_unknown');
  end if;
  if p_person_id = p_request.requester_person_id then
    if v_separation = 'none' then
      return jsonb_build_object('code', 'requester');
    elsif v_separation = 'operator' then
      v_fits := array(select f from unnest(v_fits) f where f = 'operator');
    end if;
  end if;
  if p_as_role is not null then
    v_fits := array(select f from unnest(v_fits) f where f = p_as_role);
  end if;
  if cardinality(v_fits) = 0 then
    return jsonb_build_object('code', case when p_person_id = p_request.requester_person_id then 'requester' else 'no_role' end);
  end if;
  -- Whoever stands in for the one who asked may do no more than that one.
  v_fits := array(select f from unnest(v_fits) with ordinality x (f, place)
    where v_separation = 'any' or (v_separation = 'operator' and f = 'operator') or p_person_id = p_request.requester_person_id
      or (p_request.requester_person_id = any (public._behind(null, p_person_id, f, clock_timestamp()))) is not true order by x.place);
  if cardinality(v_fits) = 0 then
    return jsonb_build_object('code', 'stand_in');
  end if;
  return jsonb_build_object('code', null, 'slots', to_jsonb(v_fits));
end
$$;
comment on function public._fitting_slots(public.approval_requests, uuid, text) is 'The slots that this person may fill, whoever fills them now: {code, slots}, the first one first.';

create function public._open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text) returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_fit jsonb := public._fitting_slots(p_request, p_person_id, p_as_role);
  v_others uuid[];
  v_fits text[];
  v_slot text;
begin
  if v_fit ->> 'code' is not null then
    return v_fit;
  end if;
  -- Two people: nobody fills a slot beside whom they stand in for, nor beside their own stand-in.
  v_others := array(select b.person_id from public.approvals a cross join lateral unnest(public._behind(null, a.person_id, a.role, a.ts)) b (person_id)
    where a.request_id = p_request.request_id and a.decision = 'approve' and a.person_id <> p_person_id);
  v_fits := array(select f from jsonb_array_elements_text(v_fit -> 'slots') with ordinality x (f, place) where not public._behind(null, p_person_id, f, clock_timestamp()) && v_others order by x.place);
  if cardinality(v_fits) = 0 then
    return jsonb_build_object('code', 'stand_in');
  end if;
  select f into v_slot from unnest(v_fits) with ordinality x (f, place)
  where not exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'approve' and a.role = x.f) order by place limit 1;
  if v_slot is null and p_as_role is not null then
    -- The one that is open to this person, so that the refusal can name it.
    return jsonb_build_object('code', 'slot_taken', 'slot', public._open_slot(p_request, p_person_id, null) ->> 'slot');
  end if;
  return jsonb_build_object('code', case when v_slot is null then 'slot_taken' end, 'slot', v_slot);
end
$$;
comment on function public._open_slot(public.approval_requests, uuid, text) is 'The slot that this person would fill, or the code of why there is none.';

create function public._gate_refusal(p_request public.approval_requests, p_person_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_roles text[] := public._roles_of(p_person_id);
begin
  return case
    when not (v_roles && array['operator', 'owner']) then 'no_role'
    when (select stopped_at is not null from public.stop_switch) then 'stopped'
    when p_request.status = 'void' and p_request.void_reason like 'task\_%' then 'task_over'
    when p_request.status = 'approved' and exists (select 1 from public.tasks t where t.task_id = p_request.task_id and t.ended_at is not null)
      and not exists (select 1 from public.effects e where e.request_id = p_request.request_id and e.status <> 'void') then 'task_over'
    when p_request.status = 'void' then 'replaced'
    when p_request.status = 'expired' or (p_request.status = 'pending' and p_request.expires_at <= clock_timestamp()) then 'expired'
    when p_request.status = 'rejected' then 'already_rejected'
    when p_request.status = 'staging' then 'not_shown' end;
end
$$;

create function public.decide_approval(
  p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb;
  v_request public.approval_requests;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_slot jsonb;
  v_code text;
  v_granted_at timestamptz;
  v_before public.approvals;
  v_deliver jsonb := '[]'::jsonb;
  v_outcome text;
  v_prompt_id uuid;
begin
  perform 1 from public.stop_switch for share;
  v_person_id := public._hold_person(p_external_id);
  v_found := public._find_request(p_reference, p_token, p_chat_id, p_message_id);
  if v_found ->> 'request_id' is not null then
    perform 1 from public.tasks t join public.approval_requests r using (task_id) where r.request_id = (v_found ->> 'request_id')::uuid for update of t;
    select * into v_request from public.approval_requests where request_id = (v_found ->> 'request_id')::uuid for update;
  end if;
  v_code := coalesce(v_found ->> 'code', case when p_decision is null or p_decision not in ('approve', 'reject') then 'unknown_decision' end, public._gate_refusal(v_request, v_person_id));

  if v_code is null and p_decision = 'reject' then
    select granted_at into v_granted_at from public.effects where request_id = v_request.request_id and status <> 'void';
    v_code := case when v_granted_at is not null then 'too_late' when coalesce(btrim(p_reason), '') = '' then 'reason_needed' end;
    if v_code is null then
      select * into v_before from public.approvals where request_id = v_request.request_id and person_id = v_person_id;
      insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, reason, artifact_checksum)
      values (v_request.request_id, v_request.task_id, v_request.step_id, v_request.tier, v_actor, v_person_id,
        case when 'owner' = any (public._roles_of(v_person_id)) then 'owner' else 'operator' end, 'reject', left(btrim(p_reason), 2000), v_request.artifact_checksum)
      on conflict (request_id, person_id) do update set decision = 'reject', reason = excluded.reason, ts = clock_timestamp();
      update public.approval_requests set status = 'rejected', decided_at = clock_timestamp() where request_id = v_request.request_id returning * into v_request;
      perform public._audit(v_request.task_id, v_actor, 'approval.reject', v_request.reference, case when v_before.approval_id is not null then jsonb_build_object('decision', v_before.decision) end,
        jsonb_build_object('decision', 'reject', 'reason', left(btrim(p_reason), 500), 'checksum', v_request.artifact_checksum, 'source', p_source));
      perform public._event(v_request.task_id, 'APPROVAL_DECIDED', v_request.step_id, null, jsonb_build_object('reference', v_request.reference, 'decision', 'reject', 'approver', v_actor), v_request.reference || ':reject');
      v_deliver := public._end_task(v_request.task_id, 'rejected', 'rejected', btrim(p_reason), v_actor);
      v_outcome := 'rejected';
    end if;
  elsif v_code is null then
    v_code := case
      when v_request.status = 'approved' then 'already_approved'
      when exists (select 1 from public.approvals where request_id = v_request.request_id and person_id = v_person_id) then 'already_yours'
      -- Whatever people cannot mend by approving has to be met before they are asked.
      when exists (select 1 from jsonb_array_elements(public._verdict(v_request) -> 'items') i where not (i ->> 'is_met')::boolean and not (i ->> 'is_by_people')::boolean) then 'unmet' end;
    if v_code is null then
      v_slot := public._open_slot(v_request, v_person_id, p_as_role);
      v_code := coalesce(v_slot ->> 'code', public._factor_refusal('request:' || v_request.request_id, v_request.policy_version, v_request.tier, v_person_id));
      v_prompt_id := case when v_code = 'factor_needed' then public._ask_factor('request:' || v_request.request_id, p_external_id, jsonb_build_object('as_role', p_as_role, 'reason', left(btrim(p_reason), 2000))) end;
    end if;
    if v_code is null then
      insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, reason, artifact_checksum, factor_checked_at)
      values (v_request.request_id, v_request.task_id, v_request.step_id, v_request.tier, v_actor, v_person_id, v_slot ->> 'slot', 'approve', nullif(left(btrim(p_reason), 2000), ''), v_request.artifact_checksum,
        public._spend_factor('request:' || v_request.request_id, v_person_id));
      perform public._audit(v_request.task_id, v_actor, 'approval.approve', v_request.reference, null, jsonb_build_object('decision', 'approve', 'role', v_slot ->> 'slot', 'checksum', v_request.artifact_checksum,
        'target', v_request.target_chat_id, 'policy_version', v_request.policy_version, 'source', p_source));
      perform public._event(v_request.task_id, 'APPROVAL_DECIDED', v_request.step_id, null, jsonb_build_object('reference', v_request.reference, 'decision', 'approve', 'role', v_slot ->> 'slot', 'approver', v_actor),
        v_request.reference || ':approve:' || (v_slot ->> 'slot'));
      v_outcome := 'recorded';
      if (public._verdict(v_request) ->> 'is_met')::boolean then
        update public.approval_requests set status = 'approved', decided_at = clock_timestamp() where request_id = v_request.request_id returning * into v_request;
        v_deliver := public._close_gate(v_request);
        v_outcome := 'approved';
      else
        -- The task's message says who is still missing.
        v_deliver := public._changed(v_request.task_id);
      end if;
    end if;
  end if;

  if v_code is not null then
    v_outcome := 'refused';
    -- An attempt on a gate that changed nothing still leaves its trace.
    perform public._audit(coalesce(v_request.task_id, 'system'), v_actor, 'approval.refuse', coalesce(v_request.reference, left(coalesce(p_reference, 'button'), 40)), null,
      jsonb_build_object('code', v_code, 'decision', left(p_decision, 20), 'source', p_source));
  end if;
  return jsonb_build_object('outcome', v_outcome, 'code', v_code, 'slot', v_slot ->> 'slot', 'granted_at', v_granted_at, 'prompt_id', v_prompt_id,
    'request', case when v_request.request_id is not null then public._request_view(v_request.request_id) end, 'deliver', v_deliver);
end
$$;
comment on function public.decide_approval(text, text, bigint, bigint, bigint, text, text, text, text) is
  'The only door to a decision: by button, command or reply. outcome is recorded, approved, rejected or refused; a refusal has a code and changes nothing but the audit log.';

create function public._close_gate(p_request public.approval_requests) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_step public.task_steps;
begin
  select * into v_step from public.task_steps where step_id = p_request.step_id for update;
  perform public._done(v_step, null, null, null, jsonb_build_object('reference', p_request.reference));
  if not exists (select 1 from public.approval_requests where task_id = p_request.task_id and status in ('staging', 'pending')) then
    update public.tasks set status = 'running' where task_id = p_request.task_id and status = 'awaiting_approval';
  end if;
  return public._advance(p_request.task_id, null, null) -> 'deliver';
end
$$;

create function public._void_request(p_request public.approval_requests, p_reason text, p_actor text) returns void
language plpgsql set search_path = ''
as $$
begin
  update public.approval_requests set status = 'void', void_reason = p_reason, decided_at = clock_timestamp(), worker = null, lease_expires_at = null where request_id = p_request.request_id;
  perform public._void_break_glass(p_request.request_id, p_reason);
  perform public._audit(p_request.task_id, p_actor, 'approval.void', p_request.reference, jsonb_build_object('status', p_request.status,
    'approvals', (select count(*) from public.approvals where request_id = p_request.request_id and decision = 'approve')), jsonb_build_object('reason', p_reason));
end
$$;

create function public.edit_request(p_reference text, p_external_id bigint, p_artifact jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_request public.approval_requests;
  v_person_id uuid := public._person_of(p_external_id);
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_gate public.task_steps;
  v_critic public.task_steps;
  v_artifact public.artifacts;
  v_deliver jsonb;
begin
  perform 1 from public.stop_switch for share;
  perform 1 from public.tasks t join public.approval_requests r using (task_id) where r.reference = upper(btrim(p_reference)) for update of t;
  select * into v_request from public.approval_requests where reference = upper(btrim(p_reference)) for update;
  if v_request.request_id is null then
    perform public._audit('system', v_actor, 'approval.refuse', left(coalesce(p_reference, 'request'), 40), null, jsonb_build_object('code', 'unknown_reference', 'decision', 'edit'));
    return jsonb_build_object('outcome', 'refused', 'code', 'unknown_reference', 'request', null, 'deliver', '[]'::jsonb);
  end if;
  v_code := coalesce(public._gate_refusal(v_request, v_person_id),
    case when exists (select 1 from public.effects where request_id = v_request.request_id and status <> 'void') then 'too_late' end);
  if v_code is not null then
    perform public._audit(v_request.task_id, v_actor, 'approval.refuse', v_request.reference, null, jsonb_build_object('code', v_code, 'decision', 'edit'));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'request', public._request_view(v_request.request_id), 'deliver', '[]'::jsonb);
  end if;
  select * into v_gate from public.task_steps where step_id = v_request.step_id for update;
  v_artifact := public._store_artifact(v_request.task_id, v_request.task_id || '/' || v_gate.subject_node, p_artifact, v_actor);
  perform public._void_request(v_request, 'edited', v_actor);
  update public.task_steps set output_ref = v_artifact.storage_ref, is_edited_by_person = true where task_id = v_request.task_id and node_id = v_gate.subject_node;
  -- What had been approved and not yet let out is taken back with it.
  update public.task_steps set status = 'pending', ended_at = null, worker = null, lease_expires_at = null, fence = fence + 1
  where task_id = v_request.task_id and subject_node = v_gate.subject_node and kind in ('approve', 'effect') and status in ('awaiting_approval', 'done', 'ready', 'running');
  select * into v_critic from public.task_steps where task_id = v_request.task_id and kind = 'critic' and subject_node = v_gate.subject_node for update;
  update public.task_steps set attempt_count = 0 where step_id = v_critic.step_id;
  perform public._audit(v_request.task_id, v_actor, 'approval.edit', v_request.reference, jsonb_build_object('checksum', v_request.artifact_checksum), jsonb_build_object('draft', v_artifact.storage_ref, 'checksum', v_artifact.checksum));
  v_deliver := public._lift_hold(v_request.task_id, null) || public._wake(v_critic.step_id) || public._changed(v_request.task_id) || public._redraw_cards(v_request.task_id);
  return jsonb_build_object('outcome', 'edited', 'code', null, 'request', public._request_view(v_request.request_id), 'deliver', v_deliver);
end
$$;
comment on function public.edit_request(text, bigint, jsonb) is 'A person''s own text instead of the agent''s: every decision so far is void, the critic runs again, a new version is asked about.';

create function public.restage_request(p_step_id text, p_fence bigint, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_step public.task_steps;
  v_gate public.task_steps;
  v_request public.approval_requests;
  v_effect public.effects;
begin
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind <> 'effect' then
    perform public._refuse('ZT001', 'only an effect step sends what was staged', jsonb_build_object('step_id', p_step_id));
  end if;
  select * into v_gate from public.task_steps where task_id = v_step.task_id and kind = 'approve' and subject_node = v_step.subject_node for update;
  select * into v_request from public.approval_requests where step_id = v_gate.step_id and status = 'approved' for update;
  if v_request.request_id is null then
    perform public._refuse('ZT001', 'nothing approved stands behind this step', jsonb_build_object('step_id', p_step_id));
  end if;
  select * into v_effect from public.effects where step_id = p_step_id and status = 'granted' for update;
  if exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status in ('started', 'in_doubt')) then
    perform public._refuse('ZT001', 'a try has no certain end yet', jsonb_build_object('effect_id', v_effect.effect_id));
  end if;
  -- The grant falls with the approvals it rests on, unless a part of it has landed already: the rest then goes on under the new approvals.
  update public.effects set status = 'void', settled_at = clock_timestamp(), outcome_note = left(p_reason, 500)
  where effect_id = v_effect.effect_id and not exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done');
  perform public._void_request(v_request, p_reason, 'system');
  update public.task_steps set status = 'pending', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = p_step_id;
  update public.task_steps set status = 'pending', ended_at = null where step_id = v_gate.step_id;
  return jsonb_build_object('deliver', public._advance(v_step.task_id, null, null) -> 'deliver');
end
$$;
comment on function public.restage_request(text, bigint, text) is 'The staged copy is gone: the approvals are void, it is shown again under a new reference.';

create function public.show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb := public._find_request(p_reference, p_token, p_chat_id, p_message_id);
  v_roles text[] := public._roles_of(public._person_of(p_external_id));
begin
  if v_found ->> 'code' is not null or cardinality(v_roles) = 0 then
    return jsonb_build_object('code', coalesce(v_found ->> 'code', 'no_role'), 'request', null);
  end if;
  return jsonb_build_object('code', null, 'request', public._request_view((v_found ->> 'request_id')::uuid));
end
$$;
comment on function public.show_request(text, text, bigint, bigint, bigint) is 'What the Details button shows, to anybody with a role.';

create function public.open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_found jsonb := public._find_request(null, p_token, p_chat_id, p_card_message_id);
  v_request public.approval_requests;
  v_code text := v_found ->> 'code';
  v_prompt_id uuid;
begin
  select * into v_request from public.approval_requests where request_id = (v_found ->> 'request_id')::uuid;
  v_code := coalesce(v_code, public._gate_refusal(v_request, public._person_of(p_external_id)),
    case when exists (select 1 from public.effects where request_id = v_request.request_id and status <> 'void') then 'too_late' end);
  if v_code is not null then
    perform public._audit(coalesce(v_request.task_id, 'system'), 'tg:' || p_external_id, 'approval.refuse', coalesce(v_request.reference, 'button'), null, jsonb_build_object('code', v_code, 'decision', p_kind));
    return jsonb_build_object('code', v_code, 'prompt_id', null, 'request', case when v_request.request_id is not null then public._request_view(v_request.request_id) end);
  end if;
  -- One question per person and card: a second press asks again in place of the first.
  update public.prompts set answered_at = now() where request_id = v_request.request_id and external_id = p_external_id and answered_at is null;
  insert into public.prompts (kind, request_id, external_id, chat_id, topic_id, card_message_id) values (p_kind, v_request.request_id, p_external_id, p_chat_id, p_topic_id, p_card_message_id) returning prompt_id into v_prompt_id;
  return jsonb_build_object('code', null, 'prompt_id', v_prompt_id, 'request', public._request_view(v_request.request_id));
end
$$;
comment on function public.open_prompt(text, text, bigint, bigint, bigint, bigint) is 'Reject and Edit ask one person to reply; until the reply comes nothing is decided.';

create function public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.prompts set message_id = p_message_id, earlier_message_ids = array_remove(earlier_message_ids || message_id, null) where prompt_id = p_prompt_id;
end
$$;
comment on function public.record_prompt_message(uuid, bigint) is 'The question was sent as this message.';

create function public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('prompt_id', p.prompt_id, 'kind', p.kind, 'is_expired', p.expires_at <= now(), 'is_closed', p.answered_at is not null) || case
      when p.kind = 'factor' then public._about_factor(p)
      else jsonb_build_object('about', case when c.change_id is null then 'request' else 'change' end, 'reference', coalesce(r.reference, c.reference), 'task_id', r.task_id) end
    from public.prompts asked
    -- Two questions for a code may carry two wishes: only of the others does one stand for another.
    join public.prompts p on p.prompt_id = asked.prompt_id or (p.chat_id = asked.chat_id and p.external_id = asked.external_id and p.kind = asked.kind and p.kind <> 'factor'
      and p.request_id is not distinct from asked.request_id and p.change_id is not distinct from asked.change_id)
    left join public.approval_requests r on r.request_id = p.request_id left join public.changes c on c.change_id = p.change_id
    where asked.chat_id = p_chat_id and asked.external_id = p_external_id and (asked.message_id = p_reply_to_message_id or p_reply_to_message_id = any (asked.earlier_message_ids))
    order by p.answered_at is null desc, p.created_at desc limit 1
  );
end
$$;
comment on function public.find_prompt(bigint, bigint, bigint) is 'The question that this person''s reply answers: the open one, also where the reply is to an earlier message that asked the same; else the closed one; null when it answers none.';

create function public.close_prompt(p_prompt_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.prompts set answered_at = now() where prompt_id = p_prompt_id and answered_at is null;
end
$$;
comment on function public.close_prompt(uuid) is 'The question has its answer.';

select public._expose('decide_approval', 'ags_bot'), public._expose('edit_request', 'ags_bot'), public._expose('show_request', 'ags_bot'),
  public._expose('open_prompt', 'ags_bot'), public._expose('record_prompt_message', 'ags_bot'), public._expose('find_prompt', 'ags_bot'), public._expose('close_prompt', 'ags_bot'),
  public._expose('claim_request', 'ags_worker'), public._expose('release_request', 'ags_worker'), public._expose('record_staged_part', 'ags_worker'), public._expose('record_shown', 'ags_worker'),
  public._expose('restage_request', 'ags_worker'),
  public._expose('open_card', 'ags_bot', 'ags_worker'), public._expose('list_cards', 'ags_bot', 'ags_worker'), public._expose('record_card', 'ags_bot', 'ags_worker');
select public._expose(f) from unnest(array['_new_reference', '_new_token', '_facts', '_verdict', '_redraw_cards', '_open_request', '_request_view', '_press', '_find_request', '_fitting_slots', '_open_slot', '_gate_refusal', '_close_gate', '_void_request']) f;
reset role;
