-- People, the accounts they are known by, and the roles they hold. A person is a numeric Telegram id, never a name.
set role ags_owner;

create table public.people (
  person_id uuid primary key default gen_random_uuid(),
  display_name text not null constraint people_display_name_bounded check (length(display_name) between 1 and 200),
  created_at timestamptz not null default now()
);

create table public.identities (
  platform text not null default 'telegram' constraint identities_platform_known check (platform = 'telegram'),
  external_id bigint not null,
  person_id uuid not null references public.people,
  username text,
  -- The bot may write to a person only after that person has started it.
  private_chat_since timestamptz,
  greeted_at timestamptz,
  seen_at timestamptz not null default now(),
  primary key (platform, external_id),
  -- Telegram itself, the anonymous group admin, and the channel bot speak for nobody in particular.
  constraint identities_are_of_people check (external_id > 0 and external_id not in (777000, 1087968824, 136817688))
);
create index identities_person on public.identities (person_id);

create table public.person_roles (
  grant_id uuid primary key default gen_random_uuid(),
  person_id uuid not null references public.people,
  role text not null constraint person_roles_role_known check (role in ('owner', 'operator', 'reviewer')),
  source text not null constraint person_roles_source_known check (source in ('seed', 'grant', 'delegation')),
  granted_at timestamptz not null default clock_timestamp(),
  granted_by text not null,
  -- A delegation stands in for somebody who is away, and ends by itself.
  delegated_by uuid references public.people,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  constraint person_roles_delegation_whole check ((source = 'delegation') = (delegated_by is not null) and (source = 'delegation') = (expires_at is not null)),
  constraint person_roles_revoker_when_revoked check ((revoked_at is null) = (revoked_by is null))
);
create unique index person_roles_held_once on public.person_roles (person_id, role) where revoked_at is null;

create function public._person_of(p_external_id bigint) returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (select person_id from public.identities where platform = 'telegram' and external_id = p_external_id);
end
$$;

create function public._roles_of(p_person_id uuid) returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  return (select coalesce(array_agg(role order by role), '{}') from public.person_roles where person_id = p_person_id and revoked_at is null and (expires_at is null or expires_at > clock_timestamp()));
end
$$;

create function public._name_of(p_person_id uuid) returns text
language plpgsql stable set search_path = ''
as $$
begin
  return (select display_name from public.people where person_id = p_person_id);
end
$$;

create function public._ensure_person(p_external_id bigint, p_display_name text) returns uuid
language plpgsql set search_path = ''
as $$
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
comment on function public._ensure_person(bigint, text) is 'The person behind a numeric id; made, once, for an id never seen before.';

create function public.meet_person(p_external_id bigint, p_display_name text, p_username text, p_is_private boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.meet_person(bigint, text, text, boolean) is 'Notes who wrote, under the numeric id, and says which roles that person holds.';

create function public.record_greeting(p_external_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.identities set greeted_at = now() where platform = 'telegram' and external_id = p_external_id;
end
$$;
comment on function public.record_greeting(bigint) is 'A stranger has had the one polite answer.';

create function public.seed_people(p_people jsonb) returns jsonb
language plpgsql security definer set search_path = ''
as $$
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
comment on function public.seed_people(jsonb) is 'Gives configured roles to people who never had any; names those that were revoked, and those withheld from people who have had another one. is_first: nobody ever had a role before.';

create function public.list_people(p_roles jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
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
comment on function public.list_people(jsonb) is 'Everybody who holds one of the roles given.';

select public._protect_table('people'), public._protect_table('identities'), public._protect_table('person_roles');
select public._expose('meet_person', 'ags_bot'), public._expose('record_greeting', 'ags_bot'), public._expose('seed_people', 'ags_bot'),
  public._expose('list_people', 'ags_bot', 'ags_worker', 'ags_web', 'ags_reader');
select public._expose(f) from unnest(array['_person_of', '_roles_of', '_name_of', '_ensure_person', '_audit', '_audit_hash', 'tg_audit_logs__append_only']) f;
reset role;
