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
-- Name: prompts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.prompts (
    prompt_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    request_id uuid,
    external_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    topic_id bigint,
    message_id bigint,
    earlier_message_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    card_message_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone DEFAULT (now() + '01:00:00'::interval) NOT NULL,
    answered_at timestamp with time zone,
    change_id uuid,
    subject text,
    wish jsonb,
    CONSTRAINT prompts_about_one_thing CHECK (
CASE
    WHEN (kind = 'factor'::text) THEN ((request_id IS NULL) AND (change_id IS NULL))
    ELSE (((request_id IS NULL) <> (change_id IS NULL)) AND ((change_id IS NULL) OR (kind = 'reject'::text)))
END),
    CONSTRAINT prompts_factor_in_private CHECK (((kind <> 'factor'::text) OR (chat_id = external_id))),
    CONSTRAINT prompts_factor_whole CHECK ((((kind = 'factor'::text) = (subject IS NOT NULL)) AND ((kind = 'factor'::text) = (wish IS NOT NULL)))),
    CONSTRAINT prompts_kind_known CHECK ((kind = ANY (ARRAY['reject'::text, 'edit'::text, 'factor'::text])))
);

ALTER TABLE ONLY public.prompts FORCE ROW LEVEL SECURITY;

--
-- Name: _about_factor(public.prompts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._about_factor(p_prompt public.prompts) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_about text := split_part(p_prompt.subject, ':', 1);
  v_id text := split_part(p_prompt.subject, ':', 2);
begin
  return case v_about
    when 'request' then (select jsonb_build_object('about', v_about, 'reference', reference, 'task_id', task_id) from public.approval_requests where request_id = v_id::uuid)
    when 'change' then (select jsonb_build_object('about', v_about, 'reference', reference, 'task_id', null) from public.changes where change_id = v_id::uuid)
    when 'doubt' then (select jsonb_build_object('about', v_about, 'reference', 'sending ' || task_id || ' again', 'task_id', task_id) from public.effects where effect_id = v_id::uuid)
    when 'resume' then jsonb_build_object('about', v_about, 'reference', 'the end of the stop', 'task_id', null) end;
end
$$;

--
-- Name: FUNCTION _about_factor(p_prompt public.prompts); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._about_factor(p_prompt public.prompts) IS 'What a question for a code is about: {about, reference, task_id}.';

--
-- Name: _account_use(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._account_use(p_account_id text, p_except uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_account public.trading_accounts;
  v_open record;
  v_granted record;
begin
  select * into v_account from public.trading_accounts where account_id = p_account_id;
  select count(*)::integer as positions, coalesce(sum(p.risk), 0) as risk into v_open from public.trading_positions p where p.account_id = p_account_id;
  -- What was let out and cannot be in the broker's numbers yet: under way, not known, or ended after these numbers were asked for.
  select count(*)::integer as positions, coalesce(sum((e.money_order ->> 'risk')::numeric), 0) as risk into v_granted from public.effects e
  where e.kind = 'trade' and public._order_party(e.money_order) = p_account_id and e.effect_id is distinct from p_except and public._may_have_moved(e)
    and (e.status in ('granted', 'in_doubt') or v_account.taken_at is null or e.settled_at >= v_account.taken_at);
  return jsonb_build_object('account_id', v_account.account_id, 'currency', v_account.currency, 'taken_at', v_account.taken_at, 'equity', v_account.equity, 'high_water_mark', v_account.high_water_mark,
    'day_start_equity', v_account.day_start_equity, 'loss', greatest(v_account.realised_loss, v_account.day_start_equity - v_account.equity, 0), 'drawdown', v_account.high_water_mark - v_account.equity,
    'at_risk', v_open.risk + v_granted.risk, 'positions', v_open.positions + v_granted.positions, 'under_way', v_granted.positions);
end
$$;

--
-- Name: FUNCTION _account_use(p_account_id text, p_except uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._account_use(p_account_id text, p_except uuid) IS 'How much of an account is lost, at risk and open, with everything that was let out and that its numbers cannot know yet.';

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

--
-- Name: FUNCTION _add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]) IS 'Turns "publish this" into draft, critic, approval where the tier asks for it, and the effect, in that order.';

--
-- Name: _add_dummy(uuid, text, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._add_dummy(p_id uuid, p_goal text, p_worker text, p_chat_id bigint) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_policy public.policies;
  v_tier text;
  v_day date := (now() at time zone 'UTC')::date;
  v_number integer;
  v_task_id text;
  v_content text := jsonb_build_object('parts', '[]'::jsonb, 'drill', p_id)::text;
  v_post public.artifacts;
begin
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  -- The lowest tier that people do not approve: nobody is asked about a dummy, and nobody's approval is made up for it.
  select t into v_tier from unnest(array['T0', 'T1']) t order by cardinality(public._slots(v_policy.document, t)), t limit 1;
  insert into public.task_days as d (day, last_number) values (v_day, 1) on conflict (day) do update set last_number = d.last_number + 1 returning last_number into v_number;
  v_task_id := format('T-%s-%s', to_char(v_day, 'YYYY-MM-DD'), lpad(v_number::text, greatest(4, length(v_number::text)), '0'));
  insert into public.tasks (task_id, actor, goal, risk_tier, status, source, source_key, input_checksum, policy_version)
  values (v_task_id, 'system', p_goal, v_tier, 'running', 'drill', p_id::text, encode(sha256(convert_to(v_content, 'UTF8')), 'hex'), v_policy.policy_version);
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, subject_node, status, started_at, ended_at)
  values (v_task_id || '/critic', v_task_id, 'critic', 1, 'critic', 'critic', 'drill', 'CRITIQUE', v_tier, 'draft', 'done', now(), now());
  v_post := public._store_artifact(v_task_id, v_task_id || '/critic', jsonb_build_object('name', 'draft.post.json', 'type', 'post', 'content', v_content, 'content_type', 'application/json',
    'checksum', encode(sha256(convert_to(v_content, 'UTF8')), 'hex')), 'system');
  update public.task_steps set verdict = jsonb_build_object('passed', true, 'points', 9, 'score', 1, 'has_veto', false, 'pass_points', 0, 'critique', '{}'::jsonb, 'post_checksum', v_post.checksum, 'part_count', 1) where step_id = v_task_id || '/critic';
  -- Held for longer than any drill takes: nobody finds it lost, and nobody else can claim it.
  insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, subject_node, effect_kind, target_chat_id, status, worker, lease_expires_at, fence, attempt_count, started_at, wake_seq)
  values (v_task_id || '/reply', v_task_id, 'reply', 2, 'effect', 'communicator', 'drill', 'REPLY', v_tier, 'draft', 'reply', p_chat_id, 'running', p_worker, now() + interval '1 day', 1, 1, now(), 1);
  return jsonb_build_object('task_id', v_task_id, 'step_id', v_task_id || '/reply', 'fence', 1, 'checksum', v_post.checksum, 'target_chat_id', p_chat_id, 'part_count', 1);
end
$$;

--
-- Name: FUNCTION _add_dummy(p_id uuid, p_goal text, p_worker text, p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._add_dummy(p_id uuid, p_goal text, p_worker text, p_chat_id bigint) IS 'A task whose one effect could pass the gate, held by the worker that drills; only the gate is ever asked about it.';

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
-- Name: _anchor_hash(bigint, text, bigint, bigint, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._anchor_hash(p_number bigint, p_prev_hash text, p_record_count bigint, p_chain_count bigint, p_merkle_root text, p_made_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  -- No field can hold a comma, so that none can be shifted into another.
  return encode(sha256(convert_to(concat('anchor:', p_number, ',', p_prev_hash, ',', p_record_count, ',', p_chain_count, ',', p_merkle_root, ',', public._audit_time(p_made_at)), 'UTF8')), 'hex');
end
$$;

--
-- Name: FUNCTION _anchor_hash(p_number bigint, p_prev_hash text, p_record_count bigint, p_chain_count bigint, p_merkle_root text, p_made_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._anchor_hash(p_number bigint, p_prev_hash text, p_record_count bigint, p_chain_count bigint, p_merkle_root text, p_made_at timestamp with time zone) IS 'sha256 over an anchor and the hash of the one before it; hex.';

--
-- Name: _anchor_leaves(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._anchor_leaves(p_number bigint) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- What it covers of each chain. Spelled out here: a call for each would take twice as long.
  return array(
    select encode(sha256(convert_to(concat('leaf:', octet_length(chain), ':', chain, ',', from_seq, '-', to_seq, ',', head_hash), 'UTF8')), 'hex')
    from public.anchor_chains where anchor_number = p_number order by chain collate "C"
  );
end
$$;

--
-- Name: FUNCTION _anchor_leaves(p_number bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._anchor_leaves(p_number bigint) IS 'The leaves of an anchor''s tree, in the order of the chains'' names; hex.';

--
-- Name: _anchor_level(text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._anchor_level(p_hashes text[]) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  -- Two and two become one; the last of an odd number goes up as it is.
  return array(
    select case when h.next is null then h.hash else encode(sha256(convert_to(concat('node:', h.hash, h.next), 'UTF8')), 'hex') end
    from (select x.hash, x.place, lead(x.hash) over (order by x.place) as next from unnest(p_hashes) with ordinality as x (hash, place)) h
    where h.place % 2 = 1 order by h.place
  );
end
$$;

--
-- Name: FUNCTION _anchor_level(p_hashes text[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._anchor_level(p_hashes text[]) IS 'The level of a Merkle tree above this one.';

--
-- Name: _anchor_proof(bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._anchor_proof(p_number bigint, p_chain text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_level text[] := public._anchor_leaves(p_number);
  v_place integer := (select count(*) from public.anchor_chains where anchor_number = p_number and chain collate "C" < p_chain collate "C");
  v_proof jsonb := '[]'::jsonb;
begin
  while cardinality(v_level) > 1 loop
    if v_place % 2 = 1 then
      v_proof := v_proof || jsonb_build_object('side', 'left', 'hash', v_level[v_place]);
    elsif v_place + 1 < cardinality(v_level) then
      v_proof := v_proof || jsonb_build_object('side', 'right', 'hash', v_level[v_place + 2]);
    end if;
    v_level := public._anchor_level(v_level);
    v_place := v_place / 2;
  end loop;
  return v_proof;
end
$$;

--
-- Name: FUNCTION _anchor_proof(p_number bigint, p_chain text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._anchor_proof(p_number bigint, p_chain text) IS 'The hashes beside the way from one chain''s leaf up to the root: [{side, hash}].';

--
-- Name: _anchor_root(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._anchor_root(p_number bigint) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_level text[] := public._anchor_leaves(p_number);
begin
  while cardinality(v_level) > 1 loop
    v_level := public._anchor_level(v_level);
  end loop;
  return v_level[1];
end
$$;

--
-- Name: FUNCTION _anchor_root(p_number bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._anchor_root(p_number bigint) IS 'The Merkle root over what an anchor covers, recomputed; null when that is nothing.';

--
-- Name: anchors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.anchors (
    anchor_number bigint NOT NULL,
    prev_hash text NOT NULL,
    record_count bigint NOT NULL,
    chain_count bigint NOT NULL,
    merkle_root text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    hash text NOT NULL,
    CONSTRAINT anchors_chain_count_positive CHECK ((chain_count > 0)),
    CONSTRAINT anchors_number_positive CHECK ((anchor_number > 0)),
    CONSTRAINT anchors_record_count_positive CHECK ((record_count > 0))
);

ALTER TABLE ONLY public.anchors FORCE ROW LEVEL SECURITY;

--
-- Name: _anchor_view(public.anchors); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._anchor_view(p_anchor public.anchors) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('number', p_anchor.anchor_number, 'prev_hash', p_anchor.prev_hash, 'record_count', p_anchor.record_count, 'chain_count', p_anchor.chain_count,
    'merkle_root', p_anchor.merkle_root, 'made_at', public._audit_time(p_anchor.made_at), 'hash', p_anchor.hash);
end
$$;

--
-- Name: FUNCTION _anchor_view(p_anchor public.anchors); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._anchor_view(p_anchor public.anchors) IS 'An anchor with its moment spelled as it is hashed.';

--
-- Name: _order_problem(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._order_problem(p_kind text, p_order jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
declare
  v_names text[] := case p_kind when 'trade' then array['kind', 'account', 'symbol', 'side', 'size', 'risk'] else array['kind', 'amount', 'currency', 'payer', 'payee'] end;
begin
  if p_order is null or jsonb_typeof(p_order) <> 'object' then
    return 'what would go out says no amount, no payer and no account: there is no order in it';
  end if;
  if p_order ->> 'kind' is distinct from p_kind then
    return format('the order is a %s, the step a %s', coalesce(p_order ->> 'kind', 'nothing'), p_kind);
  end if;
  if exists (select 1 from jsonb_object_keys(p_order) k where k <> all (v_names || 'destination'::text)) or not p_order ?& v_names then
    return format('an order of kind %s has exactly %s', p_kind, array_to_string(v_names, ', '));
  end if;
  return case
    when p_kind = 'trade' then case
      when p_order ? 'destination' then 'a trade goes to no destination'
      when coalesce(p_order ->> 'account', '') !~ '^[a-z][a-z0-9_-]{0,39}$' then 'the account of a trade has another form'
      when coalesce(p_order ->> 'symbol', '') !~ '^[A-Z0-9][A-Z0-9.:/_-]{0,19}$' then 'the symbol of a trade has another form'
      when coalesce(p_order ->> 'side', '') not in ('buy', 'sell') then 'a trade buys or sells'
      when not public._is_amount(p_order -> 'size') or not public._is_amount(p_order -> 'risk') then 'size and risk of a trade are decimals above zero, as text' end
    when not public._is_amount(p_order -> 'amount') then 'the amount is a decimal above zero, as text'
    when coalesce(p_order ->> 'currency', '') !~ '^[A-Z]{3,10}$' then 'the currency has another form'
    when coalesce(p_order ->> 'payer', '') !~ '^[a-z]{2,10}:[A-Za-z0-9_.-]{1,80}$' or coalesce(p_order ->> 'payee', '') !~ '^[a-z]{2,10}:[A-Za-z0-9_.-]{1,80}$' then 'payer and payee are named as tg:<id> or <kind>:<name>'
    when p_order ->> 'payer' = p_order ->> 'payee' then 'payer and payee are the same'
    -- Whose checklist counts has to be a person whom people can be asked about.
    when public._order_party(p_order) !~ '^tg:[1-9][0-9]{0,15}$' then 'whoever pays us, and whomever we pay, is named as tg:<id>'
    when coalesce(p_order ->> 'destination', 'x') !~ '^[!-~]{1,200}$' then 'a destination is 1 to 200 characters without blanks' end;
end
$_$;

--
-- Name: FUNCTION _order_problem(p_kind text, p_order jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._order_problem(p_kind text, p_order jsonb) IS 'What is wrong with the form of an order; null when nothing is. Decimals are texts, never numbers.';

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
    doubt_resend_slot text,
    sent_again_by text,
    break_glass_id uuid,
    money_order jsonb,
    CONSTRAINT effects_order_when_money CHECK (((kind = ANY (ARRAY['payment'::text, 'withdrawal'::text, 'trade'::text])) = (money_order IS NOT NULL))),
    CONSTRAINT effects_order_whole CHECK (((money_order IS NULL) OR (public._order_problem(kind, money_order) IS NULL))),
    CONSTRAINT effects_part_count_positive CHECK ((part_count > 0)),
    CONSTRAINT effects_people_asked_from_t2 CHECK (((tier < 'T2'::text) OR (request_id IS NOT NULL))),
    CONSTRAINT effects_resend_whole CHECK (((doubt_resend_by IS NULL) = (doubt_resend_slot IS NULL))),
    CONSTRAINT effects_settled_at_when_settled CHECK (((settled_at IS NOT NULL) = (status = ANY (ARRAY['done'::text, 'failed'::text, 'void'::text])))),
    CONSTRAINT effects_status_known CHECK ((status = ANY (ARRAY['granted'::text, 'done'::text, 'failed'::text, 'in_doubt'::text, 'void'::text])))
);

ALTER TABLE ONLY public.effects FORCE ROW LEVEL SECURITY;

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
    waits_for text,
    waits_since timestamp with time zone,
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
    CONSTRAINT task_steps_tier_known CHECK ((tier = ANY (ARRAY['T0'::text, 'T1'::text, 'T2'::text, 'T3'::text]))),
    CONSTRAINT task_steps_waits_whole CHECK (((waits_for IS NULL) = (waits_since IS NULL)))
);

ALTER TABLE ONLY public.task_steps FORCE ROW LEVEL SECURITY;

--
-- Name: _answer_limit(public.task_steps, public.effects, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._answer_limit(p_step public.task_steps, p_effect public.effects, p_limit jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_is_final boolean := (p_limit ->> 'is_final')::boolean;
begin
  perform public._audit(p_step.task_id, 'agent:' || p_step.agent_name, 'limit.refuse', p_step.step_id, null, jsonb_strip_nulls(p_limit - 'retry_after_ms'));
  return jsonb_build_object('verdict', case when v_is_final then 'refused' else 'limited' end, 'reasons', jsonb_build_array(p_limit ->> 'limit'),
    'effect', case when p_effect.effect_id is not null then public._effect_view(p_effect) end, 'limit', p_limit);
end
$$;

--
-- Name: FUNCTION _answer_limit(p_step public.task_steps, p_effect public.effects, p_limit jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._answer_limit(p_step public.task_steps, p_effect public.effects, p_limit jsonb) IS 'The gate''s answer over a limit: what time can mend waits, whole and approved; what it cannot is refused.';

--
-- Name: _any_of(tsquery[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._any_of(p_words tsquery[]) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  v_any tsquery;
  v_word tsquery;
begin
  foreach v_word in array p_words loop
    v_any := coalesce(v_any || v_word, v_word);
  end loop;
  return v_any;
end
$$;

--
-- Name: FUNCTION _any_of(p_words tsquery[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._any_of(p_words tsquery[]) IS 'Matches a text with any of the words; null when there are none.';

--
-- Name: changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.changes (
    change_id uuid DEFAULT gen_random_uuid() NOT NULL,
    reference text NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    checksum text NOT NULL,
    subject text NOT NULL,
    reason text,
    proposed_by uuid NOT NULL,
    proposer text NOT NULL,
    slots text[] NOT NULL,
    policy_version integer NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    void_reason text,
    before_json jsonb,
    after_json jsonb,
    ended_at timestamp with time zone,
    tell_requested_at timestamp with time zone,
    announced_in bigint[],
    remind_at timestamp with time zone,
    escalate_at timestamp with time zone,
    warn_at timestamp with time zone,
    called_level integer,
    called_at timestamp with time zone,
    CONSTRAINT changes_before_and_after_when_applied CHECK ((((before_json IS NOT NULL) = (status = 'applied'::text)) AND ((after_json IS NOT NULL) = (status = 'applied'::text)))),
    CONSTRAINT changes_break_glass_has_reason CHECK (((kind <> 'break_glass'::text) OR (length(btrim(reason)) > 0))),
    CONSTRAINT changes_checksum_form CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT changes_decided_at_when_decided CHECK (((decided_at IS NULL) = (status = 'pending'::text))),
    CONSTRAINT changes_end_only_when_applied CHECK (((ended_at IS NULL) OR (status = 'applied'::text))),
    CONSTRAINT changes_expire_later CHECK ((expires_at > created_at)),
    CONSTRAINT changes_kind_known CHECK ((kind = ANY (ARRAY['role_grant'::text, 'role_revoke'::text, 'link_accounts'::text, 'delegation'::text, 'policy'::text, 'break_glass'::text, 'factor_reset'::text]))),
    CONSTRAINT changes_proposer_is_a_person CHECK ((proposer ~ '^tg:\d+$'::text)),
    CONSTRAINT changes_reason_bounded CHECK ((length(reason) <= 2000)),
    CONSTRAINT changes_reason_when_void CHECK (((void_reason IS NOT NULL) = (status = 'void'::text))),
    CONSTRAINT changes_reference_form CHECK ((reference ~ '^T3-[A-HJ-NP-Z2-9]{4,}$'::text)),
    CONSTRAINT changes_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'applied'::text, 'rejected'::text, 'expired'::text, 'void'::text]))),
    CONSTRAINT changes_take_two_people CHECK (((slots @> ARRAY['operator'::text, 'owner'::text]) AND (cardinality(slots) = 2)))
);

ALTER TABLE ONLY public.changes FORCE ROW LEVEL SECURITY;

--
-- Name: _apply_change(public.changes, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_change(p_change public.changes, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _apply_change(p_change public.changes, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._apply_change(p_change public.changes, p_actor text) IS 'Checks once more and changes, in the transaction of the last approval; or voids the change with what stands against it.';

--
-- Name: _apply_delegation(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_delegation(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: _apply_factor_reset(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_factor_reset(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  delete from public.second_factors where person_id = public._person_of((p_change.payload ->> 'external_id')::bigint);
  return '[]'::jsonb;
end
$$;

--
-- Name: _apply_link_accounts(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_link_accounts(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: _apply_policy(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_policy(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _apply_policy(p_change public.changes); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._apply_policy(p_change public.changes) IS 'A draft comes into force as the next version. Approvals under the old one are void and asked anew under the new one; tasks that wait for nobody keep theirs.';

--
-- Name: _apply_role_grant(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_role_grant(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: _apply_role_revoke(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._apply_role_revoke(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._person_of((p_change.payload ->> 'external_id')::bigint);
begin
  update public.person_roles set revoked_at = clock_timestamp(), revoked_by = p_change.proposer, revoked_change_id = p_change.change_id
  where person_id = v_person_id and role = p_change.payload ->> 'role' and revoked_at is null;
  return public._recheck_requests(array[v_person_id] || public._end_orphaned_delegations(p_change.proposer, p_change.change_id), p_change.proposer);
end
$$;

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
    prompt_checksum text,
    archived_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    search tsvector GENERATED ALWAYS AS (
CASE
    WHEN (type = ANY (ARRAY['draft'::text, 'findings'::text, 'note'::text])) THEN to_tsvector('simple'::regconfig, COALESCE(content, ''::text))
    ELSE NULL::tsvector
END) STORED,
    CONSTRAINT artifacts_checksum_form CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT artifacts_content_small CHECK ((octet_length(content) <= 32768)),
    CONSTRAINT artifacts_prompt_checksum_form CHECK ((prompt_checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT artifacts_size_positive CHECK ((size_bytes >= 0)),
    CONSTRAINT artifacts_storage_ref_form CHECK ((storage_ref ~ '^supa://[a-z0-9_-]+/.+$'::text)),
    CONSTRAINT artifacts_type_form CHECK ((type ~ '^[a-z_]+$'::text))
)
WITH (fillfactor='60');

ALTER TABLE ONLY public.artifacts FORCE ROW LEVEL SECURITY;

--
-- Name: _artifact_json(public.artifacts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._artifact_json(p_row public.artifacts) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('artifact_id', p_row.artifact_id, 'step_id', p_row.step_id, 'type', p_row.type, 'storage_ref', p_row.storage_ref, 'checksum', p_row.checksum,
    'content_type', p_row.content_type, 'size_bytes', p_row.size_bytes, 'content', p_row.content, 'made_by', p_row.made_by, 'created_at', p_row.created_at);
end
$$;

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
    warn_at timestamp with time zone,
    called_level integer,
    called_at timestamp with time zone,
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
-- Name: _ask_again(public.approval_requests, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._ask_again(p_request public.approval_requests, p_reason text, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _ask_again(p_request public.approval_requests, p_reason text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._ask_again(p_request public.approval_requests, p_reason text, p_actor text) IS 'The request is void, and the same is asked anew under another reference. The caller holds the task.';

--
-- Name: runbook_runs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.runbook_runs (
    run_id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    subject text,
    asked_by text NOT NULL,
    chat_id bigint NOT NULL,
    topic_id bigint,
    state text DEFAULT 'proposed'::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_by text,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    next_at timestamp with time zone,
    CONSTRAINT runbook_runs_asked_by_a_person CHECK ((asked_by ~ '^tg:\d+$'::text)),
    CONSTRAINT runbook_runs_ended_when_over CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'failed'::text])))),
    CONSTRAINT runbook_runs_name_known CHECK ((name = ANY (ARRAY['desync'::text, 'tool-failure'::text, 'memory-drift'::text]))),
    CONSTRAINT runbook_runs_started_when_run CHECK ((((started_at IS NULL) = (state = 'proposed'::text)) AND ((started_by IS NULL) = (started_at IS NULL)))),
    CONSTRAINT runbook_runs_state_known CHECK ((state = ANY (ARRAY['proposed'::text, 'running'::text, 'done'::text, 'failed'::text]))),
    CONSTRAINT runbook_runs_subject_where_needed CHECK (((subject IS NOT NULL) = (name = 'tool-failure'::text)))
);

ALTER TABLE ONLY public.runbook_runs FORCE ROW LEVEL SECURITY;

--
-- Name: runbook_steps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.runbook_steps (
    run_id uuid NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    plan text NOT NULL,
    result text,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT runbook_steps_ended_when_over CHECK ((((ended_at IS NOT NULL) = (state <> 'pending'::text)) AND ((result IS NOT NULL) OR (state = 'pending'::text)))),
    CONSTRAINT runbook_steps_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY public.runbook_steps FORCE ROW LEVEL SECURITY;

--
-- Name: _ask_comparison(public.runbook_runs, public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._ask_comparison(p_run public.runbook_runs, p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_last public.artifacts;
begin
  select * into v_last from public.artifacts where artifact_id = (p_step.data ->> 'last')::uuid;
  return (
    select jsonb_agg(jsonb_build_object('artifact_id', x.artifact_id, 'storage_ref', x.storage_ref, 'checksum', x.checksum, 'is_stored', x.content is null or x.archived_at is not null,
      'is_row_whole', x.content is null or encode(sha256(convert_to(x.content, 'UTF8')), 'hex') = x.checksum) order by x.created_at desc, x.artifact_id desc)
    from (
      select * from public.artifacts a
      where a.created_at <= p_run.started_at and (v_last.artifact_id is null or (a.created_at, a.artifact_id) < (v_last.created_at, v_last.artifact_id))
      order by a.created_at desc, a.artifact_id desc limit least(50, 500 - coalesce((p_step.data ->> 'checked')::integer, 0))
    ) x
  );
end
$$;

--
-- Name: FUNCTION _ask_comparison(p_run public.runbook_runs, p_step public.runbook_steps); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._ask_comparison(p_run public.runbook_runs, p_step public.runbook_steps) IS 'The next artifacts to be held against their checksums, newest first; null when five hundred have been, or all.';

--
-- Name: _ask_factor(text, bigint, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._ask_factor(p_subject text, p_external_id bigint, p_wish jsonb) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_prompt_id uuid;
begin
  -- One question per person and decision: a second press asks again in place of the first.
  update public.prompts set answered_at = now() where subject = p_subject and external_id = p_external_id and kind = 'factor' and answered_at is null;
  insert into public.prompts (kind, subject, external_id, chat_id, wish, expires_at) values ('factor', p_subject, p_external_id, p_external_id, jsonb_strip_nulls(p_wish), now() + interval '10 minutes') returning prompt_id into v_prompt_id;
  return v_prompt_id;
end
$$;

--
-- Name: FUNCTION _ask_factor(p_subject text, p_external_id bigint, p_wish jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._ask_factor(p_subject text, p_external_id bigint, p_wish jsonb) IS 'The question for the code, in the private chat alone.';

--
-- Name: _ask_parked(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._ask_parked() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_parked public.parked_effects;
  v_task public.tasks;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_parked in
    select p.* from public.parked_effects p join public.tasks t using (task_id)
    where p.ended_at is null and (t.ended_at is not null
      or (not public._is_stopped('T3') and not exists (select 1 from public.breakers b where b.name = p.breaker and b.state <> 'closed')))
    order by p.parked_at limit 50 for update of t skip locked
  loop
    select * into v_task from public.tasks where task_id = v_parked.task_id;
    update public.parked_effects set ended_at = clock_timestamp(), outcome = case when v_task.ended_at is null then 'asked_again' else 'task_over' end
    where parked_id = v_parked.parked_id and ended_at is null;
    continue when not found or v_task.ended_at is not null;
    update public.tasks set status = 'running', held_reason = null where task_id = v_parked.task_id and held_reason = 'pending_exec';
    perform public._audit(v_parked.task_id, 'system', 'effect.unpark', v_parked.effect_id::text, null, jsonb_build_object('breaker', v_parked.breaker));
    v_deliver := v_deliver || (public._advance(v_parked.task_id, null, null) -> 'deliver') || public._changed(v_parked.task_id);
  end loop;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _ask_parked(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._ask_parked() IS 'What was parked is asked about again once the other side is back: a new version, which people approve as if for the first time. Never sent by itself.';

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
    change_id uuid,
    CONSTRAINT policies_checksum_form CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT policies_retired_after_force CHECK (((retired_at IS NULL) OR (in_force_at IS NOT NULL))),
    CONSTRAINT policies_source_bounded CHECK ((octet_length(source) <= 262144))
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.policies ALTER COLUMN document SET STORAGE EXTERNAL;

ALTER TABLE ONLY public.policies FORCE ROW LEVEL SECURITY;

--
-- Name: _ask_task_under(text, public.policies, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._ask_task_under(p_task_id text, p_policy public.policies, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _ask_task_under(p_task_id text, p_policy public.policies, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._ask_task_under(p_task_id text, p_policy public.policies, p_actor text) IS 'A task that waits for people, or whose approval has let nothing out yet: every decision on it is void, and it is asked anew.';

--
-- Name: _asked_for(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._asked_for(p_nodes jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select jsonb_agg(distinct jsonb_build_array(n ->> 'agent', n ->> 'action')) from jsonb_array_elements(p_nodes) n);
end
$$;

--
-- Name: FUNCTION _asked_for(p_nodes jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._asked_for(p_nodes jsonb) IS 'What a plan asks of whom: [agent, action], each once. Kept with the verdict on it, so that another policy can be tried on the same.';

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
-- Name: _audit_break_glass(public.changes, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._audit_break_glass(p_change public.changes, p_actor text, p_what text, p_more jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform public._audit(p_change.payload ->> 'task_id', p_actor, 'glass.' || p_what, p_change.reference, null,
    jsonb_strip_nulls(jsonb_build_object('reference', p_change.payload ->> 'reference', 'checksum', p_change.payload ->> 'checksum') || p_more));
end
$$;

--
-- Name: FUNCTION _audit_break_glass(p_change public.changes, p_actor text, p_what text, p_more jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._audit_break_glass(p_change public.changes, p_actor text, p_what text, p_more jsonb) IS 'What happened to a break-glass, in the chain of its task.';

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
-- Name: _audit_time(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._audit_time(p_ts timestamp with time zone) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return to_char(p_ts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end
$$;

--
-- Name: FUNCTION _audit_time(p_ts timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._audit_time(p_ts timestamp with time zone) IS 'A moment as the hashes spell it: UTC, to the microsecond.';

--
-- Name: _behind(text, uuid, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._behind(p_kind text, p_person_id uuid, p_slot text, p_at timestamp with time zone) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _behind(p_kind text, p_person_id uuid, p_slot text, p_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._behind(p_kind text, p_person_id uuid, p_slot text, p_at timestamp with time zone) IS 'Who stands behind a word of this person in this slot at that moment: they themselves, and whoever lent them the role for it. Two words behind which one person stands are not of two people. The kind of a change, or null.';

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
    break_glass_id uuid,
    factor_checked_at timestamp with time zone,
    CONSTRAINT approvals_approver_is_a_person CHECK ((approver ~ '^tg:\d+$'::text)),
    CONSTRAINT approvals_decision_known CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text]))),
    CONSTRAINT approvals_reason_bounded CHECK ((length(reason) <= 2000)),
    CONSTRAINT approvals_reason_when_rejected CHECK (((decision = 'approve'::text) OR (length(btrim(reason)) > 0))),
    CONSTRAINT approvals_role_is_a_slot CHECK ((role = ANY (ARRAY['operator'::text, 'owner'::text])))
);

ALTER TABLE ONLY public.approvals FORCE ROW LEVEL SECURITY;

--
-- Name: _behind_approval(public.approvals); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._behind_approval(p_approval public.approvals) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return public._behind(case when p_approval.break_glass_id is not null then 'break_glass' end, p_approval.person_id, p_approval.role, p_approval.ts);
end
$$;

--
-- Name: FUNCTION _behind_approval(p_approval public.approvals); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._behind_approval(p_approval public.approvals) IS 'Who stood behind an approval when it was given.';

--
-- Name: _behind_others(public.changes, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._behind_others(p_change public.changes, p_person_id uuid) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return array_remove(p_change.proposed_by || public._concerned(p_change.payload), p_person_id) || array(
    select b.person_id from public.change_decisions d cross join lateral unnest(public._behind(p_change.kind, d.person_id, d.slot, d.ts)) b (person_id)
    where d.change_id = p_change.change_id and d.decision = 'approve' and d.voided_at is null and d.person_id <> p_person_id);
end
$$;

--
-- Name: FUNCTION _behind_others(p_change public.changes, p_person_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._behind_others(p_change public.changes, p_person_id uuid) IS 'For whom nobody stands in on this change beside them: whoever proposed it, whom it concerns, and who else stands behind a decision on it.';

--
-- Name: _break_glass_form_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_form_problem(p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
begin
  return case when jsonb_typeof(p_payload) is distinct from 'object' or p_payload - 'task_id' - 'reference' - 'checksum' <> '{}'::jsonb
    or coalesce(p_payload ->> 'task_id', '') = '' or coalesce(p_payload ->> 'reference', '') = '' or coalesce(p_payload ->> 'checksum', '') !~ '^[0-9a-f]{64}$'
    then 'a break-glass names a task that waits for people, its reference and the checksum of what would go out' end;
end
$_$;

--
-- Name: _break_glass_in_force(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_in_force(p_request_id uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select break_glass_id from public.break_glasses where request_id = p_request_id and status in ('open', 'used') and expires_at > clock_timestamp());
end
$$;

--
-- Name: _break_glass_patience(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_patience(p_policy jsonb) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return greatest(interval '1 hour', public._veto_window(p_policy) + interval '30 minutes');
end
$$;

--
-- Name: FUNCTION _break_glass_patience(p_policy jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._break_glass_patience(p_policy jsonb) IS 'How long a break-glass waits for the second person.';

--
-- Name: _break_glass_problem(jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_problem(p_payload jsonb, p_proposer uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_request public.approval_requests;
  v_effect public.task_steps;
  v_open record;
  v_unmet text;
begin
  select * into v_task from public.tasks where task_id = p_payload ->> 'task_id';
  v_request := public._break_glass_request(v_task.task_id);
  select e.* into v_effect from public.task_steps g join public.task_steps e on e.task_id = g.task_id and e.kind = 'effect' and e.subject_node = g.subject_node where g.step_id = v_request.step_id;
  select c.reference, c.payload ->> 'task_id' as task_id, g.status into v_open from public.changes c left join public.break_glasses g using (change_id)
  where c.kind = 'break_glass' and ((c.status = 'pending' and c.expires_at > clock_timestamp() and c.payload <> p_payload) or (g.break_glass_id is not null and g.reviewed_at is null)) limit 1;
  -- Whatever people cannot mend by approving has to be met, but for the critic's threshold.
  select i ->> 'detail' into v_unmet from jsonb_array_elements(public.evaluate_requirements(v_request.requirements, public._facts(v_request) || '{"is_critic_waived":true}'::jsonb) -> 'items') i
  where not (i ->> 'is_met')::boolean and not (i ->> 'is_by_people')::boolean limit 1;
  return case
    when (select stopped_at is not null from public.stop_switch) then 'everything is stopped, and no break-glass goes past the emergency stop: /resume comes first'
    when v_open.status is not null and v_open.status <> 'open' then format('the break-glass %s for %s has not been reviewed yet: an owner who did not open it writes /breakglass review %s and what they found', v_open.reference, v_open.task_id, v_open.task_id)
    when v_open.reference is not null then format('the break-glass %s for %s is open: there is one at a time', v_open.reference, v_open.task_id)
    when v_task.task_id is null then 'there is no such task'
    when v_request.request_id is null and v_task.ended_at is not null then format('the task has ended (%s)', v_task.status)
    when v_request.request_id is null then 'nothing of this task waits for people, or it has not been shown in full yet'
    when v_task.held_reason = 'in_doubt' then 'an effect of this task is in doubt: the card about it comes first'
    when v_request.reference is distinct from p_payload ->> 'reference' or v_request.artifact_checksum is distinct from p_payload ->> 'checksum' then 'what would go out is no longer what was shown'
    when v_request.policy_version <> v_task.policy_version or (v_request.status = 'expired' and v_request.policy_version <> (public._policy_in_force()).policy_version) then 'it was asked under other rules'
    when public._freeze_problem(v_request.tier) is not null then public._freeze_problem(v_request.tier)
    when v_unmet is not null then format('this is not waived: %s', v_unmet)
    when jsonb_array_length(public._glass_people(v_request, p_proposer, null) -> 'missing') > 1 then 'two slots would be empty: a break-glass fills one, and nobody approves what they asked for themselves'
    else public._denial_problem(v_task.task_id, v_effect.effect_kind, v_request.target_chat_id, v_request.target_topic_id, v_request.artifact_id) end;
end
$$;

--
-- Name: FUNCTION _break_glass_problem(p_payload jsonb, p_proposer uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._break_glass_problem(p_payload jsonb, p_proposer uuid) IS 'Why this glass cannot be broken now, as a sentence; null when it can. Asked when it is proposed, and again before it is opened.';

--
-- Name: _break_glass_request(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_request(p_task_id text) RETURNS public.approval_requests
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_request public.approval_requests;
begin
  -- Of several gates the first that waits; of a task that ended because nobody decided, the one that was not decided.
  select r.* into v_request from public.approval_requests r join public.tasks t using (task_id)
  where r.task_id = p_task_id and (r.status in ('pending', 'approved') or (r.status = 'expired' and t.status = 'expired'))
    and not exists (select 1 from public.effects e where e.request_id = r.request_id and e.status <> 'void')
  order by r.status = 'expired', r.created_at desc limit 1;
  return v_request;
end
$$;

--
-- Name: FUNCTION _break_glass_request(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._break_glass_request(p_task_id text) IS 'What a break-glass for this task would be about; empty when nothing of it waits for people.';

--
-- Name: _break_glass_state(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_state() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('change_reference', c.reference, 'task_id', g.task_id, 'status', g.status, 'expires_at', g.expires_at, 'review_due_at', g.review_due_at, 'is_review_overdue', g.review_due_at <= clock_timestamp())
    from public.break_glasses g join public.changes c using (change_id) where g.reviewed_at is null
  );
end
$$;

--
-- Name: FUNCTION _break_glass_state(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._break_glass_state() IS 'The one break-glass that is open or waits for its review; null when there is none.';

--
-- Name: _break_glass_view(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._break_glass_view(p_change public.changes) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('task_id', r.task_id, 'goal', t.goal, 'reference', r.reference, 'tier', r.tier, 'action', r.action, 'target_chat_id', r.target_chat_id, 'checksum', p_change.payload ->> 'checksum',
      'unmet', coalesce((select jsonb_agg(i ->> 'detail') from jsonb_array_elements(public._verdict(r) -> 'items') i where not (i ->> 'is_met')::boolean), '[]'::jsonb),
      'has_expired', r.expires_at <= clock_timestamp(), 'status', g.status, 'opened_at', g.opened_at, 'expires_at', g.expires_at, 'ended_at', g.ended_at, 'void_reason', g.void_reason, 'waived_slot', g.waived_slot,
      'review_due_at', g.review_due_at, 'is_review_overdue', coalesce(g.reviewed_at is null and g.review_due_at <= clock_timestamp(), false), 'reviewed_at', g.reviewed_at,
      'reviewed_by', case when g.reviewed_by is not null then public._known_as(substr(g.reviewed_by, 4)) end, 'review', g.review,
      'veto_seconds', case when public._was_vetoed(p_change) then 0 else extract(epoch from public._veto_window(public._policy(p_change.policy_version)))::integer end,
      'was_vetoed', public._was_vetoed(p_change))
    from public.approval_requests r join public.tasks t using (task_id) left join public.break_glasses g on g.change_id = p_change.change_id where r.reference = p_change.payload ->> 'reference'
  );
end
$$;

--
-- Name: FUNCTION _break_glass_view(p_change public.changes); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._break_glass_view(p_change public.changes) IS 'What a break-glass is about and how far it came.';

--
-- Name: breakers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.breakers (
    name text NOT NULL,
    state text DEFAULT 'closed'::text NOT NULL,
    failures timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    last_code text,
    opened_at timestamp with time zone,
    opened_by text,
    probe_holder text,
    probe_until timestamp with time zone,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT breakers_name_form CHECK ((name ~ '^[a-z][a-z0-9_.:-]{0,99}$'::text)),
    CONSTRAINT breakers_one_probe_when_half_open CHECK ((((state = 'half_open'::text) = (probe_holder IS NOT NULL)) AND ((probe_holder IS NULL) = (probe_until IS NULL)))),
    CONSTRAINT breakers_opened_whole CHECK ((((state = 'closed'::text) = (opened_at IS NULL)) AND ((opened_at IS NULL) = (opened_by IS NULL)))),
    CONSTRAINT breakers_state_known CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])))
);

ALTER TABLE ONLY public.breakers FORCE ROW LEVEL SECURITY;

--
-- Name: _breaker_view(public.breakers); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._breaker_view(p_breaker public.breakers) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('name', p_breaker.name, 'state', p_breaker.state, 'failure_count', cardinality(p_breaker.failures), 'last_code', p_breaker.last_code, 'opened_at', p_breaker.opened_at,
    'opened_by', p_breaker.opened_by, 'retry_after_ms', case when p_breaker.state = 'closed' then 0
      else greatest(0, ceil(extract(epoch from coalesce(p_breaker.probe_until, p_breaker.opened_at + interval '120 seconds') - clock_timestamp()) * 1000))::bigint end);
end
$$;

--
-- Name: _call_level(timestamp with time zone, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._call_level(p_remind_at timestamp with time zone, p_escalate_at timestamp with time zone, p_warn_at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- After a standstill all of them may be due: people are called once, by the most urgent one.
  return case when p_warn_at <= clock_timestamp() then 3 when p_escalate_at <= clock_timestamp() then 2 when p_remind_at <= clock_timestamp() then 1 end;
end
$$;

--
-- Name: FUNCTION _call_level(p_remind_at timestamp with time zone, p_escalate_at timestamp with time zone, p_warn_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._call_level(p_remind_at timestamp with time zone, p_escalate_at timestamp with time zone, p_warn_at timestamp with time zone) IS 'Which call is due: 1 a reminder, 2 an escalation, 3 that the time is nearly over; null when none is.';

--
-- Name: _call_people(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._call_people() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_request public.approval_requests;
  v_change public.changes;
  v_level integer;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_request in
    select * from public.approval_requests where status = 'pending' and expires_at > clock_timestamp() and least(remind_at, escalate_at, warn_at) <= clock_timestamp() and not public._is_stopped(tier)
      and public._is_call_lost(public._call_level(remind_at, escalate_at, warn_at), called_level, called_at)
    order by shown_at limit 100 for update skip locked
  loop
    v_level := public._call_level(v_request.remind_at, v_request.escalate_at, v_request.warn_at);
    update public.approval_requests set called_level = v_level, called_at = clock_timestamp() where request_id = v_request.request_id;
    v_deliver := v_deliver || public._job('request.remind', v_request.request_id::text, v_level);
  end loop;
  -- A stop keeps nobody from a change, but from a break-glass.
  for v_change in
    select * from public.changes where status = 'pending' and expires_at > clock_timestamp() and least(remind_at, escalate_at, warn_at) <= clock_timestamp()
      and (kind <> 'break_glass' or not exists (select 1 from public.stop_switch where stopped_at is not null))
      and public._is_call_lost(public._call_level(remind_at, escalate_at, warn_at), called_level, called_at)
    order by created_at limit 100 for update skip locked
  loop
    v_level := public._call_level(v_change.remind_at, v_change.escalate_at, v_change.warn_at);
    update public.changes set called_level = v_level, called_at = clock_timestamp() where change_id = v_change.change_id;
    v_deliver := v_deliver || public._job('change.remind', v_change.change_id::text, v_level);
  end loop;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _call_people(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._call_people() IS 'The calls that are due about open requests and changes; each is nudged again until somebody says that it came through.';

--
-- Name: _call_times(jsonb, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._call_times(p_policy jsonb, p_from timestamp with time zone, p_expires_at timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  v_times jsonb := p_policy -> 'approval_times';
begin
  return jsonb_build_object(
    'remind_at', p_from + make_interval(secs => coalesce((v_times ->> 'remind_after')::integer, 300)),
    'escalate_at', p_from + make_interval(secs => coalesce((v_times ->> 'escalate_after')::integer, 900)),
    -- An hour before the end; of a short time its last fifth.
    'warn_at', p_expires_at - least(interval '1 hour', (p_expires_at - p_from) / 5));
end
$$;

--
-- Name: FUNCTION _call_times(p_policy jsonb, p_from timestamp with time zone, p_expires_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._call_times(p_policy jsonb, p_from timestamp with time zone, p_expires_at timestamp with time zone) IS 'When people are called about what was shown to them at one moment and expires at another.';

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
    halted_generation bigint DEFAULT 1 NOT NULL,
    resume_choice text,
    resume_reason text,
    drill_task_id text,
    CONSTRAINT stop_switch_choice_with_resume CHECK (((resume_choice IS NULL) = (resume_asked_by IS NULL))),
    CONSTRAINT stop_switch_halt_is_a_generation CHECK ((halted_generation <= generation)),
    CONSTRAINT stop_switch_has_one_row CHECK (is_only),
    CONSTRAINT stop_switch_resume_choice_known CHECK ((resume_choice = ANY (ARRAY['continue'::text, 'cancel'::text]))),
    CONSTRAINT stop_switch_resume_only_when_stopped CHECK (((resume_asked_by IS NULL) OR (stopped_at IS NOT NULL))),
    CONSTRAINT stop_switch_resume_whole CHECK (((resume_asked_by IS NULL) = (resume_asked_at IS NULL))),
    CONSTRAINT stop_switch_scope_known CHECK ((scope = ANY (ARRAY['effects'::text, 'all'::text]))),
    CONSTRAINT stop_switch_stopped_whole CHECK ((((stopped_at IS NULL) = (scope IS NULL)) AND ((stopped_at IS NULL) = (stopped_by IS NULL))))
);

ALTER TABLE ONLY public.stop_switch FORCE ROW LEVEL SECURITY;

--
-- Name: _cancel_held(public.stop_switch, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._cancel_held(p_switch public.stop_switch, p_reason text, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_task_id text;
  v_effect public.effects;
  v_task_ids jsonb := '[]'::jsonb;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- T0 and T1 harm nobody and go on, also after a stop of everything.
  for v_task_id in select w.task_id from public._list_waiting(p_switch.scope) w where w.risk_tier >= 'T2' order by w.task_id loop
    v_deliver := v_deliver || public._end_task(v_task_id, 'cancelled', 'cancelled',
      'held by the stop and cancelled when it was lifted' || coalesce(': ' || p_reason, ''), p_actor);
    v_task_ids := v_task_ids || to_jsonb(v_task_id);
    -- A grant that never left is worthless at once; one that is under way is settled as it ends.
    for v_effect in
      select * from public.effects e where e.task_id = v_task_id and e.status = 'granted' and not exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id) for update
    loop
      v_deliver := v_deliver || public._settle_orphan(v_effect);
    end loop;
  end loop;
  return jsonb_build_object('task_ids', v_task_ids, 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION _cancel_held(p_switch public.stop_switch, p_reason text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._cancel_held(p_switch public.stop_switch, p_reason text, p_actor text) IS 'Ends every T2/T3 task that the stop holds, with the reason.';

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
    change_id uuid,
    draft_checksum text,
    draft_document_checksum text,
    sent_at timestamp with time zone,
    incident_id uuid,
    run_id uuid,
    shown_mark text,
    stale_since timestamp with time zone,
    redraw_count integer DEFAULT 0 NOT NULL,
    is_settled boolean DEFAULT false NOT NULL,
    CONSTRAINT cards_approval_whole CHECK (((kind <> 'approval'::text) OR (step_id IS NOT NULL))),
    CONSTRAINT cards_change_whole CHECK (((kind <> 'change'::text) OR (change_id IS NOT NULL))),
    CONSTRAINT cards_doubt_whole CHECK (((kind <> 'doubt'::text) OR (effect_id IS NOT NULL))),
    CONSTRAINT cards_incident_whole CHECK (((kind <> 'incident'::text) OR (incident_id IS NOT NULL))),
    CONSTRAINT cards_kind_known CHECK ((kind = ANY (ARRAY['approval'::text, 'resume'::text, 'doubt'::text, 'change'::text, 'offer'::text, 'incident'::text, 'runbook'::text]))),
    CONSTRAINT cards_offer_whole CHECK (((kind <> 'offer'::text) OR ((draft_checksum IS NOT NULL) AND (draft_document_checksum IS NOT NULL)))),
    CONSTRAINT cards_resume_whole CHECK (((kind <> 'resume'::text) OR (generation IS NOT NULL))),
    CONSTRAINT cards_runbook_whole CHECK (((kind <> 'runbook'::text) OR (run_id IS NOT NULL))),
    CONSTRAINT cards_sent_as_a_message CHECK (((sent_at IS NULL) OR (message_id IS NOT NULL)))
);

ALTER TABLE ONLY public.cards FORCE ROW LEVEL SECURITY;

--
-- Name: _card_face(public.cards); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._card_face(p_card public.cards) RETURNS TABLE(mark text, is_over boolean, job text, id text)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  if p_card.kind = 'approval' then
    -- The version, how it stands, how many have decided, whether a stop holds it.
    return query select concat_ws('|', r.request_id, r.status, r.void_reason, case when t.ended_at is null then 'open' else t.status end, (select count(*) from public.approvals a where a.request_id = r.request_id),
        public._is_stopped(r.tier)), t.ended_at is not null, 'card.show', p_card.step_id
      from public.approval_requests r join public.tasks t using (task_id) where r.step_id = p_card.step_id order by r.version desc limit 1;
  elsif p_card.kind = 'doubt' then
    -- Each doubt about the same effect is about further tries.
    return query select concat_ws('|', e.status, (select count(*) from public.effect_attempts a where a.effect_id = e.effect_id), e.doubt_resend_by, e.outcome_note),
        e.status in ('done', 'failed', 'void'), 'doubt.show', e.effect_id::text
      from public.effects e where e.effect_id = p_card.effect_id;
  elsif p_card.kind = 'change' then
    return query select concat_ws('|', c.status, c.ended_at is not null, (select count(*) || '-' || count(d.voided_at) from public.change_decisions d where d.change_id = c.change_id), g.status,
        g.reviewed_at is not null, g.reviewed_at is null and g.review_due_at <= clock_timestamp()),
        c.status <> 'pending' and (c.status <> 'applied' or case c.kind when 'delegation' then c.ended_at is not null when 'break_glass' then g.status <> 'open' and g.reviewed_at is not null else true end), 'change.show', c.change_id::text
      from public.changes c left join public.break_glasses g using (change_id) where c.change_id = p_card.change_id;
  elsif p_card.kind = 'runbook' then
    -- A dry run that nobody ran in time cannot be run any more.
    return query select concat_ws('|', r.state, (select count(s.started_at) || '-' || count(s.ended_at) from public.runbook_steps s where s.run_id = r.run_id)),
        r.ended_at is not null or (r.state = 'proposed' and r.created_at < clock_timestamp() - interval '1 hour'), 'runbook.run', r.run_id::text
      from public.runbook_runs r where r.run_id = p_card.run_id;
  elsif p_card.kind = 'resume' then
    -- What was asked stays as it was asked; how it ended is all that is drawn from the rows.
    return query select public._resume_end(s), true, 'resume.show', p_card.generation::text
      from public.stops s where s.generation = p_card.generation and public._resume_end(s) is not null;
  end if;
end
$$;

--
-- Name: FUNCTION _card_face(p_card public.cards); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._card_face(p_card public.cards) IS 'What a card has to show, in short; whether that can change any more; and which job draws it. Nothing for cards that nobody looks after.';

--
-- Name: _card_view(public.cards, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._card_view(p_card public.cards, p_token text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('card_id', p_card.card_id, 'token', p_token, 'chat_id', p_card.chat_id, 'topic_id', p_card.topic_id, 'message_id', p_card.message_id,
    'mark', (select f.mark from public._card_face(p_card) f), 'shown_mark', p_card.shown_mark);
end
$$;

--
-- Name: FUNCTION _card_view(p_card public.cards, p_token text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._card_view(p_card public.cards, p_token text) IS 'A card for whoever draws it. Asked for in the statement that reads what is drawn: its mark is of the same moment.';

--
-- Name: _change_form_problem(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_form_problem(p_kind text, p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
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
$_$;

--
-- Name: _change_kind(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_kind(p_kind text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _change_kind(p_kind text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._change_kind(p_kind text) IS 'The rules of one kind of change; null for a kind that there is not.';

--
-- Name: _change_people_problem(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_people_problem(p_change public.changes) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: _change_preview(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_preview(p_kind text, p_payload jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _change_preview(p_kind text, p_payload jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._change_preview(p_kind text, p_payload jsonb) IS 'The people concerned as they are and as they would be: name, accounts, roles. {before, after}';

--
-- Name: _change_problem(text, jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_problem(p_kind text, p_payload jsonb, p_proposer uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _change_problem(p_kind text, p_payload jsonb, p_proposer uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._change_problem(p_kind text, p_payload jsonb, p_proposer uuid) IS 'Why this cannot be changed now, as a sentence; null when it can. Asked when it is proposed, and again before it is applied.';

--
-- Name: _change_refusal(public.changes, uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_refusal(p_change public.changes, p_person_id uuid, p_decision text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: _change_slot(public.changes, uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_slot(p_change public.changes, p_person_id uuid, p_as_role text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _change_slot(p_change public.changes, p_person_id uuid, p_as_role text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._change_slot(p_change public.changes, p_person_id uuid, p_as_role text) IS 'The slot of a change that this person would fill, or the code of why there is none.';

--
-- Name: _change_view(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._change_view(p_change_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _change_view(p_change_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._change_view(p_change_id uuid) IS 'Everything that the card of a change shows.';

--
-- Name: _changed(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._changed(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _changed(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._changed(p_task_id text) IS 'The task''s message is out of date; returns the nudge for it unless one is under way.';

--
-- Name: _check_code(uuid, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._check_code(p_person_id uuid, p_code text, p_actor text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_factor public.second_factors;
  v_now bigint := floor(extract(epoch from clock_timestamp()) / 30)::bigint;
  v_counter bigint;
  v_code text := regexp_replace(coalesce(p_code, ''), '\s', '', 'g');
begin
  select * into v_factor from public.second_factors where person_id = p_person_id for update;
  if v_factor.person_id is null then
    return 'not_enrolled';
  elsif v_factor.locked_until > clock_timestamp() then
    return 'locked';
  end if;
  -- A clock that is half a minute off is no stranger's.
  select c into v_counter from generate_series(v_now - 1, v_now + 1) c where public._one_time_code(v_factor.secret, c) = v_code order by c desc limit 1;
  if v_counter > v_factor.last_counter then
    update public.second_factors set last_counter = v_counter, failed_count = 0, locked_until = null where person_id = p_person_id;
    return null;
  end if;
  update public.second_factors set failed_count = case when failed_count >= 4 then 0 else failed_count + 1 end, locked_until = case when failed_count >= 4 then clock_timestamp() + interval '15 minutes' end
  where person_id = p_person_id returning * into v_factor;
  if v_factor.locked_until is not null then
    perform public._audit('system', p_actor, 'factor.lock', p_actor, null, jsonb_build_object('until', v_factor.locked_until));
    perform public._raise_incident('factor_locked', p_actor, 'warning', 'five wrong one-time codes: the second factor of an account is locked for 15 minutes', jsonb_build_object('account', p_actor));
    return 'locked';
  end if;
  return case when v_counter is null then 'wrong_code' else 'used_code' end;
end
$$;

--
-- Name: FUNCTION _check_code(p_person_id uuid, p_code text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._check_code(p_person_id uuid, p_code text, p_actor text) IS 'Null for a right code that was never taken before; else not_enrolled, locked, wrong_code or used_code. Five wrong ones lock it for 15 minutes.';

--
-- Name: _claimable_updates(integer, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._claimable_updates(p_limit integer, p_urgent_only boolean) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
declare
  v_window constant integer := 100;
  v_inbox_ids bigint[];
begin
  -- A plan made while the table was small would read all of it for good: along the indexes or not at all.
  if p_urgent_only then
    return array(
      select w.inbox_id from public.inbox w
      where w.status = 'pending' and w.is_urgent and (w.not_before is null or w.not_before <= clock_timestamp())
      order by w.is_urgent desc, w.inbox_id limit p_limit
    );
  end if;
  -- The first of each chat, the oldest first; nothing of a chat while another of it is being handled. Urgent ones go first and wait for nobody.
  select array_agg(x.inbox_id order by x.is_urgent desc, x.inbox_id) into v_inbox_ids from (
    select i.inbox_id, i.is_urgent
    from (select w.inbox_id, w.is_urgent, w.chat_key, w.place, w.not_before from public.inbox w where w.status = 'pending' order by w.is_urgent desc, w.inbox_id limit v_window) i
    where (i.not_before is null or i.not_before <= clock_timestamp()) and (i.is_urgent
      or not exists (select 1 from public.inbox o where o.chat_key = i.chat_key and not o.is_urgent and (o.status = 'processing' or (o.status = 'pending' and (o.place, o.inbox_id) < (i.place, i.inbox_id)))))
    order by i.is_urgent desc, i.inbox_id limit p_limit
  ) x;
  if coalesce(cardinality(v_inbox_ids), 0) >= p_limit or (select count(*) from (select 1 from public.inbox w where w.status = 'pending' limit v_window) x) < v_window then
    return coalesce(v_inbox_ids, '{}');
  end if;
  -- Some chats have so much waiting that those behind them are not in sight. One step along the index for each chat, however much waits there.
  return array(
    with recursive chats as (
      (select o.chat_key from public.inbox o where o.status in ('pending', 'processing') order by o.chat_key limit 1)
      union all
      select (select o.chat_key from public.inbox o where o.status in ('pending', 'processing') and o.chat_key > c.chat_key order by o.chat_key limit 1) from chats c where c.chat_key is not null
    )
    select x.inbox_id from (
      select u as inbox_id, true as is_found from unnest(v_inbox_ids) u
      union all
      select f.inbox_id, false from chats c
      cross join lateral (select i.inbox_id, i.not_before from public.inbox i where i.chat_key = c.chat_key and i.status in ('pending', 'processing') and i.status = 'pending' and not i.is_urgent order by i.place, i.inbox_id limit 1) f
      where (f.not_before is null or f.not_before <= clock_timestamp()) and f.inbox_id <> all (coalesce(v_inbox_ids, '{}'))
        and not exists (select 1 from public.inbox o where o.chat_key = c.chat_key and o.status = 'processing' and not o.is_urgent)
    ) x order by x.is_found desc, x.inbox_id limit p_limit
  );
end
$$;

--
-- Name: FUNCTION _claimable_updates(p_limit integer, p_urgent_only boolean); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._claimable_updates(p_limit integer, p_urgent_only boolean) IS 'The next updates that may be handled, as far as there is something to take: to look at all that waits would take longer than to handle it, when much does.';

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
-- Name: _close_incident(uuid, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._close_incident(p_incident_id uuid, p_actor text, p_resolution text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _close_incident(p_incident_id uuid, p_actor text, p_resolution text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._close_incident(p_incident_id uuid, p_actor text, p_resolution text) IS 'The one place where an incident ends. Whoever calls holds the chain `system` already.';

--
-- Name: _concerned(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._concerned(p_payload jsonb) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(array_agg(distinct i.person_id), '{}') from public.identities i
    where i.platform = 'telegram' and i.external_id::text in (p_payload ->> 'external_id', p_payload ->> 'other_external_id')
  );
end
$$;

--
-- Name: FUNCTION _concerned(p_payload jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._concerned(p_payload jsonb) IS 'The people whom a change is about: they decide nothing about it.';

--
-- Name: _delegated_by(uuid, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._delegated_by(p_person_id uuid, p_role text, p_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select public._name_of(d.delegated_by) from public.person_roles d
    where d.person_id = p_person_id and d.role = p_role and d.source = 'delegation' and d.granted_at <= p_at and d.expires_at > p_at and (d.revoked_at is null or d.revoked_at > p_at)
      and not exists (select 1 from public.person_roles o where o.person_id = p_person_id and o.role = 'owner' and p_role = 'operator' and o.source <> 'delegation' and o.granted_at <= p_at and (o.revoked_at is null or o.revoked_at > p_at))
    limit 1
  );
end
$$;

--
-- Name: FUNCTION _delegated_by(p_person_id uuid, p_role text, p_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._delegated_by(p_person_id uuid, p_role text, p_at timestamp with time zone) IS 'For whom this person stood in with this role at that moment; null when the role was their own.';

--
-- Name: _delegation_problem(jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._delegation_problem(p_payload jsonb, p_proposer uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: _demanded_slots(jsonb, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._demanded_slots(p_policy jsonb, p_tier text, p_verdict jsonb) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return public._slots(jsonb_build_object('approvals', jsonb_build_object(p_tier, public._demands(p_policy, p_tier, p_verdict))), p_tier);
end
$$;

--
-- Name: FUNCTION _demanded_slots(p_policy jsonb, p_tier text, p_verdict jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._demanded_slots(p_policy jsonb, p_tier text, p_verdict jsonb) IS 'The roles whose approval one delivery needs, one slot each.';

--
-- Name: _demands(jsonb, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._demands(p_policy jsonb, p_tier text, p_verdict jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _demands(p_policy jsonb, p_tier text, p_verdict jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._demands(p_policy jsonb, p_tier text, p_verdict jsonb) IS 'What a tier asks for one delivery: what the policy says, and, where the material seems to give orders to a model, what the next tier asks too: an operator below T2, the people and the critic''s bar of T3 for T2.';

--
-- Name: _denial_problem(text, text, bigint, bigint, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._denial_problem(p_task_id text, p_effect_kind text, p_chat_id bigint, p_topic_id bigint, p_artifact_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _denial_problem(p_task_id text, p_effect_kind text, p_chat_id bigint, p_topic_id bigint, p_artifact_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._denial_problem(p_task_id text, p_effect_kind text, p_chat_id bigint, p_topic_id bigint, p_artifact_id uuid) IS 'The rule that stands against what this task wants to do there, with its author and reason; null when none does. Without an artifact, by what was asked alone.';

--
-- Name: _describe_desync(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._describe_desync() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(string_agg(format('%s × %s (%s)', x.n, x.problem, x.tasks), '; ' order by x.problem), 'nothing is out of order')
    from (select f.problem, count(*) as n, (array_agg(distinct f.task_id))[1:3]::text as tasks from public._find_desync() f group by f.problem) x
  );
end
$$;

--
-- Name: _describe_failed_calls(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._describe_failed_calls(p_name text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_count integer := jsonb_array_length(public._list_failed_calls(p_name));
begin
  return case when v_count = 0 then 'no call failed in the last three days, so there is no file'
    else format('what was asked and what came back, masked, as a file: the newest failed calls, %s in all', v_count) end;
end
$$;

--
-- Name: _describe_out(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._describe_out() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select case when count(*) = 0 then 'nothing on stale sources is out' else format('out on stale sources, for people to look at: %s (%s)', count(*), array_to_string((array_agg(f.task_id order by f.task_id desc))[1:5], ', ')) end
    from public._find_stale() f where f.is_out);
end
$$;

--
-- Name: _describe_routes(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._describe_routes(p_engine text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(string_agg(format('%s: %s', x.agent, case when x.others = '' then 'has no other engine, its steps wait' else 'goes to ' || x.others end), '; ' order by x.agent), 'no agent uses it')
    from (
      select r.key as agent, coalesce((select string_agg(n.value, ', ' order by n.place) from jsonb_array_elements_text(r.value) with ordinality n (value, place) where lower(n.value) <> p_engine), '') as others
      from public.policies p cross join jsonb_each(p.document -> 'routing') r
      where p.in_force_at is not null and p.retired_at is null and exists (select 1 from jsonb_array_elements_text(r.value) n where lower(n) = p_engine)
    ) x
  );
end
$$;

--
-- Name: FUNCTION _describe_routes(p_engine text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._describe_routes(p_engine text) IS 'Where each agent that uses an engine goes while it is left alone.';

--
-- Name: _done(public.task_steps, text, text, numeric, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_key text := case when p_input_hash is null then p_step.idempotency_key else p_step.task_id || ':' || p_step.node_id || ':' || left(p_input_hash, 16) end;
  v_checksum text;
  v_prompt_checksum text;
begin
  if p_output_ref is not null then
    select checksum, prompt_checksum into v_checksum, v_prompt_checksum from public.artifacts where storage_ref = p_output_ref;
  end if;
  update public.task_steps set status = 'done', output_ref = coalesce(p_output_ref, output_ref), quality_score = coalesce(p_score, quality_score), idempotency_key = v_key,
    is_edited_by_person = false, waits_for = null, waits_since = null, ended_at = clock_timestamp(), worker = null, lease_expires_at = null, started_at = coalesce(started_at, clock_timestamp())
  where step_id = p_step.step_id;
  perform public._event(p_step.task_id, 'STEP_DONE', p_step.step_id, p_step.agent_name,
    jsonb_strip_nulls(jsonb_build_object('node_id', p_step.node_id, 'inputs_ref', p_step.input_ref, 'outputs_ref', p_output_ref, 'quality_score', p_score)) || p_payload,
    coalesce(v_key, p_step.task_id || ':' || p_step.node_id) || ':done:' || p_step.fence);
  perform public._audit(p_step.task_id, case when p_step.kind = 'approve' then 'system' else 'agent:' || p_step.agent_name end, 'step.complete', p_step.step_id,
    jsonb_build_object('status', p_step.status), jsonb_strip_nulls(jsonb_build_object('status', 'done', 'output_ref', p_output_ref, 'quality_score', p_score,
      'output_checksum', v_checksum, 'prompt_checksum', v_prompt_checksum)) || p_payload);
end
$$;

--
-- Name: FUNCTION _done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) IS 'Ends a step well, with its event and its record; what was made from an earlier input is known by its hash.';

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
  update public.effects set status = 'in_doubt', outcome_note = left(p_note, 500), doubt_resend_by = null, doubt_resend_slot = null where effect_id = p_effect.effect_id;
  update public.task_steps set status = 'ready', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = p_effect.step_id and status = 'running';
  update public.tasks set status = 'held', held_reason = 'in_doubt' where task_id = p_effect.task_id and ended_at is null;
  perform public._audit(p_effect.task_id, 'system', 'effect.doubt', p_effect.effect_id::text, jsonb_build_object('status', p_effect.status), jsonb_build_object('status', 'in_doubt', 'note', left(p_note, 500)));
  perform public._raise_incident('effect_in_doubt', p_effect.effect_id::text, 'critical', format('nobody knows whether a %s arrived', p_effect.kind),
    jsonb_build_object('effect_id', p_effect.effect_id, 'effect_kind', p_effect.kind, 'tier', p_effect.tier), p_effect.task_id, p_effect.step_id);
  return jsonb_build_object('next', null, 'deliver', public._job('doubt.show', p_effect.effect_id::text, p_effect.fence) || public._changed(p_effect.task_id));
end
$$;

--
-- Name: FUNCTION _doubt(p_effect public.effects, p_note text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._doubt(p_effect public.effects, p_note text) IS 'It left, and nobody knows whether it arrived: the task is held and people are asked.';

--
-- Name: policy_drafts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.policy_drafts (
    checksum text NOT NULL,
    document_checksum text NOT NULL,
    source text NOT NULL,
    document jsonb NOT NULL,
    is_offered boolean DEFAULT false NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    backtest jsonb,
    CONSTRAINT policy_drafts_checksum_form CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT policy_drafts_document_checksum_form CHECK ((document_checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT policy_drafts_source_bounded CHECK ((octet_length(source) <= 262144))
);

ALTER TABLE ONLY public.policy_drafts FORCE ROW LEVEL SECURITY;

--
-- Name: _draft_of(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._draft_of(p_payload jsonb) RETURNS public.policy_drafts
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_draft public.policy_drafts;
begin
  select * into v_draft from public.policy_drafts where checksum = p_payload ->> 'checksum' and document_checksum = p_payload ->> 'document_checksum';
  return v_draft;
end
$$;

--
-- Name: _draft_view(public.policy_drafts); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._draft_view(p_draft public.policy_drafts) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return case when p_draft.checksum is not null then jsonb_build_object('checksum', p_draft.checksum, 'document_checksum', p_draft.document_checksum, 'source', p_draft.source, 'document', p_draft.document,
    'created_by', p_draft.created_by, 'created_at', p_draft.created_at, 'backtest', p_draft.backtest) end;
end
$$;

--
-- Name: _drill_due_at(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._drill_due_at() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_rules jsonb := public._drill_rules();
  v_last public.stop_drills;
begin
  select * into v_last from public.stop_drills where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  return case
    when v_last.outcome = 'passed' then v_last.started_at + make_interval(secs => (v_rules ->> 'every')::integer)
    -- What failed is tried again soon: it may hold by now, and T3 may wait for it.
    when v_last.outcome = 'failed' then v_last.started_at + least(make_interval(secs => (v_rules ->> 'every')::integer), interval '1 hour')
    else (v_rules ->> 'since')::timestamptz + make_interval(secs => (v_rules ->> 'every')::integer) end;
end
$$;

--
-- Name: FUNCTION _drill_due_at(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._drill_due_at() IS 'When the next drill is due by the policy in force.';

--
-- Name: _drill_problem(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._drill_problem() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_last public.stop_drills;
  v_due_at timestamptz;
begin
  select * into v_last from public.stop_drills where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  if v_last.outcome = 'failed' then
    return format('the drill of the emergency stop of %s UTC failed: %s', to_char(v_last.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), v_last.evidence ->> 'summary');
  end if;
  v_due_at := public._drill_due_at();
  -- Under a stop nothing is drilled, and nothing needs to be.
  if v_due_at < clock_timestamp() - interval '1 hour' and not exists (select 1 from public.stop_switch where stopped_at is not null) then
    return format('the drill of the emergency stop is overdue since %s UTC', to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'));
  end if;
  return null;
end
$$;

--
-- Name: FUNCTION _drill_problem(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._drill_problem() IS 'What is wrong with the drills: the last one failed, or the next one is more than an hour late; null when nothing is.';

--
-- Name: _drill_rules(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._drill_rules() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('every', coalesce((document -> 'drills' ->> 'every')::integer, 604800), 'within', coalesce((document -> 'drills' ->> 'within')::integer, 5),
      'freeze_t3', coalesce((document -> 'drills' ->> 'freeze_t3')::boolean, false), 'since', (select min(in_force_at) from public.policies))
    from public.policies where in_force_at is not null and retired_at is null
  );
end
$$;

--
-- Name: FUNCTION _drill_rules(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._drill_rules() IS 'How often (seconds), how fast (seconds), and what follows: from the policy in force. Null before there is one.';

--
-- Name: stop_drills; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stop_drills (
    drill_id uuid DEFAULT gen_random_uuid() NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    chat_id bigint,
    topic_id bigint,
    message_id bigint,
    worker text,
    task_id text,
    started_at timestamp with time zone,
    raised_at timestamp with time zone,
    generation bigint,
    refused_at timestamp with time zone,
    ended_at timestamp with time zone,
    seconds_to_halt numeric(10,3),
    workers jsonb DEFAULT '[]'::jsonb NOT NULL,
    outcome text DEFAULT 'asked'::text NOT NULL,
    evidence jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT stop_drills_ended_when_over CHECK (((ended_at IS NOT NULL) = (outcome = ANY (ARRAY['passed'::text, 'failed'::text, 'overtaken'::text])))),
    CONSTRAINT stop_drills_measured_when_passed CHECK (((outcome <> 'passed'::text) OR (seconds_to_halt IS NOT NULL))),
    CONSTRAINT stop_drills_outcome_known CHECK ((outcome = ANY (ARRAY['asked'::text, 'running'::text, 'passed'::text, 'failed'::text, 'overtaken'::text]))),
    CONSTRAINT stop_drills_started_when_running CHECK (((outcome = ANY (ARRAY['asked'::text, 'overtaken'::text])) OR ((started_at IS NOT NULL) AND (task_id IS NOT NULL))))
);

ALTER TABLE ONLY public.stop_drills FORCE ROW LEVEL SECURITY;

--
-- Name: _drill_view(public.stop_drills); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._drill_view(p_drill public.stop_drills) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('drill_id', p_drill.drill_id, 'asked_by', p_drill.asked_by, 'asked_at', p_drill.asked_at, 'chat_id', p_drill.chat_id, 'topic_id', p_drill.topic_id, 'message_id', p_drill.message_id,
    'started_at', p_drill.started_at, 'ended_at', p_drill.ended_at, 'seconds_to_halt', p_drill.seconds_to_halt, 'outcome', p_drill.outcome, 'workers', p_drill.workers, 'summary', p_drill.evidence ->> 'summary');
end
$$;

--
-- Name: _drop_all_lost_decisions(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._drop_all_lost_decisions() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: _drop_lost_decisions(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._drop_lost_decisions(p_change public.changes) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _drop_lost_decisions(p_change public.changes); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._drop_lost_decisions(p_change public.changes) IS 'The approvals of people who have lost the role since then: they stay written down and count no longer.';

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
      'target_chat_id', p_effect.target_chat_id, 'target_topic_id', p_effect.target_topic_id, 'outcome_note', p_effect.outcome_note, 'sent_again_by', p_effect.sent_again_by, 'resend_asked_by', public._name_of(p_effect.doubt_resend_by),
      'staged', coalesce((select jsonb_agg(jsonb_build_object('part', s.part, 'chat_id', s.chat_id, 'topic_id', s.topic_id, 'message_id', s.message_id) order by s.part) from public.staged_parts s where s.request_id = p_effect.request_id), '[]'),
      'attempts', coalesce((select jsonb_agg(jsonb_build_object('attempt_id', a.attempt_id, 'part', a.part, 'attempt', a.attempt, 'status', a.status, 'started_at', a.started_at, 'settled_at', a.settled_at,
        'chat_id', a.chat_id, 'topic_id', a.topic_id, 'message_id', a.message_id, 'error', a.error) order by a.part, a.attempt) from public.effect_attempts a where a.effect_id = p_effect.effect_id), '[]'))
  );
end
$$;

--
-- Name: break_glasses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.break_glasses (
    break_glass_id uuid DEFAULT gen_random_uuid() NOT NULL,
    change_id uuid NOT NULL,
    task_id text NOT NULL,
    request_id uuid NOT NULL,
    artifact_checksum text NOT NULL,
    waived_slot text,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone DEFAULT (clock_timestamp() + '00:15:00'::interval) NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    ended_at timestamp with time zone,
    void_reason text,
    review_due_at timestamp with time zone DEFAULT (clock_timestamp() + '24:00:00'::interval) NOT NULL,
    review_reminded_at timestamp with time zone,
    reviewed_at timestamp with time zone,
    reviewed_by text,
    review text,
    CONSTRAINT break_glasses_ended_at_when_ended CHECK (((ended_at IS NULL) = (status = 'open'::text))),
    CONSTRAINT break_glasses_reason_when_void CHECK (((void_reason IS NOT NULL) = (status = 'void'::text))),
    CONSTRAINT break_glasses_review_whole CHECK ((((reviewed_at IS NULL) = (reviewed_by IS NULL)) AND ((reviewed_at IS NULL) = (review IS NULL)) AND (length(btrim(review)) > 0))),
    CONSTRAINT break_glasses_reviewed_after_end CHECK (((reviewed_at IS NULL) OR (status <> 'open'::text))),
    CONSTRAINT break_glasses_status_known CHECK ((status = ANY (ARRAY['open'::text, 'used'::text, 'expired'::text, 'void'::text]))),
    CONSTRAINT break_glasses_waived_slot_known CHECK ((waived_slot = ANY (ARRAY['operator'::text, 'owner'::text])))
);

ALTER TABLE ONLY public.break_glasses FORCE ROW LEVEL SECURITY;

--
-- Name: _end_break_glass(public.break_glasses, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_break_glass(p_glass public.break_glasses, p_status text, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_change public.changes;
begin
  select * into v_change from public.changes where change_id = p_glass.change_id;
  update public.break_glasses set status = p_status, ended_at = clock_timestamp(), void_reason = case when p_status = 'void' then p_reason end where break_glass_id = p_glass.break_glass_id;
  update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = p_glass.change_id;
  perform public._audit_break_glass(v_change, 'system', case p_status when 'void' then 'void' else 'expire' end, jsonb_build_object('reason', p_reason));
  perform public._event(p_glass.task_id, 'BREAK_GLASS', null, null, jsonb_build_object('reference', v_change.reference, 'state', p_status), v_change.reference || ':over');
  return public._show_change(p_glass.change_id);
end
$$;

--
-- Name: _end_change(public.changes, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_change(p_change public.changes, p_status text, p_actor text, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _end_change(p_change public.changes, p_status text, p_actor text, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._end_change(p_change public.changes, p_status text, p_actor text, p_reason text) IS 'A change that does not come about: rejected, expired or void.';

--
-- Name: _end_comparison(public.runbook_runs, public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_comparison(p_run public.runbook_runs, p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_wrong integer := coalesce((p_step.data ->> 'wrong_count')::integer, 0);
  v_missing integer := coalesce((p_step.data ->> 'missing_count')::integer, 0);
  v_names text := (select string_agg(n, ', ') from jsonb_array_elements_text(coalesce(p_step.data -> 'named', '[]'::jsonb)) n);
begin
  if v_wrong + v_missing > 0 then
    perform public._raise_incident('row_tampered', 'storage', case when v_wrong > 0 then 'critical' else 'warning' end,
      format('of the stored artifacts %s do not match their checksums and %s are gone', v_wrong, v_missing), jsonb_build_object('run_id', p_run.run_id, 'wrong', v_wrong, 'missing', v_missing, 'named', v_names));
  end if;
  return jsonb_build_object('text', format('%s artifacts compared: ', coalesce((p_step.data ->> 'checked')::integer, 0)) || case when v_wrong + v_missing = 0 then 'each as its checksum says'
    else format('%s are not what they were, %s are gone: %s', v_wrong, v_missing, v_names) end);
end
$$;

--
-- Name: _end_drill(public.stop_drills, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_drill(p_drill public.stop_drills, p_outcome text, p_evidence jsonb) RETURNS public.stop_drills
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_drill public.stop_drills;
  v_content text;
begin
  update public.stop_switch set drill_task_id = null where drill_task_id is not distinct from p_drill.task_id;
  if p_drill.task_id is not null then
    perform public._end_dummy(p_drill.task_id, 'a drill of the emergency stop');
  end if;
  update public.stop_drills set outcome = p_outcome, ended_at = clock_timestamp(), evidence = evidence || p_evidence where drill_id = p_drill.drill_id returning * into v_drill;
  if v_drill.task_id is not null then
    v_content := (public._drill_view(v_drill) || jsonb_build_object('generation', v_drill.generation, 'evidence', v_drill.evidence))::text;
    perform public._store_artifact(v_drill.task_id, null, jsonb_build_object('name', 'stop-drill.json', 'type', 'drill', 'content', v_content, 'content_type', 'application/json',
      'checksum', encode(sha256(convert_to(v_content, 'UTF8')), 'hex')), 'system');
  end if;
  perform public._event(null, 'STOP_DRILLED', null, null, jsonb_build_object('outcome', p_outcome, 'generation', coalesce(v_drill.generation, 0), 'seconds_to_halt', v_drill.seconds_to_halt), 'drill:' || v_drill.drill_id || ':end');
  perform public._audit('system', 'system', 'drill.end', 'drill:' || v_drill.drill_id, jsonb_build_object('outcome', p_drill.outcome), jsonb_build_object('outcome', p_outcome, 'generation', v_drill.generation,
    'seconds_to_halt', v_drill.seconds_to_halt, 'workers', v_drill.workers, 'evidence', v_drill.evidence));
  if p_outcome = 'failed' then
    perform public._raise_incident('stop_drill', 'stop', 'critical', 'a drill of the emergency stop failed: ' || coalesce(v_drill.evidence ->> 'summary', ''),
      jsonb_build_object('drill_id', v_drill.drill_id, 'is_t3_frozen', coalesce((public._drill_rules() ->> 'freeze_t3')::boolean, false)));
  end if;
  return v_drill;
end
$$;

--
-- Name: _end_due_delegations(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_due_delegations() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _end_due_delegations(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._end_due_delegations() IS 'Delegations whose time is over. Until then an approval that was given under one may still be let out; new decisions are measured by the clock.';

--
-- Name: _end_dummy(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_dummy(p_task_id text, p_what text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  -- Its effect has no way out but the gate, and nobody sends it: whatever its tries say, nothing is in doubt.
  update public.effect_attempts a set status = 'void', settled_at = clock_timestamp(), error = 'a dummy is never sent' from public.effects e where e.effect_id = a.effect_id and e.task_id = p_task_id and a.status = 'started';
  update public.effects set status = 'void', settled_at = clock_timestamp(), outcome_note = 'the dummy of ' || p_what where task_id = p_task_id and status = 'granted';
  perform public._end_task(p_task_id, 'cancelled', 'cancelled', 'the dummy of ' || p_what, 'system');
end
$$;

--
-- Name: fallback_checks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.fallback_checks (
    check_id uuid DEFAULT gen_random_uuid() NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    chat_id bigint,
    topic_id bigint,
    message_id bigint,
    worker text,
    task_id text,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    outcome text DEFAULT 'asked'::text NOT NULL,
    results jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT fallback_checks_ended_when_over CHECK (((ended_at IS NOT NULL) = (outcome = ANY (ARRAY['passed'::text, 'failed'::text])))),
    CONSTRAINT fallback_checks_outcome_known CHECK ((outcome = ANY (ARRAY['asked'::text, 'running'::text, 'passed'::text, 'failed'::text]))),
    CONSTRAINT fallback_checks_started_when_running CHECK (((outcome = 'asked'::text) OR ((started_at IS NOT NULL) AND (task_id IS NOT NULL) AND (worker IS NOT NULL))))
);

ALTER TABLE ONLY public.fallback_checks FORCE ROW LEVEL SECURITY;

--
-- Name: _end_fallback_check(public.fallback_checks, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_fallback_check(p_check public.fallback_checks, p_results jsonb) RETURNS public.fallback_checks
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_check public.fallback_checks;
  v_content text := jsonb_pretty(p_results);
  v_problem text;
begin
  perform public._store_artifact(p_check.task_id, null, jsonb_build_object('name', 'fallback-check.json', 'type', 'drill', 'content', v_content, 'content_type', 'application/json',
    'checksum', encode(sha256(convert_to(v_content, 'UTF8')), 'hex')), 'system');
  perform public._end_dummy(p_check.task_id, 'a check of the fallbacks');
  update public.fallback_checks set results = p_results, ended_at = clock_timestamp(), outcome = case when exists (select 1 from jsonb_array_elements(p_results) r where r ->> 'outcome' = 'failed') then 'failed' else 'passed' end
  where check_id = p_check.check_id returning * into v_check;
  perform public._audit('system', 'system', 'fallbacks.end', 'fallbacks:' || v_check.check_id, null, jsonb_build_object('outcome', v_check.outcome, 'results', p_results, 'task_id', p_check.task_id));
  v_problem := public._fallback_problem();
  if v_problem is not null then
    perform public._raise_incident('fallback_check', 'fallbacks', 'warning', v_problem, jsonb_build_object('check_id', v_check.check_id), v_check.task_id);
  end if;
  return v_check;
end
$$;

--
-- Name: _end_orphaned_delegations(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_orphaned_delegations(p_actor text, p_change_id uuid) RETURNS uuid[]
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: _end_task(text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_before text;
  v_reopened integer;
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
  -- A task that was reopened ends once more.
  select count(*) into v_reopened from public.events where task_id = p_task_id and type = 'TASK_REOPENED';
  perform public._event(p_task_id, 'TASK_ENDED', null, null, jsonb_strip_nulls(jsonb_build_object('status', p_status, 'code', p_code)), p_task_id || ':end' || case when v_reopened > 0 then ':' || v_reopened else '' end);
  return public._changed(p_task_id) || public._redraw_cards(p_task_id);
end
$$;

--
-- Name: FUNCTION _end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) IS 'The one place where a task ends, whichever way.';

--
-- Name: _engine_of(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._engine_of(p_breaker text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return substr(p_breaker, length('engine:') + 1);
end
$$;

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
    seq bigint NOT NULL,
    streamed_at timestamp with time zone,
    CONSTRAINT events_type_form CHECK ((type ~ '^[A-Z_]+$'::text))
);

ALTER TABLE ONLY public.events FORCE ROW LEVEL SECURITY;

--
-- Name: _envelope(public.events); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._envelope(p_event public.events) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('schema_version', p_event.schema_version, 'event_id', p_event.event_id, 'event_type', p_event.type, 'task_id', p_event.task_id, 'agent', p_event.agent,
    'ts', p_event.ts, 'payload', p_event.payload_json, 'idempotency_key', p_event.idempotency_key);
end
$$;

--
-- Name: FUNCTION _envelope(p_event public.events); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._envelope(p_event public.events) IS 'An event as other programs get it; schemas/events describes it.';

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
  perform public._raise_incident('update_dead', 'inbox', 'warning', 'an update could not be handled', jsonb_build_object('inbox_id', p_inbox_id));
end
$$;

--
-- Name: _evidence(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._evidence(p_kind text, p_row jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('kind', p_kind) || p_row;
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
-- Name: _factor_refusal(text, integer, text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._factor_refusal(p_subject text, p_policy_version integer, p_tier text, p_person_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return case
    when not public._needs_factor(p_policy_version, p_tier, p_person_id) then null
    when not exists (select 1 from public.second_factors where person_id = p_person_id and confirmed_at is not null) then 'not_enrolled'
    when not exists (select 1 from public.factor_passes where subject = p_subject and person_id = p_person_id and used_at is null and checked_at > clock_timestamp() - interval '1 minute') then 'factor_needed' end;
end
$$;

--
-- Name: FUNCTION _factor_refusal(p_subject text, p_policy_version integer, p_tier text, p_person_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._factor_refusal(p_subject text, p_policy_version integer, p_tier text, p_person_id uuid) IS 'The one question of everything that people decide with yes: not_enrolled or factor_needed, null when no code is asked for or a fresh one is there. To stop and to say no never asks it.';

--
-- Name: _factor_reset_problem(jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._factor_reset_problem(p_payload jsonb, p_proposer uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
begin
  return case
    when v_person_id is distinct from p_proposer then 'everybody asks for their own second factor to be taken back'
    when not exists (select 1 from public.second_factors where person_id = v_person_id and confirmed_at is not null) then 'there is no second factor to take back: /enrol makes one' end;
end
$$;

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

--
-- Name: _fallback_check_due_at(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._fallback_check_due_at() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_rules jsonb := public._drill_rules();
  v_every interval := make_interval(secs => (v_rules ->> 'every')::integer);
  v_last public.fallback_checks;
begin
  select * into v_last from public.fallback_checks where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  return case v_last.outcome when 'passed' then v_last.started_at + v_every when 'failed' then v_last.started_at + least(v_every, interval '1 hour') else (v_rules ->> 'since')::timestamptz + v_every end;
end
$$;

--
-- Name: FUNCTION _fallback_check_due_at(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._fallback_check_due_at() IS 'When the fallbacks are tried next: as often as the stop is drilled; after a check that failed within the hour.';

--
-- Name: _fallback_check_view(public.fallback_checks); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._fallback_check_view(p_check public.fallback_checks) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('check_id', p_check.check_id, 'chat_id', p_check.chat_id, 'topic_id', p_check.topic_id, 'message_id', p_check.message_id, 'task_id', p_check.task_id,
    'outcome', p_check.outcome, 'results', p_check.results);
end
$$;

--
-- Name: _fallback_problem(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._fallback_problem() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_last public.fallback_checks;
  v_due_at timestamptz := public._fallback_check_due_at();
begin
  select * into v_last from public.fallback_checks where outcome in ('passed', 'failed') order by asked_at desc limit 1;
  if v_last.outcome = 'failed' then
    return 'a fallback did not work when it was tried: ' || (select string_agg(r ->> 'fallback', ', ') from jsonb_array_elements(v_last.results) r where r ->> 'outcome' = 'failed');
  elsif v_due_at < clock_timestamp() - interval '1 hour' and not exists (select 1 from public.stop_switch where stopped_at is not null) then
    return format('the check of the fallbacks is overdue since %s UTC', to_char(v_due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'));
  end if;
  return null;
end
$$;

--
-- Name: FUNCTION _fallback_problem(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._fallback_problem() IS 'What is wrong with the fallbacks: the last check failed, or the next one is more than an hour late; null when nothing is.';

--
-- Name: _find_change(text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._find_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: _find_desync(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._find_desync() RETURNS TABLE(problem text, task_id text, step_id text, is_for_people boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return query
    with open_tasks as (
      select t.task_id,
        -- What people were asked about, or what has left, is not put together anew behind their backs.
        exists (select 1 from public.effects e where e.task_id = t.task_id and e.status <> 'void') or exists (
          select 1 from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending', 'approved')) as is_for_people
      from public.tasks t where t.status in ('planning', 'running', 'awaiting_approval')
    ), steps as (
      select s.*, o.is_for_people, not exists (
        select 1 from public.task_steps p where p.task_id = s.task_id and p.node_id = any (s.after) and p.status not in ('done', 'skipped')) as is_free
      from public.task_steps s join open_tasks o using (task_id)
    )
    select 'lost_output', s.task_id, s.step_id, s.is_for_people from steps s
    where s.kind = 'work' and s.status = 'done' and not exists (select 1 from public.artifacts a where a.storage_ref = s.output_ref)
    union all
    select 'too_early', s.task_id, s.step_id, s.is_for_people from steps s where s.kind in ('work', 'critic') and s.status in ('ready', 'running') and not s.is_free
    union all
    select 'stuck', s.task_id, s.step_id, s.is_for_people from steps s where s.kind in ('work', 'critic') and s.status = 'pending' and s.is_free
    union all
    select 'event_twice', e.task_id, min(e.step_id), true from public.events e
    -- What Telegram asked to wait for is granted anew each time; what was reopened ends once more.
    where e.ts > clock_timestamp() - interval '7 days' and e.type in ('TASK_CREATED', 'TASK_ENDED', 'PUBLISH_OK')
    group by e.task_id, e.type, e.payload_json ->> 'effect_id'
    having count(*) > 1 + case when e.type = 'TASK_ENDED' then (select count(*) from public.events r where r.task_id = e.task_id and r.type = 'TASK_REOPENED') else 0 end
    union all
    select 'sent_twice', e.task_id, e.step_id, true from public.effects e join public.effect_attempts a using (effect_id)
    where e.granted_at > clock_timestamp() - interval '7 days' and a.status = 'done' group by e.effect_id, e.task_id, e.step_id, a.part having count(*) > 1;
end
$$;

--
-- Name: FUNCTION _find_desync(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._find_desync() IS 'Steps whose output is gone, that run before what they come after, or that nobody makes ready; events and parts that are there twice.';

--
-- Name: _find_request(text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) IS 'From a reference, or from a button on its own card''s message, to the request.';

--
-- Name: _find_stale(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._find_stale() RETURNS TABLE(task_id text, is_open boolean, is_asked boolean, is_out boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return query
    select t.task_id, cardinality(public._open_subjects(t.task_id)) > 0,
      exists (select 1 from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending', 'approved')),
      exists (select 1 from public.effects e where e.task_id = t.task_id and e.status <> 'void')
    from public.tasks t
    where t.source <> 'drill' and (t.ended_at is null or t.ended_at > clock_timestamp() - interval '7 days')
      and exists (select 1 from public.stale_retrievals m where m.task_id = t.task_id and m.redone_at is null);
end
$$;

--
-- Name: FUNCTION _find_stale(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._find_stale() IS 'Tasks whose sources are stale: unfinished ones, and those of seven days of which something is out.';

--
-- Name: _find_standing_troubles(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._find_standing_troubles() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _find_standing_troubles(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._find_standing_troubles() IS 'Looks at the rows for troubles that are states: a drill that failed or is late, anchors that cannot be kept, requests that nobody can approve.';

--
-- Name: _fits_change_slot(text, text, text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._fits_change_slot(p_kind text, p_slot text, p_roles text[]) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  -- An owner may do what an operator may.
  return p_slot = any (p_roles) or (p_slot = 'operator'
    and ('owner' = any (p_roles) or (cardinality(p_roles) > 0 and coalesce((public._change_kind(p_kind) ->> 'any_role_is_second')::boolean, false))));
end
$$;

--
-- Name: FUNCTION _fits_change_slot(p_kind text, p_slot text, p_roles text[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._fits_change_slot(p_kind text, p_slot text, p_roles text[]) IS 'Whether somebody with these roles may fill that slot of such a change.';

--
-- Name: _fitting_slots(public.approval_requests, uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._fitting_slots(p_request public.approval_requests, p_person_id uuid, p_as_role text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _fitting_slots(p_request public.approval_requests, p_person_id uuid, p_as_role text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._fitting_slots(p_request public.approval_requests, p_person_id uuid, p_as_role text) IS 'The slots that this person may fill, whoever fills them now: {code, slots}, the first one first.';

--
-- Name: _forget_failed_calls(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._forget_failed_calls() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  -- Longer than a weekend, so that whoever looks at it on Monday finds something. What somebody else is taking away is left to them.
  delete from public.failed_calls where call_id in (select call_id from public.failed_calls where ts < clock_timestamp() - interval '3 days' for update skip locked);
end
$$;

--
-- Name: _freeze_problem(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._freeze_problem(p_tier text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return case when p_tier = 'T3' and (public._drill_rules() ->> 'freeze_t3')::boolean then
    (select 'T3 is frozen until a drill passes: ' || p from public._drill_problem() p where p is not null) end;
end
$$;

--
-- Name: FUNCTION _freeze_problem(p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._freeze_problem(p_tier text) IS 'Why a tier is frozen by the policy in force; null when it is not.';

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
-- Name: _give_canary(public.runbook_runs); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._give_canary(p_run public.runbook_runs) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_goal text := 'Canary after a tool failure: answer in one short sentence that you work.';
  v_input text := jsonb_build_object('goal', v_goal, 'vault', '{}'::jsonb, 'context', '[]'::jsonb, 'attachments', '[]'::jsonb)::text;
begin
  return public.create_task('telegram', 'runbook:' || p_run.run_id, p_run.started_by, substr(p_run.started_by, 4)::bigint, v_goal,
    jsonb_build_object('name', 'input.json', 'type', 'input', 'content_type', 'application/json', 'checksum', encode(sha256(convert_to(v_input, 'UTF8')), 'hex'), 'size_bytes', octet_length(v_input), 'content', v_input),
    p_run.chat_id, p_run.topic_id, (select message_id from public.cards where run_id = p_run.run_id and kind = 'runbook'));
end
$$;

--
-- Name: _glass_lacks(public.changes, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._glass_lacks(p_change public.changes, p_second uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_request public.approval_requests;
begin
  select * into v_request from public.approval_requests where reference = p_change.payload ->> 'reference';
  return jsonb_array_length(public._glass_people(v_request, p_change.proposed_by, p_second) -> 'missing') > 0;
end
$$;

--
-- Name: FUNCTION _glass_lacks(p_change public.changes, p_second uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._glass_lacks(p_change public.changes, p_second uuid) IS 'Whether a slot would stay empty with this second person: they asked for the task, or have approved it already.';

--
-- Name: _glass_people(public.approval_requests, uuid, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._glass_people(p_request public.approval_requests, p_first uuid, p_second uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_separation text := public._separation(public._policy(p_request.policy_version), p_request.tier);
  v_missing text[];
  v_slot text;
  v_person_id uuid;
  v_others uuid[];
  v_fills jsonb := '{}'::jsonb;
begin
  v_missing := array(select s from unnest(p_request.slots) s
    where not exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_request.artifact_checksum and a.role = s));
  v_others := array(select b.person_id from public.approvals a cross join lateral unnest(public._behind(null, a.person_id, a.role, a.ts)) b (person_id)
    where a.request_id = p_request.request_id and a.decision = 'approve' and a.artifact_checksum = p_request.artifact_checksum);
  foreach v_person_id in array array[p_first, p_second] loop
    continue when v_person_id is null or exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.person_id = v_person_id);
    -- The role is waived for the second person alone. That nobody approves what they asked for themselves is not.
    -- Whoever stands in for somebody is that one too; the second person may do so with any role, as for the operator's slot of this change.
    select s into v_slot from unnest(v_missing) s
    cross join lateral (select case when v_person_id = p_second then public._behind('break_glass', v_person_id, 'operator', clock_timestamp()) else public._behind(null, v_person_id, s, clock_timestamp()) end as people) b
    where (v_separation = 'any' or (v_separation = 'operator' and s = 'operator') or (p_request.requester_person_id = any (b.people)) is not true)
      and not b.people && v_others
      and (v_person_id = p_second or public._fits_change_slot('role_grant', s, public._roles_of(v_person_id)))
    order by public._fits_change_slot('role_grant', s, public._roles_of(v_person_id)) desc, s = 'owner' desc limit 1;
    if v_slot is not null then
      v_fills := v_fills || jsonb_build_object(v_person_id::text, v_slot);
      v_missing := array_remove(v_missing, v_slot);
    end if;
  end loop;
  return jsonb_build_object('fills', v_fills, 'missing', to_jsonb(v_missing));
end
$$;

--
-- Name: FUNCTION _glass_people(p_request public.approval_requests, p_first uuid, p_second uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._glass_people(p_request public.approval_requests, p_first uuid, p_second uuid) IS 'Which empty slot each of the two would fill, and which would stay empty. One person never fills two.';

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
  v_slots text[];
  v_reasons text[] := '{}'::text[];
  v_people integer;
begin
  select * into v_critic from public.task_steps where task_id = p_step.task_id and kind = 'critic' and subject_node = p_step.subject_node;
  v_slots := public._demanded_slots(v_policy, p_task.risk_tier, v_critic.verdict);
  if p_task.status <> 'running' and p_task.status <> 'awaiting_approval' then
    v_reasons := v_reasons || 'task_not_running'::text;
  end if;
  if v_critic.status is distinct from 'done'
    or not (coalesce((v_critic.verdict ->> 'passed')::boolean, false) or (public._has_break_glass(p_request.request_id) and not coalesce((v_critic.verdict ->> 'has_veto')::boolean, true)))
    or v_critic.verdict ->> 'post_checksum' is distinct from p_checksum then
    v_reasons := v_reasons || 'critic'::text;
  end if;
  if (v_critic.verdict ->> 'part_count')::integer is distinct from p_part_count then
    v_reasons := v_reasons || 'parts'::text;
  end if;
  if p_step.target_chat_id is distinct from p_chat_id or p_step.target_topic_id is distinct from p_topic_id then
    v_reasons := v_reasons || 'target'::text;
  end if;
  if public._freeze_problem(p_task.risk_tier) is not null then
    v_reasons := v_reasons || 'frozen'::text;
  end if;
  if exists (select 1 from public.chat_moves where chat_id = p_chat_id) then
    v_reasons := v_reasons || 'chat_moved'::text;
  end if;
  if public._is_break_glass_over(p_request.request_id) then
    v_reasons := v_reasons || 'break_glass_over'::text;
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
        and exists (select 1 from public.person_roles r where r.person_id = a.person_id and r.revoked_at is null
          and (r.role = a.role or (r.role = 'owner' and a.role = 'operator') or a.break_glass_id is not null));
      if v_people < cardinality(array_remove(p_request.slots, public._waived_slot(p_request.request_id))) or p_request.slots is distinct from v_slots
        or exists (select 1 from public.approvals a where a.request_id = p_request.request_id and a.decision = 'reject')
        -- Two people of whom one stood in for the other are none.
        or exists (select 1 from public.approvals a join public.approvals b on b.request_id = a.request_id and b.person_id > a.person_id and b.decision = 'approve'
          where a.request_id = p_request.request_id and a.decision = 'approve' and public._behind_approval(a) && public._behind_approval(b)) then
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
  -- While people are asked whether it landed, nobody is at it.
  if exists (select 1 from public.effects where step_id = p_step_id and status = 'in_doubt') then
    return null;
  end if;
  -- The dummy of a drill is its worker's alone.
  if v_task.task_id is null or v_task.source = 'drill' or v_task.status not in ('planning', 'running', 'awaiting_approval') or public._is_stopped(coalesce(v_task.risk_tier, 'T0')) then
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
-- Name: _has_break_glass(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._has_break_glass(p_request_id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return exists (select 1 from public.break_glasses g join public.approval_requests r using (request_id)
    where g.request_id = p_request_id and g.status in ('open', 'used') and g.artifact_checksum = r.artifact_checksum);
end
$$;

--
-- Name: FUNCTION _has_break_glass(p_request_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._has_break_glass(p_request_id uuid) IS 'Whether this request stands under a break-glass, be it still open or used; what it waives is the critic''s threshold, never a red flag.';

--
-- Name: _hash_words(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._hash_words(p_text text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return encode(sha256(convert_to(lower(regexp_replace(btrim(p_text), '\s+', ' ', 'g')), 'UTF8')), 'hex');
end
$$;

--
-- Name: FUNCTION _hash_words(p_text text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._hash_words(p_text text) IS 'The same for texts that differ in case and spaces alone.';

--
-- Name: _held_by_stop(public.stop_switch); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._held_by_stop(p_switch public.stop_switch) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_tasks jsonb;
  v_unsent jsonb;
begin
  -- What would go out at once comes first: approved, and only the stop in its way.
  select coalesce(jsonb_agg(jsonb_build_object('task_id', x.task_id, 'tier', x.risk_tier, 'status', x.status, 'goal', left(x.goal, 200), 'leaves_at_once', x.leaves_at_once)
    order by x.leaves_at_once desc, x.risk_tier desc, x.task_id), '[]'::jsonb) into v_tasks
  from (
    select w.task_id, w.risk_tier, w.status, w.goal, exists (select 1 from public.task_steps s where s.task_id = w.task_id and s.kind = 'effect' and s.status in ('ready', 'running')) as leaves_at_once
    from public._list_waiting(p_switch.scope) w
  ) x;
  select coalesce(jsonb_agg(jsonb_build_object('task_id', e.task_id, 'kind', e.kind, 'tier', e.tier, 'target_chat_id', e.target_chat_id) order by e.granted_at), '[]'::jsonb) into v_unsent
  from public.effects e
  where e.status = 'granted' and (e.tier >= 'T2' or p_switch.scope = 'all') and not exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id);
  return jsonb_build_object(
    'tasks', (select coalesce(jsonb_agg(t order by place), '[]'::jsonb) from jsonb_array_elements(v_tasks) with ordinality x (t, place) where place <= 10),
    'task_count', jsonb_array_length(v_tasks),
    'leaving_count', (select count(*) from jsonb_array_elements(v_tasks) t where (t ->> 'leaves_at_once')::boolean),
    'cancellable_count', (select count(*) from jsonb_array_elements(v_tasks) t where t ->> 'tier' >= 'T2'),
    'unsent', v_unsent,
    'steps_ready', (select count(*) from public.task_steps s join public._list_waiting(p_switch.scope) w using (task_id) where s.status = 'ready'),
    'cards_to_show', (select count(*) from public.approval_requests r join public._list_waiting(p_switch.scope) w using (task_id) where r.status = 'staging'));
end
$$;

--
-- Name: FUNCTION _held_by_stop(p_switch public.stop_switch); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._held_by_stop(p_switch public.stop_switch) IS 'What goes on when the stop is lifted: tasks (the first ten, those that send at once before the others), grants that never left, and the queues.';

--
-- Name: _hmac_sha1(bytea, bytea); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._hmac_sha1(p_key bytea, p_message bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  v_key bytea := case when length(p_key) > 64 then public._sha1(p_key) else p_key end;
  v_inner bytea := decode(repeat('36', 64), 'hex');
  v_outer bytea := decode(repeat('5c', 64), 'hex');
begin
  for i in 0 .. length(v_key) - 1 loop
    v_inner := set_byte(v_inner, i, get_byte(v_inner, i) # get_byte(v_key, i));
    v_outer := set_byte(v_outer, i, get_byte(v_outer, i) # get_byte(v_key, i));
  end loop;
  return public._sha1(v_outer || public._sha1(v_inner || p_message));
end
$$;

--
-- Name: FUNCTION _hmac_sha1(p_key bytea, p_message bytea); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._hmac_sha1(p_key bytea, p_message bytea) IS 'RFC 2104.';

--
-- Name: _hold_payer(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._hold_payer(p_payer text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  insert into public.payers (payer) values (p_payer) on conflict (payer) do nothing;
  perform 1 from public.payers where payer = p_payer for update;
end
$$;

--
-- Name: _hold_person(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._hold_person(p_external_id bigint) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid;
begin
  -- A role that is being taken away, or an account that is being linked, is waited for; and waits for this transaction.
  select person_id into v_person_id from public.identities where platform = 'telegram' and external_id = p_external_id for key share;
  return v_person_id;
end
$$;

--
-- Name: FUNCTION _hold_person(p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._hold_person(p_external_id bigint) IS 'The person behind a numeric id, whose roles then stay as they are until the transaction ends.';

--
-- Name: _incident_runbook(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._incident_runbook(p_kind text, p_key text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return case when p_kind = 'breaker_open' and p_key = 'telegram' then null when p_kind = 'breaker_open' and p_key = 'search' then 'memory-drift' else case p_kind when 'effect_in_doubt' then 'desync' when 'step_quarantined' then 'tool-failure' when 'breaker_open' then 'tool-failure' when 'effect_parked' then 'tool-failure' end end;
end
$$;

--
-- Name: FUNCTION _incident_runbook(p_kind text, p_key text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._incident_runbook(p_kind text, p_key text) IS 'The runbook that helps with a kind of incident, or with what it is about; null when none does.';

--
-- Name: incidents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.incidents (
    incident_id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    fingerprint text NOT NULL,
    severity text NOT NULL,
    title text NOT NULL,
    evidence jsonb DEFAULT '{}'::jsonb NOT NULL,
    task_ids text[] DEFAULT '{}'::text[] NOT NULL,
    occurrence_count integer DEFAULT 1 NOT NULL,
    first_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    acked_by text,
    acked_at timestamp with time zone,
    muted_by text,
    muted_until timestamp with time zone,
    resolved_by text,
    resolved_at timestamp with time zone,
    resolution text,
    runbook text,
    change_seq bigint DEFAULT 1 NOT NULL,
    shown_seq bigint DEFAULT 0 NOT NULL,
    shown_at timestamp with time zone,
    nudged_at timestamp with time zone,
    CONSTRAINT incidents_acked_whole CHECK ((((acked_by IS NULL) = (acked_at IS NULL)) AND ((state <> 'acked'::text) OR (acked_by IS NOT NULL)))),
    CONSTRAINT incidents_fingerprint_bounded CHECK (((length(fingerprint) >= 1) AND (length(fingerprint) <= 300))),
    CONSTRAINT incidents_kind_known CHECK ((kind = ANY (ARRAY['step_quarantined'::text, 'effect_in_doubt'::text, 'update_dead'::text, 'stop_drill'::text, 'anchor_unkept'::text, 'audit_broken'::text, 'row_tampered'::text, 'chat_moved'::text, 'token_conflict'::text, 'budget_day'::text, 'nobody_approves'::text, 'breaker_open'::text, 'review_overdue'::text, 'factor_locked'::text, 'fallback_check'::text, 'effect_parked'::text, 'prompts_changed'::text, 'chat_shut'::text]))),
    CONSTRAINT incidents_muted_until_when_muted CHECK ((((muted_until IS NOT NULL) = (state = 'muted'::text)) AND ((muted_by IS NOT NULL) = (state = 'muted'::text)))),
    CONSTRAINT incidents_occurred CHECK ((occurrence_count > 0)),
    CONSTRAINT incidents_resolution_bounded CHECK ((length(resolution) <= 500)),
    CONSTRAINT incidents_resolved_whole CHECK ((((resolved_at IS NOT NULL) = (state = 'resolved'::text)) AND ((resolved_by IS NOT NULL) = (state = 'resolved'::text)) AND ((resolution IS NOT NULL) = (state = 'resolved'::text)))),
    CONSTRAINT incidents_severity_known CHECK ((severity = ANY (ARRAY['warning'::text, 'critical'::text]))),
    CONSTRAINT incidents_state_known CHECK ((state = ANY (ARRAY['open'::text, 'acked'::text, 'muted'::text, 'resolved'::text]))),
    CONSTRAINT incidents_title_bounded CHECK (((length(title) >= 1) AND (length(title) <= 300)))
);

ALTER TABLE ONLY public.incidents FORCE ROW LEVEL SECURITY;

--
-- Name: _incident_view(public.incidents); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._incident_view(p_incident public.incidents) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return to_jsonb(p_incident) - array['nudged_at', 'shown_at', 'fingerprint'] || jsonb_build_object('acked_by_name', public._known_as(substr(p_incident.acked_by, 4)),
    'muted_by_name', public._known_as(substr(p_incident.muted_by, 4)), 'resolved_by_name', case when p_incident.resolved_by like 'tg:%' then public._known_as(substr(p_incident.resolved_by, 4)) end);
end
$$;

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

COMMENT ON FUNCTION public._insert_human_gate(p_critic public.task_steps) IS 'A tier that people do not approve gets a gate all the same once the critic has refused, or the material raised what is asked.';

--
-- Name: _is_alike(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_alike(p_one text, p_other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _is_alike(p_one text, p_other text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_alike(p_one text, p_other text) IS 'Whether one text reads like the other with some words changed.';

--
-- Name: _is_allowed(jsonb, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_allowed(p_policy jsonb, p_agent text, p_action text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return coalesce(p_policy -> 'agent_actions' -> p_agent ? p_action, false);
end
$$;

--
-- Name: FUNCTION _is_allowed(p_policy jsonb, p_agent text, p_action text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_allowed(p_policy jsonb, p_agent text, p_action text) IS 'Whether the policy gives this action to this agent: by exact names, and what is not named is not allowed.';

--
-- Name: _is_amount(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_amount(p_value jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $_$
begin
  -- A text of plain decimals: a JSON number may have been a float on its way here.
  return coalesce(jsonb_typeof(p_value) = 'string' and p_value #>> '{}' ~ '^(0|[1-9][0-9]{0,11})(\.[0-9]{1,8})?$' and (p_value #>> '{}')::numeric > 0, false);
end
$_$;

--
-- Name: FUNCTION _is_amount(p_value jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_amount(p_value jsonb) IS 'A decimal above zero, as text: at most 12 digits before the point and 8 after it.';

--
-- Name: _is_break_glass_over(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_break_glass_over(p_request_id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return exists (select 1 from public.break_glasses g where g.request_id = p_request_id and (g.status in ('expired', 'void') or g.expires_at <= clock_timestamp()
    or not public._has_break_glass(p_request_id)));
end
$$;

--
-- Name: FUNCTION _is_break_glass_over(p_request_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_break_glass_over(p_request_id uuid) IS 'Whether this request was approved under a break-glass that lets nothing out any more: its 15 minutes are over, or the bytes are others.';

--
-- Name: _is_call_lost(integer, integer, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_call_lost(p_level integer, p_called_level integer, p_called_at timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return p_level > coalesce(p_called_level, 0) or p_called_at < clock_timestamp() - interval '45 seconds';
end
$$;

--
-- Name: FUNCTION _is_call_lost(p_level integer, p_called_level integer, p_called_at timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_call_lost(p_level integer, p_called_level integer, p_called_at timestamp with time zone) IS 'Whether a call that is due has to be nudged: nobody was, or whoever was has said nothing since.';

--
-- Name: _is_chat_waited_for(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_chat_waited_for(p_chat_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return exists (select 1 from public.task_steps s join public.tasks t using (task_id)
    where s.kind = 'effect' and s.status in ('ready', 'running') and s.waits_for = 'access:' || p_chat_id and t.ended_at is null);
end
$$;

--
-- Name: FUNCTION _is_chat_waited_for(p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_chat_waited_for(p_chat_id bigint) IS 'Whether something waits for the right to write to a chat.';

--
-- Name: _is_frozen_chat(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_frozen_chat(p_chat_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return exists (select 1 from public.chat_moves where chat_id = p_chat_id and confirmed_at is null);
end
$$;

--
-- Name: FUNCTION _is_frozen_chat(p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_frozen_chat(p_chat_id bigint) IS 'Whether a group has moved and nobody has confirmed where to.';

--
-- Name: _is_halted(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_halted(p_tier text, p_task_id text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select (stopped_at is not null and (scope = 'all' or p_tier >= 'T2')) or coalesce(drill_task_id = p_task_id, false) from public.stop_switch);
end
$$;

--
-- Name: FUNCTION _is_halted(p_tier text, p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_halted(p_tier text, p_task_id text) IS 'Whether the gate is closed for this task: by a stop, or by the drill that this task is the dummy of.';

--
-- Name: _is_incident_over(public.incidents); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_incident_over(p_incident public.incidents) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _is_incident_over(p_incident public.incidents); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_incident_over(p_incident public.incidents) IS 'Whether the cause has ended by itself; of the kinds that are not named only people can say.';

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
-- Name: _is_money(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_money(p_kind text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return coalesce(p_kind in ('payment', 'withdrawal', 'trade'), false);
end
$$;

--
-- Name: _is_raised(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_raised(p_verdict jsonb) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return case when jsonb_typeof(p_verdict -> 'injection') = 'array' then jsonb_array_length(p_verdict -> 'injection') > 0 else false end;
end
$$;

--
-- Name: FUNCTION _is_raised(p_verdict jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_raised(p_verdict jsonb) IS 'Whether the material behind a critic''s verdict seemed to give orders to a model.';

--
-- Name: _is_stale(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._is_stale(p_use jsonb, p_caps jsonb) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- The loss of yesterday says nothing about today's.
  return coalesce((p_use ->> 'taken_at')::timestamptz < clock_timestamp() - make_interval(secs => (p_caps ->> 'age_seconds')::integer)
    or ((p_use ->> 'taken_at')::timestamptz at time zone 'UTC')::date <> (clock_timestamp() at time zone 'UTC')::date, true);
end
$$;

--
-- Name: FUNCTION _is_stale(p_use jsonb, p_caps jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._is_stale(p_use jsonb, p_caps jsonb) IS 'Whether the numbers of an account are too old to trade by; those that nobody ever got are.';

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
  return jsonb_build_array(jsonb_build_object('job', p_job, 'id', p_id, 'seq', p_seq, 'delay_ms', greatest(p_delay_ms, 0)));
end
$$;

--
-- Name: FUNCTION _job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint) IS 'One nudge for the queue, as a list of one. Ids only.';

--
-- Name: _join_approvals(uuid, uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._join_approvals(p_person_id uuid, p_other_id uuid, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _join_approvals(p_person_id uuid, p_other_id uuid, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._join_approvals(p_person_id uuid, p_other_id uuid, p_actor text) IS 'Every task that one of the two accounts asked for, and every approval of what may still go on, is that one person''s; a request that both had approved is asked anew.';

--
-- Name: _joining_action(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._joining_action(p_policy jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return coalesce((select a from unnest(array['DRAFT_REPLY', 'SUMMARIZE']) a where public._is_allowed(p_policy, 'communicator', a) order by public._tier_of(p_policy, a), a limit 1), 'DRAFT_REPLY');
end
$$;

--
-- Name: FUNCTION _joining_action(p_policy jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._joining_action(p_policy jsonb) IS 'By which action the communicator joins what a plan leaves without one text: of those that write, the one in the lowest tier.';

--
-- Name: _judge_again(public.task_steps, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._judge_again(p_critic public.task_steps, p_policy jsonb, p_tier text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _judge_again(p_critic public.task_steps, p_policy jsonb, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._judge_again(p_critic public.task_steps, p_policy jsonb, p_tier text) IS 'The same points by the bar of another policy.';

--
-- Name: _keep_draft(text, jsonb, text, text, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._keep_draft(p_source text, p_document jsonb, p_checksum text, p_actor text, p_is_offered boolean) RETURNS public.policy_drafts
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _keep_draft(p_source text, p_document jsonb, p_checksum text, p_actor text, p_is_offered boolean); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._keep_draft(p_source text, p_document jsonb, p_checksum text, p_actor text, p_is_offered boolean) IS 'Keeps the text and the document of a policy that may be proposed; the same one again is the same draft.';

--
-- Name: _keep_retrieval(public.tasks, text, uuid[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._keep_retrieval(p_task public.tasks, p_query text, p_artifact_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_entry_id bigint;
begin
  if coalesce(cardinality(p_artifact_ids), 0) = 0 then
    return;
  end if;
  -- The same answer again within a minute is not worth a write.
  insert into public.retrieval_cache as c (chat_id, goal_hash, query_hash, artifact_ids)
  values (p_task.chat_id, public._hash_words(p_task.goal), public._hash_words(p_query), p_artifact_ids)
  on conflict on constraint retrieval_cache_one_per_question do update set goal_hash = excluded.goal_hash, artifact_ids = excluded.artifact_ids, found_at = excluded.found_at
  where c.artifact_ids <> excluded.artifact_ids or c.found_at < excluded.found_at - interval '1 minute' returning c.entry_id into v_entry_id;
  -- Bounded: every twentieth clears up. Rows that somebody else writes just now are left to the next one.
  if v_entry_id % 20 = 0 then
    delete from public.retrieval_cache where entry_id in (
      select x.entry_id from public.retrieval_cache x where x.found_at < clock_timestamp() - interval '24 hours'
        or x.entry_id in (select o.entry_id from public.retrieval_cache o order by o.found_at desc offset 500) for update skip locked);
  end if;
end
$$;

--
-- Name: FUNCTION _keep_retrieval(p_task public.tasks, p_query text, p_artifact_ids uuid[]); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._keep_retrieval(p_task public.tasks, p_query text, p_artifact_ids uuid[]) IS 'The one writer of the cache: the newest answer to a question of a chat; some 500 in all, for a day.';

--
-- Name: _known_as(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._known_as(p_external_id text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select coalesce((select public._name_of(i.person_id) from public.identities i where i.platform = 'telegram' and i.external_id::text = p_external_id), 'tg:' || p_external_id));
end
$$;

--
-- Name: _land(public.effects, public.task_steps, text, text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_next jsonb;
begin
  perform public._note_landed(p_effect, p_note, p_actor);
  perform public._done(p_step, null, (select storage_ref from public.artifacts where task_id = p_effect.task_id and checksum = p_effect.artifact_checksum and type = 'post' order by created_at desc limit 1), null,
    jsonb_build_object('effect_id', p_effect.effect_id, 'effect_kind', p_effect.kind));
  if p_effect.sent_again_by is null then
    return public._advance(p_effect.task_id, p_worker, p_lease_seconds);
  end if;
  -- The card on which people had it sent again says how that ended.
  v_next := public._advance(p_effect.task_id, p_worker, p_lease_seconds);
  return v_next || jsonb_build_object('deliver', (v_next -> 'deliver') || public._job('doubt.show', p_effect.effect_id::text, p_effect.fence));
end
$$;

--
-- Name: _lift_hold(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._lift_hold(p_task_id text, p_settled_effect_id uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_deliver jsonb := '[]'::jsonb;
begin
  if exists (select 1 from public.effects where task_id = p_task_id and status = 'in_doubt' and effect_id is distinct from p_settled_effect_id) then
    update public.tasks set status = 'held', held_reason = 'in_doubt' where task_id = p_task_id and ended_at is null;
    return v_deliver;
  end if;
  update public.tasks set status = 'running', held_reason = null where task_id = p_task_id and ended_at is null;
  -- What became ready while the task was held was nudged in vain.
  with freed as (
    update public.task_steps set wake_seq = wake_seq + 1, woken_at = clock_timestamp()
    where step_id in (select step_id from public.task_steps where task_id = p_task_id and status = 'ready' and (not_before is null or not_before <= clock_timestamp())
      and not exists (select 1 from public.effects e where e.step_id = public.task_steps.step_id and e.status = 'in_doubt') order by step_id for update)
    returning step_id, wake_seq
  )
  select coalesce(jsonb_agg(public._job('step.run', step_id, wake_seq) -> 0), '[]'::jsonb) into v_deliver from freed;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _lift_hold(p_task_id text, p_settled_effect_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._lift_hold(p_task_id text, p_settled_effect_id uuid) IS 'A task goes on, unless another of its effects than the one that is being settled is in doubt: one answer says nothing about the other. Answers with the nudges for what is ready.';

--
-- Name: _limit_refusal(text, jsonb, jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._limit_refusal(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_problem text;
begin
  if not public._is_money(p_kind) then
    return null;
  end if;
  v_problem := public._order_problem(p_kind, p_order);
  if v_problem is not null then
    return public._over_limit('order', p_kind, null, null, null, null, null, true, v_problem);
  end if;
  return case when p_kind = 'trade' then public._trade_refusal(p_order, p_policy -> 'limits' -> 'trading', p_except) else public._payment_refusal(p_order, p_policy -> 'limits' -> 'payments', p_except) end;
end
$$;

--
-- Name: FUNCTION _limit_refusal(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._limit_refusal(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) IS 'What the limits say to an order: asked before people are, shown on the card, and asked by the gate. The effect itself does not count against itself.';

--
-- Name: _limits_under(jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._limits_under(p_policy jsonb, p_break_glass_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  if p_break_glass_id is null then
    return p_policy;
  end if;
  -- Half of what the policy allows to leave in a time, and of what it allows to move at once.
  return p_policy || jsonb_build_object(
    'rates', (select coalesce(jsonb_object_agg(r.key, case when r.key like 'effects\_%' then r.value || jsonb_build_object('max', greatest((r.value ->> 'max')::integer / 2, 1)) else r.value end), '{}'::jsonb)
      from jsonb_each(coalesce(p_policy -> 'rates', '{}'::jsonb)) r),
    'limits', coalesce(p_policy -> 'limits', '{}'::jsonb) || jsonb_build_object(
      'payments', coalesce(p_policy -> 'limits' -> 'payments', '{}'::jsonb) || (
        select coalesce(jsonb_object_agg(l.key, (l.value::numeric / 2)::text), '{}'::jsonb) from jsonb_each_text(p_policy -> 'limits' -> 'payments') l where l.key in ('max_single_tx_usdt', 'max_day_usdt')),
      'trading', coalesce(p_policy -> 'limits' -> 'trading', '{}'::jsonb) || (
        select coalesce(jsonb_object_agg(l.key, case l.key when 'max_positions' then to_jsonb(l.value::integer / 2) else to_jsonb(l.value::numeric / 2) end), '{}'::jsonb)
        from jsonb_each_text(p_policy -> 'limits' -> 'trading') l where l.key in ('max_positions', 'max_daily_loss_pct', 'max_drawdown_pct'))));
end
$$;

--
-- Name: FUNCTION _limits_under(p_policy jsonb, p_break_glass_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._limits_under(p_policy jsonb, p_break_glass_id uuid) IS 'The policy''s limits as they hold for an effect: all of them, or half of them under a break-glass.';

--
-- Name: _link_accounts_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._link_accounts_problem(p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: _list_break_glasses(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_break_glasses(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('change_reference', c.reference, 'status', g.status, 'opened_at', g.opened_at, 'expires_at', g.expires_at, 'opened_by', public._known_as(substr(c.proposer, 4)),
      'reason', c.reason, 'review_due_at', g.review_due_at, 'reviewed_at', g.reviewed_at) order by g.opened_at), '[]'::jsonb)
    from public.break_glasses g join public.changes c using (change_id) where g.task_id = p_task_id
  );
end
$$;

--
-- Name: _list_delegations(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_delegations() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('name', public._name_of(r.person_id), 'role', r.role, 'delegated_by', public._name_of(r.delegated_by), 'expires_at', r.expires_at) order by r.expires_at, r.role), '[]'::jsonb)
    from public.person_roles r where r.revoked_at is null and r.expires_at > clock_timestamp()
  );
end
$$;

--
-- Name: _list_failed_calls(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_failed_calls(p_name text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('ts', f.ts, 'code', f.code, 'elapsed_ms', f.elapsed_ms, 'request', f.request, 'status', f.status, 'answer', f.answer) order by f.call_id desc), '[]'::jsonb)
    from public.failed_calls f where f.name = p_name and f.ts > clock_timestamp() - interval '3 days');
end
$$;

--
-- Name: _list_lost_runs(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_lost_runs() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_deliver jsonb;
begin
  with lost as (
    -- What somebody is at just now is not lost.
    update public.runbook_runs set next_at = clock_timestamp()
    where run_id in (select run_id from public.runbook_runs where state = 'running' and next_at < clock_timestamp() - interval '15 seconds' for update skip locked) returning run_id
  )
  select coalesce(jsonb_agg(public._job('runbook.run', run_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]'::jsonb) into v_deliver from lost;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _list_lost_runs(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._list_lost_runs() IS 'Runs whose next step is due and whose nudge was lost.';

--
-- Name: _list_open_incidents(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_open_incidents() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('kind', x.kind, 'severity', x.severity, 'title', x.title, 'state', x.state, 'occurrence_count', x.occurrence_count, 'first_seen_at', x.first_seen_at) order by x.severity, x.first_seen_at), '[]'::jsonb)
    from (select * from public.incidents where state <> 'resolved' order by severity, first_seen_at limit 10) x
  );
end
$$;

--
-- Name: FUNCTION _list_open_incidents(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._list_open_incidents() IS 'The first ten open incidents, critical ones before warnings.';

--
-- Name: _list_parked(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_parked() RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('task_id', x.task_id, 'kind', x.kind, 'breaker', x.breaker, 'parked_at', x.parked_at) order by x.parked_at), '[]'::jsonb)
    from (select p.task_id, e.kind, p.breaker, p.parked_at from public.parked_effects p join public.effects e using (effect_id) where p.ended_at is null order by p.parked_at limit 20) x
  );
end
$$;

--
-- Name: FUNCTION _list_parked(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._list_parked() IS 'The oldest twenty that wait for the other side.';

--
-- Name: _list_waiting(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._list_waiting(p_scope text) RETURNS SETOF public.tasks
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return query select * from public.tasks where status in ('planning', 'running', 'awaiting_approval') and (risk_tier >= 'T2' or p_scope = 'all') and source <> 'drill';
end
$$;

--
-- Name: FUNCTION _list_waiting(p_scope text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._list_waiting(p_scope text) IS 'The tasks that a stop of this scope holds.';

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
-- Name: _lock_doubt(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._lock_doubt(p_attempt_id uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_effect public.effects;
begin
  select e.* into v_effect from public.effects e join public.effect_attempts a using (effect_id) where a.attempt_id = p_attempt_id;
  if v_effect.status is distinct from 'in_doubt' then
    return false;
  end if;
  -- As whoever answers the doubt does, and in the same order: only one of the two finds it open.
  perform 1 from public.stop_switch for share;
  perform 1 from public.tasks where task_id = v_effect.task_id for update;
  select * into v_effect from public.effects where effect_id = v_effect.effect_id for update;
  return v_effect.status = 'in_doubt';
end
$$;

--
-- Name: FUNCTION _lock_doubt(p_attempt_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._lock_doubt(p_attempt_id uuid) IS 'Whether the effect of this try is in doubt, and if so held for whoever settles it.';

--
-- Name: _lock_people(uuid[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._lock_people(p_people uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform 1 from public.identities where person_id = any (p_people) order by external_id for update;
end
$$;

--
-- Name: _may_have_moved(public.effects); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._may_have_moved(p_effect public.effects) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- Cancelled in doubt, or failed after a part of it: it counts until it is certain that nothing of it left.
  return p_effect.status in ('granted', 'in_doubt', 'done')
    or exists (select 1 from public.effect_attempts a where a.effect_id = p_effect.effect_id and a.status in ('started', 'done', 'in_doubt'));
end
$$;

--
-- Name: FUNCTION _may_have_moved(p_effect public.effects); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._may_have_moved(p_effect public.effects) IS 'Whether an effect uses up limits: everything but what certainly did not happen.';

--
-- Name: _missing_checks(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._missing_checks(p_payer text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return array(
    select i from unnest(array['identity', 'sanctions', 'political_exposure', 'source_of_funds']) i
    where not coalesce((
      select c.outcome = 'passed' and c.valid_until > clock_timestamp() from public.payer_checks c where c.payer = p_payer and c.item = i order by c.check_id desc limit 1), false));
end
$$;

--
-- Name: FUNCTION _missing_checks(p_payer text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._missing_checks(p_payer text) IS 'The items of a payer''s checklist that nobody has checked, that failed, or that are out of date.';

--
-- Name: _move_problem(public.tasks, public.policies, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._move_problem(p_task public.tasks, p_policy public.policies, p_tier text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _move_problem(p_task public.tasks, p_policy public.policies, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._move_problem(p_task public.tasks, p_policy public.policies, p_tier text) IS 'Why a task cannot go on under another policy; null when it can.';

--
-- Name: _move_task(public.tasks, public.policies, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._move_task(p_task public.tasks, p_policy public.policies, p_tier text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _move_task(p_task public.tasks, p_policy public.policies, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._move_task(p_task public.tasks, p_policy public.policies, p_tier text) IS 'What is left of a task goes on under another policy: tier, gates and the critic''s bar are those of the new one.';

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
-- Name: _needs_factor(integer, text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._needs_factor(p_policy_version integer, p_tier text, p_person_id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_rule jsonb := public._policy(p_policy_version) -> 'second_factor';
begin
  return coalesce(v_rule -> 'tiers' ? p_tier, false) and exists (select 1 from unnest(public._roles_of(p_person_id)) r where v_rule -> 'roles' ? r);
end
$$;

--
-- Name: FUNCTION _needs_factor(p_policy_version integer, p_tier text, p_person_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._needs_factor(p_policy_version integer, p_tier text, p_person_id uuid) IS 'Whether the policy asks this person for a second factor here: by any role they hold, whichever slot they fill.';

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
    exit when not exists (select 1 from public.approval_requests where reference = v_reference) and not exists (select 1 from public.changes where reference = v_reference);
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
-- Name: _offered(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._offered() RETURNS public.policy_drafts
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_draft public.policy_drafts;
begin
  select d.* into v_draft from public.policy_drafts d where d.is_offered and not exists (select 1 from public.policies p where p.checksum = d.checksum and p.in_force_at is not null) order by d.created_at desc limit 1;
  return v_draft;
end
$$;

--
-- Name: FUNCTION _offered(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._offered() IS 'The newest file of a deployment that never was in force.';

--
-- Name: _one_time_code(bytea, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._one_time_code(p_secret bytea, p_counter bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  v_mac bytea := public._hmac_sha1(p_secret, int8send(p_counter));
  v_at integer := get_byte(v_mac, 19) & 15;
begin
  return lpad(((((get_byte(v_mac, v_at) & 127)::bigint << 24) | (get_byte(v_mac, v_at + 1) << 16) | (get_byte(v_mac, v_at + 2) << 8) | get_byte(v_mac, v_at + 3)) % 1000000)::text, 6, '0');
end
$$;

--
-- Name: FUNCTION _one_time_code(p_secret bytea, p_counter bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._one_time_code(p_secret bytea, p_counter bigint) IS 'The six digits of RFC 4226 for a counter; RFC 6238 counts in steps of 30 seconds.';

--
-- Name: _open_break_glass(public.changes, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._open_break_glass(p_change public.changes, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_request public.approval_requests;
  v_glass public.break_glasses;
  v_second record;
  v_people jsonb;
  v_fill record;
begin
  select * into v_task from public.tasks where task_id = p_change.payload ->> 'task_id' for update;
  select * into v_request from public.approval_requests where reference = p_change.payload ->> 'reference' for update;
  select person_id, approver into v_second from public.change_decisions where change_id = p_change.change_id and decision = 'approve' and voided_at is null and person_id <> p_change.proposed_by;
  v_people := public._glass_people(v_request, p_change.proposed_by, v_second.person_id);
  insert into public.break_glasses (change_id, task_id, request_id, artifact_checksum, waived_slot)
  values (p_change.change_id, v_task.task_id, v_request.request_id, v_request.artifact_checksum, case when v_second.person_id is null then v_people -> 'missing' ->> 0 end) returning * into v_glass;
  for v_fill in select key::uuid as person_id, value as slot from jsonb_each_text(v_people -> 'fills') loop
    insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, reason, artifact_checksum, break_glass_id, factor_checked_at)
    values (v_request.request_id, v_request.task_id, v_request.step_id, v_request.tier, case when v_fill.person_id = p_change.proposed_by then p_change.proposer else v_second.approver end, v_fill.person_id, v_fill.slot,
      'approve', left('break-glass: ' || p_change.reason, 2000), v_request.artifact_checksum, v_glass.break_glass_id,
      (select factor_checked_at from public.change_decisions where change_id = p_change.change_id and person_id = v_fill.person_id and voided_at is null));
  end loop;
  perform public._audit_break_glass(p_change, p_actor, 'open', jsonb_build_object('reason', p_change.reason, 'opened_by', p_change.proposer, 'confirmed_by', v_second.approver, 'slots', v_people -> 'fills',
    'waived_slot', v_glass.waived_slot, 'expired_at', case when v_request.expires_at <= clock_timestamp() then v_request.expires_at end, 'expires_at', v_glass.expires_at, 'review_due_at', v_glass.review_due_at));
  perform public._event(v_task.task_id, 'BREAK_GLASS', v_request.step_id, null, jsonb_build_object('reference', p_change.reference, 'state', 'open', 'checksum', v_glass.artifact_checksum), p_change.reference || ':open');
  if v_task.status = 'expired' then
    perform public._reopen_expired(v_task, v_request, 'a break-glass waives the expiry');
  end if;
  perform public._lift_hold(v_task.task_id, null);
  -- The time to decide ends with the break-glass at the earliest.
  update public.approval_requests set status = 'approved', decided_at = clock_timestamp(), expires_at = greatest(expires_at, v_glass.expires_at) where request_id = v_request.request_id;
  return case when v_request.status = 'approved' then coalesce((select public._wake(e.step_id) from public.task_steps g join public.task_steps e on e.task_id = g.task_id and e.kind = 'effect' and e.subject_node = g.subject_node
      where g.step_id = v_request.step_id and e.status = 'ready'), '[]'::jsonb)
    else public._close_gate(v_request) end || public._changed(v_task.task_id) || public._redraw_cards(v_task.task_id);
end
$$;

--
-- Name: FUNCTION _open_break_glass(p_change public.changes, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_break_glass(p_change public.changes, p_actor text) IS 'Opens the glass for one request: the two people fill what is empty, and its effect may be granted for 15 minutes. The caller holds the task.';

--
-- Name: _open_breaker(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._open_breaker(p_name text, p_actor text, p_code text) RETURNS public.breakers
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_breaker public.breakers;
begin
  update public.breakers set state = 'open', opened_at = clock_timestamp(), opened_by = p_actor, last_code = coalesce(p_code, last_code), probe_holder = null, probe_until = null, changed_at = clock_timestamp()
  where name = p_name returning * into v_breaker;
  perform public._audit('system', p_actor, 'breaker.open', 'breaker:' || p_name, null, jsonb_strip_nulls(jsonb_build_object('code', v_breaker.last_code)));
  perform public._raise_incident('breaker_open', p_name, 'critical', format('the breaker of %s is open', p_name), jsonb_strip_nulls(jsonb_build_object('breaker', p_name, 'code', v_breaker.last_code)));
  return v_breaker;
end
$$;

--
-- Name: FUNCTION _open_breaker(p_name text, p_actor text, p_code text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_breaker(p_name text, p_actor text, p_code text) IS 'The one place where a breaker opens: from here on nobody calls for two minutes.';

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

--
-- Name: FUNCTION _open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text) IS 'The slot that this person would fill, or the code of why there is none.';

--
-- Name: _open_subjects(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._open_subjects(p_task_id text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return array(
    select e.subject_node from public.task_steps e join public.tasks t using (task_id)
    where e.task_id = p_task_id and e.kind = 'effect' and t.ended_at is null and coalesce(t.held_reason, 'critic') = 'critic' and t.source <> 'drill'
      and not exists (select 1 from public.effects f where f.step_id = e.step_id and f.status <> 'void') order by e.position);
end
$$;

--
-- Name: FUNCTION _open_subjects(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_subjects(p_task_id text) IS 'Whose texts of a task nothing has been let out of yet. None when people are asked about what may have left.';

--
-- Name: _open_unopposed(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._open_unopposed() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_change public.changes;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Nobody objects to what they could not read.
  for v_change in
    select c.* from public.changes c join public.policies p using (policy_version)
    where c.kind = 'break_glass' and c.status = 'pending' and c.expires_at > clock_timestamp() and p.retired_at is null and public._veto_window(p.document) > interval '0'
      -- On the word of whoever opens it, which counts with the code where the policy asks for one.
      and exists (select 1 from public.change_decisions d where d.change_id = c.change_id and d.person_id = c.proposed_by and d.decision = 'approve' and d.voided_at is null)
      and public._veto_runs_from(c) + public._veto_window(p.document) <= clock_timestamp() and not public._was_vetoed(c)
    order by c.created_at for update of c
  loop
    perform public._drop_lost_decisions(v_change);
    v_deliver := v_deliver || (public._apply_change(v_change, 'system') -> 'deliver');
  end loop;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _open_unopposed(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._open_unopposed() IS 'Where the policy allows it, a break-glass that nobody confirmed and nobody objected to takes effect when its veto window is over.';

--
-- Name: _order_of(text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._order_of(p_kind text, p_task_id text, p_checksum text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_content text;
begin
  if not public._is_money(p_kind) then
    return null;
  end if;
  -- From the bytes that were approved and from nowhere else: nobody hands the gate an amount.
  select a.content into v_content from public.artifacts a
  where a.task_id = p_task_id and a.type = 'post' and a.checksum = p_checksum and encode(sha256(convert_to(a.content, 'UTF8')), 'hex') = p_checksum limit 1;
  return v_content::jsonb -> 'order';
exception when invalid_text_representation then
  return null;
end
$$;

--
-- Name: FUNCTION _order_of(p_kind text, p_task_id text, p_checksum text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._order_of(p_kind text, p_task_id text, p_checksum text) IS 'The order in the bytes with this checksum; null for what moves no money, and where none stands in them.';

--
-- Name: _order_party(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._order_party(p_order jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return (select case p_order ->> 'kind' when 'payment' then p_order ->> 'payer' when 'withdrawal' then p_order ->> 'payee' when 'trade' then p_order ->> 'account' end);
end
$$;

--
-- Name: FUNCTION _order_party(p_order jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._order_party(p_order jsonb) IS 'Whose limits an order uses up: whoever pays us, whomever we pay, the account that trades.';

--
-- Name: _outlook(jsonb, jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._outlook(p_document jsonb, p_nodes jsonb, p_requester uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _outlook(p_document jsonb, p_nodes jsonb, p_requester uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._outlook(p_document jsonb, p_nodes jsonb, p_requester uuid) IS 'What a policy makes of the actions of a plan, each with its agent: the tier, who is asked, and why it is refused if it is.';

--
-- Name: _over_limit(text, text, numeric, numeric, numeric, text, timestamp with time zone, boolean, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._over_limit(p_limit text, p_subject text, p_max numeric, p_used numeric, p_asked numeric, p_unit text, p_free_at timestamp with time zone, p_is_final boolean, p_sentence text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_free_at timestamptz := case when not p_is_final then p_free_at end;
begin
  return jsonb_build_object('limit', p_limit, 'subject', p_subject, 'max', trim_scale(p_max)::text, 'used', trim_scale(p_used)::text, 'asked', trim_scale(p_asked)::text, 'unit', p_unit,
    'free_at', v_free_at, 'is_final', p_is_final, 'sentence', p_sentence,
    -- When nobody can say when it is free it is looked at again in a minute.
    'retry_after_ms', greatest(1000, least(ceil(coalesce(extract(epoch from v_free_at - clock_timestamp()), 60) * 1000), 3600000))::bigint);
end
$$;

--
-- Name: FUNCTION _over_limit(p_limit text, p_subject text, p_max numeric, p_used numeric, p_asked numeric, p_unit text, p_free_at timestamp with time zone, p_is_final boolean, p_sentence text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._over_limit(p_limit text, p_subject text, p_max numeric, p_used numeric, p_asked numeric, p_unit text, p_free_at timestamp with time zone, p_is_final boolean, p_sentence text) IS 'The refusal of a limit: which one, its value, what is used of it, what was asked, when it is free again, and the sentence that says so.';

--
-- Name: _pace_since(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._pace_since(p_since timestamp with time zone) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select format('%s steps ended, P95 %s ms, %s duplicates', count(*), coalesce(round(percentile_cont(0.95) within group (order by extract(epoch from s.ended_at - s.started_at) * 1000))::text, '–'),
      (select count(*) from public._find_desync() f where f.problem in ('event_twice', 'sent_twice')))
    from public.task_steps s where s.ended_at > p_since and s.status = 'done' and s.started_at is not null
  );
end
$$;

--
-- Name: _payer_problem(bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._payer_problem(p_external_id bigint, p_payer text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  v_person_id uuid := public._person_of(p_external_id);
begin
  return case
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when coalesce(p_payer, '') !~ '^tg:[1-9][0-9]{0,15}$' then 'not_a_payer'
    -- Two accounts of one human are one: nobody checks themself under another name.
    when p_payer = 'tg:' || p_external_id or public._person_of(substr(p_payer, 4)::bigint) = v_person_id then 'own_checklist' end;
end
$_$;

--
-- Name: FUNCTION _payer_problem(p_external_id bigint, p_payer text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._payer_problem(p_external_id bigint, p_payer text) IS 'Why this person may not touch this payer''s checklist; null when they may.';

--
-- Name: _payer_view(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._payer_view(p_payer text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('payer', p_payer, 'missing', to_jsonb(public._missing_checks(p_payer)), 'is_blocked', exists (select 1 from public.payer_blocks where payer = p_payer and lifted_at is null),
    'checks', coalesce((select jsonb_agg(jsonb_build_object('item', c.item, 'outcome', c.outcome, 'checked_by', c.checked_by, 'checked_at', c.checked_at, 'valid_until', c.valid_until) order by c.item)
      from (select distinct on (item) * from public.payer_checks where payer = p_payer order by item, check_id desc) c), '[]'::jsonb));
end
$$;

--
-- Name: _payment_refusal(jsonb, jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._payment_refusal(p_order jsonb, p_limits jsonb, p_except uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_party text := public._order_party(p_order);
  v_amount numeric := (p_order ->> 'amount')::numeric;
  v_most numeric := (p_limits ->> 'max_single_tx_usdt')::numeric;
  v_day_most numeric := (p_limits ->> 'max_day_usdt')::numeric;
  v_pause interval := make_interval(mins => (p_limits ->> 'cool_down_minutes')::integer);
  v_day_start timestamptz := date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC';
  v_missing text[] := public._missing_checks(v_party);
  v_used numeric;
  v_last timestamptz;
  v_is_under_way boolean;
begin
  if p_order ->> 'currency' <> 'USDT' then
    return public._over_limit('currency', v_party, null, null, v_amount, p_order ->> 'currency', null, true, format('the limits of payments are in USDT, and this is %s: there is no rate to compare them by', p_order ->> 'currency'));
  end if;
  if exists (select 1 from public.payer_blocks where payer = v_party and lifted_at is null) then
    return public._over_limit('payer_blocked', v_party, null, null, v_amount, 'USDT', null, true, format('%s is blocked: nothing is paid by or to them', v_party));
  end if;
  if cardinality(v_missing) > 0 then
    return public._over_limit('payer_checklist', v_party, null, null, v_amount, 'USDT', null, true, format('the checklist of %s is not complete or out of date: %s', v_party, replace(array_to_string(v_missing, ', '), '_', ' ')));
  end if;
  if v_most is null or v_amount > v_most then
    return public._over_limit('max_single_tx_usdt', v_party, v_most, 0, v_amount, 'USDT', null, true, format('%s USDT are more than the %s USDT that may be paid at once', p_order ->> 'amount', coalesce(trim_scale(v_most), 0)));
  end if;
  if v_day_most is not null then
    -- Whatever is under way may land today.
    select coalesce(sum((e.money_order ->> 'amount')::numeric), 0) into v_used from public.effects e
    where e.kind in ('payment', 'withdrawal') and e.effect_id is distinct from p_except and public._may_have_moved(e)
      and (e.status in ('granted', 'in_doubt') or e.granted_at >= v_day_start or e.settled_at >= v_day_start);
    if v_used + v_amount > v_day_most then
      return public._over_limit('max_day_usdt', v_party, v_day_most, v_used, v_amount, 'USDT', v_day_start + interval '1 day', v_amount > v_day_most,
        format('%s USDT more would be over the %s USDT of a day: %s are used', p_order ->> 'amount', trim_scale(v_day_most), trim_scale(v_used)));
    end if;
  end if;
  if v_pause > interval '0' then
    select max(coalesce(e.settled_at, e.granted_at)), coalesce(bool_or(e.status in ('granted', 'in_doubt')), false) into v_last, v_is_under_way from public.effects e
    where e.kind in ('payment', 'withdrawal') and public._order_party(e.money_order) = v_party and e.effect_id is distinct from p_except and public._may_have_moved(e)
      and (e.status in ('granted', 'in_doubt') or coalesce(e.settled_at, e.granted_at) > clock_timestamp() - v_pause);
    if v_is_under_way or v_last is not null then
      return public._over_limit('cool_down_minutes', v_party, extract(epoch from v_pause) / 60, 1, 1, 'minutes', case when not v_is_under_way then v_last + v_pause end, false,
        format('between two payments of %s are %s minutes%s', v_party, p_limits ->> 'cool_down_minutes', case when v_is_under_way then ', and one is under way' else '' end));
    end if;
  end if;
  return null;
end
$$;

--
-- Name: FUNCTION _payment_refusal(p_order jsonb, p_limits jsonb, p_except uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._payment_refusal(p_order jsonb, p_limits jsonb, p_except uuid) IS 'What of the limits of payments speaks against an order now; null when nothing does. Changes nothing.';

--
-- Name: _payment_use(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._payment_use(p_limits jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_day_start timestamptz := date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC';
  v_pause interval := make_interval(mins => coalesce((p_limits ->> 'cool_down_minutes')::integer, 0));
begin
  return (
    select jsonb_build_object('day_used', trim_scale(coalesce(sum((e.money_order ->> 'amount')::numeric) filter (where e.status in ('granted', 'in_doubt') or e.granted_at >= v_day_start or e.settled_at >= v_day_start), 0))::text,
      'under_way', count(*) filter (where e.status in ('granted', 'in_doubt')), 'day_free_at', v_day_start + interval '1 day',
      'payers_waiting', count(distinct public._order_party(e.money_order)) filter (where e.status in ('granted', 'in_doubt') or coalesce(e.settled_at, e.granted_at) > clock_timestamp() - v_pause),
      'next_free_at', min(coalesce(e.settled_at, e.granted_at) + v_pause) filter (where e.status not in ('granted', 'in_doubt') and coalesce(e.settled_at, e.granted_at) > clock_timestamp() - v_pause),
      'payers_blocked', (select count(*) from public.payer_blocks where lifted_at is null))
    from public.effects e
    where e.kind in ('payment', 'withdrawal') and public._may_have_moved(e)
      and (e.status in ('granted', 'in_doubt') or e.granted_at >= v_day_start - interval '8 days')
  );
end
$$;

--
-- Name: FUNCTION _payment_use(p_limits jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._payment_use(p_limits jsonb) IS 'How much of the limits of payments is used, without saying by whom.';

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

--
-- Name: FUNCTION _people_missing_for(p_policy jsonb, p_tier text, p_requester uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._people_missing_for(p_policy jsonb, p_tier text, p_requester uuid) IS 'Null when the slots of a tier can be filled by the people there are; else the sentence that says why not.';

--
-- Name: _people_state(uuid[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._people_state(p_people uuid[]) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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
-- Name: _plan_drift(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._plan_drift() RETURNS TABLE(name text, plan text)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return query values
    ('search', coalesce((select 'its breaker is ' || b.state || ': waits until it may be tried, and' from public.breakers b where b.name = 'search' and b.state <> 'closed') || ' ', '') || 'asks the search once; nothing is changed before it answers'),
    ('forget', format('forget what %s retrievals had found', (select count(*) from public.retrieval_cache))),
    ('embed', 'nothing: no text is embedded yet'),
    ('compare', format('hold the newest %s artifacts against their checksums, in the rows and in Storage', (select least(count(*), 500) from public.artifacts))),
    ('redo', (select format('have %s unfinished tasks search and be judged again, and ask anew about %s of them; ', count(*) filter (where f.is_open), count(*) filter (where f.is_open and f.is_asked)) from public._find_stale() f) || public._describe_out()),
    ('watch', 'until they have been judged again, ten minutes at most; then the report');
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
$_$;

--
-- Name: FUNCTION _plan_problems(p_nodes jsonb, p_policy jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._plan_problems(p_nodes jsonb, p_policy jsonb) IS 'What is wrong with a proposed plan, in words; empty when nothing is.';

--
-- Name: _plan_runbook(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._plan_runbook(p_name text, p_subject text) RETURNS TABLE(name text, plan text)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  if p_name = 'desync' then
    return query values ('examine', 'look for duplicates and steps out of order; now: ' || public._describe_desync()),
      ('rebuild', 'hold all consumers for a moment and put ' || (select count(distinct f.task_id) from public._find_desync() f where not f.is_for_people) || ' tasks in order from their newest artifacts'),
      ('reopen', 'let the consumers go on and nudge every ready step'), ('watch', 'for ten minutes; then P95 and duplicates. In the last ten: ' || public._pace_since(clock_timestamp() - interval '10 minutes'));
  elsif p_name = 'memory-drift' then
    return query select d.name, d.plan from public._plan_drift() d;
  else
    return query values ('trip', coalesce((select 'the breaker is ' || b.state || ' now' from public.breakers b where b.name = p_subject and b.state <> 'closed'), 'open the breaker: nobody calls the tool for two minutes')),
      ('fallback', public._describe_routes(public._engine_of(p_subject))),
      ('notify', public._describe_failed_calls(p_subject)),
      ('canary', 'after two minutes give one task as you, which tries the tool; it must end well and close the breaker'), ('timeouts', 'measure good calls and propose a tighter timeout');
  end if;
end
$$;

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
-- Name: _policy_form_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._policy_form_problem(p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
begin
  return case when jsonb_typeof(p_payload) is distinct from 'object' or p_payload - 'checksum' - 'document_checksum' <> '{}'::jsonb
    or coalesce(p_payload ->> 'checksum', '') !~ '^[0-9a-f]{64}$' or coalesce(p_payload ->> 'document_checksum', '') !~ '^[0-9a-f]{64}$'
    then 'a policy names the checksum of its text and that of its document, and nothing else' end;
end
$_$;

--
-- Name: _policy_in_force(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._policy_in_force() RETURNS public.policies
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_policy public.policies;
begin
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  return v_policy;
end
$$;

--
-- Name: _policy_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._policy_problem(p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _policy_problem(p_payload jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._policy_problem(p_payload jsonb) IS 'Why this draft cannot come into force now, as a sentence; null when it can.';

--
-- Name: _policy_rule_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._policy_rule_problem(p_document jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
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
$_$;

--
-- Name: FUNCTION _policy_rule_problem(p_document jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._policy_rule_problem(p_document jsonb) IS 'What no policy may say, as a sentence: T2 and T3 without their people, a dry run that nobody is shown, money and publishing in a low tier. Null when it says nothing of the kind.';

--
-- Name: _policy_state(public.policies); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._policy_state(p_policy public.policies) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('policy_version', p_policy.policy_version, 'checksum', p_policy.checksum, 'document', p_policy.document);
end
$$;

--
-- Name: FUNCTION _policy_state(p_policy public.policies); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._policy_state(p_policy public.policies) IS 'A version as the audit log keeps it, before and after a change.';

--
-- Name: _post_text(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._post_text(p_artifact_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- One that is too large for its row is known by its goal and its checksum alone.
  return (select string_agg(part ->> 'text', ' ') from public.artifacts a, jsonb_array_elements(a.content::jsonb -> 'parts') part where a.artifact_id = p_artifact_id and a.content is not null and a.type = 'post');
end
$$;

--
-- Name: _press(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._press(p_card_id uuid, p_chat_id bigint, p_message_id bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _press(p_card_id uuid, p_chat_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._press(p_card_id uuid, p_chat_id bigint, p_message_id bigint) IS 'A press counts on the card''s own message alone: null, or wrong_message.';

--
-- Name: _press_incident(text, bigint, bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._press_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_asked text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _press_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_asked text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._press_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_asked text) IS 'Who pressed, on which message: the incident, locked, or why the press changes nothing.';

--
-- Name: _pressed(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._pressed(p_press jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('code', p_press -> 'code', 'incident', (select public._incident_view(i) from public.incidents i where i.incident_id = (p_press ->> 'incident_id')::uuid));
end
$$;

--
-- Name: FUNCTION _pressed(p_press jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._pressed(p_press jsonb) IS 'What a press on an incident came to, as its card shows it.';

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
-- Name: _queue(timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._queue(p_before timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_waiting integer;
  v_ended integer;
begin
  select count(*) into v_waiting from public.task_steps
  where status = 'ready' and kind = 'plan' and attempt_count = 0 and woken_at < coalesce(p_before, 'infinity'::timestamptz);
  if v_waiting > 0 then
    -- What the last minutes did is what the next ones will do.
    select count(*) into v_ended from public.tasks where ended_at > clock_timestamp() - interval '5 minutes';
  end if;
  return jsonb_build_object('waiting', v_waiting, 'wait_seconds', case when v_ended > 0 then ceil(v_waiting * 300.0 / v_ended)::integer end);
end
$$;

--
-- Name: FUNCTION _queue(p_before timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._queue(p_before timestamp with time zone) IS 'The tasks that came before and nobody has begun, and in about how many seconds they will be through; null when there are none or nothing has ended of late.';

--
-- Name: _raise_incident(text, text, text, text, jsonb, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb DEFAULT '{}'::jsonb, p_task_id text DEFAULT NULL::text, p_step_id text DEFAULT NULL::text, p_agent text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text, p_step_id text, p_agent text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text, p_step_id text, p_agent text) IS 'The one door to an incident: the first occurrence makes the row and INCIDENT_RAISED, every further one is counted on it until it is resolved.';

--
-- Name: _raise_standing(text, text, text, text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._raise_standing(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb DEFAULT '{}'::jsonb, p_task_id text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  if not exists (select 1 from public.incidents where fingerprint = left(p_kind || ':' || p_key, 300) and state <> 'resolved') then
    perform public._raise_incident(p_kind, p_key, p_severity, p_title, p_evidence, p_task_id);
  end if;
end
$$;

--
-- Name: FUNCTION _raise_standing(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._raise_standing(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text) IS 'For a trouble that is a state and not an occurrence: raised once, however often somebody looks.';

--
-- Name: _rebuild_steps(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._rebuild_steps() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_found record;
  v_step public.task_steps;
  v_task_id text;
  v_task_ids text[] := '{}'::text[];
  v_kept integer := 0;
  v_deliver jsonb := '[]'::jsonb;
begin
  -- Whatever goes on takes the switch for share first: while it is held here every consumer of the fleet waits, and none longer than this.
  perform 1 from public.stop_switch for update;
  for v_found in select f.* from public._find_desync() f where not f.is_for_people and f.problem in ('lost_output', 'too_early', 'stuck') order by f.task_id, f.step_id loop
    perform 1 from public.tasks where task_id = v_found.task_id and ended_at is null for update;
    continue when not found;
    select * into v_step from public.task_steps where step_id = v_found.step_id for update;
    if v_found.problem = 'lost_output' and exists (select 1 from public.artifacts a where a.step_id = v_found.step_id and a.type <> 'critique') then
      update public.task_steps set output_ref = (select a.storage_ref from public.artifacts a where a.step_id = v_found.step_id and a.type <> 'critique' order by a.created_at desc limit 1) where step_id = v_found.step_id;
      v_kept := v_kept + 1;
    elsif v_found.problem <> 'stuck' then
      -- It and what was made of it are done again.
      update public.task_steps set status = 'pending', ended_at = null, worker = null, lease_expires_at = null, fence = fence + 1
      where task_id = v_found.task_id and kind in ('work', 'critic') and status in ('ready', 'running', 'done') and (step_id = v_found.step_id or (v_found.problem = 'lost_output' and position > v_step.position));
    end if;
    perform public._audit(v_found.task_id, 'system', 'runbook.rebuild', v_found.step_id, jsonb_build_object('status', v_step.status), jsonb_build_object('problem', v_found.problem));
    if not v_found.task_id = any (v_task_ids) then
      v_task_ids := v_task_ids || v_found.task_id;
    end if;
  end loop;
  foreach v_task_id in array v_task_ids loop
    v_deliver := v_deliver || (public._advance(v_task_id, null, null) -> 'deliver') || public._changed(v_task_id);
  end loop;
  return jsonb_build_object('text', format('%s tasks put in order, %s outputs found again; %s', cardinality(v_task_ids), v_kept,
    coalesce((select format('%s findings are for people: %s', count(*), (array_agg(distinct f.task_id))[1:5]::text) from public._find_desync() f where f.is_for_people having count(*) > 0), 'nothing is left for people')),
    'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION _rebuild_steps(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._rebuild_steps() IS 'Puts the steps of open tasks in order from their newest good artifacts, while all consumers wait. What people were asked about or what has left is not touched.';

--
-- Name: _recheck_requests(uuid[], text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._recheck_requests(p_people uuid[], p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _recheck_requests(p_people uuid[], p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._recheck_requests(p_people uuid[], p_actor text) IS 'After these people''s roles have changed: every open request that counted an approval which no longer counts is void and asked anew.';

--
-- Name: _record_change_decision(public.changes, uuid, text, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._record_change_decision(p_change public.changes, p_person_id uuid, p_actor text, p_slot text, p_decision text, p_reason text, p_via text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_decision_id uuid;
begin
  insert into public.change_decisions (change_id, approver, person_id, slot, decision, reason, checksum, via, factor_checked_at)
  values (p_change.change_id, p_actor, p_person_id, p_slot, p_decision, nullif(left(btrim(p_reason), 2000), ''), p_change.checksum, p_via,
    case when p_decision = 'approve' then public._spend_factor('change:' || p_change.change_id, p_person_id) end) returning decision_id into v_decision_id;
  perform public._event(null, 'CHANGE_DECIDED', null, null, jsonb_build_object('reference', p_change.reference, 'decision', p_decision, 'slot', p_slot, 'approver', p_actor), p_change.reference || ':' || v_decision_id);
end
$$;

--
-- Name: _redo_retrieval(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._redo_retrieval(p_task_id text, p_actor text) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_subjects text[];
  v_step_ids text[];
  v_node_ids text[];
  v_position integer;
  v_step_id text;
  v_request public.approval_requests;
  v_deliver jsonb := '[]'::jsonb;
begin
  perform 1 from public.stop_switch for share;
  perform 1 from public.tasks where task_id = p_task_id and ended_at is null for update;
  v_subjects := public._open_subjects(p_task_id);
  select array_agg(s.step_id), array_agg(s.node_id), min(s.position) into v_step_ids, v_node_ids, v_position
  from public.stale_retrievals m join public.task_steps s using (step_id) where m.task_id = p_task_id and m.redone_at is null and s.status in ('ready', 'running', 'done');
  if cardinality(v_subjects) = 0 or v_step_ids is null then
    -- It ended, or something left, since somebody looked.
    return null;
  end if;
  -- As an edit does: what people have said about it so far is void, and they are asked anew.
  for v_request in select r.* from public.approval_requests r join public.task_steps g using (step_id)
    where r.task_id = p_task_id and g.subject_node = any (v_subjects) and r.status in ('staging', 'pending', 'approved') order by r.version for update of r loop
    perform public._void_request(v_request, 'its sources were stale', p_actor);
  end loop;
  -- What is being written on the old sources begins again. What is written already is kept: the critic says whether it still holds.
  update public.task_steps set status = 'pending', ended_at = null, worker = null, lease_expires_at = null, fence = fence + 1, attempt_count = 0
  where task_id = p_task_id and ((kind = 'work' and status in ('ready', 'running') and position > v_position and not step_id = any (v_step_ids))
    or (kind = 'critic' and status in ('ready', 'running', 'done') and subject_node = any (v_subjects))
    or (kind = 'approve' and status in ('awaiting_approval', 'done', 'skipped') and subject_node = any (v_subjects))
    or (kind = 'effect' and status in ('ready', 'running') and subject_node = any (v_subjects)));
  -- Another branch that ends meanwhile must not wake the critic before the search has answered.
  update public.task_steps set after = array(select distinct n from unnest(after || v_node_ids) n order by n)
  where task_id = p_task_id and kind = 'critic' and subject_node = any (v_subjects);
  update public.tasks set status = 'running', held_reason = null where task_id = p_task_id;
  foreach v_step_id in array v_step_ids loop
    update public.task_steps set fence = fence + 1, attempt_count = 0, not_before = null where step_id = v_step_id;
    v_deliver := v_deliver || public._wake(v_step_id);
    perform public._audit(p_task_id, p_actor, 'retrieval.redo', v_step_id, null, jsonb_build_object('judged_again', to_jsonb(v_subjects)));
  end loop;
  update public.stale_retrievals set redone_at = clock_timestamp() where step_id = any (v_step_ids);
  return jsonb_build_object('steps', to_jsonb(v_step_ids), 'deliver', v_deliver || public._changed(p_task_id) || public._redraw_cards(p_task_id));
end
$$;

--
-- Name: FUNCTION _redo_retrieval(p_task_id text, p_actor text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._redo_retrieval(p_task_id text, p_actor text) IS 'Has an unfinished task search again and its critic judge again; requests about it are void and come anew. Null when there is nothing left to be done.';

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
-- Name: _reopen_expired(public.tasks, public.approval_requests, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._reopen_expired(p_task public.tasks, p_request public.approval_requests, p_rule text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  -- Exactly what ended with the task goes on: it was given the task's own moment.
  update public.task_steps set status = 'pending', ended_at = null where task_id = p_task.task_id and status = 'skipped' and ended_at = p_task.ended_at;
  -- Also where the gate had been passed and nothing was let out in time.
  update public.task_steps set status = 'awaiting_approval', ended_at = null where step_id = p_request.step_id;
  update public.tasks set ended_at = null, failure_code = null, failure_message = null, status = 'running' where task_id = p_task.task_id;
  perform public._audit(p_task.task_id, 'system', 'task.reopen', p_task.task_id, jsonb_build_object('status', p_task.status), jsonb_build_object('status', 'running', 'rule', p_rule));
  perform public._event(p_task.task_id, 'TASK_REOPENED', null, null, jsonb_build_object('status', p_task.status),
    p_task.task_id || ':reopen:' || (select count(*) + 1 from public.events where task_id = p_task.task_id and type = 'TASK_REOPENED'));
end
$$;

--
-- Name: FUNCTION _reopen_expired(p_task public.tasks, p_request public.approval_requests, p_rule text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._reopen_expired(p_task public.tasks, p_request public.approval_requests, p_rule text) IS 'A task that ended because nobody decided in time goes on from there.';

--
-- Name: _request_limit(public.approval_requests); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._request_limit(p_request public.approval_requests) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_kind text := public._effect_kind(p_request.action);
begin
  -- Only while it is asked about: from the approval on the gate asks for itself, when it counts.
  if p_request.status not in ('staging', 'pending') or not public._is_money(v_kind) then
    return null;
  end if;
  return public._limit_refusal(v_kind, public._order_of(v_kind, p_request.task_id, p_request.artifact_checksum), public._policy(p_request.policy_version), null) ->> 'sentence';
end
$$;

--
-- Name: FUNCTION _request_limit(p_request public.approval_requests); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._request_limit(p_request public.approval_requests) IS 'Why the limits would refuse what people are asked about, as a sentence: nobody approves beyond a cap.';

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

--
-- Name: FUNCTION _request_view(p_request_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._request_view(p_request_id uuid) IS 'Everything that a card shows.';

--
-- Name: stops; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stops (
    generation bigint NOT NULL,
    scope text NOT NULL,
    stopped_at timestamp with time zone NOT NULL,
    stopped_by text NOT NULL,
    reason text,
    source_key text,
    was_scope text,
    resumed_at timestamp with time zone,
    resumed_by_1 uuid,
    resumed_by_2 uuid,
    cancelled jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT stops_resumed_by_two_people CHECK ((((resumed_at IS NULL) AND (resumed_by_1 IS NULL) AND (resumed_by_2 IS NULL)) OR ((resumed_at IS NOT NULL) AND (resumed_by_1 IS NOT NULL) AND (resumed_by_2 IS NOT NULL) AND (resumed_by_1 <> resumed_by_2))))
);

ALTER TABLE ONLY public.stops FORCE ROW LEVEL SECURITY;

--
-- Name: _resume_end(public.stops); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._resume_end(p_stop public.stops) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return case
    -- The stop after it came on top of it: what was asked was about less.
    when (select n.was_scope is not null from public.stops n where n.generation > p_stop.generation order by n.generation limit 1) then 'over'
    when p_stop.resumed_at is not null then 'lifted' end;
end
$$;

--
-- Name: FUNCTION _resume_end(p_stop public.stops); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._resume_end(p_stop public.stops) IS 'How the question to lift this stop ended; null while it stands.';

--
-- Name: _review_wait(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._review_wait(p_tier text, p_break_glass_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('limit', 'review_due', 'subject', g.task_id, 'max', 0, 'per_seconds', 86400, 'free_at', greatest(g.review_due_at, clock_timestamp() + interval '1 minute'), 'retry_after_ms', 60000)
    from public.break_glasses g where p_tier = 'T3' and g.reviewed_at is null and g.break_glass_id is distinct from p_break_glass_id
  );
end
$$;

--
-- Name: FUNCTION _review_wait(p_tier text, p_break_glass_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._review_wait(p_tier text, p_break_glass_id uuid) IS 'Why nothing of T3 is granted now: an earlier break-glass has not been reviewed. Null when it has, or for the effect that it was broken for.';

--
-- Name: _role_grant_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._role_grant_problem(p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._person_of((p_payload ->> 'external_id')::bigint);
begin
  return case when exists (select 1 from public.person_roles where person_id = v_person_id and role = p_payload ->> 'role' and revoked_at is null and expires_at is null)
    then format('%s already holds the role %s', public._name_of(v_person_id), p_payload ->> 'role') end;
end
$$;

--
-- Name: _role_revoke_problem(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._role_revoke_problem(p_payload jsonb) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: _roles_of(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._roles_of(p_person_id uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(array_agg(role order by role), '{}') from public.person_roles where person_id = p_person_id and revoked_at is null and (expires_at is null or expires_at > clock_timestamp()));
end
$$;

--
-- Name: _rubric_hash(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._rubric_hash() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select encode(sha256(convert_to(string_agg(p.proname || ':' || p.prosrc, E'\n' order by p.proname), 'UTF8')), 'hex') from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ('_points', 'complete_critique'));
end
$$;

--
-- Name: FUNCTION _rubric_hash(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._rubric_hash() IS 'Of the functions that turn a critique into points and a verdict: no model and no file scores.';

--
-- Name: denial_rules; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.denial_rules (
    request_id uuid NOT NULL,
    author_person_id uuid NOT NULL,
    reason text NOT NULL,
    effect_kind text NOT NULL,
    target_chat_id bigint NOT NULL,
    target_topic_id bigint,
    denied_actor text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    lifted_by text,
    CONSTRAINT denial_rules_lifter_when_lifted CHECK (((lifted_at IS NULL) = (lifted_by IS NULL))),
    CONSTRAINT denial_rules_reason_given CHECK ((length(btrim(reason)) > 0))
);

ALTER TABLE ONLY public.denial_rules FORCE ROW LEVEL SECURITY;

--
-- Name: _rule_view(public.denial_rules); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._rule_view(p_rule public.denial_rules) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('reference', r.reference, 'action', r.action, 'kind', p_rule.effect_kind, 'target_chat_id', p_rule.target_chat_id, 'target_topic_id', p_rule.target_topic_id,
      'author', public._name_of(p_rule.author_person_id), 'reason', p_rule.reason, 'denied', coalesce(public._name_of(t.requester_person_id), t.actor), 'goal', left(t.goal, 200),
      'created_at', p_rule.created_at, 'expires_at', p_rule.expires_at, 'lifted_by', p_rule.lifted_by)
    from public.approval_requests r join public.tasks t using (task_id) where r.request_id = p_rule.request_id
  );
end
$$;

--
-- Name: _run_desync_step(public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._run_desync_step(p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_deliver jsonb;
begin
  if p_step.name = 'examine' then
    return jsonb_build_object('text', public._describe_desync());
  elsif p_step.name = 'rebuild' then
    return public._rebuild_steps();
  elsif p_step.name = 'reopen' then
    select coalesce(jsonb_agg(public._job('step.run', s.step_id, s.wake_seq) -> 0), '[]'::jsonb) into v_deliver
    from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval');
    return jsonb_build_object('text', format('%s ready steps nudged', jsonb_array_length(v_deliver)), 'deliver', v_deliver);
  elsif p_step.started_at > clock_timestamp() - interval '10 minutes' then
    return jsonb_build_object('wait_ms', ceil(extract(epoch from p_step.started_at + interval '10 minutes' - clock_timestamp()) * 1000)::bigint);
  end if;
  return jsonb_build_object('text', format('in ten minutes: %s; %s', public._pace_since(p_step.started_at), public._describe_desync()));
end
$$;

--
-- Name: _run_drift_step(public.runbook_runs, public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._run_drift_step(p_run public.runbook_runs, p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_count integer;
  v_rows jsonb;
begin
  if p_step.name = 'search' then
    return public._try_search(p_step);
  elsif p_step.name = 'forget' then
    delete from public.retrieval_cache;
    get diagnostics v_count = row_count;
    return jsonb_build_object('text', format('%s kept retrievals are forgotten', v_count));
  elsif p_step.name = 'embed' then
    return jsonb_build_object('text', 'nothing is embedded yet: the search reads the texts themselves');
  elsif p_step.name = 'compare' then
    v_rows := public._ask_comparison(p_run, p_step);
    if v_rows is null then
      return public._end_comparison(p_run, p_step);
    elsif p_step.started_at < clock_timestamp() - interval '10 minutes' then
      return jsonb_build_object('text', format('after ten minutes only %s artifacts are compared: see whether Storage answers, then give the runbook again', coalesce(p_step.data ->> 'checked', '0')), 'failed', true);
    end if;
    return jsonb_build_object('wait_ms', 0, 'ask', jsonb_build_object('what', 'compare', 'after', p_step.data -> 'last', 'artifacts', v_rows));
  elsif p_step.name = 'redo' then
    return public._run_redo_step(p_run, p_step);
  end if;
  return public._watch_redone(p_run, p_step);
end
$$;

--
-- Name: FUNCTION _run_drift_step(p_run public.runbook_runs, p_step public.runbook_steps); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._run_drift_step(p_run public.runbook_runs, p_step public.runbook_steps) IS 'One step of memory-drift. What only a worker can do is asked of it: {ask: {what: search | compare, …}}, answered by answer_runbook.';

--
-- Name: _run_redo_step(public.runbook_runs, public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._run_redo_step(p_run public.runbook_runs, p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_stale record;
  v_redone jsonb;
  v_task_ids text[] := '{}'::text[];
  v_asked integer := 0;
  v_left integer := greatest(0, (select count(*) from public._find_stale() f where f.is_open) - 200);
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_stale in select f.* from public._find_stale() f where f.is_open order by f.task_id limit 200 loop
    v_redone := public._redo_retrieval(v_stale.task_id, p_run.started_by);
    continue when v_redone is null;
    v_task_ids := v_task_ids || v_stale.task_id;
    v_asked := v_asked + v_stale.is_asked::integer;
    v_deliver := v_deliver || (v_redone -> 'deliver');
  end loop;
  update public.runbook_steps set data = data || jsonb_build_object('tasks', to_jsonb(v_task_ids)) where run_id = p_run.run_id and position = p_step.position;
  return jsonb_build_object('text', format('%s tasks search and are judged again, %s of them were being asked about and are asked anew%s; %s', cardinality(v_task_ids), v_asked,
    case when v_left > 0 then format('; %s more are left: give the runbook again', v_left) else '' end, public._describe_out()), 'deliver', v_deliver);
end
$$;

--
-- Name: _run_tool_step(public.runbook_runs, public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._run_tool_step(p_run public.runbook_runs, p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_breaker public.breakers;
  v_given jsonb;
  v_task public.tasks;
  v_p95 numeric;
begin
  insert into public.breakers (name) values (p_run.subject) on conflict (name) do nothing;
  select * into v_breaker from public.breakers where name = p_run.subject for update;
  if p_step.name = 'trip' then
    if v_breaker.state <> 'closed' then
      return jsonb_build_object('text', 'it was open already');
    end if;
    v_breaker := public._open_breaker(p_run.subject, p_run.started_by, 'tripped');
    return jsonb_build_object('text', 'the breaker is open, nobody calls the tool for two minutes');
  elsif p_step.name = 'fallback' then
    return jsonb_build_object('text', public._describe_routes(public._engine_of(p_run.subject)));
  elsif p_step.name = 'notify' then
    return jsonb_build_object('text', public._describe_failed_calls(p_run.subject));
  elsif p_step.name = 'canary' and p_step.data ->> 'task_id' is null then
    if v_breaker.state <> 'closed' and coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') > clock_timestamp() then
      return jsonb_build_object('wait_ms', ceil(extract(epoch from coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') - clock_timestamp()) * 1000)::bigint);
    end if;
    v_given := public._give_canary(p_run);
    if v_given ->> 'task_id' is null then
      return jsonb_build_object('text', format('the canary was not taken: %s', v_given ->> 'code'), 'failed', true);
    end if;
    return jsonb_build_object('wait_ms', 5000, 'data', jsonb_build_object('task_id', v_given ->> 'task_id'), 'deliver', v_given -> 'deliver');
  elsif p_step.name = 'canary' then
    select * into v_task from public.tasks where task_id = p_step.data ->> 'task_id';
    if v_task.ended_at is null and p_step.started_at > clock_timestamp() - interval '20 minutes' then
      return jsonb_build_object('wait_ms', 5000);
    elsif v_task.status = 'done' and v_breaker.state = 'closed' then
      return jsonb_build_object('text', format('%s is done and the breaker is closed', v_task.task_id));
    end if;
    return jsonb_build_object('text', format('%s: %s; the breaker is %s. Give the runbook again when the tool works', v_task.task_id, coalesce(v_task.failure_code, v_task.status), v_breaker.state), 'failed', true);
  end if;
  select percentile_cont(0.95) within group (order by latency_ms) into v_p95 from public.engine_calls
  where engine = public._engine_of(p_run.subject) and outcome = 'ok' and created_at > clock_timestamp() - interval '7 days';
  return jsonb_build_object('text', case when v_p95 is null then 'no good call in seven days to measure a timeout by'
    else format('good calls took at most %s ms (P95 of seven days): a timeout of %s ms leaves room for twice that; propose it by /policy propose', round(v_p95), greatest(5000, ceil(v_p95 * 2 / 1000) * 1000)::bigint) end);
end
$$;

--
-- Name: _run_view(public.runbook_runs); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._run_view(p_run public.runbook_runs) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return jsonb_build_object('run_id', p_run.run_id, 'name', p_run.name, 'subject', p_run.subject, 'state', p_run.state, 'created_at', p_run.created_at, 'started_at', p_run.started_at, 'ended_at', p_run.ended_at,
    'started_by_name', public._known_as(substr(p_run.started_by, 4)), 'chat_id', p_run.chat_id, 'topic_id', p_run.topic_id,
    'steps', (select jsonb_agg(jsonb_build_object('name', s.name, 'state', s.state, 'plan', s.plan, 'result', s.result, 'is_begun', s.started_at is not null) order by s.position) from public.runbook_steps s where s.run_id = p_run.run_id));
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
-- Name: _settle_late(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._settle_late(p_effect_id uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_effect public.effects;
  v_step public.task_steps;
  v_done integer;
  v_status text;
  v_is_over boolean;
  v_deliver jsonb;
begin
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'in_doubt')) then
    return '[]'::jsonb;
  end if;
  select * into v_effect from public.effects where effect_id = p_effect_id;
  select * into v_step from public.task_steps where step_id = v_effect.step_id for update;
  select ended_at is not null into v_is_over from public.tasks where task_id = v_effect.task_id;
  select count(distinct part) into v_done from public.effect_attempts where effect_id = p_effect_id and status = 'done';
  v_status := case when v_done = v_effect.part_count then 'done' when v_done > 0 then 'granted' else 'void' end;
  perform public._audit(v_effect.task_id, 'system', 'effect.late', p_effect_id::text, jsonb_build_object('status', 'in_doubt'),
    jsonb_build_object('status', v_status, 'parts_done', v_done, 'rule', 'the answer came late, before anybody had answered the doubt'));
  v_deliver := public._lift_hold(v_effect.task_id, p_effect_id) || public._job('doubt.show', p_effect_id::text, v_effect.fence + 1);
  if v_status = 'done' and v_is_over then
    perform public._note_landed(v_effect, 'the answer came late', 'system');
  elsif v_status = 'done' then
    v_deliver := v_deliver || (public._land(v_effect, v_step, 'the answer came late', 'system', null, null) -> 'deliver');
  else
    update public.effects set status = v_status, settled_at = case when v_status = 'void' then clock_timestamp() end, outcome_note = 'the answer came late: it did not arrive whole',
      doubt_resend_by = null, doubt_resend_slot = null where effect_id = p_effect_id returning * into v_effect;
    -- What certainly did not leave is asked for again, and the gate looks anew.
    v_deliver := v_deliver || case when not v_is_over then public._wake(v_effect.step_id) when v_status = 'granted' then public._settle_orphan(v_effect) else '[]'::jsonb end;
  end if;
  return v_deliver || public._changed(v_effect.task_id);
end
$$;

--
-- Name: FUNCTION _settle_late(p_effect_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._settle_late(p_effect_id uuid) IS 'The answer to a doubt came after all: once every try has a certain end the effect has one too, and nobody needs to be asked. The caller holds task and effect.';

--
-- Name: _settle_late_answers(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._settle_late_answers() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_effect public.effects;
  v_deliver jsonb := '[]'::jsonb;
begin
  for v_effect in
    select e.* from public.effects e join public.tasks t using (task_id) where e.status = 'in_doubt'
      and not exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id and a.status in ('started', 'in_doubt')) limit 100 for update of t skip locked
  loop
    perform 1 from public.effects where effect_id = v_effect.effect_id and status = 'in_doubt' for update;
    continue when not found;
    v_deliver := v_deliver || public._settle_late(v_effect.effect_id);
  end loop;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _settle_late_answers(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._settle_late_answers() IS 'Doubts whose last try was settled in the very moment in which they became doubts.';

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
-- Name: _settled(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._settled(p_answer jsonb, p_spent jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_call jsonb;
begin
  for v_call in select c from jsonb_array_elements(p_spent) c loop
    perform public.settle_spend((v_call ->> 'call_id')::uuid, v_call ->> 'model', (v_call ->> 'input_tokens')::bigint, (v_call ->> 'output_tokens')::bigint,
      (v_call ->> 'cost_usd')::numeric, (v_call ->> 'latency_ms')::numeric, v_call ->> 'outcome');
  end loop;
  return p_answer;
end
$$;

--
-- Name: FUNCTION _settled(p_answer jsonb, p_spent jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._settled(p_answer jsonb, p_spent jsonb) IS 'Settles the calls that a step made with its end, and passes its answer on. The last thing of all: everybody waits for the row of the day.';

--
-- Name: _sha1(bytea); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._sha1(p_bytes bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  v_mask constant bigint := 4294967295;
  v_bytes bytea := p_bytes || '\x80'::bytea || decode(repeat('00', (119 - length(p_bytes) % 64) % 64), 'hex') || int8send(length(p_bytes)::bigint * 8);
  v_h bigint[] := array[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  v_w bigint[];
  v_x bigint[];
  v_f bigint;
  v_t bigint;
begin
  for v_block in 0 .. length(v_bytes) / 64 - 1 loop
    v_w := array(select (get_byte(v_bytes, v_block * 64 + i * 4)::bigint << 24) | (get_byte(v_bytes, v_block * 64 + i * 4 + 1) << 16) | (get_byte(v_bytes, v_block * 64 + i * 4 + 2) << 8) | get_byte(v_bytes, v_block * 64 + i * 4 + 3)
      from generate_series(0, 15) i order by i);
    for i in 17 .. 80 loop
      v_t := v_w[i - 3] # v_w[i - 8] # v_w[i - 14] # v_w[i - 16];
      v_w[i] := ((v_t << 1) | (v_t >> 31)) & v_mask;
    end loop;
    v_x := v_h;
    for i in 1 .. 80 loop
      v_f := case
        when i <= 20 then ((v_x[2] & v_x[3]) | ((v_x[2] # v_mask) & v_x[4])) + 1518500249
        when i <= 40 then (v_x[2] # v_x[3] # v_x[4]) + 1859775393
        when i <= 60 then ((v_x[2] & v_x[3]) | (v_x[2] & v_x[4]) | (v_x[3] & v_x[4])) + 2400959708
        else (v_x[2] # v_x[3] # v_x[4]) + 3395469782 end;
      v_t := ((((v_x[1] << 5) | (v_x[1] >> 27)) & v_mask) + v_f + v_x[5] + v_w[i]) & v_mask;
      v_x := array[v_t, v_x[1], ((v_x[2] << 30) | (v_x[2] >> 2)) & v_mask, v_x[3], v_x[4]];
    end loop;
    v_h := array[(v_h[1] + v_x[1]) & v_mask, (v_h[2] + v_x[2]) & v_mask, (v_h[3] + v_x[3]) & v_mask, (v_h[4] + v_x[4]) & v_mask, (v_h[5] + v_x[5]) & v_mask];
  end loop;
  return decode((select string_agg(lpad(to_hex(h), 8, '0'), '' order by place) from unnest(v_h) with ordinality x (h, place)), 'hex');
end
$$;

--
-- Name: FUNCTION _sha1(p_bytes bytea); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._sha1(p_bytes bytea) IS 'FIPS 180-4. For one-time codes alone: everything else here is SHA-256.';

--
-- Name: _show_change(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._show_change(p_change_id uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  return public._job('change.show', p_change_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint);
end
$$;

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
-- Name: _spend_factor(text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._spend_factor(p_subject text, p_person_id uuid) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_checked_at timestamptz;
begin
  with spent as (update public.factor_passes set used_at = clock_timestamp() where subject = p_subject and person_id = p_person_id and used_at is null returning checked_at)
  select max(checked_at) into v_checked_at from spent;
  return v_checked_at;
end
$$;

--
-- Name: FUNCTION _spend_factor(p_subject text, p_person_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._spend_factor(p_subject text, p_person_id uuid) IS 'Takes the code with the decision, in its transaction; when it was checked, or null when none was given.';

--
-- Name: _spend_rates(jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._spend_rates(p_policy jsonb, p_uses jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_use record;
  v_window public.rate_windows;
  v_spent text[] := '{}'::text[];
begin
  -- Always in one order, so that two calls never wait for each other.
  for v_use in
    select u.key as name, u.value as subject, (p_policy -> 'rates' -> u.key ->> 'max')::integer as most, make_interval(secs => (p_policy -> 'rates' -> u.key ->> 'per')::integer) as per
    from jsonb_each_text(p_uses) u where u.value is not null and p_policy -> 'rates' ? u.key order by u.key
  loop
    insert into public.rate_windows as w (limit_name, subject, opened_at, used) values (v_use.name, v_use.subject, clock_timestamp(), 1)
    on conflict (limit_name, subject) do update set
      used = case when w.opened_at + v_use.per > clock_timestamp() then w.used + 1 else 1 end,
      opened_at = case when w.opened_at + v_use.per > clock_timestamp() then w.opened_at else clock_timestamp() end
    where w.opened_at + v_use.per <= clock_timestamp() or w.used < v_use.most;
    if not found then
      -- One that is used up gives back what was spent before it: all of them or none.
      update public.rate_windows set used = used - 1 where limit_name = any (v_spent) and subject = p_uses ->> limit_name;
      select * into v_window from public.rate_windows where limit_name = v_use.name and subject = v_use.subject;
      return jsonb_build_object('limit', v_use.name, 'subject', v_use.subject, 'max', v_use.most, 'per_seconds', extract(epoch from v_use.per)::integer, 'free_at', v_window.opened_at + v_use.per,
        'retry_after_ms', ceil(greatest(extract(epoch from v_window.opened_at + v_use.per - clock_timestamp()), 0) * 1000)::bigint + 1);
    end if;
    v_spent := v_spent || v_use.name;
  end loop;
  return null;
end
$$;

--
-- Name: FUNCTION _spend_rates(p_policy jsonb, p_uses jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._spend_rates(p_policy jsonb, p_uses jsonb) IS 'Spends one of each {limit: subject}, or none of them: null, or which limit is used up and when it is free again.';

--
-- Name: _stale_sources(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._stale_sources(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('found_at', min(m.found_at), 'source_count', sum(m.source_count)) from public.stale_retrievals m
    where m.task_id = p_task_id and m.redone_at is null having count(*) > 0);
end
$$;

--
-- Name: FUNCTION _stale_sources(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._stale_sources(p_task_id text) IS 'What a task''s texts rest on instead of a search; null when the search answered each time.';

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
$_$;

--
-- Name: FUNCTION _store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text) IS 'Writes {name, type, content | storage_ref, content_type, checksum, size_bytes}; gives a later version of the same name a number.';

--
-- Name: _sweep_break_glass(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._sweep_break_glass() RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_glass public.break_glasses;
  v_request public.approval_requests;
  v_deliver jsonb := public._open_unopposed();
begin
  for v_glass in
    select g.* from public.break_glasses g join public.approval_requests r using (request_id) where g.status = 'open' and (g.expires_at <= clock_timestamp() or r.status <> 'approved')
  loop
    perform 1 from public.tasks where task_id = v_glass.task_id for update;
    -- Read again under the task's lock: it may have been used since.
    select * into v_glass from public.break_glasses where break_glass_id = v_glass.break_glass_id and status = 'open' for update;
    continue when v_glass.break_glass_id is null;
    select * into v_request from public.approval_requests where request_id = v_glass.request_id for update;
    if v_request.status <> 'approved' then
      v_deliver := v_deliver || public._end_break_glass(v_glass, 'void', 'the task ended before anything was let out');
    else
      v_deliver := v_deliver || public._end_break_glass(v_glass, 'expired', null) || public._ask_again(v_request, 'the break-glass was over before anything was let out', 'system');
    end if;
  end loop;
  for v_glass in
    update public.break_glasses set review_reminded_at = clock_timestamp() where reviewed_at is null and review_reminded_at is null and review_due_at <= clock_timestamp() returning *
  loop
    update public.changes set tell_requested_at = clock_timestamp() where change_id = v_glass.change_id;
    perform public._raise_incident('review_overdue', v_glass.break_glass_id::text, 'warning', 'the review of a break-glass is overdue', jsonb_build_object('break_glass_id', v_glass.break_glass_id), v_glass.task_id);
    v_deliver := v_deliver || public._show_change(v_glass.change_id);
  end loop;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _sweep_break_glass(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._sweep_break_glass() IS 'What is due about break-glasses: those that open unopposed, those that are over, and reviews that nobody has written.';

--
-- Name: _sweep_cards(interval); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._sweep_cards(p_patience interval) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_deliver jsonb;
begin
  with looked_at as (
    select c.card_id, c.stale_since, f.job, f.id, c.shown_mark is not distinct from f.mark as is_true from public.cards c cross join lateral public._card_face(c) f
    where c.kind in ('approval', 'doubt', 'change', 'runbook', 'resume') and c.message_id is not null and not c.is_settled
      and (case when c.shown_mark is not distinct from f.mark then f.is_over
        -- Seen for the first time it is most likely being drawn; what cannot be drawn is asked for ever less often.
        else c.stale_since is null or c.stale_since <= clock_timestamp() - p_patience * power(2, least(c.redraw_count, 8)) end)
    order by c.stale_since nulls first limit 200 for update of c skip locked
  ), noted as (
    update public.cards c set is_settled = l.is_true, stale_since = case when not l.is_true then clock_timestamp() end,
      redraw_count = c.redraw_count + case when l.is_true or l.stale_since is null then 0 else 1 end
    from looked_at l where c.card_id = l.card_id
  )
  select coalesce(jsonb_agg(public._job(x.job, x.id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0), '[]'::jsonb) into v_deliver
  from (select distinct l.job, l.id from looked_at l where not l.is_true and l.stale_since is not null) x;
  return v_deliver;
end
$$;

--
-- Name: FUNCTION _sweep_cards(p_patience interval); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._sweep_cards(p_patience interval) IS 'Cards that have shown something else than the rows say for longer than a nudge takes: their redraw was lost. Those that say how it ended are looked at no more.';

--
-- Name: _sweep_changes(interval); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._sweep_changes(p_patience interval) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _sweep_changes(p_patience interval); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._sweep_changes(p_patience interval) IS 'What is due about changes: delegations that end, proposals that expire, news and cards that did not get through.';

--
-- Name: _take_limits(text, jsonb, jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._take_limits(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  -- Whoever else asks for the same money waits here until this grant is there, or is not; a checklist or numbers that change wait too.
  if p_kind = 'trade' then
    perform 1 from public.trading_accounts where account_id = public._order_party(p_order) for update;
  elsif public._is_money(p_kind) then
    perform pg_advisory_xact_lock(hashtext('ags.payments'));
    perform 1 from public.payers where payer = public._order_party(p_order) for update;
  end if;
  -- In a statement of its own, so that it sees what those before it have written.
  return public._limit_refusal(p_kind, p_order, p_policy, p_except);
end
$$;

--
-- Name: FUNCTION _take_limits(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._take_limits(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) IS 'Holds what an order uses up until the transaction ends, and asks: the effect that is then written is what spends it.';

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
      'failure_code', t.failure_code, 'failure_message', t.failure_message,
      -- Somebody else than whoever asked for it.
      'cancelled_by', case when t.status = 'cancelled' then (select public._name_of(public._person_of(substr(l.actor, 4)::bigint)) from public.audit_logs l where l.chain = t.task_id and l.action = 'task.end' and l.actor like 'tg:%' and l.actor <> t.actor order by l.seq desc limit 1) end,
      'chat_id', t.chat_id, 'topic_id', t.topic_id, 'message_id', t.message_id, 'request_message_id', t.request_message_id,
      'created_at', t.created_at, 'ended_at', t.ended_at, 'now', clock_timestamp(), 'is_waiting_for_stop', t.ended_at is null and public._is_stopped(coalesce(t.risk_tier, 'T0')),
      'queue', case when t.status = 'planning' then (select public._queue(s.woken_at) from public.task_steps s where s.step_id = t.task_id || '/plan' and s.status = 'ready') end,
      'steps', coalesce((select jsonb_agg(jsonb_build_object('node_id', s.node_id, 'kind', s.kind, 'agent', s.agent, 'agent_name', s.agent_name, 'action', s.action, 'tier', s.tier, 'status', s.status, 'after', to_jsonb(s.after),
        'quality_score', s.quality_score, 'attempt_count', s.attempt_count, 'started_at', s.started_at, 'ended_at', s.ended_at, 'error_code', s.error_code, 'waits_for', case when s.status = 'ready' then s.waits_for end,
        'comments', s.comments, 'verdict', s.verdict) order by
          -- In the order things happen: a gate that was put in late stands before what it holds.
          case s.kind when 'plan' then 0 when 'archive' then 2 else 1 end,
          case when s.kind = 'approve' then coalesce((select min(h.position) - 0.5 from public.task_steps h where h.task_id = s.task_id and s.node_id = any (h.after)), s.position) else s.position end) from public.task_steps s where s.task_id = t.task_id), '[]'),
      'requests', coalesce((select jsonb_agg(jsonb_build_object('reference', r.reference, 'status', r.status, 'tier', r.tier, 'step_id', r.step_id, 'version', r.version, 'expires_at', r.expires_at, 'slots', to_jsonb(r.slots),
        'verdict', public._verdict(r)) order by r.created_at) from public.approval_requests r where r.task_id = t.task_id), '[]'),
      'effects', coalesce((select jsonb_agg(public._effect_view(e) order by e.granted_at) from public.effects e where e.task_id = t.task_id), '[]'),
      'break_glasses', public._list_break_glasses(t.task_id))
    from public.tasks t where t.task_id = p_task_id
  );
end
$$;

--
-- Name: _team_problem(uuid, text, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._team_problem(p_person_id uuid, p_role text, p_into uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _team_problem(p_person_id uuid, p_role text, p_into uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._team_problem(p_person_id uuid, p_role text, p_into uuid) IS 'What the team would lack without this person''s role, or with this person made one with another; null when nothing.';

--
-- Name: _tier_lockout(jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._tier_lockout(p_document jsonb, p_tier text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _tier_lockout(p_document jsonb, p_tier text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._tier_lockout(p_document jsonb, p_tier text) IS 'Why nothing of a tier could be done by anybody under this policy; null when somebody could do something.';

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
-- Name: _trade_refusal(jsonb, jsonb, uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._trade_refusal(p_order jsonb, p_limits jsonb, p_except uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_account text := p_order ->> 'account';
  v_size numeric := (p_order ->> 'size')::numeric;
  v_risk numeric := (p_order ->> 'risk')::numeric;
  v_use jsonb := public._account_use(v_account, p_except);
  v_caps jsonb := public._trading_caps(v_account, p_limits, v_use);
  v_unit text := v_use ->> 'currency';
  v_at_risk numeric := (v_use ->> 'at_risk')::numeric;
  v_loss numeric := (v_use ->> 'loss')::numeric;
  v_positions integer := (v_use ->> 'positions')::integer;
begin
  if v_use ->> 'account_id' is null then
    return public._over_limit('account', v_account, null, null, v_risk, null, null, true, format('there is no trading account %s', v_account));
  end if;
  if v_size > (v_caps ->> 'size')::numeric then
    return public._over_limit('max_order_size', v_account, (v_caps ->> 'size')::numeric, 0, v_size, 'size', null, true, format('a size of %s is over the %s that %s may order at once', p_order ->> 'size', trim_scale((v_caps ->> 'size')::numeric), v_account));
  end if;
  if public._is_stale(v_use, v_caps) then
    return public._over_limit('max_snapshot_age', v_account, (v_caps ->> 'age_seconds')::numeric, extract(epoch from clock_timestamp() - (v_use ->> 'taken_at')::timestamptz)::integer, null, 'seconds', null, false,
      format('the numbers of %s are too old to trade by: at most %s seconds', v_account, v_caps ->> 'age_seconds'));
  end if;
  if v_positions + 1 > (v_caps ->> 'positions')::integer then
    return public._over_limit('max_positions', v_account, (v_caps ->> 'positions')::numeric, v_positions, 1, 'positions', null, (v_caps ->> 'positions')::integer = 0,
      format('%s of %s positions of %s are open or on their way', v_positions, v_caps ->> 'positions', v_account));
  end if;
  -- What is open and on its way may be lost whole: so counted, no order of events passes the cap.
  if v_loss + v_at_risk + v_risk > (v_caps ->> 'loss')::numeric then
    return public._over_limit('max_daily_loss_pct', v_account, (v_caps ->> 'loss')::numeric, v_loss + v_at_risk, v_risk, v_unit,
      case when v_loss + v_risk > (v_caps ->> 'loss')::numeric then date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC' + interval '1 day' end, v_risk > (v_caps ->> 'loss')::numeric,
      format('a risk of %s more could make the loss of the day larger than %s %s: %s are lost or at risk', p_order ->> 'risk', trim_scale((v_caps ->> 'loss')::numeric), v_unit, trim_scale(v_loss + v_at_risk)));
  end if;
  if (v_use ->> 'drawdown')::numeric + v_at_risk + v_risk > (v_caps ->> 'drawdown')::numeric then
    return public._over_limit('max_drawdown_pct', v_account, (v_caps ->> 'drawdown')::numeric, (v_use ->> 'drawdown')::numeric + v_at_risk, v_risk, v_unit, null, v_risk > (v_caps ->> 'drawdown')::numeric,
      format('a risk of %s more could take %s further than %s %s below its highest: %s are lost or at risk', p_order ->> 'risk', v_account, trim_scale((v_caps ->> 'drawdown')::numeric), v_unit,
        trim_scale((v_use ->> 'drawdown')::numeric + v_at_risk)));
  end if;
  return null;
end
$$;

--
-- Name: FUNCTION _trade_refusal(p_order jsonb, p_limits jsonb, p_except uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._trade_refusal(p_order jsonb, p_limits jsonb, p_except uuid) IS 'What of the limits of trading speaks against an order now; null when nothing does. Changes nothing.';

--
-- Name: _trading_caps(text, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._trading_caps(p_account_id text, p_limits jsonb, p_use jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_own public.limits;
begin
  select * into v_own from public.limits where account_id = p_account_id;
  -- Where the account has limits of its own, the stricter one holds.
  return jsonb_build_object('loss', least(coalesce((p_use ->> 'day_start_equity')::numeric * (p_limits ->> 'max_daily_loss_pct')::numeric / 100, 0), v_own.daily_loss_cap),
    'drawdown', coalesce((p_use ->> 'high_water_mark')::numeric * (p_limits ->> 'max_drawdown_pct')::numeric / 100, 0),
    'positions', least(coalesce((p_limits ->> 'max_positions')::integer, 0), v_own.max_positions), 'size', v_own.max_order_size,
    'age_seconds', coalesce((p_limits ->> 'max_snapshot_age')::integer, 300));
end
$$;

--
-- Name: FUNCTION _trading_caps(p_account_id text, p_limits jsonb, p_use jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._trading_caps(p_account_id text, p_limits jsonb, p_use jsonb) IS 'The caps of an account in its own money: the policy''s, or its own where they are stricter.';

--
-- Name: _trading_use(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._trading_use(p_limits jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('account_id', a.account_id, 'currency', u.use ->> 'currency', 'taken_at', u.use -> 'taken_at', 'is_stale', public._is_stale(u.use, c.caps),
      'loss_used', trim_scale(coalesce((u.use ->> 'loss')::numeric, 0) + (u.use ->> 'at_risk')::numeric)::text, 'loss_cap', trim_scale((c.caps ->> 'loss')::numeric)::text,
      'drawdown_used', trim_scale(coalesce((u.use ->> 'drawdown')::numeric, 0) + (u.use ->> 'at_risk')::numeric)::text, 'drawdown_cap', trim_scale((c.caps ->> 'drawdown')::numeric)::text,
      'positions_used', u.use -> 'positions', 'positions_cap', c.caps -> 'positions') order by a.account_id), '[]'::jsonb)
    from public.trading_accounts a
    cross join lateral (select public._account_use(a.account_id, null) as use) u
    cross join lateral (select public._trading_caps(a.account_id, p_limits, u.use) as caps) c
  );
end
$$;

--
-- Name: FUNCTION _trading_use(p_limits jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._trading_use(p_limits jsonb) IS 'How much of its limits each account has used.';

--
-- Name: _trigrams(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._trigrams(p_text text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
declare
  v_text text := ' ' || btrim(regexp_replace(lower(left(p_text, 4000)), '[^[:alnum:]]+', ' ', 'g')) || ' ';
begin
  return coalesce((select array_agg(distinct substr(v_text, i, 3)) from generate_series(1, length(v_text) - 2) i), '{}'::text[]);
end
$$;

--
-- Name: FUNCTION _trigrams(p_text text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._trigrams(p_text text) IS 'Every three letters that stand beside each other, without case and punctuation; of the first 4000 characters.';

--
-- Name: _try_search(public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._try_search(p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_free_at timestamptz;
begin
  if p_step.data ->> 'is_ok' is null then
    select coalesce(b.probe_until, b.opened_at + interval '120 seconds') into v_free_at from public.breakers b where b.name = 'search' and b.state <> 'closed';
    if v_free_at > clock_timestamp() then
      -- Whoever has the probe in hand mostly ends long before its time is over.
      return jsonb_build_object('wait_ms', least(5000, ceil(extract(epoch from v_free_at - clock_timestamp()) * 1000))::bigint);
    end if;
    return jsonb_build_object('wait_ms', 0, 'ask', jsonb_build_object('what', 'search'));
  end if;
  return case when (p_step.data ->> 'is_ok')::boolean then jsonb_build_object('text', 'the search answers')
    else jsonb_build_object('text', 'the search does not answer: mend it, then give the runbook again. Nothing was changed', 'failed', true) end;
end
$$;

--
-- Name: _uncounted(public.approval_requests); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._uncounted(p_request public.approval_requests) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION _uncounted(p_request public.approval_requests); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._uncounted(p_request public.approval_requests) IS 'Why an approval that was counted can count no longer, as a sentence; null when all of them still can.';

--
-- Name: _use_break_glass(public.effects); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._use_break_glass(p_effect public.effects) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  v_change public.changes;
begin
  select c.* into v_change from public.changes c join public.break_glasses g using (change_id) where g.break_glass_id = p_effect.break_glass_id;
  if v_change.change_id is null then
    return '{}'::jsonb;
  end if;
  update public.break_glasses set status = 'used', ended_at = clock_timestamp() where break_glass_id = p_effect.break_glass_id and status = 'open';
  if found then
    perform public._audit_break_glass(v_change, 'system', 'use', jsonb_build_object('effect_id', p_effect.effect_id));
    perform public._event(p_effect.task_id, 'BREAK_GLASS', p_effect.step_id, null, jsonb_build_object('reference', v_change.reference, 'state', 'used', 'effect_id', p_effect.effect_id), v_change.reference || ':used');
    update public.changes set ended_at = clock_timestamp(), tell_requested_at = clock_timestamp() where change_id = v_change.change_id;
  end if;
  return jsonb_build_object('break_glass', v_change.reference);
end
$$;

--
-- Name: FUNCTION _use_break_glass(p_effect public.effects); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._use_break_glass(p_effect public.effects) IS 'The grant takes the glass with it, in its own transaction: a second effect finds it used.';

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
-- Name: _veto_runs_from(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._veto_runs_from(p_change public.changes) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select case when count(*) > 0 and count(*) = count(k.sent_at) and (select stopped_at is null from public.stop_switch) then
      greatest(max(k.sent_at), (select max(resumed_at) from public.stops)) end
    from unnest(p_change.announced_in) a (chat_id) left join public.cards k on k.kind = 'change' and k.change_id = p_change.change_id and k.chat_id = a.chat_id
  );
end
$$;

--
-- Name: FUNCTION _veto_runs_from(p_change public.changes); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._veto_runs_from(p_change public.changes) IS 'Since when nobody has objected to a break-glass that stood in every chat where it has to stand; time before the last stop was lifted does not count. Null while it stands in none or not in all of them, and while stopped.';

--
-- Name: _veto_window(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._veto_window(p_policy jsonb) RETURNS interval
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  return make_interval(secs => coalesce((p_policy -> 'break_glass' ->> 'veto_window')::integer, 0));
end
$$;

--
-- Name: FUNCTION _veto_window(p_policy jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._veto_window(p_policy jsonb) IS 'After how long without an objection a break-glass opens on one person''s word; nothing where the policy does not allow it.';

--
-- Name: _void_break_glass(uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._void_break_glass(p_request_id uuid, p_reason text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform public._end_break_glass(g, 'void', p_reason) from public.break_glasses g where g.request_id = p_request_id and g.status = 'open';
end
$$;

--
-- Name: FUNCTION _void_break_glass(p_request_id uuid, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._void_break_glass(p_request_id uuid, p_reason text) IS 'What was confirmed is void, and the glass with it.';

--
-- Name: _void_request(public.approval_requests, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._void_request(p_request public.approval_requests, p_reason text, p_actor text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  update public.approval_requests set status = 'void', void_reason = p_reason, decided_at = clock_timestamp(), worker = null, lease_expires_at = null where request_id = p_request.request_id;
  perform public._void_break_glass(p_request.request_id, p_reason);
  perform public._audit(p_request.task_id, p_actor, 'approval.void', p_request.reference, jsonb_build_object('status', p_request.status,
    'approvals', (select count(*) from public.approvals where request_id = p_request.request_id and decision = 'approve')), jsonb_build_object('reason', p_reason));
end
$$;

--
-- Name: _wait_for_chat(public.effects, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._wait_for_chat(p_effect public.effects, p_fence bigint, p_delay_ms bigint) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform public._raise_standing('chat_shut', p_effect.target_chat_id::text, 'critical', 'Telegram does not let the bot write to a chat',
    jsonb_build_object('chat_id', p_effect.target_chat_id, 'effect_kind', p_effect.kind, 'tier', p_effect.tier), p_effect.task_id);
  return public.wait_step(p_effect.step_id, p_fence, 'access:' || p_effect.target_chat_id, p_delay_ms);
end
$$;

--
-- Name: FUNCTION _wait_for_chat(p_effect public.effects, p_fence bigint, p_delay_ms bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._wait_for_chat(p_effect public.effects, p_fence bigint, p_delay_ms bigint) IS 'What was approved for a chat that does not let the bot in waits for it, with one incident for the chat.';

--
-- Name: _waived_slot(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._waived_slot(p_request_id uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (select waived_slot from public.break_glasses where request_id = p_request_id and status in ('open', 'used'));
end
$$;

--
-- Name: FUNCTION _waived_slot(p_request_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._waived_slot(p_request_id uuid) IS 'The slot of this request that a veto window filled with nobody; null when there is none.';

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
-- Name: _was_vetoed(public.changes); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._was_vetoed(p_change public.changes) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return exists (select 1 from public.changes v where v.kind = 'break_glass' and v.status = 'rejected' and v.change_id <> p_change.change_id and v.payload ->> 'task_id' = p_change.payload ->> 'task_id');
end
$$;

--
-- Name: FUNCTION _was_vetoed(p_change public.changes); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._was_vetoed(p_change public.changes) IS 'Whether somebody has objected to a break-glass for the same task before: silence is then no longer enough.';

--
-- Name: _watch_redone(public.runbook_runs, public.runbook_steps); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._watch_redone(p_run public.runbook_runs, p_step public.runbook_steps) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_redone record;
begin
  -- A task that is judged again has no work before its gate that is still to be done.
  select count(*) as tasks, count(*) filter (where x.is_stale) as stale, count(*) filter (where not x.is_stale and not x.is_under_way) as fresh, count(*) filter (where x.is_under_way and not x.is_stale) as under_way into v_redone
  from (
    select exists (select 1 from public.stale_retrievals m where m.task_id = t.task_id and m.redone_at is null) as is_stale,
      exists (select 1 from public.task_steps s where s.task_id = t.task_id and s.kind in ('work', 'critic') and s.status in ('pending', 'ready', 'running')) as is_under_way
    from public.tasks t where t.task_id in (select jsonb_array_elements_text(r.data -> 'tasks') from public.runbook_steps r where r.run_id = p_run.run_id and r.name = 'redo')
  ) x;
  if v_redone.under_way > 0 and p_step.started_at > clock_timestamp() - interval '10 minutes' then
    return jsonb_build_object('wait_ms', 5000);
  end if;
  return jsonb_build_object('text', format('of %s tasks %s have searched and been judged again, %s are still at it, %s are stale again; %s', v_redone.tasks, v_redone.fresh, v_redone.under_way, v_redone.stale, public._describe_out()))
    || case when v_redone.stale + v_redone.under_way > 0 then '{"failed": true}'::jsonb else '{}'::jsonb end;
end
$$;

--
-- Name: _work(public.task_steps, public.tasks); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._work(p_step public.task_steps, p_task public.tasks) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  v_previous jsonb;
  v_post jsonb;
  v_delivery jsonb;
begin
  -- Each is looked up for those steps alone that need it.
  if p_step.output_ref is not null then
    select public._artifact_json(a) into v_previous from public.artifacts a where a.storage_ref = p_step.output_ref;
  end if;
  if p_step.kind = 'effect' then
    -- What would be sent: the post that was judged. The critic's own comes from the draft.
    select public._artifact_json(a) into v_post from public.artifacts a join public.task_steps c on c.step_id = a.step_id
    where a.task_id = p_step.task_id and a.type = 'post' and c.kind = 'critic' and c.subject_node = p_step.subject_node and a.checksum = c.verdict ->> 'post_checksum'
    order by a.created_at desc limit 1;
  elsif p_step.kind = 'critic' then
    -- The critic's post goes where the effect goes.
    select jsonb_build_object('step_id', e.step_id, 'effect_kind', e.effect_kind, 'target_chat_id', e.target_chat_id, 'target_topic_id', e.target_topic_id) into v_delivery
    from public.task_steps e where e.task_id = p_step.task_id and e.kind = 'effect' and e.subject_node = p_step.subject_node limit 1;
  end if;
  return jsonb_build_object(
    'step', jsonb_build_object('step_id', p_step.step_id, 'task_id', p_step.task_id, 'node_id', p_step.node_id, 'kind', p_step.kind, 'agent', p_step.agent,
      'agent_name', p_step.agent_name, 'action', p_step.action, 'tier', p_step.tier, 'instruction', p_step.instruction, 'fence', p_step.fence,
      'attempt_count', p_step.attempt_count, 'comments', p_step.comments, 'effect_kind', p_step.effect_kind,
      'subject_node', p_step.subject_node, 'target_chat_id', p_step.target_chat_id, 'target_topic_id', p_step.target_topic_id, 'lease_expires_at', p_step.lease_expires_at, 'waits_since', p_step.waits_since),
    'task', jsonb_build_object('task_id', p_task.task_id, 'goal', p_task.goal, 'actor', p_task.actor, 'risk_tier', p_task.risk_tier, 'policy_version', p_task.policy_version, 'source', p_task.source,
      'chat_id', p_task.chat_id, 'topic_id', p_task.topic_id, 'message_id', p_task.message_id, 'request_message_id', p_task.request_message_id, 'revision_count', p_task.revision_count, 'created_at', p_task.created_at),
    'inputs', public._inputs(p_step),
    'previous', v_previous, 'post', v_post, 'delivery', v_delivery,
    'made', case when p_step.kind = 'archive' then public.list_task_artifacts(p_step.task_id) end);
end
$$;

--
-- Name: FUNCTION _work(p_step public.task_steps, p_task public.tasks); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._work(p_step public.task_steps, p_task public.tasks) IS 'Everything that the worker of a claimed step needs, read in one go.';

--
-- Name: _would_pass(jsonb, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public._would_pass(p_document jsonb, p_tier text, p_verdict jsonb) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select (public.evaluate_requirements(jsonb_agg(x.r), p_verdict || jsonb_build_object('pass_points', (p_document -> 'quality' ->> 'pass_points')::integer)) ->> 'is_met')::boolean
    from (select 'critic_pass' as r union all select r from jsonb_array_elements_text(public._demands(p_document, p_tier, p_verdict)) r where r like 'critic>=%') x
  );
end
$$;

--
-- Name: FUNCTION _would_pass(p_document jsonb, p_tier text, p_verdict jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public._would_pass(p_document jsonb, p_tier text, p_verdict jsonb) IS 'Whether a critic''s points pass the bar of a policy.';

--
-- Name: ack_incident(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'An operator or owner looks after it. code: unknown_button, wrong_message, no_role, already_acked, already_resolved.';

--
-- Name: advance_runbook(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.advance_runbook(p_run_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_run public.runbook_runs;
  v_step public.runbook_steps;
  v_done jsonb;
  v_is_over boolean;
begin
  select * into v_run from public.runbook_runs where run_id = p_run_id and state = 'running' for update skip locked;
  if v_run.run_id is null then
    -- It is over, or somebody else is at it.
    return jsonb_build_object('is_over', true, 'wait_ms', 0, 'did', null, 'deliver', '[]'::jsonb);
  end if;
  update public.runbook_steps set started_at = coalesce(started_at, clock_timestamp())
  where run_id = p_run_id and position = (select min(position) from public.runbook_steps where run_id = p_run_id and state = 'pending') returning * into v_step;
  v_done := case v_run.name when 'desync' then public._run_desync_step(v_step) when 'memory-drift' then public._run_drift_step(v_run, v_step) else public._run_tool_step(v_run, v_step) end;
  if v_done ? 'text' then
    update public.runbook_steps set state = case when v_done ? 'failed' then 'failed' else 'done' end, result = left(v_done ->> 'text', 1000), ended_at = clock_timestamp() where run_id = p_run_id and position = v_step.position;
    perform public._audit('system', 'system', 'runbook.step', 'runbook:' || p_run_id, null, jsonb_build_object('name', v_run.name, 'step', v_step.name, 'result', left(v_done ->> 'text', 500)));
  elsif v_done ? 'data' then
    update public.runbook_steps set data = data || (v_done -> 'data') where run_id = p_run_id and position = v_step.position;
  end if;
  v_is_over := v_done ? 'failed' or not exists (select 1 from public.runbook_steps where run_id = p_run_id and state = 'pending');
  update public.runbook_runs set state = case when v_done ? 'failed' then 'failed' when v_is_over then 'done' else state end, ended_at = case when v_is_over then clock_timestamp() end,
    next_at = case when not v_is_over then clock_timestamp() + make_interval(secs => coalesce((v_done ->> 'wait_ms')::numeric, 0) / 1000) end
  where run_id = p_run_id;
  return jsonb_build_object('is_over', v_is_over, 'wait_ms', coalesce((v_done ->> 'wait_ms')::bigint, 0), 'did', case when v_done ? 'text' then v_step.name end, 'deliver', coalesce(v_done -> 'deliver', '[]'::jsonb),
    'ask', v_done -> 'ask', 'failures', case when v_step.name = 'notify' then public._list_failed_calls(v_run.subject) end);
end
$$;

--
-- Name: FUNCTION advance_runbook(p_run_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.advance_runbook(p_run_id uuid) IS 'Does the next step of a run, in one transaction with its record; wait_ms when it has to wait, is_over when there is nothing more to do.';

--
-- Name: answer_runbook(uuid, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.answer_runbook(p_run_id uuid, p_name text, p_answer jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.runbook_steps;
begin
  select s.* into v_step from public.runbook_runs r join public.runbook_steps s using (run_id)
  where r.run_id = p_run_id and r.name = 'memory-drift' and r.state = 'running' and s.name = p_name and s.state = 'pending' and s.started_at is not null for update of r, s;
  if v_step.name = 'search' then
    update public.runbook_steps set data = data || jsonb_build_object('is_ok', (p_answer ->> 'is_ok')::boolean) where run_id = p_run_id and position = v_step.position;
  elsif v_step.name = 'compare' and v_step.data ->> 'last' is not distinct from p_answer ->> 'after' then
    -- Of two workers that were asked the same the first one is heard.
    update public.runbook_steps set data = data || jsonb_build_object('last', p_answer -> 'last', 'checked', coalesce((data ->> 'checked')::integer, 0) + (p_answer ->> 'checked')::integer,
      'wrong_count', coalesce((data ->> 'wrong_count')::integer, 0) + jsonb_array_length(p_answer -> 'wrong'), 'missing_count', coalesce((data ->> 'missing_count')::integer, 0) + jsonb_array_length(p_answer -> 'missing'),
      'named', (select coalesce(jsonb_agg(x.n), '[]'::jsonb) from (
        select n from jsonb_array_elements_text(coalesce(data -> 'named', '[]'::jsonb) || (p_answer -> 'wrong') || (p_answer -> 'missing')) with ordinality e (n, place) order by e.place limit 8) x))
    where run_id = p_run_id and position = v_step.position;
  end if;
end
$$;

--
-- Name: FUNCTION answer_runbook(p_run_id uuid, p_name text, p_answer jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.answer_runbook(p_run_id uuid, p_name text, p_answer jsonb) IS 'What a step of memory-drift had asked of a worker: {is_ok}, or {after, last, checked, wrong, missing}. An answer that comes twice or late changes nothing.';

--
-- Name: approve_with_code(uuid, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_prompt public.prompts;
  v_about jsonb;
  v_person_id uuid;
  v_code text;
begin
  select * into v_prompt from public.prompts where prompt_id = p_prompt_id and kind = 'factor' and external_id = p_external_id and answered_at is null and expires_at > now();
  v_about := public._about_factor(v_prompt);
  -- In the order of the decision itself, which comes last here: first what it locks before anything that a person has.
  if v_about ->> 'about' = 'change' then
    perform pg_advisory_xact_lock(hashtext('ags.govern'));
  elsif v_about ->> 'about' = 'resume' then
    perform 1 from public.stop_switch for update;
  end if;
  v_person_id := public._person_of(p_external_id);
  v_code := case
    when v_prompt.prompt_id is null then 'expired'
    when v_about ->> 'about' = 'resume' and not exists (select 1 from public.stop_switch where 'resume:' || generation = v_prompt.subject) then 'expired'
    else public._check_code(v_person_id, p_code, 'tg:' || p_external_id) end;
  if v_code is not null then
    perform public._audit(coalesce(v_about ->> 'task_id', 'system'), 'tg:' || p_external_id, 'factor.refuse', coalesce(v_about ->> 'reference', 'code'), null, jsonb_build_object('code', v_code));
    return jsonb_build_object('code', v_code, 'request', null, 'change', null, 'resume', null, 'doubt', null);
  end if;
  update public.prompts set answered_at = now() where prompt_id = p_prompt_id;
  insert into public.factor_passes (person_id, subject) values (v_person_id, v_prompt.subject);
  return jsonb_build_object('code', null,
    'request', case when v_about ->> 'about' = 'request' then public.decide_approval(v_about ->> 'reference', null, null, null, p_external_id, 'approve', v_prompt.wish ->> 'reason', v_prompt.wish ->> 'as_role', 'reply') end,
    'change', case when v_about ->> 'about' = 'change' then public.decide_change(v_about ->> 'reference', null, null, null, p_external_id, 'approve', v_prompt.wish ->> 'reason', v_prompt.wish ->> 'as_role', 'reply') end,
    'resume', case when v_about ->> 'about' = 'resume' then public.resume_effects(p_external_id, v_prompt.wish ->> 'reason', null, null, null, v_prompt.wish ->> 'choice') end,
    'doubt', case when v_about ->> 'about' = 'doubt' then public.decide_doubt(v_prompt.wish ->> 'token', (v_prompt.wish ->> 'chat_id')::bigint, (v_prompt.wish ->> 'message_id')::bigint, p_external_id, 'again') end);
end
$$;

--
-- Name: FUNCTION approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text) IS 'The reply to the question for a code: a right one decides, by `decide_approval`, `decide_change`, `resume_effects` or `decide_doubt`, whose answer it gives; else code is expired, wrong_code, used_code, locked or not_enrolled.';

--
-- Name: ask_account(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ask_account(p_account_id text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  v_seq bigint;
begin
  if coalesce(p_account_id, '') !~ '^[a-z][a-z0-9_-]{0,39}$' then
    perform public._refuse('ZT007', 'an account is named in small letters, digits, - and _', jsonb_build_object('account_id', left(p_account_id, 60)));
  end if;
  insert into public.trading_accounts as a (account_id, asked_seq, asked_at) values (p_account_id, 1, clock_timestamp())
  on conflict (account_id) do update set asked_seq = a.asked_seq + 1, asked_at = clock_timestamp() returning asked_seq into v_seq;
  return jsonb_build_object('asked_seq', v_seq);
end
$_$;

--
-- Name: FUNCTION ask_account(p_account_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.ask_account(p_account_id text) IS 'Called right before the broker is asked about an account; what it answers is recorded with this number and counts from now.';

--
-- Name: ask_breaker(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ask_breaker(p_name text, p_holder text, p_probe_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_breaker public.breakers;
  v_is_probe boolean := false;
begin
  if coalesce(p_holder, '') = '' or p_probe_seconds is null or p_probe_seconds not between 1 and 3600 then
    perform public._refuse('ZT007', 'a probe has a holder and lasts one second to one hour', jsonb_build_object('seconds', p_probe_seconds));
  end if;
  -- Asked all the time: the row is locked only where somebody may become the one who tries.
  select * into v_breaker from public.breakers where name = p_name;
  if v_breaker.name is null or v_breaker.state = 'closed' then
    return jsonb_build_object('may_call', true, 'is_probe', false, 'failure_count', coalesce(cardinality(v_breaker.failures), 0), 'retry_after_ms', 0);
  end if;
  if coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') <= clock_timestamp() then
    select * into v_breaker from public.breakers where name = p_name for update;
    if v_breaker.state <> 'closed' and coalesce(v_breaker.probe_until, v_breaker.opened_at + interval '120 seconds') <= clock_timestamp() then
      update public.breakers set state = 'half_open', probe_holder = p_holder, probe_until = clock_timestamp() + make_interval(secs => p_probe_seconds), changed_at = clock_timestamp()
      where name = p_name returning * into v_breaker;
      v_is_probe := true;
    end if;
  end if;
  return jsonb_build_object('may_call', v_is_probe or v_breaker.state = 'closed', 'is_probe', v_is_probe, 'failure_count', cardinality(v_breaker.failures),
    -- While one tries, the others look again soon: mostly the probe has ended long before its seconds are over.
    'retry_after_ms', least((public._breaker_view(v_breaker) ->> 'retry_after_ms')::bigint, case when v_breaker.state = 'half_open' then 5000 end));
end
$$;

--
-- Name: FUNCTION ask_breaker(p_name text, p_holder text, p_probe_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.ask_breaker(p_name text, p_holder text, p_probe_seconds integer) IS 'Whether the fleet may call this tool now. Of all who ask two minutes after it opened exactly one may, as the probe; when it does not report within its seconds, another one may.';

--
-- Name: ask_drill(bigint, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_drill_id uuid;
begin
  select * into v_switch from public.stop_switch for share;
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when v_switch.stopped_at is not null then 'stopped'
    when public._drill_rules() is null then 'no_policy' end;
  if v_code is null then
    insert into public.stop_drills (asked_by, chat_id, topic_id, message_id) values (v_actor, p_chat_id, p_topic_id, p_message_id)
    on conflict ((true)) where outcome in ('asked', 'running') do nothing returning drill_id into v_drill_id;
    v_code := case when v_drill_id is null then 'running' end;
  end if;
  perform public._audit('system', v_actor, case when v_code is null then 'drill.ask' else 'drill.refuse' end, coalesce('drill:' || v_drill_id, 'drill'), null, jsonb_strip_nulls(jsonb_build_object('code', v_code)));
  return jsonb_build_object('code', v_code, 'drill_id', v_drill_id, 'worker_count', (select count(*) from public.workers where seen_at > now() - interval '30 seconds'),
    'deliver', case when v_code is null then public._job('drill.run', v_drill_id::text) else '[]'::jsonb end);
end
$$;

--
-- Name: FUNCTION ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) IS 'An operator or owner wants a drill of the stop now; code is no_role, stopped, no_policy or running.';

--
-- Name: ask_fallback_check(bigint, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_code text;
  v_check_id uuid;
begin
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when (select stopped_at is not null from public.stop_switch) then 'stopped'
    when public._drill_rules() is null then 'no_policy' end;
  if v_code is null then
    insert into public.fallback_checks (asked_by, chat_id, topic_id, message_id) values ('tg:' || p_external_id, p_chat_id, p_topic_id, p_message_id)
    on conflict ((true)) where outcome in ('asked', 'running') do nothing returning check_id into v_check_id;
    v_code := case when v_check_id is null then 'running' end;
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'fallbacks.ask' else 'fallbacks.refuse' end, coalesce('fallbacks:' || v_check_id, 'fallbacks'), null, jsonb_strip_nulls(jsonb_build_object('code', v_code)));
  return jsonb_build_object('code', v_code, 'deliver', case when v_code is null then public._job('drill.run', v_check_id::text) else '[]'::jsonb end);
end
$$;

--
-- Name: FUNCTION ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) IS 'An operator or owner wants the fallbacks tried now; code is no_role, stopped, no_policy or running.';

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
  v_rate jsonb;
  v_order jsonb;
  v_limit jsonb;
  v_key text;
  v_glass_id uuid;
begin
  -- A stop takes this row for update: it waits for grants under way, and no grant passes it.
  select * into v_switch from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  if v_step.kind <> 'effect' then
    perform public._refuse('ZT001', 'only an effect step acts outside', jsonb_build_object('step_id', p_step_id));
  end if;
  select * into v_task from public.tasks where task_id = v_step.task_id;
  if public._is_halted(v_task.risk_tier, v_task.task_id) then
    return jsonb_build_object('verdict', 'stopped', 'reasons', '["stopped"]'::jsonb, 'effect', null);
  end if;
  if public._is_frozen_chat(p_target_chat_id) then
    return jsonb_build_object('verdict', 'frozen', 'reasons', '["chat_moved"]'::jsonb, 'effect', null);
  end if;
  -- Only what stands approved: a version that was replaced must not lend this effect its staged copy.
  select r.* into v_request from public.approval_requests r join public.task_steps g on g.step_id = r.step_id
  where g.task_id = v_step.task_id and g.kind = 'approve' and g.subject_node = v_step.subject_node and r.status = 'approved' for update of r;
  v_key := v_step.task_id || ':' || v_step.node_id || ':' || left(p_checksum, 16);
  select * into v_effect from public.effects where idempotency_key = v_key for update;
  v_order := public._order_of(v_step.effect_kind, v_step.task_id, p_checksum);
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
      v_limit := public._take_limits(v_step.effect_kind, v_order, public._limits_under(public._policy(v_task.policy_version), v_effect.break_glass_id), v_effect.effect_id);
      if v_limit is not null then
        return public._answer_limit(v_step, v_effect, v_limit);
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
  v_glass_id := public._break_glass_in_force(v_request.request_id);
  v_limit := public._take_limits(v_step.effect_kind, v_order, public._limits_under(public._policy(v_task.policy_version), v_glass_id), v_effect.effect_id);
  if v_limit is not null then
    return public._answer_limit(v_step, null::public.effects, v_limit);
  end if;
  -- An approved effect waits, whole, until the last break-glass has been reviewed.
  v_rate := public._review_wait(v_task.risk_tier, v_glass_id);
  -- One that goes out again because it certainly never left was counted before.
  v_rate := case when v_rate is not null then v_rate when v_effect.effect_id is null then public._spend_rates(public._limits_under(public._policy(v_task.policy_version), v_glass_id), jsonb_build_object('effects_per_action', v_step.action, 'effects_per_chat', p_target_chat_id)) end;
  if v_rate is not null then
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'rate.refuse', p_step_id, null, v_rate);
    return jsonb_build_object('verdict', 'limited', 'reasons', jsonb_build_array(v_rate ->> 'limit'), 'effect', null, 'rate', v_rate);
  end if;
  insert into public.effects (task_id, step_id, kind, tier, idempotency_key, artifact_checksum, target_chat_id, target_topic_id, part_count, request_id, policy_version, generation, fence, break_glass_id, money_order)
  values (v_step.task_id, p_step_id, v_step.effect_kind, v_task.risk_tier, v_key, p_checksum, p_target_chat_id, p_target_topic_id, p_part_count, v_request.request_id, v_task.policy_version, v_switch.generation, p_fence, v_glass_id, v_order)
  on conflict (idempotency_key) do update set status = 'granted', granted_at = clock_timestamp(), settled_at = null, generation = excluded.generation, fence = excluded.fence, request_id = excluded.request_id, break_glass_id = excluded.break_glass_id, outcome_note = null, doubt_resend_by = null, doubt_resend_slot = null
  returning * into v_effect;
  update public.task_steps set idempotency_key = v_key where step_id = p_step_id;
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.grant', v_effect.effect_id::text, null, jsonb_build_object('kind', v_effect.kind, 'key', v_key, 'checksum', p_checksum,
    'target', p_target_chat_id, 'topic', p_target_topic_id, 'reference', v_request.reference, 'generation', v_switch.generation, 'rule', 'tier ' || v_task.risk_tier) || public._use_break_glass(v_effect));
  perform public._event(v_step.task_id, 'EFFECT_GRANTED', p_step_id, v_step.agent_name, jsonb_build_object('effect_id', v_effect.effect_id, 'kind', v_effect.kind), v_key || ':granted:' || v_switch.generation || ':' || p_fence);
  return jsonb_build_object('verdict', 'go', 'reasons', '[]'::jsonb, 'effect', public._effect_view(v_effect));
end
$$;

--
-- Name: FUNCTION authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.authorize_effect(p_step_id text, p_fence bigint, p_checksum text, p_target_chat_id bigint, p_target_topic_id bigint, p_part_count integer) IS 'The gate. "go" at most once per idempotency key, over exactly these bytes to this target; else stopped, frozen (the group has moved), refused (with every reason), limited (by a rate or by an amount of money, with when it is free again), or exists (with how far it came).';

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
  if public._is_halted(v_effect.tier, v_effect.task_id) or (v_effect.tier >= 'T2' and v_effect.generation < v_switch.halted_generation) then
    return jsonb_build_object('is_go', false, 'code', 'stopped');
  end if;
  -- The group may have moved since the grant.
  if public._is_frozen_chat(v_effect.target_chat_id) then
    return jsonb_build_object('is_go', false, 'code', 'chat_moved');
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
-- Name: begin_drill(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_drill(p_worker text, p_chat_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_drill public.stop_drills;
  v_dummy jsonb;
  v_problem text;
begin
  -- One at a time in the whole fleet; whoever finds another one at it has nothing to do.
  if not pg_try_advisory_xact_lock(hashtext('ags.begin_drill')) or public._drill_rules() is null then
    return null;
  end if;
  -- Asked every half minute: the switch, which everybody else needs, is locked only when there is something to do.
  if not exists (select 1 from public.stop_drills where outcome in ('asked', 'running')) and (public._drill_due_at() > clock_timestamp() or (select stopped_at is not null from public.stop_switch)) then
    return null;
  end if;
  select * into v_switch from public.stop_switch for update;
  v_problem := public._drill_problem();
  select * into v_drill from public.stop_drills where outcome in ('asked', 'running') for update;
  if v_drill.outcome = 'running' and v_drill.started_at < clock_timestamp() - interval '2 minutes' then
    perform public._end_drill(v_drill, 'failed', jsonb_build_object('summary', format('the worker %s that ran it did not end it', v_drill.worker)));
    v_drill := null;
  elsif v_drill.outcome = 'running' then
    return null;
  end if;
  if v_switch.stopped_at is not null then
    if v_drill.drill_id is not null then
      v_drill := public._end_drill(v_drill, 'overtaken', '{"summary":"a stop came before it began"}');
      return jsonb_build_object('drill', public._drill_view(v_drill), 'dummy', null);
    end if;
    return null;
  end if;
  if v_drill.drill_id is null then
    insert into public.stop_drills (asked_by) values ('system') returning * into v_drill;
  end if;
  v_dummy := public._add_dummy(v_drill.drill_id, 'Drill of the emergency stop: a dummy that is never sent', p_worker, p_chat_id);
  update public.stop_drills set outcome = 'running', started_at = clock_timestamp(), worker = p_worker, task_id = v_dummy ->> 'task_id' where drill_id = v_drill.drill_id returning * into v_drill;
  perform public._audit('system', 'system', 'drill.begin', 'drill:' || v_drill.drill_id, null, jsonb_build_object('asked_by', v_drill.asked_by, 'worker', p_worker, 'task_id', v_drill.task_id));
  if v_problem like '%overdue%' then
    perform public._raise_standing('stop_drill', 'stop', 'warning', v_problem, jsonb_build_object('drill_id', v_drill.drill_id, 'is_t3_frozen', coalesce((public._drill_rules() ->> 'freeze_t3')::boolean, false)));
  end if;
  return jsonb_build_object('drill', public._drill_view(v_drill), 'dummy', v_dummy);
end
$$;

--
-- Name: FUNCTION begin_drill(p_worker text, p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.begin_drill(p_worker text, p_chat_id bigint) IS 'The drill that was asked for or is due, with its dummy, for one worker of the fleet; null when there is none to run. Without a dummy it is over already.';

--
-- Name: begin_enrolment(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_enrolment(p_external_id bigint, p_chat_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._person_of(p_external_id);
  v_factor public.second_factors;
  v_key_message_id bigint;
  v_code text;
begin
  select * into v_factor from public.second_factors where person_id = v_person_id for update;
  v_code := case
    when cardinality(public._roles_of(v_person_id)) = 0 then 'no_role'
    when p_chat_id is distinct from p_external_id then 'not_private'
    when v_factor.confirmed_at is not null then 'enrolled'
    when v_factor.locked_until > clock_timestamp() then 'locked' end;
  if v_code is not null then
    return jsonb_build_object('code', v_code, 'secret', null, 'key_message_id', null);
  end if;
  v_key_message_id := v_factor.key_message_id;
  -- Until it is confirmed, asking again makes another one. The count of wrong codes stays.
  insert into public.second_factors (person_id, secret) values (v_person_id, substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) from 1 for 20))
  on conflict (person_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_counter = 0, key_message_id = null returning * into v_factor;
  perform public._audit('system', 'tg:' || p_external_id, 'factor.begin', 'tg:' || p_external_id, null, '{}'::jsonb);
  return jsonb_build_object('code', null, 'secret', encode(v_factor.secret, 'hex'), 'key_message_id', v_key_message_id);
end
$$;

--
-- Name: FUNCTION begin_enrolment(p_external_id bigint, p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.begin_enrolment(p_external_id bigint, p_chat_id bigint) IS 'A new secret (hex), told this once and in private alone; it counts after `confirm_enrolment`. One that counts is replaced only by a change of kind factor_reset.';

--
-- Name: begin_fallback_check(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.begin_fallback_check(p_worker text, p_chat_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_check public.fallback_checks;
  v_dummy jsonb;
begin
  -- One at a time in the whole fleet; whoever finds another one at it has nothing to do.
  if not pg_try_advisory_xact_lock(hashtext('ags.fallback_check')) or public._drill_rules() is null or (select stopped_at is not null from public.stop_switch) then
    return null;
  end if;
  select * into v_check from public.fallback_checks where outcome in ('asked', 'running') for update;
  if v_check.outcome = 'running' and v_check.started_at > clock_timestamp() - interval '15 minutes' then
    return null;
  elsif v_check.outcome = 'running' then
    perform public._end_fallback_check(v_check, jsonb_build_array(jsonb_build_object('fallback', 'check', 'outcome', 'failed', 'detail', 'the worker that ran it did not end it')));
    return null;
  elsif v_check.check_id is null and public._fallback_check_due_at() > clock_timestamp() then
    return null;
  elsif v_check.check_id is null then
    insert into public.fallback_checks (asked_by) values ('system') returning * into v_check;
  end if;
  -- The same dummy as of a drill of the stop: one that could pass the gate, held by this worker alone.
  v_dummy := public._add_dummy(v_check.check_id, 'Check of the fallbacks: a dummy that is never sent', p_worker, p_chat_id);
  update public.fallback_checks set outcome = 'running', started_at = clock_timestamp(), worker = p_worker, task_id = v_dummy ->> 'task_id' where check_id = v_check.check_id returning * into v_check;
  perform public._audit('system', 'system', 'fallbacks.begin', 'fallbacks:' || v_check.check_id, null, jsonb_build_object('asked_by', v_check.asked_by, 'worker', p_worker, 'task_id', v_check.task_id));
  return jsonb_build_object('check_id', v_check.check_id, 'policy_version', (select policy_version from public.tasks where task_id = v_check.task_id), 'dummy', v_dummy);
end
$$;

--
-- Name: FUNCTION begin_fallback_check(p_worker text, p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.begin_fallback_check(p_worker text, p_chat_id bigint) IS 'The check that was asked for or is due, with its dummy, for one worker of the fleet; null when there is none to run.';

--
-- Name: block_payer(bigint, text, boolean, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_actor text := 'tg:' || p_external_id;
  v_block public.payer_blocks;
  v_code text := coalesce(public._payer_problem(p_external_id, p_payer), case
    when p_is_blocked is null or coalesce(btrim(p_reason), '') = '' then 'reason_needed'
    -- Anybody of them may close a door; it takes an owner to open it again.
    when not p_is_blocked and not 'owner' = any (public._roles_of(public._person_of(p_external_id))) then 'needs_owner' end);
begin
  if v_code is null then
    perform public._hold_payer(p_payer);
    select * into v_block from public.payer_blocks where payer = p_payer and lifted_at is null;
    v_code := case when p_is_blocked and v_block.block_id is not null then 'already_blocked' when not p_is_blocked and v_block.block_id is null then 'not_blocked' end;
  end if;
  if v_code is not null then
    perform public._audit('system', v_actor, 'payer.refuse', left(coalesce(p_payer, 'payer'), 40), null, jsonb_build_object('code', v_code));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'payer', null);
  end if;
  if p_is_blocked then
    insert into public.payer_blocks (payer, reason, blocked_by) values (p_payer, left(btrim(p_reason), 500), v_actor);
  else
    update public.payer_blocks set lifted_by = v_actor, lifted_at = clock_timestamp() where block_id = v_block.block_id;
  end if;
  perform public._audit('system', v_actor, case when p_is_blocked then 'payer.block' else 'payer.unblock' end, p_payer, jsonb_build_object('is_blocked', not p_is_blocked),
    jsonb_build_object('is_blocked', p_is_blocked, 'reason', left(btrim(p_reason), 500)));
  return jsonb_build_object('outcome', 'recorded', 'code', null, 'payer', public._payer_view(p_payer));
end
$$;

--
-- Name: FUNCTION block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text) IS 'Nothing is paid by or to a blocked payer. An operator or owner blocks, an owner lifts it, never the payer; each with a reason.';

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
-- Name: claim_change_news(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_change_news(p_change_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_is_due boolean;
begin
  update public.changes set tell_requested_at = null where change_id = p_change_id and tell_requested_at is not null;
  v_is_due := found;
  return jsonb_build_object('is_due', v_is_due, 'change', public._change_view(p_change_id));
end
$$;

--
-- Name: FUNCTION claim_change_news(p_change_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_change_news(p_change_id uuid) IS 'Takes the duty of telling people how a change ended; once, whoever asks.';

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
-- Name: claim_updates(text, integer, integer, boolean); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean DEFAULT false) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
declare
  v_rows jsonb;
  v_row public.inbox;
  v_inbox_ids bigint[];
begin
  -- One claim at a time in the whole fleet: it has to see what every other one has taken. Rows become visible out of order, so that two
  -- claims side by side could each find another row to be the first of a chat.
  perform pg_advisory_xact_lock(hashtext('ags.claim_updates'));
  -- Whoever had these is gone. One that took three with it is set aside.
  for v_row in
    update public.inbox set status = case when attempt_count < 3 then 'pending' else 'dead' end, ended_at = case when attempt_count < 3 then null else clock_timestamp() end, worker = null, lease_expires_at = null
    where inbox_id in (select inbox_id from public.inbox where status = 'processing' and lease_expires_at < clock_timestamp() for update skip locked)
    returning *
  loop
    if v_row.status = 'dead' then
      perform public._event_update_dead(v_row.inbox_id);
    end if;
  end loop;
  v_inbox_ids := public._claimable_updates(p_limit, p_urgent_only);
  with heads as (
    select i.inbox_id, i.status from public.inbox i where i.inbox_id = any (v_inbox_ids) for update skip locked
  ), taken as (
    update public.inbox i set status = 'processing', worker = p_worker, attempt_count = i.attempt_count + 1, lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from heads h where i.inbox_id = h.inbox_id and h.status = 'pending'
    returning i.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('inbox_id', inbox_id, 'source', source, 'external_id', external_id, 'chat_key', chat_key, 'payload', payload, 'attempt_count', attempt_count, 'received_at', received_at)
    order by is_urgent desc, inbox_id), '[]') into v_rows from taken;
  return v_rows;
end
$$;

--
-- Name: FUNCTION claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean) IS 'The next update of each chat that nobody is handling, in order; with p_urgent_only those alone that wait for nobody.';

--
-- Name: close_incidents(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.close_incidents() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION close_incidents(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.close_incidents() IS 'Resolves every incident whose cause has ended by itself.';

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
-- Name: complete_critique(text, bigint, text, jsonb, integer, jsonb, jsonb, boolean, text, integer, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb DEFAULT '[]'::jsonb, p_injection jsonb DEFAULT '[]'::jsonb) RETURNS jsonb
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

--
-- Name: FUNCTION complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb, p_injection jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb, p_injection jsonb) IS 'Scores a critique by the rubric (computed here, never taken from a model). Passed: on to the gate. Failed: back to the draft with the comments, at most as often as the policy says, then to people. What was found in the material (p_injection) raises what is asked.';

--
-- Name: complete_plan(text, bigint, text, jsonb, text, jsonb, jsonb, jsonb, boolean, text, integer, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb DEFAULT '[]'::jsonb) RETURNS jsonb
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

--
-- Name: FUNCTION complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) IS 'Checks a proposed plan, computes the tier, adds critic, approvals, effects and archive, and goes on. Refuses what nobody can carry out or approve.';

--
-- Name: complete_step(text, bigint, text, jsonb, boolean, text, integer, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb DEFAULT '[]'::jsonb) RETURNS jsonb
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
  if v_step.kind = 'work' and not (
    select public._is_allowed(p.document, v_step.agent, v_step.action) from public.tasks t join public.policies p using (policy_version) where t.task_id = v_step.task_id) then
    perform public._refuse('ZT004', format('%s may not %s by this task''s policy', v_step.agent, v_step.action), jsonb_build_object('step_id', p_step_id));
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
  return public._settled(public._advance(v_step.task_id, p_worker, p_lease_seconds), p_spent);
end
$$;

--
-- Name: FUNCTION complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) IS 'Ends a work or archive step with its artifacts (the first is its output) and hands the same worker the next step where there is exactly one.';

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
-- Name: confirm_chats(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.confirm_chats(p_chat_ids jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_move public.chat_moves;
  v_chat_ids bigint[] := array(select c::bigint from jsonb_array_elements_text(p_chat_ids) c);
  v_deliver jsonb := '[]'::jsonb;
begin
  -- The process that notices and the one that was started anew may stand side by side for a while: the old id must be gone here, too.
  for v_move in update public.chat_moves set confirmed_at = clock_timestamp() where confirmed_at is null and new_chat_id = any (v_chat_ids) and chat_id <> all (v_chat_ids) returning * loop
    perform public._audit('system', 'system', 'chat.confirm', 'chat:' || v_move.chat_id, null, jsonb_build_object('new_chat_id', v_move.new_chat_id));
    -- What waited has its answer now: the gate refuses it with the reason.
    with freed as (
      update public.task_steps set not_before = null, wake_seq = wake_seq + 1, woken_at = clock_timestamp()
      where step_id in (select step_id from public.task_steps where status = 'ready' and waits_for = 'chat:' || v_move.chat_id order by step_id for update) returning step_id, wake_seq
    )
    select v_deliver || coalesce(jsonb_agg(public._job('step.run', step_id, wake_seq) -> 0), '[]'::jsonb) into v_deliver from freed;
  end loop;
  return jsonb_build_object('deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION confirm_chats(p_chat_ids jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.confirm_chats(p_chat_ids jsonb) IS 'A process was started with these chats: a move whose new id is among them, and its old one is not, is confirmed. Answers with the nudges for what waited.';

--
-- Name: confirm_enrolment(bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_person_id uuid := public._person_of(p_external_id);
  v_key_message_id bigint;
  v_code text;
begin
  v_code := case
    when cardinality(public._roles_of(v_person_id)) = 0 then 'no_role'
    when p_chat_id is distinct from p_external_id then 'not_private'
    when exists (select 1 from public.second_factors where person_id = v_person_id and confirmed_at is not null) then 'enrolled'
    else public._check_code(v_person_id, p_code, 'tg:' || p_external_id) end;
  if v_code is null then
    select key_message_id into v_key_message_id from public.second_factors where person_id = v_person_id;
    update public.second_factors set confirmed_at = clock_timestamp(), key_message_id = null where person_id = v_person_id;
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'factor.enrol' else 'factor.refuse' end, 'tg:' || p_external_id, null, jsonb_build_object('code', v_code));
  return jsonb_build_object('code', v_code, 'key_message_id', v_key_message_id);
end
$$;

--
-- Name: FUNCTION confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text) IS 'The first right code makes the second factor count. Answers with the message that shows its key, to be taken back.';

--
-- Name: create_task(text, text, text, bigint, text, jsonb, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_person_id uuid;
  v_policy public.policies;
  v_day date := (now() at time zone 'UTC')::date;
  v_number integer;
  v_task_id text;
  v_rate jsonb;
  v_queue jsonb;
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
    return jsonb_build_object('task_id', v_task.task_id, 'is_new', false, 'code', null, 'task', public._task_view(v_task.task_id), 'deliver', '[]'::jsonb);
  end if;
  v_person_id := public._hold_person(p_external_id);
  if p_source = 'telegram' and not public._roles_of(v_person_id) && array['owner', 'operator'] then
    -- A value, not an error: an error would take its own audit record back.
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'no_role'));
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'no_role', 'deliver', '[]'::jsonb);
  end if;
  select * into v_policy from public.policies where in_force_at is not null and retired_at is null;
  if v_policy.policy_version is null then
    perform public._refuse('ZT001', 'no policy is in force');
  end if;
  v_queue := public._queue(null);
  if (v_queue ->> 'waiting')::integer >= (v_policy.document -> 'intake' ->> 'max_waiting')::integer then
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'overloaded') || v_queue);
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'overloaded', 'queue', v_queue, 'deliver', '[]'::jsonb);
  end if;
  v_rate := public._spend_rates(v_policy.document, jsonb_build_object('tasks_per_person', v_person_id, 'tasks_per_chat', p_chat_id));
  if v_rate is not null then
    perform public._audit('system', coalesce('tg:' || p_external_id, p_actor), 'task.refuse', 'task', null, jsonb_build_object('code', 'rate_limited', 'limit', v_rate ->> 'limit', 'free_at', v_rate -> 'free_at'));
    return jsonb_build_object('task_id', null, 'is_new', false, 'code', 'rate_limited', 'rate', v_rate, 'deliver', '[]'::jsonb);
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
  return jsonb_build_object('task_id', v_task_id, 'is_new', true, 'code', null, 'task', public._task_view(v_task_id), 'deliver', public._job('step.run', v_task_id || '/plan', 1));
end
$$;

--
-- Name: FUNCTION create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.create_task(p_source text, p_source_key text, p_actor text, p_external_id bigint, p_goal text, p_input jsonb, p_chat_id bigint, p_topic_id bigint, p_request_message_id bigint) IS 'Intake: the task, its planning step, TASK_CREATED. The same source key again gives the first answer; with another input it is refused. code no_role: only operators and owners give tasks; overloaded: too many wait already, with about how long they will take; rate_limited: too many, with when it is free again.';

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

--
-- Name: FUNCTION decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.decide_approval(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) IS 'The only door to a decision: by button, command or reply. outcome is recorded, approved, rejected or refused; a refusal has a code and changes nothing but the audit log.';

--
-- Name: decide_change(text, text, bigint, bigint, bigint, text, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) IS 'The only door to a change: recorded, applied with the last approval, rejected, void (with what stands against it), or refused with a code. A stop does not keep people from it: somebody may have to be given a role to lift it.';

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
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_prompt_id uuid;
  v_fit jsonb;
  v_slot text;
  v_result jsonb := '{}'::jsonb;
  v_lifted jsonb := '[]'::jsonb;
  v_outcome text := 'recorded';
begin
  perform 1 from public.stop_switch for share;
  v_person_id := public._hold_person(p_external_id);
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'doubt';
  select t.ended_at is not null into v_is_over from public.tasks t join public.effects e using (task_id) where e.effect_id = v_card.effect_id for update of t;
  select * into v_effect from public.effects where effect_id = v_card.effect_id for update;
  select * into v_step from public.task_steps where step_id = v_effect.step_id for update;
  -- To send again is to let out once more: it takes those who could have approved it, and of T3 one for each place.
  v_fit := (select public._fitting_slots(r, v_person_id, null) from public.approval_requests r where r.request_id = v_effect.request_id);
  v_slot := (select f from jsonb_array_elements_text(v_fit -> 'slots') with ordinality x (f, place) where f is distinct from v_effect.doubt_resend_slot order by place limit 1);
  v_code := case
    when v_card.card_id is null then 'unknown_button'
    when v_card.chat_id is distinct from p_chat_id or coalesce(v_card.message_id, p_message_id) is distinct from p_message_id then 'wrong_message'
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when p_answer is null or p_answer not in ('landed', 'again', 'cancel') then 'unknown_decision'
    when v_effect.status <> 'in_doubt' then 'settled'
    when p_answer = 'again' and v_is_over then 'task_over'
    when p_answer = 'again' and (select stopped_at is not null from public.stop_switch) then 'stopped'
    -- What cannot be undone is not sent twice on one person's word.
    when p_answer = 'again' and v_effect.tier = 'T3' and v_effect.doubt_resend_by = v_person_id then 'same_person'
    when p_answer = 'again' and v_fit ->> 'code' is not null then v_fit ->> 'code'
    when p_answer = 'again' and v_effect.tier = 'T3' and v_slot is null then 'slot_taken'
    when p_answer = 'again' and v_effect.tier = 'T3'
      and public._behind(null, v_person_id, v_slot, clock_timestamp()) && public._behind(null, v_effect.doubt_resend_by, v_effect.doubt_resend_slot, clock_timestamp()) then 'stand_in'
    when p_answer = 'again' then public._factor_refusal('doubt:' || v_effect.effect_id, (select policy_version from public.tasks where task_id = v_effect.task_id), v_effect.tier, v_person_id) end;
  if v_code is not null then
    v_prompt_id := case when v_code = 'factor_needed' then public._ask_factor('doubt:' || v_effect.effect_id, p_external_id, jsonb_build_object('token', p_token, 'chat_id', p_chat_id, 'message_id', p_message_id)) end;
    perform public._audit(coalesce(v_effect.task_id, 'system'), v_actor, 'effect.refuse', coalesce(v_effect.effect_id::text, 'button'), null, jsonb_build_object('code', v_code, 'answer', left(p_answer, 20)));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'prompt_id', v_prompt_id, 'effect', case when v_effect.effect_id is not null then public._effect_view(v_effect) end, 'deliver', '[]'::jsonb);
  end if;
  perform public._audit(v_effect.task_id, v_actor, 'effect.answer', v_effect.effect_id::text, jsonb_build_object('status', 'in_doubt'),
    jsonb_strip_nulls(jsonb_build_object('answer', p_answer, 'factor_checked_at', case when p_answer = 'again' then public._spend_factor('doubt:' || v_effect.effect_id, v_person_id) end)));
  if p_answer = 'again' and v_effect.tier = 'T3' and v_effect.doubt_resend_by is null then
    update public.effects set doubt_resend_by = v_person_id, doubt_resend_slot = v_slot where effect_id = v_effect.effect_id;
    v_outcome := 'first_of_two';
  elsif p_answer = 'again' then
    -- Each part in doubt may leave once more; parts that are known to have landed may not.
    update public.effect_attempts set status = 'void' where effect_id = v_effect.effect_id and status = 'in_doubt';
    update public.effects set status = case when exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done') then 'granted' else 'void' end,
      settled_at = case when exists (select 1 from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done') then null else clock_timestamp() end, doubt_resend_by = null, doubt_resend_slot = null,
      outcome_note = 'sent again by ' || v_actor, sent_again_by = concat_ws(' and ', public._name_of(v_effect.doubt_resend_by), public._name_of(v_person_id))
    where effect_id = v_effect.effect_id;
    v_lifted := public._lift_hold(v_effect.task_id, v_effect.effect_id);
    v_result := jsonb_build_object('deliver', public._wake(v_effect.step_id) || public._changed(v_effect.task_id));
  elsif p_answer = 'landed' then
    update public.effect_attempts set status = 'done', landed_by = v_actor where effect_id = v_effect.effect_id and status = 'in_doubt';
    select count(distinct part) = v_effect.part_count into v_is_whole from public.effect_attempts where effect_id = v_effect.effect_id and status = 'done';
    v_lifted := public._lift_hold(v_effect.task_id, v_effect.effect_id);
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
  return jsonb_build_object('outcome', v_outcome, 'code', null, 'effect', public._effect_view(v_effect), 'deliver', v_lifted || coalesce(v_result -> 'deliver', '[]'::jsonb));
end
$$;

--
-- Name: FUNCTION decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.decide_doubt(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_answer text) IS 'People''s answer to "did this land?": it happened, send again (by those who may approve it; T3: an operator and an owner), cancel.';

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
  perform public._audit(v_request.task_id, v_actor, 'approval.edit', v_request.reference, jsonb_build_object('checksum', v_request.artifact_checksum), jsonb_build_object('draft', v_artifact.storage_ref, 'checksum', v_artifact.checksum));
  v_deliver := public._lift_hold(v_request.task_id, null) || public._wake(v_critic.step_id) || public._changed(v_request.task_id) || public._redraw_cards(v_request.task_id);
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
-- Name: export_task(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.export_task(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
begin
  select * into v_task from public.tasks where task_id = upper(btrim(p_task_id));
  if v_task.task_id is null then
    return null;
  end if;
  return (
    select jsonb_agg(x.line order by x.rank, x.place, x.sub) from (
      select 1 as rank, null::text as place, 0::bigint as sub, public._evidence('task', jsonb_build_object('task_id', v_task.task_id, 'created_at', v_task.created_at, 'actor', v_task.actor, 'goal', v_task.goal,
        'risk_tier', v_task.risk_tier, 'status', v_task.status, 'source', v_task.source, 'input_checksum', v_task.input_checksum, 'policy_version', v_task.policy_version, 'summary', v_task.summary,
        'revision_count', v_task.revision_count, 'tokens_used', v_task.tokens_used, 'cost_usd', v_task.cost_usd::text, 'is_rehearsal', v_task.is_rehearsal, 'held_reason', v_task.held_reason,
        'failure_code', v_task.failure_code, 'failure_message', v_task.failure_message, 'ended_at', v_task.ended_at)) as line
      union all
      select 2, p.policy_version::text, 0, public._evidence('policy', jsonb_build_object('policy_version', p.policy_version, 'checksum', p.checksum, 'source', p.source, 'proposed_by', p.proposed_by,
        'in_force_at', p.in_force_at, 'retired_at', p.retired_at))
      from public.policies p where p.policy_version = v_task.policy_version
      union all
      select 3, null, s.position, public._evidence('step', jsonb_build_object('step_id', s.step_id, 'node_id', s.node_id, 'step_kind', s.kind, 'agent_name', s.agent_name, 'action', s.action, 'tier', s.tier,
        'instruction', s.instruction, 'after', to_jsonb(s.after), 'subject_node', s.subject_node, 'effect_kind', s.effect_kind, 'target_chat_id', s.target_chat_id, 'target_topic_id', s.target_topic_id,
        'status', s.status, 'input_ref', s.input_ref, 'output_ref', s.output_ref, 'quality_score', s.quality_score, 'verdict', s.verdict, 'comments', s.comments, 'idempotency_key', s.idempotency_key,
        'attempt_count', s.attempt_count, 'error_code', s.error_code, 'started_at', s.started_at, 'ended_at', s.ended_at))
      from public.task_steps s where s.task_id = v_task.task_id
      union all
      select 4, a.created_at::text || a.storage_ref, 0, public._evidence('artifact', public._artifact_json(a) || jsonb_build_object('prompt_checksum', a.prompt_checksum))
      from public.artifacts a where a.task_id = v_task.task_id
      union all
      select 5, c.created_at::text, 0, public._evidence('engine_call', jsonb_build_object('step_id', c.step_id, 'engine', c.engine, 'model', c.model, 'input_tokens', c.input_tokens, 'output_tokens', c.output_tokens,
        'cost_usd', c.cost_usd::text, 'outcome', c.outcome, 'created_at', c.created_at, 'settled_at', c.settled_at))
      from public.engine_calls c where c.task_id = v_task.task_id
      union all
      select 6, r.step_id, r.version, public._evidence('request', jsonb_build_object('request_id', r.request_id, 'reference', r.reference, 'step_id', r.step_id, 'version', r.version, 'tier', r.tier, 'action', r.action,
        'slots', to_jsonb(r.slots), 'requirements', r.requirements, 'verdict', public._verdict(r), 'artifact_id', r.artifact_id, 'artifact_checksum', r.artifact_checksum, 'target_chat_id', r.target_chat_id,
        'target_topic_id', r.target_topic_id, 'policy_version', r.policy_version, 'status', r.status, 'staging_problem', r.staging_problem, 'created_at', r.created_at, 'shown_at', r.shown_at,
        'expires_at', r.expires_at, 'decided_at', r.decided_at, 'void_reason', r.void_reason))
      from public.approval_requests r where r.task_id = v_task.task_id
      union all
      select 7, d.ts::text, 0, public._evidence('decision', jsonb_build_object('reference', r.reference, 'approver', d.approver, 'name', public._name_of(d.person_id), 'role', d.role, 'decision', d.decision,
        'reason', d.reason, 'artifact_checksum', d.artifact_checksum, 'ts', d.ts))
      from public.approvals d join public.approval_requests r using (request_id) where d.task_id = v_task.task_id
      union all
      select 8, e.granted_at::text, 0, public._evidence('effect', (public._effect_view(e) - 'attempts' - 'kind') || jsonb_build_object('effect_kind', e.kind, 'idempotency_key', e.idempotency_key, 'policy_version', e.policy_version,
        'reference', (select r.reference from public.approval_requests r where r.request_id = e.request_id)))
      from public.effects e where e.task_id = v_task.task_id
      union all
      select 9, e.granted_at::text || e.effect_id::text, a.part * 1000 + a.attempt, public._evidence('attempt', jsonb_build_object('effect_id', e.effect_id, 'part', a.part, 'attempt', a.attempt, 'status', a.status,
        'started_at', a.started_at, 'settled_at', a.settled_at, 'chat_id', a.chat_id, 'topic_id', a.topic_id, 'message_id', a.message_id, 'error', a.error, 'landed_by', a.landed_by))
      from public.effects e join public.effect_attempts a using (effect_id) where e.task_id = v_task.task_id
      union all
      select 10, v.ts::text, 0, public._evidence('event', jsonb_build_object('schema_version', v.schema_version, 'event_id', v.event_id, 'event_type', v.type, 'agent', v.agent, 'ts', v.ts, 'payload', v.payload_json,
        'idempotency_key', v.idempotency_key))
      from public.events v where v.task_id = v_task.task_id
      union all
      -- What is hashed stands here as text: another program must not spell it in its own way.
      select 11, null, l.seq, public._evidence('audit', jsonb_build_object('chain', l.chain, 'seq', l.seq, 'actor', l.actor, 'action', l.action, 'object', l.object, 'before_text', l.before_json::text,
        'after_text', l.after_json::text, 'ts', public._audit_time(l.ts), 'prev_hash', l.prev_hash, 'hash', l.hash))
      from public.audit_logs l where l.chain = v_task.task_id
      union all
      select 12, null, c.anchor_number, public._evidence('anchor', public._anchor_view(n) || jsonb_build_object(
        'leaf', jsonb_build_object('chain', c.chain, 'from_seq', c.from_seq, 'to_seq', c.to_seq, 'head_hash', c.head_hash), 'proof', public._anchor_proof(c.anchor_number, c.chain),
        'kept', coalesce((select jsonb_agg(jsonb_build_object('place', k.place, 'reference', k.reference, 'kept_at', k.kept_at) order by k.place) from public.anchor_places k where k.anchor_number = c.anchor_number), '[]'::jsonb)))
      from public.anchor_chains c join public.anchors n using (anchor_number) where c.chain = v_task.task_id
    ) x
  );
end
$$;

--
-- Name: FUNCTION export_task(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.export_task(p_task_id text) IS 'Everything recorded about one task, as a list of lines with a kind each: plan, policy, artifacts, requests, decisions, effects, tries, events, its audit chain, and the anchors over it with their proofs. Null when there is none.';

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
    perform public._raise_incident('step_quarantined', v_step.agent_name || ':' || p_code, 'warning', 'a step was quarantined after its last try',
      jsonb_build_object('agent', v_step.agent_name, 'code', p_code, 'step_id', p_step_id, 'attempts', v_step.attempt_count), v_step.task_id, p_step_id, v_step.agent_name);
  elsif p_code = 'artifact_corrupt' then
    perform public._raise_incident('row_tampered', 'artifact:' || p_step_id, 'critical', 'a stored artifact does not match its checksum', jsonb_build_object('step_id', p_step_id), v_step.task_id, p_step_id, v_step.agent_name);
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
-- Name: find_people(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_people(p_username text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('external_id', i.external_id, 'display_name', public._name_of(i.person_id), 'seen_at', i.seen_at) order by i.seen_at desc), '[]'::jsonb)
    from public.identities i where lower(i.username) = lower(ltrim(btrim(p_username), '@'))
  );
end
$$;

--
-- Name: FUNCTION find_people(p_username text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.find_people(p_username text) IS 'The accounts that had this username when they last wrote. A name decides nothing: it only finds a numeric id for people to look at.';

--
-- Name: find_policy_offer(text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint) IS 'The file behind a button on its own message, or without a button the newest one that never was in force.';

--
-- Name: find_prompt(bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) IS 'The question that this person''s reply answers: the open one, also where the reply is to an earlier message that asked the same; else the closed one; null when it answers none.';

--
-- Name: free_chats(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.free_chats(p_chat_ids jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_names text[] := array(select 'access:' || c from jsonb_array_elements_text(p_chat_ids) c);
  v_deliver jsonb;
begin
  -- What somebody holds is being tried.
  with freed as (
    update public.task_steps set not_before = null, wake_seq = wake_seq + 1, woken_at = clock_timestamp()
    where step_id in (select step_id from public.task_steps where status = 'ready' and waits_for = any (v_names) for update skip locked) returning step_id, wake_seq
  )
  select coalesce(jsonb_agg(public._job('step.run', step_id, wake_seq) -> 0), '[]'::jsonb) into v_deliver from freed;
  return jsonb_build_object('deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION free_chats(p_chat_ids jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.free_chats(p_chat_ids jsonb) IS 'The bot may write to these chats: what waited for that is tried now. Answers with the nudges.';

--
-- Name: freeze_chat(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_move public.chat_moves;
begin
  if p_chat_id is null or p_new_chat_id is null or p_chat_id = p_new_chat_id then
    perform public._refuse('ZT007', 'a group that moved has an old id and another one that is new', jsonb_build_object('chat_id', p_chat_id, 'new_chat_id', p_new_chat_id));
  end if;
  insert into public.chat_moves (chat_id, new_chat_id) values (p_chat_id, p_new_chat_id) on conflict (chat_id) do nothing returning * into v_move;
  if v_move.chat_id is null then
    return jsonb_build_object('is_new', false);
  end if;
  perform public._audit('system', 'system', 'chat.freeze', 'chat:' || p_chat_id, null, jsonb_build_object('new_chat_id', p_new_chat_id));
  perform public._raise_standing('chat_moved', p_chat_id::text, 'critical', 'a configured group has a new id', jsonb_build_object('chat_id', p_chat_id, 'new_chat_id', p_new_chat_id));
  return jsonb_build_object('is_new', true);
end
$$;

--
-- Name: FUNCTION freeze_chat(p_chat_id bigint, p_new_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) IS 'Telegram says that a configured group has a new id: from here on nothing is granted to the old one, with one incident.';

--
-- Name: get_anchor_state(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_anchor_state() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object(
      'last', (select public._anchor_view(a) from public.anchors a order by a.anchor_number desc limit 1),
      'places', coalesce((select jsonb_object_agg(x.place, x.anchor_number) from (select place, max(anchor_number) as anchor_number from public.anchor_places group by place) x), '{}'::jsonb),
      'problems', coalesce((select jsonb_agg(jsonb_build_object('place', p.place, 'number', p.anchor_number, 'problem', p.problem, 'since', p.since,
        'waiting', (select count(*) from public.anchors a where not exists (select 1 from public.anchor_places k where k.anchor_number = a.anchor_number and k.place = p.place))) order by p.place)
        from public.anchor_problems p), '[]'::jsonb))
  );
end
$$;

--
-- Name: FUNCTION get_anchor_state(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_anchor_state() IS 'The last anchor, the newest one kept at each place, and what keeps others from being kept.';

--
-- Name: get_change(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_change(p_reference text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select public._change_view(change_id) from public.changes where reference = upper(btrim(p_reference)));
end
$$;

--
-- Name: FUNCTION get_change(p_reference text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_change(p_reference text) IS 'The change with this reference as it stands; null when there is none.';

--
-- Name: get_drill(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_drill(p_drill_id uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select public._drill_view(d) from public.stop_drills d where d.drill_id = p_drill_id);
end
$$;

--
-- Name: FUNCTION get_drill(p_drill_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_drill(p_drill_id uuid) IS 'One drill as people read of it; null when there is none.';

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
-- Name: get_policy_draft(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_policy_draft(p_checksum text, p_document_checksum text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return public._draft_view(public._draft_of(jsonb_build_object('checksum', p_checksum, 'document_checksum', p_document_checksum)));
end
$$;

--
-- Name: FUNCTION get_policy_draft(p_checksum text, p_document_checksum text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_policy_draft(p_checksum text, p_document_checksum text) IS 'The text and document of what a change of kind policy is about; null when there is none.';

--
-- Name: get_policy_origin(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_policy_origin(p_version integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION get_policy_origin(p_version integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_policy_origin(p_version integer) IS 'Since when a version is in force, or was, and by whom; the one in force without a number.';

--
-- Name: get_post_mortem(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'What the trail knows about an incident, for whoever holds a role: when, how often, who did what, which tasks.';

--
-- Name: get_prompts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.get_prompts() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select jsonb_build_object('hashes', s.hashes, 'rubric', s.rubric, 'since', s.since, 'changed', to_jsonb(s.changed), 'is_first', not exists (select 1 from public.prompt_sets o where o.prompt_set < s.prompt_set))
    from public.prompt_sets s order by s.prompt_set desc limit 1
  );
end
$$;

--
-- Name: FUNCTION get_prompts(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.get_prompts() IS 'The prompts and the rubric that workers started with last, since when, and what changed with them; null before there were any.';

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
      't3_problem', (select coalesce(public._freeze_problem('T3'), public._tier_problem(document, 'T3')) from public.policies where in_force_at is not null and retired_at is null),
      'drill_problem', public._drill_problem(), 'last_drill', (select public._drill_view(d) from public.stop_drills d where d.outcome in ('passed', 'failed') order by d.asked_at desc limit 1),
      'fallback_problem', public._fallback_problem(),
      'last_fallback_check', (select jsonb_build_object('outcome', c.outcome, 'asked_at', c.asked_at, 'results', c.results) from public.fallback_checks c where c.outcome in ('passed', 'failed') order by c.asked_at desc limit 1),
      'tasks', coalesce((select jsonb_object_agg(status, n) from (select status, count(*) n from public.tasks group by status) x), '{}'),
      'steps_ready', (select count(*) from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.ended_at is null),
      'steps_running', (select count(*) from public.task_steps where status = 'running'),
      'requests_open', (select count(*) from public.approval_requests where status in ('staging', 'pending')),
      'changes_open', (select count(*) from public.changes where status = 'pending'), 'delegations', public._list_delegations(), 'break_glass', public._break_glass_state(),
      'effects_in_doubt', (select count(*) from public.effects where status = 'in_doubt'), 'parked', public._list_parked(),
      'breakers', (select coalesce(jsonb_agg(public._breaker_view(b) order by b.name), '[]'::jsonb) from public.breakers b where b.state <> 'closed'),
      'incidents', public._list_open_incidents(), 'incidents_open', (select count(*) from public.incidents where state <> 'resolved'),
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
  on conflict (worker) do update set seen_at = now(), generation_seen = excluded.generation_seen, roles = excluded.roles,
    acknowledged_at = case when excluded.generation_seen > workers.generation_seen then clock_timestamp() else workers.acknowledged_at end;
  return public.get_stop_state();
end
$$;

--
-- Name: FUNCTION heartbeat(p_worker text, p_roles text, p_generation_seen bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.heartbeat(p_worker text, p_roles text, p_generation_seen bigint) IS 'A worker is alive and has seen this generation; answers with the switch as it stands.';

--
-- Name: keep_failed_call(text, text, integer, jsonb, integer, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if jsonb_typeof(p_request) is distinct from 'object' or octet_length(p_request::text) > 65536 or octet_length(p_answer) > 16384 then
    perform public._refuse('ZT007', 'a failed call has a request of at most 64 KiB and an answer of at most 16 KiB', jsonb_build_object('name', left(p_name, 100)));
  end if;
  -- Two at once would delete the same rows in each other's way.
  perform pg_advisory_xact_lock(hashtext('ags.failed_calls'));
  insert into public.failed_calls (name, code, elapsed_ms, request, status, answer) values (p_name, p_code, p_elapsed_ms, p_request, p_status, p_answer);
  delete from public.failed_calls f where f.name = p_name and f.call_id <= (select call_id from public.failed_calls where name = p_name order by call_id desc offset 20 limit 1);
  perform public._forget_failed_calls();
end
$$;

--
-- Name: FUNCTION keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text) IS 'What was asked of a tool and what came back, masked and cut: the newest twenty of each tool are kept, for three days.';

--
-- Name: keep_rule(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'The press on "do not ask again", by whoever rejected, on that message: the rejection holds for a day.';

--
-- Name: lift_rule(text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.lift_rule(p_reference text, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION lift_rule(p_reference text, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.lift_rule(p_reference text, p_external_id bigint) IS 'An operator or owner lifts a denial before its time; not whoever it was said to.';

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
-- Name: list_audit_ranges(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_audit_ranges(p_size integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    AS $$
declare
  v_size bigint := greatest(coalesce(p_size, 1), 1);
begin
  -- By what the heads say; the ranges follow on each other without a gap, so that a lie in the heads only makes some of them longer.
  return (
    with bounds as (
      select h.chain, t.place - h.before as seq
      from (select chain, seq, (sum(seq) over (order by chain rows unbounded preceding))::bigint - seq as before from public.audit_heads) h
      cross join lateral generate_series((h.before / v_size + 1) * v_size, h.before + h.seq, v_size) as t (place)
      -- Most chains hold no bound.
      where h.before / v_size <> (h.before + h.seq) / v_size
    ), ranges as (
      select lag(b.chain) over w as after_chain, lag(b.seq) over w as after_seq, b.chain as until_chain, b.seq as until_seq
      from (select chain, seq, false as is_end from bounds union all select null, null, true) b window w as (order by b.is_end, b.chain, b.seq)
    )
    select jsonb_agg(jsonb_build_object('after_chain', after_chain, 'after_seq', after_seq, 'until_chain', until_chain, 'until_seq', until_seq)) from ranges
  );
end
$$;

--
-- Name: FUNCTION list_audit_ranges(p_size integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_audit_ranges(p_size integer) IS 'Cuts the audit log into pieces of about so many records, in the order of chain and seq, for verify_audit_range; the first and the last one are open.';

--
-- Name: list_breakers(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_breakers() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(jsonb_agg(public._breaker_view(b) order by b.name), '[]'::jsonb) from public.breakers b);
end
$$;

--
-- Name: FUNCTION list_breakers(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_breakers() IS 'Every breaker there is, with its state and when it may be tried again.';

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
-- Name: list_deciders(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_deciders(p_reference text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION list_deciders(p_reference text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_deciders(p_reference text) IS 'The accounts whose approval of this request or change would fill a slot that is still open.';

--
-- Name: list_ended_resume_cards(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_ended_resume_cards() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('card', public._card_view(c, (select token from public.buttons where card_id = c.card_id limit 1)), 'ending', public._resume_end(s),
      'first', public._name_of(s.resumed_by_1), 'second', public._name_of(s.resumed_by_2), 'cancelled', s.cancelled) order by c.generation), '[]'::jsonb)
    from public.cards c join public.stops s using (generation)
    where c.kind = 'resume' and c.message_id is not null and not c.is_settled and public._resume_end(s) is not null and c.shown_mark is distinct from public._resume_end(s)
  );
end
$$;

--
-- Name: FUNCTION list_ended_resume_cards(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_ended_resume_cards() IS 'Cards that ask to lift a stop although that is over, and how it ended.';

--
-- Name: list_events(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_events(p_task_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(public._envelope(e) order by e.ts), '[]') from public.events e where e.task_id is not distinct from p_task_id
  );
end
$$;

--
-- Name: FUNCTION list_events(p_task_id text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_events(p_task_id text) IS 'A task''s events in the envelope that schemas/events describes.';

--
-- Name: list_limits(bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_limits(p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_policy jsonb;
begin
  select document into v_policy from public.policies where in_force_at is not null and retired_at is null;
  return jsonb_build_object(
    'trading', v_policy -> 'limits' -> 'trading', 'payments', v_policy -> 'limits' -> 'payments',
    'payment_use', public._payment_use(v_policy -> 'limits' -> 'payments'), 'accounts', public._trading_use(v_policy -> 'limits' -> 'trading'), 'parked', public._list_parked(),
    'rates', (
      select coalesce(jsonb_agg(jsonb_build_object('limit', r.key, 'max', (r.value ->> 'max')::integer, 'per_seconds', (r.value ->> 'per')::integer, 'uses', (
        -- The fullest ones; of people only the asker's own, for who works how much is nobody's business.
        select coalesce(jsonb_agg(jsonb_build_object('subject', x.subject, 'used', x.used, 'free_at', x.free_at) order by x.used desc, x.subject), '[]'::jsonb) from (
          select w.subject, w.used, w.opened_at + make_interval(secs => (r.value ->> 'per')::integer) as free_at from public.rate_windows w
          where w.limit_name = r.key and w.used > 0 and w.opened_at + make_interval(secs => (r.value ->> 'per')::integer) > clock_timestamp()
            and (r.key <> 'tasks_per_person' or w.subject = public._person_of(p_external_id)::text)
          order by w.used desc, w.subject limit 3) x)) order by r.key), '[]'::jsonb)
      from jsonb_each(coalesce(v_policy -> 'rates', '{}'::jsonb)) r));
end
$$;

--
-- Name: FUNCTION list_limits(p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_limits(p_external_id bigint) IS 'The limits of the policy in force and their use: the three fullest windows of each, and of people the asker''s own.';

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
-- Name: list_posted_tasks(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('chat_id', x.chat_id, 'task_id', x.task_id, 'part', x.part, 'part_count', x.part_count)), '[]'::jsonb) from (
      select a.chat_id, e.task_id, a.part, e.part_count
      from public.effect_attempts a join public.effects e using (effect_id)
      where (p_chat_id is null or a.chat_id = p_chat_id) and a.message_id = p_message_id and a.status = 'done' order by a.settled_at desc limit 50
    ) x
  );
end
$$;

--
-- Name: FUNCTION list_posted_tasks(p_chat_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) IS 'Which tasks let a message of this number out, in one chat or, where only its public name is known, in any; the newest first.';

--
-- Name: list_roles(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_roles() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION list_roles(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_roles() IS 'Who holds what, since when, until when and by whom; and the changes that wait for people.';

--
-- Name: list_rules(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_rules() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (select coalesce(jsonb_agg(public._rule_view(d) order by d.expires_at), '[]'::jsonb) from public.denial_rules d where d.lifted_at is null and d.expires_at > clock_timestamp());
end
$$;

--
-- Name: FUNCTION list_rules(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_rules() IS 'The denials that hold now.';

--
-- Name: list_silent_holders(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_silent_holders() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('worker', x.worker, 'seen_at', w.seen_at, 'step_ids', x.step_ids) order by x.worker), '[]'::jsonb)
    from (
      select h.worker, jsonb_agg(distinct h.step_id) as step_ids from (
        select s.worker, s.step_id from public.task_steps s where s.status = 'running'
        union all
        -- Its step was taken back, and what it began to send has no certain end: its record says who held it.
        select l.before_json ->> 'worker', e.step_id
        from public.effects e join public.audit_logs l on l.chain = e.task_id and l.action = 'step.lose' and l.object = e.step_id and l.before_json -> 'fence' = to_jsonb(e.fence)
        where e.status in ('granted', 'in_doubt') and exists (select 1 from public.effect_attempts a where a.effect_id = e.effect_id and a.status in ('started', 'in_doubt'))
      ) h group by h.worker
    ) x left join public.workers w using (worker)
    -- `list_workers` has those that were seen since.
    where w.seen_at is null or w.seen_at <= now() - interval '30 seconds'
  );
end
$$;

--
-- Name: FUNCTION list_silent_holders(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_silent_holders() IS 'Workers that were not seen in the last 30 s, or are gone without a word, and hold a running step or began to send what nobody knows the end of: such a process may be suspended, and wake.';

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
-- Name: list_unkept_anchors(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_unkept_anchors(p_place text, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(x.item order by x.anchor_number), '[]'::jsonb) from (
      select a.anchor_number, public._anchor_view(a) as item from public.anchors a
      where not exists (select 1 from public.anchor_places p where p.anchor_number = a.anchor_number and p.place = p_place)
      order by a.anchor_number limit least(greatest(p_limit, 1), 100)
    ) x
  );
end
$$;

--
-- Name: FUNCTION list_unkept_anchors(p_place text, p_limit integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_unkept_anchors(p_place text, p_limit integer) IS 'The oldest anchors of which no copy stands at this place yet.';

--
-- Name: list_unstreamed_events(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.list_unstreamed_events(p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return (
    select coalesce(jsonb_agg(public._envelope(e) order by e.seq), '[]') from public.events e
    where e.event_id in (select u.event_id from public.events u where u.streamed_at is null order by u.seq limit least(greatest(p_limit, 1), 1000)));
end
$$;

--
-- Name: FUNCTION list_unstreamed_events(p_limit integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.list_unstreamed_events(p_limit integer) IS 'The oldest events that no stream has yet, in their envelopes.';

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
-- Name: make_anchor(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.make_anchor(p_interval_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_last public.anchors;
  v_anchor public.anchors;
  v_since timestamptz;
begin
  if p_interval_seconds is null or p_interval_seconds < 0 then
    perform public._refuse('ZT007', 'an interval is not negative', jsonb_build_object('seconds', p_interval_seconds));
  end if;
  -- One at a time in the whole fleet: the second one finds the first one's.
  perform pg_advisory_xact_lock(hashtext('ags.make_anchor'));
  select * into v_last from public.anchors order by anchor_number desc limit 1;
  v_since := coalesce(v_last.made_at, (select ts from public.audit_logs order by id limit 1));
  if v_since is null or v_since > clock_timestamp() - make_interval(secs => p_interval_seconds) then
    return jsonb_build_object('outcome', 'not_due', 'anchor', null);
  end if;
  v_anchor.anchor_number := coalesce(v_last.anchor_number, 0) + 1;
  -- The heads as they are committed now. Whoever is appending meanwhile comes into the next one: in a chain, the order of the records is the
  -- order of the commits.
  with covered as (
    insert into public.anchor_chains (anchor_number, chain, from_seq, to_seq, head_hash)
    select v_anchor.anchor_number, h.chain, coalesce(c.to_seq, 0) + 1, h.seq, h.hash
    from public.audit_heads h left join (select chain, max(to_seq) as to_seq from public.anchor_chains group by chain) c on c.chain = h.chain
    where h.seq > coalesce(c.to_seq, 0)
    returning from_seq, to_seq
  )
  select coalesce(sum(to_seq - from_seq + 1), 0), count(*) into v_anchor.record_count, v_anchor.chain_count from covered;
  if v_anchor.chain_count = 0 then
    return jsonb_build_object('outcome', 'nothing_new', 'anchor', null);
  end if;
  v_anchor.prev_hash := coalesce(v_last.hash, encode(sha256(convert_to('anchors', 'UTF8')), 'hex'));
  v_anchor.merkle_root := public._anchor_root(v_anchor.anchor_number);
  v_anchor.made_at := clock_timestamp();
  v_anchor.hash := public._anchor_hash(v_anchor.anchor_number, v_anchor.prev_hash, v_anchor.record_count, v_anchor.chain_count, v_anchor.merkle_root, v_anchor.made_at);
  insert into public.anchors values (v_anchor.*);
  return jsonb_build_object('outcome', 'made', 'anchor', public._anchor_view(v_anchor));
end
$$;

--
-- Name: FUNCTION make_anchor(p_interval_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.make_anchor(p_interval_seconds integer) IS 'An anchor over every record since the last one, unless that (or, before the first, the oldest record) is younger than so many seconds, or nothing is new. An anchor is no record: it would call for the next one.';

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
  update public.cards set message_id = p_to_message_id, sent_at = clock_timestamp() where card_id = p_card_id and message_id = p_from_message_id;
  select message_id into v_message_id from public.cards where card_id = p_card_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;

--
-- Name: FUNCTION move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.move_card(p_card_id uuid, p_from_message_id bigint, p_to_message_id bigint) IS 'The card''s message is gone and was sent anew; answers with the message that counts.';

--
-- Name: mute_incident(text, bigint, bigint, bigint, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer) IS 'Repeats are counted and not shown for a while; they are shown when the time is over.';

--
-- Name: offer_policy_file(text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION offer_policy_file(p_source text, p_document jsonb, p_checksum text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) IS 'The file that a process was started with, where it is not what is in force: kept for somebody to take up, unless it was in force before.';

--
-- Name: offer_rule(text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint) IS 'The token for "do not ask again" under the rejection of whoever rejected; null when there is nothing to keep.';

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
  return public._request_view(v_request.request_id) || jsonb_build_object('card', public._card_view(v_card, v_token));
end
$$;

--
-- Name: FUNCTION open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) IS 'The card of a gate in one chat, for the newest version of what is asked: its token, and its message once it is sent.';

--
-- Name: open_change_card(uuid, bigint, bigint, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb DEFAULT NULL::jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb) IS 'The card of a change in one chat: its token, and its message once it is sent; and all the chats in which it stands. p_announced_in are the chats in which it has to stand.';

--
-- Name: open_change_prompt(text, bigint, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) IS 'Reject asks one person to reply with the reason; until the reply comes nothing is decided.';

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
  return jsonb_build_object('effect', public._effect_view(v_effect), 'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id limit 1)));
end
$$;

--
-- Name: FUNCTION open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) IS 'The card that asks people whether an effect landed.';

--
-- Name: open_incident_card(uuid, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) IS 'The one message of an incident in a chat: its token, and where it stands once it is sent.';

--
-- Name: open_incident_runbook(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_press jsonb := public._press_incident(p_token, p_chat_id, p_message_id, p_external_id, 'runbook');
begin
  return jsonb_build_object('code', v_press -> 'code') || coalesce((
    select jsonb_build_object('runbook', i.runbook, 'subject', case when i.runbook = 'tool-failure' then i.evidence ->> 'breaker' end) from public.incidents i where i.incident_id = (v_press ->> 'incident_id')::uuid),
    jsonb_build_object('runbook', null, 'subject', null));
end
$$;

--
-- Name: FUNCTION open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'The runbook that helps with an incident, and what it is about, for an operator or owner.';

--
-- Name: open_policy_offer(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_policy_offer(p_chat_id bigint, p_topic_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION open_policy_offer(p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_policy_offer(p_chat_id bigint, p_topic_id bigint) IS 'The message that announces a deployment''s file: once per file. Null when there is nothing to announce.';

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
  return public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id limit 1));
end
$$;

--
-- Name: FUNCTION open_resume_card(p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_resume_card(p_chat_id bigint, p_topic_id bigint) IS 'The card on which the second person confirms a resume.';

--
-- Name: open_runbook_card(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.open_runbook_card(p_run_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_run public.runbook_runs;
  v_card public.cards;
begin
  select * into v_run from public.runbook_runs where run_id = p_run_id;
  if v_run.run_id is null then
    perform public._refuse('ZT003', 'no such run of a runbook', jsonb_build_object('run_id', p_run_id));
  end if;
  insert into public.cards (kind, run_id, chat_id, topic_id) values ('runbook', p_run_id, v_run.chat_id, v_run.topic_id) on conflict (run_id) where kind = 'runbook' do nothing;
  select * into v_card from public.cards where kind = 'runbook' and run_id = p_run_id for no key update;
  insert into public.buttons (token, card_id) select public._new_token(), v_card.card_id where not exists (select 1 from public.buttons where card_id = v_card.card_id);
  return jsonb_build_object('run', (select public._run_view(r) from public.runbook_runs r where r.run_id = p_run_id),
    'card', public._card_view(v_card, (select token from public.buttons where card_id = v_card.card_id)));
end
$$;

--
-- Name: FUNCTION open_runbook_card(p_run_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.open_runbook_card(p_run_id uuid) IS 'The one message of a run: its dry run, its button, and what each step did.';

--
-- Name: park_effect(text, bigint, uuid, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_gate public.task_steps;
  v_request public.approval_requests;
  v_effect public.effects;
  v_state text;
begin
  perform 1 from public.stop_switch for share;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select * into v_gate from public.task_steps where task_id = v_step.task_id and kind = 'approve' and subject_node = v_step.subject_node for update;
  select * into v_request from public.approval_requests where step_id = v_gate.step_id and status = 'approved' for update;
  select * into v_effect from public.effects where effect_id = p_effect_id and step_id = p_step_id for update;
  if not public._is_money(v_effect.kind) or v_effect.status is distinct from 'granted' or v_request.request_id is null then
    perform public._refuse('ZT001', 'only money that was granted on an approval is parked', jsonb_build_object('effect_id', p_effect_id, 'kind', v_effect.kind, 'status', v_effect.status));
  end if;
  if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'done', 'in_doubt')) then
    perform public._refuse('ZT001', 'a try has left, or may have: it is settled, not parked', jsonb_build_object('effect_id', p_effect_id));
  end if;
  -- Whoever says that the other side is away has had it said to the fleet before.
  select state into v_state from public.breakers where name = p_breaker;
  if v_state is null or v_state = 'closed' then
    perform public._refuse('ZT001', 'the breaker is not open: the other side may be called', jsonb_build_object('breaker', p_breaker, 'state', v_state));
  end if;
  update public.effects set status = 'void', settled_at = clock_timestamp(), outcome_note = left('parked: ' || coalesce(p_note, p_breaker), 500) where effect_id = p_effect_id;
  perform public._void_request(v_request, 'parked: ' || p_breaker || ' is not reachable', 'system');
  update public.task_steps set status = 'pending', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = p_step_id;
  update public.task_steps set status = 'pending', ended_at = null where step_id = v_gate.step_id;
  update public.tasks set status = 'held', held_reason = 'pending_exec' where task_id = v_step.task_id and held_reason is distinct from 'in_doubt';
  insert into public.parked_effects (effect_id, task_id, breaker, note) values (p_effect_id, v_step.task_id, p_breaker, left(p_note, 500));
  perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.park', p_effect_id::text, jsonb_build_object('status', 'granted'), jsonb_build_object('status', 'void', 'breaker', p_breaker, 'reference', v_request.reference));
  perform public._raise_incident('effect_parked', p_breaker, 'critical', format('a %s waits: %s is not reachable', v_effect.kind, p_breaker),
    jsonb_build_object('effect_id', p_effect_id, 'effect_kind', v_effect.kind, 'tier', v_effect.tier, 'breaker', p_breaker), v_step.task_id, p_step_id);
  return jsonb_build_object('deliver', public._changed(v_step.task_id) || public._redraw_cards(v_step.task_id));
end
$$;

--
-- Name: FUNCTION park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text) IS 'Money that was granted, and of which no try was begun, waits until the breaker that is open is closed: grant and approvals are void, its limits are free, people see it and are asked anew.';

--
-- Name: postpone_task_view(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.postpone_task_view(p_task_id text, p_delay_ms integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_due_at timestamptz := clock_timestamp() + make_interval(secs => greatest(p_delay_ms, 0) / 1000.0);
begin
  -- Nothing to do where it has been asked for since.
  update public.tasks set show_requested_at = v_due_at where task_id = p_task_id and show_requested_at is null;
  return jsonb_build_object('deliver', case when found then public._job('task.show', p_task_id, (extract(epoch from v_due_at) * 1000)::bigint, p_delay_ms) else '[]'::jsonb end);
end
$$;

--
-- Name: FUNCTION postpone_task_view(p_task_id text, p_delay_ms integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.postpone_task_view(p_task_id text, p_delay_ms integer) IS 'The task''s message could not be redrawn yet: it is redrawn after this time, and what changes until then needs no redraw of its own.';

--
-- Name: propose_break_glass(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.propose_break_glass(p_external_id bigint, p_task_id text, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_request public.approval_requests := public._break_glass_request(upper(btrim(p_task_id)));
  v_problem text;
begin
  -- Outside the table of changes nothing says what it would be about: the same sentences, and the same record, as for any other proposal.
  v_problem := case
    when not 'owner' = any (public._roles_of(public._person_of(p_external_id))) then 'only an owner opens a break-glass'
    when coalesce(btrim(p_reason), '') = '' then 'a break-glass needs a reason: /breakglass TASK and why it cannot wait'
    when v_request.request_id is null then public._break_glass_problem(jsonb_build_object('task_id', upper(btrim(p_task_id))), public._person_of(p_external_id)) end;
  if v_problem is not null then
    perform public._audit(coalesce((select task_id from public.tasks where task_id = upper(btrim(p_task_id))), 'system'), 'tg:' || p_external_id, 'glass.refuse', 'break_glass', null, jsonb_build_object('problem', v_problem));
    return jsonb_build_object('outcome', 'refused', 'code', 'not_possible', 'problem', v_problem, 'slot', null, 'change', null, 'deliver', '[]'::jsonb);
  end if;
  return public.propose_change(p_external_id, 'break_glass', jsonb_build_object('task_id', v_request.task_id, 'reference', v_request.reference, 'checksum', v_request.artifact_checksum), p_reason);
end
$$;

--
-- Name: FUNCTION propose_break_glass(p_external_id bigint, p_task_id text, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.propose_break_glass(p_external_id bigint, p_task_id text, p_reason text) IS 'An owner asks to let out what waits for people in this task, for a second person to confirm: `decide_change` opens it.';

--
-- Name: propose_change(bigint, text, jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text) IS 'A change of roles or accounts, for two people to decide. The proposal fills the one slot that its kind lets it fill, where the policy asks for a code (factor) once that is given. The same open proposal again is the first one; what cannot be is refused with a sentence.';

--
-- Name: propose_policy(bigint, text, jsonb, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text) IS 'Keeps the text, tries it on the tasks of the last 30 days, and proposes it as a change: `propose_change` says whether it may be.';

--
-- Name: propose_runbook(bigint, text, text, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_run public.runbook_runs;
  v_tools text[] := (select coalesce(array_agg('engine:' || lower(k) order by k), '{}') from public.policies p cross join jsonb_object_keys(p.document -> 'engines') k where p.in_force_at is not null and p.retired_at is null);
  v_subject text := lower(p_subject);
  v_code text;
begin
  if p_name = 'tool-failure' then
    v_subject := case when v_subject is null then (select name from public.breakers where name = any (v_tools) order by (state <> 'closed') desc, changed_at desc limit 1)
      when v_subject like 'engine:%' then v_subject else 'engine:' || v_subject end;
  end if;
  v_code := case
    when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
    when p_name is null or p_name not in ('desync', 'tool-failure', 'memory-drift') then 'unknown_runbook'
    when p_name = 'tool-failure' and (v_subject is null or not v_subject = any (v_tools)) then 'unknown_tool'
    when exists (select 1 from public.runbook_runs where name = p_name and subject is not distinct from (case when p_name = 'tool-failure' then v_subject end) and state = 'running') then 'running' end;
  if v_code is null then
    insert into public.runbook_runs (name, subject, asked_by, chat_id, topic_id) values (p_name, case when p_name = 'tool-failure' then v_subject end, 'tg:' || p_external_id, p_chat_id, p_topic_id) returning * into v_run;
    insert into public.runbook_steps (run_id, position, name, plan)
    select v_run.run_id, x.place, x.name, x.plan from public._plan_runbook(v_run.name, v_run.subject) with ordinality x (name, plan, place);
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'runbook.propose' else 'runbook.refuse' end, coalesce('runbook:' || v_run.run_id, 'runbook'), null,
    jsonb_strip_nulls(jsonb_build_object('name', p_name, 'subject', v_subject, 'code', v_code)));
  return jsonb_build_object('code', v_code, 'tools', to_jsonb(v_tools), 'run', case when v_code is null then public._run_view(v_run) end);
end
$$;

--
-- Name: FUNCTION propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint) IS 'The dry run: what each step would do now. Changes nothing. code: no_role, unknown_runbook, unknown_tool, running.';

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
-- Name: raise_drill(uuid); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.raise_drill(p_drill_id uuid) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_drill public.stop_drills;
begin
  -- As a stop does: waits for grants under way, and no grant of the dummy passes it.
  select * into v_switch from public.stop_switch for update;
  select * into v_drill from public.stop_drills where drill_id = p_drill_id for update;
  if v_drill.outcome is distinct from 'running' or v_drill.raised_at is not null then
    perform public._refuse('ZT001', 'only a drill that runs is raised, and once', jsonb_build_object('drill_id', p_drill_id, 'outcome', v_drill.outcome));
  end if;
  if v_switch.stopped_at is not null then
    v_drill := public._end_drill(v_drill, 'overtaken', '{"summary":"a stop came in between"}');
    return jsonb_build_object('is_raised', false, 'drill', public._drill_view(v_drill));
  end if;
  update public.stop_switch set generation = generation + 1, drill_task_id = v_drill.task_id returning * into v_switch;
  update public.stop_drills set raised_at = clock_timestamp(), generation = v_switch.generation where drill_id = p_drill_id returning * into v_drill;
  perform public._audit('system', 'system', 'drill.raise', 'drill:' || p_drill_id, null, jsonb_build_object('generation', v_switch.generation, 'task_id', v_drill.task_id));
  return jsonb_build_object('is_raised', true, 'drill', public._drill_view(v_drill));
end
$$;

--
-- Name: FUNCTION raise_drill(p_drill_id uuid); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.raise_drill(p_drill_id uuid) IS 'Raises the generation for the dummy alone: from here on the gate is closed for it, and workers have a generation to acknowledge.';

--
-- Name: raise_incident(text, text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- What the rows say themselves nobody else has to say.
  if p_kind is null or p_kind not in ('audit_broken', 'row_tampered', 'token_conflict') or coalesce(p_key, '') = '' or coalesce(btrim(p_title), '') = '' then
    perform public._refuse('ZT007', 'a process raises what only it can see, with a key and a title', jsonb_build_object('kind', p_kind));
  end if;
  perform public._raise_incident(p_kind, p_key, p_severity, p_title, p_evidence);
end
$$;

--
-- Name: FUNCTION raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) IS 'A trouble that only a process can see: a proof that failed, somebody else on the token, a row that was changed.';

--
-- Name: reask_request(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_found jsonb;
  v_task public.tasks;
  v_request public.approval_requests;
  v_new_id uuid;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_deliver jsonb := '[]'::jsonb;
begin
  perform 1 from public.stop_switch for share;
  v_person_id := public._hold_person(p_external_id);
  v_found := public._find_request(null, p_token, p_chat_id, p_message_id);
  select t.* into v_task from public.tasks t join public.approval_requests r using (task_id) where r.request_id = (v_found ->> 'request_id')::uuid for update of t;
  select * into v_request from public.approval_requests where request_id = (v_found ->> 'request_id')::uuid for update;
  v_code := coalesce(v_found ->> 'code', case
    when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'
    when (select stopped_at is not null from public.stop_switch) then 'stopped'
    when v_request.status <> 'expired' then 'replaced'
    when v_task.status <> 'expired' or v_task.failure_code is distinct from 'expired' then 'task_over'
    -- It was judged and asked under rules that no longer hold.
    when v_task.policy_version is distinct from (select policy_version from public.policies where in_force_at is not null and retired_at is null) then 'policy_changed' end);
  if v_code is null then
    perform public._reopen_expired(v_task, v_request, 'it was asked about again');
    v_deliver := public._ask_again(v_request, format('its time was over, and %s asked again', public._name_of(v_person_id)), v_actor);
    select request_id into v_new_id from public.approval_requests where step_id = v_request.step_id and version > v_request.version order by version desc limit 1;
  end if;
  perform public._audit(coalesce(v_request.task_id, 'system'), v_actor, case when v_code is null then 'approval.reask' else 'approval.refuse' end, coalesce(v_request.reference, 'button'), null,
    jsonb_strip_nulls(jsonb_build_object('code', v_code, 'decision', case when v_code is not null then 'reask' end, 'checksum', v_request.artifact_checksum,
      'new_reference', (select reference from public.approval_requests where request_id = v_new_id))));
  return jsonb_build_object('code', v_code, 'step_id', v_request.step_id, 'reference', (select reference from public.approval_requests where request_id = v_new_id), 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'An operator or owner has what expired asked anew: the same frozen content under a new reference, with every decision to be made again. code is unknown_button, wrong_message, no_role, stopped, replaced, task_over or policy_changed.';

--
-- Name: recall_artifacts(text, bigint, text, integer, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps := public._lock_claimed(p_step_id, p_fence);
  v_task public.tasks;
  v_any_word tsquery;
  v_found jsonb;
  v_count integer;
  v_found_at timestamptz;
begin
  select * into v_task from public.tasks where task_id = v_step.task_id;
  v_any_word := public._any_of(array(
    select quote_literal(w.lexeme)::tsquery from (
      select l.lexeme from unnest(to_tsvector('simple', left(p_query, 2000))) l where length(l.lexeme) > 3 order by length(l.lexeme) desc, l.lexeme limit 16) w));
  -- What the search could have found itself and nothing else: texts of other tasks that ended well, with a word of the question.
  with entries as (
    select c.artifact_ids, c.found_at from public.retrieval_cache c
    where (c.chat_id = v_task.chat_id or c.goal_hash = public._hash_words(v_task.goal)) and c.found_at > clock_timestamp() - interval '24 hours' order by c.found_at desc limit 50
  ), kept as (
    select k.artifact_id, max(e.found_at) as found_at from entries e cross join lateral unnest(e.artifact_ids) k (artifact_id) group by k.artifact_id
  ), best as (
    select a as artifact, t.goal, k.found_at, ts_rank(a.search, v_any_word) as rank
    from kept k join public.artifacts a using (artifact_id) join public.tasks t on t.task_id = a.task_id
    where t.status = 'done' and a.task_id <> v_task.task_id and a.search @@ v_any_word
    order by rank desc, a.created_at desc limit least(greatest(p_limit, 1), 20)
  )
  select coalesce(jsonb_agg(public._artifact_json(b.artifact) || jsonb_build_object('task_id', (b.artifact).task_id, 'goal', b.goal) order by b.rank desc, (b.artifact).created_at desc), '[]'::jsonb), count(*), min(b.found_at)
  into v_found, v_count, v_found_at from best b;
  insert into public.stale_retrievals (step_id, task_id, fence, reason, found_at, source_count) values (p_step_id, v_task.task_id, p_fence, p_reason, v_found_at, v_count)
  on conflict (step_id) do update set fence = excluded.fence, reason = excluded.reason, found_at = excluded.found_at, source_count = excluded.source_count, marked_at = excluded.marked_at, redone_at = null;
  perform public._audit(v_task.task_id, 'system', 'retrieval.stale', p_step_id, null,
    jsonb_strip_nulls(jsonb_build_object('reason', p_reason, 'sources', v_count, 'found_at', to_char(v_found_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))));
  return jsonb_build_object('found_at', v_found_at, 'found', v_found);
end
$$;

--
-- Name: FUNCTION recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text) IS 'What earlier retrievals of the same chat or for the same goal had found, for a step whose search did not answer (too_slow, failed, left_alone); marks the step as stale, also when there is nothing.';

--
-- Name: record_account(text, bigint, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  v_account public.trading_accounts;
begin
  if jsonb_typeof(p_numbers) is distinct from 'object' or jsonb_typeof(p_positions) is distinct from 'array'
    or exists (select 1 from unnest(array['equity', 'day_start_equity', 'realised_loss']) k where coalesce(jsonb_typeof(p_numbers -> k) <> 'string' or p_numbers ->> k !~ '^[0-9]{1,12}(\.[0-9]{1,8})?$', true))
    or coalesce(p_numbers ->> 'currency', '') !~ '^[A-Z]{3,10}$'
    or exists (select 1 from jsonb_array_elements(p_positions) x where coalesce(not public._is_amount(x -> 'size') or jsonb_typeof(x -> 'risk') <> 'string' or x ->> 'risk' !~ '^[0-9]{1,12}(\.[0-9]{1,8})?$', true)) then
    perform public._refuse('ZT007', 'the numbers of an account are decimals as text, and so are size and risk of its positions', jsonb_build_object('account_id', left(p_account_id, 60)));
  end if;
  select * into v_account from public.trading_accounts where account_id = p_account_id for update;
  -- An answer to an earlier question says nothing about what was let out since.
  if v_account.account_id is null or v_account.asked_seq is distinct from p_asked_seq or v_account.taken_at = v_account.asked_at then
    return jsonb_build_object('is_taken', false);
  end if;
  delete from public.trading_positions where account_id = p_account_id;
  insert into public.trading_positions (account_id, position_id, symbol, side, size, risk)
  select p_account_id, x ->> 'position_id', x ->> 'symbol', x ->> 'side', (x ->> 'size')::numeric, (x ->> 'risk')::numeric from jsonb_array_elements(p_positions) x;
  update public.trading_accounts set currency = p_numbers ->> 'currency', equity = (p_numbers ->> 'equity')::numeric, day_start_equity = (p_numbers ->> 'day_start_equity')::numeric,
    realised_loss = (p_numbers ->> 'realised_loss')::numeric, high_water_mark = greatest(high_water_mark, (p_numbers ->> 'equity')::numeric, (p_numbers ->> 'day_start_equity')::numeric), taken_at = asked_at
  where account_id = p_account_id;
  return jsonb_build_object('is_taken', true);
end
$_$;

--
-- Name: FUNCTION record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb) IS 'The broker''s answer to the newest question about an account: its numbers and all of its open positions. Later than another question it is not taken.';

--
-- Name: record_anchor_kept(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_anchor_kept(p_number bigint, p_place text, p_reference text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_reference text;
begin
  if not exists (select 1 from public.anchors where anchor_number = p_number) then
    perform public._refuse('ZT003', 'there is no such anchor', jsonb_build_object('number', p_number));
  end if;
  insert into public.anchor_places (anchor_number, place, reference) values (p_number, p_place, p_reference) on conflict (anchor_number, place) do nothing;
  delete from public.anchor_problems where place = p_place and anchor_number <= p_number;
  select reference into v_reference from public.anchor_places where anchor_number = p_number and place = p_place;
  return jsonb_build_object('reference', v_reference);
end
$$;

--
-- Name: FUNCTION record_anchor_kept(p_number bigint, p_place text, p_reference text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_anchor_kept(p_number bigint, p_place text, p_reference text) IS 'A copy of the anchor stands there; the first one recorded stays, and is the answer.';

--
-- Name: record_anchor_problem(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_anchor_problem(p_number bigint, p_place text, p_problem text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.anchor_problems as p (place, anchor_number, problem) values (p_place, p_number, left(p_problem, 500))
  -- The same trouble goes on: since when stays.
  on conflict (place) do update set anchor_number = excluded.anchor_number, problem = excluded.problem where p.problem <> excluded.problem or p.anchor_number <> excluded.anchor_number;
end
$$;

--
-- Name: FUNCTION record_anchor_problem(p_number bigint, p_place text, p_problem text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_anchor_problem(p_number bigint, p_place text, p_problem text) IS 'An anchor could not be kept at a place; /status says so until it is.';

--
-- Name: record_attempt(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_attempt(p_external_id bigint, p_what text, p_code text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
begin
  if p_external_id is null or coalesce(p_code, '') !~ '^[a-z_]{1,40}$' then
    perform public._refuse('ZT007', 'an attempt has somebody and a code', jsonb_build_object('code', left(p_code, 40)));
  end if;
  perform public._audit('system', 'tg:' || p_external_id, 'gate.refuse', coalesce(nullif(left(btrim(p_what), 40), ''), 'nothing'), null, jsonb_build_object('code', p_code));
  return jsonb_build_object('is_recorded', true);
end
$_$;

--
-- Name: FUNCTION record_attempt(p_external_id bigint, p_what text, p_code text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_attempt(p_external_id bigint, p_what text, p_code text) IS 'An attempt that never got as far as a gate: by whom (a chat, where nobody in particular speaks), at what, and why not.';

--
-- Name: record_call(uuid, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_call(p_id uuid, p_level integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.approval_requests set remind_at = null, escalate_at = case when p_level < 2 then escalate_at end, warn_at = case when p_level < 3 then warn_at end, called_level = null, called_at = null
  where request_id = p_id;
  update public.changes set remind_at = null, escalate_at = case when p_level < 2 then escalate_at end, warn_at = case when p_level < 3 then warn_at end, called_level = null, called_at = null
  where change_id = p_id;
end
$$;

--
-- Name: FUNCTION record_call(p_id uuid, p_level integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_call(p_id uuid, p_level integer) IS 'People have been called about this request or change, on this level: neither this call nor a lesser one is due any more.';

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
  update public.cards set sent_at = coalesce(sent_at, clock_timestamp()), message_id = coalesce(message_id, p_message_id) where card_id = p_card_id returning message_id into v_message_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;

--
-- Name: FUNCTION record_card(p_card_id uuid, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) IS 'The card was sent as this message; the first one stays.';

--
-- Name: record_card_shown(uuid, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_card_shown(p_card_id uuid, p_mark text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.cards set shown_mark = p_mark, stale_since = null, redraw_count = 0 where card_id = p_card_id;
end
$$;

--
-- Name: FUNCTION record_card_shown(p_card_id uuid, p_mark text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_card_shown(p_card_id uuid, p_mark text) IS 'The message of a card says what the rows said at this mark.';

--
-- Name: record_enrolment_shown(bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_enrolment_shown(p_external_id bigint, p_message_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.second_factors set key_message_id = p_message_id where person_id = public._person_of(p_external_id) and confirmed_at is null;
end
$$;

--
-- Name: FUNCTION record_enrolment_shown(p_external_id bigint, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_enrolment_shown(p_external_id bigint, p_message_id bigint) IS 'Which message in the private chat shows the key, so that it can be taken back.';

--
-- Name: record_events_streamed(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_events_streamed(p_event_ids jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_count integer;
begin
  update public.events set streamed_at = clock_timestamp()
  where streamed_at is null and event_id in (select i::uuid from jsonb_array_elements_text(p_event_ids) i);
  get diagnostics v_count = row_count;
  return jsonb_build_object('count', v_count);
end
$$;

--
-- Name: FUNCTION record_events_streamed(p_event_ids jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_events_streamed(p_event_ids jsonb) IS 'These events are on the stream; an array of their ids.';

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
-- Name: record_incident_shown(uuid, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_incident_shown(p_incident_id uuid, p_seq bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.incidents set shown_seq = greatest(shown_seq, least(p_seq, change_seq)), shown_at = clock_timestamp() where incident_id = p_incident_id;
end
$$;

--
-- Name: FUNCTION record_incident_shown(p_incident_id uuid, p_seq bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_incident_shown(p_incident_id uuid, p_seq bigint) IS 'The message of an incident says what the row said at this change; what has changed since is shown next.';

--
-- Name: record_payer_check(bigint, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_actor text := 'tg:' || p_external_id;
  v_code text := coalesce(public._payer_problem(p_external_id, p_payer), case
    when p_item is null or p_item not in ('identity', 'sanctions', 'political_exposure', 'source_of_funds') then 'unknown_item'
    when p_outcome is null or p_outcome not in ('passed', 'failed') then 'unknown_outcome'
    when p_outcome = 'passed' and (p_valid_until is null or p_valid_until <= clock_timestamp() or p_valid_until > clock_timestamp() + interval '730 days') then 'not_valid_so_long' end);
  v_before jsonb;
begin
  if v_code is not null then
    perform public._audit('system', v_actor, 'payer.refuse', left(coalesce(p_payer, 'payer'), 40), null, jsonb_build_object('code', v_code, 'item', left(p_item, 40)));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'payer', null);
  end if;
  perform public._hold_payer(p_payer);
  select to_jsonb(c) - 'check_id' - 'payer' into v_before from public.payer_checks c where c.payer = p_payer and c.item = p_item order by c.check_id desc limit 1;
  insert into public.payer_checks (payer, item, outcome, checked_by, valid_until) values (p_payer, p_item, p_outcome, v_actor, case when p_outcome = 'passed' then p_valid_until end);
  perform public._audit('system', v_actor, 'payer.check', p_payer, v_before, jsonb_build_object('item', p_item, 'outcome', p_outcome, 'valid_until', case when p_outcome = 'passed' then p_valid_until end));
  return jsonb_build_object('outcome', 'recorded', 'code', null, 'payer', public._payer_view(p_payer));
end
$$;

--
-- Name: FUNCTION record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone) IS 'An operator or owner has checked one item of a payer''s checklist, never their own. A refusal has a code and changes nothing but the audit log.';

--
-- Name: record_prompt_message(uuid, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.prompts set message_id = p_message_id, earlier_message_ids = array_remove(earlier_message_ids || message_id, null) where prompt_id = p_prompt_id;
end
$$;

--
-- Name: FUNCTION record_prompt_message(p_prompt_id uuid, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) IS 'The question was sent as this message.';

--
-- Name: record_prompts(text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_prompts(p_worker text, p_hashes jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
declare
  v_last public.prompt_sets;
  v_rubric text := public._rubric_hash();
  v_changed text[];
begin
  if jsonb_typeof(p_hashes) is distinct from 'object' or p_hashes = '{}' or exists (select 1 from jsonb_each_text(p_hashes) h where h.value !~ '^[0-9a-f]{64}$') then
    perform public._refuse('ZT007', 'prompts are recorded as a sha256 (hex) for each agent', jsonb_build_object('worker', p_worker));
  end if;
  perform pg_advisory_xact_lock(hashtext('ags.prompts'));
  select * into v_last from public.prompt_sets order by prompt_set desc limit 1;
  v_changed := array(
    select k from (select jsonb_object_keys(p_hashes) union select jsonb_object_keys(coalesce(v_last.hashes, '{}'::jsonb))) x (k) where p_hashes -> k is distinct from v_last.hashes -> k
    union all select 'rubric' where v_rubric is distinct from v_last.rubric order by 1);
  if cardinality(v_changed) > 0 then
    insert into public.prompt_sets (hashes, rubric, changed, worker) values (p_hashes, v_rubric, v_changed, p_worker);
    perform public._audit('system', 'system', 'prompts.take', 'prompts', case when v_last.prompt_set is not null then v_last.hashes || jsonb_build_object('rubric', v_last.rubric) end,
      p_hashes || jsonb_build_object('rubric', v_rubric, 'worker', p_worker));
    if v_last.prompt_set is not null then
      perform public._raise_incident('prompts_changed', 'prompts', 'warning', format('a release brought other prompts: %s', array_to_string(v_changed, ', ')), jsonb_build_object('changed', to_jsonb(v_changed), 'worker', p_worker));
    end if;
  end if;
  return jsonb_build_object('is_first', v_last.prompt_set is null, 'changed', to_jsonb(v_changed));
end
$_$;

--
-- Name: FUNCTION record_prompts(p_worker text, p_hashes jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_prompts(p_worker text, p_hashes jsonb) IS 'What a worker starts with: other prompts or another rubric than the last ones are written down, audited and raised as an incident.';

--
-- Name: record_shown(uuid, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.record_shown(p_request_id uuid, p_worker text, p_problem text, p_dry_run jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

CREATE FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_message_id bigint;
begin
  update public.tasks set message_id = coalesce(message_id, p_message_id) where task_id = p_task_id returning message_id into v_message_id;
  return jsonb_build_object('message_id', v_message_id);
end
$$;

--
-- Name: FUNCTION record_task_message(p_task_id text, p_message_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.record_task_message(p_task_id text, p_message_id bigint) IS 'The one message that shows how the task goes: the first that is recorded stays, and is the answer.';

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
  insert into public.inbox (source, external_id, chat_key, is_urgent, payload)
  select p_source, u ->> 'external_id', u ->> 'chat_key', coalesce((u ->> 'is_urgent')::boolean, false), u -> 'payload'
  from jsonb_array_elements(p_updates) with ordinality x (u, place) order by place
  on conflict (source, external_id) do nothing;
  get diagnostics v_recorded = row_count;
  -- After the insert, which waits for whoever stores the same number at the same moment: two at once see each other.
  select coalesce(jsonb_agg(u ->> 'external_id'), '[]') into v_conflicts from jsonb_array_elements(p_updates) u
  join public.inbox i on i.source = p_source and i.external_id = u ->> 'external_id' where i.payload <> u -> 'payload';
  if jsonb_array_length(v_conflicts) > 0 then
    perform public._audit('system', 'system', 'inbox.conflict', p_source, null, jsonb_build_object('external_ids', v_conflicts));
  end if;
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
-- Name: renew_updates(text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.renew_updates(p_worker text, p_lease_seconds integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_held jsonb;
begin
  with held as (
    update public.inbox set lease_expires_at = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where worker = p_worker and status = 'processing' returning inbox_id
  )
  select coalesce(jsonb_agg(inbox_id order by inbox_id), '[]'::jsonb) into v_held from held;
  return v_held;
end
$$;

--
-- Name: FUNCTION renew_updates(p_worker text, p_lease_seconds integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.renew_updates(p_worker text, p_lease_seconds integer) IS 'Keeps the updates that a process is handling; answers with those that it still has.';

--
-- Name: report_breaker(text, text, boolean, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_breaker public.breakers;
  v_now timestamptz;
begin
  if p_is_ok is null or (not p_is_ok and p_code is null) then
    perform public._refuse('ZT007', 'a call went well, or it failed with a code', jsonb_build_object('name', p_name));
  end if;
  insert into public.breakers (name) values (p_name) on conflict (name) do nothing;
  select * into v_breaker from public.breakers where name = p_name for update;
  v_now := clock_timestamp();
  if v_breaker.state = 'half_open' and v_breaker.probe_holder = p_holder then
    if p_is_ok then
      update public.breakers set state = 'closed', failures = '{}', opened_at = null, opened_by = null, probe_holder = null, probe_until = null, changed_at = v_now where name = p_name returning * into v_breaker;
      perform public._audit('system', 'system', 'breaker.close', 'breaker:' || p_name);
    else
      v_breaker := public._open_breaker(p_name, 'system', p_code);
    end if;
  elsif v_breaker.state = 'closed' and p_is_ok then
    update public.breakers set failures = '{}', changed_at = v_now where name = p_name and failures <> '{}' returning * into v_breaker;
  elsif v_breaker.state = 'closed' then
    update public.breakers set last_code = p_code, failures = (select array_agg(f order by f) from unnest(failures || v_now) f where f > v_now - interval '60 seconds')
    where name = p_name returning * into v_breaker;
    if cardinality(v_breaker.failures) >= 5 then
      v_breaker := public._open_breaker(p_name, 'system', p_code);
    end if;
  end if;
  -- What was under way when it opened says nothing about now.
  return jsonb_build_object('state', (select state from public.breakers where name = p_name));
end
$$;

--
-- Name: FUNCTION report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text) IS 'How a call went. The fifth failure in a row within 60 s opens; the probe''s answer closes, or opens for two minutes more. Good calls need to be reported after a failure only.';

--
-- Name: repropose_change(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_found jsonb;
  v_change public.changes;
begin
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  v_found := public._find_change(null, p_token, p_chat_id, p_message_id);
  select * into v_change from public.changes where change_id = (v_found ->> 'change_id')::uuid;
  if v_found ->> 'code' is not null or v_change.status <> 'expired' then
    return jsonb_build_object('code', coalesce(v_found ->> 'code', 'not_expired'), 'proposal', null);
  end if;
  return jsonb_build_object('code', null, 'proposal', public.propose_change(p_external_id, v_change.kind, v_change.payload, v_change.reason));
end
$$;

--
-- Name: FUNCTION repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'The same change proposed anew, by whoever presses and may propose it: a proposal like any other. code is unknown_button, wrong_message or not_expired.';

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
  v_is_there boolean := false;
  v_has_room boolean := false;
  v_call_id uuid;
  v_reason text;
  v_rate jsonb;
begin
  if p_tokens < 0 or p_cost_usd < 0 or p_tokens is null or p_cost_usd is null then
    perform public._refuse('ZT007', 'a reservation is not negative', jsonb_build_object('tokens', p_tokens, 'cost_usd', p_cost_usd));
  end if;
  v_step := public._lock_claimed(p_step_id, p_fence);
  select t.task_id, t.tokens_used, t.cost_usd, p.document -> 'budgets' as budgets, p.document into v_task
  from public.tasks t join public.policies p using (policy_version) where t.task_id = v_step.task_id;
  -- What is reserved and not settled counts as spent: a crash must not make money free. What other steps hold that are at work now comes back, most of it.
  select coalesce(sum(c.reserved_tokens), 0) as tokens, coalesce(sum(c.reserved_usd), 0) as usd,
    coalesce(sum(c.reserved_tokens) filter (where s.status = 'running' and s.step_id <> p_step_id), 0) as open_tokens,
    coalesce(sum(c.reserved_usd) filter (where s.status = 'running' and s.step_id <> p_step_id), 0) as open_usd into v_reserved
  from public.engine_calls c join public.task_steps s using (step_id) where c.task_id = v_task.task_id and c.outcome = 'reserved';
  -- A budget that the policy does not name is nothing, not everything.
  v_reason := case
    when v_task.tokens_used + v_reserved.tokens + p_tokens > coalesce((v_task.budgets ->> 'task_tokens')::bigint, 0) then 'task_tokens'
    when v_task.cost_usd + v_reserved.usd + p_cost_usd > coalesce((v_task.budgets ->> 'task_usd')::numeric, 0) then 'task_usd' end;
  if v_reason is not null and v_task.tokens_used + v_reserved.tokens - v_reserved.open_tokens + p_tokens <= coalesce((v_task.budgets ->> 'task_tokens')::bigint, 0)
    and v_task.cost_usd + v_reserved.usd - v_reserved.open_usd + p_cost_usd <= coalesce((v_task.budgets ->> 'task_usd')::numeric, 0) then
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'retry_after_ms', 1000 + floor(random() * 1000)::integer);
  end if;
  if v_reason is null then
    v_rate := public._spend_rates(v_task.document, jsonb_build_object('calls_per_agent', v_step.agent, 'calls_per_engine', p_engine));
    if v_rate is not null then
      perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, 'rate.refuse', p_step_id, null, v_rate);
      return jsonb_build_object('is_granted', false, 'rate', v_rate);
    end if;
  end if;
  while v_reason is null and not v_has_room loop
    update public.budget_days set reserved_usd = reserved_usd + p_cost_usd
    where day = v_day and spent_usd + reserved_usd + p_cost_usd <= coalesce((v_task.budgets ->> 'day_usd')::numeric, 0);
    v_has_room := found;
    if not v_has_room then
      -- No room, or no row yet: whoever makes the first one of a day looks again, and so does, once, whoever finds it made in between.
      insert into public.budget_days (day) values (v_day) on conflict (day) do nothing;
      v_reason := case when not found and v_is_there then 'day_usd' end;
      v_is_there := true;
    end if;
  end loop;
  if v_reason = 'day_usd' and exists (
    select 1 from public.budget_days d where d.day = v_day and d.spent_usd + d.reserved_usd + p_cost_usd - (
      select coalesce(sum(c.reserved_usd), 0) from public.task_steps s join public.engine_calls c on c.task_id = s.task_id and c.step_id = s.step_id
      where s.status = 'running' and s.step_id <> p_step_id and c.day = v_day and c.outcome = 'reserved') <= coalesce((v_task.budgets ->> v_reason)::numeric, 0)) then
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'retry_after_ms', 5000 + floor(random() * 5000)::integer);
  end if;
  if v_reason is not null then
    perform public._audit(v_task.task_id, 'agent:' || v_step.agent_name, 'budget.refuse', p_step_id, null,
      jsonb_build_object('budget', v_reason, 'limit', v_task.budgets ->> v_reason, 'asked_tokens', p_tokens, 'asked_usd', p_cost_usd));
    if v_reason = 'day_usd' then
      perform public._raise_incident('budget_day', v_day::text, 'warning', 'the budget of the day is used up', jsonb_build_object('day', v_day, 'limit_usd', v_task.budgets ->> v_reason), v_task.task_id, p_step_id, v_step.agent_name);
    end if;
    return jsonb_build_object('is_granted', false, 'budget', v_reason, 'limit', coalesce(v_task.budgets ->> v_reason, '0'));
  end if;
  insert into public.engine_calls (task_id, step_id, day, engine, reserved_tokens, reserved_usd) values (v_task.task_id, p_step_id, v_day, p_engine, p_tokens, p_cost_usd) returning call_id into v_call_id;
  return jsonb_build_object('is_granted', true, 'call_id', v_call_id);
end
$$;

--
-- Name: FUNCTION reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) IS 'Sets aside the most that a model call can cost (USD, tokens), or says which budget or rate of the policy it would break. With retry_after_ms when only what other steps have set aside stands against it: most of that comes back.';

--
-- Name: resolve_incident(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_press jsonb := public._press_incident(p_token, p_chat_id, p_message_id, p_external_id, 'resolve');
begin
  if v_press ->> 'code' is null then
    perform public._close_incident((v_press ->> 'incident_id')::uuid, 'tg:' || p_external_id, 'resolved by a person');
  end if;
  return public._pressed(v_press);
end
$$;

--
-- Name: FUNCTION resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'An operator or owner says that it is over; the same trouble is a new incident from then on. code as for ack_incident, and still_there: what the rows still say is muted or mended.';

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
-- Name: resume_effects(bigint, text, text, bigint, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text) RETURNS jsonb
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
  v_choice text;
  v_reason text;
  v_prompt_id uuid;
  v_factor_at timestamptz;
  v_cancelled jsonb;
  v_deliver jsonb := '[]'::jsonb;
begin
  if p_choice is null or p_choice not in ('continue', 'cancel') then
    perform public._refuse('ZT007', 'what was held goes on (continue) or ends (cancel)', jsonb_build_object('choice', p_choice));
  end if;
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
    when v_is_asked and not ('owner' = any (v_roles) or 'owner' = any (v_first_roles)) then 'needs_owner'
    -- One of them as owner, the other as what they are, and nobody behind both words.
    when v_is_asked and not exists (select 1 from (values (v_person_id, v_switch.resume_asked_by), (v_switch.resume_asked_by, v_person_id)) x (owner_id, other_id)
      where 'owner' = any (public._roles_of(x.owner_id)) and not public._behind(null, x.owner_id, 'owner', clock_timestamp()) && public._behind(null, x.other_id, 'operator', clock_timestamp())) then 'stand_in'
    else public._factor_refusal('resume:' || v_switch.generation, (select policy_version from public.policies where in_force_at is not null and retired_at is null), 'T3', v_person_id) end;
  if v_code is not null then
    v_prompt_id := case when v_code = 'factor_needed' then public._ask_factor('resume:' || v_switch.generation, p_external_id, jsonb_build_object('choice', p_choice, 'reason', left(btrim(p_reason), 500))) end;
    perform public._audit('system', v_actor, 'stop.refuse', 'stop_switch', null, jsonb_build_object('code', v_code));
    return jsonb_build_object('outcome', 'refused', 'code', v_code, 'prompt_id', v_prompt_id, 'stop', public.get_stop_state(), 'deliver', '[]'::jsonb);
  end if;
  v_factor_at := public._spend_factor('resume:' || v_switch.generation, v_person_id);
  -- Sent, but the process ended before it could note where: the press itself tells.
  update public.cards set message_id = p_message_id, sent_at = clock_timestamp() where card_id = v_card.card_id and message_id is null;
  if not v_is_asked then
    update public.stop_switch set resume_asked_by = v_person_id, resume_asked_at = now(), resume_choice = p_choice, resume_reason = nullif(left(btrim(p_reason), 500), '');
    perform public._audit('system', v_actor, 'stop.ask_resume', 'stop_switch', null, jsonb_build_object('generation', v_switch.generation, 'reason', left(p_reason, 500), 'held', p_choice) || jsonb_strip_nulls(jsonb_build_object('factor_checked_at', v_factor_at)));
    return jsonb_build_object('outcome', 'asked', 'code', null, 'stop', public.get_stop_state(), 'needs', case when 'owner' = any (v_roles) then 'operator or owner' else 'owner' end,
      'choice', p_choice, 'held', public._held_by_stop(v_switch), 'deliver', '[]'::jsonb);
  end if;
  -- To go on takes the word of both; to let what was held end takes one of the two.
  v_choice := case when 'cancel' in (p_choice, v_switch.resume_choice) then 'cancel' else 'continue' end;
  v_reason := coalesce(nullif(left(btrim(p_reason), 500), ''), v_switch.resume_reason);
  v_cancelled := case when v_choice = 'cancel' then public._cancel_held(v_switch, v_reason, v_actor) end;
  update public.stops set resumed_at = clock_timestamp(), resumed_by_1 = v_switch.resume_asked_by, resumed_by_2 = v_person_id, cancelled = coalesce(v_cancelled -> 'task_ids', '[]'::jsonb) where resumed_at is null;
  update public.stop_switch set scope = null, stopped_at = null, stopped_by = null, reason = null, resume_asked_by = null, resume_asked_at = null, resume_choice = null, resume_reason = null;
  perform public._audit('system', v_actor, 'stop.lift', 'stop_switch', jsonb_build_object('stopped_at', v_switch.stopped_at), jsonb_build_object('generation', v_switch.generation, 'first', public._name_of(v_switch.resume_asked_by), 'reason', v_reason,
    'held', v_choice, 'cancelled', v_cancelled -> 'task_ids') || jsonb_strip_nulls(jsonb_build_object('factor_checked_at', v_factor_at)));
  perform public._event(null, 'RESUMED', null, null, jsonb_build_object('generation', v_switch.generation, 'by', v_actor), 'resume:' || v_switch.generation);
  select coalesce(jsonb_agg(public._job('step.run', s.step_id, s.wake_seq) -> 0), '[]') into v_deliver
  from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.status in ('planning', 'running', 'awaiting_approval');
  v_deliver := v_deliver || coalesce(v_cancelled -> 'deliver', '[]'::jsonb) || coalesce((select jsonb_agg(public._job('request.show', r.request_id::text, r.wake_seq + 1) -> 0) from public.approval_requests r where r.status = 'staging'), '[]')
    || coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r where r.status = 'pending'), '[]');
  return jsonb_build_object('outcome', 'resumed', 'code', null, 'stop', public.get_stop_state(), 'first', public._name_of(v_switch.resume_asked_by),
    'choice', v_choice, 'cancelled', coalesce(v_cancelled -> 'task_ids', '[]'::jsonb), 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text) IS 'The first person asks, a second one lifts the stop; one of the two is an owner. What waited is delivered, or, when one of them chose cancel, its T2/T3 tasks end.';

--
-- Name: retrieve_artifacts(text, bigint, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_task public.tasks;
  v_found jsonb;
begin
  select t.* into v_task from public.tasks t join public.task_steps s using (task_id) where s.step_id = p_step_id and s.fence = p_fence and s.status = 'running';
  if v_task.task_id is null then
    perform public._refuse('ZT006', 'this worker no longer holds the step', jsonb_build_object('step_id', p_step_id, 'fence', p_fence));
  end if;
  -- Nothing is locked while it searches: a search that is slow keeps nobody waiting.
  v_found := public.search_artifacts(p_query, v_task.task_id, p_limit);
  perform public._keep_retrieval(v_task, p_query, array(select (f ->> 'artifact_id')::uuid from jsonb_array_elements(v_found) f));
  delete from public.stale_retrievals where step_id = p_step_id and fence < p_fence;
  return v_found;
end
$$;

--
-- Name: FUNCTION retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer) IS 'The search for a claimed step: what it finds is remembered for a while, and what the step once had to do without is made good.';

--
-- Name: return_probe(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.return_probe(p_name text, p_holder text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.breakers set state = 'open', probe_holder = null, probe_until = null, changed_at = clock_timestamp() where name = p_name and state = 'half_open' and probe_holder = p_holder;
  return jsonb_build_object('is_returned', found);
end
$$;

--
-- Name: FUNCTION return_probe(p_name text, p_holder text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.return_probe(p_name text, p_holder text) IS 'Who was to try did not call after all: whoever asks next is the probe, instead of waiting for this one''s time to be over.';

--
-- Name: review_break_glass(bigint, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.review_break_glass(p_external_id bigint, p_task_id text, p_text text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_glass public.break_glasses;
  v_change public.changes;
  v_person_id uuid;
  v_actor text := 'tg:' || p_external_id;
  v_code text;
  v_step_id text;
  v_deliver jsonb := '[]'::jsonb;
begin
  perform pg_advisory_xact_lock(hashtext('ags.govern'));
  v_person_id := public._person_of(p_external_id);
  select * into v_glass from public.break_glasses where task_id = upper(btrim(p_task_id)) and reviewed_at is null for update;
  select * into v_change from public.changes where change_id = v_glass.change_id;
  v_code := case
    when not 'owner' = any (public._roles_of(v_person_id)) then 'no_role'
    when v_glass.break_glass_id is null then 'not_found'
    when v_glass.status = 'open' then 'still_open'
    -- By account: two accounts that have been linked since are one person.
    when v_person_id = public._person_of(substr(v_change.proposer, 4)::bigint) then 'opener'
    when public._behind(null, v_person_id, 'owner', clock_timestamp()) && public._behind(null, public._person_of(substr(v_change.proposer, 4)::bigint), 'owner', v_change.created_at) then 'stand_in'
    when coalesce(btrim(p_text), '') = '' then 'text_needed' end;
  if v_code is not null then
    perform public._audit(coalesce(v_glass.task_id, 'system'), v_actor, 'glass.refuse', coalesce(v_change.reference, 'break_glass'), null, jsonb_build_object('code', v_code, 'asked', 'review'));
    return jsonb_build_object('code', v_code, 'reference', v_change.reference, 'deliver', '[]'::jsonb);
  end if;
  update public.break_glasses set reviewed_at = clock_timestamp(), reviewed_by = v_actor, review = left(btrim(p_text), 2000) where break_glass_id = v_glass.break_glass_id;
  update public.changes set tell_requested_at = clock_timestamp() where change_id = v_glass.change_id;
  perform public._audit_break_glass(v_change, v_actor, 'review', jsonb_build_object('review', left(btrim(p_text), 500)));
  perform public._event(v_glass.task_id, 'BREAK_GLASS', null, null, jsonb_build_object('reference', v_change.reference, 'state', 'reviewed'), v_change.reference || ':reviewed');
  -- What waited for the review goes on.
  for v_step_id in
    select s.step_id from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and s.kind = 'effect' and t.risk_tier = 'T3' and t.ended_at is null order by t.task_id for update of t
  loop
    update public.task_steps set not_before = null where step_id = v_step_id;
    v_deliver := v_deliver || public._wake(v_step_id);
  end loop;
  return jsonb_build_object('code', null, 'reference', v_change.reference, 'deliver', v_deliver || public._show_change(v_glass.change_id));
end
$$;

--
-- Name: FUNCTION review_break_glass(p_external_id bigint, p_task_id text, p_text text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.review_break_glass(p_external_id bigint, p_task_id text, p_text text) IS 'An owner who did not open it writes what they found; code is no_role, not_found, still_open, opener, stand_in or text_needed. T3 goes on.';

--
-- Name: search_artifacts(text, text, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_words tsquery[];
  v_any_word tsquery;
  v_rare_word tsquery;
  v_sample tsvector[];
  v_found uuid[];
begin
  select array_agg(quote_literal(w.lexeme)::tsquery) into v_words from (
    select l.lexeme from unnest(to_tsvector('simple', left(p_query, 2000))) l where length(l.lexeme) > 3 order by length(l.lexeme) desc, l.lexeme limit 16) w;
  if v_words is null then
    return '[]'::jsonb;
  end if;
  select array_agg(n.artifact_id), array_agg(n.search) into v_found, v_sample from (
    select artifact_id, search from public.artifacts where type in ('draft', 'findings', 'note') order by created_at desc limit 50) n;
  -- A word that stands in many texts tells little, and to look all of them up would cost more with each task: only the newest texts are
  -- searched for it. The newest of them say which words those are.
  v_any_word := public._any_of(v_words);
  v_rare_word := public._any_of(array(
    select w from unnest(v_words) w where (select count(*) from (select from unnest(v_sample) t where t @@ w limit 2) seen) < 2));
  if v_rare_word is not null then
    v_found := v_found || array(
      select artifact_id from public.artifacts where type in ('draft', 'findings', 'note') and search @@ v_rare_word limit 300);
  end if;
  return (
    select coalesce(jsonb_agg(public._artifact_json(x.artifact) || jsonb_build_object('task_id', (x.artifact).task_id, 'goal', x.goal) order by x.rank desc, (x.artifact).created_at desc), '[]') from (
      select a as artifact, t.goal, ts_rank(a.search, v_any_word) as rank
      from public.artifacts a
      -- Only what ended well is worth remembering. Each text's task is looked up (offset 0): a join may begin with every task that ended well.
      cross join lateral (select d.goal from public.tasks d where d.task_id = a.task_id and d.status = 'done' offset 0) t
      where a.artifact_id = any (v_found) and a.search @@ v_any_word and a.task_id <> p_task_id
      order by rank desc, a.created_at desc limit least(greatest(p_limit, 1), 20)
    ) x
  );
end
$$;

--
-- Name: FUNCTION search_artifacts(p_query text, p_task_id text, p_limit integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.search_artifacts(p_query text, p_task_id text, p_limit integer) IS 'Full-text search over the texts of earlier tasks that ended well: the newest ones by any word, all of them by words that are rare.';

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
  v_withheld jsonb := '[]'::jsonb;
  v_known uuid[];
begin
  perform pg_advisory_xact_lock(hashtext('ags.seed_people'));
  -- Whoever ever had a role has it from people by now, and only people give another one: whoever starts the program is one person.
  v_known := array(select distinct r.person_id from public.person_roles r);
  for v_item in
    select (i ->> 'external_id')::bigint as external_id, i ->> 'role' as role, i ->> 'display_name' as display_name
    from jsonb_array_elements(p_people) i
  loop
    v_person_id := public._ensure_person(v_item.external_id, v_item.display_name);
    if exists (select 1 from public.person_roles r where r.person_id = v_person_id and r.role = v_item.role) then
      if not exists (select 1 from public.person_roles r where r.person_id = v_person_id and r.role = v_item.role and r.revoked_at is null) then
        v_revoked := v_revoked || jsonb_build_object('external_id', v_item.external_id, 'role', v_item.role);
      end if;
    elsif v_person_id = any (v_known) then
      v_withheld := v_withheld || jsonb_build_object('external_id', v_item.external_id, 'role', v_item.role);
    else
      insert into public.person_roles (person_id, role, source, granted_by) values (v_person_id, v_item.role, 'seed', 'system');
      perform public._audit('system', 'system', 'role.seed', 'tg:' || v_item.external_id, null, jsonb_build_object('role', v_item.role));
      v_seeded := v_seeded || jsonb_build_object('external_id', v_item.external_id, 'role', v_item.role);
    end if;
  end loop;
  return jsonb_build_object('is_first', cardinality(v_known) = 0, 'seeded', v_seeded, 'revoked', v_revoked, 'withheld', v_withheld);
end
$$;

--
-- Name: FUNCTION seed_people(p_people jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.seed_people(p_people jsonb) IS 'Gives configured roles to people who never had any; names those that were revoked, and those withheld from people who have had another one. is_first: nobody ever had a role before.';

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
  v_deliver jsonb := '[]'::jsonb;
  v_is_late boolean;
begin
  if p_outcome is null or p_outcome not in ('done', 'refused', 'void', 'in_doubt') then
    perform public._refuse('ZT007', 'an attempt ends as done, refused, void or in_doubt', jsonb_build_object('outcome', p_outcome));
  end if;
  v_is_late := public._lock_doubt(p_attempt_id);
  update public.effect_attempts set status = p_outcome, settled_at = clock_timestamp(), chat_id = p_chat_id, topic_id = p_topic_id, message_id = p_message_id, error = left(p_error, 500)
  where attempt_id = p_attempt_id and status in ('started', 'in_doubt') returning * into v_attempt;
  if v_is_late and v_attempt.attempt_id is not null then
    v_deliver := public._settle_late(v_attempt.effect_id);
  end if;
  return jsonb_build_object('is_settled', v_attempt.attempt_id is not null, 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.settle_attempt(p_attempt_id uuid, p_outcome text, p_chat_id bigint, p_topic_id bigint, p_message_id bigint, p_error text) IS 'How one try ended: done with its message, refused for certain, void (never left), or in doubt. The last word about a doubt settles it.';

--
-- Name: settle_drill(uuid, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.settle_drill(p_drill_id uuid, p_gate jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_drill public.stop_drills;
  v_workers jsonb;
  v_silent text;
  v_leak text;
  v_is_late boolean;
begin
  select * into v_switch from public.stop_switch for update;
  select * into v_drill from public.stop_drills where drill_id = p_drill_id for update;
  if v_drill.drill_id is null then
    perform public._refuse('ZT003', 'no such drill', jsonb_build_object('drill_id', p_drill_id));
  end if;
  if v_drill.outcome <> 'running' or v_drill.raised_at is null then
    return jsonb_build_object('is_over', v_drill.outcome <> 'running', 'drill', public._drill_view(v_drill));
  end if;
  -- What the rows say counts; what the worker was answered only adds to it.
  v_leak := case
    when exists (select 1 from public.effects e where e.task_id = v_drill.task_id and e.generation >= v_drill.generation) then 'the gate granted the dummy''s effect under the drill'
    when exists (select 1 from public.effect_attempts a join public.effects e using (effect_id) where e.task_id = v_drill.task_id) then 'the gate let the dummy''s effect begin under the drill'
    when p_gate ->> 'authorize' is distinct from 'stopped' then format('the gate answered %s to a new question', coalesce(p_gate ->> 'authorize', 'nothing'))
    when exists (select 1 from public.effects e where e.task_id = v_drill.task_id) and p_gate ->> 'begin' is distinct from 'stopped' then format('the gate answered %s right before sending', coalesce(p_gate ->> 'begin', 'nothing')) end;
  update public.stop_drills set refused_at = coalesce(refused_at, case when v_leak is null then clock_timestamp() end) where drill_id = p_drill_id returning * into v_drill;
  select coalesce(jsonb_agg(jsonb_build_object('worker', w.worker, 'generation_seen', w.generation_seen, 'has_acknowledged', w.generation_seen >= v_drill.generation,
      'seconds', case when w.generation_seen >= v_drill.generation then round(extract(epoch from greatest(w.acknowledged_at - v_drill.raised_at, interval '0')), 3) end) order by w.worker), '[]'::jsonb),
    string_agg(w.worker, ', ' order by w.worker) filter (where w.generation_seen < v_drill.generation) into v_workers, v_silent
  from public.workers w where w.seen_at > clock_timestamp() - interval '30 seconds';
  v_is_late := clock_timestamp() > v_drill.raised_at + make_interval(secs => (public._drill_rules() ->> 'within')::integer);
  -- A stop that comes in between is the real thing, and closes the gate for everybody.
  if v_leak is null and (v_silent is not null or v_workers = '[]'::jsonb) and not v_is_late and v_switch.stopped_at is null then
    return jsonb_build_object('is_over', false, 'drill', public._drill_view(v_drill));
  end if;
  update public.stop_drills set workers = v_workers,
    seconds_to_halt = case when v_silent is null and v_leak is null and v_workers <> '[]'::jsonb
      then greatest((select max((w ->> 'seconds')::numeric) from jsonb_array_elements(v_workers) w), round(extract(epoch from refused_at - raised_at), 3)) end
  where drill_id = p_drill_id returning * into v_drill;
  v_drill := case
    when v_leak is not null then public._end_drill(v_drill, 'failed', jsonb_build_object('summary', v_leak, 'gate', p_gate))
    when v_silent is null and v_workers <> '[]'::jsonb then public._end_drill(v_drill, 'passed', jsonb_build_object('summary', format('%s acknowledged, the gate refused', jsonb_array_length(v_workers)), 'gate', p_gate))
    when v_switch.stopped_at is not null then public._end_drill(v_drill, 'overtaken', jsonb_build_object('summary', 'a stop came in between', 'gate', p_gate))
    else public._end_drill(v_drill, 'failed', jsonb_build_object('summary', format('no acknowledgement from %s', coalesce(v_silent, 'any worker')), 'gate', p_gate)) end;
  return jsonb_build_object('is_over', true, 'drill', public._drill_view(v_drill));
end
$$;

--
-- Name: FUNCTION settle_drill(p_drill_id uuid, p_gate jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.settle_drill(p_drill_id uuid, p_gate jsonb) IS 'Looks whether every live worker has acknowledged and the gate has refused the dummy; ends the drill when they have, when the time of the policy is over, or when the gate let anything through.';

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
  if p_outcome is null or p_outcome not in ('done', 'again', 'failed', 'shut') then
    perform public._refuse('ZT007', 'an effect ends as done, again, failed or shut', jsonb_build_object('outcome', p_outcome));
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
  elsif p_outcome in ('again', 'shut') then
    -- Certainly refused (429, a chat that does not let the bot in) or never left (no connection, a stop): the grant goes back while nothing has landed, and is asked for again.
    update public.effects set status = case when v_done = 0 then 'void' else 'granted' end, settled_at = case when v_done = 0 then clock_timestamp() end, outcome_note = left(p_note, 500) where effect_id = p_effect_id;
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'effect.return', p_effect_id::text, jsonb_build_object('status', v_effect.status),
      jsonb_build_object('status', case when v_done = 0 then 'void' else 'granted' end, 'note', left(p_note, 500), 'parts_done', v_done));
    return case when p_outcome = 'shut' then public._wait_for_chat(v_effect, p_fence, p_retry_after_ms) else public.release_step(p_step_id, p_fence, p_retry_after_ms) end || jsonb_build_object('next', null);
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

COMMENT ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) IS 'Ends an effect as done, failed, again (after a wait) or shut (the chat does not let the bot in: it waits for that); in doubt whenever a try has no certain end, whatever the caller says. Done hands over the next step.';

--
-- Name: settle_fallback_check(uuid, jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.settle_fallback_check(p_check_id uuid, p_results jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_check public.fallback_checks;
begin
  if jsonb_typeof(p_results) is distinct from 'array' or jsonb_array_length(p_results) = 0 or exists (select 1 from jsonb_array_elements(p_results) r where coalesce(r ->> 'outcome', '') not in ('ok', 'failed', 'skipped')) then
    perform public._refuse('ZT007', 'a check ends with a result for each fallback: ok, failed or skipped', jsonb_build_object('check_id', p_check_id));
  end if;
  select * into v_check from public.fallback_checks where check_id = p_check_id for update;
  if v_check.check_id is null then
    perform public._refuse('ZT003', 'no such check', jsonb_build_object('check_id', p_check_id));
  end if;
  if v_check.outcome = 'running' then
    v_check := public._end_fallback_check(v_check, p_results);
  end if;
  return public._fallback_check_view(v_check);
end
$$;

--
-- Name: FUNCTION settle_fallback_check(p_check_id uuid, p_results jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.settle_fallback_check(p_check_id uuid, p_results jsonb) IS 'Ends a check with what became of each fallback, kept as an artifact; one that failed is an incident. Once: later results change nothing.';

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
-- Name: simulate_policy(jsonb, integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.simulate_policy(p_document jsonb, p_days integer) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION simulate_policy(p_document jsonb, p_days integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.simulate_policy(p_document jsonb, p_days integer) IS 'What the tasks of so many days would have met under this policy, beside the one in force: only those for which something differs.';

--
-- Name: start_runbook(text, bigint, bigint, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_card public.cards;
  v_run public.runbook_runs;
  v_code text;
begin
  select c.* into v_card from public.cards c join public.buttons b using (card_id) where b.token = p_token and c.kind = 'runbook';
  v_code := case when v_card.card_id is null then 'unknown_button' else public._press(v_card.card_id, p_chat_id, p_message_id) end;
  if v_code is null then
    perform pg_advisory_xact_lock(hashtext('ags.start_runbook'));
    select * into v_run from public.runbook_runs where run_id = v_card.run_id for update;
    v_code := case
      when not public._roles_of(public._person_of(p_external_id)) && array['operator', 'owner'] then 'no_role'
      when v_run.state <> 'proposed' then 'already_started'
      when v_run.created_at < clock_timestamp() - interval '15 minutes' then 'expired'
      when exists (select 1 from public.runbook_runs where name = v_run.name and subject is not distinct from v_run.subject and state = 'running') then 'running' end;
  end if;
  if v_code is null then
    update public.runbook_runs set state = 'running', started_by = 'tg:' || p_external_id, started_at = clock_timestamp(), next_at = clock_timestamp() where run_id = v_run.run_id returning * into v_run;
  end if;
  perform public._audit('system', 'tg:' || p_external_id, case when v_code is null then 'runbook.start' else 'runbook.refuse' end, coalesce('runbook:' || v_run.run_id, 'runbook'), null, jsonb_strip_nulls(jsonb_build_object('code', v_code)));
  return jsonb_build_object('code', v_code, 'run_id', v_run.run_id, 'deliver', case when v_code is null then public._job('runbook.run', v_run.run_id::text) else '[]'::jsonb end);
end
$$;

--
-- Name: FUNCTION start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) IS 'Run, on the dry run''s own message. code: unknown_button, wrong_message, no_role, already_started, expired, running.';

--
-- Name: stop_effects(bigint, text, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_switch public.stop_switch;
  v_stop public.stops;
  v_actor text := 'tg:' || p_external_id;
begin
  if cardinality(public._roles_of(public._person_of(p_external_id))) = 0 then
    perform public._audit('system', v_actor, 'stop.refuse', 'stop_switch', null, '{"code":"no_role"}');
    return jsonb_build_object('outcome', 'refused', 'code', 'no_role');
  end if;
  select * into v_switch from public.stop_switch for update;
  select * into v_stop from public.stops where source_key = p_source_key and resumed_at is null;
  if v_stop.generation is null then
    -- A second stop raises the generation again and may only widen the scope.
    insert into public.stops (generation, scope, stopped_at, stopped_by, reason, source_key, was_scope)
    values (v_switch.generation + 1, case when p_scope = 'all' or v_switch.scope = 'all' then 'all' else 'effects' end, clock_timestamp(), v_actor, nullif(left(btrim(p_reason), 500), ''), p_source_key, v_switch.scope)
    returning * into v_stop;
    update public.stop_switch set generation = v_stop.generation, halted_generation = v_stop.generation, scope = v_stop.scope,
      stopped_at = coalesce(stopped_at, clock_timestamp()), stopped_by = coalesce(stopped_by, v_actor), reason = coalesce(reason, v_stop.reason), resume_asked_by = null, resume_asked_at = null, resume_choice = null, resume_reason = null
    returning * into v_switch;
    perform public._audit('system', v_actor, 'stop.raise', 'stop_switch', jsonb_build_object('was_stopped', v_stop.was_scope is not null, 'scope', v_stop.was_scope), jsonb_build_object('generation', v_switch.generation, 'scope', v_switch.scope, 'reason', left(p_reason, 500)));
    perform public._event(null, 'STOPPED', null, null, jsonb_build_object('generation', v_switch.generation, 'scope', v_switch.scope, 'by', v_actor), 'stop:' || v_switch.generation);
  end if;
  return jsonb_build_object('outcome', 'stopped', 'code', null, 'was_stopped', v_stop.was_scope is not null, 'was_scope', v_stop.was_scope, 'stop', public.get_stop_state(),
    'in_flight', coalesce((select jsonb_agg(public._effect_view(e)) from public.effects e where e.status in ('granted', 'in_doubt') and (e.tier >= 'T2' or v_switch.scope = 'all')), '[]'),
    'waiting', (select count(*) from public._list_waiting(v_switch.scope)),
    -- Somebody has to be able to lift it again: an owner and one more, the asker may be one of them.
    'can_be_lifted', exists (select 1 from public.person_roles o join public.person_roles p on p.person_id <> o.person_id and p.role in ('owner', 'operator') and p.revoked_at is null where o.role = 'owner' and o.revoked_at is null
      and not public._behind(null, o.person_id, 'owner', clock_timestamp()) && public._behind(null, p.person_id, 'operator', clock_timestamp())),
    'others_who_resume', (select count(distinct r.person_id) from public.person_roles r where r.revoked_at is null and r.role in ('owner', 'operator') and r.person_id <> public._person_of(p_external_id)),
    -- Open cards have to say that a press counts for nothing now.
    'deliver', coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r where r.status = 'pending'), '[]'));
end
$$;

--
-- Name: FUNCTION stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text) IS 'Anybody with a role stops: after this commits no T2/T3 effect is granted. Answers with what had been granted before and may still land, and with what was stopped before. The same message again (p_source_key) is the same stop, as long as nobody has lifted it.';

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
  v_worker public.workers;
  v_patience interval := make_interval(secs => p_patience_ms / 1000.0);
begin
  -- One sweeper at a time in the whole fleet; a second one has nothing to add.
  if not pg_try_advisory_xact_lock(hashtext('ags.sweep')) then
    return jsonb_build_object('deliver', '[]'::jsonb);
  end if;
  perform 1 from public.stop_switch for share;
  -- Before any task is held: whoever decides holds an account first, and a task after it.
  v_deliver := public._sweep_changes(v_patience);
  v_deliver := v_deliver || public._ask_parked();
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
      perform public._raise_incident('step_quarantined', v_step.agent_name || ':lease_lost', 'warning', 'a step lost every worker that took it',
        jsonb_build_object('agent', v_step.agent_name, 'code', 'lease_lost', 'step_id', v_step.step_id, 'attempts', v_step.attempt_count), v_step.task_id, v_step.step_id, v_step.agent_name);
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
      and not exists (select 1 from public.effects e where e.step_id = s.step_id and e.status = 'in_doubt')
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
  -- Approvals: expiry, and the calls before it. Rows and this, never a timer in a process.
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
  v_deliver := v_deliver || public._settle_late_answers();
  v_deliver := v_deliver || public._call_people();
  for v_effect in
    select e.* from public.effects e join public.tasks t using (task_id) where e.status = 'granted' and t.ended_at < clock_timestamp() - v_patience limit 100 for update of t skip locked
  loop
    select * into v_effect from public.effects where effect_id = v_effect.effect_id and status = 'granted' for update;
    continue when v_effect.effect_id is null;
    v_deliver := v_deliver || public._settle_orphan(v_effect);
  end loop;
  -- A worker that is gone without a word may have had redraws in hand: a redraw is given back before the message is edited.
  for v_worker in delete from public.workers where seen_at < clock_timestamp() - interval '30 seconds' returning * loop
    update public.tasks set show_requested_at = clock_timestamp() - v_patience - interval '1 second' where task_id in (
      select task_id from public.tasks
      where show_requested_at is null and shown_at between v_worker.seen_at - interval '1 minute' and v_worker.seen_at + interval '10 seconds' for update skip locked);
  end loop;
  -- Messages that are out of date, and approvals and doubts that nobody has been asked about: a card in a private chat (a positive id) is a copy for one
  -- person, and the one in the group may be missing beside it.
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('task.show', task_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from (
    select task_id from public.tasks where show_requested_at < clock_timestamp() - v_patience order by show_requested_at limit 100) x), '[]');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('card.show', r.step_id, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.approval_requests r
    where r.status = 'pending' and not public._is_stopped(r.tier) and r.shown_at < clock_timestamp() - v_patience
      and not exists (select 1 from public.cards c where c.kind = 'approval' and c.step_id = r.step_id and c.chat_id < 0 and c.message_id is not null)), '[]');
  v_deliver := v_deliver || coalesce((select jsonb_agg(public._job('doubt.show', effect_id::text, (extract(epoch from clock_timestamp()) * 1000)::bigint) -> 0) from public.effects e
    where e.status = 'in_doubt' and not exists (select 1 from public.cards c where c.effect_id = e.effect_id and c.message_id is not null)), '[]');
  v_deliver := v_deliver || public._sweep_cards(v_patience);
  delete from public.short_term where expires_at < now();
  perform public._forget_failed_calls();
  return jsonb_build_object('deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION sweep(p_patience_ms integer); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.sweep(p_patience_ms integer) IS 'Finds what a lost job or a lost worker left behind, and what is due: one call gives all the nudges.';

--
-- Name: sweep_incidents(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.sweep_incidents() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION sweep_incidents(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.sweep_incidents() IS 'What is due about incidents: troubles that are states, mutes that are over, messages that are out of date (each at most every ten seconds); and the runbooks whose nudge was lost.';

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
-- Name: tg_anchors__append_only(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tg_anchors__append_only() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception using errcode = 'ZT002', message = format('%I is append-only', tg_table_name), hint = 'Make a further anchor instead.';
end
$$;

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
-- Name: tg_task_steps__as_planned(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tg_task_steps__as_planned() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  if tg_op = 'UPDATE' then
    perform public._refuse('ZT001', 'a step keeps the agent, action, instruction and target of its plan', jsonb_build_object('step_id', old.step_id));
  end if;
  if new.kind <> 'approve' and exists (select 1 from public.task_steps p where p.task_id = new.task_id and p.kind = 'plan' and p.status = 'done') then
    perform public._refuse('ZT001', 'after the plan only a gate may be added', jsonb_build_object('step_id', new.step_id, 'kind', new.kind));
  end if;
  return new;
end
$$;

--
-- Name: verify_audit_anchors(jsonb); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.verify_audit_anchors(p_kept jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
begin
  -- Of each chain only its ends are looked at: along the index, never through all records.
  return (
    with linked as (
      select a.*, lag(a.anchor_number, 1, 0::bigint) over w as before_number, lag(a.hash, 1, encode(sha256(convert_to('anchors', 'UTF8')), 'hex')) over w as before_hash
      from public.anchors a window w as (order by a.anchor_number)
    ), members as (
      select c.*, lag(c.to_seq, 1, 0::bigint) over (partition by c.chain order by c.to_seq) + 1 as expected_from, l.hash as record_hash
      from public.anchor_chains c left join public.audit_logs l on l.chain = c.chain and l.seq = c.to_seq
    ), sums as (
      select m.anchor_number, sum(m.to_seq - m.from_seq + 1) as record_count, count(*) as chain_count from members m group by m.anchor_number
    ), heads as (
      select coalesce(h.chain, c.chain) as chain, h.seq, coalesce(c.to_seq, 0) as anchored_seq, l.hash = h.hash as is_there, l.seq as last_seq
      from public.audit_heads h
      full join (select chain, max(to_seq) as to_seq from public.anchor_chains group by chain) c on c.chain = h.chain
      left join lateral (select x.seq, x.hash from public.audit_logs x where x.chain = h.chain order by x.seq desc limit 1) l on true
    ), problems as (
      -- A copy that stands outside is believed before anything in here.
      select 1 as rank, null::text as chain, null::bigint as seq, case when a.hash is null then 'anchor_missing' else 'anchor_differs' end as problem, (k ->> 'number')::bigint as number
      from jsonb_array_elements(coalesce(p_kept, '[]'::jsonb)) k left join public.anchors a on a.anchor_number = (k ->> 'number')::bigint
      where a.hash is distinct from k ->> 'hash'
      union all
      select 2, null, null, case when l.anchor_number <> l.before_number + 1 then 'anchor_missing' else 'anchor_changed' end, l.before_number + 1
      from linked l left join sums s on s.anchor_number = l.anchor_number
      where l.anchor_number <> l.before_number + 1 or l.prev_hash <> l.before_hash
        or l.hash <> public._anchor_hash(l.anchor_number, l.prev_hash, l.record_count, l.chain_count, l.merkle_root, l.made_at)
        or (l.record_count, l.chain_count) is distinct from (s.record_count, s.chain_count) or l.merkle_root is distinct from public._anchor_root(l.anchor_number)
      union all
      select 3, m.chain, m.to_seq, case when m.record_hash is null then 'missing' when m.from_seq <> m.expected_from then 'anchor_changed' else 'anchored_otherwise' end, m.anchor_number
      from members m where m.record_hash is distinct from m.head_hash or m.from_seq <> m.expected_from
      union all
      -- Records behind the end that the head names, a head without its record.
      select 4, h.chain, least(coalesce(h.seq, h.anchored_seq) + 1, coalesce(h.last_seq, 0) + 1), case when coalesce(h.last_seq, 0) > coalesce(h.seq, 0) then 'not_by_the_program' else 'missing' end, null
      from heads h where h.seq > 0 and (h.is_there is distinct from true or h.last_seq <> h.seq) or h.seq is null or h.seq < h.anchored_seq
    )
    select jsonb_build_object(
      'anchor_count', (select count(*) from public.anchors),
      'last', (select public._anchor_view(a) from public.anchors a order by a.anchor_number desc limit 1),
      'unanchored_count', (select coalesce(sum(h.seq - h.anchored_seq) filter (where h.seq > h.anchored_seq), 0) from heads h),
      'unanchored_since', (select min(l.ts) from heads h join public.audit_logs l on l.chain = h.chain and l.seq = h.anchored_seq + 1 where h.seq > h.anchored_seq),
      'problems', coalesce((select jsonb_agg(jsonb_build_object('chain', p.chain, 'seq', p.seq, 'problem', p.problem, 'number', p.number) order by p.rank, p.number, p.chain, p.seq)
        from (select * from problems order by rank, number, chain, seq limit 100) p), '[]'::jsonb))
  );
end
$$;

--
-- Name: FUNCTION verify_audit_anchors(p_kept jsonb); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.verify_audit_anchors(p_kept jsonb) IS 'Recomputes every anchor and compares it with its records and with copies from outside ([{number, hash}]); compares each chain with its head; says what is not anchored yet.';

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
-- Name: verify_audit_range(text, bigint, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_custom_plan'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
begin
  -- The bytes are those of _audit_hash, spelled out (a call for each record would take three times as long) and by format, which is quicker
  -- than concat. The last record of the range before comes along, so that the first one of this range has something to follow. Compiling the
  -- statement (jit) would take as long as running it; a plan for any range, or one that does not go along the index, would read all of them.
  return (
    with written as (
      select a.chain, a.seq, a.prev_hash, a.hash, encode(sha256(convert_to(format('%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,%s:%s,27:%s', octet_length(a.prev_hash), a.prev_hash, octet_length(a.chain), a.chain,
        octet_length(a.place), a.place, octet_length(a.actor), a.actor, octet_length(a.action), a.action, octet_length(a.object), a.object,
        coalesce(octet_length(a.before_text), 0), a.before_text, coalesce(octet_length(a.after_text), 0), a.after_text,
        to_char(a.ts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8')), 'hex') = a.hash as is_as_written
      from (
        select chain, seq, seq::text as place, actor, action, object, before_json::text as before_text, after_json::text as after_text, ts, prev_hash, hash
        from public.audit_logs
        where (p_after_chain is null or (chain, seq) >= (p_after_chain, p_after_seq)) and (p_until_chain is null or (chain, seq) <= (p_until_chain, p_until_seq))
        -- Two fences: a text is spelled once, not wherever it is used, and only the hashes go on to the comparison.
        order by chain, seq offset 0
      ) a order by a.chain, a.seq offset 0
    ), chains as (
      select w.chain, count(*)::integer as record_count, array_agg(w.seq) as seqs, array_agg(w.prev_hash) as prev_hashes, array_agg(w.hash) as hashes, array_agg(w.is_as_written) as as_written,
        bool_and(w.is_as_written) as are_as_written
      from written w group by w.chain
    ), judged as (
      -- The whole chain at once: to look back from each record would take as long as all its hashes. Whether the first one is the last of the range before.
      select c.*, c.chain = p_after_chain and c.seqs[1] = p_after_seq as has_one_before,
        c.are_as_written and c.seqs = array(select generate_series(c.seqs[1], c.seqs[1] + c.record_count - 1)) and c.prev_hashes[2:] = c.hashes[:c.record_count - 1]
          and (c.chain = p_after_chain and c.seqs[1] = p_after_seq
            or c.seqs[1] = 1 and c.prev_hashes[1] = encode(sha256(convert_to(c.chain, 'UTF8')), 'hex') and exists (select 1 from public.audit_heads h where h.chain = c.chain)) as is_good
      from chains c
    ), problems as (
      select x.chain, x.expected_seq, x.problem
      from (
        select j.chain, coalesce(lag(r.seq) over w, 0) + 1 as expected_seq, j.has_one_before and r.seq = p_after_seq as is_of_range_before,
          case
            when lag(r.seq) over w is null and not exists (select 1 from public.audit_heads h where h.chain = j.chain) then 'not_by_the_program'
            when r.seq <> coalesce(lag(r.seq) over w, 0) + 1 then 'missing'
            when r.prev_hash <> coalesce(lag(r.hash) over w, encode(sha256(convert_to(j.chain, 'UTF8')), 'hex')) then 'out_of_line'
            when not r.is_as_written then 'changed'
          end as problem
        from judged j cross join lateral unnest(j.seqs, j.prev_hashes, j.hashes, j.as_written) as r (seq, prev_hash, hash, is_as_written)
        where j.is_good is distinct from true
        window w as (partition by j.chain order by r.seq)
      ) x where x.problem is not null and not coalesce(x.is_of_range_before, false) order by x.chain, x.expected_seq limit 100
    )
    select jsonb_build_object('record_count', coalesce(sum(j.record_count), 0) - count(*) filter (where j.has_one_before), 'chain_count', count(*) filter (where j.has_one_before is distinct from true),
      'problems', coalesce((select jsonb_agg(jsonb_build_object('chain', p.chain, 'seq', p.expected_seq, 'problem', p.problem, 'number', null) order by p.chain, p.expected_seq) from problems p), '[]'))
    from judged j
  );
end
$$;

--
-- Name: FUNCTION verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) IS 'Recomputes the records after one place in the audit log and up to another: each one''s number, its link to the one before, its hash. {record_count, chain_count, problems: at most 100}.';

--
-- Name: wait_step(text, bigint, text, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  v_step public.task_steps;
  v_since timestamptz;
  v_deliver jsonb;
begin
  if coalesce(p_waits_for, '') = '' or p_delay_ms is null or p_delay_ms not between 1 and 3600000 then
    perform public._refuse('ZT007', 'a step waits for something that has a name, and looks again within the hour', jsonb_build_object('step_id', p_step_id, 'delay_ms', p_delay_ms));
  end if;
  v_step := public._lock_claimed(p_step_id, p_fence);
  v_since := coalesce(v_step.waits_since, clock_timestamp());
  -- As long as people have for an approval: what was asked for a day ago is asked for again, or is not wanted any more.
  if v_since < clock_timestamp() - interval '24 hours' then
    return public.fail_step(p_step_id, p_fence, case when v_step.kind = 'effect' then 'not_allowed' else 'engine_unavailable' end, 'it waited a day in vain for ' || p_waits_for, false);
  end if;
  update public.task_steps set waits_for = p_waits_for, waits_since = v_since where step_id = p_step_id;
  v_deliver := public.release_step(p_step_id, p_fence, p_delay_ms) -> 'deliver';
  -- Told once, not at every look.
  if v_step.waits_for is distinct from p_waits_for then
    perform public._audit(v_step.task_id, 'agent:' || v_step.agent_name, 'step.wait', p_step_id, null, jsonb_build_object('waits_for', p_waits_for));
    v_deliver := v_deliver || public._changed(v_step.task_id);
  end if;
  return jsonb_build_object('status', 'ready', 'deliver', v_deliver);
end
$$;

--
-- Name: FUNCTION wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint) IS 'Hands a step back until what it needs may be looked at again: a breaker, or a group that moved; it does not count as a try. After a day of waiting the task fails.';

--
-- Name: withdraw_change(text, bigint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.withdraw_change(p_reference text, p_external_id bigint, p_reason text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

--
-- Name: FUNCTION withdraw_change(p_reference text, p_external_id bigint, p_reason text); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.withdraw_change(p_reference text, p_external_id bigint, p_reason text) IS 'Whoever proposed a change takes it back, as long as it is open.';

--
-- Name: anchor_chains; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.anchor_chains (
    anchor_number bigint NOT NULL,
    chain text NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint NOT NULL,
    head_hash text NOT NULL,
    CONSTRAINT anchor_chains_in_order CHECK (((from_seq > 0) AND (from_seq <= to_seq)))
);

ALTER TABLE ONLY public.anchor_chains FORCE ROW LEVEL SECURITY;

--
-- Name: anchor_places; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.anchor_places (
    anchor_number bigint NOT NULL,
    place text NOT NULL,
    reference text NOT NULL,
    kept_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT anchor_places_place_known CHECK ((place = ANY (ARRAY['chat'::text, 'url'::text])))
);

ALTER TABLE ONLY public.anchor_places FORCE ROW LEVEL SECURITY;

--
-- Name: anchor_problems; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.anchor_problems (
    place text NOT NULL,
    anchor_number bigint NOT NULL,
    problem text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT anchor_problems_bounded CHECK (((length(problem) >= 1) AND (length(problem) <= 500))),
    CONSTRAINT anchor_problems_place_known CHECK ((place = ANY (ARRAY['chat'::text, 'url'::text])))
);

ALTER TABLE ONLY public.anchor_problems FORCE ROW LEVEL SECURITY;

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
-- Name: change_decisions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.change_decisions (
    decision_id uuid DEFAULT gen_random_uuid() NOT NULL,
    change_id uuid NOT NULL,
    approver text NOT NULL,
    person_id uuid NOT NULL,
    slot text NOT NULL,
    decision text NOT NULL,
    reason text,
    checksum text NOT NULL,
    via text NOT NULL,
    ts timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    voided_at timestamp with time zone,
    void_reason text,
    factor_checked_at timestamp with time zone,
    CONSTRAINT change_decisions_approver_is_a_person CHECK ((approver ~ '^tg:\d+$'::text)),
    CONSTRAINT change_decisions_decision_known CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text]))),
    CONSTRAINT change_decisions_reason_bounded CHECK ((length(reason) <= 2000)),
    CONSTRAINT change_decisions_reason_when_rejected CHECK (((decision = 'approve'::text) OR (length(btrim(reason)) > 0))),
    CONSTRAINT change_decisions_slot_known CHECK ((slot = ANY (ARRAY['operator'::text, 'owner'::text]))),
    CONSTRAINT change_decisions_via_known CHECK ((via = ANY (ARRAY['proposal'::text, 'button'::text, 'command'::text, 'reply'::text]))),
    CONSTRAINT change_decisions_void_whole CHECK (((voided_at IS NULL) = (void_reason IS NULL)))
);

ALTER TABLE ONLY public.change_decisions FORCE ROW LEVEL SECURITY;

--
-- Name: chat_moves; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.chat_moves (
    chat_id bigint NOT NULL,
    new_chat_id bigint NOT NULL,
    noticed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    confirmed_at timestamp with time zone,
    CONSTRAINT chat_moves_elsewhere CHECK ((new_chat_id <> chat_id))
);

ALTER TABLE ONLY public.chat_moves FORCE ROW LEVEL SECURITY;

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
-- Name: events_seq_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: factor_passes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.factor_passes (
    pass_id uuid DEFAULT gen_random_uuid() NOT NULL,
    person_id uuid NOT NULL,
    subject text NOT NULL,
    checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT factor_passes_subject_form CHECK ((subject ~ '^(request|change|doubt|resume):[0-9a-f-]+$'::text))
);

ALTER TABLE ONLY public.factor_passes FORCE ROW LEVEL SECURITY;

--
-- Name: failed_calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.failed_calls (
    call_id bigint NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    status integer,
    answer text,
    request jsonb NOT NULL,
    elapsed_ms integer NOT NULL,
    ts timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT failed_calls_answer_bounded CHECK ((octet_length(answer) <= 16384)),
    CONSTRAINT failed_calls_code_form CHECK ((code ~ '^[a-z_]{1,60}$'::text)),
    CONSTRAINT failed_calls_elapsed_not_negative CHECK ((elapsed_ms >= 0)),
    CONSTRAINT failed_calls_name_form CHECK ((name ~ '^[a-z][a-z0-9_.:-]{0,99}$'::text)),
    CONSTRAINT failed_calls_request_bounded CHECK (((jsonb_typeof(request) = 'object'::text) AND (octet_length((request)::text) <= 65536)))
);

ALTER TABLE ONLY public.failed_calls FORCE ROW LEVEL SECURITY;

--
-- Name: failed_calls_call_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.failed_calls ALTER COLUMN call_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.failed_calls_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

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
-- Name: parked_effects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parked_effects (
    parked_id bigint NOT NULL,
    effect_id uuid NOT NULL,
    task_id text NOT NULL,
    breaker text NOT NULL,
    note text,
    parked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    CONSTRAINT parked_effects_ended_whole CHECK (((ended_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT parked_effects_outcome_known CHECK ((outcome = ANY (ARRAY['asked_again'::text, 'task_over'::text])))
);

ALTER TABLE ONLY public.parked_effects FORCE ROW LEVEL SECURITY;

--
-- Name: parked_effects_parked_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.parked_effects ALTER COLUMN parked_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.parked_effects_parked_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: payer_blocks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payer_blocks (
    block_id bigint NOT NULL,
    payer text NOT NULL,
    reason text NOT NULL,
    blocked_by text NOT NULL,
    blocked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lifted_by text,
    lifted_at timestamp with time zone,
    CONSTRAINT payer_blocks_lifted_whole CHECK (((lifted_by IS NULL) = (lifted_at IS NULL))),
    CONSTRAINT payer_blocks_not_lifted_by_the_payer CHECK ((lifted_by <> payer)),
    CONSTRAINT payer_blocks_reason_bounded CHECK (((length(btrim(reason)) >= 1) AND (length(btrim(reason)) <= 500)))
);

ALTER TABLE ONLY public.payer_blocks FORCE ROW LEVEL SECURITY;

--
-- Name: payer_blocks_block_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.payer_blocks ALTER COLUMN block_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payer_blocks_block_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: payer_checks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payer_checks (
    check_id bigint NOT NULL,
    payer text NOT NULL,
    item text NOT NULL,
    outcome text NOT NULL,
    checked_by text NOT NULL,
    checked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    valid_until timestamp with time zone,
    CONSTRAINT payer_checks_by_a_person CHECK ((checked_by ~ '^tg:\d+$'::text)),
    CONSTRAINT payer_checks_item_known CHECK ((item = ANY (ARRAY['identity'::text, 'sanctions'::text, 'political_exposure'::text, 'source_of_funds'::text]))),
    CONSTRAINT payer_checks_not_by_the_payer CHECK ((checked_by <> payer)),
    CONSTRAINT payer_checks_outcome_known CHECK ((outcome = ANY (ARRAY['passed'::text, 'failed'::text]))),
    CONSTRAINT payer_checks_valid_for_a_while CHECK (((valid_until > checked_at) AND (valid_until <= (checked_at + '731 days'::interval)))),
    CONSTRAINT payer_checks_valid_when_passed CHECK (((outcome = 'passed'::text) = (valid_until IS NOT NULL)))
);

ALTER TABLE ONLY public.payer_checks FORCE ROW LEVEL SECURITY;

--
-- Name: payer_checks_check_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.payer_checks ALTER COLUMN check_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.payer_checks_check_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: payers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.payers (
    payer text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT payers_payer_form CHECK ((payer ~ '^tg:[1-9][0-9]{0,15}$'::text))
);

ALTER TABLE ONLY public.payers FORCE ROW LEVEL SECURITY;

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
    granted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    granted_by text NOT NULL,
    delegated_by uuid,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_by text,
    granted_change_id uuid,
    revoked_change_id uuid,
    CONSTRAINT person_roles_delegation_whole CHECK ((((source = 'delegation'::text) = (delegated_by IS NOT NULL)) AND ((source = 'delegation'::text) = (expires_at IS NOT NULL)))),
    CONSTRAINT person_roles_revoker_when_revoked CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
    CONSTRAINT person_roles_role_known CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'reviewer'::text]))),
    CONSTRAINT person_roles_source_known CHECK ((source = ANY (ARRAY['seed'::text, 'grant'::text, 'delegation'::text])))
);

ALTER TABLE ONLY public.person_roles FORCE ROW LEVEL SECURITY;

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
-- Name: prompt_sets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.prompt_sets (
    prompt_set integer NOT NULL,
    hashes jsonb NOT NULL,
    rubric text NOT NULL,
    changed text[] NOT NULL,
    worker text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT prompt_sets_names_files CHECK (((jsonb_typeof(hashes) = 'object'::text) AND (hashes <> '{}'::jsonb))),
    CONSTRAINT prompt_sets_rubric_form CHECK ((rubric ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.prompt_sets FORCE ROW LEVEL SECURITY;

--
-- Name: prompt_sets_prompt_set_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.prompt_sets ALTER COLUMN prompt_set ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.prompt_sets_prompt_set_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: rate_windows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rate_windows (
    limit_name text NOT NULL,
    subject text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    used integer NOT NULL,
    CONSTRAINT rate_windows_limit_form CHECK ((limit_name ~ '^[a-z_]+$'::text)),
    CONSTRAINT rate_windows_used_positive CHECK ((used >= 0))
);

ALTER TABLE ONLY public.rate_windows FORCE ROW LEVEL SECURITY;

--
-- Name: retrieval_cache; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retrieval_cache (
    entry_id bigint NOT NULL,
    chat_id bigint,
    goal_hash text NOT NULL,
    query_hash text NOT NULL,
    artifact_ids uuid[] NOT NULL,
    found_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT retrieval_cache_bounded CHECK (((cardinality(artifact_ids) >= 1) AND (cardinality(artifact_ids) <= 20))),
    CONSTRAINT retrieval_cache_goal_hash_form CHECK ((goal_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT retrieval_cache_query_hash_form CHECK ((query_hash ~ '^[0-9a-f]{64}$'::text))
);

ALTER TABLE ONLY public.retrieval_cache FORCE ROW LEVEL SECURITY;

--
-- Name: retrieval_cache_entry_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.retrieval_cache ALTER COLUMN entry_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.retrieval_cache_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: rule_offers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rule_offers (
    token text NOT NULL,
    request_id uuid NOT NULL,
    person_id uuid NOT NULL,
    chat_id bigint NOT NULL,
    message_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rule_offers_token_form CHECK ((token ~ '^[A-Za-z0-9_-]{22}$'::text))
);

ALTER TABLE ONLY public.rule_offers FORCE ROW LEVEL SECURITY;

--
-- Name: second_factors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.second_factors (
    person_id uuid NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    confirmed_at timestamp with time zone,
    last_counter bigint DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone,
    key_message_id bigint,
    CONSTRAINT second_factors_secret_long_enough CHECK ((length(secret) >= 20))
);

ALTER TABLE ONLY public.second_factors FORCE ROW LEVEL SECURITY;

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
-- Name: stale_retrievals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.stale_retrievals (
    step_id text NOT NULL,
    task_id text NOT NULL,
    fence bigint NOT NULL,
    reason text NOT NULL,
    found_at timestamp with time zone,
    source_count integer NOT NULL,
    marked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    redone_at timestamp with time zone,
    CONSTRAINT stale_retrievals_found_when_taken CHECK (((found_at IS NULL) = (source_count = 0))),
    CONSTRAINT stale_retrievals_reason_known CHECK ((reason = ANY (ARRAY['too_slow'::text, 'failed'::text, 'left_alone'::text])))
);

ALTER TABLE ONLY public.stale_retrievals FORCE ROW LEVEL SECURITY;

--
-- Name: task_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.task_days (
    day date NOT NULL,
    last_number integer NOT NULL
);

ALTER TABLE ONLY public.task_days FORCE ROW LEVEL SECURITY;

--
-- Name: trading_accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trading_accounts (
    account_id text NOT NULL,
    asked_seq bigint DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone,
    currency text,
    equity numeric(20,8),
    high_water_mark numeric(20,8),
    day_start_equity numeric(20,8),
    realised_loss numeric(20,8),
    taken_at timestamp with time zone,
    CONSTRAINT trading_accounts_currency_form CHECK ((currency ~ '^[A-Z]{3,10}$'::text)),
    CONSTRAINT trading_accounts_day_start_positive CHECK ((day_start_equity >= (0)::numeric)),
    CONSTRAINT trading_accounts_equity_positive CHECK ((equity >= (0)::numeric)),
    CONSTRAINT trading_accounts_high_water_mark_is_highest CHECK ((high_water_mark >= equity)),
    CONSTRAINT trading_accounts_id_form CHECK ((account_id ~ '^[a-z][a-z0-9_-]{0,39}$'::text)),
    CONSTRAINT trading_accounts_realised_loss_positive CHECK ((realised_loss >= (0)::numeric)),
    CONSTRAINT trading_accounts_snapshot_whole CHECK ((((taken_at IS NULL) = (equity IS NULL)) AND ((equity IS NULL) = (high_water_mark IS NULL)) AND ((equity IS NULL) = (day_start_equity IS NULL)) AND ((equity IS NULL) = (realised_loss IS NULL)) AND ((equity IS NULL) = (currency IS NULL))))
);

ALTER TABLE ONLY public.trading_accounts FORCE ROW LEVEL SECURITY;

--
-- Name: trading_positions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trading_positions (
    account_id text NOT NULL,
    position_id text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    size numeric(20,8) NOT NULL,
    risk numeric(20,8) NOT NULL,
    CONSTRAINT trading_positions_id_bounded CHECK (((length(position_id) >= 1) AND (length(position_id) <= 100))),
    CONSTRAINT trading_positions_risk_positive CHECK ((risk >= (0)::numeric)),
    CONSTRAINT trading_positions_side_known CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT trading_positions_size_positive CHECK ((size > (0)::numeric))
);

ALTER TABLE ONLY public.trading_positions FORCE ROW LEVEL SECURITY;

--
-- Name: workers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.workers (
    worker text NOT NULL,
    roles text NOT NULL,
    generation_seen bigint NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    acknowledged_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY public.workers FORCE ROW LEVEL SECURITY;

--
-- Name: anchor_chains anchor_chains_cover_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_chains
    ADD CONSTRAINT anchor_chains_cover_once UNIQUE (chain, to_seq);

--
-- Name: anchor_chains anchor_chains_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_chains
    ADD CONSTRAINT anchor_chains_pkey PRIMARY KEY (anchor_number, chain);

--
-- Name: anchor_places anchor_places_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_places
    ADD CONSTRAINT anchor_places_pkey PRIMARY KEY (anchor_number, place);

--
-- Name: anchor_problems anchor_problems_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_problems
    ADD CONSTRAINT anchor_problems_pkey PRIMARY KEY (place);

--
-- Name: anchors anchors_never_fork; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchors
    ADD CONSTRAINT anchors_never_fork UNIQUE (prev_hash);

--
-- Name: anchors anchors_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchors
    ADD CONSTRAINT anchors_pkey PRIMARY KEY (anchor_number);

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
-- Name: break_glasses break_glasses_one_per_change; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.break_glasses
    ADD CONSTRAINT break_glasses_one_per_change UNIQUE (change_id);

--
-- Name: break_glasses break_glasses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.break_glasses
    ADD CONSTRAINT break_glasses_pkey PRIMARY KEY (break_glass_id);

--
-- Name: breakers breakers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.breakers
    ADD CONSTRAINT breakers_pkey PRIMARY KEY (name);

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
-- Name: change_decisions change_decisions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.change_decisions
    ADD CONSTRAINT change_decisions_pkey PRIMARY KEY (decision_id);

--
-- Name: changes changes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_pkey PRIMARY KEY (change_id);

--
-- Name: changes changes_reference_once; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_reference_once UNIQUE (reference);

--
-- Name: chat_moves chat_moves_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.chat_moves
    ADD CONSTRAINT chat_moves_pkey PRIMARY KEY (chat_id);

--
-- Name: denial_rules denial_rules_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.denial_rules
    ADD CONSTRAINT denial_rules_pkey PRIMARY KEY (request_id);

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
-- Name: factor_passes factor_passes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.factor_passes
    ADD CONSTRAINT factor_passes_pkey PRIMARY KEY (pass_id);

--
-- Name: failed_calls failed_calls_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.failed_calls
    ADD CONSTRAINT failed_calls_pkey PRIMARY KEY (call_id);

--
-- Name: fallback_checks fallback_checks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fallback_checks
    ADD CONSTRAINT fallback_checks_pkey PRIMARY KEY (check_id);

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
-- Name: incidents incidents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (incident_id);

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
-- Name: parked_effects parked_effects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked_effects
    ADD CONSTRAINT parked_effects_pkey PRIMARY KEY (parked_id);

--
-- Name: payer_blocks payer_blocks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payer_blocks
    ADD CONSTRAINT payer_blocks_pkey PRIMARY KEY (block_id);

--
-- Name: payer_checks payer_checks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payer_checks
    ADD CONSTRAINT payer_checks_pkey PRIMARY KEY (check_id);

--
-- Name: payers payers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payers
    ADD CONSTRAINT payers_pkey PRIMARY KEY (payer);

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
-- Name: policy_drafts policy_drafts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.policy_drafts
    ADD CONSTRAINT policy_drafts_pkey PRIMARY KEY (checksum, document_checksum);

--
-- Name: prompt_sets prompt_sets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompt_sets
    ADD CONSTRAINT prompt_sets_pkey PRIMARY KEY (prompt_set);

--
-- Name: prompts prompts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_pkey PRIMARY KEY (prompt_id);

--
-- Name: rate_windows rate_windows_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rate_windows
    ADD CONSTRAINT rate_windows_pkey PRIMARY KEY (limit_name, subject);

--
-- Name: retrieval_cache retrieval_cache_one_per_question; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retrieval_cache
    ADD CONSTRAINT retrieval_cache_one_per_question UNIQUE NULLS NOT DISTINCT (chat_id, query_hash);

--
-- Name: retrieval_cache retrieval_cache_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retrieval_cache
    ADD CONSTRAINT retrieval_cache_pkey PRIMARY KEY (entry_id);

--
-- Name: rule_offers rule_offers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rule_offers
    ADD CONSTRAINT rule_offers_pkey PRIMARY KEY (token);

--
-- Name: runbook_runs runbook_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.runbook_runs
    ADD CONSTRAINT runbook_runs_pkey PRIMARY KEY (run_id);

--
-- Name: runbook_steps runbook_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.runbook_steps
    ADD CONSTRAINT runbook_steps_pkey PRIMARY KEY (run_id, "position");

--
-- Name: second_factors second_factors_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_pkey PRIMARY KEY (person_id);

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
-- Name: stale_retrievals stale_retrievals_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stale_retrievals
    ADD CONSTRAINT stale_retrievals_pkey PRIMARY KEY (step_id);

--
-- Name: stop_drills stop_drills_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stop_drills
    ADD CONSTRAINT stop_drills_pkey PRIMARY KEY (drill_id);

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
-- Name: trading_accounts trading_accounts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_accounts
    ADD CONSTRAINT trading_accounts_pkey PRIMARY KEY (account_id);

--
-- Name: trading_positions trading_positions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_positions
    ADD CONSTRAINT trading_positions_pkey PRIMARY KEY (account_id, position_id);

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
-- Name: approval_requests_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX approval_requests_task_id ON public.approval_requests USING btree (task_id);

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
-- Name: artifacts_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX artifacts_newest ON public.artifacts USING btree (created_at DESC) WHERE (type = ANY (ARRAY['draft'::text, 'findings'::text, 'note'::text]));

--
-- Name: artifacts_search; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX artifacts_search ON public.artifacts USING gin (search) WITH (gin_pending_list_limit='64') WHERE (type = ANY (ARRAY['draft'::text, 'findings'::text, 'note'::text]));

--
-- Name: artifacts_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX artifacts_task_id ON public.artifacts USING btree (task_id, created_at);

--
-- Name: audit_logs_ts; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_logs_ts ON public.audit_logs USING brin (ts);

--
-- Name: break_glasses_one_unreviewed; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX break_glasses_one_unreviewed ON public.break_glasses USING btree ((true)) WHERE (reviewed_at IS NULL);

--
-- Name: break_glasses_request; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX break_glasses_request ON public.break_glasses USING btree (request_id);

--
-- Name: buttons_one_per_version; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX buttons_one_per_version ON public.buttons USING btree (card_id, request_id);

--
-- Name: cards_one_approval_per_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_approval_per_chat ON public.cards USING btree (step_id, chat_id) WHERE (kind = 'approval'::text);

--
-- Name: cards_one_change_per_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_change_per_chat ON public.cards USING btree (change_id, chat_id) WHERE (kind = 'change'::text);

--
-- Name: cards_one_doubt_per_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_doubt_per_chat ON public.cards USING btree (effect_id, chat_id) WHERE (kind = 'doubt'::text);

--
-- Name: cards_one_incident_per_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_incident_per_chat ON public.cards USING btree (incident_id, chat_id) WHERE (kind = 'incident'::text);

--
-- Name: cards_one_offer_per_file; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_offer_per_file ON public.cards USING btree (draft_checksum) WHERE (kind = 'offer'::text);

--
-- Name: cards_one_per_run; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_per_run ON public.cards USING btree (run_id) WHERE (kind = 'runbook'::text);

--
-- Name: cards_one_resume_per_generation; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX cards_one_resume_per_generation ON public.cards USING btree (generation) WHERE (kind = 'resume'::text);

--
-- Name: cards_unsettled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX cards_unsettled ON public.cards USING btree (kind) WHERE ((kind = ANY (ARRAY['approval'::text, 'doubt'::text, 'change'::text, 'runbook'::text, 'resume'::text])) AND (message_id IS NOT NULL) AND (NOT is_settled));

--
-- Name: change_decisions_one_per_person; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX change_decisions_one_per_person ON public.change_decisions USING btree (change_id, person_id) WHERE (voided_at IS NULL);

--
-- Name: change_decisions_one_per_slot; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX change_decisions_one_per_slot ON public.change_decisions USING btree (change_id, slot) WHERE ((voided_at IS NULL) AND (decision = 'approve'::text));

--
-- Name: changes_proposed_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX changes_proposed_once ON public.changes USING btree (kind, checksum) WHERE (status = 'pending'::text);

--
-- Name: changes_to_remind; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX changes_to_remind ON public.changes USING btree (LEAST(remind_at, escalate_at, warn_at)) WHERE (status = 'pending'::text);

--
-- Name: changes_untold; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX changes_untold ON public.changes USING btree (tell_requested_at) WHERE (tell_requested_at IS NOT NULL);

--
-- Name: denial_rules_active; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX denial_rules_active ON public.denial_rules USING btree (target_chat_id, expires_at) WHERE (lifted_at IS NULL);

--
-- Name: effect_attempts_message; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX effect_attempts_message ON public.effect_attempts USING btree (message_id, chat_id) WHERE (message_id IS NOT NULL);

--
-- Name: effect_attempts_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effect_attempts_one_open ON public.effect_attempts USING btree (effect_id, part) WHERE (status = ANY (ARRAY['started'::text, 'done'::text, 'in_doubt'::text]));

--
-- Name: effects_approval_used_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effects_approval_used_once ON public.effects USING btree (request_id);

--
-- Name: effects_break_glass_used_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effects_break_glass_used_once ON public.effects USING btree (break_glass_id);

--
-- Name: effects_of_party; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX effects_of_party ON public.effects USING btree (public._order_party(money_order), granted_at) WHERE (money_order IS NOT NULL);

--
-- Name: effects_one_per_step; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX effects_one_per_step ON public.effects USING btree (step_id) WHERE (status = ANY (ARRAY['granted'::text, 'done'::text, 'in_doubt'::text]));

--
-- Name: effects_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX effects_task_id ON public.effects USING btree (task_id);

--
-- Name: effects_unsettled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX effects_unsettled ON public.effects USING btree (granted_at) WHERE (status = ANY (ARRAY['granted'::text, 'in_doubt'::text]));

--
-- Name: engine_calls_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX engine_calls_task_id ON public.engine_calls USING btree (task_id);

--
-- Name: events_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_task_id ON public.events USING btree (task_id, ts);

--
-- Name: events_to_stream; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_to_stream ON public.events USING btree (seq) WHERE (streamed_at IS NULL);

--
-- Name: factor_passes_unused; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX factor_passes_unused ON public.factor_passes USING btree (subject, person_id) WHERE (used_at IS NULL);

--
-- Name: failed_calls_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX failed_calls_newest ON public.failed_calls USING btree (name, call_id DESC);

--
-- Name: fallback_checks_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX fallback_checks_newest ON public.fallback_checks USING btree (asked_at DESC);

--
-- Name: fallback_checks_one_at_a_time; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX fallback_checks_one_at_a_time ON public.fallback_checks USING btree ((true)) WHERE (outcome = ANY (ARRAY['asked'::text, 'running'::text]));

--
-- Name: identities_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX identities_person ON public.identities USING btree (person_id);

--
-- Name: inbox_in_hand; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbox_in_hand ON public.inbox USING btree (lease_expires_at) WHERE (status = 'processing'::text);

--
-- Name: inbox_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbox_open ON public.inbox USING btree (chat_key, place) WHERE (status = ANY (ARRAY['pending'::text, 'processing'::text]));

--
-- Name: inbox_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX inbox_waiting ON public.inbox USING btree (is_urgent DESC, inbox_id) WHERE (status = 'pending'::text);

--
-- Name: incidents_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX incidents_newest ON public.incidents USING btree (first_seen_at DESC);

--
-- Name: incidents_one_open_per_trouble; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX incidents_one_open_per_trouble ON public.incidents USING btree (fingerprint) WHERE (state <> 'resolved'::text);

--
-- Name: incidents_out_of_date; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX incidents_out_of_date ON public.incidents USING btree (nudged_at) WHERE (change_seq > shown_seq);

--
-- Name: parked_effects_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX parked_effects_once ON public.parked_effects USING btree (effect_id) WHERE (ended_at IS NULL);

--
-- Name: payer_blocks_one_open; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX payer_blocks_one_open ON public.payer_blocks USING btree (payer) WHERE (lifted_at IS NULL);

--
-- Name: payer_checks_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX payer_checks_newest ON public.payer_checks USING btree (payer, item, check_id DESC);

--
-- Name: person_roles_held_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX person_roles_held_once ON public.person_roles USING btree (person_id, role) WHERE (revoked_at IS NULL);

--
-- Name: policies_one_in_force; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX policies_one_in_force ON public.policies USING btree ((true)) WHERE ((in_force_at IS NOT NULL) AND (retired_at IS NULL));

--
-- Name: prompts_open_factors; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX prompts_open_factors ON public.prompts USING btree (subject, external_id) WHERE ((kind = 'factor'::text) AND (answered_at IS NULL));

--
-- Name: prompts_person; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX prompts_person ON public.prompts USING btree (chat_id, external_id);

--
-- Name: retrieval_cache_of_chat; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX retrieval_cache_of_chat ON public.retrieval_cache USING btree (chat_id, found_at DESC);

--
-- Name: retrieval_cache_of_goal; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX retrieval_cache_of_goal ON public.retrieval_cache USING btree (goal_hash, found_at DESC);

--
-- Name: runbook_runs_one_at_a_time; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX runbook_runs_one_at_a_time ON public.runbook_runs USING btree (name, COALESCE(subject, ''::text)) WHERE (state = 'running'::text);

--
-- Name: short_term_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX short_term_expires_at ON public.short_term USING btree (expires_at);

--
-- Name: stale_retrievals_task_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stale_retrievals_task_id ON public.stale_retrievals USING btree (task_id);

--
-- Name: stop_drills_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX stop_drills_newest ON public.stop_drills USING btree (asked_at DESC);

--
-- Name: stop_drills_one_at_a_time; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX stop_drills_one_at_a_time ON public.stop_drills USING btree ((true)) WHERE (outcome = ANY (ARRAY['asked'::text, 'running'::text]));

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
-- Name: tasks_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tasks_ended ON public.tasks USING btree (ended_at) WHERE (ended_at IS NOT NULL);

--
-- Name: tasks_newest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tasks_newest ON public.tasks USING btree (created_at DESC);

--
-- Name: tasks_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tasks_open ON public.tasks USING btree (created_at) WHERE (ended_at IS NULL);

--
-- Name: tasks_to_show; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tasks_to_show ON public.tasks USING btree (show_requested_at) WHERE (show_requested_at IS NOT NULL);

--
-- Name: anchor_chains _100_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _100_append_only BEFORE DELETE OR UPDATE ON public.anchor_chains FOR EACH ROW EXECUTE FUNCTION public.tg_anchors__append_only();

--
-- Name: anchor_places _100_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _100_append_only BEFORE DELETE OR UPDATE ON public.anchor_places FOR EACH ROW EXECUTE FUNCTION public.tg_anchors__append_only();

--
-- Name: anchors _100_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _100_append_only BEFORE DELETE OR UPDATE ON public.anchors FOR EACH ROW EXECUTE FUNCTION public.tg_anchors__append_only();

--
-- Name: audit_logs _100_append_only; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _100_append_only BEFORE DELETE OR UPDATE ON public.audit_logs FOR EACH ROW EXECUTE FUNCTION public.tg_audit_logs__append_only();

--
-- Name: task_steps _100_as_planned; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _100_as_planned BEFORE UPDATE ON public.task_steps FOR EACH ROW WHEN ((((((((((((old.step_id IS DISTINCT FROM new.step_id) OR (old.kind IS DISTINCT FROM new.kind)) OR (old.agent IS DISTINCT FROM new.agent)) OR (old.agent_name IS DISTINCT FROM new.agent_name)) OR (old.action IS DISTINCT FROM new.action)) OR (old.tier IS DISTINCT FROM new.tier)) OR (old.instruction IS DISTINCT FROM new.instruction)) OR (old.subject_node IS DISTINCT FROM new.subject_node)) OR (old.effect_kind IS DISTINCT FROM new.effect_kind)) OR (old.target_chat_id IS DISTINCT FROM new.target_chat_id)) OR (old.target_topic_id IS DISTINCT FROM new.target_topic_id))) EXECUTE FUNCTION public.tg_task_steps__as_planned();

--
-- Name: anchor_chains _110_never_truncated; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _110_never_truncated BEFORE TRUNCATE ON public.anchor_chains FOR EACH STATEMENT EXECUTE FUNCTION public.tg_anchors__append_only();

--
-- Name: anchor_places _110_never_truncated; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _110_never_truncated BEFORE TRUNCATE ON public.anchor_places FOR EACH STATEMENT EXECUTE FUNCTION public.tg_anchors__append_only();

--
-- Name: anchors _110_never_truncated; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _110_never_truncated BEFORE TRUNCATE ON public.anchors FOR EACH STATEMENT EXECUTE FUNCTION public.tg_anchors__append_only();

--
-- Name: audit_logs _110_never_truncated; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _110_never_truncated BEFORE TRUNCATE ON public.audit_logs FOR EACH STATEMENT EXECUTE FUNCTION public.tg_audit_logs__append_only();

--
-- Name: task_steps _110_only_gates_later; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER _110_only_gates_later BEFORE INSERT ON public.task_steps FOR EACH ROW EXECUTE FUNCTION public.tg_task_steps__as_planned();

--
-- Name: anchor_chains anchor_chains_anchor_number_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_chains
    ADD CONSTRAINT anchor_chains_anchor_number_fkey FOREIGN KEY (anchor_number) REFERENCES public.anchors(anchor_number) DEFERRABLE INITIALLY DEFERRED;

--
-- Name: anchor_places anchor_places_anchor_number_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_places
    ADD CONSTRAINT anchor_places_anchor_number_fkey FOREIGN KEY (anchor_number) REFERENCES public.anchors(anchor_number);

--
-- Name: anchor_problems anchor_problems_anchor_number_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.anchor_problems
    ADD CONSTRAINT anchor_problems_anchor_number_fkey FOREIGN KEY (anchor_number) REFERENCES public.anchors(anchor_number);

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
-- Name: approvals approvals_break_glass_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_break_glass_id_fkey FOREIGN KEY (break_glass_id) REFERENCES public.break_glasses(break_glass_id);

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
-- Name: break_glasses break_glasses_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.break_glasses
    ADD CONSTRAINT break_glasses_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.changes(change_id);

--
-- Name: break_glasses break_glasses_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.break_glasses
    ADD CONSTRAINT break_glasses_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: break_glasses break_glasses_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.break_glasses
    ADD CONSTRAINT break_glasses_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

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
-- Name: cards cards_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.changes(change_id);

--
-- Name: cards cards_draft; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_draft FOREIGN KEY (draft_checksum, draft_document_checksum) REFERENCES public.policy_drafts(checksum, document_checksum);

--
-- Name: cards cards_effect_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES public.effects(effect_id);

--
-- Name: cards cards_incident_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES public.incidents(incident_id);

--
-- Name: cards cards_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runbook_runs(run_id);

--
-- Name: cards cards_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: change_decisions change_decisions_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.change_decisions
    ADD CONSTRAINT change_decisions_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.changes(change_id);

--
-- Name: change_decisions change_decisions_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.change_decisions
    ADD CONSTRAINT change_decisions_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: changes changes_policy_version_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES public.policies(policy_version);

--
-- Name: changes changes_proposed_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.changes
    ADD CONSTRAINT changes_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES public.people(person_id);

--
-- Name: denial_rules denial_rules_author_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.denial_rules
    ADD CONSTRAINT denial_rules_author_person_id_fkey FOREIGN KEY (author_person_id) REFERENCES public.people(person_id);

--
-- Name: denial_rules denial_rules_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.denial_rules
    ADD CONSTRAINT denial_rules_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: effect_attempts effect_attempts_effect_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effect_attempts
    ADD CONSTRAINT effect_attempts_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES public.effects(effect_id);

--
-- Name: effects effects_break_glass_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.effects
    ADD CONSTRAINT effects_break_glass_id_fkey FOREIGN KEY (break_glass_id) REFERENCES public.break_glasses(break_glass_id);

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
-- Name: factor_passes factor_passes_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.factor_passes
    ADD CONSTRAINT factor_passes_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: fallback_checks fallback_checks_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fallback_checks
    ADD CONSTRAINT fallback_checks_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

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
-- Name: parked_effects parked_effects_breaker_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked_effects
    ADD CONSTRAINT parked_effects_breaker_fkey FOREIGN KEY (breaker) REFERENCES public.breakers(name);

--
-- Name: parked_effects parked_effects_effect_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked_effects
    ADD CONSTRAINT parked_effects_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES public.effects(effect_id);

--
-- Name: parked_effects parked_effects_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parked_effects
    ADD CONSTRAINT parked_effects_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: payer_blocks payer_blocks_payer_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payer_blocks
    ADD CONSTRAINT payer_blocks_payer_fkey FOREIGN KEY (payer) REFERENCES public.payers(payer);

--
-- Name: payer_checks payer_checks_payer_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.payer_checks
    ADD CONSTRAINT payer_checks_payer_fkey FOREIGN KEY (payer) REFERENCES public.payers(payer);

--
-- Name: person_roles person_roles_delegated_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_roles
    ADD CONSTRAINT person_roles_delegated_by_fkey FOREIGN KEY (delegated_by) REFERENCES public.people(person_id);

--
-- Name: person_roles person_roles_granted_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_roles
    ADD CONSTRAINT person_roles_granted_change_id_fkey FOREIGN KEY (granted_change_id) REFERENCES public.changes(change_id);

--
-- Name: person_roles person_roles_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_roles
    ADD CONSTRAINT person_roles_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: person_roles person_roles_revoked_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.person_roles
    ADD CONSTRAINT person_roles_revoked_change_id_fkey FOREIGN KEY (revoked_change_id) REFERENCES public.changes(change_id);

--
-- Name: policies policies_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.changes(change_id);

--
-- Name: prompts prompts_change_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.changes(change_id);

--
-- Name: prompts prompts_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT prompts_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: rule_offers rule_offers_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rule_offers
    ADD CONSTRAINT rule_offers_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: rule_offers rule_offers_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rule_offers
    ADD CONSTRAINT rule_offers_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: runbook_steps runbook_steps_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.runbook_steps
    ADD CONSTRAINT runbook_steps_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runbook_runs(run_id);

--
-- Name: second_factors second_factors_person_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.second_factors
    ADD CONSTRAINT second_factors_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.people(person_id);

--
-- Name: staged_parts staged_parts_request_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.staged_parts
    ADD CONSTRAINT staged_parts_request_id_fkey FOREIGN KEY (request_id) REFERENCES public.approval_requests(request_id);

--
-- Name: stale_retrievals stale_retrievals_step_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stale_retrievals
    ADD CONSTRAINT stale_retrievals_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.task_steps(step_id);

--
-- Name: stale_retrievals stale_retrievals_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stale_retrievals
    ADD CONSTRAINT stale_retrievals_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: stop_drills stop_drills_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stop_drills
    ADD CONSTRAINT stop_drills_task_id_fkey FOREIGN KEY (task_id) REFERENCES public.tasks(task_id);

--
-- Name: stop_switch stop_switch_drill_task_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.stop_switch
    ADD CONSTRAINT stop_switch_drill_task_id_fkey FOREIGN KEY (drill_task_id) REFERENCES public.tasks(task_id);

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
-- Name: trading_positions trading_positions_account_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trading_positions
    ADD CONSTRAINT trading_positions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.trading_accounts(account_id);

--
-- Name: anchor_chains; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.anchor_chains ENABLE ROW LEVEL SECURITY;

--
-- Name: anchor_places; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.anchor_places ENABLE ROW LEVEL SECURITY;

--
-- Name: anchor_problems; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.anchor_problems ENABLE ROW LEVEL SECURITY;

--
-- Name: anchors; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.anchors ENABLE ROW LEVEL SECURITY;

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
-- Name: break_glasses; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.break_glasses ENABLE ROW LEVEL SECURITY;

--
-- Name: breakers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.breakers ENABLE ROW LEVEL SECURITY;

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
-- Name: change_decisions; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.change_decisions ENABLE ROW LEVEL SECURITY;

--
-- Name: changes; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.changes ENABLE ROW LEVEL SECURITY;

--
-- Name: chat_moves; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.chat_moves ENABLE ROW LEVEL SECURITY;

--
-- Name: denial_rules; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.denial_rules ENABLE ROW LEVEL SECURITY;

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
-- Name: factor_passes; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.factor_passes ENABLE ROW LEVEL SECURITY;

--
-- Name: failed_calls; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.failed_calls ENABLE ROW LEVEL SECURITY;

--
-- Name: fallback_checks; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.fallback_checks ENABLE ROW LEVEL SECURITY;

--
-- Name: identities; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.identities ENABLE ROW LEVEL SECURITY;

--
-- Name: inbox; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.inbox ENABLE ROW LEVEL SECURITY;

--
-- Name: incidents; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.incidents ENABLE ROW LEVEL SECURITY;

--
-- Name: leases; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.leases ENABLE ROW LEVEL SECURITY;

--
-- Name: limits; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.limits ENABLE ROW LEVEL SECURITY;

--
-- Name: parked_effects; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.parked_effects ENABLE ROW LEVEL SECURITY;

--
-- Name: payer_blocks; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.payer_blocks ENABLE ROW LEVEL SECURITY;

--
-- Name: payer_checks; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.payer_checks ENABLE ROW LEVEL SECURITY;

--
-- Name: payers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.payers ENABLE ROW LEVEL SECURITY;

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
-- Name: policy_drafts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.policy_drafts ENABLE ROW LEVEL SECURITY;

--
-- Name: prompt_sets; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.prompt_sets ENABLE ROW LEVEL SECURITY;

--
-- Name: prompts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.prompts ENABLE ROW LEVEL SECURITY;

--
-- Name: rate_windows; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.rate_windows ENABLE ROW LEVEL SECURITY;

--
-- Name: retrieval_cache; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.retrieval_cache ENABLE ROW LEVEL SECURITY;

--
-- Name: rule_offers; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.rule_offers ENABLE ROW LEVEL SECURITY;

--
-- Name: runbook_runs; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.runbook_runs ENABLE ROW LEVEL SECURITY;

--
-- Name: runbook_steps; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.runbook_steps ENABLE ROW LEVEL SECURITY;

--
-- Name: second_factors; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.second_factors ENABLE ROW LEVEL SECURITY;

--
-- Name: short_term; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.short_term ENABLE ROW LEVEL SECURITY;

--
-- Name: staged_parts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.staged_parts ENABLE ROW LEVEL SECURITY;

--
-- Name: stale_retrievals; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.stale_retrievals ENABLE ROW LEVEL SECURITY;

--
-- Name: stop_drills; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.stop_drills ENABLE ROW LEVEL SECURITY;

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
-- Name: anchor_chains the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.anchor_chains TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: anchor_places the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.anchor_places TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: anchor_problems the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.anchor_problems TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: anchors the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.anchors TO ags_owner USING (true) WITH CHECK (true);

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
-- Name: break_glasses the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.break_glasses TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: breakers the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.breakers TO ags_owner USING (true) WITH CHECK (true);

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
-- Name: change_decisions the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.change_decisions TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: changes the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.changes TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: chat_moves the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.chat_moves TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: denial_rules the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.denial_rules TO ags_owner USING (true) WITH CHECK (true);

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
-- Name: factor_passes the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.factor_passes TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: failed_calls the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.failed_calls TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: fallback_checks the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.fallback_checks TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: identities the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.identities TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: inbox the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.inbox TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: incidents the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.incidents TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: leases the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.leases TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: limits the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.limits TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: parked_effects the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.parked_effects TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: payer_blocks the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.payer_blocks TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: payer_checks the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.payer_checks TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: payers the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.payers TO ags_owner USING (true) WITH CHECK (true);

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
-- Name: policy_drafts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.policy_drafts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: prompt_sets the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.prompt_sets TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: prompts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.prompts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: rate_windows the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.rate_windows TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: retrieval_cache the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.retrieval_cache TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: rule_offers the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.rule_offers TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: runbook_runs the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.runbook_runs TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: runbook_steps the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.runbook_steps TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: second_factors the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.second_factors TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: short_term the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.short_term TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: staged_parts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.staged_parts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: stale_retrievals the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.stale_retrievals TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: stop_drills the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.stop_drills TO ags_owner USING (true) WITH CHECK (true);

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
-- Name: trading_accounts the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.trading_accounts TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: trading_positions the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.trading_positions TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: workers the functions of the program reach every row; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "the functions of the program reach every row" ON public.workers TO ags_owner USING (true) WITH CHECK (true);

--
-- Name: trading_accounts; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.trading_accounts ENABLE ROW LEVEL SECURITY;

--
-- Name: trading_positions; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.trading_positions ENABLE ROW LEVEL SECURITY;

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
-- Name: FUNCTION _about_factor(p_prompt public.prompts); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._about_factor(p_prompt public.prompts) FROM PUBLIC;

--
-- Name: FUNCTION _account_use(p_account_id text, p_except uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._account_use(p_account_id text, p_except uuid) FROM PUBLIC;

--
-- Name: FUNCTION _add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._add_delivery(p_task public.tasks, p_policy jsonb, p_node jsonb, p_target jsonb, p_taken text[]) FROM PUBLIC;

--
-- Name: FUNCTION _add_dummy(p_id uuid, p_goal text, p_worker text, p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._add_dummy(p_id uuid, p_goal text, p_worker text, p_chat_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _add_step(p_task public.tasks, p_policy jsonb, p_node_id text, p_kind text, p_agent text, p_action text, p_after text[], p_instruction text, p_subject text, p_effect_kind text, p_target jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._add_step(p_task public.tasks, p_policy jsonb, p_node_id text, p_kind text, p_agent text, p_action text, p_after text[], p_instruction text, p_subject text, p_effect_kind text, p_target jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _advance(p_task_id text, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._advance(p_task_id text, p_worker text, p_lease_seconds integer) FROM PUBLIC;

--
-- Name: FUNCTION _anchor_hash(p_number bigint, p_prev_hash text, p_record_count bigint, p_chain_count bigint, p_merkle_root text, p_made_at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._anchor_hash(p_number bigint, p_prev_hash text, p_record_count bigint, p_chain_count bigint, p_merkle_root text, p_made_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _anchor_leaves(p_number bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._anchor_leaves(p_number bigint) FROM PUBLIC;

--
-- Name: FUNCTION _anchor_level(p_hashes text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._anchor_level(p_hashes text[]) FROM PUBLIC;

--
-- Name: FUNCTION _anchor_proof(p_number bigint, p_chain text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._anchor_proof(p_number bigint, p_chain text) FROM PUBLIC;

--
-- Name: FUNCTION _anchor_root(p_number bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._anchor_root(p_number bigint) FROM PUBLIC;

--
-- Name: FUNCTION _anchor_view(p_anchor public.anchors); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._anchor_view(p_anchor public.anchors) FROM PUBLIC;

--
-- Name: FUNCTION _order_problem(p_kind text, p_order jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._order_problem(p_kind text, p_order jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _answer_limit(p_step public.task_steps, p_effect public.effects, p_limit jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._answer_limit(p_step public.task_steps, p_effect public.effects, p_limit jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _any_of(p_words tsquery[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._any_of(p_words tsquery[]) FROM PUBLIC;

--
-- Name: FUNCTION _apply_change(p_change public.changes, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_change(p_change public.changes, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _apply_delegation(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_delegation(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _apply_factor_reset(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_factor_reset(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _apply_link_accounts(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_link_accounts(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _apply_policy(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_policy(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _apply_role_grant(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_role_grant(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _apply_role_revoke(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._apply_role_revoke(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _artifact_json(p_row public.artifacts); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._artifact_json(p_row public.artifacts) FROM PUBLIC;

--
-- Name: FUNCTION _ask_again(p_request public.approval_requests, p_reason text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ask_again(p_request public.approval_requests, p_reason text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _ask_comparison(p_run public.runbook_runs, p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ask_comparison(p_run public.runbook_runs, p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _ask_factor(p_subject text, p_external_id bigint, p_wish jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ask_factor(p_subject text, p_external_id bigint, p_wish jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _ask_parked(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ask_parked() FROM PUBLIC;

--
-- Name: FUNCTION _ask_task_under(p_task_id text, p_policy public.policies, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ask_task_under(p_task_id text, p_policy public.policies, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _asked_for(p_nodes jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._asked_for(p_nodes jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._audit(p_chain text, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _audit_break_glass(p_change public.changes, p_actor text, p_what text, p_more jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._audit_break_glass(p_change public.changes, p_actor text, p_what text, p_more jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._audit_hash(p_prev text, p_chain text, p_seq bigint, p_actor text, p_action text, p_object text, p_before jsonb, p_after jsonb, p_ts timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _audit_time(p_ts timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._audit_time(p_ts timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _behind(p_kind text, p_person_id uuid, p_slot text, p_at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._behind(p_kind text, p_person_id uuid, p_slot text, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _behind_approval(p_approval public.approvals); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._behind_approval(p_approval public.approvals) FROM PUBLIC;

--
-- Name: FUNCTION _behind_others(p_change public.changes, p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._behind_others(p_change public.changes, p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_form_problem(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_form_problem(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_in_force(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_in_force(p_request_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_patience(p_policy jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_patience(p_policy jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_problem(p_payload jsonb, p_proposer uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_problem(p_payload jsonb, p_proposer uuid) FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_request(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_request(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_state(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_state() FROM PUBLIC;

--
-- Name: FUNCTION _break_glass_view(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._break_glass_view(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _breaker_view(p_breaker public.breakers); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._breaker_view(p_breaker public.breakers) FROM PUBLIC;

--
-- Name: FUNCTION _call_level(p_remind_at timestamp with time zone, p_escalate_at timestamp with time zone, p_warn_at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._call_level(p_remind_at timestamp with time zone, p_escalate_at timestamp with time zone, p_warn_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _call_people(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._call_people() FROM PUBLIC;

--
-- Name: FUNCTION _call_times(p_policy jsonb, p_from timestamp with time zone, p_expires_at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._call_times(p_policy jsonb, p_from timestamp with time zone, p_expires_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _cancel_held(p_switch public.stop_switch, p_reason text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._cancel_held(p_switch public.stop_switch, p_reason text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _card_face(p_card public.cards); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._card_face(p_card public.cards) FROM PUBLIC;

--
-- Name: FUNCTION _card_view(p_card public.cards, p_token text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._card_view(p_card public.cards, p_token text) FROM PUBLIC;

--
-- Name: FUNCTION _change_form_problem(p_kind text, p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_form_problem(p_kind text, p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _change_kind(p_kind text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_kind(p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION _change_people_problem(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_people_problem(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _change_preview(p_kind text, p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_preview(p_kind text, p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _change_problem(p_kind text, p_payload jsonb, p_proposer uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_problem(p_kind text, p_payload jsonb, p_proposer uuid) FROM PUBLIC;

--
-- Name: FUNCTION _change_refusal(p_change public.changes, p_person_id uuid, p_decision text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_refusal(p_change public.changes, p_person_id uuid, p_decision text) FROM PUBLIC;

--
-- Name: FUNCTION _change_slot(p_change public.changes, p_person_id uuid, p_as_role text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_slot(p_change public.changes, p_person_id uuid, p_as_role text) FROM PUBLIC;

--
-- Name: FUNCTION _change_view(p_change_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._change_view(p_change_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _changed(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._changed(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _check_code(p_person_id uuid, p_code text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._check_code(p_person_id uuid, p_code text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _claimable_updates(p_limit integer, p_urgent_only boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._claimable_updates(p_limit integer, p_urgent_only boolean) FROM PUBLIC;

--
-- Name: FUNCTION _close_gate(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._close_gate(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _close_incident(p_incident_id uuid, p_actor text, p_resolution text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._close_incident(p_incident_id uuid, p_actor text, p_resolution text) FROM PUBLIC;

--
-- Name: FUNCTION _concerned(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._concerned(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _delegated_by(p_person_id uuid, p_role text, p_at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._delegated_by(p_person_id uuid, p_role text, p_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _delegation_problem(p_payload jsonb, p_proposer uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._delegation_problem(p_payload jsonb, p_proposer uuid) FROM PUBLIC;

--
-- Name: FUNCTION _demanded_slots(p_policy jsonb, p_tier text, p_verdict jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._demanded_slots(p_policy jsonb, p_tier text, p_verdict jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _demands(p_policy jsonb, p_tier text, p_verdict jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._demands(p_policy jsonb, p_tier text, p_verdict jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _denial_problem(p_task_id text, p_effect_kind text, p_chat_id bigint, p_topic_id bigint, p_artifact_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._denial_problem(p_task_id text, p_effect_kind text, p_chat_id bigint, p_topic_id bigint, p_artifact_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _describe_desync(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._describe_desync() FROM PUBLIC;

--
-- Name: FUNCTION _describe_failed_calls(p_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._describe_failed_calls(p_name text) FROM PUBLIC;

--
-- Name: FUNCTION _describe_out(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._describe_out() FROM PUBLIC;

--
-- Name: FUNCTION _describe_routes(p_engine text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._describe_routes(p_engine text) FROM PUBLIC;

--
-- Name: FUNCTION _done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._done(p_step public.task_steps, p_input_hash text, p_output_ref text, p_score numeric, p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _doubt(p_effect public.effects, p_note text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._doubt(p_effect public.effects, p_note text) FROM PUBLIC;

--
-- Name: FUNCTION _draft_of(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._draft_of(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _draft_view(p_draft public.policy_drafts); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._draft_view(p_draft public.policy_drafts) FROM PUBLIC;

--
-- Name: FUNCTION _drill_due_at(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._drill_due_at() FROM PUBLIC;

--
-- Name: FUNCTION _drill_problem(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._drill_problem() FROM PUBLIC;

--
-- Name: FUNCTION _drill_rules(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._drill_rules() FROM PUBLIC;

--
-- Name: FUNCTION _drill_view(p_drill public.stop_drills); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._drill_view(p_drill public.stop_drills) FROM PUBLIC;

--
-- Name: FUNCTION _drop_all_lost_decisions(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._drop_all_lost_decisions() FROM PUBLIC;

--
-- Name: FUNCTION _drop_lost_decisions(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._drop_lost_decisions(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _effect_kind(p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._effect_kind(p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _effect_view(p_effect public.effects); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._effect_view(p_effect public.effects) FROM PUBLIC;

--
-- Name: FUNCTION _end_break_glass(p_glass public.break_glasses, p_status text, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_break_glass(p_glass public.break_glasses, p_status text, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION _end_change(p_change public.changes, p_status text, p_actor text, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_change(p_change public.changes, p_status text, p_actor text, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION _end_comparison(p_run public.runbook_runs, p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_comparison(p_run public.runbook_runs, p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _end_drill(p_drill public.stop_drills, p_outcome text, p_evidence jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_drill(p_drill public.stop_drills, p_outcome text, p_evidence jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _end_due_delegations(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_due_delegations() FROM PUBLIC;

--
-- Name: FUNCTION _end_dummy(p_task_id text, p_what text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_dummy(p_task_id text, p_what text) FROM PUBLIC;

--
-- Name: FUNCTION _end_fallback_check(p_check public.fallback_checks, p_results jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_fallback_check(p_check public.fallback_checks, p_results jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _end_orphaned_delegations(p_actor text, p_change_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_orphaned_delegations(p_actor text, p_change_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._end_task(p_task_id text, p_status text, p_code text, p_message text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _engine_of(p_breaker text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._engine_of(p_breaker text) FROM PUBLIC;

--
-- Name: FUNCTION _ensure_person(p_external_id bigint, p_display_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._ensure_person(p_external_id bigint, p_display_name text) FROM PUBLIC;

--
-- Name: FUNCTION _envelope(p_event public.events); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._envelope(p_event public.events) FROM PUBLIC;

--
-- Name: FUNCTION _event(p_task_id text, p_type text, p_step_id text, p_agent text, p_payload jsonb, p_key text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._event(p_task_id text, p_type text, p_step_id text, p_agent text, p_payload jsonb, p_key text) FROM PUBLIC;

--
-- Name: FUNCTION _event_update_dead(p_inbox_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._event_update_dead(p_inbox_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _evidence(p_kind text, p_row jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._evidence(p_kind text, p_row jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _expose(p_function text, VARIADIC p_roles text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._expose(p_function text, VARIADIC p_roles text[]) FROM PUBLIC;

--
-- Name: FUNCTION _factor_refusal(p_subject text, p_policy_version integer, p_tier text, p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._factor_refusal(p_subject text, p_policy_version integer, p_tier text, p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _factor_reset_problem(p_payload jsonb, p_proposer uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._factor_reset_problem(p_payload jsonb, p_proposer uuid) FROM PUBLIC;

--
-- Name: FUNCTION _facts(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._facts(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _fallback_check_due_at(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._fallback_check_due_at() FROM PUBLIC;

--
-- Name: FUNCTION _fallback_check_view(p_check public.fallback_checks); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._fallback_check_view(p_check public.fallback_checks) FROM PUBLIC;

--
-- Name: FUNCTION _fallback_problem(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._fallback_problem() FROM PUBLIC;

--
-- Name: FUNCTION _find_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._find_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _find_desync(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._find_desync() FROM PUBLIC;

--
-- Name: FUNCTION _find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._find_request(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _find_stale(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._find_stale() FROM PUBLIC;

--
-- Name: FUNCTION _find_standing_troubles(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._find_standing_troubles() FROM PUBLIC;

--
-- Name: FUNCTION _fits_change_slot(p_kind text, p_slot text, p_roles text[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._fits_change_slot(p_kind text, p_slot text, p_roles text[]) FROM PUBLIC;

--
-- Name: FUNCTION _fitting_slots(p_request public.approval_requests, p_person_id uuid, p_as_role text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._fitting_slots(p_request public.approval_requests, p_person_id uuid, p_as_role text) FROM PUBLIC;

--
-- Name: FUNCTION _forget_failed_calls(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._forget_failed_calls() FROM PUBLIC;

--
-- Name: FUNCTION _freeze_problem(p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._freeze_problem(p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _gate_refusal(p_request public.approval_requests, p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._gate_refusal(p_request public.approval_requests, p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _give_canary(p_run public.runbook_runs); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._give_canary(p_run public.runbook_runs) FROM PUBLIC;

--
-- Name: FUNCTION _glass_lacks(p_change public.changes, p_second uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._glass_lacks(p_change public.changes, p_second uuid) FROM PUBLIC;

--
-- Name: FUNCTION _glass_people(p_request public.approval_requests, p_first uuid, p_second uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._glass_people(p_request public.approval_requests, p_first uuid, p_second uuid) FROM PUBLIC;

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
-- Name: FUNCTION _has_break_glass(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._has_break_glass(p_request_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _hash_words(p_text text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._hash_words(p_text text) FROM PUBLIC;

--
-- Name: FUNCTION _held_by_stop(p_switch public.stop_switch); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._held_by_stop(p_switch public.stop_switch) FROM PUBLIC;

--
-- Name: FUNCTION _hmac_sha1(p_key bytea, p_message bytea); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._hmac_sha1(p_key bytea, p_message bytea) FROM PUBLIC;

--
-- Name: FUNCTION _hold_payer(p_payer text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._hold_payer(p_payer text) FROM PUBLIC;

--
-- Name: FUNCTION _hold_person(p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._hold_person(p_external_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _incident_runbook(p_kind text, p_key text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._incident_runbook(p_kind text, p_key text) FROM PUBLIC;

--
-- Name: FUNCTION _incident_view(p_incident public.incidents); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._incident_view(p_incident public.incidents) FROM PUBLIC;

--
-- Name: FUNCTION _inputs(p_step public.task_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._inputs(p_step public.task_steps) FROM PUBLIC;

--
-- Name: FUNCTION _insert_human_gate(p_critic public.task_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._insert_human_gate(p_critic public.task_steps) FROM PUBLIC;

--
-- Name: FUNCTION _is_alike(p_one text, p_other text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_alike(p_one text, p_other text) FROM PUBLIC;

--
-- Name: FUNCTION _is_allowed(p_policy jsonb, p_agent text, p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_allowed(p_policy jsonb, p_agent text, p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _is_amount(p_value jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_amount(p_value jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _is_break_glass_over(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_break_glass_over(p_request_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _is_call_lost(p_level integer, p_called_level integer, p_called_at timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_call_lost(p_level integer, p_called_level integer, p_called_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _is_chat_waited_for(p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_chat_waited_for(p_chat_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _is_frozen_chat(p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_frozen_chat(p_chat_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _is_halted(p_tier text, p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_halted(p_tier text, p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _is_incident_over(p_incident public.incidents); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_incident_over(p_incident public.incidents) FROM PUBLIC;

--
-- Name: FUNCTION _is_inside(p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_inside(p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _is_money(p_kind text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_money(p_kind text) FROM PUBLIC;

--
-- Name: FUNCTION _is_raised(p_verdict jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_raised(p_verdict jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _is_stale(p_use jsonb, p_caps jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_stale(p_use jsonb, p_caps jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _is_stopped(p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._is_stopped(p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._job(p_job text, p_id text, p_seq bigint, p_delay_ms bigint) FROM PUBLIC;

--
-- Name: FUNCTION _join_approvals(p_person_id uuid, p_other_id uuid, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._join_approvals(p_person_id uuid, p_other_id uuid, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _joining_action(p_policy jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._joining_action(p_policy jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _judge_again(p_critic public.task_steps, p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._judge_again(p_critic public.task_steps, p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _keep_draft(p_source text, p_document jsonb, p_checksum text, p_actor text, p_is_offered boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._keep_draft(p_source text, p_document jsonb, p_checksum text, p_actor text, p_is_offered boolean) FROM PUBLIC;

--
-- Name: FUNCTION _keep_retrieval(p_task public.tasks, p_query text, p_artifact_ids uuid[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._keep_retrieval(p_task public.tasks, p_query text, p_artifact_ids uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION _known_as(p_external_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._known_as(p_external_id text) FROM PUBLIC;

--
-- Name: FUNCTION _land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._land(p_effect public.effects, p_step public.task_steps, p_note text, p_actor text, p_worker text, p_lease_seconds integer) FROM PUBLIC;

--
-- Name: FUNCTION _lift_hold(p_task_id text, p_settled_effect_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._lift_hold(p_task_id text, p_settled_effect_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _limit_refusal(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._limit_refusal(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) FROM PUBLIC;

--
-- Name: FUNCTION _limits_under(p_policy jsonb, p_break_glass_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._limits_under(p_policy jsonb, p_break_glass_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _link_accounts_problem(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._link_accounts_problem(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _list_break_glasses(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_break_glasses(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _list_delegations(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_delegations() FROM PUBLIC;

--
-- Name: FUNCTION _list_failed_calls(p_name text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_failed_calls(p_name text) FROM PUBLIC;

--
-- Name: FUNCTION _list_lost_runs(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_lost_runs() FROM PUBLIC;

--
-- Name: FUNCTION _list_open_incidents(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_open_incidents() FROM PUBLIC;

--
-- Name: FUNCTION _list_parked(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_parked() FROM PUBLIC;

--
-- Name: FUNCTION _list_waiting(p_scope text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._list_waiting(p_scope text) FROM PUBLIC;

--
-- Name: FUNCTION _lock_claimed(p_step_id text, p_fence bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._lock_claimed(p_step_id text, p_fence bigint) FROM PUBLIC;

--
-- Name: FUNCTION _lock_doubt(p_attempt_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._lock_doubt(p_attempt_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _lock_people(p_people uuid[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._lock_people(p_people uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION _may_have_moved(p_effect public.effects); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._may_have_moved(p_effect public.effects) FROM PUBLIC;

--
-- Name: FUNCTION _missing_checks(p_payer text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._missing_checks(p_payer text) FROM PUBLIC;

--
-- Name: FUNCTION _move_problem(p_task public.tasks, p_policy public.policies, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._move_problem(p_task public.tasks, p_policy public.policies, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _move_task(p_task public.tasks, p_policy public.policies, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._move_task(p_task public.tasks, p_policy public.policies, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _name_of(p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._name_of(p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _needs_factor(p_policy_version integer, p_tier text, p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._needs_factor(p_policy_version integer, p_tier text, p_person_id uuid) FROM PUBLIC;

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
-- Name: FUNCTION _offered(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._offered() FROM PUBLIC;

--
-- Name: FUNCTION _one_time_code(p_secret bytea, p_counter bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._one_time_code(p_secret bytea, p_counter bigint) FROM PUBLIC;

--
-- Name: FUNCTION _open_break_glass(p_change public.changes, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_break_glass(p_change public.changes, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _open_breaker(p_name text, p_actor text, p_code text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_breaker(p_name text, p_actor text, p_code text) FROM PUBLIC;

--
-- Name: FUNCTION _open_request(p_step public.task_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_request(p_step public.task_steps) FROM PUBLIC;

--
-- Name: FUNCTION _open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_slot(p_request public.approval_requests, p_person_id uuid, p_as_role text) FROM PUBLIC;

--
-- Name: FUNCTION _open_subjects(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_subjects(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _open_unopposed(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._open_unopposed() FROM PUBLIC;

--
-- Name: FUNCTION _order_of(p_kind text, p_task_id text, p_checksum text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._order_of(p_kind text, p_task_id text, p_checksum text) FROM PUBLIC;

--
-- Name: FUNCTION _order_party(p_order jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._order_party(p_order jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _outlook(p_document jsonb, p_nodes jsonb, p_requester uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._outlook(p_document jsonb, p_nodes jsonb, p_requester uuid) FROM PUBLIC;

--
-- Name: FUNCTION _over_limit(p_limit text, p_subject text, p_max numeric, p_used numeric, p_asked numeric, p_unit text, p_free_at timestamp with time zone, p_is_final boolean, p_sentence text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._over_limit(p_limit text, p_subject text, p_max numeric, p_used numeric, p_asked numeric, p_unit text, p_free_at timestamp with time zone, p_is_final boolean, p_sentence text) FROM PUBLIC;

--
-- Name: FUNCTION _pace_since(p_since timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._pace_since(p_since timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _payer_problem(p_external_id bigint, p_payer text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._payer_problem(p_external_id bigint, p_payer text) FROM PUBLIC;

--
-- Name: FUNCTION _payer_view(p_payer text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._payer_view(p_payer text) FROM PUBLIC;

--
-- Name: FUNCTION _payment_refusal(p_order jsonb, p_limits jsonb, p_except uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._payment_refusal(p_order jsonb, p_limits jsonb, p_except uuid) FROM PUBLIC;

--
-- Name: FUNCTION _payment_use(p_limits jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._payment_use(p_limits jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _people_missing_for(p_policy jsonb, p_tier text, p_requester uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._people_missing_for(p_policy jsonb, p_tier text, p_requester uuid) FROM PUBLIC;

--
-- Name: FUNCTION _people_state(p_people uuid[]); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._people_state(p_people uuid[]) FROM PUBLIC;

--
-- Name: FUNCTION _person_of(p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._person_of(p_external_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _plan_drift(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._plan_drift() FROM PUBLIC;

--
-- Name: FUNCTION _plan_problems(p_nodes jsonb, p_policy jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._plan_problems(p_nodes jsonb, p_policy jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _plan_runbook(p_name text, p_subject text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._plan_runbook(p_name text, p_subject text) FROM PUBLIC;

--
-- Name: FUNCTION _points(p_critique jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._points(p_critique jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _policy(p_version integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy(p_version integer) FROM PUBLIC;

--
-- Name: FUNCTION _policy_form_problem(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy_form_problem(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _policy_in_force(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy_in_force() FROM PUBLIC;

--
-- Name: FUNCTION _policy_problem(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy_problem(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _policy_rule_problem(p_document jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy_rule_problem(p_document jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _policy_state(p_policy public.policies); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._policy_state(p_policy public.policies) FROM PUBLIC;

--
-- Name: FUNCTION _post_text(p_artifact_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._post_text(p_artifact_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _press(p_card_id uuid, p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._press(p_card_id uuid, p_chat_id bigint, p_message_id bigint) FROM PUBLIC;

--
-- Name: FUNCTION _press_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_asked text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._press_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_asked text) FROM PUBLIC;

--
-- Name: FUNCTION _pressed(p_press jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._pressed(p_press jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _protect_table(p_table text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._protect_table(p_table text) FROM PUBLIC;

--
-- Name: FUNCTION _queue(p_before timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._queue(p_before timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION _raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text, p_step_id text, p_agent text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text, p_step_id text, p_agent text) FROM PUBLIC;

--
-- Name: FUNCTION _raise_standing(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._raise_standing(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb, p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _rebuild_steps(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._rebuild_steps() FROM PUBLIC;

--
-- Name: FUNCTION _recheck_requests(p_people uuid[], p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._recheck_requests(p_people uuid[], p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _record_change_decision(p_change public.changes, p_person_id uuid, p_actor text, p_slot text, p_decision text, p_reason text, p_via text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._record_change_decision(p_change public.changes, p_person_id uuid, p_actor text, p_slot text, p_decision text, p_reason text, p_via text) FROM PUBLIC;

--
-- Name: FUNCTION _redo_retrieval(p_task_id text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._redo_retrieval(p_task_id text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _redraw_cards(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._redraw_cards(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _refuse(p_state text, p_message text, p_detail jsonb, p_hint text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._refuse(p_state text, p_message text, p_detail jsonb, p_hint text) FROM PUBLIC;

--
-- Name: FUNCTION _reopen_expired(p_task public.tasks, p_request public.approval_requests, p_rule text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._reopen_expired(p_task public.tasks, p_request public.approval_requests, p_rule text) FROM PUBLIC;

--
-- Name: FUNCTION _request_limit(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._request_limit(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _request_view(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._request_view(p_request_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _resume_end(p_stop public.stops); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._resume_end(p_stop public.stops) FROM PUBLIC;

--
-- Name: FUNCTION _review_wait(p_tier text, p_break_glass_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._review_wait(p_tier text, p_break_glass_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _role_grant_problem(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._role_grant_problem(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _role_revoke_problem(p_payload jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._role_revoke_problem(p_payload jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _roles_of(p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._roles_of(p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _rubric_hash(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._rubric_hash() FROM PUBLIC;

--
-- Name: FUNCTION _rule_view(p_rule public.denial_rules); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._rule_view(p_rule public.denial_rules) FROM PUBLIC;

--
-- Name: FUNCTION _run_desync_step(p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._run_desync_step(p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _run_drift_step(p_run public.runbook_runs, p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._run_drift_step(p_run public.runbook_runs, p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _run_redo_step(p_run public.runbook_runs, p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._run_redo_step(p_run public.runbook_runs, p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _run_tool_step(p_run public.runbook_runs, p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._run_tool_step(p_run public.runbook_runs, p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _run_view(p_run public.runbook_runs); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._run_view(p_run public.runbook_runs) FROM PUBLIC;

--
-- Name: FUNCTION _separation(p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._separation(p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _settle_late(p_effect_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._settle_late(p_effect_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _settle_late_answers(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._settle_late_answers() FROM PUBLIC;

--
-- Name: FUNCTION _settle_orphan(p_effect public.effects); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._settle_orphan(p_effect public.effects) FROM PUBLIC;

--
-- Name: FUNCTION _settled(p_answer jsonb, p_spent jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._settled(p_answer jsonb, p_spent jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _sha1(p_bytes bytea); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._sha1(p_bytes bytea) FROM PUBLIC;

--
-- Name: FUNCTION _show_change(p_change_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._show_change(p_change_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _slots(p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._slots(p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _spend_factor(p_subject text, p_person_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._spend_factor(p_subject text, p_person_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _spend_rates(p_policy jsonb, p_uses jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._spend_rates(p_policy jsonb, p_uses jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _stale_sources(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._stale_sources(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._store_artifact(p_task_id text, p_step_id text, p_artifact jsonb, p_made_by text) FROM PUBLIC;

--
-- Name: FUNCTION _sweep_break_glass(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._sweep_break_glass() FROM PUBLIC;

--
-- Name: FUNCTION _sweep_cards(p_patience interval); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._sweep_cards(p_patience interval) FROM PUBLIC;

--
-- Name: FUNCTION _sweep_changes(p_patience interval); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._sweep_changes(p_patience interval) FROM PUBLIC;

--
-- Name: FUNCTION _take_limits(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._take_limits(p_kind text, p_order jsonb, p_policy jsonb, p_except uuid) FROM PUBLIC;

--
-- Name: FUNCTION _task_view(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._task_view(p_task_id text) FROM PUBLIC;

--
-- Name: FUNCTION _team_problem(p_person_id uuid, p_role text, p_into uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._team_problem(p_person_id uuid, p_role text, p_into uuid) FROM PUBLIC;

--
-- Name: FUNCTION _tier_lockout(p_document jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._tier_lockout(p_document jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _tier_of(p_policy jsonb, p_action text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._tier_of(p_policy jsonb, p_action text) FROM PUBLIC;

--
-- Name: FUNCTION _tier_problem(p_policy jsonb, p_tier text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._tier_problem(p_policy jsonb, p_tier text) FROM PUBLIC;

--
-- Name: FUNCTION _trade_refusal(p_order jsonb, p_limits jsonb, p_except uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._trade_refusal(p_order jsonb, p_limits jsonb, p_except uuid) FROM PUBLIC;

--
-- Name: FUNCTION _trading_caps(p_account_id text, p_limits jsonb, p_use jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._trading_caps(p_account_id text, p_limits jsonb, p_use jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _trading_use(p_limits jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._trading_use(p_limits jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _trigrams(p_text text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._trigrams(p_text text) FROM PUBLIC;

--
-- Name: FUNCTION _try_search(p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._try_search(p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _uncounted(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._uncounted(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _use_break_glass(p_effect public.effects); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._use_break_glass(p_effect public.effects) FROM PUBLIC;

--
-- Name: FUNCTION _verdict(p_request public.approval_requests); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._verdict(p_request public.approval_requests) FROM PUBLIC;

--
-- Name: FUNCTION _veto_runs_from(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._veto_runs_from(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _veto_window(p_policy jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._veto_window(p_policy jsonb) FROM PUBLIC;

--
-- Name: FUNCTION _void_break_glass(p_request_id uuid, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._void_break_glass(p_request_id uuid, p_reason text) FROM PUBLIC;

--
-- Name: FUNCTION _void_request(p_request public.approval_requests, p_reason text, p_actor text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._void_request(p_request public.approval_requests, p_reason text, p_actor text) FROM PUBLIC;

--
-- Name: FUNCTION _wait_for_chat(p_effect public.effects, p_fence bigint, p_delay_ms bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._wait_for_chat(p_effect public.effects, p_fence bigint, p_delay_ms bigint) FROM PUBLIC;

--
-- Name: FUNCTION _waived_slot(p_request_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._waived_slot(p_request_id uuid) FROM PUBLIC;

--
-- Name: FUNCTION _wake(p_step_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._wake(p_step_id text) FROM PUBLIC;

--
-- Name: FUNCTION _was_vetoed(p_change public.changes); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._was_vetoed(p_change public.changes) FROM PUBLIC;

--
-- Name: FUNCTION _watch_redone(p_run public.runbook_runs, p_step public.runbook_steps); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._watch_redone(p_run public.runbook_runs, p_step public.runbook_steps) FROM PUBLIC;

--
-- Name: FUNCTION _work(p_step public.task_steps, p_task public.tasks); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._work(p_step public.task_steps, p_task public.tasks) FROM PUBLIC;

--
-- Name: FUNCTION _would_pass(p_document jsonb, p_tier text, p_verdict jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public._would_pass(p_document jsonb, p_tier text, p_verdict jsonb) FROM PUBLIC;

--
-- Name: FUNCTION ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.ack_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION advance_runbook(p_run_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.advance_runbook(p_run_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.advance_runbook(p_run_id uuid) TO ags_worker;
GRANT ALL ON FUNCTION public.advance_runbook(p_run_id uuid) TO service_role;

--
-- Name: FUNCTION answer_runbook(p_run_id uuid, p_name text, p_answer jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.answer_runbook(p_run_id uuid, p_name text, p_answer jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.answer_runbook(p_run_id uuid, p_name text, p_answer jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.answer_runbook(p_run_id uuid, p_name text, p_answer jsonb) TO service_role;

--
-- Name: FUNCTION approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text) TO ags_bot;
GRANT ALL ON FUNCTION public.approve_with_code(p_prompt_id uuid, p_external_id bigint, p_code text) TO service_role;

--
-- Name: FUNCTION ask_account(p_account_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.ask_account(p_account_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ask_account(p_account_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.ask_account(p_account_id text) TO service_role;

--
-- Name: FUNCTION ask_breaker(p_name text, p_holder text, p_probe_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.ask_breaker(p_name text, p_holder text, p_probe_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ask_breaker(p_name text, p_holder text, p_probe_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.ask_breaker(p_name text, p_holder text, p_probe_seconds integer) TO service_role;

--
-- Name: FUNCTION ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.ask_drill(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.ask_fallback_check(p_external_id bigint, p_chat_id bigint, p_topic_id bigint, p_message_id bigint) TO service_role;

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
-- Name: FUNCTION begin_drill(p_worker text, p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.begin_drill(p_worker text, p_chat_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_drill(p_worker text, p_chat_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.begin_drill(p_worker text, p_chat_id bigint) TO service_role;

--
-- Name: FUNCTION begin_enrolment(p_external_id bigint, p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.begin_enrolment(p_external_id bigint, p_chat_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_enrolment(p_external_id bigint, p_chat_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.begin_enrolment(p_external_id bigint, p_chat_id bigint) TO service_role;

--
-- Name: FUNCTION begin_fallback_check(p_worker text, p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.begin_fallback_check(p_worker text, p_chat_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_fallback_check(p_worker text, p_chat_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.begin_fallback_check(p_worker text, p_chat_id bigint) TO service_role;

--
-- Name: FUNCTION block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.block_payer(p_external_id bigint, p_payer text, p_is_blocked boolean, p_reason text) TO service_role;

--
-- Name: FUNCTION cancel_task(p_task_id text, p_external_id bigint, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.cancel_task(p_task_id text, p_external_id bigint, p_reason text) TO service_role;

--
-- Name: FUNCTION claim_change_news(p_change_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_change_news(p_change_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_change_news(p_change_id uuid) TO ags_bot;
GRANT ALL ON FUNCTION public.claim_change_news(p_change_id uuid) TO ags_worker;
GRANT ALL ON FUNCTION public.claim_change_news(p_change_id uuid) TO service_role;

--
-- Name: FUNCTION claim_lease(p_name text, p_holder text, p_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.claim_lease(p_name text, p_holder text, p_seconds integer) TO ags_worker;
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
-- Name: FUNCTION claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean) TO ags_bot;
GRANT ALL ON FUNCTION public.claim_updates(p_worker text, p_limit integer, p_lease_seconds integer, p_urgent_only boolean) TO service_role;

--
-- Name: FUNCTION close_incidents(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.close_incidents() FROM PUBLIC;
GRANT ALL ON FUNCTION public.close_incidents() TO ags_worker;
GRANT ALL ON FUNCTION public.close_incidents() TO service_role;

--
-- Name: FUNCTION close_prompt(p_prompt_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.close_prompt(p_prompt_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.close_prompt(p_prompt_id uuid) TO ags_bot;
GRANT ALL ON FUNCTION public.close_prompt(p_prompt_id uuid) TO service_role;

--
-- Name: FUNCTION complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb, p_injection jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb, p_injection jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb, p_injection jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.complete_critique(p_step_id text, p_fence bigint, p_input_hash text, p_post jsonb, p_part_count integer, p_critique jsonb, p_artifact jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb, p_injection jsonb) TO service_role;

--
-- Name: FUNCTION complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.complete_plan(p_step_id text, p_fence bigint, p_input_hash text, p_nodes jsonb, p_summary text, p_artifact jsonb, p_executors jsonb, p_channels jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) TO service_role;

--
-- Name: FUNCTION complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.complete_step(p_step_id text, p_fence bigint, p_input_hash text, p_artifacts jsonb, p_is_rehearsal boolean, p_worker text, p_lease_seconds integer, p_spent jsonb) TO service_role;

--
-- Name: FUNCTION complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) TO ags_bot;
GRANT ALL ON FUNCTION public.complete_update(p_inbox_id bigint, p_worker text, p_outcome text, p_error text) TO service_role;

--
-- Name: FUNCTION confirm_chats(p_chat_ids jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.confirm_chats(p_chat_ids jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.confirm_chats(p_chat_ids jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.confirm_chats(p_chat_ids jsonb) TO service_role;

--
-- Name: FUNCTION confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text) TO ags_bot;
GRANT ALL ON FUNCTION public.confirm_enrolment(p_external_id bigint, p_chat_id bigint, p_code text) TO service_role;

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
-- Name: FUNCTION decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) TO ags_bot;
GRANT ALL ON FUNCTION public.decide_change(p_reference text, p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_decision text, p_reason text, p_as_role text, p_source text) TO service_role;

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
-- Name: FUNCTION export_task(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.export_task(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.export_task(p_task_id text) TO ags_bot;
GRANT ALL ON FUNCTION public.export_task(p_task_id text) TO ags_web;
GRANT ALL ON FUNCTION public.export_task(p_task_id text) TO ags_reader;
GRANT ALL ON FUNCTION public.export_task(p_task_id text) TO service_role;

--
-- Name: FUNCTION fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) TO ags_worker;
GRANT ALL ON FUNCTION public.fail_step(p_step_id text, p_fence bigint, p_code text, p_message text, p_is_retryable boolean) TO service_role;

--
-- Name: FUNCTION find_people(p_username text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_people(p_username text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_people(p_username text) TO ags_bot;
GRANT ALL ON FUNCTION public.find_people(p_username text) TO service_role;

--
-- Name: FUNCTION find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.find_policy_offer(p_token text, p_chat_id bigint, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.find_prompt(p_chat_id bigint, p_reply_to_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION free_chats(p_chat_ids jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.free_chats(p_chat_ids jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.free_chats(p_chat_ids jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.free_chats(p_chat_ids jsonb) TO service_role;

--
-- Name: FUNCTION freeze_chat(p_chat_id bigint, p_new_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.freeze_chat(p_chat_id bigint, p_new_chat_id bigint) TO service_role;

--
-- Name: FUNCTION get_anchor_state(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_anchor_state() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_anchor_state() TO ags_bot;
GRANT ALL ON FUNCTION public.get_anchor_state() TO ags_worker;
GRANT ALL ON FUNCTION public.get_anchor_state() TO ags_web;
GRANT ALL ON FUNCTION public.get_anchor_state() TO ags_reader;
GRANT ALL ON FUNCTION public.get_anchor_state() TO service_role;

--
-- Name: FUNCTION get_change(p_reference text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_change(p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_change(p_reference text) TO ags_bot;
GRANT ALL ON FUNCTION public.get_change(p_reference text) TO ags_worker;
GRANT ALL ON FUNCTION public.get_change(p_reference text) TO service_role;

--
-- Name: FUNCTION get_drill(p_drill_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_drill(p_drill_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_drill(p_drill_id uuid) TO ags_bot;
GRANT ALL ON FUNCTION public.get_drill(p_drill_id uuid) TO ags_worker;
GRANT ALL ON FUNCTION public.get_drill(p_drill_id uuid) TO service_role;

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
-- Name: FUNCTION get_policy_draft(p_checksum text, p_document_checksum text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_policy_draft(p_checksum text, p_document_checksum text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_policy_draft(p_checksum text, p_document_checksum text) TO ags_bot;
GRANT ALL ON FUNCTION public.get_policy_draft(p_checksum text, p_document_checksum text) TO ags_worker;
GRANT ALL ON FUNCTION public.get_policy_draft(p_checksum text, p_document_checksum text) TO service_role;

--
-- Name: FUNCTION get_policy_origin(p_version integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_policy_origin(p_version integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_policy_origin(p_version integer) TO ags_bot;
GRANT ALL ON FUNCTION public.get_policy_origin(p_version integer) TO ags_worker;
GRANT ALL ON FUNCTION public.get_policy_origin(p_version integer) TO ags_web;
GRANT ALL ON FUNCTION public.get_policy_origin(p_version integer) TO ags_reader;
GRANT ALL ON FUNCTION public.get_policy_origin(p_version integer) TO service_role;

--
-- Name: FUNCTION get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.get_post_mortem(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION get_prompts(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.get_prompts() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_prompts() TO ags_bot;
GRANT ALL ON FUNCTION public.get_prompts() TO ags_web;
GRANT ALL ON FUNCTION public.get_prompts() TO ags_reader;
GRANT ALL ON FUNCTION public.get_prompts() TO service_role;

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
-- Name: FUNCTION keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text) TO ags_worker;
GRANT ALL ON FUNCTION public.keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text) TO service_role;

--
-- Name: FUNCTION keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.keep_rule(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION lift_rule(p_reference text, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.lift_rule(p_reference text, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lift_rule(p_reference text, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.lift_rule(p_reference text, p_external_id bigint) TO service_role;

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
-- Name: FUNCTION list_audit_ranges(p_size integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_audit_ranges(p_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_audit_ranges(p_size integer) TO ags_bot;
GRANT ALL ON FUNCTION public.list_audit_ranges(p_size integer) TO ags_web;
GRANT ALL ON FUNCTION public.list_audit_ranges(p_size integer) TO ags_reader;
GRANT ALL ON FUNCTION public.list_audit_ranges(p_size integer) TO service_role;

--
-- Name: FUNCTION list_breakers(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_breakers() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_breakers() TO ags_bot;
GRANT ALL ON FUNCTION public.list_breakers() TO ags_worker;
GRANT ALL ON FUNCTION public.list_breakers() TO ags_web;
GRANT ALL ON FUNCTION public.list_breakers() TO ags_reader;
GRANT ALL ON FUNCTION public.list_breakers() TO service_role;

--
-- Name: FUNCTION list_cards(p_step_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_cards(p_step_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_cards(p_step_id text) TO ags_bot;
GRANT ALL ON FUNCTION public.list_cards(p_step_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.list_cards(p_step_id text) TO service_role;

--
-- Name: FUNCTION list_deciders(p_reference text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_deciders(p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_deciders(p_reference text) TO ags_bot;
GRANT ALL ON FUNCTION public.list_deciders(p_reference text) TO ags_worker;
GRANT ALL ON FUNCTION public.list_deciders(p_reference text) TO service_role;

--
-- Name: FUNCTION list_ended_resume_cards(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_ended_resume_cards() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_ended_resume_cards() TO ags_bot;
GRANT ALL ON FUNCTION public.list_ended_resume_cards() TO ags_worker;
GRANT ALL ON FUNCTION public.list_ended_resume_cards() TO service_role;

--
-- Name: FUNCTION list_events(p_task_id text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_events(p_task_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO ags_worker;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO ags_web;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO ags_reader;
GRANT ALL ON FUNCTION public.list_events(p_task_id text) TO service_role;

--
-- Name: FUNCTION list_limits(p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_limits(p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_limits(p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.list_limits(p_external_id bigint) TO ags_web;
GRANT ALL ON FUNCTION public.list_limits(p_external_id bigint) TO ags_reader;
GRANT ALL ON FUNCTION public.list_limits(p_external_id bigint) TO service_role;

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
-- Name: FUNCTION list_posted_tasks(p_chat_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) TO ags_web;
GRANT ALL ON FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) TO ags_reader;
GRANT ALL ON FUNCTION public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION list_roles(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_roles() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_roles() TO ags_bot;
GRANT ALL ON FUNCTION public.list_roles() TO ags_web;
GRANT ALL ON FUNCTION public.list_roles() TO ags_reader;
GRANT ALL ON FUNCTION public.list_roles() TO service_role;

--
-- Name: FUNCTION list_rules(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_rules() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_rules() TO ags_bot;
GRANT ALL ON FUNCTION public.list_rules() TO ags_web;
GRANT ALL ON FUNCTION public.list_rules() TO ags_reader;
GRANT ALL ON FUNCTION public.list_rules() TO service_role;

--
-- Name: FUNCTION list_silent_holders(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_silent_holders() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_silent_holders() TO ags_bot;
GRANT ALL ON FUNCTION public.list_silent_holders() TO ags_web;
GRANT ALL ON FUNCTION public.list_silent_holders() TO ags_reader;
GRANT ALL ON FUNCTION public.list_silent_holders() TO service_role;

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
-- Name: FUNCTION list_unkept_anchors(p_place text, p_limit integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_unkept_anchors(p_place text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_unkept_anchors(p_place text, p_limit integer) TO ags_worker;
GRANT ALL ON FUNCTION public.list_unkept_anchors(p_place text, p_limit integer) TO service_role;

--
-- Name: FUNCTION list_unstreamed_events(p_limit integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_unstreamed_events(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_unstreamed_events(p_limit integer) TO ags_worker;
GRANT ALL ON FUNCTION public.list_unstreamed_events(p_limit integer) TO service_role;

--
-- Name: FUNCTION list_workers(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.list_workers() FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_workers() TO ags_bot;
GRANT ALL ON FUNCTION public.list_workers() TO ags_web;
GRANT ALL ON FUNCTION public.list_workers() TO ags_reader;
GRANT ALL ON FUNCTION public.list_workers() TO service_role;

--
-- Name: FUNCTION make_anchor(p_interval_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.make_anchor(p_interval_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_anchor(p_interval_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.make_anchor(p_interval_seconds integer) TO service_role;

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
-- Name: FUNCTION mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.mute_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint, p_seconds integer) TO service_role;

--
-- Name: FUNCTION offer_policy_file(p_source text, p_document jsonb, p_checksum text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) TO ags_bot;
GRANT ALL ON FUNCTION public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) TO ags_worker;
GRANT ALL ON FUNCTION public.offer_policy_file(p_source text, p_document jsonb, p_checksum text) TO service_role;

--
-- Name: FUNCTION offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.offer_rule(p_reference text, p_external_id bigint, p_chat_id bigint) TO service_role;

--
-- Name: FUNCTION open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.open_card(p_step_id text, p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.open_change_card(p_change_id uuid, p_chat_id bigint, p_topic_id bigint, p_announced_in jsonb) TO service_role;

--
-- Name: FUNCTION open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_change_prompt(p_token text, p_chat_id bigint, p_topic_id bigint, p_card_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.open_doubt_card(p_effect_id uuid, p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.open_incident_card(p_incident_id uuid, p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_incident_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION open_policy_offer(p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_policy_offer(p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_policy_offer(p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.open_policy_offer(p_chat_id bigint, p_topic_id bigint) TO service_role;

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
-- Name: FUNCTION open_runbook_card(p_run_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.open_runbook_card(p_run_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_runbook_card(p_run_id uuid) TO ags_bot;
GRANT ALL ON FUNCTION public.open_runbook_card(p_run_id uuid) TO ags_worker;
GRANT ALL ON FUNCTION public.open_runbook_card(p_run_id uuid) TO service_role;

--
-- Name: FUNCTION park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text) TO ags_worker;
GRANT ALL ON FUNCTION public.park_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_breaker text, p_note text) TO service_role;

--
-- Name: FUNCTION postpone_task_view(p_task_id text, p_delay_ms integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.postpone_task_view(p_task_id text, p_delay_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.postpone_task_view(p_task_id text, p_delay_ms integer) TO ags_worker;
GRANT ALL ON FUNCTION public.postpone_task_view(p_task_id text, p_delay_ms integer) TO service_role;

--
-- Name: FUNCTION propose_break_glass(p_external_id bigint, p_task_id text, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.propose_break_glass(p_external_id bigint, p_task_id text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.propose_break_glass(p_external_id bigint, p_task_id text, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.propose_break_glass(p_external_id bigint, p_task_id text, p_reason text) TO service_role;

--
-- Name: FUNCTION propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.propose_change(p_external_id bigint, p_kind text, p_payload jsonb, p_reason text) TO service_role;

--
-- Name: FUNCTION propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.propose_policy(p_external_id bigint, p_source text, p_document jsonb, p_checksum text, p_reason text) TO service_role;

--
-- Name: FUNCTION propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.propose_runbook(p_external_id bigint, p_name text, p_subject text, p_chat_id bigint, p_topic_id bigint) TO service_role;

--
-- Name: FUNCTION put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.put_short_term(p_key text, p_value jsonb, p_ttl_seconds integer) TO service_role;

--
-- Name: FUNCTION raise_drill(p_drill_id uuid); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.raise_drill(p_drill_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.raise_drill(p_drill_id uuid) TO ags_worker;
GRANT ALL ON FUNCTION public.raise_drill(p_drill_id uuid) TO service_role;

--
-- Name: FUNCTION raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.raise_incident(p_kind text, p_key text, p_severity text, p_title text, p_evidence jsonb) TO service_role;

--
-- Name: FUNCTION reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.reask_request(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text) TO ags_worker;
GRANT ALL ON FUNCTION public.recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text) TO service_role;

--
-- Name: FUNCTION record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.record_account(p_account_id text, p_asked_seq bigint, p_numbers jsonb, p_positions jsonb) TO service_role;

--
-- Name: FUNCTION record_anchor_kept(p_number bigint, p_place text, p_reference text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_anchor_kept(p_number bigint, p_place text, p_reference text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_anchor_kept(p_number bigint, p_place text, p_reference text) TO ags_worker;
GRANT ALL ON FUNCTION public.record_anchor_kept(p_number bigint, p_place text, p_reference text) TO service_role;

--
-- Name: FUNCTION record_anchor_problem(p_number bigint, p_place text, p_problem text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_anchor_problem(p_number bigint, p_place text, p_problem text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_anchor_problem(p_number bigint, p_place text, p_problem text) TO ags_worker;
GRANT ALL ON FUNCTION public.record_anchor_problem(p_number bigint, p_place text, p_problem text) TO service_role;

--
-- Name: FUNCTION record_attempt(p_external_id bigint, p_what text, p_code text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_attempt(p_external_id bigint, p_what text, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_attempt(p_external_id bigint, p_what text, p_code text) TO ags_bot;
GRANT ALL ON FUNCTION public.record_attempt(p_external_id bigint, p_what text, p_code text) TO service_role;

--
-- Name: FUNCTION record_call(p_id uuid, p_level integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_call(p_id uuid, p_level integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_call(p_id uuid, p_level integer) TO ags_worker;
GRANT ALL ON FUNCTION public.record_call(p_id uuid, p_level integer) TO service_role;

--
-- Name: FUNCTION record_card(p_card_id uuid, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.record_card(p_card_id uuid, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_card_shown(p_card_id uuid, p_mark text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_card_shown(p_card_id uuid, p_mark text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_card_shown(p_card_id uuid, p_mark text) TO ags_bot;
GRANT ALL ON FUNCTION public.record_card_shown(p_card_id uuid, p_mark text) TO ags_worker;
GRANT ALL ON FUNCTION public.record_card_shown(p_card_id uuid, p_mark text) TO service_role;

--
-- Name: FUNCTION record_enrolment_shown(p_external_id bigint, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_enrolment_shown(p_external_id bigint, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_enrolment_shown(p_external_id bigint, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_enrolment_shown(p_external_id bigint, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_events_streamed(p_event_ids jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_events_streamed(p_event_ids jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_events_streamed(p_event_ids jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.record_events_streamed(p_event_ids jsonb) TO service_role;

--
-- Name: FUNCTION record_greeting(p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_greeting(p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_greeting(p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_greeting(p_external_id bigint) TO service_role;

--
-- Name: FUNCTION record_incident_shown(p_incident_id uuid, p_seq bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_incident_shown(p_incident_id uuid, p_seq bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_incident_shown(p_incident_id uuid, p_seq bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_incident_shown(p_incident_id uuid, p_seq bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.record_incident_shown(p_incident_id uuid, p_seq bigint) TO service_role;

--
-- Name: FUNCTION record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone) TO ags_bot;
GRANT ALL ON FUNCTION public.record_payer_check(p_external_id bigint, p_payer text, p_item text, p_outcome text, p_valid_until timestamp with time zone) TO service_role;

--
-- Name: FUNCTION record_prompt_message(p_prompt_id uuid, p_message_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.record_prompt_message(p_prompt_id uuid, p_message_id bigint) TO service_role;

--
-- Name: FUNCTION record_prompts(p_worker text, p_hashes jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.record_prompts(p_worker text, p_hashes jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_prompts(p_worker text, p_hashes jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.record_prompts(p_worker text, p_hashes jsonb) TO service_role;

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
GRANT ALL ON FUNCTION public.release_lease(p_name text, p_holder text) TO ags_worker;
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
-- Name: FUNCTION renew_updates(p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.renew_updates(p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.renew_updates(p_worker text, p_lease_seconds integer) TO ags_bot;
GRANT ALL ON FUNCTION public.renew_updates(p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text) TO ags_worker;
GRANT ALL ON FUNCTION public.report_breaker(p_name text, p_holder text, p_is_ok boolean, p_code text) TO service_role;

--
-- Name: FUNCTION repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.repropose_change(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) TO ags_worker;
GRANT ALL ON FUNCTION public.reserve_spend(p_step_id text, p_fence bigint, p_engine text, p_tokens bigint, p_cost_usd numeric) TO service_role;

--
-- Name: FUNCTION resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.resolve_incident(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION restage_request(p_step_id text, p_fence bigint, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) TO ags_worker;
GRANT ALL ON FUNCTION public.restage_request(p_step_id text, p_fence bigint, p_reason text) TO service_role;

--
-- Name: FUNCTION resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text) TO ags_bot;
GRANT ALL ON FUNCTION public.resume_effects(p_external_id bigint, p_reason text, p_token text, p_chat_id bigint, p_message_id bigint, p_choice text) TO service_role;

--
-- Name: FUNCTION retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer) TO ags_worker;
GRANT ALL ON FUNCTION public.retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer) TO service_role;

--
-- Name: FUNCTION return_probe(p_name text, p_holder text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.return_probe(p_name text, p_holder text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.return_probe(p_name text, p_holder text) TO ags_worker;
GRANT ALL ON FUNCTION public.return_probe(p_name text, p_holder text) TO service_role;

--
-- Name: FUNCTION review_break_glass(p_external_id bigint, p_task_id text, p_text text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.review_break_glass(p_external_id bigint, p_task_id text, p_text text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.review_break_glass(p_external_id bigint, p_task_id text, p_text text) TO ags_bot;
GRANT ALL ON FUNCTION public.review_break_glass(p_external_id bigint, p_task_id text, p_text text) TO service_role;

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
-- Name: FUNCTION settle_drill(p_drill_id uuid, p_gate jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.settle_drill(p_drill_id uuid, p_gate jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_drill(p_drill_id uuid, p_gate jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.settle_drill(p_drill_id uuid, p_gate jsonb) TO service_role;

--
-- Name: FUNCTION settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) TO ags_worker;
GRANT ALL ON FUNCTION public.settle_effect(p_step_id text, p_fence bigint, p_effect_id uuid, p_outcome text, p_note text, p_retry_after_ms bigint, p_worker text, p_lease_seconds integer) TO service_role;

--
-- Name: FUNCTION settle_fallback_check(p_check_id uuid, p_results jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.settle_fallback_check(p_check_id uuid, p_results jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_fallback_check(p_check_id uuid, p_results jsonb) TO ags_worker;
GRANT ALL ON FUNCTION public.settle_fallback_check(p_check_id uuid, p_results jsonb) TO service_role;

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
-- Name: FUNCTION simulate_policy(p_document jsonb, p_days integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.simulate_policy(p_document jsonb, p_days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.simulate_policy(p_document jsonb, p_days integer) TO ags_bot;
GRANT ALL ON FUNCTION public.simulate_policy(p_document jsonb, p_days integer) TO service_role;

--
-- Name: FUNCTION start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.start_runbook(p_token text, p_chat_id bigint, p_message_id bigint, p_external_id bigint) TO service_role;

--
-- Name: FUNCTION stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text) TO ags_bot;
GRANT ALL ON FUNCTION public.stop_effects(p_external_id bigint, p_reason text, p_scope text, p_source_key text) TO service_role;

--
-- Name: FUNCTION sweep(p_patience_ms integer); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.sweep(p_patience_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.sweep(p_patience_ms integer) TO ags_worker;
GRANT ALL ON FUNCTION public.sweep(p_patience_ms integer) TO service_role;

--
-- Name: FUNCTION sweep_incidents(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.sweep_incidents() FROM PUBLIC;
GRANT ALL ON FUNCTION public.sweep_incidents() TO ags_worker;
GRANT ALL ON FUNCTION public.sweep_incidents() TO service_role;

--
-- Name: FUNCTION take_over(p_worker text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.take_over(p_worker text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.take_over(p_worker text) TO ags_worker;
GRANT ALL ON FUNCTION public.take_over(p_worker text) TO service_role;

--
-- Name: FUNCTION tg_anchors__append_only(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.tg_anchors__append_only() FROM PUBLIC;

--
-- Name: FUNCTION tg_audit_logs__append_only(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.tg_audit_logs__append_only() FROM PUBLIC;

--
-- Name: FUNCTION tg_task_steps__as_planned(); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.tg_task_steps__as_planned() FROM PUBLIC;

--
-- Name: FUNCTION verify_audit_anchors(p_kept jsonb); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.verify_audit_anchors(p_kept jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_audit_anchors(p_kept jsonb) TO ags_bot;
GRANT ALL ON FUNCTION public.verify_audit_anchors(p_kept jsonb) TO ags_web;
GRANT ALL ON FUNCTION public.verify_audit_anchors(p_kept jsonb) TO ags_reader;
GRANT ALL ON FUNCTION public.verify_audit_anchors(p_kept jsonb) TO service_role;

--
-- Name: FUNCTION verify_audit_chain(p_chain text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.verify_audit_chain(p_chain text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO ags_bot;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO ags_web;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO ags_reader;
GRANT ALL ON FUNCTION public.verify_audit_chain(p_chain text) TO service_role;

--
-- Name: FUNCTION verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) TO ags_bot;
GRANT ALL ON FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) TO ags_web;
GRANT ALL ON FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) TO ags_reader;
GRANT ALL ON FUNCTION public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) TO service_role;

--
-- Name: FUNCTION wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint) TO ags_worker;
GRANT ALL ON FUNCTION public.wait_step(p_step_id text, p_fence bigint, p_waits_for text, p_delay_ms bigint) TO service_role;

--
-- Name: FUNCTION withdraw_change(p_reference text, p_external_id bigint, p_reason text); Type: ACL; Schema: public; Owner: -
--

REVOKE ALL ON FUNCTION public.withdraw_change(p_reference text, p_external_id bigint, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.withdraw_change(p_reference text, p_external_id bigint, p_reason text) TO ags_bot;
GRANT ALL ON FUNCTION public.withdraw_change(p_reference text, p_external_id bigint, p_reason text) TO service_role;

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
