--
-- PostgreSQL database dump
--

--
-- Name: public; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA public;

--
-- Name: SCHEMA public; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA public IS 'standard public schema';

--
-- Name: tasks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tasks (
    task_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    goal text NOT NULL,
    risk_tier text,
    status text DEFAULT 'planning'::text NOT NULL,
    requester_person_id uuid,
    source text NOT NULL,
    source_key text NOT NULL,
    input_checksum text NOT NULL,
    policy_version integer NOT NULL,
    summary text,
    revision_count integer DEFAULT 0 NOT NULL,
    tokens_used bigint DEFAULT 0 NOT NULL,
    cost_usd numeric(20,10) DEFAULT 0 NOT NULL,
    is_rehearsal boolean DEFAULT false NOT NULL,
    held_reason text,
    failure_code text,
    failure_message text,
    chat_id bigint,
    topic_id bigint,
    message_id bigint,
    request_message_id bigint,
    show_requested_at timestamp with time zone,
    shown_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT tasks_actor_known CHECK ((actor ~ '^(tg:\d+|agent:[a-z0-9_.:-]+|webhook:[a-z0-9_-]+|system)$'::text)),
    CONSTRAINT tasks_ended_at_when_ended CHECK (((ended_at IS NOT NULL) = (status = ANY (ARRAY['done'::text, 'failed'::text, 'rejected'::text, 'cancelled'::text, 'expired'::text, 'stale'::text])))),
    CONSTRAINT tasks_goal_bounded CHECK (((length(goal) >= 1) AND (length(goal) <= 4000))),
    CONSTRAINT tasks_id_form CHECK ((task_id ~ '^T-\d{4}-\d{2}-\d{2}-\d{4,}$'::text)),
    CONSTRAINT tasks_message_in_a_chat CHECK (((message_id IS NULL) OR (chat_id IS NOT NULL))),
    CONSTRAINT tasks_reason_when_held CHECK (((held_reason IS NOT NULL) = (status = 'held'::text))),
    CONSTRAINT tasks_revision_count_positive CHECK ((revision_count >= 0)),
    CONSTRAINT tasks_risk_tier_known CHECK ((risk_tier = ANY (ARRAY['T0'::text, 'T1'::text, 'T2'::text, 'T3'::text]))),
    CONSTRAINT tasks_status_known CHECK ((status = ANY (ARRAY['planning'::text, 'running'::text, 'awaiting_approval'::text, 'held'::text, 'done'::text, 'failed'::text, 'rejected'::text, 'cancelled'::text, 'expired'::text, 'stale'::text]))),
    CONSTRAINT tasks_tier_when_planned CHECK (((risk_tier IS NOT NULL) OR (status = ANY (ARRAY['planning'::text, 'failed'::text, 'cancelled'::text, 'held'::text]))))
);

ALTER TABLE ONLY public.tasks FORCE ROW LEVEL SECURITY;

--
-- Name: _add_delivery(public.tasks, jsonb, jsonb, jsonb, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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
    perform public._add_step(p_task, p_policy, v_subject, 'work', 'communicator', coalesce((select a from jsonb_array_elements_text(p_policy -> 'risk_tiers' -> 'T1') a order by a = 'DRAFT_REPLY' desc limit 1), 'DRAFT_REPLY'),
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

--
-- Name: FUNCTION _add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]) IS 'Turns "publish this" into draft, critic, approval where the tier asks for it, and the effect, in that order.';

--
-- Name: _add_step(public.tasks, jsonb, text, text, text, text, text[], text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._add_step(p_task public.tasks, p_policy jsonb, p_node_id text, p_kind text, p_agent text, p_action text, p_after text[], p_instruction text, p_subject text DEFAULT NULL::text, p_effect_kind text DEFAULT NULL::text, p_target jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, instruction, after, subject_node, effect_kind, target_chat_id, target_topic_id)
  values (p_task.task_id || '/' || p_node_id, p_task.task_id, p_node_id, (select max(position) + 1 from public.task_steps where task_id = p_task.task_id), p_kind, p_agent,
    coalesce(p_policy -> 'agents' ->> p_agent, p_agent), p_action, coalesce(public._tier_of(p_policy, p_action), p_task.risk_tier), coalesce(p_instruction, ''), p_after, p_subject, p_effect_kind,
    (p_target ->> 'chat_id')::bigint, (p_target ->> 'topic_id')::bigint);
end
$$;

--
-- Name: _advance(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._advance(p_task_id text, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_over text[];
  v_left integer;
  v_free text[];
  v_asks boolean;
  v_deliver jsonb := '[]'::jsonb;
  v_on jsonb;
begin
  loop
    select coalesce(array_agg(node_id) filter (where status in ('done', 'skipped')), '{}'), count(*) filter (where status not in ('done', 'skipped')) into v_over, v_left
    from public.task_steps where task_id = p_task_id;
    v_free := '{}';
    v_asks := false;
    for v_step in select * from public.task_steps where task_id = p_task_id and status = 'pending' and after <@ v_over order by position loop
      if v_step.kind = 'approve' then
        v_deliver := v_deliver || public._open_request(v_step);
        v_asks := true;
      else
        v_free := v_free || v_step.step_id;
      end if;
    end loop;
    -- A gate that was not needed has been skipped, and frees what came after it.
    exit when not v_asks;
  end loop;
  if v_left = 0 then
    return jsonb_build_object('next', null, 'deliver', v_deliver || public._end_task(p_task_id, 'done', null, null, 'system'));
  end if;
  v_on := public._go_on(p_task_id, v_free, p_worker, p_lease_seconds);
  return v_on || jsonb_build_object('deliver', v_deliver || (v_on -> 'deliver'));
end
$$;

--
-- Name: FUNCTION _advance(p_task_id text, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._advance(p_task_id text, p_worker text, p_lease_seconds integer) IS 'Makes every step ready whose predecessors are done, opens the requests that are due, ends the task when nothing is left. {next, deliver} as _go_on.';

--
-- Name: artifacts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.artifacts (
    artifact_id uuid DEFAULT gen_random_uuid() NOT NULL,
    task_id text NOT NULL,
    step_id text,
    type text NOT NULL,
    storage_ref text NOT NULL,
    checksum text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    content text,
    made_by text NOT NULL,
    archived_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    search tsvector GENERATED ALWAYS AS (
CASE
    WHEN (type = ANY (ARRAY['draft'::text, 'findings'::text, 'note'::text])) THEN to_tsvector('simple'::regconfig, COALESCE(content, ''::text))
    ELSE NULL::tsvector
END) STORED,
    CONSTRAINT artifacts_checksum_form CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT artifacts_content_small CHECK ((octet_length(content) <= 32768)),
    CONSTRAINT artifacts_size_positive CHECK ((size_bytes >= 0)),
    CONSTRAINT artifacts_storage_ref_form CHECK ((storage_ref ~ '^supa://[a-z0-9_-]+/.+$'::text)),
    CONSTRAINT artifacts_type_form CHECK ((type ~ '^[a-z_]+$'::text))
);

ALTER TABLE ONLY public.artifacts FORCE ROW LEVEL SECURITY;

--
-- Name: _artifact_json(public.artifacts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._artifact_json(p_row public.artifacts) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('artifact_id', p_row.artifact_id, 'step_id', p_row.step_id, 'type', p_row.type, 'storage_ref', p_row.storage_ref, 'checksum', p_row.checksum,
      'content_type', p_row.content_type, 'size_bytes', p_row.size_bytes, 'content', p_row.content, 'made_by', p_row.made_by, 'created_at', p_row.created_at)
  );
end
$$;

--
-- Name: _audit(text, text, text, text, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb DEFAULT NULL::jsonb, p_after jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_head public.audit_heads;
  v_ts timestamptz;
  v_hash text;
begin
  -- The head row is the lock: whoever appends to a chain waits here, so it cannot fork and time cannot run backwards in it.
  select * into v_head from public.audit_heads where chain = p_chain for update;
  if v_head.chain is null then
    insert into public.audit_heads (chain, seq, hash) values (p_chain, 0, encode(sha256(convert_to(p_chain, 'UTF8')), 'hex')) on conflict (chain) do nothing;
    select * into v_head from public.audit_heads where chain = p_chain for update;
  end if;
  v_ts := clock_timestamp();
  v_hash := public._audit_hash(v_head.hash, p_chain, v_head.seq + 1, p_actor, p_action, p_object, p_before, p_after, v_ts);
  insert into public.audit_logs (chain, seq, actor, action, object, before_json, after_json, ts, prev_hash, hash)
  values (p_chain, v_head.seq + 1, p_actor, p_action, p_object, p_before, p_after, v_ts, v_head.hash, v_hash);
  update public.audit_heads set seq = v_head.seq + 1, hash = v_hash where chain = p_chain;
end
$$;

--
-- Name: FUNCTION _audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb) IS 'Appends one record to a chain under its locked head.';

--
-- Name: _audit_hash(text, text, bigint, text, text, text, jsonb, jsonb, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return encode(sha256(convert_to(concat(
    octet_length(p_prev), ':', p_prev, ',', octet_length(p_chain), ':', p_chain, ',', octet_length(p_seq::text), ':', p_seq, ',',
    octet_length(p_actor), ':', p_actor, ',', octet_length(p_action), ':', p_action, ',', octet_length(p_object), ':', p_object, ',',
    coalesce(octet_length(p_before::text), 0), ':', p_before, ',', coalesce(octet_length(p_after::text), 0), ':', p_after, ',',
    '27:', to_char(p_ts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8')), 'hex');
end
$$;

--
-- Name: FUNCTION _audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone) IS 'sha256 over the length-prefixed fields of one record and the hash before it; hex.';

--
-- Name: _changed(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._changed(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_now timestamptz := clock_timestamp();
  v_is_asked_now boolean;
begin
  update public.tasks set updated_at = now(), show_requested_at = coalesce(show_requested_at, v_now) where task_id = p_task_id
  returning show_requested_at = v_now into v_is_asked_now;
  -- One outstanding redraw per task is enough: whoever redraws reads the newest state. It waits a moment, so that steps which follow each
  -- other at once are drawn once.
  if not v_is_asked_now then
    return '[]'::jsonb;
  end if;
  return public._job('task.show', p_task_id, (extract(epoch from v_now) * 1000)::bigint, 300);
end
$$;

--
-- Name: FUNCTION _changed(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._changed(p_task_id text) IS 'The task''s message is out of date; returns the nudge for it unless one is under way.';

--
-- Name: approval_requests; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.approval_requests (
    request_id uuid DEFAULT gen_random_uuid() NOT NULL,
    reference text NOT NULL,
    task_id text NOT NULL,
    step_id text NOT NULL,
    version integer NOT NULL,
    tier text NOT NULL,
    action text NOT NULL,
    slots text[] NOT NULL,
    requirements jsonb NOT NULL,
    artifact_id uuid NOT NULL,
    artifact_checksum text NOT NULL,
    target_chat_id bigint NOT NULL,
    target_topic_id bigint,
    policy_version integer NOT NULL,
    requester_person_id uuid,
    status text DEFAULT 'staging'::text NOT NULL,
    staging_problem text,
    dry_run_artifact_id uuid,
    worker text,
    lease_expires_at timestamp with time zone,
    wake_seq integer DEFAULT 0 NOT NULL,
    woken_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    shown_at timestamp with time zone,
    expires_at timestamp with time zone,
    remind_at timestamp with time zone,
    escalate_at timestamp with time zone,
    decided_at timestamp with time zone,
    void_reason text,
    CONSTRAINT approval_requests_decided_at_when_decided CHECK (((decided_at IS NOT NULL) = (status = ANY (ARRAY['approved'::text, 'rejected'::text, 'expired'::text, 'void'::text])))),
    CONSTRAINT approval_requests_reason_when_void CHECK (((void_reason IS NOT NULL) = (status = 'void'::text))),
    CONSTRAINT approval_requests_reference_form CHECK ((reference ~ '^T[0-3]-[A-HJ-NP-Z2-9]{4,}$'::text)),
    CONSTRAINT approval_requests_shown_when_decidable CHECK (((status <> ALL (ARRAY['pending'::text, 'approved'::text])) OR ((shown_at IS NOT NULL) AND (expires_at IS NOT NULL)))),
    CONSTRAINT approval_requests_slots_known CHECK ((slots <@ ARRAY['operator'::text, 'owner'::text])),
    CONSTRAINT approval_requests_status_known CHECK ((status = ANY (ARRAY['staging'::text, 'pending'::text, 'approved'::text, 'rejected'::text, 'void'::text, 'expired'::text]))),
    CONSTRAINT approval_requests_t3_has_two_slots CHECK (((tier <> 'T3'::text) OR (slots @> ARRAY['operator'::text, 'owner'::text]))),
    CONSTRAINT approval_requests_version_positive CHECK ((version > 0))
);

ALTER TABLE ONLY public.approval_requests FORCE ROW LEVEL SECURITY;

--
-- Name: _close_gate(public.approval_requests); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._close_gate(p_request public.approval_requests) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: task_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.task_steps (
    step_id text NOT NULL,
    task_id text NOT NULL,
    node_id text NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    agent text NOT NULL,
    agent_name text NOT NULL,
    action text NOT NULL,
    tier text NOT NULL,
    instruction text DEFAULT ''::text NOT NULL,
    after text[] DEFAULT '{}'::text[] NOT NULL,
    subject_node text,
    effect_kind text,
    target_chat_id bigint,
    target_topic_id bigint,
    status text DEFAULT 'pending'::text NOT NULL,
    input_ref text,
    output_ref text,
    quality_score numeric(5,4),
    verdict jsonb,
    comments jsonb DEFAULT '[]'::jsonb NOT NULL,
    is_edited_by_person boolean DEFAULT false NOT NULL,
    idempotency_key text,
    attempt_count integer DEFAULT 0 NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    worker text,
    lease_expires_at timestamp with time zone,
    wake_seq integer DEFAULT 0 NOT NULL,
    woken_at timestamp with time zone,
    not_before timestamp with time zone,
    error_code text,
    error_message text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT task_steps_effect_kind_known CHECK ((effect_kind = ANY (ARRAY['reply'::text, 'post'::text, 'trade'::text, 'payment'::text, 'withdrawal'::text]))),
    CONSTRAINT task_steps_effect_whole CHECK (((kind = 'effect'::text) = (effect_kind IS NOT NULL))),
    CONSTRAINT task_steps_ended_at_when_ended CHECK (((ended_at IS NOT NULL) = (status = ANY (ARRAY['done'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text, 'quarantined'::text])))),
    CONSTRAINT task_steps_kind_known CHECK ((kind = ANY (ARRAY['plan'::text, 'work'::text, 'critic'::text, 'approve'::text, 'effect'::text, 'archive'::text]))),
    CONSTRAINT task_steps_lease_when_running CHECK ((((status = 'running'::text) = (lease_expires_at IS NOT NULL)) AND ((status = 'running'::text) = (worker IS NOT NULL)))),
    CONSTRAINT task_steps_named_by_task_and_node CHECK ((step_id = ((task_id || '/'::text) || node_id))),
    CONSTRAINT task_steps_node_id_form CHECK ((node_id ~ '^[a-z][a-z0-9_-]{0,49}$'::text)),
    CONSTRAINT task_steps_people_only_approve CHECK (((status <> 'awaiting_approval'::text) OR (kind = 'approve'::text))),
    CONSTRAINT task_steps_quality_score_bounded CHECK (((quality_score >= (0)::numeric) AND (quality_score <= (1)::numeric))),
    CONSTRAINT task_steps_started_before_ended CHECK (((ended_at IS NULL) OR (status = ANY (ARRAY['skipped'::text, 'cancelled'::text])) OR (started_at IS NOT NULL))),
    CONSTRAINT task_steps_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'ready'::text, 'running'::text, 'awaiting_approval'::text, 'done'::text, 'failed'::text, 'skipped'::text, 'cancelled'::text, 'quarantined'::text]))),
    CONSTRAINT task_steps_tier_known CHECK ((tier = ANY (ARRAY['T0'::text, 'T1'::text, 'T2'::text, 'T3'::text])))
);

ALTER TABLE ONLY public.task_steps FORCE ROW LEVEL SECURITY;

--
-- Name: _done(public.task_steps, text, text, numeric, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_key text := case when p_input_hash is null then p_step.idempotency_key else p_step.task_id || ':' || p_step.node_id || ':' || left(p_input_hash, 16) end;
begin
  update public.task_steps set status = 'done', output_ref = coalesce(p_output_ref, output_ref), quality_score = coalesce(p_score, quality_score), idempotency_key = v_key,
    is_edited_by_person = false, ended_at = clock_timestamp(), worker = null, lease_expires_at = null, started_at = coalesce(started_at, clock_timestamp())
  where step_id = p_step.step_id;
  perform public._event(p_step.task_id, 'STEP_DONE', p_step.step_id, p_step.agent_name,
    jsonb_strip_nulls(jsonb_build_object('node_id', p_step.node_id, 'inputs_ref', p_step.input_ref, 'outputs_ref', p_output_ref, 'quality_score', p_score)) || p_payload,
    coalesce(v_key, p_step.task_id || ':' || p_step.node_id) || ':done:' || p_step.fence);
  perform public._audit(p_step.task_id, case when p_step.kind = 'approve' then 'system' else 'agent:' || p_step.agent_name end, 'step.complete', p_step.step_id,
    jsonb_build_object('status', p_step.status), jsonb_strip_nulls(jsonb_build_object('status', 'done', 'output_ref', p_output_ref, 'quality_score', p_score)) || p_payload);
end
$$;

--
-- Name: FUNCTION _done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) IS 'Ends a step well, with its event and its record; what was made from an earlier input is known by its hash.';

--
-- Name: effects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.effects (
    effect_id uuid DEFAULT gen_random_uuid() NOT NULL,
    task_id text NOT NULL,
    step_id text NOT NULL,
    kind text NOT NULL,
    tier text NOT NULL,
    idempotency_key text NOT NULL,
    artifact_checksum text NOT NULL,
    target_chat_id bigint NOT NULL,
    target_topic_id bigint,
    part_count integer NOT NULL,
    request_id uuid,
    policy_version integer NOT NULL,
    generation bigint NOT NULL,
    fence bigint NOT NULL,
    status text DEFAULT 'granted'::text NOT NULL,
    granted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    outcome_note text,
    doubt_resend_by uuid,
    CONSTRAINT effects_part_count_positive CHECK ((part_count > 0)),
    CONSTRAINT effects_people_asked_from_t2 CHECK (((tier < 'T2'::text) OR (request_id IS NOT NULL))),
    CONSTRAINT effects_settled_at_when_settled CHECK (((settled_at IS NOT NULL) = (status = ANY (ARRAY['done'::text, 'failed'::text, 'void'::text])))),
    CONSTRAINT effects_status_known CHECK ((status = ANY (ARRAY['granted'::text, 'done'::text, 'failed'::text, 'in_doubt'::text, 'void'::text])))
);

ALTER TABLE ONLY public.effects FORCE ROW LEVEL SECURITY;

--
-- Name: _doubt(public.effects, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._doubt(p_effect public.effects, p_note text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update public.effect_attempts set status = 'in_doubt', settled_at = clock_timestamp() where effect_id = p_effect.effect_id and status = 'started';
  -- A press that was meant for an earlier doubt about the same effect must find nothing: this one gets a token of its own.
  delete from public.buttons b using public.cards c where c.card_id = b.card_id and c.kind = 'doubt' and c.effect_id = p_effect.effect_id;
  -- Whoever asked to send again in an earlier doubt has not been asked about this one.
  update public.effects set status = 'in_doubt', outcome_note = left(p_note, 500), doubt_resend_by = null where effect_id = p_effect.effect_id;
  update public.task_steps set status = 'ready', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = p_effect.step_id and status = 'running';
  update public.tasks set status = 'held', held_reason = 'in_doubt' where task_id = p_effect.task_id and ended_at is null;
  perform public._audit(p_effect.task_id, 'system', 'effect.doubt', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', 'in_doubt', 'note', left(p_note, 500)));
  perform public._event(p_effect.task_id, 'INCIDENT_RAISED', p_effect.step_id, null, jsonb_build_object('severity', 'critical', 'summary', 'an effect is in doubt', 'effect_id', p_effect.effect_id), p_effect.idempotency_key || ':doubt:' || p_effect.fence);
  return jsonb_build_object('next', null, 'deliver', public._job('doubt.show', p_effect.effect_id::text, p_effect.fence) || public._changed(p_effect.task_id));
end
$$;

--
-- Name: FUNCTION _doubt(p_effect public.effects, p_note text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._doubt(p_effect public.effects, p_note text) IS 'It left, and nobody knows whether it arrived: the task is held and people are asked.';

--
-- Name: _effect_kind(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._effect_kind(p_action text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select case p_action when 'PUBLISH' then 'post' when 'SOCIAL_POST' then 'post' when 'TRADE' then 'trade' when 'PAYMENT' then 'payment' when 'WITHDRAWAL' then 'withdrawal' end);
end
$$;

--
-- Name: FUNCTION _effect_kind(p_action text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._effect_kind(p_action text) IS 'The outside act behind an action; null when it is none of those.';

--
-- Name: _effect_view(public.effects); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._effect_view(p_effect public.effects) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('effect_id', p_effect.effect_id, 'task_id', p_effect.task_id, 'step_id', p_effect.step_id, 'kind', p_effect.kind, 'tier', p_effect.tier, 'status', p_effect.status,
      'artifact_checksum', p_effect.artifact_checksum, 'generation', p_effect.generation, 'granted_at', p_effect.granted_at, 'settled_at', p_effect.settled_at, 'part_count', p_effect.part_count,
      'target_chat_id', p_effect.target_chat_id, 'target_topic_id', p_effect.target_topic_id, 'outcome_note', p_effect.outcome_note, 'resend_asked_by', public._name_of(p_effect.doubt_resend_by),
      'staged', coalesce((select jsonb_agg(jsonb_build_object('part', s.part, 'chat_id', s.chat_id, 'topic_id', s.topic_id, 'message_id', s.message_id) order by s.part) from public.staged_parts s where s.request_id = p_effect.request_id), '[]'),
      'attempts', coalesce((select jsonb_agg(jsonb_build_object('attempt_id', a.attempt_id, 'part', a.part, 'attempt', a.attempt, 'status', a.status, 'started_at', a.started_at, 'settled_at', a.settled_at,
        'chat_id', a.chat_id, 'topic_id', a.topic_id, 'message_id', a.message_id, 'error', a.error) order by a.part, a.attempt) from public.effect_attempts a where a.effect_id = p_effect.effect_id), '[]'))
  );
end
$$;

--
-- Name: _end_task(text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_before text;
begin
  select status into v_before from public.tasks where task_id = p_task_id and ended_at is null for update;
  if v_before is null then
    -- It ended in another way before; the first end stands.
    return '[]'::jsonb;
  end if;
  update public.tasks set status = p_status, ended_at = now(), held_reason = null, failure_code = p_code, failure_message = left(p_message, 1000) where task_id = p_task_id;
  update public.task_steps set status = case when p_status = 'cancelled' then 'cancelled' else 'skipped' end, ended_at = now(), worker = null, lease_expires_at = null, fence = fence + 1
  where task_id = p_task_id and status in ('pending', 'ready', 'running', 'awaiting_approval');
  -- An approval that let nothing out ends with its task: nobody can decide on it, edit it or let it expire any more.
  update public.approval_requests r set status = 'void', void_reason = 'task_' || p_status, decided_at = now(), lease_expires_at = null, worker = null
  where r.task_id = p_task_id and (r.status in ('staging', 'pending')
    or (r.status = 'approved' and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void')));
  perform public._audit(p_task_id, p_actor, 'task.end', p_task_id, jsonb_build_object('status', v_before),
    jsonb_strip_nulls(jsonb_build_object('status', p_status, 'code', p_code, 'message', p_message)));
  perform public._event(p_task_id, 'TASK_ENDED', null, null, jsonb_strip_nulls(jsonb_build_object('status', p_status, 'code', p_code)), p_task_id || ':end');
  return public._changed(p_task_id) || public._redraw_cards(p_task_id);
end
$$;

--
-- Name: FUNCTION _end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) IS 'The one place where a task ends, whichever way.';

--
-- Name: _ensure_person(bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._ensure_person(p_external_id bigint, p_display_name text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._person_of(p_external_id);
begin
  if v_person_id is not null then
    return v_person_id;
  end if;
  -- Two updates of one new person may race: whoever comes second waits here, and finds the first.
  perform pg_advisory_xact_lock(hashtextextended('ags.person:' || p_external_id, 0));
  v_person_id := public._person_of(p_external_id);
  if v_person_id is null then
    insert into public.people (display_name) values (left(coalesce(nullif(p_display_name, ''), 'tg:' || p_external_id), 200)) returning person_id into v_person_id;
    insert into public.identities (external_id, person_id) values (p_external_id, v_person_id);
  end if;
  return v_person_id;
end
$$;

--
-- Name: FUNCTION _ensure_person(p_external_id bigint, p_display_name text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._ensure_person(p_external_id bigint, p_display_name text) IS 'The person behind a numeric id; made, once, for an id never seen before.';

--
-- Name: _event(text, text, text, text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._event(p_task_id text, p_type text, p_step_id text, p_agent text, p_payload jsonb, p_key text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  insert into public.events (task_id, type, step_id, agent, payload_json, idempotency_key)
  values (p_task_id, p_type, p_step_id, p_agent, p_payload, p_key) on conflict (idempotency_key) do nothing;
end
$$;

--
-- Name: _event_update_dead(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._event_update_dead(p_inbox_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform public._event(null, 'INCIDENT_RAISED', null, null, jsonb_build_object('severity', 'warning', 'summary', 'an update could not be handled', 'inbox_id', p_inbox_id), 'inbox:' || p_inbox_id || ':dead');
end
$$;

--
-- Name: _expose(text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._expose(p_function text, VARIADIC p_roles text[] DEFAULT '{}'::text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_oid oid;
  v_signature text;
  v_role text;
begin
  -- A name that is overloaded would leave one of its versions unguarded: "into strict" fails on two rows as on none.
  select p.oid into strict v_oid
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.proname = p_function;
  v_signature := v_oid::regprocedure::text;
  execute format('revoke all on function %s from public, anon, authenticated, service_role', v_signature);
  foreach v_role in array p_roles loop
    execute format('grant execute on function %s to %I', v_signature, v_role);
  end loop;
  -- Over Supabase a process without SUPABASE_JWT_SECRET cannot become one of the roles: it calls as what its secret key is.
  if cardinality(p_roles) > 0 then
    execute format('grant execute on function %s to service_role', v_signature);
  end if;
end
$$;

--
-- Name: FUNCTION _expose(p_function text, VARIADIC p_roles text[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._expose(p_function text, VARIADIC p_roles text[]) IS 'Revokes a function from everybody by name and grants it to the roles given, and then to service_role, the fallback without SUPABASE_JWT_SECRET. Every function that a process calls goes through here once.';

--
-- Name: _facts(public.approval_requests); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._facts(p_request public.approval_requests) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object(
      'score', c.verdict -> 'score', 'points', c.verdict -> 'points', 'pass_points', c.verdict -> 'pass_points',
      -- A verdict over other bytes says nothing about these.
      'has_veto', case when c.verdict ->> 'post_checksum' = p_request.artifact_checksum then c.verdict -> 'has_veto' else 'true'::jsonb end,
      'has_dry_run', p_request.dry_run_artifact_id is not null,
      'is_staged', p_request.shown_at is not null and p_request.staging_problem is null,
      'staging_problem', p_request.staging_problem,
      'approvals', coalesce((select jsonb_agg(jsonb_build_object('role', a.role, 'name', public._name_of(a.person_id))) from public.approvals a
        where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_request.artifact_checksum), '[]'))
    from public.task_steps s
    join public.task_steps c on c.task_id = s.task_id and c.kind = 'critic' and c.subject_node = s.subject_node
    where s.step_id = p_request.step_id
  );
end
$$;

--
-- Name: _find_request(text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_request_id uuid;
  v_card public.cards;
begin
  if p_token is null then
    select request_id into v_request_id from public.approval_requests where reference = upper(btrim(p_reference));
    return jsonb_build_object('request_id', v_request_id, 'code', case when v_request_id is null then 'unknown_reference' end);
  end if;
  select b.request_id, c.card_id into v_request_id, v_card.card_id from public.buttons b join public.cards c using (card_id) where b.token = p_token and c.kind = 'approval';
  if v_request_id is null then
    return jsonb_build_object('request_id', null, 'code', 'unknown_button');
  end if;
  -- Not "for update": whoever opens the card of this task holds the task and refers to the card's row, and would wait for us as we for it.
  select * into v_card from public.cards where card_id = v_card.card_id for no key update;
  if v_card.message_id is null and v_card.chat_id = p_chat_id then
    -- Sent, but the process ended before it could note where: the press itself tells.
    update public.cards set message_id = p_message_id where card_id = v_card.card_id;
  elsif v_card.chat_id is distinct from p_chat_id or v_card.message_id is distinct from p_message_id then
    return jsonb_build_object('request_id', v_request_id, 'code', 'wrong_message');
  end if;
  return jsonb_build_object('request_id', v_request_id, 'code', null);
end
$$;

--
-- Name: FUNCTION _find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) IS 'From a reference, or from a button on its own card''s message, to the request.';

--
-- Name: _gate_refusal(public.approval_requests, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._gate_refusal(p_request public.approval_requests, p_person_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: _go_on(text, text[], text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._go_on(p_task_id text, p_step_ids text[], p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_step_id text;
  v_next jsonb;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Exactly one next step and no gate: the same worker goes on with it, without a way through the queue.
  if p_worker is not null and cardinality(p_step_ids) = 1 then
    v_next := public._hand_over(p_step_ids[1], p_worker, p_lease_seconds);
  end if;
  foreach v_step_id in array p_step_ids loop
    if v_next is null then
      v_deliver := v_deliver || public._wake(v_step_id);
    else
      perform public._event(p_task_id, 'STEP_READY', v_step_id, v_next -> 'step' ->> 'agent_name', jsonb_build_object('node_id', v_next -> 'step' ->> 'node_id'),
        p_task_id || ':' || (v_next -> 'step' ->> 'node_id') || ':ready:' || (select wake_seq from public.task_steps where step_id = v_step_id));
    end if;
  end loop;
  return jsonb_build_object('next', v_next, 'deliver', v_deliver || public._changed(p_task_id));
end
$$;

--
-- Name: FUNCTION _go_on(p_task_id text, p_step_ids text[], p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._go_on(p_task_id text, p_step_ids text[], p_worker text, p_lease_seconds integer) IS 'Makes steps ready: {next: the work of the only one, for the worker that asks; deliver: the nudges for the others}.';

--
-- Name: _grant_refusals(public.task_steps, public.tasks, public.approval_requests, text, bigint, bigint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._grant_refusals(p_step public.task_steps, p_task public.tasks, p_request public.approval_requests, p_checksum text, p_chat_id bigint, p_topic_id bigint, p_part_count integer) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_policy jsonb := public._policy(p_task.policy_version);
  v_critic public.task_steps;
  v_slots text[] := public._slots(v_policy, p_task.risk_tier);
  v_reasons text[] := '{}'::text[];
  v_people integer;
begin
  select * into v_critic from public.task_steps where task_id = p_step.task_id and kind = 'critic' and subject_node = p_step.subject_node;
  if p_task.status <> 'running' and p_task.status <> 'awaiting_approval' then
    v_reasons := v_reasons || 'task_not_running'::text;
  end if;
  if v_critic.status is distinct from 'done' or not coalesce((v_critic.verdict ->> 'passed')::boolean, false) or v_critic.verdict ->> 'post_checksum' is distinct from p_checksum then
    v_reasons := v_reasons || 'critic'::text;
  end if;
  if (v_critic.verdict ->> 'part_count')::integer is distinct from p_part_count then
    v_reasons := v_reasons || 'parts'::text;
  end if;
  if p_step.target_chat_id is distinct from p_chat_id or p_step.target_topic_id is distinct from p_topic_id then
    v_reasons := v_reasons || 'target'::text;
  end if;
  if cardinality(v_slots) > 0 or p_task.risk_tier >= 'T2' then
    if p_request.request_id is null or p_request.status <> 'approved' then
      v_reasons := v_reasons || 'approvals'::text;
    elsif p_request.artifact_checksum <> p_checksum or p_request.target_chat_id is distinct from p_chat_id or p_request.target_topic_id is distinct from p_topic_id or p_request.policy_version <> p_task.policy_version then
      v_reasons := v_reasons || 'approved_something_else'::text;
    elsif p_request.expires_at <= clock_timestamp() then
      v_reasons := v_reasons || 'expired'::text;
    else
      -- Counted again here from the decisions themselves: each slot by another person who still holds a role for it, nobody against.
      select count(distinct a.person_id) into v_people from public.approvals a
      where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_checksum and a.role = any (p_request.slots)
        and exists (select 1 from public.person_roles r where r.person_id = a.person_id and r.revoked_at is null and (r.role = a.role or (r.role = 'owner' and a.role = 'operator')));
      if v_people < cardinality(p_request.slots) or p_request.slots is distinct from v_slots or exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'reject') then
        v_reasons := v_reasons || 'approvals'::text;
      end if;
      if not (public._verdict(p_request) ->> 'is_met')::boolean then
        v_reasons := v_reasons || 'requirements'::text;
      end if;
    end if;
  end if;
  return v_reasons;
end
$$;

--
-- Name: FUNCTION _grant_refusals(p_step public.task_steps, p_task public.tasks, p_request public.approval_requests, p_checksum text, p_chat_id bigint, p_topic_id bigint, p_part_count integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._grant_refusals(p_step public.task_steps, p_task public.tasks, p_request public.approval_requests, p_checksum text, p_chat_id bigint, p_topic_id bigint, p_part_count integer) IS 'Everything that speaks against letting this out, by name; empty when nothing does.';

--
-- Name: _hand_over(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._hand_over(p_step_id text, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_step public.task_steps;
begin
  select t.* into v_task from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id for update of t;
  if v_task.task_id is null or v_task.status not in ('planning', 'running', 'awaiting_approval') or public._is_stopped(coalesce(v_task.risk_tier, 'T0')) then
    return null;
  end if;
  update public.task_steps set status = 'running', worker = p_worker, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds), ended_at = null,
    wake_seq = wake_seq + case when status = 'ready' then 0 else 1 end, woken_at = case when status = 'ready' then woken_at else clock_timestamp() end,
    fence = fence + 1, attempt_count = attempt_count + 1, started_at = coalesce(started_at, clock_timestamp()), not_before = null, error_code = null, error_message = null
  where step_id = p_step_id returning * into v_step;
  return public._work(v_step, v_task);
end
$$;

--
-- Name: FUNCTION _hand_over(p_step_id text, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._hand_over(p_step_id text, p_worker text, p_lease_seconds integer) IS 'Gives a step, ready or woken by this, to one worker with a new fence, and answers with its work; null when the task is over or the stop holds it.';

--
-- Name: _inputs(public.task_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._inputs(p_step public.task_steps) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- Whoever judges or drafts sees all the work before it; other work sees what it comes after. What the requester sent is last.
  return (
    select coalesce(jsonb_agg(x.item order by x.rank, x.place), '[]') from (
      select 1 as rank, s.position as place,
        jsonb_build_object('node_id', s.node_id, 'agent', s.agent, 'kind', s.kind, 'is_edited_by_person', s.is_edited_by_person) || public._artifact_json(a) as item
      from public.task_steps s join public.artifacts a on a.storage_ref = s.output_ref
      where s.task_id = p_step.task_id and s.kind = 'work' and s.status = 'done' and s.node_id <> p_step.node_id
        and (s.node_id = any (p_step.after) or p_step.kind in ('critic', 'effect') or p_step.agent in ('exec', 'communicator'))
      union all
      select 2, 0, jsonb_build_object('node_id', null, 'agent', null, 'kind', 'input') || public._artifact_json(a)
      from public.artifacts a where a.task_id = p_step.task_id and a.type = 'input'
    ) x
  );
end
$$;

--
-- Name: _insert_human_gate(public.task_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._insert_human_gate(p_critic public.task_steps) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _insert_human_gate(p_critic public.task_steps); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._insert_human_gate(p_critic public.task_steps) IS 'A tier that people do not approve gets a gate all the same once the critic has refused: people edit, reject or cancel.';

--
-- Name: _is_inside(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_inside(p_action text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select p_action in ('READ', 'RESEARCH', 'RETRIEVE', 'SUMMARIZE', 'DRAFT_REPLY', 'WRITE_DB'));
end
$$;

--
-- Name: FUNCTION _is_inside(p_action text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_inside(p_action text) IS 'Work whose whole result is an artifact of the task, kept in this database (WRITE_DB: a record among them). Whatever else a policy names needs an executor.';

--
-- Name: _is_stopped(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_stopped(p_tier text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select stopped_at is not null and (scope = 'all' or p_tier >= 'T2') from public.stop_switch);
end
$$;

--
-- Name: FUNCTION _is_stopped(p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_stopped(p_tier text) IS 'Whether work of this tier has to wait.';

--
-- Name: _job(text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._job(p_job text, p_id text, p_seq bigint DEFAULT 0, p_delay_ms bigint DEFAULT 0) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select jsonb_build_array(jsonb_build_object('job', p_job, 'id', p_id, 'seq', p_seq, 'delay_ms', greatest(p_delay_ms, 0))));
end
$$;

--
-- Name: FUNCTION _job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint) IS 'One nudge for the queue, as a list of one. Ids only.';

--
-- Name: _land(public.effects, public.task_steps, text, text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform public._note_landed(p_effect, p_note, p_actor);
  perform public._done(p_step, null, (select storage_ref from public.artifacts where task_id = p_effect.task_id and checksum = p_effect.artifact_checksum and type = 'post' order by created_at desc limit 1), null,
    jsonb_build_object('effect_id', p_effect.effect_id, 'effect_kind', p_effect.kind));
  return public._advance(p_effect.task_id, p_worker, p_lease_seconds);
end
$$;

--
-- Name: _lock_claimed(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._lock_claimed(p_step_id text, p_fence bigint) RETURNS public.task_steps
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
begin
  select s.* into v_step from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id for update of t, s;
  if v_step.step_id is null then
    perform public._refuse('ZT003', 'no such step', jsonb_build_object('step_id', p_step_id));
  end if;
  if v_step.fence <> p_fence or v_step.status <> 'running' then
    perform public._refuse('ZT006', 'this worker no longer holds the step', jsonb_build_object('step_id', p_step_id, 'fence', p_fence, 'status', v_step.status));
  end if;
  return v_step;
end
$$;

--
-- Name: FUNCTION _lock_claimed(p_step_id text, p_fence bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._lock_claimed(p_step_id text, p_fence bigint) IS 'Locks task and step and proves the fence; a stale worker gets ZT006.';

--
-- Name: _name_of(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._name_of(p_person_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select display_name from public.people where person_id = p_person_id);
end
$$;

--
-- Name: _new_reference(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._new_reference(p_tier text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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
    exit when not exists (select 1 from public.approval_requests where reference = v_reference);
    v_length := v_length + 1;
  end loop;
  return v_reference;
end
$$;

--
-- Name: _new_token(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._new_token() RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  return (select translate(rtrim(encode(uuid_send(gen_random_uuid()), 'base64'), '='), '+/', '-_'));
end
$$;

--
-- Name: FUNCTION _new_token(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._new_token() IS 'What a button carries: 22 characters, 122 random bits, and no meaning of its own.';

--
-- Name: _note_landed(public.effects, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._note_landed(p_effect public.effects, p_note text, p_actor text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_messages jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('chat_id', chat_id, 'topic_id', topic_id, 'message_id', message_id) order by part), '[]') into v_messages
  from public.effect_attempts where effect_id = p_effect.effect_id and status = 'done' and message_id is not null;
  update public.effects set status = 'done', settled_at = clock_timestamp(), outcome_note = left(p_note, 500) where effect_id = p_effect.effect_id;
  perform public._audit(p_effect.task_id, p_actor, 'effect.done', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', 'done', 'messages', v_messages));
  if p_effect.kind = 'post' then
    perform public._event(p_effect.task_id, 'PUBLISH_OK', p_effect.step_id, (select agent_name from public.task_steps where step_id = p_effect.step_id), jsonb_build_object('effect_id', p_effect.effect_id, 'messages', v_messages, 'checksum', p_effect.artifact_checksum), p_effect.idempotency_key || ':ok');
  end if;
end
$$;

--
-- Name: FUNCTION _note_landed(p_effect public.effects, p_note text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._note_landed(p_effect public.effects, p_note text, p_actor text) IS 'Every part of an effect has arrived: written down, whatever became of the task.';

--
-- Name: _open_request(public.task_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._open_request(p_step public.task_steps) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_policy jsonb;
  v_critic public.task_steps;
  v_effect public.task_steps;
  v_post public.artifacts;
  v_slots text[];
  v_request public.approval_requests;
  v_requirements jsonb;
begin
  select * into v_task from public.tasks where task_id = p_step.task_id for update;
  v_policy := public._policy(v_task.policy_version);
  select * into v_critic from public.task_steps where task_id = p_step.task_id and kind = 'critic' and subject_node = p_step.subject_node;
  select * into v_effect from public.task_steps where task_id = p_step.task_id and kind = 'effect' and subject_node = p_step.subject_node;
  v_slots := public._slots(v_policy, v_task.risk_tier);
  -- A gate that was put in only because the critic had refused is not needed once it passes.
  if cardinality(v_slots) = 0 and (v_critic.verdict ->> 'passed')::boolean then
    update public.task_steps set status = 'skipped', ended_at = now() where step_id = p_step.step_id;
    return '[]'::jsonb;
  end if;
  select * into v_post from public.artifacts where step_id = v_critic.step_id and type = 'post' and checksum = v_critic.verdict ->> 'post_checksum' order by created_at desc limit 1;
  v_requirements := jsonb_build_array('critic_pass') || coalesce(v_policy -> 'approvals' -> v_task.risk_tier, '[]') || '["staged_copy"]';
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
    'target', v_request.target_chat_id, 'policy_version', v_request.policy_version, 'requirements', v_requirements));
  return public._job('request.show', v_request.request_id::text, v_request.wake_seq);
end
$$;

--
-- Name: FUNCTION _open_request(p_step public.task_steps); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_request(p_step public.task_steps) IS 'Asks people about exactly what the critic judged: a new version with its own reference.';

--
-- Name: _open_slot(public.approval_requests, uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_roles text[] := public._roles_of(p_person_id);
  v_separation text := public._separation(public._policy(p_request.policy_version), p_request.tier);
  v_slot text;
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
  select f into v_slot from unnest(v_fits) with ordinality x (f, place)
  where not exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'approve' and a.role = x.f) order by place limit 1;
  return jsonb_build_object('code', case when v_slot is null then 'slot_taken' end, 'slot', v_slot);
end
$$;

--
-- Name: FUNCTION _open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text) IS 'The slot that this person would fill, or the code of why there is none.';

--
-- Name: _people_missing_for(jsonb, text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._people_missing_for(p_policy jsonb, p_tier text, p_requester uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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
    from public.person_roles r where r.revoked_at is null group by r.person_id
  ),
  operators as (select person_id from able where can_operate and (person_id is distinct from p_requester or v_separation in ('operator', 'any'))),
  owners as (select person_id from able where can_own and (person_id is distinct from p_requester or v_separation = 'any'))
  select case
    when v_slots @> array['operator', 'owner'] then exists (select 1 from owners w join operators o on o.person_id <> w.person_id)
    when 'owner' = any (v_slots) then exists (select 1 from owners)
    else exists (select 1 from operators) end into v_found;
  return case when not v_found then format('%s needs %s, and there are not enough people who hold those roles%s', p_tier, array_to_string(v_slots, ' and '),
    case when v_separation = 'none' then ' besides the requester' else '' end) end;
end
$$;

--
-- Name: FUNCTION _people_missing_for(p_policy jsonb, p_tier text, p_requester uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._people_missing_for(p_policy jsonb, p_tier text, p_requester uuid) IS 'Null when the slots of a tier can be filled by the people there are; else the sentence that says why not.';

--
-- Name: _person_of(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._person_of(p_external_id bigint) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select person_id from public.identities where platform = 'telegram' and external_id = p_external_id);
end
$$;

--
-- Name: _plan_problems(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._plan_problems(p_nodes jsonb, p_policy jsonb) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
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
    where case public._effect_kind(n ->> 'action') when 'post' then n ->> 'agent' <> 'communicator' when 'trade' then n ->> 'agent' <> 'trader' when 'payment' then n ->> 'agent' <> 'exec' when 'withdrawal' then n ->> 'agent' <> 'exec'
      else false end
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
$_$;

--
-- Name: FUNCTION _plan_problems(p_nodes jsonb, p_policy jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._plan_problems(p_nodes jsonb, p_policy jsonb) IS 'What is wrong with a proposed plan, in words; empty when nothing is.';

--
-- Name: _points(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._points(p_critique jsonb) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
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
$_$;

--
-- Name: FUNCTION _points(p_critique jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._points(p_critique jsonb) IS 'The points of a critique, 0 to 9; null when it does not fit the rubric.';

--
-- Name: _policy(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._policy(p_version integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select document from public.policies where policy_version = p_version);
end
$$;

--
-- Name: _protect_table(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._protect_table(p_table text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  execute format('alter table public.%I enable row level security', p_table);
  execute format('alter table public.%I force row level security', p_table);
  execute format('revoke all on table public.%I from public, anon, authenticated, service_role', p_table);
  execute format('create policy "the functions of the program reach every row" on public.%I for all to ags_owner using (true) with check (true)', p_table);
end
$$;

--
-- Name: FUNCTION _protect_table(p_table text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._protect_table(p_table text) IS 'Row level security on and forced; only the owner of the functions reaches rows. Call once for each new table.';

--
-- Name: _redraw_cards(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._redraw_cards(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(public._job('card.show', c.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]')
    from (select distinct step_id from public.cards where kind = 'approval' and step_id in (select step_id from public.task_steps where task_id = p_task_id)) c
  );
end
$$;

--
-- Name: _refuse(text, text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._refuse(p_state text, p_message text, p_detail jsonb DEFAULT '{}'::jsonb, p_hint text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception using errcode = p_state, message = p_message, detail = p_detail::text, hint = coalesce(p_hint, '');
end
$$;

--
-- Name: FUNCTION _refuse(p_state text, p_message text, p_detail jsonb, p_hint text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._refuse(p_state text, p_message text, p_detail jsonb, p_hint text) IS 'Raises one of our own SQLSTATEs (listed in supabase/README.md) with JSON detail.';

--
-- Name: _request_view(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._request_view(p_request_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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
      'decisions', coalesce((select jsonb_agg(jsonb_build_object('role', x.role, 'decision', x.decision, 'name', public._name_of(x.person_id), 'approver', x.approver, 'reason', x.reason, 'at', x.ts) order by x.ts)
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

--
-- Name: FUNCTION _request_view(p_request_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._request_view(p_request_id uuid) IS 'Everything that a card shows.';

--
-- Name: _roles_of(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._roles_of(p_person_id uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(array_agg(role order by role), '{}') from public.person_roles where person_id = p_person_id and revoked_at is null);
end
$$;

--
-- Name: _separation(jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._separation(p_policy jsonb, p_tier text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(p_policy -> 'separation' ->> p_tier, case when p_tier = 'T3' then 'none' else 'any' end));
end
$$;

--
-- Name: FUNCTION _separation(p_policy jsonb, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._separation(p_policy jsonb, p_tier text) IS 'Which slot of a tier the requester may fill: none, operator or any.';

--
-- Name: _settle_orphan(public.effects); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._settle_orphan(p_effect public.effects) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_done integer;
  v_status text;
begin
  if exists (select 1 from public.effect_attempts where effect_id = p_effect.effect_id and status in ('started', 'in_doubt')) then
    return public._doubt(p_effect, 'the task ended while it was being sent') -> 'deliver';
  end if;
  select count(distinct part) into v_done from public.effect_attempts where effect_id = p_effect.effect_id and status = 'done';
  if v_done = p_effect.part_count then
    perform public._note_landed(p_effect, 'it landed as the task ended', 'system');
    return '[]'::jsonb;
  end if;
  v_status := case when v_done = 0 then 'void' else 'failed' end;
  update public.effects set status = v_status, settled_at = clock_timestamp(), outcome_note = 'the task ended before it was sent in full' where effect_id = p_effect.effect_id;
  perform public._audit(p_effect.task_id, 'system', 'effect.abandon', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', v_status, 'parts_done', v_done));
  return '[]'::jsonb;
end
$$;

--
-- Name: FUNCTION _settle_orphan(p_effect public.effects); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._settle_orphan(p_effect public.effects) IS 'A grant whose task ended under way: what its tries say stands, and a try without an end is in doubt.';

--
-- Name: _slots(jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._slots(p_policy jsonb, p_tier text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(array_agg(split_part(r, '_', 1) order by r desc), '{}')
    from jsonb_array_elements_text(coalesce(p_policy -> 'approvals' -> p_tier, '[]')) r where r in ('operator_approval', 'owner_approval')
  );
end
$$;

--
-- Name: FUNCTION _slots(p_policy jsonb, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._slots(p_policy jsonb, p_tier text) IS 'The roles whose approval a tier needs, one slot each.';

--
-- Name: _store_artifact(text, text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text) RETURNS public.artifacts
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
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
    insert into public.artifacts (task_id, step_id, type, storage_ref, checksum, content_type, size_bytes, content, made_by, archived_at)
    values (p_task_id, p_step_id, p_artifact ->> 'type', v_ref, p_artifact ->> 'checksum', coalesce(p_artifact ->> 'content_type', 'text/plain'),
      coalesce((p_artifact ->> 'size_bytes')::bigint, octet_length(v_content)), v_content, p_made_by, case when v_content is null then now() end)
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
$_$;

--
-- Name: FUNCTION _store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text) IS 'Writes {name, type, content | storage_ref, content_type, checksum, size_bytes}; gives a later version of the same name a number.';

--
-- Name: _task_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._task_view(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object(
      'task_id', t.task_id, 'goal', t.goal, 'status', t.status, 'tier', t.risk_tier, 'actor', t.actor, 'requester', public._name_of(t.requester_person_id), 'summary', t.summary,
      'policy_version', t.policy_version, 'revision_count', t.revision_count, 'tokens_used', t.tokens_used, 'cost_usd', t.cost_usd::text, 'is_rehearsal', t.is_rehearsal, 'held_reason', t.held_reason,
      'failure_code', t.failure_code, 'failure_message', t.failure_message, 'chat_id', t.chat_id, 'topic_id', t.topic_id, 'message_id', t.message_id, 'request_message_id', t.request_message_id,
      'created_at', t.created_at, 'updated_at', t.updated_at, 'ended_at', t.ended_at, 'now', clock_timestamp(), 'is_waiting_for_stop', t.ended_at is null and public._is_stopped(coalesce(t.risk_tier, 'T0')),
      'steps', coalesce((select jsonb_agg(jsonb_build_object('node_id', s.node_id, 'kind', s.kind, 'agent', s.agent, 'agent_name', s.agent_name, 'action', s.action, 'tier', s.tier, 'status', s.status, 'after', to_jsonb(s.after),
        'quality_score', s.quality_score, 'attempt_count', s.attempt_count, 'started_at', s.started_at, 'ended_at', s.ended_at, 'error_code', s.error_code,
        'comments', s.comments, 'verdict', s.verdict) order by
          -- In the order things happen: a gate that was put in late stands where it belongs.
          case s.kind when 'plan' then 0 when 'archive' then 2 else 1 end, s.position) from public.task_steps s where s.task_id = t.task_id), '[]'),
      'requests', coalesce((select jsonb_agg(jsonb_build_object('reference', r.reference, 'status', r.status, 'tier', r.tier, 'step_id', r.step_id, 'version', r.version, 'expires_at', r.expires_at, 'slots', to_jsonb(r.slots),
        'verdict', public._verdict(r)) order by r.created_at) from public.approval_requests r where r.task_id = t.task_id), '[]'),
      'effects', coalesce((select jsonb_agg(public._effect_view(e) order by e.granted_at) from public.effects e where e.task_id = t.task_id), '[]'))
    from public.tasks t where t.task_id = p_task_id
  );
end
$$;

--
-- Name: _tier_of(jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._tier_of(p_policy jsonb, p_action text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select max(t.tier) from jsonb_each(p_policy -> 'risk_tiers') as t (tier, actions) where t.actions ? p_action);
end
$$;

--
-- Name: FUNCTION _tier_of(p_policy jsonb, p_action text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._tier_of(p_policy jsonb, p_action text) IS 'The tier of an action; null for one the policy does not know. Two tiers speaking: the stricter wins.';

--
-- Name: _tier_problem(jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._tier_problem(p_policy jsonb, p_tier text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _tier_problem(p_policy jsonb, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._tier_problem(p_policy jsonb, p_tier text) IS 'Why tasks of a tier are refused, for all who may ask for one or for some of them by name; null when they are not.';

--
-- Name: _verdict(public.approval_requests); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._verdict(p_request public.approval_requests) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select public.evaluate_requirements(p_request.requirements, public._facts(p_request)));
end
$$;

--
-- Name: FUNCTION _verdict(p_request public.approval_requests); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._verdict(p_request public.approval_requests) IS 'What of a request is met and what is not, now.';

--
-- Name: _void_request(public.approval_requests, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._void_request(p_request public.approval_requests, p_reason text, p_actor text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update public.approval_requests set status = 'void', void_reason = p_reason, decided_at = clock_timestamp(), worker = null, lease_expires_at = null where request_id = p_request.request_id;
  perform public._audit(p_request.task_id, p_actor, 'approval.void', p_request.reference, jsonb_build_object('status', p_request.status,
    'approvals', (select count(*) from public.approvals where request_id = p_request.request_id and decision = 'approve')), jsonb_build_object('reason', p_reason));
end
$$;

--
-- Name: _wake(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._wake(p_step_id text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
begin
  update public.task_steps set status = 'ready', wake_seq = wake_seq + 1, woken_at = clock_timestamp(), ended_at = null, worker = null, lease_expires_at = null
  where step_id = p_step_id returning * into v_step;
  perform public._event(v_step.task_id, 'STEP_READY', v_step.step_id, v_step.agent_name, jsonb_build_object('node_id', v_step.node_id), v_step.task_id || ':' || v_step.node_id || ':ready:' || v_step.wake_seq);
  return public._job('step.run', v_step.step_id, v_step.wake_seq);
end
$$;

--
-- Name: FUNCTION _wake(p_step_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._wake(p_step_id text) IS 'Makes a step ready, counts the wake, and returns the nudge. The count is part of the job''s id, so no queue can mistake it for an earlier one.';

--
-- Name: _work(public.task_steps, public.tasks); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._work(p_step public.task_steps, p_task public.tasks) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object(
    'step', jsonb_build_object('step_id', p_step.step_id, 'task_id', p_step.task_id, 'node_id', p_step.node_id, 'kind', p_step.kind, 'agent', p_step.agent,
      'agent_name', p_step.agent_name, 'action', p_step.action, 'tier', p_step.tier, 'instruction', p_step.instruction, 'fence', p_step.fence,
      'attempt_count', p_step.attempt_count, 'comments', p_step.comments, 'effect_kind', p_step.effect_kind,
      'subject_node', p_step.subject_node, 'target_chat_id', p_step.target_chat_id, 'target_topic_id', p_step.target_topic_id, 'lease_expires_at', p_step.lease_expires_at),
    'task', jsonb_build_object('task_id', p_task.task_id, 'goal', p_task.goal, 'actor', p_task.actor, 'risk_tier', p_task.risk_tier, 'policy_version', p_task.policy_version, 'source', p_task.source,
      'chat_id', p_task.chat_id, 'topic_id', p_task.topic_id, 'message_id', p_task.message_id, 'request_message_id', p_task.request_message_id, 'revision_count', p_task.revision_count, 'created_at', p_task.created_at),
    'inputs', public._inputs(p_step),
    'previous', (select public._artifact_json(a) from public.artifacts a where a.storage_ref = p_step.output_ref),
    -- For the critic and for an effect: what would be sent. The critic's comes from the draft; the effect's is the post that was judged.
    'post', case when p_step.kind = 'effect' then (
      select public._artifact_json(a) from public.artifacts a join public.task_steps c on c.step_id = a.step_id
      where a.task_id = p_step.task_id and a.type = 'post' and c.kind = 'critic' and c.subject_node = p_step.subject_node and a.checksum = c.verdict ->> 'post_checksum'
      order by a.created_at desc limit 1) end,
    -- The critic's post goes where the effect goes.
    'delivery', case when p_step.kind = 'critic' then (
      select jsonb_build_object('step_id', e.step_id, 'effect_kind', e.effect_kind, 'target_chat_id', e.target_chat_id, 'target_topic_id', e.target_topic_id)
      from public.task_steps e where e.task_id = p_step.task_id and e.kind = 'effect' and e.subject_node = p_step.subject_node limit 1) end);
end
$$;

--
-- Name: FUNCTION _work(p_step public.task_steps, p_task public.tasks); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._work(p_step public.task_steps, p_task public.tasks) IS 'Everything that the worker of a claimed step needs, read in one go.';

--
-- Name: authorize_effect(text, bigint, text, bigint, bigint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_step public.task_steps;
  v_task public.tasks;
  v_request public.approval_requests;
  v_effect public.effects;
  v_reasons text[];
  v_key text;
begin
  -- A stop takes this row for update: it waits for grants under way, and no grant passes it.
  select * into v_switch from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind <> 'effect' then
    perform public._refuse('ZT001', 'only an effect step acts outside', jsonb_build_object('step_id', p_step_id));
  end if;
  select * into v_task from public.tasks where task_id = v_step.task_id;
  if public._is_stopped(v_task.risk_tier) then
    return jsonb_build_object('verdict', 'stopped', 'reasons', '["stopped"]'::jsonb, 'effect', null);
  end if;
  -- Only what stands approved: a version that was replaced must not lend this effect its staged copy.
  select r.* into v_request from public.approval_requests r join public.task_steps g on g.step_id = r.step_id
  where g.task_id = v_step.task_id and g.kind = 'approve' and g.subject_node = v_step.subject_node and r.status = 'approved' for update of r;
  v_key := v_step.task_id || ':' || v_step.node_id || ':' || left(p_checksum, 16);
  select * into v_effect from public.effects where idempotency_key = v_key for update;
  if v_effect.effect_id is not null and v_effect.status <> 'void' then
    -- Granted before, by a worker that is gone: whoever holds the step now learns how far it came, and starts nothing twice. The parts that
    -- never left may go on under this hold and this generation, when nothing speaks against it by now and no try is without an end.
    if v_effect.status = 'granted' and (v_effect.fence <> p_fence or v_effect.generation <> v_switch.generation)
      and not exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status in ('started', 'in_doubt')) then
      v_reasons := public._grant_refusals(v_step, v_task, v_request, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count);
      if cardinality(v_reasons) > 0 then
        perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.refuse', p_step_id, null, jsonb_build_object('reasons', to_jsonb(v_reasons), 'checksum', p_checksum, 'target', p_target_chat_id));
        return jsonb_build_object('verdict', 'refused', 'reasons', to_jsonb(v_reasons), 'effect', public._effect_view(v_effect));
      end if;
      update public.effects set fence = p_fence, generation = v_switch.generation, request_id = v_request.request_id where effect_id = v_effect.effect_id returning * into v_effect;
      perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.resume', v_effect.effect_id::text, null, jsonb_build_object('reference', v_request.reference, 'generation', v_switch.generation));
    end if;
    return jsonb_build_object('verdict', 'exists', 'reasons', '[]'::jsonb, 'effect', public._effect_view(v_effect));
  end if;
  v_reasons := public._grant_refusals(v_step, v_task, v_request, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count);
  if exists (select 1 from public.effects where step_id = p_step_id and status in ('granted', 'done', 'in_doubt')) then
    v_reasons := v_reasons || 'already_done'::text;
  end if;
  if cardinality(v_reasons) > 0 then
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.refuse', p_step_id, null, jsonb_build_object('reasons', to_jsonb(v_reasons), 'checksum', p_checksum, 'target', p_target_chat_id));
    return jsonb_build_object('verdict', 'refused', 'reasons', to_jsonb(v_reasons), 'effect', null);
  end if;
  insert into public.effects (task_id, step_id, kind, tier, idempotency_key, artifact_checksum, target_chat_id, target_topic_id, part_count, request_id, policy_version, generation, fence)
  values (v_step.task_id, p_step_id, v_step.effect_kind, v_task.risk_tier, v_key, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count, v_request.request_id, v_task.policy_version, v_switch.generation, p_fence)
  on conflict (idempotency_key) do update set status = 'granted', granted_at = clock_timestamp(), settled_at = null, generation = excluded.generation, fence = excluded.fence, request_id = excluded.request_id, outcome_note = null, doubt_resend_by = null
  returning * into v_effect;
  update public.task_steps set idempotency_key = v_key where step_id = p_step_id;
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.grant', v_effect.effect_id::text, null, jsonb_build_object('kind', v_effect.kind, 'key', v_key, 'checksum', p_checksum,
    'target', p_target_chat_id, 'reference', v_request.reference, 'generation', v_switch.generation, 'rule', 'tier ' || v_task.risk_tier));
  perform public._event(v_step.task_id, 'EFFECT_GRANTED', p_step_id, v_step.agent_name, jsonb_build_object('effect_id', v_effect.effect_id, 'kind', v_effect.kind), v_key || ':granted:' || v_switch.generation || ':' || p_fence);
  return jsonb_build_object('verdict', 'go', 'reasons', '[]'::jsonb, 'effect', public._effect_view(v_effect));
end
$$;

--
-- Name: FUNCTION authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) IS 'The gate. "go" at most once per idempotency key, over exactly these bytes to this target; else stopped, refused (with every reason), or exists (with how far it came).';

--
-- Name: begin_attempt(uuid, bigint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_effect public.effects;
  v_attempt public.effect_attempts;
begin
  select * into v_switch from public.stop_switch for share;
  select * into v_effect from public.effects where effect_id = p_effect_id for update;
  if p_part is null or p_part not between 1 and v_effect.part_count then
    perform public._refuse('ZT007', 'there is no such part', jsonb_build_object('part', p_part, 'parts', v_effect.part_count));
  end if;
  if v_effect.status is distinct from 'granted' then
    return jsonb_build_object('is_go', false, 'code', 'not_granted');
  end if;
  -- The caller's own hold, not only the newest one: a worker that slept through its lease must not send what another now holds.
  if v_effect.fence is distinct from p_fence or not exists (select 1 from public.task_steps where step_id = v_effect.step_id and status = 'running' and fence = p_fence) then
    return jsonb_build_object('is_go', false, 'code', 'lease_lost');
  end if;
  if public._is_stopped(v_effect.tier) or (v_effect.tier >= 'T2' and v_effect.generation <> v_switch.generation) then
    return jsonb_build_object('is_go', false, 'code', 'stopped');
  end if;
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and part = p_part and status in ('started', 'done', 'in_doubt')) then
    return jsonb_build_object('is_go', false, 'code', 'already_sent');
  end if;
  insert into public.effect_attempts (effect_id, part, attempt, generation)
  select p_effect_id, p_part, 1 + count(*), v_switch.generation from public.effect_attempts where effect_id = p_effect_id and part = p_part
  returning * into v_attempt;
  return jsonb_build_object('is_go', true, 'code', null, 'attempt_id', v_attempt.attempt_id, 'generation', v_switch.generation);
end
$$;

--
-- Name: FUNCTION begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer) IS 'Asked right before a part is sent: is the grant still good? Writes the try down first, so that a crash leaves a trace.';

--
-- Name: cancel_task(text, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_person_id uuid := public._person_of(p_external_id);
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_in_flight jsonb;
  v_deliver jsonb;
begin
  perform 1 from public.stop_switch for share;
  select * into v_task from public.tasks where task_id = upper(btrim(p_task_id)) for update;
  v_code := case
    when v_task.task_id is null then 'not_found'
    -- Nobody in particular is not the requester of a task that nobody in particular asked for.
    when not public._roles_of(v_person_id) && array['operator', 'owner'] and (v_person_id is null or v_task.requester_person_id is distinct from v_person_id) then 'no_role'
    when v_task.ended_at is not null then 'already_ended' end;
  if v_code is not null then
    perform public._audit(coalesce(v_task.task_id, 'system'), v_actor, 'task.refuse', coalesce(v_task.task_id, 'task'), null, jsonb_build_object('code', v_code, 'asked', 'cancel'));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'status', v_task.status, 'deliver', '[]'::jsonb);
  end if;
  select coalesce(jsonb_agg(public._effect_view(e)), '[]') into v_in_flight from public.effects e where e.task_id = v_task.task_id and e.status in ('granted', 'in_doubt');
  v_deliver := public._end_task(v_task.task_id, 'cancelled', 'cancelled', nullif(btrim(p_reason), ''), v_actor);
  return jsonb_build_object('outcome', 'cancelled', 'code', null, 'status', 'cancelled', 'in_flight', v_in_flight, 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION cancel_task(p_task_id text, p_external_id bigint, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) IS 'Ends a task before its next effect; names what had been granted and may still land.';

--
-- Name: claim_lease(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_holder text;
begin
  if p_seconds is null or p_seconds not between 1 and 3600 then
    perform public._refuse('ZT007', 'a lease lasts from 1 to 3600 seconds', jsonb_build_object('seconds', p_seconds));
  end if;
  insert into public.leases as l (name, holder, claimed_at, expires_at) values (p_name, p_holder, clock_timestamp(), clock_timestamp() + make_interval(secs => p_seconds))
  -- The row is locked before the condition is looked at: of two that find it run out, one takes it.
  on conflict (name) do update set holder = p_holder, claimed_at = case when l.holder = p_holder then l.claimed_at else clock_timestamp() end, expires_at = clock_timestamp() + make_interval(secs => p_seconds)
  where l.holder = p_holder or l.expires_at <= clock_timestamp();
  select holder into v_holder from public.leases where name = p_name;
  return jsonb_build_object('is_held', v_holder is not distinct from p_holder, 'holder', v_holder);
end
$$;

--
-- Name: FUNCTION claim_lease(p_name text, p_holder text, p_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) IS 'The lease for this holder, for so many seconds from now, when it is free, has run out or is its own already; else answers who has it.';

--
-- Name: claim_request(uuid, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer) IS 'Takes a request that has to be shown, or gives null. While stopped no new card goes out.';

--
-- Name: claim_step(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_step(p_step_id text, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform 1 from public.stop_switch for share;
  perform 1 from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id and s.status = 'ready' for update of t;
  perform 1 from public.task_steps where step_id = p_step_id and status = 'ready' and (not_before is null or not_before <= clock_timestamp()) for update;
  if not found then
    return null;
  end if;
  return public._hand_over(p_step_id, p_worker, p_lease_seconds);
end
$$;

--
-- Name: FUNCTION claim_step(p_step_id text, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_step(p_step_id text, p_worker text, p_lease_seconds integer) IS 'Takes a ready step for one worker, or gives null: somebody has it, it is not due, the task is over, or the stop holds it. The answer carries a fence that every later write must show.';

--
-- Name: claim_task_view(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_task_view(p_task_id text, p_min_interval_ms integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_wait_ms bigint;
begin
  select * into v_task from public.tasks where task_id = p_task_id for update;
  if v_task.show_requested_at is null then
    return null;
  end if;
  v_wait_ms := ceil(p_min_interval_ms - extract(epoch from clock_timestamp() - v_task.shown_at) * 1000);
  if v_wait_ms > 0 then
    return jsonb_build_object('wait_ms', v_wait_ms, 'task', null);
  end if;
  update public.tasks set show_requested_at = null, shown_at = clock_timestamp() where task_id = p_task_id;
  return jsonb_build_object('wait_ms', 0, 'task', public._task_view(p_task_id));
end
$$;

--
-- Name: FUNCTION claim_task_view(p_task_id text, p_min_interval_ms integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_task_view(p_task_id text, p_min_interval_ms integer) IS 'Takes the duty of redrawing a task''s message, with the newest state; null when it is up to date, wait_ms when it was redrawn too recently.';

--
-- Name: claim_updates(text, integer, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_rows jsonb;
  v_row public.inbox;
begin
  -- One claim at a time in the whole fleet: it has to see what every other one has taken. Rows become visible out of order, so that two
  -- claims side by side could each find another row to be the first of a chat.
  perform pg_advisory_xact_lock(hashtext('ags.claim_updates'));
  -- Whoever had these is gone. One that took three with it is set aside.
  for v_row in
    update public.inbox set status = case when attempt_count < 3 then 'pending' else 'dead' end, ended_at = case when attempt_count < 3 then null else clock_timestamp() end, worker = null, lease_expires_at = null
    where inbox_id in (select inbox_id from public.inbox where status = 'processing' and lease_expires_at < clock_timestamp() order by inbox_id for update skip locked)
    returning *
  loop
    if v_row.status = 'dead' then
      perform public._event_update_dead(v_row.inbox_id);
    end if;
  end loop;
  with heads as (
    -- The first of each chat, the oldest first; nothing of a chat while another of it is being handled. Urgent ones go first and wait for nobody.
    select i.inbox_id
    from public.inbox i
    where i.status = 'pending' and (i.not_before is null or i.not_before <= clock_timestamp()) and (i.is_urgent
      or not exists (select 1 from public.inbox o where o.chat_key = i.chat_key and not o.is_urgent and (o.status = 'processing' or (o.status = 'pending' and (o.place, o.inbox_id) < (i.place, i.inbox_id)))))
    order by i.is_urgent desc, i.inbox_id limit p_limit for update skip locked
  ), taken as (
    update public.inbox i set status = 'processing', worker = p_worker, attempt_count = i.attempt_count + 1, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from heads h where i.inbox_id = h.inbox_id and i.status = 'pending'
    returning i.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('inbox_id', inbox_id, 'source', source, 'external_id', external_id, 'chat_key', chat_key, 'payload', payload, 'attempt_count', attempt_count, 'received_at', received_at)
    order by is_urgent desc, inbox_id), '[]') into v_rows from taken;
  return v_rows;
end
$$;

--
-- Name: FUNCTION claim_updates(p_worker text, p_limit integer, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer) IS 'The next update of each chat that nobody is handling, in order.';

--
-- Name: close_prompt(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.close_prompt(p_prompt_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.prompts set answered_at = now() where prompt_id = p_prompt_id and answered_at is null;
end
$$;

--
-- Name: FUNCTION close_prompt(p_prompt_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.close_prompt(p_prompt_id uuid) IS 'The question has its answer.';

--
-- Name: complete_critique(text, bigint, text, jsonb, integer, jsonb, jsonb, boolean, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
  v_score := round(v_points / 9.0, 4);
  v_has_veto := p_critique ->> 'policy_compliance' = '0' or p_critique ->> 'risk_flags' = '0' or jsonb_array_length(p_critique -> 'red_flags') > 0;
  select * into v_task from public.tasks where task_id = v_step.task_id;
  select * into v_draft from public.task_steps where task_id = v_step.task_id and node_id = v_step.subject_node for update;
  v_policy := public._policy(v_task.policy_version);
  v_post := public._store_artifact(v_task.task_id, p_step_id, p_post, 'agent:communicator');
  v_artifact := public._store_artifact(v_task.task_id, p_step_id, p_artifact, 'agent:' || v_step.agent_name);
  v_verdict := jsonb_build_object('points', v_points, 'score', v_score, 'has_veto', v_has_veto, 'post_checksum', v_post.checksum, 'part_count', p_part_count,
    'pass_points', (v_policy -> 'quality' ->> 'pass_points')::integer, 'critique', p_critique);
  select jsonb_agg(r) into v_requirements from (
    select 'critic_pass' as r union all
    select r from jsonb_array_elements_text(coalesce(v_policy -> 'approvals' -> v_task.risk_tier, '[]')) r where r like 'critic>=%') x;
  v_verdict := v_verdict || jsonb_build_object('passed', public.evaluate_requirements(v_requirements, v_verdict) -> 'is_met', 'requirements', v_requirements);
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
    return jsonb_build_object('outcome', 'revise', 'score', v_score) || public._go_on(v_task.task_id, array[v_draft.step_id], p_worker, p_lease_seconds);
  end if;

  perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, case when (v_verdict ->> 'passed')::boolean then 'critic.pass' else 'critic.fail' end, p_step_id, null, v_verdict - 'critique');
  perform public._done(v_step, p_input_hash, v_artifact.storage_ref, v_score, jsonb_build_object('passed', v_verdict -> 'passed', 'points', v_points));
  if not (v_verdict ->> 'passed')::boolean then
    perform public._insert_human_gate(v_step);
  end if;
  return jsonb_build_object('outcome', case when (v_verdict ->> 'passed')::boolean then 'passed' else 'failed' end, 'score', v_score) || public._advance(v_task.task_id, p_worker, p_lease_seconds);
end
$$;

--
-- Name: FUNCTION complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) IS 'Scores a critique by the rubric (computed here, never taken from a model). Passed: on to the gate. Failed: back to the draft with the comments, at most as often as the policy says, then to people.';

--
-- Name: complete_plan(text, bigint, text, jsonb, text, jsonb, jsonb, jsonb, boolean, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
  select max(public._tier_of(v_policy, n ->> 'action')) into v_tier from jsonb_array_elements(p_nodes) n;
  v_artifact := public._store_artifact(v_task.task_id, p_step_id, p_artifact, 'agent:' || v_step.agent_name);
  update public.tasks set risk_tier = v_tier, summary = left(p_summary, 500), status = 'running', is_rehearsal = is_rehearsal or p_is_rehearsal where task_id = v_task.task_id returning * into v_task;

  v_reply_to := case when v_task.chat_id is not null then jsonb_build_object('chat_id', v_task.chat_id, 'topic_id', v_task.topic_id) else p_channels -> 'reply' end;
  select array_agg(x.problem) into v_problems from (
    select format('nothing here can carry out %s', n ->> 'action') as problem from jsonb_array_elements(p_nodes) n
    where not public._is_inside(n ->> 'action') and (public._effect_kind(n ->> 'action') is null or not coalesce(p_executors ? (n ->> 'action'), false))
    union all
    select format('there is no place to send %s to', n ->> 'action') from jsonb_array_elements(p_nodes) n
    where public._effect_kind(n ->> 'action') is not null and p_channels -> public._effect_kind(n ->> 'action') ->> 'chat_id' is null
    union all
    select 'there is no chat to answer in' where v_reply_to ->> 'chat_id' is null
      and not exists (select 1 from jsonb_array_elements(p_nodes) n where public._effect_kind(n ->> 'action') is not null)) x;
  v_problems := array_remove(coalesce(v_problems, '{}') || public._people_missing_for(v_policy, v_tier, v_task.requester_person_id), null);
  if cardinality(v_problems) > 0 then
    perform public._done(v_step, p_input_hash, v_artifact.storage_ref, null, '{}');
    perform public._audit(v_task.task_id, 'system', 'plan.refuse', v_task.task_id, null, jsonb_build_object('tier', v_tier, 'reasons', to_jsonb(v_problems)));
    return jsonb_build_object('outcome', 'refused', 'reasons', to_jsonb(v_problems), 'next', null,
      'deliver', public._end_task(v_task.task_id, 'failed', 'plan_refused', array_to_string(v_problems, '; '), 'system'));
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
  if not exists (select 1 from public.task_steps where task_id = v_task.task_id and kind = 'effect') then
    select array_agg(s.node_id order by s.position) into v_sinks from public.task_steps s
    where s.task_id = v_task.task_id and s.kind = 'work' and not exists (select 1 from public.task_steps o where o.task_id = s.task_id and s.node_id = any (o.after));
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
    'rule', 'the highest tier of its actions', 'steps', (select jsonb_agg(s.node_id || ':' || s.action || ':' || s.tier order by s.position) from public.task_steps s where s.task_id = v_task.task_id)));
  return jsonb_build_object('outcome', 'accepted', 'reasons', '[]'::jsonb) || public._advance(v_task.task_id, p_worker, p_lease_seconds);
end
$$;

--
-- Name: FUNCTION complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) IS 'Checks a proposed plan, computes the tier, adds critic, approvals, effects and archive, and goes on. Refuses what nobody can carry out or approve.';

--
-- Name: complete_step(text, bigint, text, jsonb, boolean, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_item jsonb;
  v_artifact public.artifacts;
  v_output_ref text;
begin
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind not in ('work', 'archive') then
    perform public._refuse('ZT001', 'a ' || v_step.kind || ' step ends in its own way', jsonb_build_object('step_id', p_step_id));
  end if;
  for v_item in select i from jsonb_array_elements(p_artifacts) i loop
    v_artifact := public._store_artifact(v_step.task_id, v_step.step_id, v_item, 'agent:' || v_step.agent_name);
    v_output_ref := coalesce(v_output_ref, v_artifact.storage_ref);
  end loop;
  if v_step.kind = 'archive' then
    -- The worker has copied them to Storage before it says that it is done.
    update public.artifacts set archived_at = now() where task_id = v_step.task_id and archived_at is null;
  end if;
  if p_is_rehearsal then
    update public.tasks set is_rehearsal = true where task_id = v_step.task_id and not is_rehearsal;
  end if;
  perform public._done(v_step, p_input_hash, v_output_ref, null, '{}');
  return public._advance(v_step.task_id, p_worker, p_lease_seconds);
end
$$;

--
-- Name: FUNCTION complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) IS 'Ends a work or archive step with its artifacts (the first is its output) and hands the same worker the next step where there is exactly one.';

--
-- Name: complete_update(bigint, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_row public.inbox;
begin
  if p_outcome is null or p_outcome not in ('processed', 'rejected', 'retry') then
    perform public._refuse('ZT007', 'an update ends as processed, rejected or retry', jsonb_build_object('outcome', p_outcome));
  end if;
  update public.inbox set
    status = case when p_outcome = 'retry' then case when attempt_count < 3 then 'pending' else 'dead' end else p_outcome end,
    ended_at = case when p_outcome = 'retry' and attempt_count < 3 then null else clock_timestamp() end,
    not_before = case when p_outcome = 'retry' then clock_timestamp() + make_interval(secs => random() * power(2, attempt_count - 1)) end,
    worker = null, lease_expires_at = null, error = left(p_error, 500)
  where inbox_id = p_inbox_id and worker = p_worker and status = 'processing' returning * into v_row;
  if v_row.status = 'dead' then
    perform public._event_update_dead(p_inbox_id);
  end if;
  return jsonb_build_object('status', v_row.status);
end
$$;

--
-- Name: FUNCTION complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) IS 'An update was handled, turned away, or is tried again (at most three times, then it is set aside as dead).';

--
-- Name: create_task(text, text, text, bigint, text, jsonb, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_person_id uuid := public._person_of(p_external_id);
  v_policy public.policies;
  v_day date := (now() at time zone 'UTC')::date;
  v_number integer;
  v_task_id text;
  v_artifact public.artifacts;
begin
  if coalesce(btrim(p_goal), '') = '' or length(p_goal) > 4000 then
    perform public._refuse('ZT007', 'a goal has 1 to 4000 characters', jsonb_build_object('length', length(p_goal)));
  end if;
  -- The same request may come in twice at once: the second waits, and then finds the first's task.
  perform pg_advisory_xact_lock(hashtextextended('ags.create_task:' || p_source || ':' || p_source_key, 0));
  select * into v_task from public.tasks where source = p_source and source_key = p_source_key;
  if v_task.task_id is not null then
    if v_task.input_checksum is distinct from p_input ->> 'checksum' then
      perform public._refuse('ZT005', 'this input was already taken with other content', jsonb_build_object('task_id', v_task.task_id));
    end if;
    return jsonb_build_object('task_id', v_task.task_id, 'is_new', false, 'code', null, 'message_id', v_task.message_id, 'deliver', '[]'::jsonb);
  end if;
  if p_source = 'telegram' and not public._roles_of(v_person_id) && array['owner', 'operator'] then
    -- A value, not an error: an error would take its own audit record back.
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'no_role'));
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'no_role', 'message_id', null, 'deliver', '[]'::jsonb);
  end if;
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  if v_policy.policy_version is null then
    perform public._refuse('ZT001', 'no policy is in force');
  end if;
  insert into public.task_days as d (day, last_number) values (v_day, 1) on conflict (day) do update set last_number = d.last_number + 1 returning last_number into v_number;
  v_task_id := format('T-%s-%s', to_char(v_day, 'YYYY-MM-DD'), lpad(v_number::text, greatest(4, length(v_number::text)), '0'));
  insert into public.tasks (task_id, actor, goal, requester_person_id, source, source_key, input_checksum, policy_version, chat_id, topic_id, request_message_id, show_requested_at)
  values (v_task_id, p_actor, p_goal, v_person_id, p_source, p_source_key, p_input ->> 'checksum', v_policy.policy_version, p_chat_id, p_topic_id, p_request_message_id, null);
  v_artifact := public._store_artifact(v_task_id, null, p_input, p_actor);
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, status, wake_seq, woken_at, input_ref)
  values (v_task_id || '/plan', v_task_id, 'plan', 0, 'plan', 'planner', v_policy.document -> 'agents' ->> 'planner', 'PLAN', 'T0', 'ready', 1, now(), v_artifact.storage_ref);
  perform public._event(v_task_id, 'TASK_CREATED', null, null, jsonb_build_object('actor', p_actor, 'inputs_ref', v_artifact.storage_ref, 'policy_version', v_policy.policy_version), v_task_id || ':created');
  perform public._event(v_task_id, 'STEP_READY', v_task_id || '/plan', 'planner', jsonb_build_object('node_id', 'plan'), v_task_id || ':plan:ready:1');
  perform public._audit(v_task_id, p_actor, 'task.create', v_task_id, null,
    jsonb_build_object('goal', p_goal, 'source', p_source, 'policy_version', v_policy.policy_version, 'input_checksum', v_artifact.checksum));
  return jsonb_build_object('task_id', v_task_id, 'is_new', true, 'code', null, 'message_id', null, 'deliver', public._job('step.run', v_task_id || '/plan', 1));
end
$$;

--
-- Name: FUNCTION create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) IS 'Intake: the task, its planning step, TASK_CREATED. The same source key again gives the first answer; with another input it is refused. code no_role: only operators and owners give tasks.';

--
-- Name: decide_approval(text, text, bigint, bigint, bigint, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_found jsonb;
  v_request public.approval_requests;
  v_person_id uuid := public._person_of(p_external_id);
  v_actor text := 'tg:' || p_external_id;
  v_slot jsonb;
  v_code text;
  v_granted_at timestamptz;
  v_before public.approvals;
  v_deliver jsonb := '[]'::jsonb;
  v_outcome text;
begin
  perform 1 from public.stop_switch for share;
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
      v_code := v_slot ->> 'code';
    end if;
    if v_code is null then
      insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, reason, artifact_checksum)
      values (v_request.request_id, v_request.task_id, v_request.step_id, v_request.tier, v_actor, v_person_id, v_slot ->> 'slot', 'approve', nullif(left(btrim(p_reason), 2000), ''), v_request.artifact_checksum);
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
  return jsonb_build_object('outcome', v_outcome, 'code', v_code, 'slot', v_slot ->> 'slot', 'granted_at', v_granted_at,
    'request', case when v_request.request_id is not null then public._request_view(v_request.request_id) end, 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) IS 'The only door to a decision: by button, command or reply. outcome is recorded, approved, rejected or refused; a refusal has a code and changes nothing but the audit log.';

--
-- Name: decide_doubt(text, bigint, bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_effect public.effects;
  v_step public.task_steps;
  v_card public.cards;
  v_is_over boolean;
  v_is_whole boolean;
  v_person_id uuid := public._person_of(p_external_id);
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_result jsonb := '{}'::jsonb;
  v_outcome text := 'recorded';
begin
  perform 1 from public.stop_switch for share;
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'doubt';
  select t.ended_at is not null into v_is_over from public.tasks t join public.effects e using (task_id) where e.effect_id = v_card.effect_id for update of t;
  select * into v_effect from public.effects where effect_id = v_card.effect_id for update;
  select * into v_step from public.task_steps where step_id = v_effect.step_id for update;
  v_code := case
    when v_card.card_id is null then 'unknown_button'
    when v_card.chat_id is distinct from p_chat_id or coalesce(v_card.message_id, p_message_id) is distinct from p_message_id then 'wrong_message'
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when p_answer is null or p_answer not in ('landed', 'again', 'cancel') then 'unknown_decision'
    when v_effect.status <> 'in_doubt' then 'settled'
    when p_answer = 'again' and v_is_over then 'task_over'
    when p_answer = 'again' and (select stopped_at is not null from public.stop_switch) then 'stopped'
    -- What cannot be undone is not sent twice on one person's word.
    when p_answer = 'again' and v_effect.tier = 'T3' and v_effect.doubt_resend_by = v_person_id then 'same_person' end;
  if v_code is not null then
    perform public._audit(coalesce(v_effect.task_id, 'system'), v_actor, 'effect.refuse', coalesce(v_effect.effect_id::text, 'button'), null, jsonb_build_object('code', v_code, 'answer', left(p_answer, 20)));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'effect', case when v_effect.effect_id is not null then public._effect_view(v_effect) end, 'deliver', '[]'::jsonb);
  end if;
  perform public._audit(v_effect.task_id, v_actor, 'effect.answer', v_effect.effect_id::text, jsonb_build_object('status', 'in_doubt'), jsonb_build_object('answer', p_answer));
  if p_answer = 'again' and v_effect.tier = 'T3' and v_effect.doubt_resend_by is null then
    update public.effects set doubt_resend_by = v_person_id where effect_id = v_effect.effect_id;
    v_outcome := 'first_of_two';
  elsif p_answer = 'again' then
    -- Each part in doubt may leave once more; parts that are known to have landed may not.
    update public.effect_attempts set status = 'void' where effect_id = v_effect.effect_id and status = 'in_doubt';
    update public.effects set status = case when exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done') then 'granted' else 'void' end,
      settled_at = case when exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done') then null else clock_timestamp() end, doubt_resend_by = null,
      outcome_note = 'sent again by ' || v_actor
    where effect_id = v_effect.effect_id;
    update public.tasks set status = 'running', held_reason = null where task_id = v_effect.task_id;
    v_result := jsonb_build_object('deliver', public._wake(v_effect.step_id) || public._changed(v_effect.task_id));
  elsif p_answer = 'landed' then
    update public.effect_attempts set status = 'done', landed_by = v_actor where effect_id = v_effect.effect_id and status = 'in_doubt';
    select count(distinct part) = v_effect.part_count into v_is_whole from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done';
    update public.tasks set status = 'running', held_reason = null where task_id = v_effect.task_id and not v_is_over;
    if v_is_whole and not v_is_over then
      v_result := public._land(v_effect, v_step, 'taken as landed by ' || v_actor, v_actor, null, null);
    elsif v_is_whole then
      perform public._note_landed(v_effect, 'taken as landed by ' || v_actor, v_actor);
    else
      -- The parts that nobody has tried yet still have to go.
      update public.effects set status = 'granted', outcome_note = 'taken as landed in part by ' || v_actor where effect_id = v_effect.effect_id returning * into v_effect;
      v_result := jsonb_build_object('deliver', case when v_is_over then public._settle_orphan(v_effect) else public._wake(v_effect.step_id) || public._changed(v_effect.task_id) end);
    end if;
  else
    update public.effects set status = 'failed', settled_at = clock_timestamp(), outcome_note = 'cancelled by ' || v_actor where effect_id = v_effect.effect_id;
    v_result := jsonb_build_object('deliver', public._end_task(v_effect.task_id, 'cancelled', 'in_doubt', 'cancelled while in doubt', v_actor));
  end if;
  select * into v_effect from public.effects where effect_id = v_effect.effect_id;
  return jsonb_build_object('outcome', v_outcome, 'code', null, 'effect', public._effect_view(v_effect), 'deliver', coalesce(v_result -> 'deliver', '[]'::jsonb));
end
$$;

--
-- Name: FUNCTION decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) IS 'People''s answer to "did this land?": it happened, send again (T3: two people), cancel.';

--
-- Name: delete_short_term(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.delete_short_term(p_key text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  delete from public.short_term where key = p_key;
end
$$;

--
-- Name: FUNCTION delete_short_term(p_key text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.delete_short_term(p_key text) IS 'Short-term memory: forgets a value.';

--
-- Name: edit_request(text, bigint, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.edit_request(p_reference text, p_external_id bigint, p_artifact jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
  update public.tasks set status = 'running', held_reason = null where task_id = v_request.task_id;
  perform public._audit(v_request.task_id, v_actor, 'approval.edit', v_request.reference, jsonb_build_object('checksum', v_request.artifact_checksum), jsonb_build_object('draft', v_artifact.storage_ref, 'checksum', v_artifact.checksum));
  v_deliver := public._wake(v_critic.step_id) || public._changed(v_request.task_id) || public._redraw_cards(v_request.task_id);
  return jsonb_build_object('outcome', 'edited', 'code', null, 'request', public._request_view(v_request.request_id), 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION edit_request(p_reference text, p_external_id bigint, p_artifact jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.edit_request(p_reference text, p_external_id bigint, p_artifact jsonb) IS 'A person''s own text instead of the agent''s: every decision so far is void, the critic runs again, a new version is asked about.';

--
-- Name: end_worker(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.end_worker(p_worker text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  delete from public.workers where worker = p_worker;
end
$$;

--
-- Name: FUNCTION end_worker(p_worker text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.end_worker(p_worker text) IS 'A worker has drained and is gone.';

--
-- Name: evaluate_requirements(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  v_requirement text;
  v_items jsonb := '[]'::jsonb;
  v_is_met boolean;
  v_detail text;
  v_role text;
  v_at_least numeric;
  v_score numeric := (p_facts ->> 'score')::numeric;
begin
  for v_requirement in select jsonb_array_elements_text(p_requirements) loop
    v_is_met := false;
    v_detail := null;
    if v_requirement = 'critic_pass' then
      v_is_met := coalesce((p_facts ->> 'points')::integer >= (p_facts ->> 'pass_points')::integer, false) and not coalesce((p_facts ->> 'has_veto')::boolean, true);
      v_detail := case
        when v_score is null then 'the critic has not judged it'
        when coalesce((p_facts ->> 'has_veto')::boolean, true) then 'the critic raised a red flag'
        else format('%s of 9 points, %s needed', p_facts ->> 'points', p_facts ->> 'pass_points') end;
    elsif v_requirement ~ '^critic>=\d+(\.\d+)?$' then
      v_at_least := substr(v_requirement, 9)::numeric;
      v_is_met := coalesce(v_score >= v_at_least, false) and not coalesce((p_facts ->> 'has_veto')::boolean, true);
      v_detail := case when v_score is null then 'the critic has not judged it' else format('critic %s, %s needed', round(v_score, 2), v_at_least) end;
    elsif v_requirement ~ '^(operator|owner)_approval$' then
      v_role := split_part(v_requirement, '_', 1);
      select coalesce(max(a ->> 'name'), '') into v_detail from jsonb_array_elements(coalesce(p_facts -> 'approvals', '[]')) a where a ->> 'role' = v_role;
      v_is_met := v_detail <> '';
      v_detail := case when v_is_met then v_role || ': ' || v_detail else v_role || ': waiting' end;
    elsif v_requirement = 'dry_run_required' then
      v_is_met := coalesce((p_facts ->> 'has_dry_run')::boolean, false);
      v_detail := case when v_is_met then 'the dry run is reported' else 'no dry run yet' end;
    elsif v_requirement = 'staged_copy' then
      v_is_met := coalesce((p_facts ->> 'is_staged')::boolean, false);
      v_detail := coalesce(p_facts ->> 'staging_problem', case when v_is_met then 'shown in full' else 'not shown in full yet' end);
    else
      -- An unknown word can never be met: the stricter reading wins.
      v_detail := 'unknown requirement';
    end if;
    v_items := v_items || jsonb_build_object('requirement', v_requirement, 'is_met', v_is_met, 'detail', v_detail, 'is_by_people', v_requirement like '%\_approval');
  end loop;
  -- No list at all is not an empty list: what is not known is not met.
  return jsonb_build_object('is_met', p_requirements is not null and not exists (select 1 from jsonb_array_elements(v_items) i where not (i ->> 'is_met')::boolean), 'items', v_items);
end
$_$;

--
-- Name: FUNCTION evaluate_requirements(p_requirements jsonb, p_facts jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) IS 'The verdict over a requirement list: each item met or unmet, with why. Pure; the gate, the cards and /why all use it.';

--
-- Name: explain_task(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.explain_task(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('task_id', t.task_id, 'goal', t.goal, 'tier', t.risk_tier, 'status', t.status, 'policy_version', t.policy_version,
      'records', coalesce((select jsonb_agg(jsonb_build_object('seq', a.seq, 'actor', a.actor, 'name', case when a.actor like 'tg:%' then public._name_of(public._person_of(substr(a.actor, 4)::bigint)) end,
        'action', a.action, 'object', a.object, 'before', a.before_json, 'after', a.after_json, 'ts', a.ts) order by a.seq) from public.audit_logs a where a.chain = t.task_id), '[]'),
      'requests', coalesce((select jsonb_agg(jsonb_build_object('reference', r.reference, 'status', r.status, 'verdict', public._verdict(r)) order by r.version) from public.approval_requests r where r.task_id = t.task_id), '[]'),
      'chain', public.verify_audit_chain(t.task_id))
    from public.tasks t where t.task_id = upper(btrim(p_task_id))
  );
end
$$;

--
-- Name: FUNCTION explain_task(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.explain_task(p_task_id text) IS 'Every decision on a task and the rule behind it, from its audit chain, with the chain''s own proof.';

--
-- Name: fail_step(text, bigint, text, text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_delay interval;
  v_is_poison boolean;
begin
  v_step := public._lock_claimed(p_step_id, p_fence);
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'step.fail', p_step_id, jsonb_build_object('attempt', v_step.attempt_count),
    jsonb_build_object('code', p_code, 'message', left(p_message, 500), 'is_retryable', p_is_retryable));
  if p_is_retryable and v_step.attempt_count < 3 then
    -- Exponential backoff with full jitter: anywhere between nothing and 1 s, 2 s, 4 s.
    v_delay := make_interval(secs => random() * power(2, v_step.attempt_count - 1));
    update public.task_steps set status = 'ready', wake_seq = wake_seq + 1, woken_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1,
      not_before = clock_timestamp() + v_delay, error_code = p_code, error_message = left(p_message, 1000)
    where step_id = p_step_id returning * into v_step;
    return jsonb_build_object('status', 'ready', 'deliver',
      public._job('step.run', v_step.step_id, v_step.wake_seq, ceil(extract(epoch from v_delay) * 1000)::bigint + 1) || public._changed(v_step.task_id));
  end if;
  v_is_poison := p_is_retryable or p_code = 'internal';
  update public.task_steps set status = case when v_is_poison then 'quarantined' else 'failed' end, ended_at = clock_timestamp(), worker = null, lease_expires_at = null,
    fence = fence + 1, error_code = p_code, error_message = left(p_message, 1000)
  where step_id = p_step_id;
  if v_is_poison then
    perform public._event(v_step.task_id, 'INCIDENT_RAISED', p_step_id, v_step.agent_name,
      jsonb_build_object('severity', 'warning', 'summary', 'a step was quarantined after its last try', 'code', p_code), v_step.task_id || ':' || v_step.node_id || ':quarantined:' || v_step.fence);
  end if;
  return jsonb_build_object('status', case when v_is_poison then 'quarantined' else 'failed' end,
    'deliver', public._end_task(v_step.task_id, 'failed', p_code, p_message, 'agent:' || v_step.agent_name));
end
$$;

--
-- Name: FUNCTION fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) IS 'A try did not work: again after a jittered wait, at most three tries in all, else the task fails with the reason.';

--
-- Name: find_prompt(bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('prompt_id', p.prompt_id, 'kind', p.kind, 'reference', r.reference, 'task_id', r.task_id, 'is_expired', p.expires_at <= now())
    from public.prompts p join public.approval_requests r using (request_id)
    where p.chat_id = p_chat_id and p.message_id = p_reply_to_message_id and p.external_id = p_external_id and p.answered_at is null
  );
end
$$;

--
-- Name: FUNCTION find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) IS 'The open question that this person''s reply answers; null when it answers none.';

--
-- Name: get_policy(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_policy(p_version integer DEFAULT NULL::integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('policy_version', policy_version, 'document', document, 'source', source, 'checksum', checksum, 'in_force_at', in_force_at)
    from public.policies
    where case when p_version is null then in_force_at is not null and retired_at is null else policy_version = p_version end
  );
end
$$;

--
-- Name: FUNCTION get_policy(p_version integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_policy(p_version integer) IS 'The policy in force, or one version.';

--
-- Name: get_request(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_request(p_request_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select public._request_view(p_request_id));
end
$$;

--
-- Name: FUNCTION get_request(p_request_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_request(p_request_id uuid) IS 'One request with everything its card shows.';

--
-- Name: get_short_term(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_short_term(p_key text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select value from public.short_term where key = p_key and expires_at > now());
end
$$;

--
-- Name: FUNCTION get_short_term(p_key text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_short_term(p_key text) IS 'Short-term memory: the value, or null when there is none or its time is over.';

--
-- Name: get_stop_state(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_stop_state() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('generation', s.generation, 'is_stopped', s.stopped_at is not null, 'scope', s.scope, 'stopped_at', s.stopped_at,
      'stopped_by', s.stopped_by, 'reason', s.reason, 'resume_asked_by', public._name_of(s.resume_asked_by), 'resume_asked_at', s.resume_asked_at)
    from public.stop_switch s
  );
end
$$;

--
-- Name: FUNCTION get_stop_state(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_stop_state() IS 'The switch as it stands.';

--
-- Name: get_system_status(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_system_status() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object(
      'stop', public.get_stop_state(), 'workers', public.list_workers(),
      'policy_version', (select policy_version from public.policies where in_force_at is not null and retired_at is null),
      't3_problem', (select public._tier_problem(document, 'T3') from public.policies where in_force_at is not null and retired_at is null),
      'tasks', coalesce((select jsonb_object_agg(status, n) from (select status, count(*) n from public.tasks group by status) x), '{}'),
      'steps_ready', (select count(*) from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.ended_at is null),
      'steps_running', (select count(*) from public.task_steps where status = 'running'),
      'requests_open', (select count(*) from public.approval_requests where status in ('staging', 'pending')),
      'effects_in_doubt', (select count(*) from public.effects where status = 'in_doubt'),
      'inbox_pending', (select count(*) from public.inbox where status in ('pending', 'processing')), 'inbox_dead', (select count(*) from public.inbox where status = 'dead'),
      'spent_today_usd', coalesce((select (spent_usd + reserved_usd)::text from public.budget_days where day = (now() at time zone 'UTC')::date), '0'),
      'day_budget_usd', (select document -> 'budgets' ->> 'day_usd' from public.policies where in_force_at is not null and retired_at is null))
  );
end
$$;

--
-- Name: FUNCTION get_system_status(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_system_status() IS 'The system as /status shows it.';

--
-- Name: get_task(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_task(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select public._task_view(upper(btrim(p_task_id))));
end
$$;

--
-- Name: FUNCTION get_task(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_task(p_task_id text) IS 'One task with its steps, requests and effects; null when there is none.';

--
-- Name: heartbeat(text, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.workers (worker, roles, generation_seen) values (p_worker, p_roles, p_generation_seen)
  on conflict (worker) do update set seen_at = now(), generation_seen = excluded.generation_seen, roles = excluded.roles;
  delete from public.workers where seen_at < now() - interval '1 hour';
  return public.get_stop_state();
end
$$;

--
-- Name: FUNCTION heartbeat(p_worker text, p_roles text, p_generation_seen bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) IS 'A worker is alive and has seen this generation; answers with the switch as it stands.';

--
-- Name: list_applied_migrations(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_applied_migrations() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- The promise stands in the first comment of the file, which is recorded with its statements: a program that has no such file can read it.
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'version', m.version, 'name', m.name,
      'keeps_running_code', coalesce(m.statements[1] ~ '^\s*--\s*Running code does not break', false)) order by m.version), '[]'::jsonb)
    from supabase_migrations.schema_migrations m
  );
end
$$;

--
-- Name: FUNCTION list_applied_migrations(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_applied_migrations() IS 'Every migration that this database has had, and whether it promised to keep older programs running.';

--
-- Name: list_cards(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_cards(p_step_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('card_id', card_id, 'chat_id', chat_id, 'topic_id', topic_id, 'message_id', message_id) order by created_at), '[]') from public.cards where kind = 'approval' and step_id = p_step_id);
end
$$;

--
-- Name: FUNCTION list_cards(p_step_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_cards(p_step_id text) IS 'Where the cards of a gate stand.';

--
-- Name: list_events(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_events(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('schema_version', schema_version, 'event_id', event_id, 'event_type', type, 'task_id', task_id, 'agent', agent, 'ts', ts, 'payload', payload_json, 'idempotency_key', idempotency_key) order by ts), '[]')
    from public.events where task_id is not distinct from p_task_id
  );
end
$$;

--
-- Name: FUNCTION list_events(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_events(p_task_id text) IS 'A task''s events in the envelope that schemas/events describes.';

--
-- Name: list_people(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_people(p_roles jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'external_id', i.external_id, 'display_name', p.display_name, 'username', i.username,
      'roles', to_jsonb(public._roles_of(p.person_id)), 'has_private_chat', i.private_chat_since is not null) order by i.external_id), '[]')
    from public.people p join public.identities i using (person_id)
    where exists (select 1 from public.person_roles r where r.person_id = p.person_id and r.revoked_at is null and p_roles ? r.role)
  );
end
$$;

--
-- Name: FUNCTION list_people(p_roles jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_people(p_roles jsonb) IS 'Everybody who holds one of the roles given.';

--
-- Name: list_task_artifacts(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_task_artifacts(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(jsonb_agg(public._artifact_json(a) order by a.created_at), '[]') from public.artifacts a where a.task_id = p_task_id);
end
$$;

--
-- Name: FUNCTION list_task_artifacts(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_task_artifacts(p_task_id text) IS 'Everything that a task has made.';

--
-- Name: list_tasks(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_tasks(p_status text, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(x.item order by x.created_at desc), '[]') from (
      select t.created_at, jsonb_build_object('task_id', t.task_id, 'goal', t.goal, 'status', t.status, 'tier', t.risk_tier, 'requester', public._name_of(t.requester_person_id), 'created_at', t.created_at, 'ended_at', t.ended_at,
        'cost_usd', t.cost_usd::text, 'reference', (select r.reference from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending') order by r.created_at desc limit 1)) as item
      from public.tasks t where p_status is null or t.status = p_status order by t.created_at desc limit least(greatest(p_limit, 1), 50)
    ) x
  );
end
$$;

--
-- Name: FUNCTION list_tasks(p_status text, p_limit integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_tasks(p_status text, p_limit integer) IS 'The newest tasks, of one status or of all.';

--
-- Name: list_workers(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_workers() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('worker', w.worker, 'roles', w.roles, 'generation_seen', w.generation_seen, 'seen_at', w.seen_at,
      'has_acknowledged', w.generation_seen >= (select generation from public.stop_switch)) order by w.worker), '[]')
    from public.workers w where w.seen_at > now() - interval '30 seconds'
  );
end
$$;

--
-- Name: FUNCTION list_workers(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_workers() IS 'The workers seen in the last 30 s, and whether each knows of the current generation.';

--
-- Name: meet_person(bigint, text, text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._ensure_person(p_external_id, p_display_name);
  v_greeted_at timestamptz;
  v_roles text[];
begin
  select i.greeted_at into v_greeted_at from public.identities i where i.platform = 'telegram' and i.external_id = p_external_id for update;
  update public.identities i set
    username = p_username,
    seen_at = now(),
    private_chat_since = case when p_is_private then coalesce(i.private_chat_since, now()) else i.private_chat_since end
  where i.platform = 'telegram' and i.external_id = p_external_id;
  update public.people p set display_name = left(p_display_name, 200)
  where p.person_id = v_person_id and nullif(p_display_name, '') is not null and p.display_name <> left(p_display_name, 200);
  v_roles := public._roles_of(v_person_id);
  return jsonb_build_object(
    'person_id', v_person_id, 'external_id', p_external_id, 'display_name', public._name_of(v_person_id),
    'roles', to_jsonb(v_roles), 'was_greeted', v_greeted_at is not null and v_greeted_at > now() - interval '24 hours');
end
$$;

--
-- Name: FUNCTION meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean) IS 'Notes who wrote, under the numeric id, and says which roles that person holds.';

--
-- Name: move_card(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_message_id bigint;
begin
  -- Of two that found the message gone, the first one's new message counts; the other learns of it.
  update public.cards set message_id = p_to_message_id where card_id = p_card_id and message_id = p_from_message_id;
  select message_id into v_message_id from public.cards where card_id = p_card_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;

--
-- Name: FUNCTION move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) IS 'The card''s message is gone and was sent anew; answers with the message that counts.';

--
-- Name: open_card(text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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
  return public._request_view(v_request.request_id) || jsonb_build_object('card', jsonb_build_object('card_id', v_card.card_id, 'token', v_token, 'chat_id', v_card.chat_id, 'topic_id', v_card.topic_id, 'message_id', v_card.message_id));
end
$$;

--
-- Name: FUNCTION open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) IS 'The card of a gate in one chat, for the newest version of what is asked: its token, and its message once it is sent.';

--
-- Name: open_doubt_card(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_effect public.effects;
  v_card public.cards;
begin
  select * into v_effect from public.effects where effect_id = p_effect_id for update;
  if v_effect.effect_id is null then
    perform public._refuse('ZT003', 'no such effect', jsonb_build_object('effect_id', p_effect_id));
  end if;
  insert into public.cards (kind, effect_id, chat_id, topic_id) values ('doubt', p_effect_id, p_chat_id, p_topic_id) on conflict (effect_id, chat_id) where kind = 'doubt' do nothing;
  select * into v_card from public.cards where kind = 'doubt' and effect_id = p_effect_id and chat_id = p_chat_id;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('effect', public._effect_view(v_effect), 'card', jsonb_build_object('card_id', v_card.card_id, 'chat_id', v_card.chat_id, 'topic_id', v_card.topic_id, 'message_id', v_card.message_id,
    'token', (select token from public.buttons where card_id = v_card.card_id limit 1)));
end
$$;

--
-- Name: FUNCTION open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) IS 'The card that asks people whether an effect landed.';

--
-- Name: open_prompt(text, text, bigint, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) IS 'Reject and Edit ask one person to reply; until the reply comes nothing is decided.';

--
-- Name: open_resume_card(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_resume_card(p_chat_id bigint, p_topic_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_generation bigint;
  v_card public.cards;
begin
  select generation into v_generation from public.stop_switch;
  insert into public.cards (kind, generation, chat_id, topic_id) values ('resume', v_generation, p_chat_id, p_topic_id) on conflict (generation) where kind = 'resume' do nothing;
  select * into v_card from public.cards where kind = 'resume' and generation = v_generation;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('card_id', v_card.card_id, 'chat_id', v_card.chat_id, 'topic_id', v_card.topic_id, 'message_id', v_card.message_id, 'token', (select token from public.buttons where card_id = v_card.card_id limit 1));
end
$$;

--
-- Name: FUNCTION open_resume_card(p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_resume_card(p_chat_id bigint, p_topic_id bigint) IS 'The card on which the second person confirms a resume.';

--
-- Name: put_short_term(text, jsonb, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.short_term (key, value, expires_at) values (p_key, p_value, now() + make_interval(secs => p_ttl_seconds))
  on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at;
end
$$;

--
-- Name: FUNCTION put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) IS 'Short-term memory: keeps a value for so many seconds.';

--
-- Name: record_card(uuid, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_message_id bigint;
begin
  update public.cards set message_id = coalesce(message_id, p_message_id) where card_id = p_card_id returning message_id into v_message_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;

--
-- Name: FUNCTION record_card(p_card_id uuid, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) IS 'The card was sent as this message; the first one stays.';

--
-- Name: record_greeting(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_greeting(p_external_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.identities set greeted_at = now() where platform = 'telegram' and external_id = p_external_id;
end
$$;

--
-- Name: FUNCTION record_greeting(p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_greeting(p_external_id bigint) IS 'A stranger has had the one polite answer.';

--
-- Name: record_prompt_message(uuid, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.prompts set message_id = p_message_id where prompt_id = p_prompt_id;
end
$$;

--
-- Name: FUNCTION record_prompt_message(p_prompt_id uuid, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) IS 'The question was sent as this message.';

--
-- Name: record_shown(uuid, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_request public.approval_requests;
  v_times jsonb;
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
  v_times := public._policy(v_request.policy_version) -> 'approval_times';
  if p_dry_run is not null then
    v_artifact := public._store_artifact(v_request.task_id, v_request.step_id, p_dry_run, 'system');
  end if;
  update public.approval_requests set status = 'pending', shown_at = clock_timestamp(), staging_problem = v_problem, dry_run_artifact_id = v_artifact.artifact_id, worker = null, lease_expires_at = null,
    expires_at = clock_timestamp() + make_interval(secs => (v_times ->> 'expire_after')::integer),
    remind_at = clock_timestamp() + make_interval(secs => (v_times ->> 'remind_after')::integer),
    escalate_at = clock_timestamp() + make_interval(secs => (v_times ->> 'escalate_after')::integer)
  where request_id = p_request_id returning * into v_request;
  perform public._audit(v_request.task_id, 'system', 'approval.show', v_request.reference, null, jsonb_strip_nulls(jsonb_build_object('problem', v_problem, 'dry_run', v_artifact.storage_ref,
    'parts', (select count(*) from public.staged_parts where request_id = p_request_id), 'expires_at', v_request.expires_at)));
  return public._request_view(p_request_id) || jsonb_build_object('deliver', public._changed(v_request.task_id));
end
$$;

--
-- Name: FUNCTION record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) IS 'Everything has been shown (or what was shown differs: then the problem blocks approval). From here on it can be decided, until it expires.';

--
-- Name: record_staged_part(uuid, text, integer, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform 1 from public.approval_requests where request_id = p_request_id and worker = p_worker and status = 'staging' for update;
  if not found then
    perform public._refuse('ZT006', 'this worker no longer shows the request', jsonb_build_object('request_id', p_request_id));
  end if;
  insert into public.staged_parts (request_id, part, chat_id, topic_id, message_id) values (p_request_id, p_part, p_chat_id, p_topic_id, p_message_id) on conflict (request_id, part) do nothing;
  return jsonb_build_object('is_recorded', true);
end
$$;

--
-- Name: FUNCTION record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) IS 'One part of the artifact stands in the admin group as it will be sent.';

--
-- Name: record_task_message(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.tasks set message_id = p_message_id where task_id = p_task_id and message_id is null;
end
$$;

--
-- Name: FUNCTION record_task_message(p_task_id text, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) IS 'The one message that shows how the task goes.';

--
-- Name: record_updates(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_updates(p_source text, p_updates jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_recorded integer;
  v_conflicts jsonb;
begin
  select coalesce(jsonb_agg(u ->> 'external_id'), '[]') into v_conflicts from jsonb_array_elements(p_updates) u
  join public.inbox i on i.source = p_source and i.external_id = u ->> 'external_id' where i.payload <> u -> 'payload';
  if jsonb_array_length(v_conflicts) > 0 then
    perform public._audit('system', 'system', 'inbox.conflict', p_source, null, jsonb_build_object('external_ids', v_conflicts));
  end if;
  insert into public.inbox (source, external_id, chat_key, is_urgent, payload)
  select p_source, u ->> 'external_id', u ->> 'chat_key', coalesce((u ->> 'is_urgent')::boolean, false), u -> 'payload'
  from jsonb_array_elements(p_updates) with ordinality x (u, place) order by place
  on conflict (source, external_id) do nothing;
  get diagnostics v_recorded = row_count;
  return jsonb_build_object('recorded', v_recorded, 'conflicts', v_conflicts);
end
$$;

--
-- Name: FUNCTION record_updates(p_source text, p_updates jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_updates(p_source text, p_updates jsonb) IS 'Writes down what came from outside, once per source and external id, before anybody answers it.';

--
-- Name: release_lease(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_lease(p_name text, p_holder text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_count integer;
begin
  delete from public.leases where name = p_name and holder = p_holder;
  get diagnostics v_count = row_count;
  return jsonb_build_object('is_released', v_count > 0);
end
$$;

--
-- Name: FUNCTION release_lease(p_name text, p_holder text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.release_lease(p_name text, p_holder text) IS 'The holder has ended: the lease is free at once. Of anybody else''s it changes nothing.';

--
-- Name: release_request(uuid, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_request(p_request_id uuid, p_worker text, p_delay_ms bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_request public.approval_requests;
begin
  update public.approval_requests set worker = null, lease_expires_at = null, wake_seq = wake_seq + 1, woken_at = clock_timestamp() + make_interval(secs => p_delay_ms / 1000.0)
  where request_id = p_request_id and worker = p_worker and status = 'staging' returning * into v_request;
  return jsonb_build_object('deliver', case when v_request.request_id is null then '[]' else public._job('request.show', p_request_id::text, v_request.wake_seq, p_delay_ms) end);
end
$$;

--
-- Name: FUNCTION release_request(p_request_id uuid, p_worker text, p_delay_ms bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.release_request(p_request_id uuid, p_worker text, p_delay_ms bigint) IS 'Hands a request back that could not be shown yet: the process drains, or the messenger does not answer. The parts that stand already are kept.';

--
-- Name: release_step(text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_step(p_step_id text, p_fence bigint, p_delay_ms bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
begin
  v_step := public._lock_claimed(p_step_id, p_fence);
  update public.task_steps set status = 'ready', attempt_count = attempt_count - 1, wake_seq = wake_seq + 1, woken_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1,
    not_before = case when p_delay_ms > 0 then clock_timestamp() + make_interval(secs => p_delay_ms / 1000.0) end
  where step_id = p_step_id returning * into v_step;
  return jsonb_build_object('deliver', public._job('step.run', v_step.step_id, v_step.wake_seq, p_delay_ms));
end
$$;

--
-- Name: FUNCTION release_step(p_step_id text, p_fence bigint, p_delay_ms bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.release_step(p_step_id text, p_fence bigint, p_delay_ms bigint) IS 'Hands a step back untouched: the process drains, a stop holds it, or Telegram asked to wait. It does not count as a try.';

--
-- Name: renew_lease(text, bigint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_until timestamptz;
begin
  update public.task_steps set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
  where step_id = p_step_id and fence = p_fence and status = 'running' returning lease_expires_at into v_until;
  return jsonb_build_object('is_held', v_until is not null);
end
$$;

--
-- Name: FUNCTION renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer) IS 'Keeps a claimed step; is_held false means that it was lost and the work must end.';

--
-- Name: request_task_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.request_task_view(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('deliver', public._changed(p_task_id));
end
$$;

--
-- Name: FUNCTION request_task_view(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.request_task_view(p_task_id text) IS 'The task''s message could not be redrawn: it is asked for again.';

--
-- Name: reserve_spend(text, bigint, text, bigint, numeric); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_task record;
  v_day date := (now() at time zone 'UTC')::date;
  v_reserved record;
  v_has_room boolean := false;
  v_call_id uuid;
  v_reason text;
begin
  if p_tokens < 0 or p_cost_usd < 0 or p_tokens is null or p_cost_usd is null then
    perform public._refuse('ZT007', 'a reservation is not negative', jsonb_build_object('tokens', p_tokens, 'cost_usd', p_cost_usd));
  end if;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select t.task_id, t.tokens_used, t.cost_usd, p.document -> 'budgets' as budgets into v_task
  from public.tasks t join public.policies p using (policy_version) where t.task_id = v_step.task_id;
  -- What is reserved and not settled counts as spent: a crash must not make money free.
  select coalesce(sum(reserved_tokens), 0) as tokens, coalesce(sum(reserved_usd), 0) as usd into v_reserved
  from public.engine_calls where task_id = v_task.task_id and outcome = 'reserved';
  -- A budget that the policy does not name is nothing, not everything.
  v_reason := case
    when v_task.tokens_used + v_reserved.tokens + p_tokens > coalesce((v_task.budgets ->> 'task_tokens')::bigint, 0) then 'task_tokens'
    when v_task.cost_usd + v_reserved.usd + p_cost_usd > coalesce((v_task.budgets ->> 'task_usd')::numeric, 0) then 'task_usd' end;
  while v_reason is null and not v_has_room loop
    update public.budget_days set reserved_usd = reserved_usd + p_cost_usd
    where day = v_day and spent_usd + reserved_usd + p_cost_usd <= coalesce((v_task.budgets ->> 'day_usd')::numeric, 0);
    v_has_room := found;
    if not v_has_room then
      -- No room, or no row yet: whoever makes the first one of a day looks again.
      insert into public.budget_days (day) values (v_day) on conflict (day) do nothing;
      v_reason := case when not found then 'day_usd' end;
    end if;
  end loop;
  if v_reason is not null then
    perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, 'budget.refuse', p_step_id, null,
      jsonb_build_object('budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'asked_tokens', p_tokens, 'asked_usd', p_cost_usd));
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', coalesce(v_task.budgets ->> v_reason, '0'));
  end if;
  insert into public.engine_calls (task_id, step_id, day, engine, reserved_tokens, reserved_usd) values (v_task.task_id, p_step_id, v_day, p_engine, p_tokens, p_cost_usd) returning call_id into v_call_id;
  return jsonb_build_object('is_granted', true, 'call_id', v_call_id);
end
$$;

--
-- Name: FUNCTION reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) IS 'Sets aside the most that a model call can cost (USD, tokens), or says which budget of the policy it would break.';

--
-- Name: restage_request(text, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION restage_request(p_step_id text, p_fence bigint, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) IS 'The staged copy is gone: the approvals are void, it is shown again under a new reference.';

--
-- Name: resume_effects(bigint, text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_person_id uuid := public._person_of(p_external_id);
  v_roles text[] := public._roles_of(v_person_id);
  v_actor text := 'tg:' || p_external_id;
  v_is_asked boolean;
  v_first_roles text[];
  v_card public.cards;
  v_code text;
  v_deliver jsonb := '[]'::jsonb;
begin
  select * into v_switch from public.stop_switch for update;
  if p_token is not null then
    select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'resume';
  end if;
  v_first_roles := public._roles_of(v_switch.resume_asked_by);
  -- A first word is good for an hour, and only as long as the person may still give it.
  v_is_asked := coalesce(v_switch.resume_asked_at > now() - interval '1 hour' and v_first_roles && array['operator', 'owner'], false);
  v_code := case
    when not v_roles && array['operator', 'owner'] then 'no_role'
    when v_switch.stopped_at is null then 'not_stopped'
    when p_token is not null and v_card.card_id is null then 'unknown_button'
    when p_token is not null and (v_card.generation <> v_switch.generation or v_card.chat_id is distinct from p_chat_id or coalesce(v_card.message_id, p_message_id) is distinct from p_message_id) then 'wrong_message'
    when p_token is not null and v_switch.resume_asked_by is null then 'expired'
    when v_is_asked and v_switch.resume_asked_by = v_person_id then 'same_person'
    when v_is_asked and not ('owner' = any (v_roles) or 'owner' = any (v_first_roles)) then 'needs_owner' end;
  if v_code is not null then
    perform public._audit('system', v_actor, 'stop.refuse', 'stop_switch', null, jsonb_build_object('code', v_code));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'stop', public.get_stop_state(), 'deliver', '[]'::jsonb);
  end if;
  if not v_is_asked then
    update public.stop_switch set resume_asked_by = v_person_id, resume_asked_at = now();
    perform public._audit('system', v_actor, 'stop.ask_resume', 'stop_switch', null, jsonb_build_object('generation', v_switch.generation, 'reason', left(p_reason, 500)));
    return jsonb_build_object('outcome', 'asked', 'code', null, 'stop', public.get_stop_state(), 'needs', case when 'owner' = any (v_roles) then 'operator or owner' else 'owner' end,
      'waiting', (select count(*) from public.tasks where status in ('running', 'awaiting_approval') and (risk_tier >= 'T2' or v_switch.scope = 'all')), 'deliver', '[]'::jsonb);
  end if;
  update public.stops set resumed_at = clock_timestamp(), resumed_by_1 = v_switch.resume_asked_by, resumed_by_2 = v_person_id where resumed_at is null;
  update public.stop_switch set scope = null, stopped_at = null, stopped_by = null, reason = null, resume_asked_by = null, resume_asked_at = null;
  perform public._audit('system', v_actor, 'stop.lift', 'stop_switch', jsonb_build_object('stopped_at', v_switch.stopped_at), jsonb_build_object('generation', v_switch.generation, 'first', public._name_of(v_switch.resume_asked_by)));
  perform public._event(null, 'RESUMED', null, null, jsonb_build_object('generation', v_switch.generation, 'by', v_actor), 'resume:' || v_switch.generation);
  select coalesce(jsonb_agg(public._job('step.run', s.step_id, s.wake_seq) -> 0), '[]') into v_deliver
  from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('request.show', r.request_id::text, r.wake_seq + 1) -> 0) from public.approval_requests r where r.status = 'staging'), '[]')
    || coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r where r.status = 'pending'), '[]');
  return jsonb_build_object('outcome', 'resumed', 'code', null, 'stop', public.get_stop_state(), 'first', public._name_of(v_switch.resume_asked_by), 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint) IS 'The first person asks, a second one lifts the stop; one of the two is an owner. What waited is delivered.';

--
-- Name: search_artifacts(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- Any of the words finds; the most of them rank first. Only what ended well is worth remembering.
  return (
    with words as (
      select to_tsquery('simple', string_agg(quote_literal(w.lexeme), ' | ')) as query
      from unnest(to_tsvector('simple', left(p_query, 2000))) w where length(w.lexeme) > 3
    )
    select coalesce(jsonb_agg(public._artifact_json(x.artifact) || jsonb_build_object('task_id', x.task_id, 'goal', x.goal) order by x.rank desc), '[]') from (
      select a as artifact, a.task_id, t.goal, ts_rank(a.search, w.query) as rank
      from words w join public.artifacts a on a.search @@ w.query join public.tasks t using (task_id)
      where a.type in ('draft', 'findings', 'note') and a.task_id <> p_task_id and t.status = 'done'
      order by rank desc limit least(greatest(p_limit, 1), 20)
    ) x
  );
end
$$;

--
-- Name: FUNCTION search_artifacts(p_query text, p_task_id text, p_limit integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) IS 'Full-text search over the texts of earlier tasks that ended well.';

--
-- Name: seed_people(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.seed_people(p_people jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_item record;
  v_person_id uuid;
  v_seeded jsonb := '[]'::jsonb;
  v_revoked jsonb := '[]'::jsonb;
begin
  perform pg_advisory_xact_lock(hashtext('ags.seed_people'));
  for v_item in
    select (i ->> 'external_id')::bigint as external_id, i ->> 'role' as role, i ->> 'display_name' as display_name
    from jsonb_array_elements(p_people) i
  loop
    v_person_id := public._ensure_person(v_item.external_id, v_item.display_name);
    if not exists (select 1 from public.person_roles r where r.person_id = v_person_id and r.role = v_item.role) then
      insert into public.person_roles (person_id, role, source, granted_by) values (v_person_id, v_item.role, 'seed', 'system');
      perform public._audit('system', 'system', 'role.seed', 'tg:' || v_item.external_id, null, jsonb_build_object('role', v_item.role));
      v_seeded := v_seeded || jsonb_build_object('external_id', v_item.external_id, 'role', v_item.role);
    elsif not exists (select 1 from public.person_roles r where r.person_id = v_person_id and r.role = v_item.role and r.revoked_at is null) then
      v_revoked := v_revoked || jsonb_build_object('external_id', v_item.external_id, 'role', v_item.role);
    end if;
  end loop;
  return jsonb_build_object('seeded', v_seeded, 'revoked', v_revoked);
end
$$;

--
-- Name: FUNCTION seed_people(p_people jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.seed_people(p_people jsonb) IS 'Gives configured roles to people who never had them; names those that were revoked and are therefore not given again.';

--
-- Name: seed_policy(text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.seed_policy(p_source text, p_document jsonb, p_checksum text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION seed_policy(p_source text, p_document jsonb, p_checksum text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.seed_policy(p_source text, p_document jsonb, p_checksum text) IS 'Puts a policy in force only where none ever was; otherwise says whether the one in force is the same.';

--
-- Name: settle_attempt(uuid, text, bigint, bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_attempt public.effect_attempts;
begin
  if p_outcome is null or p_outcome not in ('done', 'refused', 'void', 'in_doubt') then
    perform public._refuse('ZT007', 'an attempt ends as done, refused, void or in_doubt', jsonb_build_object('outcome', p_outcome));
  end if;
  update public.effect_attempts set status = p_outcome, settled_at = clock_timestamp(), chat_id = p_chat_id, topic_id = p_topic_id, message_id = p_message_id, error = left(p_error, 500)
  where attempt_id = p_attempt_id and status in ('started', 'in_doubt') returning * into v_attempt;
  return jsonb_build_object('is_settled', v_attempt.attempt_id is not null);
end
$$;

--
-- Name: FUNCTION settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) IS 'How one try ended: done with its message, refused for certain, void (never left), or in doubt.';

--
-- Name: settle_effect(text, bigint, uuid, text, text, bigint, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_effect public.effects;
  v_done integer;
begin
  if p_outcome is null or p_outcome not in ('done', 'again', 'failed') then
    perform public._refuse('ZT007', 'an effect ends as done, again or failed', jsonb_build_object('outcome', p_outcome));
  end if;
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select * into v_effect from public.effects where effect_id = p_effect_id and step_id = p_step_id for update;
  if v_effect.effect_id is null then
    perform public._refuse('ZT003', 'no such effect of this step', jsonb_build_object('step_id', p_step_id));
  end if;
  if v_effect.status <> 'granted' then
    perform public._refuse('ZT001', 'the effect is not under way', jsonb_build_object('effect_id', p_effect_id, 'status', v_effect.status));
  end if;
  select count(distinct part) into v_done from public.effect_attempts where effect_id = p_effect_id and status = 'done';
  -- What the attempts say outweighs what the caller says.
  if p_outcome = 'done' and v_done < v_effect.part_count then
    perform public._refuse('ZT001', 'not every part is known to have arrived', jsonb_build_object('done', v_done, 'parts', v_effect.part_count));
  end if;
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'in_doubt')) then
    return public._doubt(v_effect, p_note);
  end if;
  if p_outcome = 'done' then
    return public._land(v_effect, v_step, p_note, 'agent:' || v_step.agent_name, p_worker, p_lease_seconds);
  elsif p_outcome = 'again' then
    -- Certainly refused (429) or never left (no connection, a stop): the grant goes back while nothing has landed, and is asked for again.
    update public.effects set status = case when v_done = 0 then 'void' else 'granted' end, settled_at = case when v_done = 0 then clock_timestamp() end, outcome_note = left(p_note, 500) where effect_id = p_effect_id;
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.return', p_effect_id::text, jsonb_build_object('status', v_effect.status),
      jsonb_build_object('status', case when v_done = 0 then 'void' else 'granted' end, 'note', left(p_note, 500), 'parts_done', v_done));
    return public.release_step(p_step_id, p_fence, p_retry_after_ms) || jsonb_build_object('next', null);
  end if;
  update public.effects set status = 'failed', settled_at = clock_timestamp(), outcome_note = left(p_note, 500) where effect_id = p_effect_id;
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.fail', p_effect_id::text, jsonb_build_object('status', v_effect.status), jsonb_build_object('status', 'failed', 'note', left(p_note, 500), 'parts_done', v_done));
  update public.task_steps set status = 'failed', ended_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1, error_code = 'telegram_refused', error_message = left(p_note, 1000) where step_id = p_step_id;
  return jsonb_build_object('next', null, 'deliver', public._end_task(v_step.task_id, 'failed', 'telegram_refused', p_note, 'agent:' || v_step.agent_name));
end
$$;

--
-- Name: FUNCTION settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) IS 'Ends an effect as done, failed, or again (after a wait); in doubt whenever a try has no certain end, whatever the caller says. Done hands over the next step.';

--
-- Name: settle_spend(uuid, text, bigint, bigint, numeric, numeric, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_call public.engine_calls;
  v_cost_usd numeric := coalesce(p_cost_usd, 0);
begin
  if p_input_tokens < 0 or p_output_tokens < 0 or v_cost_usd < 0 or p_outcome is null or p_outcome not in ('ok', 'failed') then
    perform public._refuse('ZT007', 'a call ends as ok or failed, and never gives anything back', jsonb_build_object('outcome', p_outcome, 'cost_usd', p_cost_usd));
  end if;
  update public.engine_calls set model = p_model, input_tokens = p_input_tokens, output_tokens = p_output_tokens, cost_usd = v_cost_usd, latency_ms = p_latency_ms,
    outcome = p_outcome, settled_at = now()
  where call_id = p_call_id and outcome = 'reserved' returning * into v_call;
  if v_call.call_id is not null then
    update public.tasks set tokens_used = tokens_used + coalesce(p_input_tokens, 0) + coalesce(p_output_tokens, 0), cost_usd = cost_usd + v_cost_usd where task_id = v_call.task_id;
    update public.budget_days set spent_usd = spent_usd + v_cost_usd, reserved_usd = reserved_usd - v_call.reserved_usd where day = v_call.day;
  end if;
  return jsonb_build_object('is_settled', v_call.call_id is not null);
end
$$;

--
-- Name: FUNCTION settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text) IS 'Replaces a reservation by what the call used; once.';

--
-- Name: show_request(text, text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'What the Details button shows, to anybody with a role.';

--
-- Name: stop_effects(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_was_stopped boolean;
  v_actor text := 'tg:' || p_external_id;
begin
  if cardinality(public._roles_of(public._person_of(p_external_id))) = 0 then
    perform public._audit('system', v_actor, 'stop.refuse', 'stop_switch', null, '{"code":"no_role"}');
    return jsonb_build_object('outcome', 'refused', 'code', 'no_role');
  end if;
  select * into v_switch from public.stop_switch for update;
  v_was_stopped := v_switch.stopped_at is not null;
  -- A second stop raises the generation again and may only widen the scope.
  update public.stop_switch set generation = generation + 1, scope = case when p_scope = 'all' or scope = 'all' then 'all' else 'effects' end,
    stopped_at = coalesce(stopped_at, clock_timestamp()), stopped_by = coalesce(stopped_by, v_actor), reason = coalesce(reason, nullif(left(btrim(p_reason), 500), '')), resume_asked_by = null, resume_asked_at = null
  returning * into v_switch;
  insert into public.stops (generation, scope, stopped_at, stopped_by, reason) values (v_switch.generation, v_switch.scope, clock_timestamp(), v_actor, nullif(left(btrim(p_reason), 500), ''));
  perform public._audit('system', v_actor, 'stop.raise', 'stop_switch', jsonb_build_object('was_stopped', v_was_stopped), jsonb_build_object('generation', v_switch.generation, 'scope', v_switch.scope, 'reason', left(p_reason, 500)));
  perform public._event(null, 'STOPPED', null, null, jsonb_build_object('generation', v_switch.generation, 'scope', v_switch.scope, 'by', v_actor), 'stop:' || v_switch.generation);
  return jsonb_build_object('outcome', 'stopped', 'code', null, 'was_stopped', v_was_stopped, 'stop', public.get_stop_state(),
    'in_flight', coalesce((select jsonb_agg(public._effect_view(e)) from public.effects e where e.status in ('granted', 'in_doubt') and (e.tier >= 'T2' or v_switch.scope = 'all')), '[]'),
    'waiting', (select count(*) from public.tasks where status in ('running', 'awaiting_approval') and (risk_tier >= 'T2' or v_switch.scope = 'all')),
    -- Somebody has to be able to lift it again: an owner and one more, the asker may be one of them.
    'can_be_lifted', exists (select 1 from public.person_roles o join public.person_roles p on p.person_id <> o.person_id and p.role in ('owner', 'operator') and p.revoked_at is null where o.role = 'owner' and o.revoked_at is null),
    'others_who_resume', (select count(distinct r.person_id) from public.person_roles r where r.revoked_at is null and r.role in ('owner', 'operator') and r.person_id <> public._person_of(p_external_id)),
    -- Open cards have to say that a press counts for nothing now.
    'deliver', coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r where r.status = 'pending'), '[]'));
end
$$;

--
-- Name: FUNCTION stop_effects(p_external_id bigint, p_reason text, p_scope text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text) IS 'Anybody with a role stops: after this commits no T2/T3 effect is granted. Answers with what had been granted before and may still land.';

--
-- Name: sweep(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sweep(p_patience_ms integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_deliver jsonb := '[]'::jsonb;
  v_step public.task_steps;
  v_request public.approval_requests;
  v_effect public.effects;
  v_patience interval := make_interval(secs => p_patience_ms / 1000.0);
begin
  -- One sweeper at a time in the whole fleet; a second one has nothing to add.
  if not pg_try_advisory_xact_lock(hashtext('ags.sweep')) then
    return jsonb_build_object('deliver', '[]'::jsonb);
  end if;
  perform 1 from public.stop_switch for share;
  -- Leases that ran out: the worker died or hangs. Effects in flight are in doubt; other steps are tried again, a poisoned one is set aside.
  for v_step in select s.* from public.task_steps s join public.tasks t using (task_id) where s.status = 'running' and s.lease_expires_at < clock_timestamp() order by s.lease_expires_at limit 100 for update of t skip locked loop
    select * into v_step from public.task_steps where step_id = v_step.step_id and status = 'running' and lease_expires_at < clock_timestamp() for update;
    continue when v_step.step_id is null;
    perform public._audit(v_step.task_id, 'system', 'step.lose', v_step.step_id, jsonb_build_object('worker', v_step.worker, 'fence', v_step.fence), jsonb_build_object('attempt', v_step.attempt_count));
    select * into v_effect from public.effects where step_id = v_step.step_id and status = 'granted' for update;
    if v_effect.effect_id is not null and exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'started') then
      v_deliver := v_deliver || (public._doubt(v_effect, 'the worker was lost between sending and noting it') -> 'deliver');
    elsif v_step.attempt_count >= 4 then
      update public.task_steps set status = 'quarantined', ended_at = clock_timestamp(), worker = null, lease_expires_at = null, fence = fence + 1, error_code = 'lease_lost' where step_id = v_step.step_id;
      perform public._event(v_step.task_id, 'INCIDENT_RAISED', v_step.step_id, v_step.agent_name, jsonb_build_object('severity', 'warning', 'summary', 'a step lost every worker that took it'), v_step.task_id || ':' || v_step.node_id || ':quarantined:' || v_step.fence);
      v_deliver := v_deliver || public._end_task(v_step.task_id, 'failed', 'quarantined', 'every worker that took the step ' || v_step.node_id || ' was lost', 'system');
    else
      update public.task_steps set status = 'ready', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = v_step.step_id;
      v_deliver := v_deliver || public._wake(v_step.step_id);
    end if;
  end loop;
  -- Steps whose nudge was lost: asked for, due, and nobody came.
  for v_step in
    select s.* from public.task_steps s join public.tasks t using (task_id)
    where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval') and not public._is_stopped(coalesce(t.risk_tier, 'T0'))
      and greatest(s.woken_at, coalesce(s.not_before, s.woken_at)) < clock_timestamp() - v_patience
    order by s.woken_at limit 200 for update of s skip locked
  loop
    update public.task_steps set wake_seq = wake_seq + 1, woken_at = clock_timestamp() where step_id = v_step.step_id;
    v_deliver := v_deliver || public._job('step.run', v_step.step_id, v_step.wake_seq + 1);
  end loop;
  -- Requests that nobody has shown yet.
  for v_request in
    select * from public.approval_requests where status = 'staging' and not public._is_stopped(tier) and woken_at < clock_timestamp() - v_patience
      and (lease_expires_at is null or lease_expires_at < clock_timestamp()) limit 100 for update skip locked
  loop
    update public.approval_requests set wake_seq = wake_seq + 1, woken_at = clock_timestamp(), worker = null, lease_expires_at = null where request_id = v_request.request_id;
    v_deliver := v_deliver || public._job('request.show', v_request.request_id::text, v_request.wake_seq + 1);
  end loop;
  -- Approvals: expiry, reminder, escalation. Rows and this, never a timer in a process.
  for v_request in
    select r.* from public.approval_requests r join public.tasks t using (task_id)
    where r.status in ('pending', 'approved') and r.expires_at <= clock_timestamp()
      and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void') and t.ended_at is null limit 100 for update of t skip locked
  loop
    -- Read again under the task's lock: it may have been decided, or let out, since the list was made.
    select r.* into v_request from public.approval_requests r
    where r.request_id = v_request.request_id and r.status in ('pending', 'approved') and r.expires_at <= clock_timestamp()
      and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void') for update;
    continue when v_request.request_id is null;
    update public.approval_requests set status = 'expired', decided_at = clock_timestamp() where request_id = v_request.request_id;
    perform public._audit(v_request.task_id, 'system', 'approval.expire', v_request.reference, jsonb_build_object('status', v_request.status), jsonb_build_object('expires_at', v_request.expires_at));
    v_deliver := v_deliver || public._end_task(v_request.task_id, 'expired', 'expired', 'nobody decided on ' || v_request.reference || ' in time', 'system');
  end loop;
  for v_request in select * from public.approval_requests where status = 'pending' and remind_at <= clock_timestamp() and not public._is_stopped(tier) limit 100 for update skip locked loop
    update public.approval_requests set remind_at = null where request_id = v_request.request_id;
    v_deliver := v_deliver || public._job('request.remind', v_request.request_id::text, 1);
  end loop;
  for v_request in select * from public.approval_requests where status = 'pending' and escalate_at <= clock_timestamp() and not public._is_stopped(tier) limit 100 for update skip locked loop
    update public.approval_requests set escalate_at = null where request_id = v_request.request_id;
    v_deliver := v_deliver || public._job('request.remind', v_request.request_id::text, 2);
  end loop;
  for v_effect in
    select e.* from public.effects e join public.tasks t using (task_id) where e.status = 'granted' and t.ended_at < clock_timestamp() - v_patience limit 100 for update of t skip locked
  loop
    select * into v_effect from public.effects where effect_id = v_effect.effect_id and status = 'granted' for update;
    continue when v_effect.effect_id is null;
    v_deliver := v_deliver || public._settle_orphan(v_effect);
  end loop;
  -- Messages that are out of date, and approvals and doubts that nobody has been asked about.
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('task.show', task_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from (
    select task_id from public.tasks where show_requested_at < clock_timestamp() - v_patience order by show_requested_at limit 100) x), '[]');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r
    where r.status = 'pending' and not public._is_stopped(r.tier) and r.shown_at < clock_timestamp() - v_patience
      and not exists (select 1 from public.cards c where c.kind = 'approval' and c.step_id = r.step_id and c.message_id is not null)), '[]');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('doubt.show', effect_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.effects e
    where e.status = 'in_doubt' and not exists (select 1 from public.cards c where c.effect_id = e.effect_id and c.message_id is not null)), '[]');
  delete from public.short_term where expires_at < now();
  return jsonb_build_object('deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION sweep(p_patience_ms integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.sweep(p_patience_ms integer) IS 'Finds what a lost job or a lost worker left behind, and what is due: one call gives all the nudges.';

--
-- Name: take_over(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.take_over(p_worker text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_died_at timestamptz := (select max(seen_at) from public.workers where worker <> p_worker);
begin
  update public.task_steps set lease_expires_at = now() - interval '1 second' where status = 'running' and worker <> p_worker;
  update public.approval_requests set worker = null, lease_expires_at = null where status = 'staging' and worker <> p_worker;
  update public.inbox set lease_expires_at = now() - interval '1 second' where status = 'processing' and worker <> p_worker;
  delete from public.leases where holder <> p_worker;
  -- A redraw is given back before the message is edited: what was redrawn in the last moments may not have arrived.
  update public.tasks set show_requested_at = now() - interval '1 second' where show_requested_at is null and shown_at > v_died_at - interval '1 minute';
  delete from public.workers where worker <> p_worker;
  return public.sweep(0);
end
$$;

--
-- Name: FUNCTION take_over(p_worker text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.take_over(p_worker text) IS 'For a process that knows that it is the only one on this database: whatever others held is free at once, instead of when their leases run out. Answers with the nudges.';

--
-- Name: tg_audit_logs__append_only(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tg_audit_logs__append_only() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception using errcode = 'ZT002', message = 'audit_logs is append-only', hint = 'Write a further record instead.';
end
$$;

--
-- Name: verify_audit_chain(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.verify_audit_chain(p_chain text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_expected_prev text := encode(sha256(convert_to(p_chain, 'UTF8')), 'hex');
  v_expected_seq bigint := 1;
  v_row public.audit_logs;
  v_head public.audit_heads;
begin
  for v_row in select * from public.audit_logs where chain = p_chain order by seq loop
    if v_row.seq <> v_expected_seq or v_row.prev_hash <> v_expected_prev
      or v_row.hash <> public._audit_hash(v_row.prev_hash, v_row.chain, v_row.seq, v_row.actor, v_row.action, v_row.object, v_row.before_json, v_row.after_json, v_row.ts) then
      return jsonb_build_object('is_intact', false, 'first_bad_seq', v_expected_seq, 'records', v_expected_seq - 1);
    end if;
    v_expected_prev := v_row.hash;
    v_expected_seq := v_expected_seq + 1;
  end loop;
  select * into v_head from public.audit_heads where chain = p_chain;
  if v_head.seq is distinct from v_expected_seq - 1 and not (v_head.seq is null and v_expected_seq = 1) then
    return jsonb_build_object('is_intact', false, 'first_bad_seq', v_expected_seq, 'records', v_expected_seq - 1);
  end if;
  return jsonb_build_object('is_intact', true, 'first_bad_seq', null, 'records', v_expected_seq - 1);
end
$$;

--
-- Name: FUNCTION verify_audit_chain(p_chain text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.verify_audit_chain(p_chain text) IS 'Recomputes one chain. {is_intact, first_bad_seq, records}.';

--
-- Name: approvals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.approvals (
    approval_id uuid DEFAULT gen_random_uuid() NOT NULL,
    request_id uuid NOT NULL,
    task_id text NOT NULL,
    step_id text NOT NULL,
    tier text NOT NULL,
    approver text NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    decision text NOT NULL,
    reason text,
    artifact_checksum text NOT NULL,
    ts timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT approvals_approver_is_a_person CHECK ((approver ~ '^tg:\d+$'::text)),
    CONSTRAINT approvals_decision_known CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text]))),
    CONSTRAINT approvals_reason_bounded CHECK ((length(reason) <= 2000)),
    CONSTRAINT approvals_reason_when_rejected CHECK (((decision = 'approve'::text) OR (length(btrim(reason)) > 0))),
    CONSTRAINT approvals_role_is_a_slot CHECK ((role = ANY (ARRAY['operator'::text, 'owner'::text])))
);

ALTER TABLE ONLY public.approvals FORCE ROW LEVEL SECURITY;

--
-- Name: audit_heads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_heads (
    chain text NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    CONSTRAINT audit_heads_seq_positive CHECK ((seq >= 0))
);

ALTER TABLE ONLY public.audit_heads FORCE ROW LEVEL SECURITY;

--
-- Name: audit_logs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_logs (
    id bigint NOT NULL,
    chain text NOT NULL,
    seq bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object text NOT NULL,
    before_json jsonb,
    after_json jsonb,
    ts timestamp with time zone NOT NULL,
    prev_hash text NOT NULL,
    hash text NOT NULL,
    CONSTRAINT audit_logs_action_form CHECK ((action ~ '^[a-z_]+\.[a-z_]+$'::text)),
    CONSTRAINT audit_logs_actor_known CHECK ((actor ~ '^(tg:-?\d+|agent:[a-z0-9_.:-]+|webhook:[a-z0-9_-]+|system)$'::text)),
    CONSTRAINT audit_logs_seq_positive CHECK ((seq > 0))
);

ALTER TABLE ONLY public.audit_logs FORCE ROW LEVEL SECURITY;

--
-- Name: audit_logs_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.audit_logs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_logs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: budget_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.budget_days (
    day date NOT NULL,
    spent_usd numeric(20,10) DEFAULT 0 NOT NULL,
    reserved_usd numeric(20,10) DEFAULT 0 NOT NULL,
    CONSTRAINT budget_days_reserved_positive CHECK ((reserved_usd >= (0)::numeric))
);

ALTER TABLE ONLY public.budget_days FORCE ROW LEVEL SECURITY;

--
-- Name: buttons; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.buttons (
    token text NOT NULL,
    card_id uuid NOT NULL,
    request_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT buttons_token_form CHECK ((token ~ '^[A-Za-z0-9_-]{22}$'::text))
);

ALTER TABLE ONLY public.buttons FORCE ROW LEVEL SECURITY;

--
-- Name: cards; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.cards (
    card_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    step_id text,
    effect_id uuid,
    generation bigint,
    chat_id bigint NOT NULL,
    topic_id bigint,
    message_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT cards_kind_known CHECK ((kind = ANY (ARRAY['approval'::text, 'resume'::text, 'doubt'::text]))),
    CONSTRAINT cards_subject_whole CHECK ((((kind = 'approval'::text) AND (step_id IS NOT NULL)) OR ((kind = 'resume'::text) AND (generation IS NOT NULL)) OR ((kind = 'doubt'::text) AND (effect_id IS NOT NULL))))
);

ALTER TABLE ONLY public.cards FORCE ROW LEVEL SECURITY;

--
-- Name: effect_attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.effect_attempts (
    attempt_id uuid DEFAULT gen_random_uuid() NOT NULL,
    effect_id uuid NOT NULL,
    part integer NOT NULL,
    attempt integer NOT NULL,
    generation bigint NOT NULL,
    status text DEFAULT 'started'::text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    settled_at timestamp with time zone,
    chat_id bigint,
    topic_id bigint,
    message_id bigint,
    error text,
    landed_by text,
    CONSTRAINT effect_attempts_message_or_witness_when_done CHECK (((status <> 'done'::text) OR (message_id IS NOT NULL) OR (landed_by IS NOT NULL))),
    CONSTRAINT effect_attempts_settled_whole CHECK (((status = 'started'::text) = (settled_at IS NULL))),
    CONSTRAINT effect_attempts_status_known CHECK ((status = ANY (ARRAY['started'::text, 'done'::text, 'refused'::text, 'void'::text, 'in_doubt'::text])))
);

ALTER TABLE ONLY public.effect_attempts FORCE ROW LEVEL SECURITY;

--
-- Name: engine_calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.engine_calls (
    call_id uuid DEFAULT gen_random_uuid() NOT NULL,
    task_id text NOT NULL,
    step_id text NOT NULL,
    day date NOT NULL,
    engine text NOT NULL,
    model text,
    reserved_tokens bigint NOT NULL,
    reserved_usd numeric(20,10) NOT NULL,
    input_tokens bigint,
    output_tokens bigint,
    cost_usd numeric(20,10),
    latency_ms numeric,
    outcome text DEFAULT 'reserved'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT engine_calls_outcome_known CHECK ((outcome = ANY (ARRAY['reserved'::text, 'ok'::text, 'failed'::text]))),
    CONSTRAINT engine_calls_settled_whole CHECK ((((outcome = 'reserved'::text) = (settled_at IS NULL)) AND ((settled_at IS NULL) = (cost_usd IS NULL))))
);

ALTER TABLE ONLY public.engine_calls FORCE ROW LEVEL SECURITY;

--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    event_id uuid DEFAULT gen_random_uuid() NOT NULL,
    task_id text,
    type text NOT NULL,
    schema_version text DEFAULT '1.0'::text NOT NULL,
    step_id text,
    agent text,
    payload_json jsonb DEFAULT '{}'::jsonb NOT NULL,
    idempotency_key text NOT NULL,
    ts timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT events_type_form CHECK ((type ~ '^[A-Z_]+$'::text))
);

ALTER TABLE ONLY public.events FORCE ROW LEVEL SECURITY;

--
-- Name: identities; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.identities (
    platform text DEFAULT 'telegram'::text NOT NULL,
    external_id bigint NOT NULL,
    person_id uuid NOT NULL,
    username text,
    private_chat_since timestamp with time zone,
    greeted_at timestamp with time zone,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT identities_are_of_people CHECK (((external_id > 0) AND (external_id <> ALL (ARRAY[(777000)::bigint, (1087968824)::bigint, (136817688)::bigint])))),
    CONSTRAINT identities_platform_known CHECK ((platform = 'telegram'::text))
);

ALTER TABLE ONLY public.identities FORCE ROW LEVEL SECURITY;

--
-- Name: inbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.inbox (
    inbox_id bigint NOT NULL,
    source text NOT NULL,
    external_id text NOT NULL,
    chat_key text NOT NULL,
    is_urgent boolean DEFAULT false NOT NULL,
    payload jsonb NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempt_count integer DEFAULT 0 NOT NULL,
    worker text,
    lease_expires_at timestamp with time zone,
    not_before timestamp with time zone,
    error text,
    place bigint GENERATED ALWAYS AS (
CASE
    WHEN ((source = 'telegram'::text) AND (external_id ~ '^[0-9]{1,18}$'::text)) THEN (external_id)::bigint
    ELSE inbox_id
END) STORED,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT inbox_ended_at_when_ended CHECK (((ended_at IS NOT NULL) = (status = ANY (ARRAY['processed'::text, 'rejected'::text, 'dead'::text])))),
    CONSTRAINT inbox_lease_when_processing CHECK (((status = 'processing'::text) = (lease_expires_at IS NOT NULL))),
    CONSTRAINT inbox_source_form CHECK ((source ~ '^[a-z]+$'::text)),
    CONSTRAINT inbox_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'processed'::text, 'rejected'::text, 'dead'::text])))
);

ALTER TABLE ONLY public.inbox FORCE ROW LEVEL SECURITY;

--
-- Name: inbox_inbox_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.inbox ALTER COLUMN inbox_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbox_inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.leases (
    name text NOT NULL,
    holder text NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT leases_holder_given CHECK ((holder <> ''::text)),
    CONSTRAINT leases_name_form CHECK ((name ~ '^[a-z][a-z-]{0,59}$'::text))
);

ALTER TABLE ONLY public.leases FORCE ROW LEVEL SECURITY;

--
-- Name: limits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.limits (
    account_id text NOT NULL,
    daily_loss_cap numeric(20,8),
    max_order_size numeric(20,8),
    max_positions integer,
    max_single_tx_usdt numeric(20,8),
    policy_version integer,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT limits_daily_loss_cap_positive CHECK ((daily_loss_cap >= (0)::numeric)),
    CONSTRAINT limits_max_order_size_positive CHECK ((max_order_size >= (0)::numeric)),
    CONSTRAINT limits_max_positions_positive CHECK ((max_positions >= 0)),
    CONSTRAINT limits_max_single_tx_positive CHECK ((max_single_tx_usdt >= (0)::numeric))
);

ALTER TABLE ONLY public.limits FORCE ROW LEVEL SECURITY;

--
-- Name: people; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.people (
    person_id uuid DEFAULT gen_random_uuid() NOT NULL,
    display_name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT people_display_name_bounded CHECK (((length(display_name) >= 1) AND (length(display_name) <= 200)))
);

ALTER TABLE ONLY public.people FORCE ROW LEVEL SECURITY;

--
-- Name: person_roles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.person_roles (
    grant_id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    source text NOT NULL,
    granted_at timestamp with time zone DEFAULT now() NOT NULL,
    granted_by text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text,
    CONSTRAINT person_roles_revoker_when_revoked CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT person_roles_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'reviewer'::text]))),
    CONSTRAINT person_roles_source_known CHECK ((source = ANY (ARRAY['seed'::text, 'grant'::text])))
);

ALTER TABLE ONLY public.person_roles FORCE ROW LEVEL SECURITY;

--
-- Name: policies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.policies (
    policy_version integer NOT NULL,
    source text NOT NULL,
    document jsonb NOT NULL,
    checksum text NOT NULL,
    proposed_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    in_force_at timestamp with time zone,
    retired_at timestamp with time zone,
    CONSTRAINT policies_checksum_form CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT policies_retired_after_force CHECK (((retired_at IS NULL) OR (in_force_at IS NOT NULL))),
    CONSTRAINT policies_source_bounded CHECK ((octet_length(source) <= 262144))
);

ALTER TABLE ONLY public.policies FORCE ROW LEVEL SECURITY;

--
-- Name: policies_policy_version_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.policies ALTER COLUMN policy_version ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.policies_policy_version_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: prompts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.prompts (
    prompt_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    request_id uuid NOT NULL,
    external_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    topic_id bigint,
    message_id bigint,
    card_message_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '01:00:00'::interval) NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT prompts_kind_known CHECK ((kind = ANY (ARRAY['reject'::text, 'edit'::text])))
);

ALTER TABLE ONLY public.prompts FORCE ROW LEVEL SECURITY;

--
-- Name: short_term; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.short_term (
    key text NOT NULL,
    value jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.short_term FORCE ROW LEVEL SECURITY;

--
-- Name: staged_parts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.staged_parts (
    request_id uuid NOT NULL,
    part integer NOT NULL,
    chat_id bigint NOT NULL,
    topic_id bigint,
    message_id bigint NOT NULL,
    staged_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT staged_parts_part_positive CHECK ((part > 0))
);

ALTER TABLE ONLY public.staged_parts FORCE ROW LEVEL SECURITY;

--
-- Name: stop_switch; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stop_switch (
    is_only boolean DEFAULT true NOT NULL,
    generation bigint DEFAULT 1 NOT NULL,
    scope text,
    stopped_at timestamp with time zone,
    stopped_by text,
    reason text,
    resume_asked_by uuid,
    resume_asked_at timestamp with time zone,
    CONSTRAINT stop_switch_has_one_row CHECK (is_only),
    CONSTRAINT stop_switch_resume_only_when_stopped CHECK (((resume_asked_by IS NULL) OR (stopped_at IS NOT NULL))),
    CONSTRAINT stop_switch_resume_whole CHECK (((resume_asked_by IS NULL) = (resume_asked_at IS NULL))),
    CONSTRAINT stop_switch_scope_known CHECK ((scope = ANY (ARRAY['effects'::text, 'all'::text]))),
    CONSTRAINT stop_switch_stopped_whole CHECK ((((stopped_at IS NULL) = (scope IS NULL)) AND ((stopped_at IS NULL) = (stopped_by IS NULL))))
);

ALTER TABLE ONLY public.stop_switch FORCE ROW LEVEL SECURITY;

--
-- Name: stops; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stops (
    generation bigint NOT NULL,
    scope text NOT NULL,
    stopped_at timestamp with time zone NOT NULL,
    stopped_by text NOT NULL,
    reason text,
    resumed_at timestamp with time zone,
    resumed_by_1 uuid,
    resumed_by_2 uuid,
    CONSTRAINT stops_resumed_by_two_people CHECK ((((resumed_at IS NULL) AND (resumed_by_1 IS NULL) AND (resumed_by_2 IS NULL)) OR ((resumed_at IS NOT NULL) AND (resumed_by_1 IS NOT NULL) AND (resumed_by_2 IS NOT NULL) AND (resumed_by_1 <> resumed_by_2))))
);

ALTER TABLE ONLY public.stops FORCE ROW LEVEL SECURITY;

--
-- Name: task_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.task_days (
    day date NOT NULL,
    last_number integer NOT NULL
);

ALTER TABLE ONLY public.task_days FORCE ROW LEVEL SECURITY;

--
-- Name: workers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.workers (
    worker text NOT NULL,
    roles text NOT NULL,
    generation_seen bigint NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.workers FORCE ROW LEVEL SECURITY;

--
-- Name: approval_requests approval_requests_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_pkey PRIMARY KEY (request_id);

--
-- Name: approval_requests approval_requests_reference_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_reference_once UNIQUE (reference);

--
-- Name: approval_requests approval_requests_version_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_version_once UNIQUE (step_id, version);

--
-- Name: approvals approvals_one_per_person; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_one_per_person UNIQUE (request_id, person_id);

--
-- Name: approvals approvals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (approval_id);

--
-- Name: artifacts artifacts_one_per_uri; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_one_per_uri UNIQUE (storage_ref);

--
-- Name: artifacts artifacts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_pkey PRIMARY KEY (artifact_id);

--
-- Name: audit_heads audit_heads_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (chain);

--
-- Name: audit_logs audit_logs_chain_never_forks; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_chain_never_forks UNIQUE (chain, prev_hash);

--
-- Name: audit_logs audit_logs_one_record_per_place; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_one_record_per_place UNIQUE (chain, seq);

--
-- Name: audit_logs audit_logs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_logs
    ADD CONSTRAINT audit_logs_pkey PRIMARY KEY (id);

--
-- Name: budget_days budget_days_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.budget_days
    ADD CONSTRAINT budget_days_pkey PRIMARY KEY (day);

--
-- Name: buttons buttons_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.buttons
    ADD CONSTRAINT buttons_pkey PRIMARY KEY (token);

--
-- Name: cards cards_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (card_id);

--
-- Name: effect_attempts effect_attempts_numbered_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effect_attempts
    ADD CONSTRAINT effect_attempts_numbered_once UNIQUE (effect_id, part, attempt);

--
-- Name: effect_attempts effect_attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effect_attempts
    ADD CONSTRAINT effect_attempts_pkey PRIMARY KEY (attempt_id);

--
-- Name: effects effects_idempotency_key_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_idempotency_key_once UNIQUE (idempotency_key);

--
-- Name: effects effects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_pkey PRIMARY KEY (effect_id);

--
-- Name: engine_calls engine_calls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_calls
    ADD CONSTRAINT engine_calls_pkey PRIMARY KEY (call_id);

--
-- Name: events events_idempotency_key_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_idempotency_key_once UNIQUE (idempotency_key);

--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);

--
-- Name: identities identities_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (platform, external_id);

--
-- Name: inbox inbox_arrives_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_arrives_once UNIQUE (source, external_id);

--
-- Name: inbox inbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (inbox_id);

--
-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);

--
-- Name: limits limits_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.limits
    ADD CONSTRAINT limits_pkey PRIMARY KEY (account_id);

--
-- Name: people people_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (person_id);

--
-- Name: person_roles person_roles_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_roles
    ADD CONSTRAINT person_roles_pkey PRIMARY KEY (grant_id);

--
-- Name: policies policies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (policy_version);

--
-- Name: prompts prompts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_pkey PRIMARY KEY (prompt_id);

--
-- Name: short_term short_term_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.short_term
    ADD CONSTRAINT short_term_pkey PRIMARY KEY (key);

--
-- Name: staged_parts staged_parts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staged_parts
    ADD CONSTRAINT staged_parts_pkey PRIMARY KEY (request_id, part);

--
-- Name: stop_switch stop_switch_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stop_switch
    ADD CONSTRAINT stop_switch_pkey PRIMARY KEY (is_only);

--
-- Name: stops stops_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stops
    ADD CONSTRAINT stops_pkey PRIMARY KEY (generation);

--
-- Name: task_days task_days_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.task_days
    ADD CONSTRAINT task_days_pkey PRIMARY KEY (day);

--
-- Name: task_steps task_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.task_steps
    ADD CONSTRAINT task_steps_pkey PRIMARY KEY (step_id);

--
-- Name: tasks tasks_asked_for_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_asked_for_once UNIQUE (source, source_key);

--
-- Name: tasks tasks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (task_id);

--
-- Name: workers workers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (worker);

--
-- Name: approval_requests_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX approval_requests_one_open ON public.approval_requests USING btree (step_id) WHERE (status = ANY (ARRAY['staging'::text, 'pending'::text, 'approved'::text]));

--
-- Name: approval_requests_timers; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX approval_requests_timers ON public.approval_requests USING btree (expires_at) WHERE (status = 'pending'::text);

--
-- Name: approvals_one_per_slot; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX approvals_one_per_slot ON public.approvals USING btree (request_id, role) WHERE (decision = 'approve'::text);

--
-- Name: approvals_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX approvals_task_id ON public.approvals USING btree (task_id, ts);

--
-- Name: artifacts_search; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX artifacts_search ON public.artifacts USING gin (search) WHERE (type = ANY (ARRAY['draft'::text, 'findings'::text, 'note'::text]));

--
-- Name: artifacts_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX artifacts_task_id ON public.artifacts USING btree (task_id, created_at);

--
-- Name: audit_logs_ts; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_ts ON public.audit_logs USING brin (ts);

--
-- Name: buttons_one_per_version; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX buttons_one_per_version ON public.buttons USING btree (card_id, request_id);

--
-- Name: cards_one_approval_per_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_approval_per_chat ON public.cards USING btree (step_id, chat_id) WHERE (kind = 'approval'::text);

--
-- Name: cards_one_doubt_per_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_doubt_per_chat ON public.cards USING btree (effect_id, chat_id) WHERE (kind = 'doubt'::text);

--
-- Name: cards_one_resume_per_generation; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_resume_per_generation ON public.cards USING btree (generation) WHERE (kind = 'resume'::text);

--
-- Name: effect_attempts_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effect_attempts_one_open ON public.effect_attempts USING btree (effect_id, part) WHERE (status = ANY (ARRAY['started'::text, 'done'::text, 'in_doubt'::text]));

--
-- Name: effects_approval_used_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effects_approval_used_once ON public.effects USING btree (request_id);

--
-- Name: effects_one_per_step; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effects_one_per_step ON public.effects USING btree (step_id) WHERE (status = ANY (ARRAY['granted'::text, 'done'::text, 'in_doubt'::text]));

--
-- Name: effects_unsettled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX effects_unsettled ON public.effects USING btree (granted_at) WHERE (status = ANY (ARRAY['granted'::text, 'in_doubt'::text]));

--
-- Name: engine_calls_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX engine_calls_task_id ON public.engine_calls USING btree (task_id) WHERE (outcome = 'reserved'::text);

--
-- Name: events_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_task_id ON public.events USING btree (task_id, ts);

--
-- Name: identities_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX identities_person ON public.identities USING btree (person_id);

--
-- Name: inbox_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbox_open ON public.inbox USING btree (chat_key, place) WHERE (status = ANY (ARRAY['pending'::text, 'processing'::text]));

--
-- Name: person_roles_held_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX person_roles_held_once ON public.person_roles USING btree (person_id, role) WHERE (revoked_at IS NULL);

--
-- Name: policies_one_in_force; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX policies_one_in_force ON public.policies USING btree ((true)) WHERE ((in_force_at IS NOT NULL) AND (retired_at IS NULL));

--
-- Name: prompts_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX prompts_open ON public.prompts USING btree (chat_id, message_id) WHERE (answered_at IS NULL);

--
-- Name: short_term_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX short_term_expires_at ON public.short_term USING btree (expires_at);

--
-- Name: task_steps_leases; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX task_steps_leases ON public.task_steps USING btree (lease_expires_at) WHERE (status = 'running'::text);

--
-- Name: task_steps_ready; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX task_steps_ready ON public.task_steps USING btree (woken_at) WHERE (status = 'ready'::text);

--
-- Name: task_steps_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX task_steps_task_id ON public.task_steps USING btree (task_id, "position");

--
-- Name: tasks_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tasks_status ON public.tasks USING btree (status, created_at DESC);

--
-- Name: tasks_to_show; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tasks_to_show ON public.tasks USING btree (show_requested_at) WHERE (show_requested_at IS NOT NULL);

--
-- Name: audit_logs _100_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _100_append_only BEFORE DELETE OR UPDATE ON public.audit_logs FOR EACH ROW EXECUTE FUNCTION public.tg_audit_logs__append_only();

--
-- Name: audit_logs _110_never_truncated; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _110_never_truncated BEFORE TRUNCATE ON public.audit_logs FOR EACH STATEMENT EXECUTE FUNCTION public.tg_audit_logs__append_only();

--
-- Name: approval_requests approval_requests_artifact_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_artifact_id_fkey FOREIGN KEY (artifact_id) REFERENCES public.artifacts(artifact_id);

--
-- Name: approval_requests approval_requests_dry_run_artifact_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_dry_run_artifact_id_fkey FOREIGN KEY (dry_run_artifact_id) REFERENCES public.artifacts(artifact_id);

--
-- Name: approval_requests approval_requests_policy_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES public.policies(policy_version);

--
-- Name: approval_requests approval_requests_requester_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_requester_person_id_fkey FOREIGN KEY (requester_person_id) REFERENCES public.people(person_id);

--
-- Name: approval_requests approval_requests_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: approval_requests approval_requests_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approval_requests
    ADD CONSTRAINT approval_requests_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: approvals approvals_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: approvals approvals_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: approvals approvals_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: approvals approvals_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: artifacts artifacts_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: artifacts artifacts_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.artifacts
    ADD CONSTRAINT artifacts_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: buttons buttons_card_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.buttons
    ADD CONSTRAINT buttons_card_id_fkey FOREIGN KEY (card_id) REFERENCES public.cards(card_id);

--
-- Name: buttons buttons_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.buttons
    ADD CONSTRAINT buttons_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: cards cards_effect_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES public.effects(effect_id);

--
-- Name: cards cards_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: effect_attempts effect_attempts_effect_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effect_attempts
    ADD CONSTRAINT effect_attempts_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES public.effects(effect_id);

--
-- Name: effects effects_doubt_resend_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_doubt_resend_by_fkey FOREIGN KEY (doubt_resend_by) REFERENCES public.people(person_id);

--
-- Name: effects effects_policy_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES public.policies(policy_version);

--
-- Name: effects effects_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: effects effects_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: effects effects_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: engine_calls engine_calls_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_calls
    ADD CONSTRAINT engine_calls_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: engine_calls engine_calls_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engine_calls
    ADD CONSTRAINT engine_calls_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: events events_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: identities identities_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: limits limits_policy_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.limits
    ADD CONSTRAINT limits_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES public.policies(policy_version);

--
-- Name: person_roles person_roles_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_roles
    ADD CONSTRAINT person_roles_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: prompts prompts_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: staged_parts staged_parts_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staged_parts
    ADD CONSTRAINT staged_parts_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: stop_switch stop_switch_resume_asked_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stop_switch
    ADD CONSTRAINT stop_switch_resume_asked_by_fkey FOREIGN KEY (resume_asked_by) REFERENCES public.people(person_id);

--
-- Name: stops stops_resumed_by_1_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stops
    ADD CONSTRAINT stops_resumed_by_1_fkey FOREIGN KEY (resumed_by_1) REFERENCES public.people(person_id);

--
-- Name: stops stops_resumed_by_2_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stops
    ADD CONSTRAINT stops_resumed_by_2_fkey FOREIGN KEY (resumed_by_2) REFERENCES public.people(person_id);

--
-- Name: task_steps task_steps_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.task_steps
    ADD CONSTRAINT task_steps_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: tasks tasks_policy_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES public.policies(policy_version);

--
-- Name: tasks tasks_requester_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_requester_person_id_fkey FOREIGN KEY (requester_person_id) REFERENCES public.people(person_id);

--
-- Name: approval_requests; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.approval_requests ENABLE ROW LEVEL SECURITY;

--
-- Name: approvals; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.approvals ENABLE ROW LEVEL SECURITY;

--
-- Name: artifacts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.artifacts ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_heads; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_heads ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_logs; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.audit_logs ENABLE ROW LEVEL SECURITY;

--
-- Name: budget_days; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.budget_days ENABLE ROW LEVEL SECURITY;

--
-- Name: buttons; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.buttons ENABLE ROW LEVEL SECURITY;

--
-- Name: cards; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.cards ENABLE ROW LEVEL SECURITY;

--
-- Name: effect_attempts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.effect_attempts ENABLE ROW LEVEL SECURITY;

--
-- Name: effects; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.effects ENABLE ROW LEVEL SECURITY;

--
-- Name: engine_calls; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.engine_calls ENABLE ROW LEVEL SECURITY;

--
-- Name: events; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

--
-- Name: identities; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.identities ENABLE ROW LEVEL SECURITY;

--
-- Name: inbox; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;

--
-- Name: leases; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.leases ENABLE ROW LEVEL SECURITY;

--
-- Name: limits; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.limits ENABLE ROW LEVEL SECURITY;

--
-- Name: people; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;

--
-- Name: person_roles; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.person_roles ENABLE ROW LEVEL SECURITY;

--
-- Name: policies; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.policies ENABLE ROW LEVEL SECURITY;

--
-- Name: prompts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.prompts ENABLE ROW LEVEL SECURITY;

--
-- Name: short_term; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.short_term ENABLE ROW LEVEL SECURITY;

--
-- Name: staged_parts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.staged_parts ENABLE ROW LEVEL SECURITY;

--
-- Name: stop_switch; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.stop_switch ENABLE ROW LEVEL SECURITY;

--
-- Name: stops; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.stops ENABLE ROW LEVEL SECURITY;

--
-- Name: task_days; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.task_days ENABLE ROW LEVEL SECURITY;

--
-- Name: task_steps; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.task_steps ENABLE ROW LEVEL SECURITY;

--
-- Name: tasks; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;

--
-- Name: approval_requests the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.approval_requests TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: approvals the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.approvals TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: artifacts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.artifacts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: audit_heads the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.audit_heads TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: audit_logs the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.audit_logs TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: budget_days the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.budget_days TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: buttons the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.buttons TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: cards the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.cards TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: effect_attempts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.effect_attempts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: effects the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.effects TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: engine_calls the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.engine_calls TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: events the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.events TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: identities the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.identities TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: inbox the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.inbox TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: leases the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.leases TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: limits the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.limits TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: people the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.people TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: person_roles the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.person_roles TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: policies the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.policies TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: prompts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.prompts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: short_term the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.short_term TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: staged_parts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.staged_parts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: stop_switch the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.stop_switch TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: stops the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.stops TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: task_days the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.task_days TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: task_steps the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.task_steps TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: tasks the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.tasks TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: workers the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.workers TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: workers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.workers ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: -
--

GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;
GRANT ALL ON SCHEMA public TO ags_owner;
GRANT USAGE ON SCHEMA public TO ags_bot;
GRANT USAGE ON SCHEMA public TO ags_worker;
GRANT USAGE ON SCHEMA public TO ags_web;
GRANT USAGE ON SCHEMA public TO ags_reader;

--
-- Name: FUNCTION _add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]) FROM PUBLIC;

--
-- Name: FUNCTION _add_step(p_task public.tasks, p_policy jsonb, p_node_id text, p_kind text, p_agent text, p_action text, p_after text[], p_instruction text, p_subject text, p_effect_kind text, p_target jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._add_step(p_task public.tasks, p_policy jsonb, p_node_id text, p_kind text, p_agent text, p_action text, p_after text[], p_instruction text, p_subject text, p_effect_kind text, p_target jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _advance(p_task_id text, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._advance(p_task_id text, p_worker text, p_lease_seconds integer) FROM PUBLIC;

--
-- Name: FUNCTION _artifact_json(p_row public.artifacts); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._artifact_json(p_row public.artifacts) FROM PUBLIC;

--
-- Name: FUNCTION _audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _changed(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._changed(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _close_gate(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._close_gate(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _doubt(p_effect public.effects, p_note text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._doubt(p_effect public.effects, p_note text) FROM PUBLIC;

--
-- Name: FUNCTION _effect_kind(p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._effect_kind(p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _effect_view(p_effect public.effects); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._effect_view(p_effect public.effects) FROM PUBLIC;

--
-- Name: FUNCTION _end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _ensure_person(p_external_id bigint, p_display_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ensure_person(p_external_id bigint, p_display_name text) FROM PUBLIC;

--
-- Name: FUNCTION _event(p_task_id text, p_type text, p_step_id text, p_agent text, p_payload jsonb, p_key text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._event(p_task_id text, p_type text, p_step_id text, p_agent text, p_payload jsonb, p_key text) FROM PUBLIC;

--
-- Name: FUNCTION _event_update_dead(p_inbox_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._event_update_dead(p_inbox_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _expose(p_function text, VARIADIC p_roles text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._expose(p_function text, VARIADIC p_roles text[]) FROM PUBLIC;

--
-- Name: FUNCTION _facts(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._facts(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _gate_refusal(p_request public.approval_requests, p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._gate_refusal(p_request public.approval_requests, p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _go_on(p_task_id text, p_step_ids text[], p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._go_on(p_task_id text, p_step_ids text[], p_worker text, p_lease_seconds integer) FROM PUBLIC;

--
-- Name: FUNCTION _grant_refusals(p_step public.task_steps, p_task public.tasks, p_request public.approval_requests, p_checksum text, p_chat_id bigint, p_topic_id bigint, p_part_count integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._grant_refusals(p_step public.task_steps, p_task public.tasks, p_request public.approval_requests, p_checksum text, p_chat_id bigint, p_topic_id bigint, p_part_count integer) FROM PUBLIC;

--
-- Name: FUNCTION _hand_over(p_step_id text, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._hand_over(p_step_id text, p_worker text, p_lease_seconds integer) FROM PUBLIC;

--
-- Name: FUNCTION _inputs(p_step public.task_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._inputs(p_step public.task_steps) FROM PUBLIC;

--
-- Name: FUNCTION _insert_human_gate(p_critic public.task_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._insert_human_gate(p_critic public.task_steps) FROM PUBLIC;

--
-- Name: FUNCTION _is_inside(p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_inside(p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _is_stopped(p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_stopped(p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint) FROM PUBLIC;

--
-- Name: FUNCTION _land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer) FROM PUBLIC;

--
-- Name: FUNCTION _lock_claimed(p_step_id text, p_fence bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._lock_claimed(p_step_id text, p_fence bigint) FROM PUBLIC;

--
-- Name: FUNCTION _name_of(p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._name_of(p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _new_reference(p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._new_reference(p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _new_token(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._new_token() FROM PUBLIC;

--
-- Name: FUNCTION _note_landed(p_effect public.effects, p_note text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._note_landed(p_effect public.effects, p_note text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _open_request(p_step public.task_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_request(p_step public.task_steps) FROM PUBLIC;

--
-- Name: FUNCTION _open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text) FROM PUBLIC;

--
-- Name: FUNCTION _people_missing_for(p_policy jsonb, p_tier text, p_requester uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._people_missing_for(p_policy jsonb, p_tier text, p_requester uuid) FROM PUBLIC;

--
-- Name: FUNCTION _person_of(p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._person_of(p_external_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _plan_problems(p_nodes jsonb, p_policy jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._plan_problems(p_nodes jsonb, p_policy jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _points(p_critique jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._points(p_critique jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _policy(p_version integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy(p_version integer) FROM PUBLIC;

--
-- Name: FUNCTION _protect_table(p_table text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._protect_table(p_table text) FROM PUBLIC;

--
-- Name: FUNCTION _redraw_cards(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._redraw_cards(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse(p_state text, p_message text, p_detail jsonb, p_hint text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._refuse(p_state text, p_message text, p_detail jsonb, p_hint text) FROM PUBLIC;

--
-- Name: FUNCTION _request_view(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._request_view(p_request_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _roles_of(p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._roles_of(p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _separation(p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._separation(p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _settle_orphan(p_effect public.effects); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._settle_orphan(p_effect public.effects) FROM PUBLIC;

--
-- Name: FUNCTION _slots(p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._slots(p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text) FROM PUBLIC;

--
-- Name: FUNCTION _task_view(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._task_view(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _tier_of(p_policy jsonb, p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._tier_of(p_policy jsonb, p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _tier_problem(p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._tier_problem(p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _verdict(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._verdict(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _void_request(p_request public.approval_requests, p_reason text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._void_request(p_request public.approval_requests, p_reason text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _wake(p_step_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._wake(p_step_id text) FROM PUBLIC;

--
-- Name: FUNCTION _work(p_step public.task_steps, p_task public.tasks); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._work(p_step public.task_steps, p_task public.tasks) FROM PUBLIC;

--
-- Name: FUNCTION authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) TO ags_worker;
GRANT ALL ON FUNCTION public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) TO service_role;

--
-- Name: FUNCTION begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer) TO ags_worker;
GRANT ALL ON FUNCTION public.begin_attempt(p_effect_id uuid, p_fence bigint, p_part integer) TO service_role;

--
-- Name: FUNCTION cancel_task(p_task_id text, p_external_id bigint, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) TO service_role;

--
-- Name: FUNCTION claim_lease(p_name text, p_holder text, p_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) TO service_role;

--
-- Name: FUNCTION claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.claim_request(p_request_id uuid, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION claim_step(p_step_id text, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_step(p_step_id text, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_step(p_step_id text, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.claim_step(p_step_id text, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION claim_task_view(p_task_id text, p_min_interval_ms integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_task_view(p_task_id text, p_min_interval_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_task_view(p_task_id text, p_min_interval_ms integer) TO ags_worker;
GRANT ALL ON FUNCTION public.claim_task_view(p_task_id text, p_min_interval_ms integer) TO service_role;

--
-- Name: FUNCTION claim_updates(p_worker text, p_limit integer, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION close_prompt(p_prompt_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.close_prompt(p_prompt_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.close_prompt(p_prompt_id uuid) TO ags_bot;
GRANT ALL ON FUNCTION public.close_prompt(p_prompt_id uuid) TO service_role;

--
-- Name: FUNCTION complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) TO ags_bot;
GRANT ALL ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) TO service_role;

--
-- Name: FUNCTION create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) TO service_role;

--
-- Name: FUNCTION decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) TO ags_bot;
GRANT ALL ON FUNCTION public.decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) TO service_role;

--
-- Name: FUNCTION decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) TO ags_bot;
GRANT ALL ON FUNCTION public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) TO service_role;

--
-- Name: FUNCTION delete_short_term(p_key text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.delete_short_term(p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.delete_short_term(p_key text) TO ags_bot;
GRANT ALL ON FUNCTION public.delete_short_term(p_key text) TO ags_worker;
GRANT ALL ON FUNCTION public.delete_short_term(p_key text) TO service_role;

--
-- Name: FUNCTION edit_request(p_reference text, p_external_id bigint, p_artifact jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.edit_request(p_reference text, p_external_id bigint, p_artifact jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.edit_request(p_reference text, p_external_id bigint, p_artifact jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.edit_request(p_reference text, p_external_id bigint, p_artifact jsonb) TO service_role;

--
-- Name: FUNCTION end_worker(p_worker text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.end_worker(p_worker text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_worker(p_worker text) TO ags_worker;
GRANT ALL ON FUNCTION public.end_worker(p_worker text) TO service_role;

--
-- Name: FUNCTION evaluate_requirements(p_requirements jsonb, p_facts jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) TO ags_web;
GRANT ALL ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) TO ags_reader;
GRANT ALL ON FUNCTION public.evaluate_requirements(p_requirements jsonb, p_facts jsonb) TO service_role;

--
-- Name: FUNCTION explain_task(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.explain_task(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.explain_task(p_task_id text) TO ags_bot;
GRANT ALL ON FUNCTION public.explain_task(p_task_id text) TO ags_web;
GRANT ALL ON FUNCTION public.explain_task(p_task_id text) TO ags_reader;
GRANT ALL ON FUNCTION public.explain_task(p_task_id text) TO service_role;

--
-- Name: FUNCTION fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) TO ags_worker;
GRANT ALL ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) TO service_role;

--
-- Name: FUNCTION find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION get_policy(p_version integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_policy(p_version integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_policy(p_version integer) TO ags_bot;
GRANT ALL ON FUNCTION public.get_policy(p_version integer) TO ags_worker;
GRANT ALL ON FUNCTION public.get_policy(p_version integer) TO ags_web;
GRANT ALL ON FUNCTION public.get_policy(p_version integer) TO ags_reader;
GRANT ALL ON FUNCTION public.get_policy(p_version integer) TO service_role;

--
-- Name: FUNCTION get_request(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_request(p_request_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_request(p_request_id uuid) TO ags_bot;
GRANT ALL ON FUNCTION public.get_request(p_request_id uuid) TO ags_worker;
GRANT ALL ON FUNCTION public.get_request(p_request_id uuid) TO service_role;

--
-- Name: FUNCTION get_short_term(p_key text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_short_term(p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_short_term(p_key text) TO ags_bot;
GRANT ALL ON FUNCTION public.get_short_term(p_key text) TO ags_worker;
GRANT ALL ON FUNCTION public.get_short_term(p_key text) TO service_role;

--
-- Name: FUNCTION get_stop_state(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_stop_state() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_stop_state() TO ags_bot;
GRANT ALL ON FUNCTION public.get_stop_state() TO ags_worker;
GRANT ALL ON FUNCTION public.get_stop_state() TO ags_web;
GRANT ALL ON FUNCTION public.get_stop_state() TO ags_reader;
GRANT ALL ON FUNCTION public.get_stop_state() TO service_role;

--
-- Name: FUNCTION get_system_status(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_system_status() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_system_status() TO ags_bot;
GRANT ALL ON FUNCTION public.get_system_status() TO ags_web;
GRANT ALL ON FUNCTION public.get_system_status() TO ags_reader;
GRANT ALL ON FUNCTION public.get_system_status() TO ags_worker;
GRANT ALL ON FUNCTION public.get_system_status() TO service_role;

--
-- Name: FUNCTION get_task(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_task(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_task(p_task_id text) TO ags_bot;
GRANT ALL ON FUNCTION public.get_task(p_task_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.get_task(p_task_id text) TO ags_web;
GRANT ALL ON FUNCTION public.get_task(p_task_id text) TO ags_reader;
GRANT ALL ON FUNCTION public.get_task(p_task_id text) TO service_role;

--
-- Name: FUNCTION heartbeat(p_worker text, p_roles text, p_generation_seen bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) TO service_role;

--
-- Name: FUNCTION list_applied_migrations(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_applied_migrations() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_applied_migrations() TO ags_bot;
GRANT ALL ON FUNCTION public.list_applied_migrations() TO ags_worker;
GRANT ALL ON FUNCTION public.list_applied_migrations() TO ags_web;
GRANT ALL ON FUNCTION public.list_applied_migrations() TO ags_reader;
GRANT ALL ON FUNCTION public.list_applied_migrations() TO service_role;

--
-- Name: FUNCTION list_cards(p_step_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_cards(p_step_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_cards(p_step_id text) TO ags_bot;
GRANT ALL ON FUNCTION public.list_cards(p_step_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.list_cards(p_step_id text) TO service_role;

--
-- Name: FUNCTION list_events(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_events(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO ags_web;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO ags_reader;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO service_role;

--
-- Name: FUNCTION list_people(p_roles jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_people(p_roles jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_people(p_roles jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.list_people(p_roles jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.list_people(p_roles jsonb) TO ags_web;
GRANT ALL ON FUNCTION public.list_people(p_roles jsonb) TO ags_reader;
GRANT ALL ON FUNCTION public.list_people(p_roles jsonb) TO service_role;

--
-- Name: FUNCTION list_task_artifacts(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_task_artifacts(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_task_artifacts(p_task_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.list_task_artifacts(p_task_id text) TO ags_bot;
GRANT ALL ON FUNCTION public.list_task_artifacts(p_task_id text) TO ags_web;
GRANT ALL ON FUNCTION public.list_task_artifacts(p_task_id text) TO ags_reader;
GRANT ALL ON FUNCTION public.list_task_artifacts(p_task_id text) TO service_role;

--
-- Name: FUNCTION list_tasks(p_status text, p_limit integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_tasks(p_status text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_tasks(p_status text, p_limit integer) TO ags_bot;
GRANT ALL ON FUNCTION public.list_tasks(p_status text, p_limit integer) TO ags_web;
GRANT ALL ON FUNCTION public.list_tasks(p_status text, p_limit integer) TO ags_reader;
GRANT ALL ON FUNCTION public.list_tasks(p_status text, p_limit integer) TO service_role;

--
-- Name: FUNCTION list_workers(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_workers() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_workers() TO ags_bot;
GRANT ALL ON FUNCTION public.list_workers() TO ags_web;
GRANT ALL ON FUNCTION public.list_workers() TO ags_reader;
GRANT ALL ON FUNCTION public.list_workers() TO service_role;

--
-- Name: FUNCTION meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean) TO ags_bot;
GRANT ALL ON FUNCTION public.meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean) TO service_role;

--
-- Name: FUNCTION move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) TO service_role;

--
-- Name: FUNCTION open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_prompt(p_kind text, p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION open_resume_card(p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_resume_card(p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_resume_card(p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_resume_card(p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) TO service_role;

--
-- Name: FUNCTION record_card(p_card_id uuid, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_greeting(p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_greeting(p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_greeting(p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_greeting(p_external_id bigint) TO service_role;

--
-- Name: FUNCTION record_prompt_message(p_prompt_id uuid, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) TO service_role;

--
-- Name: FUNCTION record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.record_staged_part(p_request_id uuid, p_worker text, p_part integer, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_task_message(p_task_id text, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_updates(p_source text, p_updates jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_updates(p_source text, p_updates jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_updates(p_source text, p_updates jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.record_updates(p_source text, p_updates jsonb) TO ags_web;
GRANT ALL ON FUNCTION public.record_updates(p_source text, p_updates jsonb) TO service_role;

--
-- Name: FUNCTION release_lease(p_name text, p_holder text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.release_lease(p_name text, p_holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_lease(p_name text, p_holder text) TO ags_bot;
GRANT ALL ON FUNCTION public.release_lease(p_name text, p_holder text) TO service_role;

--
-- Name: FUNCTION release_request(p_request_id uuid, p_worker text, p_delay_ms bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.release_request(p_request_id uuid, p_worker text, p_delay_ms bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_request(p_request_id uuid, p_worker text, p_delay_ms bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.release_request(p_request_id uuid, p_worker text, p_delay_ms bigint) TO service_role;

--
-- Name: FUNCTION release_step(p_step_id text, p_fence bigint, p_delay_ms bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.release_step(p_step_id text, p_fence bigint, p_delay_ms bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.release_step(p_step_id text, p_fence bigint, p_delay_ms bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.release_step(p_step_id text, p_fence bigint, p_delay_ms bigint) TO service_role;

--
-- Name: FUNCTION renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.renew_lease(p_step_id text, p_fence bigint, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION request_task_view(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.request_task_view(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.request_task_view(p_task_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.request_task_view(p_task_id text) TO service_role;

--
-- Name: FUNCTION reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) TO ags_worker;
GRANT ALL ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) TO service_role;

--
-- Name: FUNCTION restage_request(p_step_id text, p_fence bigint, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) TO ags_worker;
GRANT ALL ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) TO service_role;

--
-- Name: FUNCTION resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION search_artifacts(p_query text, p_task_id text, p_limit integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) TO ags_worker;
GRANT ALL ON FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) TO service_role;

--
-- Name: FUNCTION seed_people(p_people jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.seed_people(p_people jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.seed_people(p_people jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.seed_people(p_people jsonb) TO service_role;

--
-- Name: FUNCTION seed_policy(p_source text, p_document jsonb, p_checksum text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.seed_policy(p_source text, p_document jsonb, p_checksum text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.seed_policy(p_source text, p_document jsonb, p_checksum text) TO ags_bot;
GRANT ALL ON FUNCTION public.seed_policy(p_source text, p_document jsonb, p_checksum text) TO ags_worker;
GRANT ALL ON FUNCTION public.seed_policy(p_source text, p_document jsonb, p_checksum text) TO service_role;

--
-- Name: FUNCTION settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) TO ags_worker;
GRANT ALL ON FUNCTION public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) TO service_role;

--
-- Name: FUNCTION settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text) TO ags_worker;
GRANT ALL ON FUNCTION public.settle_spend(p_call_id uuid, p_model text, p_input_tokens bigint, p_output_tokens bigint, p_cost_usd numeric, p_latency_ms numeric, p_outcome text) TO service_role;

--
-- Name: FUNCTION show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.show_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION stop_effects(p_external_id bigint, p_reason text, p_scope text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text) TO ags_bot;
GRANT ALL ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text) TO service_role;

--
-- Name: FUNCTION sweep(p_patience_ms integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.sweep(p_patience_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sweep(p_patience_ms integer) TO ags_worker;
GRANT ALL ON FUNCTION public.sweep(p_patience_ms integer) TO service_role;

--
-- Name: FUNCTION take_over(p_worker text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.take_over(p_worker text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_over(p_worker text) TO ags_worker;
GRANT ALL ON FUNCTION public.take_over(p_worker text) TO service_role;

--
-- Name: FUNCTION tg_audit_logs__append_only(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.tg_audit_logs__append_only() FROM PUBLIC;

--
-- Name: FUNCTION verify_audit_chain(p_chain text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.verify_audit_chain(p_chain text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO ags_bot;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO ags_web;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO ags_reader;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO service_role;

--
-- Name: DEFAULT PRIVILEGES FOR SEQUENCES; Type: DEFAULT ACL; Schema: public; Owner: -
--

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON SEQUENCES  TO anon;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON SEQUENCES  TO authenticated;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON SEQUENCES  TO service_role;

--
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: public; Owner: -
--

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON FUNCTIONS  TO anon;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON FUNCTIONS  TO authenticated;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON FUNCTIONS  TO service_role;

--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: public; Owner: -
--

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES  TO anon;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES  TO authenticated;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES  TO service_role;

--
-- PostgreSQL database dump complete
--
