-- Running code does not break. Of each tool the newest calls that failed, with what was asked and what came back: for whoever mends it, as a file of the
-- runbook. Masked and cut by the worker before they come here; no role has a door to read them but a run of the runbook.
set role ags_owner;

create table public.failed_calls (
  call_id bigint generated always as identity primary key,
  -- As its breaker is called.
  name text not null constraint failed_calls_name_form check (name ~ '^[a-z][a-z0-9_.:-]{0,99}$'),
  code text not null constraint failed_calls_code_form check (code ~ '^[a-z_]{1,60}$'),
  -- What the tool answered with; both null when nothing came back.
  status integer,
  answer text constraint failed_calls_answer_bounded check (octet_length(answer) <= 16384),
  request jsonb not null constraint failed_calls_request_bounded check (jsonb_typeof(request) = 'object' and octet_length(request::text) <= 65536),
  elapsed_ms integer not null constraint failed_calls_elapsed_not_negative check (elapsed_ms >= 0),
  ts timestamptz not null default clock_timestamp()
);
create index failed_calls_newest on public.failed_calls (name, call_id desc);

create function public._forget_failed_calls() returns void
language plpgsql set search_path = ''
as $$
begin
  -- Longer than a weekend, so that whoever looks at it on Monday finds something. What somebody else is taking away is left to them.
  delete from public.failed_calls where call_id in (select call_id from public.failed_calls where ts < clock_timestamp() - interval '3 days' for update skip locked);
end
$$;

create function public.keep_failed_call(p_name text, p_code text, p_elapsed_ms integer, p_request jsonb, p_status integer, p_answer text) returns void
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.keep_failed_call(text, text, integer, jsonb, integer, text) is 'What was asked of a tool and what came back, masked and cut: the newest twenty of each tool are kept, for three days.';

create function public._list_failed_calls(p_name text) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('ts', f.ts, 'code', f.code, 'elapsed_ms', f.elapsed_ms, 'request', f.request, 'status', f.status, 'answer', f.answer) order by f.call_id desc), '[]'::jsonb)
    from public.failed_calls f where f.name = p_name and f.ts > clock_timestamp() - interval '3 days');
end
$$;

create function public._describe_failed_calls(p_name text) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_count integer := jsonb_array_length(public._list_failed_calls(p_name));
begin
  return case when v_count = 0 then 'no call failed in the last three days, so there is no file'
    else format('what was asked and what came back, masked, as a file: the newest failed calls, %s in all', v_count) end;
end
$$;

select public._protect_table('failed_calls');
select public._expose('keep_failed_call', 'ags_worker');
select public._expose(f) from unnest(array['_forget_failed_calls', '_list_failed_calls', '_describe_failed_calls']) f;
reset role;
