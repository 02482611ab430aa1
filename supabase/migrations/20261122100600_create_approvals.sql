-- What people are asked, what they decided, and what was let out.
--
-- A request:  staging -> pending -> approved | rejected | expired;  any open one -> void when what it asks about changes
-- An effect:  granted -> done | failed | in_doubt | void;  in_doubt -> done | granted (a person's "send again") | failed;  void -> granted (it certainly never left)
set role ags_owner;

create table public.approval_requests (
  request_id uuid primary key default gen_random_uuid(),
  reference text not null constraint approval_requests_reference_once unique
    constraint approval_requests_reference_form check (reference ~ '^T[0-3]-[A-HJ-NP-Z2-9]{4,}$'),
  task_id text not null references public.tasks,
  step_id text not null references public.task_steps,
  version integer not null constraint approval_requests_version_positive check (version > 0),
  tier text not null,
  action text not null,
  slots text[] not null constraint approval_requests_slots_known check (slots <@ array['operator', 'owner']),
  requirements jsonb not null,
  -- What is approved: these bytes, to this place, under this policy.
  artifact_id uuid not null references public.artifacts,
  artifact_checksum text not null,
  target_chat_id bigint not null,
  target_topic_id bigint,
  policy_version integer not null references public.policies,
  requester_person_id uuid references public.people,
  status text not null default 'staging' constraint approval_requests_status_known check (status in ('staging', 'pending', 'approved', 'rejected', 'void', 'expired')),
  staging_problem text,
  dry_run_artifact_id uuid references public.artifacts,
  worker text,
  lease_expires_at timestamptz,
  wake_seq integer not null default 0,
  woken_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  shown_at timestamptz,
  expires_at timestamptz,
  remind_at timestamptz,
  escalate_at timestamptz,
  decided_at timestamptz,
  void_reason text,
  constraint approval_requests_version_once unique (step_id, version),
  constraint approval_requests_shown_when_decidable check (status not in ('pending', 'approved') or (shown_at is not null and expires_at is not null)),
  constraint approval_requests_decided_at_when_decided check ((decided_at is not null) = (status in ('approved', 'rejected', 'expired', 'void'))),
  constraint approval_requests_reason_when_void check ((void_reason is not null) = (status = 'void')),
  -- T3 is never one person's decision: two slots, and the unique constraints of approvals make them two people.
  constraint approval_requests_t3_has_two_slots check (tier <> 'T3' or slots @> array['operator', 'owner'])
);
create index approval_requests_task_id on public.approval_requests (task_id);
create unique index approval_requests_one_open on public.approval_requests (step_id) where status in ('staging', 'pending', 'approved');
create index approval_requests_timers on public.approval_requests (expires_at) where status = 'pending';

create table public.approvals (
  approval_id uuid primary key default gen_random_uuid(),
  request_id uuid not null references public.approval_requests,
  task_id text not null references public.tasks,
  step_id text not null references public.task_steps,
  tier text not null,
  approver text not null constraint approvals_approver_is_a_person check (approver ~ '^tg:\d+$'),
  person_id uuid not null references public.people,
  role text not null constraint approvals_role_is_a_slot check (role in ('operator', 'owner')),
  decision text not null constraint approvals_decision_known check (decision in ('approve', 'reject')),
  reason text constraint approvals_reason_bounded check (length(reason) <= 2000),
  artifact_checksum text not null,
  ts timestamptz not null default clock_timestamp(),
  constraint approvals_reason_when_rejected check (decision = 'approve' or length(btrim(reason)) > 0),
  constraint approvals_one_per_person unique (request_id, person_id)
);
create unique index approvals_one_per_slot on public.approvals (request_id, role) where decision = 'approve';
create index approvals_task_id on public.approvals (task_id, ts);

create table public.staged_parts (
  request_id uuid not null references public.approval_requests,
  part integer not null constraint staged_parts_part_positive check (part > 0),
  chat_id bigint not null,
  topic_id bigint,
  message_id bigint not null,
  staged_at timestamptz not null default now(),
  primary key (request_id, part)
);

create table public.effects (
  effect_id uuid primary key default gen_random_uuid(),
  task_id text not null references public.tasks,
  step_id text not null references public.task_steps,
  kind text not null,
  tier text not null,
  idempotency_key text not null constraint effects_idempotency_key_once unique,
  artifact_checksum text not null,
  target_chat_id bigint not null,
  target_topic_id bigint,
  part_count integer not null constraint effects_part_count_positive check (part_count > 0),
  request_id uuid references public.approval_requests,
  policy_version integer not null references public.policies,
  generation bigint not null,
  fence bigint not null,
  status text not null default 'granted' constraint effects_status_known check (status in ('granted', 'done', 'failed', 'in_doubt', 'void')),
  granted_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  outcome_note text,
  -- Whoever wants it sent again first, and the place that they fill in that.
  doubt_resend_by uuid references public.people,
  doubt_resend_slot text,
  -- Who had it sent again after a doubt, by name.
  sent_again_by text,
  constraint effects_resend_whole check ((doubt_resend_by is null) = (doubt_resend_slot is null)),
  constraint effects_settled_at_when_settled check ((settled_at is not null) = (status in ('done', 'failed', 'void'))),
  -- Above T1 nothing leaves without a request that people completed.
  constraint effects_people_asked_from_t2 check (tier < 'T2' or request_id is not null)
);
create index effects_task_id on public.effects (task_id);
create unique index effects_one_per_step on public.effects (step_id) where status in ('granted', 'done', 'in_doubt');
create unique index effects_approval_used_once on public.effects (request_id);
create index effects_unsettled on public.effects (granted_at) where status in ('granted', 'in_doubt');

create table public.effect_attempts (
  attempt_id uuid primary key default gen_random_uuid(),
  effect_id uuid not null references public.effects,
  part integer not null,
  attempt integer not null,
  generation bigint not null,
  status text not null default 'started' constraint effect_attempts_status_known check (status in ('started', 'done', 'refused', 'void', 'in_doubt')),
  started_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz,
  chat_id bigint,
  topic_id bigint,
  message_id bigint,
  error text,
  -- The person who said that it landed, where no answer of the other side did.
  landed_by text,
  constraint effect_attempts_numbered_once unique (effect_id, part, attempt),
  constraint effect_attempts_settled_whole check ((status = 'started') = (settled_at is null)),
  constraint effect_attempts_message_or_witness_when_done check (status <> 'done' or message_id is not null or landed_by is not null)
);
-- A part leaves once: no further try is stored beside one that is under way, done, or not known.
create unique index effect_attempts_one_open on public.effect_attempts (effect_id, part) where status in ('started', 'done', 'in_doubt');

-- Messages of the program that carry buttons. A card stays the same message while the request on it gets new versions.
create table public.cards (
  card_id uuid primary key default gen_random_uuid(),
  -- All of them here; each says beside its own column that it has one.
  kind text not null constraint cards_kind_known check (kind in ('approval', 'resume', 'doubt', 'change', 'offer', 'incident', 'runbook')),
  step_id text references public.task_steps,
  effect_id uuid references public.effects,
  generation bigint,
  chat_id bigint not null,
  topic_id bigint,
  message_id bigint,
  created_at timestamptz not null default now(),
  constraint cards_approval_whole check (kind <> 'approval' or step_id is not null),
  constraint cards_resume_whole check (kind <> 'resume' or generation is not null),
  constraint cards_doubt_whole check (kind <> 'doubt' or effect_id is not null)
);
create unique index cards_one_approval_per_chat on public.cards (step_id, chat_id) where kind = 'approval';
create unique index cards_one_doubt_per_chat on public.cards (effect_id, chat_id) where kind = 'doubt';
create unique index cards_one_resume_per_generation on public.cards (generation) where kind = 'resume';

-- A button carries a random token and nothing else; what it means is here, and only on its own card's message.
create table public.buttons (
  token text primary key constraint buttons_token_form check (token ~ '^[A-Za-z0-9_-]{22}$'),
  card_id uuid not null references public.cards,
  request_id uuid references public.approval_requests,
  created_at timestamptz not null default now()
);
create unique index buttons_one_per_version on public.buttons (card_id, request_id);

-- A question that waits for one person's reply to one message.
create table public.prompts (
  prompt_id uuid primary key default gen_random_uuid(),
  kind text not null constraint prompts_kind_known check (kind in ('reject', 'edit')),
  request_id uuid not null references public.approval_requests,
  external_id bigint not null,
  chat_id bigint not null,
  topic_id bigint,
  message_id bigint,
  -- The same question as it was asked before: whoever replies to one of these has found it, too.
  earlier_message_ids bigint[] not null default '{}',
  card_message_id bigint,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 hour',
  answered_at timestamptz
);
create index prompts_person on public.prompts (chat_id, external_id);

create table public.inbox (
  inbox_id bigint generated always as identity primary key,
  source text not null constraint inbox_source_form check (source ~ '^[a-z]+$'),
  external_id text not null,
  chat_key text not null,
  is_urgent boolean not null default false,
  payload jsonb not null,
  status text not null default 'pending' constraint inbox_status_known check (status in ('pending', 'processing', 'processed', 'rejected', 'dead')),
  attempt_count integer not null default 0,
  worker text,
  lease_expires_at timestamptz,
  not_before timestamptz,
  error text,
  -- Within a chat: Telegram's own number, for its parallel connections may bring a message after the press that followed it.
  place bigint generated always as (case when source = 'telegram' and external_id ~ '^[0-9]{1,18}$' then external_id::bigint else inbox_id end) stored,
  received_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  constraint inbox_arrives_once unique (source, external_id),
  constraint inbox_lease_when_processing check ((status = 'processing') = (lease_expires_at is not null)),
  constraint inbox_ended_at_when_ended check ((ended_at is not null) = (status in ('processed', 'rejected', 'dead')))
);
create index inbox_open on public.inbox (chat_key, place) where status in ('pending', 'processing');
create index inbox_waiting on public.inbox (is_urgent desc, inbox_id) where status = 'pending';
create index inbox_in_hand on public.inbox (lease_expires_at) where status = 'processing';

create table public.short_term (
  key text primary key,
  value jsonb not null,
  expires_at timestamptz not null
);
create index short_term_expires_at on public.short_term (expires_at);

select public._protect_table(t) from unnest(array['approval_requests', 'approvals', 'staged_parts', 'effects', 'effect_attempts', 'cards', 'buttons', 'prompts', 'inbox', 'short_term']) t;
reset role;
