-- Tasks, their steps, what the steps made, the events, and what models cost.
--
-- A task:  planning -> running <-> awaiting_approval / held -> done | failed | rejected | cancelled | expired | stale
-- A step:  pending -> ready -> running -> done | failed | quarantined       (an approve step: pending -> awaiting_approval -> done)
--          running -> ready when a lease runs out, a try is repeated or a stop holds it; pending | ready -> skipped | cancelled when the task ends
set role ags_owner;

create table public.task_days (
  day date primary key,
  last_number integer not null
);

create table public.tasks (
  task_id text primary key constraint tasks_id_form check (task_id ~ '^T-\d{4}-\d{2}-\d{2}-\d{4,}$'),
  created_at timestamptz not null default now(),
  actor text not null constraint tasks_actor_known check (actor ~ '^(tg:\d+|agent:[a-z0-9_.:-]+|webhook:[a-z0-9_-]+|system)$'),
  -- Masked: personal data are placeholders here; the words as they came are in the input artifact.
  goal text not null constraint tasks_goal_bounded check (length(goal) between 1 and 4000),
  risk_tier text constraint tasks_risk_tier_known check (risk_tier in ('T0', 'T1', 'T2', 'T3')),
  status text not null default 'planning' constraint tasks_status_known check (status in
    ('planning', 'running', 'awaiting_approval', 'held', 'done', 'failed', 'rejected', 'cancelled', 'expired', 'stale')),
  requester_person_id uuid references public.people,
  source text not null,
  source_key text not null,
  input_checksum text not null,
  policy_version integer not null references public.policies,
  summary text,
  revision_count integer not null default 0 constraint tasks_revision_count_positive check (revision_count >= 0),
  tokens_used bigint not null default 0,
  cost_usd numeric(20, 10) not null default 0,
  is_rehearsal boolean not null default false,
  held_reason text,
  failure_code text,
  failure_message text,
  -- Where it was asked for, and the one message that shows how it goes.
  chat_id bigint,
  topic_id bigint,
  message_id bigint,
  request_message_id bigint,
  show_requested_at timestamptz,
  shown_at timestamptz,
  ended_at timestamptz,
  constraint tasks_asked_for_once unique (source, source_key),
  constraint tasks_ended_at_when_ended check ((ended_at is not null) = (status in ('done', 'failed', 'rejected', 'cancelled', 'expired', 'stale'))),
  constraint tasks_tier_when_planned check (risk_tier is not null or status in ('planning', 'failed', 'cancelled', 'held')),
  constraint tasks_reason_when_held check ((held_reason is not null) = (status = 'held')),
  constraint tasks_message_in_a_chat check (message_id is null or chat_id is not null)
);
create index tasks_newest on public.tasks (created_at desc);
create index tasks_open on public.tasks (created_at) where ended_at is null;
create index tasks_to_show on public.tasks (show_requested_at) where show_requested_at is not null;

create table public.task_steps (
  step_id text primary key,
  task_id text not null references public.tasks,
  node_id text not null constraint task_steps_node_id_form check (node_id ~ '^[a-z][a-z0-9_-]{0,49}$'),
  position integer not null,
  kind text not null constraint task_steps_kind_known check (kind in ('plan', 'work', 'critic', 'approve', 'effect', 'archive')),
  agent text not null,
  agent_name text not null,
  action text not null,
  tier text not null constraint task_steps_tier_known check (tier in ('T0', 'T1', 'T2', 'T3')),
  instruction text not null default '',
  after text[] not null default '{}',
  -- The node whose text is judged, approved or sent; and, for an effect, what it does and where to.
  subject_node text,
  effect_kind text constraint task_steps_effect_kind_known check (effect_kind in ('reply', 'post', 'trade', 'payment', 'withdrawal')),
  target_chat_id bigint,
  target_topic_id bigint,
  status text not null default 'pending' constraint task_steps_status_known check (status in
    ('pending', 'ready', 'running', 'awaiting_approval', 'done', 'failed', 'skipped', 'cancelled', 'quarantined')),
  input_ref text,
  output_ref text,
  quality_score numeric(5, 4) constraint task_steps_quality_score_bounded check (quality_score between 0 and 1),
  -- The critic's verdict: points, score, has_veto, passed, and the checksum of the post that it judged.
  verdict jsonb,
  -- What the critic or a person asked to be changed, oldest first: {by, text, at}.
  comments jsonb not null default '[]',
  is_edited_by_person boolean not null default false,
  idempotency_key text,
  attempt_count integer not null default 0,
  fence bigint not null default 0,
  worker text,
  lease_expires_at timestamptz,
  wake_seq integer not null default 0,
  woken_at timestamptz,
  not_before timestamptz,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- With the primary key, this is also what makes a node stand once in a task.
  constraint task_steps_named_by_task_and_node check (step_id = task_id || '/' || node_id),
  constraint task_steps_lease_when_running check ((status = 'running') = (lease_expires_at is not null) and (status = 'running') = (worker is not null)),
  constraint task_steps_ended_at_when_ended check ((ended_at is not null) = (status in ('done', 'failed', 'skipped', 'cancelled', 'quarantined'))),
  constraint task_steps_started_before_ended check (ended_at is null or status in ('skipped', 'cancelled') or started_at is not null),
  constraint task_steps_people_only_approve check (status <> 'awaiting_approval' or kind = 'approve'),
  constraint task_steps_effect_whole check ((kind = 'effect') = (effect_kind is not null))
);
create index task_steps_task_id on public.task_steps (task_id, position);
create index task_steps_ready on public.task_steps (woken_at) where status = 'ready';
create index task_steps_leases on public.task_steps (lease_expires_at) where status = 'running';

create table public.artifacts (
  artifact_id uuid primary key default gen_random_uuid(),
  task_id text not null references public.tasks,
  step_id text references public.task_steps,
  type text not null constraint artifacts_type_form check (type ~ '^[a-z_]+$'),
  storage_ref text not null constraint artifacts_storage_ref_form check (storage_ref ~ '^supa://[a-z0-9_-]+/.+$'),
  checksum text not null constraint artifacts_checksum_form check (checksum ~ '^[0-9a-f]{64}$'),
  content_type text not null,
  size_bytes bigint not null constraint artifacts_size_positive check (size_bytes >= 0),
  -- Small text lives in the row, in the transaction that made it; larger or binary content was uploaded before the row was written.
  content text constraint artifacts_content_small check (octet_length(content) <= 32768),
  made_by text not null,
  -- Of the prompt file whose words a model was asked with.
  prompt_checksum text constraint artifacts_prompt_checksum_form check (prompt_checksum ~ '^[0-9a-f]{64}$'),
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  -- Only what is worth finding again is taken apart into words.
  search tsvector generated always as (case when type in ('draft', 'findings', 'note') then to_tsvector('simple', coalesce(content, '')) end) stored,
  constraint artifacts_one_per_uri unique (storage_ref)
-- Each row changes once, when it is archived: with room beside it on its page no index has to be told.
) with (fillfactor = 60);
create index artifacts_task_id on public.artifacts (task_id, created_at);
create index artifacts_newest on public.artifacts (created_at desc) where type in ('draft', 'findings', 'note');
-- What is new waits in a list that each search reads through: a short one.
create index artifacts_search on public.artifacts using gin (search) with (gin_pending_list_limit = 64) where type in ('draft', 'findings', 'note');

create table public.events (
  event_id uuid primary key default gen_random_uuid(),
  task_id text references public.tasks,
  type text not null constraint events_type_form check (type ~ '^[A-Z_]+$'),
  schema_version text not null default '1.0',
  step_id text,
  agent text,
  payload_json jsonb not null default '{}',
  idempotency_key text not null constraint events_idempotency_key_once unique,
  ts timestamptz not null default clock_timestamp()
);
create index events_task_id on public.events (task_id, ts);

create table public.limits (
  account_id text primary key,
  daily_loss_cap numeric(20, 8) constraint limits_daily_loss_cap_positive check (daily_loss_cap >= 0),
  max_order_size numeric(20, 8) constraint limits_max_order_size_positive check (max_order_size >= 0),
  max_positions integer constraint limits_max_positions_positive check (max_positions >= 0),
  max_single_tx_usdt numeric(20, 8) constraint limits_max_single_tx_positive check (max_single_tx_usdt >= 0),
  policy_version integer references public.policies,
  updated_at timestamptz not null default now()
);

create table public.budget_days (
  day date primary key,
  spent_usd numeric(20, 10) not null default 0,
  reserved_usd numeric(20, 10) not null default 0 constraint budget_days_reserved_positive check (reserved_usd >= 0)
);

create table public.engine_calls (
  call_id uuid primary key default gen_random_uuid(),
  task_id text not null references public.tasks,
  step_id text not null references public.task_steps,
  day date not null,
  engine text not null,
  model text,
  reserved_tokens bigint not null,
  reserved_usd numeric(20, 10) not null,
  input_tokens bigint,
  output_tokens bigint,
  cost_usd numeric(20, 10),
  latency_ms numeric,
  outcome text not null default 'reserved' constraint engine_calls_outcome_known check (outcome in ('reserved', 'ok', 'failed')),
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  constraint engine_calls_settled_whole check ((outcome = 'reserved') = (settled_at is null) and (settled_at is null) = (cost_usd is null))
);
create index engine_calls_task_id on public.engine_calls (task_id);

create function public._event(p_task_id text, p_type text, p_step_id text, p_agent text, p_payload jsonb, p_key text) returns void
language plpgsql set search_path = ''
as $$
begin
  insert into public.events (task_id, type, step_id, agent, payload_json, idempotency_key)
  values (p_task_id, p_type, p_step_id, p_agent, p_payload, p_key) on conflict (idempotency_key) do nothing;
end
$$;

create function public._job(p_job text, p_id text, p_seq bigint default 0, p_delay_ms bigint default 0) returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return jsonb_build_array(jsonb_build_object('job', p_job, 'id', p_id, 'seq', p_seq, 'delay_ms', greatest(p_delay_ms, 0)));
end
$$;
comment on function public._job(text, text, bigint, bigint) is 'One nudge for the queue, as a list of one. Ids only.';

create function public._changed(p_task_id text) returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_asked record;
begin
  -- One outstanding redraw per task is enough: whoever redraws locks this row before it reads the newest state. It waits a moment, so that
  -- steps which follow each other at once are drawn once. An end does not wait for the moment that was promised to progress.
  select show_requested_at as since, ended_at into v_asked from public.tasks where task_id = p_task_id for no key update;
  if not found or v_asked.since <= v_now or (v_asked.since > v_now and v_asked.ended_at is null) then
    return '[]'::jsonb;
  end if;
  update public.tasks set show_requested_at = v_now where task_id = p_task_id;
  return public._job('task.show', p_task_id, (extract(epoch from v_now) * 1000)::bigint, 300);
end
$$;
comment on function public._changed(text) is 'The task''s message is out of date; returns the nudge for it unless one is under way.';

create function public._store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text) returns public.artifacts
language plpgsql set search_path = ''
as $$
declare
  v_row public.artifacts;
  v_name text := p_artifact ->> 'name';
  v_content text := p_artifact ->> 'content';
  v_ref text := p_artifact ->> 'storage_ref';
  v_number integer := 1;
begin
  if v_content is not null and encode(sha256(convert_to(v_content, 'UTF8')), 'hex') is distinct from p_artifact ->> 'checksum' then
    perform public._refuse('ZT007', 'the artifact''s checksum is not that of its content', jsonb_build_object('name', v_name));
  end if;
  if octet_length(v_content) > 32768 then
    perform public._refuse('ZT007', 'content over 32 KiB is uploaded, not stored in the row', jsonb_build_object('name', v_name, 'size_bytes', octet_length(v_content)));
  end if;
  if v_content is null and v_ref is null then
    perform public._refuse('ZT007', 'an artifact has its content in the row or was uploaded before', jsonb_build_object('name', v_name));
  end if;
  if v_ref is null then
    v_ref := 'supa://tasks/' || p_task_id || '/' || v_name;
  end if;
  loop
    insert into public.artifacts (task_id, step_id, type, storage_ref, checksum, content_type, size_bytes, content, made_by, prompt_checksum, archived_at)
    values (p_task_id, p_step_id, p_artifact ->> 'type', v_ref, p_artifact ->> 'checksum', coalesce(p_artifact ->> 'content_type', 'text/plain'),
      coalesce((p_artifact ->> 'size_bytes')::bigint, octet_length(v_content)), v_content, p_made_by, p_artifact ->> 'prompt_checksum', case when v_content is null then now() end)
    on conflict (storage_ref) do nothing
    returning * into v_row;
    exit when v_row.artifact_id is not null;
    if p_artifact ->> 'storage_ref' is not null then
      -- Uploaded before: the same bytes once more are the same artifact.
      select * into v_row from public.artifacts where storage_ref = v_ref and checksum = p_artifact ->> 'checksum' and task_id = p_task_id;
      exit when v_row.artifact_id is not null;
      perform public._refuse('ZT005', 'something else is stored there', jsonb_build_object('storage_ref', v_ref));
    end if;
    v_number := v_number + 1;
    v_ref := 'supa://tasks/' || p_task_id || '/' || regexp_replace(v_name, '^(.*?)(\.[a-z0-9]+)?$', '\1.' || v_number || '\2');
  end loop;
  return v_row;
end
$$;
comment on function public._store_artifact(text, text, jsonb, text) is 'Writes {name, type, content | storage_ref, content_type, checksum, size_bytes}; gives a later version of the same name a number.';

create function public._artifact_json(p_row public.artifacts) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('artifact_id', p_row.artifact_id, 'step_id', p_row.step_id, 'type', p_row.type, 'storage_ref', p_row.storage_ref, 'checksum', p_row.checksum,
    'content_type', p_row.content_type, 'size_bytes', p_row.size_bytes, 'content', p_row.content, 'made_by', p_row.made_by, 'created_at', p_row.created_at);
end
$$;

select public._protect_table(t) from unnest(array['task_days', 'tasks', 'task_steps', 'artifacts', 'events', 'limits', 'budget_days', 'engine_calls']) t;
select public._expose(f) from unnest(array['_event', '_job', '_changed', '_store_artifact', '_artifact_json']) f;
reset role;
