-- Running code does not break. Anchors over the audit log: what it held at one moment, in so few bytes that they can be kept where nobody who
-- owns this database reaches them.
--
-- An anchor covers each chain that has grown since the one before it, by the hash at its new end, which covers all records up to it. These ends
-- are the leaves of a Merkle tree, so that one task's part can be proved without the others.
set role ags_owner;

create table public.anchors (
  anchor_number bigint primary key constraint anchors_number_positive check (anchor_number > 0),
  prev_hash text not null constraint anchors_never_fork unique,
  -- Records and chains that are new since the anchor before.
  record_count bigint not null constraint anchors_record_count_positive check (record_count > 0),
  chain_count bigint not null constraint anchors_chain_count_positive check (chain_count > 0),
  merkle_root text not null,
  made_at timestamptz not null,
  hash text not null
);

create table public.anchor_chains (
  anchor_number bigint not null references public.anchors deferrable initially deferred,
  chain text not null,
  from_seq bigint not null,
  to_seq bigint not null,
  head_hash text not null,
  primary key (anchor_number, chain),
  constraint anchor_chains_in_order check (from_seq > 0 and from_seq <= to_seq),
  constraint anchor_chains_cover_once unique (chain, to_seq)
);

-- Where a copy of an anchor stands outside this database.
create table public.anchor_places (
  anchor_number bigint not null references public.anchors,
  place text not null constraint anchor_places_place_known check (place in ('chat', 'url')),
  reference text not null,
  kept_at timestamptz not null default clock_timestamp(),
  primary key (anchor_number, place)
);

-- What keeps anchors from being kept at a place just now; the row goes when it works again.
create table public.anchor_problems (
  place text primary key constraint anchor_problems_place_known check (place in ('chat', 'url')),
  anchor_number bigint not null references public.anchors,
  problem text not null constraint anchor_problems_bounded check (length(problem) between 1 and 500),
  since timestamptz not null default clock_timestamp()
);

create index effect_attempts_message on public.effect_attempts (message_id, chat_id) where message_id is not null;

create function public.tg_anchors__append_only() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'ZT002', message = format('%I is append-only', tg_table_name), hint = 'Make a further anchor instead.';
end
$$;

do $$
declare
  v_table text;
begin
  foreach v_table in array array['anchors', 'anchor_chains', 'anchor_places'] loop
    execute format('create trigger _100_append_only before update or delete on public.%I for each row execute function public.tg_anchors__append_only()', v_table);
    execute format('create trigger _110_never_truncated before truncate on public.%I for each statement execute function public.tg_anchors__append_only()', v_table);
  end loop;
end
$$;

create function public._audit_time(p_ts timestamptz) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return to_char(p_ts at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end
$$;
comment on function public._audit_time(timestamptz) is 'A moment as the hashes spell it: UTC, to the microsecond.';

create function public._anchor_level(p_hashes text[]) returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  -- Two and two become one; the last of an odd number goes up as it is.
  return array(
    select case when h.next is null then h.hash else encode(sha256(convert_to(concat('node:', h.hash, h.next), 'UTF8')), 'hex') end
    from (select x.hash, x.place, lead(x.hash) over (order by x.place) as next from unnest(p_hashes) with ordinality as x (hash, place)) h
    where h.place % 2 = 1 order by h.place
  );
end
$$;
comment on function public._anchor_level(text[]) is 'The level of a Merkle tree above this one.';

create function public._anchor_leaves(p_number bigint) returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  -- What it covers of each chain. Spelled out here: a call for each would take twice as long.
  return array(
    select encode(sha256(convert_to(concat('leaf:', octet_length(chain), ':', chain, ',', from_seq, '-', to_seq, ',', head_hash), 'UTF8')), 'hex')
    from public.anchor_chains where anchor_number = p_number order by chain collate "C"
  );
end
$$;
comment on function public._anchor_leaves(bigint) is 'The leaves of an anchor''s tree, in the order of the chains'' names; hex.';

create function public._anchor_root(p_number bigint) returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_level text[] := public._anchor_leaves(p_number);
begin
  while cardinality(v_level) > 1 loop
    v_level := public._anchor_level(v_level);
  end loop;
  return v_level[1];
end
$$;
comment on function public._anchor_root(bigint) is 'The Merkle root over what an anchor covers, recomputed; null when that is nothing.';

create function public._anchor_proof(p_number bigint, p_chain text) returns jsonb
language plpgsql stable set search_path = ''
as $$
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
comment on function public._anchor_proof(bigint, text) is 'The hashes beside the way from one chain''s leaf up to the root: [{side, hash}].';

create function public._anchor_hash(p_number bigint, p_prev_hash text, p_record_count bigint, p_chain_count bigint, p_merkle_root text, p_made_at timestamptz) returns text
language plpgsql immutable set search_path = ''
as $$
begin
  -- No field can hold a comma, so that none can be shifted into another.
  return encode(sha256(convert_to(concat('anchor:', p_number, ',', p_prev_hash, ',', p_record_count, ',', p_chain_count, ',', p_merkle_root, ',', public._audit_time(p_made_at)), 'UTF8')), 'hex');
end
$$;
comment on function public._anchor_hash(bigint, text, bigint, bigint, text, timestamptz) is 'sha256 over an anchor and the hash of the one before it; hex.';

create function public._anchor_view(p_anchor public.anchors) returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return jsonb_build_object('number', p_anchor.anchor_number, 'prev_hash', p_anchor.prev_hash, 'record_count', p_anchor.record_count, 'chain_count', p_anchor.chain_count,
    'merkle_root', p_anchor.merkle_root, 'made_at', public._audit_time(p_anchor.made_at), 'hash', p_anchor.hash);
end
$$;
comment on function public._anchor_view(public.anchors) is 'An anchor with its moment spelled as it is hashed.';

create function public.make_anchor(p_interval_seconds integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.make_anchor(integer) is
  'An anchor over every record since the last one, unless that (or, before the first, the oldest record) is younger than so many seconds, or nothing is new. An anchor is no record: it would call for the next one.';

create function public.list_unkept_anchors(p_place text, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
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
comment on function public.list_unkept_anchors(text, integer) is 'The oldest anchors of which no copy stands at this place yet.';

create function public.record_anchor_kept(p_number bigint, p_place text, p_reference text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.record_anchor_kept(bigint, text, text) is 'A copy of the anchor stands there; the first one recorded stays, and is the answer.';

create function public.record_anchor_problem(p_number bigint, p_place text, p_problem text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.anchor_problems as p (place, anchor_number, problem) values (p_place, p_number, left(p_problem, 500))
  -- The same trouble goes on: since when stays.
  on conflict (place) do update set anchor_number = excluded.anchor_number, problem = excluded.problem where p.problem <> excluded.problem or p.anchor_number <> excluded.anchor_number;
end
$$;
comment on function public.record_anchor_problem(bigint, text, text) is 'An anchor could not be kept at a place; /status says so until it is.';

create function public.get_anchor_state() returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
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
comment on function public.get_anchor_state() is 'The last anchor, the newest one kept at each place, and what keeps others from being kept.';

create function public.list_audit_ranges(p_size integer) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
as $$
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
comment on function public.list_audit_ranges(integer) is 'Cuts the audit log into pieces of about so many records, in the order of chain and seq, for verify_audit_range; the first and the last one are open.';

create function public.verify_audit_range(p_after_chain text, p_after_seq bigint, p_until_chain text, p_until_seq bigint) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set enable_seqscan = off set enable_bitmapscan = off
as $$
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
comment on function public.verify_audit_range(text, bigint, text, bigint) is
  'Recomputes the records after one place in the audit log and up to another: each one''s number, its link to the one before, its hash. {record_count, chain_count, problems: at most 100}.';

create function public.verify_audit_anchors(p_kept jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
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
comment on function public.verify_audit_anchors(jsonb) is
  'Recomputes every anchor and compares it with its records and with copies from outside ([{number, hash}]); compares each chain with its head; says what is not anchored yet.';

create function public.list_posted_tasks(p_chat_id bigint, p_message_id bigint) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
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
comment on function public.list_posted_tasks(bigint, bigint) is 'Which tasks let a message of this number out, in one chat or, where only its public name is known, in any; the newest first.';

create function public._evidence(p_kind text, p_row jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return jsonb_build_object('kind', p_kind) || p_row;
end
$$;

create function public.export_task(p_task_id text) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
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
comment on function public.export_task(text) is
  'Everything recorded about one task, as a list of lines with a kind each: plan, policy, artifacts, requests, decisions, effects, tries, events, its audit chain, and the anchors over it with their proofs. Null when there is none.';

select public._protect_table(t) from unnest(array['anchors', 'anchor_chains', 'anchor_places', 'anchor_problems']) t;
select public._expose('make_anchor', 'ags_worker'), public._expose('list_unkept_anchors', 'ags_worker'), public._expose('record_anchor_kept', 'ags_worker'), public._expose('record_anchor_problem', 'ags_worker'),
  public._expose('get_anchor_state', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader'),
  public._expose('list_audit_ranges', 'ags_bot', 'ags_web', 'ags_reader'), public._expose('verify_audit_range', 'ags_bot', 'ags_web', 'ags_reader'), public._expose('verify_audit_anchors', 'ags_bot', 'ags_web', 'ags_reader'),
  public._expose('list_posted_tasks', 'ags_bot', 'ags_web', 'ags_reader'), public._expose('export_task', 'ags_bot', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['tg_anchors__append_only', '_audit_time', '_anchor_level', '_anchor_leaves', '_anchor_root', '_anchor_proof', '_anchor_hash', '_anchor_view', '_evidence']) f;
reset role;
