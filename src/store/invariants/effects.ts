import type { Invariant } from './invariant.ts';

export const EFFECT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I4',
    title: 'what was approved is there with these bytes, and its hash, recomputed, is the one that was let out',
    sql: `select e.effect_id::text as id from public.effects e where not exists (
        select 1 from public.artifacts a where a.task_id = e.task_id and a.type = 'post' and a.checksum = e.artifact_checksum
          and (a.content is null or encode(sha256(convert_to(a.content, 'UTF8')), 'hex') = a.checksum))
      union all select r.reference from public.approval_requests r left join public.artifacts a on a.artifact_id = r.artifact_id
      where a.checksum is distinct from r.artifact_checksum or encode(sha256(convert_to(a.content, 'UTF8')), 'hex') <> r.artifact_checksum`,
  },
  {
    id: 'I6',
    title: 'one effect for each key and step, and each part of it leaves once',
    sql: `select idempotency_key as id from public.effects group by idempotency_key having count(*) > 1
      union all select step_id from public.effects where status in ('granted', 'done', 'in_doubt') group by step_id having count(*) > 1
      union all select effect_id || ' part ' || part from public.effect_attempts where status in ('started', 'done', 'in_doubt') group by effect_id, part having count(*) > 1`,
  },
  {
    id: 'I7',
    title: 'a key is made of its input: the same key never stands for other bytes',
    sql: `select e.effect_id::text as id from public.effects e join public.task_steps s using (step_id)
      where e.task_id <> s.task_id or e.idempotency_key <> e.task_id || ':' || s.node_id || ':' || left(e.artifact_checksum, 16)`,
  },
  {
    id: 'I10',
    title: 'nothing is sent by a worker that had lost the step, and no grant is from a hold or a generation that never was',
    sql: `select a.attempt_id::text as id from public.effect_attempts a join public.effects e using (effect_id)
      join public.audit_logs l on l.chain = e.task_id and l.object = e.step_id and l.action = 'step.lose'
      where (l.before_json ->> 'fence')::bigint = e.fence and a.started_at > l.ts
      union all select e.effect_id::text from public.effects e join public.task_steps s using (step_id) cross join public.stop_switch w
      where e.fence > s.fence or e.fence < 1 or e.generation > w.generation`,
  },
  {
    id: 'I11',
    title: 'what may have landed is never sent again without the word of a person, and of two people for T3',
    sql: `select a.attempt_id::text as id from public.effect_attempts a join public.effects e using (effect_id)
      cross join lateral (select max(l.ts) as at from public.audit_logs l where l.chain = e.task_id and l.object = e.effect_id::text and l.action = 'effect.doubt' and l.ts < a.started_at) doubt
      cross join lateral (
        select count(distinct l.actor) filter (where l.after_json ->> 'answer' = 'again') as agains, bool_or(l.after_json ->> 'answer' = 'landed') as is_landed
        from public.audit_logs l where l.chain = e.task_id and l.object = e.effect_id::text and l.action = 'effect.answer' and l.ts > doubt.at and l.ts < a.started_at) answer
      where doubt.at is not null and not coalesce(is_landed, false) and agains < case when e.tier = 'T3' then 2 else 1 end`,
  },
  {
    id: 'I21',
    title: 'effects and decisions are in the audit log, and what the audit log tells of them is there',
    sql: `select e.effect_id::text as id from public.effects e where not exists (
        select 1 from public.audit_logs l where l.chain = e.task_id and l.object = e.effect_id::text and l.action = 'effect.grant' and l.ts >= e.granted_at and l.after_json ->> 'checksum' = e.artifact_checksum)
      union all select e.effect_id::text from public.effects e where e.status in ('done', 'in_doubt', 'failed') and not exists (
        select 1 from public.audit_logs l where l.chain = e.task_id and l.object = e.effect_id::text
          and l.action = any (case e.status when 'done' then array['effect.done'] when 'in_doubt' then array['effect.doubt'] else array['effect.fail', 'effect.abandon', 'effect.answer'] end))
      union all select l.object from public.audit_logs l where l.action = 'effect.grant' and not exists (select 1 from public.effects e where e.effect_id::text = l.object and e.task_id = l.chain)
      union all select a.approval_id::text from public.approvals a join public.approval_requests r using (request_id) where not exists (
        select 1 from public.audit_logs l where l.chain = a.task_id and l.object = r.reference and l.actor = a.approver and l.action = 'approval.' || a.decision and l.after_json ->> 'checksum' = a.artifact_checksum)
        -- Those who break a glass fill its slots by the one record of that.
        and not exists (select 1 from public.break_glasses g join public.changes c using (change_id) join public.audit_logs l on l.chain = g.task_id and l.object = c.reference
          where g.break_glass_id = a.break_glass_id and l.action = 'glass.open' and l.after_json ->> 'checksum' = a.artifact_checksum and a.approver in (l.after_json ->> 'opened_by', l.after_json ->> 'confirmed_by'))`,
  },
  {
    id: 'I26',
    title: 'a critic only ever takes away: what is out had passed it with these bytes, and its points are those of the rubric',
    sql: `select e.effect_id::text as id from public.effects e join public.task_steps s using (step_id)
      where e.status <> 'void' and e.break_glass_id is null and not exists (
        select 1 from public.task_steps c where c.task_id = e.task_id and c.kind = 'critic' and c.subject_node = s.subject_node and c.status = 'done'
          and (c.verdict ->> 'passed')::boolean and not (c.verdict ->> 'has_veto')::boolean and c.verdict ->> 'post_checksum' = e.artifact_checksum)
      union all select c.step_id from public.task_steps c where c.kind = 'critic' and c.verdict is not null
        and ((c.verdict ->> 'points')::integer is distinct from public._points(c.verdict -> 'critique')
          or ((c.verdict ->> 'passed')::boolean and (c.verdict ->> 'points')::integer < (c.verdict ->> 'pass_points')::integer))`,
  },
  {
    id: 'I32',
    title: 'no limit is spent beyond the most that any version of the policy allowed',
    sql: `select w.limit_name || ' ' || w.subject as id from public.rate_windows w
      where w.used > (select max((p.document -> 'rates' -> w.limit_name ->> 'max')::integer) from public.policies p where p.in_force_at is not null)`,
  },
];
