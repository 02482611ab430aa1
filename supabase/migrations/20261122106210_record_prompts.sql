-- Running code does not break. Which words the models are given, and by which rubric their work is scored: they come with a release, and each that differs
-- from the one before is written down, told and shown.
set role ags_owner;

create table public.prompt_sets (
  prompt_set integer generated always as identity primary key,
  -- Of each agent's file, and of the functions that score: hex sha256.
  hashes jsonb not null constraint prompt_sets_names_files check (jsonb_typeof(hashes) = 'object' and hashes <> '{}'),
  rubric text not null constraint prompt_sets_rubric_form check (rubric ~ '^[0-9a-f]{64}$'),
  changed text[] not null,
  worker text not null,
  since timestamptz not null default clock_timestamp()
);

create function public._rubric_hash() returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (select encode(sha256(convert_to(string_agg(p.proname || ':' || p.prosrc, E'\n' order by p.proname), 'UTF8')), 'hex') from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ('_points', 'complete_critique'));
end
$$;
comment on function public._rubric_hash() is 'Of the functions that turn a critique into points and a verdict: no model and no file scores.';

create function public.record_prompts(p_worker text, p_hashes jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
$$;
comment on function public.record_prompts(text, jsonb) is 'What a worker starts with: other prompts or another rubric than the last ones are written down, audited and raised as an incident.';

create function public.get_prompts() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object('hashes', s.hashes, 'rubric', s.rubric, 'since', s.since, 'changed', to_jsonb(s.changed), 'is_first', not exists (select 1 from public.prompt_sets o where o.prompt_set < s.prompt_set))
    from public.prompt_sets s order by s.prompt_set desc limit 1
  );
end
$$;
comment on function public.get_prompts() is 'The prompts and the rubric that workers started with last, since when, and what changed with them; null before there were any.';

select public._protect_table('prompt_sets');
select public._expose('record_prompts', 'ags_worker'), public._expose('get_prompts', 'ags_bot', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['_rubric_hash']) f;
reset role;
