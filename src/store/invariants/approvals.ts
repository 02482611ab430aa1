import type { Invariant } from './invariant.ts';

/**
 * Two accounts that turn out to be one person's are joined later than what both did. What had been let out by then was let out to two people
 * as far as anybody could know: `linked` holds each account of such a person, and when it was joined.
 */
const LINKED = `linked as (
  select (account.value #>> '{}')::bigint as external_id, c.decided_at
  from public.changes c, jsonb_array_elements(c.after_json -> 0 -> 'accounts') as account (value)
  where c.kind = 'link_accounts' and c.status = 'applied')`;

/** An effect, and when it was let out under the request that it now has: a part that is left goes on under newer approvals. */
const LET_OUT = `let_out as (
  select e.*, case
    when (select max(x.ts) from public.approvals x where x.request_id = e.request_id and x.decision = 'approve') <= e.granted_at then e.granted_at
    else (select max(l.ts) from public.audit_logs l join public.approval_requests r on r.reference = l.after_json ->> 'reference'
      where l.chain = e.task_id and l.object = e.effect_id::text and l.action = 'effect.resume' and r.request_id = e.request_id) end as let_out_at
  from public.effects e)`;

/** What makes an approval count: these bytes, in time, by somebody who held the role then and whom the policy lets fill the slot. */
const COUNTED = `rules as materialized (select policy_version, document -> 'separation' as separations from public.policies),
counted as (
  select a.*, e.effect_id, e.tier as effect_tier from let_out e
  join public.approval_requests r on r.request_id = e.request_id
  join public.approvals a on a.request_id = r.request_id and a.decision = 'approve'
  join public.tasks t on t.task_id = e.task_id
  join rules p on p.policy_version = r.policy_version
  cross join lateral (select coalesce(p.separations ->> r.tier, case when r.tier = 'T3' then 'none' else 'any' end) as separation) s
  -- Whoever asked is the person of that account today, whatever the task says: a row that was left behind is found here.
  cross join lateral (select a.person_id = t.requester_person_id or exists (
    select 1 from public.identities i where 'tg:' || i.external_id = t.actor and i.person_id = a.person_id) as is_own) o
  cross join lateral (select exists (select 1 from linked k where k.external_id::text = substr(a.approver, 4) and k.decided_at > a.ts) as was_linked) k
  where a.artifact_checksum = e.artifact_checksum and r.artifact_checksum = e.artifact_checksum and a.ts <= e.let_out_at and r.expires_at > e.let_out_at
    and (was_linked or exists (select 1 from public.person_roles o where o.person_id = a.person_id and (o.role = a.role or (o.role = 'owner' and a.role = 'operator'))
      and o.granted_at <= a.ts and (o.revoked_at is null or o.revoked_at > a.ts) and (o.expires_at is null or o.expires_at > a.ts)))
    -- Nobody in particular asked: that is a program's alert, and never a message of a person.
    and (t.requester_person_id is not null or t.source <> 'telegram' or r.tier <> 'T3')
    and (separation = 'any' or (separation = 'operator' and a.role = 'operator') or (t.requester_person_id = any (public._behind(null, a.person_id, a.role, a.ts))) is not true
      or a.person_id = t.requester_person_id)
    and (is_own is not true or separation = 'any' or (separation = 'operator' and a.role = 'operator')
      or (was_linked and t.actor <> a.approver)))`;

/**
 * Let out, certainly never left, and then one of those who had approved said no: their yes is no more, and nothing is out there that it would
 * have to stand behind.
 */
const TAKEN_BACK = `(e.status = 'void' and exists (
  select 1 from public.approvals n where n.request_id = e.request_id and n.decision = 'reject' and n.ts > e.granted_at))`;

const WITH_COUNTED = `with ${LINKED}, ${LET_OUT}, ${COUNTED}`;

export const APPROVAL_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    title:
      'dual control: behind every T3 effect stand an operator and an owner, two people, neither of them the requester unless the policy says so, nor a stand-in for one of these',
    sql: `${WITH_COUNTED}
      select e.effect_id::text as id from public.effects e where e.tier = 'T3' and e.break_glass_id is null and not ${TAKEN_BACK} and not exists (
        select 1 from counted a join counted b on b.effect_id = a.effect_id
        where a.effect_id = e.effect_id and a.role = 'operator' and b.role = 'owner' and a.person_id <> b.person_id
          and not public._behind(null, a.person_id, a.role, a.ts) && public._behind(null, b.person_id, b.role, b.ts))`,
  },
  {
    id: 'I1b',
    title: 'every slot of what was asked was filled, each by another person, before anything was let out without a broken glass',
    sql: `${WITH_COUNTED}
      select e.effect_id::text as id from public.effects e left join public.approval_requests r on r.request_id = e.request_id
      where e.tier >= 'T2' and e.break_glass_id is null and not ${TAKEN_BACK} and (r.request_id is null or cardinality(r.slots) = 0
        or (select count(distinct c.person_id) from counted c where c.effect_id = e.effect_id and c.role = any (r.slots)) < cardinality(r.slots)
        or (select count(distinct c.role) from counted c where c.effect_id = e.effect_id and c.role = any (r.slots)) < cardinality(r.slots))`,
  },
  {
    id: 'I2',
    title: 'an approval is consumed once',
    sql: `select request_id::text as id from public.effects where request_id is not null group by request_id having count(*) > 1
      union all select request_id || ' ' || person_id from public.approvals group by request_id, person_id having count(*) > 1
      union all select request_id || ' ' || role from public.approvals where decision = 'approve' group by request_id, role having count(*) > 1`,
  },
  {
    id: 'I3',
    title: 'a person is a human: no account belongs to two people, and Telegram itself, anonymous admins and channels are nobody',
    sql: `select external_id::text as id from public.identities where external_id <= 0 or external_id in (777000, 1087968824, 136817688)
      union all select external_id::text from public.identities group by platform, external_id having count(*) > 1
      union all select approver from public.approvals where approver in ('tg:777000', 'tg:1087968824', 'tg:136817688')
      union all select approver from public.change_decisions where approver in ('tg:777000', 'tg:1087968824', 'tg:136817688')
      union all select approver from public.approvals a where not exists (select 1 from public.identities i where 'tg:' || i.external_id = a.approver)`,
  },
  {
    id: 'I5',
    title: 'any denial wins: nothing is let out of a task that somebody had said no to',
    sql: `select e.effect_id::text as id from public.effects e join public.approvals a on a.task_id = e.task_id and a.decision = 'reject'
      where a.ts <= e.granted_at or (a.request_id = e.request_id and e.status <> 'void')`,
  },
  {
    id: 'I5b',
    title: 'a rejected request has a rejection and its reason, an approved one has none',
    sql: `select r.reference as id from public.approval_requests r
      where (r.status = 'rejected') is distinct from exists (select 1 from public.approvals a where a.request_id = r.request_id and a.decision = 'reject' and length(btrim(a.reason)) > 0)`,
  },
  {
    id: 'I24',
    title: 'what was let out is what was approved: these bytes, to this place, under this version of the policy',
    sql: `select e.effect_id::text as id from public.effects e join public.approval_requests r on r.request_id = e.request_id join public.task_steps s on s.step_id = e.step_id
      where r.task_id <> e.task_id or r.policy_version <> e.policy_version or r.artifact_checksum <> e.artifact_checksum
        or r.target_chat_id <> e.target_chat_id or r.target_topic_id is distinct from e.target_topic_id
        or s.target_chat_id is distinct from e.target_chat_id or s.target_topic_id is distinct from e.target_topic_id
      union all select a.approval_id::text from public.approvals a join public.approval_requests r using (request_id) where a.artifact_checksum <> r.artifact_checksum`,
  },
];
