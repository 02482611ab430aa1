-- Running code does not break. Retrieval that does not answer falls back on what an earlier one found, marked as stale; a runbook has it done again.
--
-- A mark:  made by the step that did without the search -> redone (the runbook) -> gone (its step has searched again) | made anew (the search failed again).
set role ags_owner;

-- What a good retrieval found: ids, never texts. Whoever is given something of it gets what the artifact's row says now.
create table public.retrieval_cache (
  entry_id bigint generated always as identity primary key,
  -- Whom it may serve: later tasks of the same chat, and those with the same goal.
  chat_id bigint,
  goal_hash text not null constraint retrieval_cache_goal_hash_form check (goal_hash ~ '^[0-9a-f]{64}$'),
  query_hash text not null constraint retrieval_cache_query_hash_form check (query_hash ~ '^[0-9a-f]{64}$'),
  artifact_ids uuid[] not null constraint retrieval_cache_bounded check (cardinality(artifact_ids) between 1 and 20),
  found_at timestamptz not null default clock_timestamp(),
  constraint retrieval_cache_one_per_question unique nulls not distinct (chat_id, query_hash)
);
create index retrieval_cache_of_chat on public.retrieval_cache (chat_id, found_at desc);
create index retrieval_cache_of_goal on public.retrieval_cache (goal_hash, found_at desc);

create table public.stale_retrievals (
  step_id text primary key references public.task_steps,
  task_id text not null references public.tasks,
  -- Of the claim that did without the search: an answer of the search that comes late must not take the mark away.
  fence bigint not null,
  reason text not null constraint stale_retrievals_reason_known check (reason in ('too_slow', 'failed', 'left_alone')),
  -- When the oldest of what was taken instead had been found; null when nothing was kept that fits.
  found_at timestamptz,
  source_count integer not null,
  marked_at timestamptz not null default clock_timestamp(),
  redone_at timestamptz,
  constraint stale_retrievals_found_when_taken check ((found_at is null) = (source_count = 0))
);
create index stale_retrievals_task_id on public.stale_retrievals (task_id);

create function public._hash_words(p_text text) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return encode(sha256(convert_to(lower(regexp_replace(btrim(p_text), '\s+', ' ', 'g')), 'UTF8')), 'hex');
end
$$;
comment on function public._hash_words(text) is 'The same for texts that differ in case and spaces alone.';

create function public._keep_retrieval(p_task public.tasks, p_query text, p_artifact_ids uuid[]) returns void
language plpgsql set search_path = ''
as $$
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
comment on function public._keep_retrieval(public.tasks, text, uuid[]) is 'The one writer of the cache: the newest answer to a question of a chat; some 500 in all, for a day.';

create function public.retrieve_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.retrieve_artifacts(text, bigint, text, integer) is 'The search for a claimed step: what it finds is remembered for a while, and what the step once had to do without is made good.';

create function public.recall_artifacts(p_step_id text, p_fence bigint, p_query text, p_limit integer, p_reason text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.recall_artifacts(text, bigint, text, integer, text) is
  'What earlier retrievals of the same chat or for the same goal had found, for a step whose search did not answer (too_slow, failed, left_alone); marks the step as stale, also when there is nothing.';

create function public._stale_sources(p_task_id text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('found_at', min(m.found_at), 'source_count', sum(m.source_count)) from public.stale_retrievals m
    where m.task_id = p_task_id and m.redone_at is null having count(*) > 0);
end
$$;
comment on function public._stale_sources(text) is 'What a task''s texts rest on instead of a search; null when the search answered each time.';

create function public._open_subjects(p_task_id text) returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  return array(
    select e.subject_node from public.task_steps e join public.tasks t using (task_id)
    where e.task_id = p_task_id and e.kind = 'effect' and t.ended_at is null and coalesce(t.held_reason, 'critic') = 'critic' and t.source <> 'drill'
      and not exists (select 1 from public.effects f where f.step_id = e.step_id and f.status <> 'void') order by e.position);
end
$$;
comment on function public._open_subjects(text) is 'Whose texts of a task nothing has been let out of yet. None when people are asked about what may have left.';

create function public._find_stale() returns table (task_id text, is_open boolean, is_asked boolean, is_out boolean)
language plpgsql stable set search_path = ''
as $$
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
comment on function public._find_stale() is 'Tasks whose sources are stale: unfinished ones, and those of seven days of which something is out.';

create function public._redo_retrieval(p_task_id text, p_actor text) returns jsonb
language plpgsql set search_path = ''
as $$
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
comment on function public._redo_retrieval(text, text) is 'Has an unfinished task search again and its critic judge again; requests about it are void and come anew. Null when there is nothing left to be done.';

create function public._ask_comparison(p_run public.runbook_runs, p_step public.runbook_steps) returns jsonb
language plpgsql stable set search_path = ''
as $$
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
comment on function public._ask_comparison(public.runbook_runs, public.runbook_steps) is 'The next artifacts to be held against their checksums, newest first; null when five hundred have been, or all.';

create function public._end_comparison(p_run public.runbook_runs, p_step public.runbook_steps) returns jsonb
language plpgsql set search_path = ''
as $$
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

create function public._run_redo_step(p_run public.runbook_runs, p_step public.runbook_steps) returns jsonb
language plpgsql set search_path = ''
as $$
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

create function public._describe_out() returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select case when count(*) = 0 then 'nothing on stale sources is out' else format('out on stale sources, for people to look at: %s (%s)', count(*), array_to_string((array_agg(f.task_id order by f.task_id desc))[1:5], ', ')) end
    from public._find_stale() f where f.is_out);
end
$$;

create function public._watch_redone(p_run public.runbook_runs, p_step public.runbook_steps) returns jsonb
language plpgsql stable set search_path = ''
as $$
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

create function public._try_search(p_step public.runbook_steps) returns jsonb
language plpgsql stable set search_path = ''
as $$
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

create function public._run_drift_step(p_run public.runbook_runs, p_step public.runbook_steps) returns jsonb
language plpgsql set search_path = ''
as $$
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
comment on function public._run_drift_step(public.runbook_runs, public.runbook_steps) is 'One step of memory-drift. What only a worker can do is asked of it: {ask: {what: search | compare, …}}, answered by answer_runbook.';

create function public._plan_drift() returns table (name text, plan text)
language plpgsql stable set search_path = ''
as $$
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

create function public.answer_runbook(p_run_id uuid, p_name text, p_answer jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.answer_runbook(uuid, text, jsonb) is 'What a step of memory-drift had asked of a worker: {is_ok}, or {after, last, checked, wrong, missing}. An answer that comes twice or late changes nothing.';

select public._protect_table('retrieval_cache'), public._protect_table('stale_retrievals');
select public._expose('retrieve_artifacts', 'ags_worker'), public._expose('recall_artifacts', 'ags_worker'), public._expose('answer_runbook', 'ags_worker');
select public._expose(f) from unnest(array['_hash_words', '_keep_retrieval', '_stale_sources', '_open_subjects', '_find_stale', '_redo_retrieval', '_ask_comparison', '_end_comparison', '_run_redo_step', '_describe_out',
  '_watch_redone', '_try_search', '_run_drift_step', '_plan_drift']) f;
reset role;
