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

select public._protect_table('retrieval_cache'), public._protect_table('stale_retrievals');
select public._expose('retrieve_artifacts', 'ags_worker'), public._expose('recall_artifacts', 'ags_worker');
select public._expose(f) from unnest(array['_hash_words', '_keep_retrieval', '_stale_sources']) f;
reset role;
