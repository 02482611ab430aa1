import type { Invariant } from './invariant.ts';

export const STEP_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I14',
    title: 'what comes from outside is written down once',
    sql: `select source || ':' || external_id as id from public.inbox group by source, external_id having count(*) > 1
      union all select source || ':' || source_key from public.tasks group by source, source_key having count(*) > 1`,
  },
  {
    id: 'I15',
    title:
      'nothing is left behind: no open step or request of a task that is over, no task that waits for nobody, no lease that a living fleet forgot',
    sql: `select s.step_id as id from public.task_steps s join public.tasks t using (task_id)
        where t.ended_at is not null and s.status in ('pending', 'ready', 'running', 'awaiting_approval')
      union all select r.reference from public.approval_requests r join public.tasks t using (task_id) where t.ended_at is not null and r.status in ('staging', 'pending')
      union all select t.task_id from public.tasks t where t.ended_at is null and not exists (
        select 1 from public.task_steps s where s.task_id = t.task_id and s.status in ('ready', 'running', 'awaiting_approval'))
      union all select s.step_id from public.task_steps s where s.status = 'awaiting_approval' and not exists (
        select 1 from public.approval_requests r where r.step_id = s.step_id and r.status in ('staging', 'pending'))
      -- While somebody lives who sweeps.
      union all select s.step_id from public.task_steps s where s.status = 'running' and s.lease_expires_at < now() - interval '5 minutes'
        and exists (select 1 from public.workers w where w.seen_at > now() - interval '30 seconds' and w.started_at < now() - interval '5 minutes')`,
  },
  {
    id: 'I16',
    title:
      'what is over stays over: one end for each task, nothing asked, approved or granted after it, and only what expired is taken up again',
    sql: `with lived as materialized (
        select l.chain, l.seq, l.action, l.after_json, count(*) filter (where l.action = 'task.reopen') over (partition by l.chain order by l.seq) as life
        from public.audit_logs l
        where l.action in ('task.end', 'task.reopen', 'approval.ask', 'approval.show', 'approval.approve', 'approval.reject', 'approval.edit', 'effect.grant', 'effect.resume')),
      ends as (select * from lived where action = 'task.end'),
      turns as (select distinct on (chain) chain, action from lived where action in ('task.end', 'task.reopen') order by chain, seq desc)
      select chain as id from ends group by chain, life having count(*) > 1
      union all select t.task_id from public.tasks t left join turns r on r.chain = t.task_id
        where (t.ended_at is not null) is distinct from coalesce(r.action = 'task.end', false)
      union all select l.chain || ' ' || l.seq from lived l join ends o on o.chain = l.chain and o.life = l.life and l.seq > o.seq
      union all select l.chain || ' ' || l.seq from lived l where l.action = 'task.reopen' and not exists (
        select 1 from ends o where o.chain = l.chain and o.life = l.life - 1 and o.after_json ->> 'status' = 'expired')
      union all select l.object from public.audit_logs l where l.action = 'effect.done' group by l.object having count(*) > 1`,
  },
  {
    id: 'I17',
    title: 'a step is tried four times at the most, unless people send it again',
    sql: `select step_id as id from public.task_steps where kind <> 'effect' and attempt_count > 4`,
  },
  {
    id: 'I23',
    title: 'no tier is below the policy: that of a task is the highest of its actions, and what no policy names does not happen',
    sql: `select t.task_id as id from public.tasks t join public.policies p using (policy_version) join public.task_steps s on s.task_id = t.task_id and s.kind in ('work', 'effect')
        where t.risk_tier < public._tier_of(p.document, s.action)
      union all select e.effect_id::text from public.effects e join public.policies p using (policy_version) join public.task_steps s using (step_id)
        where e.tier < coalesce(public._tier_of(p.document, s.action), case when e.kind = 'reply' then 'T0' else 'T9' end)`,
  },
  {
    id: 'I25',
    title: 'an agent did only what the policy of its task lets it do',
    sql: `select s.step_id as id from public.task_steps s join public.tasks t using (task_id) join public.policies p using (policy_version)
      where s.kind = 'work' and s.status = 'done' and not public._is_allowed(p.document, s.agent, s.action)
        and not exists (select 1 from public.audit_logs l where l.chain = t.task_id and l.action = 'policy.move')`,
  },
];
