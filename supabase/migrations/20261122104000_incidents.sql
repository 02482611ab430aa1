-- Running code does not break. Incidents: whatever needs people is one row with one message in the alert channel, however often it repeats.
--
-- An incident:  open -> acked | muted | resolved; acked -> muted | resolved; muted -> open or acked again when its time is over, or resolved.
-- A further kind is one word in `incidents_kind_known`, one line in `_incident_runbook` and, when its cause can end by itself, one in
-- `_is_incident_over`; what it means and what to do about it stands in src/bot/views/incident-words.ts.
set role ags_owner;

create table public.incidents (
  incident_id uuid primary key default gen_random_uuid(),
  kind text not null constraint incidents_kind_known check (kind in ('step_quarantined', 'effect_in_doubt', 'update_dead', 'stop_drill', 'anchor_unkept', 'audit_broken',
    'row_tampered', 'chat_moved', 'token_conflict', 'budget_day', 'nobody_approves', 'breaker_open', 'review_overdue', 'factor_locked', 'fallback_check', 'effect_parked', 'prompts_changed', 'chat_shut')),
  -- What makes two occurrences the same trouble.
  fingerprint text not null constraint incidents_fingerprint_bounded check (length(fingerprint) between 1 and 300),
  severity text not null constraint incidents_severity_known check (severity in ('warning', 'critical')),
  title text not null constraint incidents_title_bounded check (length(title) between 1 and 300),
  -- Of the newest occurrence: ids, codes and numbers; never a text that people or models wrote.
  evidence jsonb not null default '{}',
  -- The tasks that it touched, the newest fifty.
  task_ids text[] not null default '{}',
  occurrence_count integer not null default 1 constraint incidents_occurred check (occurrence_count > 0),
  first_seen_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  state text not null default 'open' constraint incidents_state_known check (state in ('open', 'acked', 'muted', 'resolved')),
  acked_by text,
  acked_at timestamptz,
  muted_by text,
  muted_until timestamptz,
  resolved_by text,
  resolved_at timestamptz,
  resolution text constraint incidents_resolution_bounded check (length(resolution) <= 500),
  runbook text,
  -- The message is out of date while what changed is ahead of what was shown.
  change_seq bigint not null default 1,
  shown_seq bigint not null default 0,
  shown_at timestamptz,
  nudged_at timestamptz,
  constraint incidents_acked_whole check ((acked_by is null) = (acked_at is null) and (state <> 'acked' or acked_by is not null)),
  constraint incidents_muted_until_when_muted check ((muted_until is not null) = (state = 'muted') and (muted_by is not null) = (state = 'muted')),
  constraint incidents_resolved_whole check ((resolved_at is not null) = (state = 'resolved') and (resolved_by is not null) = (state = 'resolved') and (resolution is not null) = (state = 'resolved'))
);
create unique index incidents_one_open_per_trouble on public.incidents (fingerprint) where state <> 'resolved';
create index incidents_newest on public.incidents (first_seen_at desc);
create index incidents_out_of_date on public.incidents (nudged_at) where change_seq > shown_seq;

alter table public.cards add column incident_id uuid references public.incidents,
  add constraint cards_incident_whole check (kind <> 'incident' or incident_id is not null);
create unique index cards_one_incident_per_chat on public.cards (incident_id, chat_id) where kind = 'incident';

create function public._incident_runbook(p_kind text, p_key text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return case when p_kind = 'breaker_open' and p_key = 'telegram' then null when p_kind = 'breaker_open' and p_key = 'search' then 'memory-drift' else case p_kind when 'effect_in_doubt' then 'desync' when 'step_quarantined' then 'tool-failure' when 'breaker_open' then 'tool-failure' when 'effect_parked' then 'tool-failure' end end;
end
$$;
comment on function public._incident_runbook(text, text) is 'The runbook that helps with a kind of incident, or with what it is about; null when none does.';

create function public._raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb default '{}', p_task_id text default null, p_step_id text default null, p_agent text default null)
returns void
language plpgsql set search_path = ''
as $$
declare
  v_incident public.incidents;
begin
  insert into public.incidents as i (kind, fingerprint, severity, title, evidence, task_ids, runbook)
  values (p_kind, left(p_kind || ':' || p_key, 300), p_severity, left(p_title, 300), coalesce(p_evidence, '{}'::jsonb), array_remove(array[p_task_id], null), public._incident_runbook(p_kind, p_key))
  on conflict (fingerprint) where state <> 'resolved' do update set
    occurrence_count = i.occurrence_count + 1, last_seen_at = clock_timestamp(), change_seq = i.change_seq + 1, title = excluded.title, evidence = excluded.evidence,
    severity = case when 'critical' in (i.severity, excluded.severity) then 'critical' else 'warning' end,
    task_ids = case when excluded.task_ids <@ i.task_ids then i.task_ids else (i.task_ids || excluded.task_ids)[greatest(cardinality(i.task_ids) - 48, 1):] end
  returning * into v_incident;
  if v_incident.occurrence_count = 1 then
    perform public._event(p_task_id, 'INCIDENT_RAISED', p_step_id, p_agent, coalesce(p_evidence, '{}'::jsonb)
      || jsonb_build_object('severity', p_severity, 'summary', v_incident.title, 'kind', p_kind, 'incident_id', v_incident.incident_id), 'incident:' || v_incident.incident_id);
  end if;
end
$$;
comment on function public._raise_incident(text, text, text, text, jsonb, text, text, text) is
  'The one door to an incident: the first occurrence makes the row and INCIDENT_RAISED, every further one is counted on it until it is resolved.';

create function public._raise_standing(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb default '{}', p_task_id text default null) returns void
language plpgsql set search_path = ''
as $$
begin
  if not exists (select 1 from public.incidents where fingerprint = left(p_kind || ':' || p_key, 300) and state <> 'resolved') then
    perform public._raise_incident(p_kind, p_key, p_severity, p_title, p_evidence, p_task_id);
  end if;
end
$$;
comment on function public._raise_standing(text, text, text, text, jsonb, text) is 'For a trouble that is a state and not an occurrence: raised once, however often somebody looks.';

create function public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- What the rows say themselves nobody else has to say.
  if p_kind is null or p_kind not in ('audit_broken', 'row_tampered', 'token_conflict') or coalesce(p_key, '') = '' or coalesce(btrim(p_title), '') = '' then
    perform public._refuse('ZT007', 'a process raises what only it can see, with a key and a title', jsonb_build_object('kind', p_kind));
  end if;
  perform public._raise_incident(p_kind, p_key, p_severity, p_title, p_evidence);
end
$$;
comment on function public.raise_incident(text, text, text, text, jsonb) is 'A trouble that only a process can see: a proof that failed, somebody else on the token, a row that was changed.';

create function public._incident_view(p_incident public.incidents) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return to_jsonb(p_incident) - array['nudged_at', 'shown_at', 'fingerprint'] || jsonb_build_object('acked_by_name', public._known_as(substr(p_incident.acked_by, 4)),
    'muted_by_name', public._known_as(substr(p_incident.muted_by, 4)), 'resolved_by_name', case when p_incident.resolved_by like 'tg:%' then public._known_as(substr(p_incident.resolved_by, 4)) end);
end
$$;

create function public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_incident public.incidents;
  v_card public.cards;
begin
  select * into v_incident from public.incidents where incident_id = p_incident_id;
  if v_incident.incident_id is null then
    perform public._refuse('ZT003', 'no such incident', jsonb_build_object('incident_id', p_incident_id));
  end if;
  insert into public.cards (kind, incident_id, chat_id, topic_id) values ('incident', p_incident_id, p_chat_id, p_topic_id) on conflict (incident_id, chat_id) where kind = 'incident' do nothing;
  -- Two at once make one button: the second waits for the card here.
  select * into v_card from public.cards where kind = 'incident' and incident_id = p_incident_id and chat_id = p_chat_id for no key update;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('incident', public._incident_view(v_incident), 'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id)));
end
$$;
comment on function public.open_incident_card(uuid, bigint, bigint) is 'The one message of an incident in a chat: its token, and where it stands once it is sent.';

create function public.record_incident_shown(p_incident_id uuid, p_seq bigint) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.incidents set shown_seq = greatest(shown_seq, least(p_seq, change_seq)), shown_at = clock_timestamp() where incident_id = p_incident_id;
end
$$;
comment on function public.record_incident_shown(uuid, bigint) is 'The message of an incident says what the row said at this change; what has changed since is shown next.';

create function public._press_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_asked text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_card public.cards;
  v_incident public.incidents;
  v_code text;
begin
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'incident';
  v_code := case when v_card.card_id is null then 'unknown_button' else public._press(v_card.card_id, p_chat_id, p_message_id) end;
  -- The chain first, the incident after it: as the sweep does.
  perform 1 from public.audit_heads where chain = 'system' for update;
  if v_code is null then
    select * into v_incident from public.incidents where incident_id = v_card.incident_id for update;
    v_code := case
      when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
      when v_incident.state = 'resolved' then 'already_resolved'
      when p_asked = 'ack' and v_incident.acked_by is not null then 'already_acked'
      -- It would be raised again at once, as a second message.
      when p_asked = 'resolve' and v_incident.kind in ('effect_in_doubt', 'stop_drill', 'anchor_unkept', 'nobody_approves', 'breaker_open', 'review_overdue', 'chat_moved', 'chat_shut', 'fallback_check', 'effect_parked') and not public._is_incident_over(v_incident) then 'still_there' end;
  end if;
  if v_code is not null then
    perform public._audit('system', 'tg:' || p_external_id, 'incident.refuse', coalesce('incident:' || v_incident.incident_id, 'incident'), null, jsonb_build_object('code', v_code, 'asked', p_asked));
  end if;
  return jsonb_build_object('code', v_code, 'incident_id', v_incident.incident_id);
end
$$;
comment on function public._press_incident(text, bigint, bigint, bigint, text) is 'Who pressed, on which message: the incident, locked, or why the press changes nothing.';

create function public._pressed(p_press jsonb) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('code', p_press -> 'code', 'incident', (select public._incident_view(i) from public.incidents i where i.incident_id = (p_press ->> 'incident_id')::uuid));
end
$$;
comment on function public._pressed(jsonb) is 'What a press on an incident came to, as its card shows it.';

create function public.ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_press jsonb := public._press_incident(p_token, p_chat_id, p_message_id, p_external_id, 'ack');
  v_id uuid := (v_press ->> 'incident_id')::uuid;
begin
  if v_press ->> 'code' is null then
    update public.incidents set state = case when state = 'open' then 'acked' else state end, acked_by = 'tg:' || p_external_id, acked_at = clock_timestamp(), change_seq = change_seq + 1 where incident_id = v_id;
    perform public._audit('system', 'tg:' || p_external_id, 'incident.ack', 'incident:' || v_id);
  end if;
  return public._pressed(v_press);
end
$$;
comment on function public.ack_incident(text, bigint, bigint, bigint) is 'An operator or owner looks after it. code: unknown_button, wrong_message, no_role, already_acked, already_resolved.';

create function public.mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_press jsonb;
  v_id uuid;
begin
  if p_seconds is null or p_seconds not between 60 and 86400 then
    perform public._refuse('ZT007', 'an incident is muted for one minute to one day', jsonb_build_object('seconds', p_seconds));
  end if;
  v_press := public._press_incident(p_token, p_chat_id, p_message_id, p_external_id, 'mute');
  v_id := (v_press ->> 'incident_id')::uuid;
  if v_press ->> 'code' is null then
    update public.incidents set state = 'muted', muted_by = 'tg:' || p_external_id, muted_until = clock_timestamp() + make_interval(secs => p_seconds), change_seq = change_seq + 1 where incident_id = v_id;
    perform public._audit('system', 'tg:' || p_external_id, 'incident.mute', 'incident:' || v_id, null, jsonb_build_object('seconds', p_seconds));
  end if;
  return public._pressed(v_press);
end
$$;
comment on function public.mute_incident(text, bigint, bigint, bigint, integer) is 'Repeats are counted and not shown for a while; they are shown when the time is over.';

create function public._close_incident(p_incident_id uuid, p_actor text, p_resolution text) returns void
language plpgsql set search_path = ''
as $$
declare
  v_before public.incidents;
begin
  select * into v_before from public.incidents where incident_id = p_incident_id and state <> 'resolved' for update;
  if v_before.incident_id is null then
    return;
  end if;
  update public.incidents set state = 'resolved', resolved_by = p_actor, resolved_at = clock_timestamp(), resolution = left(p_resolution, 500), muted_by = null, muted_until = null, change_seq = change_seq + 1
  where incident_id = p_incident_id;
  perform public._audit('system', p_actor, 'incident.resolve', 'incident:' || p_incident_id, jsonb_build_object('state', v_before.state),
    jsonb_build_object('kind', v_before.kind, 'occurrences', v_before.occurrence_count, 'resolution', left(p_resolution, 500)));
end
$$;
comment on function public._close_incident(uuid, text, text) is 'The one place where an incident ends. Whoever calls holds the chain `system` already.';

create function public.resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_press jsonb := public._press_incident(p_token, p_chat_id, p_message_id, p_external_id, 'resolve');
begin
  if v_press ->> 'code' is null then
    perform public._close_incident((v_press ->> 'incident_id')::uuid, 'tg:' || p_external_id, 'resolved by a person');
  end if;
  return public._pressed(v_press);
end
$$;
comment on function public.resolve_incident(text, bigint, bigint, bigint) is 'An operator or owner says that it is over; the same trouble is a new incident from then on. code as for ack_incident, and still_there: what the rows still say is muted or mended.';

create function public._find_standing_troubles() returns void
language plpgsql set search_path = ''
as $$
declare
  v_problem text := public._drill_problem();
  v_fallback_problem text := public._fallback_problem();
  v_row record;
begin
  if v_problem is not null then
    perform public._raise_standing('stop_drill', 'stop', 'warning', v_problem, jsonb_build_object('is_t3_frozen', coalesce((public._drill_rules() ->> 'freeze_t3')::boolean, false)));
  end if;
  if v_fallback_problem is not null then
    perform public._raise_standing('fallback_check', 'fallbacks', 'warning', v_fallback_problem);
  end if;
  -- A place that does not answer once is tried again before anybody is woken.
  for v_row in select * from public.anchor_problems where since < clock_timestamp() - interval '10 minutes' loop
    perform public._raise_standing('anchor_unkept', v_row.place, 'warning', 'audit anchors cannot be kept', jsonb_build_object('place', v_row.place, 'anchor', v_row.anchor_number));
  end loop;
  for v_row in
    select r.tier, min(r.task_id) as task_id, min(x.problem) as problem
    from public.approval_requests r join public.tasks t using (task_id) join public.policies p on p.policy_version = r.policy_version
    cross join lateral (select public._people_missing_for(p.document, r.tier, t.requester_person_id) as problem) x
    where r.status = 'pending' and x.problem is not null group by r.tier
  loop
    perform public._raise_standing('nobody_approves', v_row.tier, 'critical', format('nobody can approve what waits on %s: %s', v_row.tier, v_row.problem), jsonb_build_object('tier', v_row.tier), v_row.task_id);
  end loop;
end
$$;
comment on function public._find_standing_troubles() is 'Looks at the rows for troubles that are states: a drill that failed or is late, anchors that cannot be kept, requests that nobody can approve.';

create function public._is_incident_over(p_incident public.incidents) returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return case p_incident.kind
    when 'effect_in_doubt' then not exists (select 1 from public.effects where effect_id = (p_incident.evidence ->> 'effect_id')::uuid and status = 'in_doubt')
    when 'stop_drill' then public._drill_problem() is null
    when 'fallback_check' then public._fallback_problem() is null
    when 'anchor_unkept' then not exists (select 1 from public.anchor_problems where place = p_incident.evidence ->> 'place')
    -- Whoever polls tells of it again every half minute.
    when 'token_conflict' then p_incident.last_seen_at < clock_timestamp() - interval '2 minutes'
    when 'budget_day' then p_incident.evidence ->> 'day' <> (now() at time zone 'UTC')::date::text
    when 'chat_moved' then exists (select 1 from public.chat_moves where chat_id = (p_incident.evidence ->> 'chat_id')::bigint and confirmed_at is not null)
    when 'chat_shut' then not public._is_chat_waited_for((p_incident.evidence ->> 'chat_id')::bigint)
    when 'breaker_open' then not exists (select 1 from public.breakers where name = p_incident.evidence ->> 'breaker' and state <> 'closed')
    when 'effect_parked' then not exists (select 1 from public.parked_effects where breaker = p_incident.evidence ->> 'breaker' and ended_at is null)
    when 'review_overdue' then exists (select 1 from public.break_glasses where break_glass_id = (p_incident.evidence ->> 'break_glass_id')::uuid and reviewed_at is not null)
    when 'nobody_approves' then not exists (
      select 1 from public.approval_requests r join public.tasks t using (task_id) join public.policies p on p.policy_version = r.policy_version
      where r.status = 'pending' and r.tier = p_incident.evidence ->> 'tier' and public._people_missing_for(p.document, r.tier, t.requester_person_id) is not null)
    else false end;
end
$$;
comment on function public._is_incident_over(public.incidents) is 'Whether the cause has ended by itself; of the kinds that are not named only people can say.';

create function public.sweep_incidents() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_deliver jsonb;
begin
  if not pg_try_advisory_xact_lock(hashtext('ags.sweep_incidents')) then
    return jsonb_build_object('deliver', '[]'::jsonb);
  end if;
  perform public._find_standing_troubles();
  update public.incidents set state = case when acked_by is null then 'open' else 'acked' end, muted_by = null, muted_until = null, change_seq = change_seq + 1
  where incident_id in (select incident_id from public.incidents where state = 'muted' and muted_until <= clock_timestamp() for update skip locked);
  with due as (
    select i.incident_id from public.incidents i
    where i.change_seq > i.shown_seq and i.state <> 'muted' and coalesce(greatest(i.shown_at, i.nudged_at), '-infinity') <= clock_timestamp() - interval '10 seconds' limit 50 for update skip locked
  ), nudged as (
    update public.incidents i set nudged_at = clock_timestamp() from due d where i.incident_id = d.incident_id returning i.incident_id, i.change_seq
  )
  select coalesce(jsonb_agg(public._job('incident.show', incident_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]'::jsonb) into v_deliver from nudged;
  return jsonb_build_object('deliver', v_deliver || public._list_lost_runs());
end
$$;
comment on function public.sweep_incidents() is 'What is due about incidents: troubles that are states, mutes that are over, messages that are out of date (each at most every ten seconds); and the runbooks whose nudge was lost.';

create function public.close_incidents() returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_incident public.incidents;
  v_count integer := 0;
begin
  if not exists (select 1 from public.incidents i where i.state <> 'resolved' and public._is_incident_over(i)) then
    return jsonb_build_object('closed', 0);
  end if;
  perform 1 from public.audit_heads where chain = 'system' for update;
  for v_incident in select * from public.incidents i where i.state <> 'resolved' and public._is_incident_over(i) order by i.incident_id loop
    perform public._close_incident(v_incident.incident_id, 'system', 'its cause is over');
    v_count := v_count + 1;
  end loop;
  return jsonb_build_object('closed', v_count);
end
$$;
comment on function public.close_incidents() is 'Resolves every incident whose cause has ended by itself.';

create function public._list_open_incidents() returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('kind', x.kind, 'severity', x.severity, 'title', x.title, 'state', x.state, 'occurrence_count', x.occurrence_count, 'first_seen_at', x.first_seen_at) order by x.severity, x.first_seen_at), '[]'::jsonb)
    from (select * from public.incidents where state <> 'resolved' order by severity, first_seen_at limit 10) x
  );
end
$$;
comment on function public._list_open_incidents() is 'The first ten open incidents, critical ones before warnings.';

create function public.open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_press jsonb := public._press_incident(p_token, p_chat_id, p_message_id, p_external_id, 'runbook');
begin
  return jsonb_build_object('code', v_press -> 'code') || coalesce((
    select jsonb_build_object('runbook', i.runbook, 'subject', case when i.runbook = 'tool-failure' then i.evidence ->> 'breaker' end) from public.incidents i where i.incident_id = (v_press ->> 'incident_id')::uuid),
    jsonb_build_object('runbook', null, 'subject', null));
end
$$;
comment on function public.open_incident_runbook(text, bigint, bigint, bigint) is 'The runbook that helps with an incident, and what it is about, for an operator or owner.';

create function public.get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_card public.cards;
  v_incident public.incidents;
  v_code text;
  v_from timestamptz;
  v_until timestamptz;
begin
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'incident';
  v_code := case when v_card.card_id is null then 'unknown_button' else public._press(v_card.card_id, p_chat_id, p_message_id) end;
  if v_code is null and cardinality(public._roles_of(public._person_of(p_external_id))) = 0 then
    v_code := 'no_role';
  end if;
  if v_code is not null then
    return jsonb_build_object('code', v_code, 'incident', null, 'timeline', '[]'::jsonb, 'tasks', '[]'::jsonb);
  end if;
  select * into v_incident from public.incidents where incident_id = v_card.incident_id;
  v_from := v_incident.first_seen_at - interval '10 minutes';
  -- The record of the end is written a moment after it.
  v_until := coalesce(v_incident.resolved_at + interval '1 minute', clock_timestamp());
  return jsonb_build_object('code', null, 'incident', public._incident_view(v_incident),
    'tasks', coalesce((select jsonb_agg(jsonb_build_object('task_id', t.task_id, 'status', t.status, 'tier', t.risk_tier, 'failure_code', t.failure_code) order by t.task_id) from public.tasks t where t.task_id = any (v_incident.task_ids)), '[]'::jsonb),
    'timeline', coalesce((select jsonb_agg(x.item order by x.ts) from (
      select a.ts, jsonb_build_object('ts', a.ts, 'actor', a.actor, 'name', case when a.actor like 'tg:%' then public._known_as(substr(a.actor, 4)) end, 'what', a.action, 'object', a.object) as item
      from public.audit_logs a
      where a.ts between v_from and v_until and (a.chain = any (v_incident.task_ids) or a.object = 'incident:' || v_incident.incident_id or (a.chain = 'system' and a.action ~ '^(stop|drill|runbook|breaker)\.'))
      union all
      select e.ts, jsonb_build_object('ts', e.ts, 'actor', coalesce('agent:' || e.agent, 'system'), 'name', null, 'what', e.type, 'object', coalesce(e.step_id, e.task_id, 'incident:' || v_incident.incident_id))
      from public.events e
      where e.ts between v_from and v_until and e.type in ('INCIDENT_RAISED', 'STOPPED', 'RESUMED', 'TASK_ENDED') and (e.task_id = any (v_incident.task_ids) or e.idempotency_key = 'incident:' || v_incident.incident_id or e.type in ('STOPPED', 'RESUMED'))
      order by 1 limit 300
    ) x), '[]'::jsonb));
end
$$;
comment on function public.get_post_mortem(text, bigint, bigint, bigint) is 'What the trail knows about an incident, for whoever holds a role: when, how often, who did what, which tasks.';

select public._protect_table('incidents');
select public._expose('raise_incident', 'ags_bot', 'ags_worker'), public._expose('open_incident_card', 'ags_bot', 'ags_worker'), public._expose('record_incident_shown', 'ags_bot', 'ags_worker'),
  public._expose('ack_incident', 'ags_bot'), public._expose('mute_incident', 'ags_bot'), public._expose('resolve_incident', 'ags_bot'), public._expose('get_post_mortem', 'ags_bot'), public._expose('open_incident_runbook', 'ags_bot'),
  public._expose('sweep_incidents', 'ags_worker'), public._expose('close_incidents', 'ags_worker');
select public._expose(f) from unnest(array['_incident_runbook', '_raise_incident', '_raise_standing', '_incident_view', '_press_incident', '_pressed', '_close_incident', '_find_standing_troubles',
  '_is_incident_over', '_list_open_incidents']) f;
reset role;
