import type { Invariant } from './invariant.ts';

export const STOP_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I8',
    title: 'nothing starts while stopped: no grant, and no try of an earlier grant',
    sql: `with paused as (select scope, stopped_at, coalesce(resumed_at, 'infinity') as until from public.stops)
      select e.effect_id::text as id from public.effects e join paused s on e.granted_at >= s.stopped_at and e.granted_at < s.until and (e.tier >= 'T2' or s.scope = 'all')
      union all select a.attempt_id::text from public.effect_attempts a join public.effects e using (effect_id)
        join paused s on a.started_at >= s.stopped_at and a.started_at < s.until and (e.tier >= 'T2' or s.scope = 'all')
      -- A grant that was taken back and given again stands in the audit log twice, in its own row once.
      union all select l.object from public.audit_logs l join public.tasks t on t.task_id = l.chain
        join paused s on l.ts >= s.stopped_at and l.ts < s.until and (t.risk_tier >= 'T2' or s.scope = 'all') where l.action in ('effect.grant', 'effect.resume')`,
  },
  {
    id: 'I8b',
    title: 'a grant from before a stop sends nothing after it',
    sql: `select a.attempt_id::text as id from public.effect_attempts a join public.effects e using (effect_id)
      cross join lateral (select max(l.ts) as at from public.audit_logs l
        where l.chain = e.task_id and l.object = e.effect_id::text and l.action in ('effect.grant', 'effect.resume') and l.ts <= a.started_at) granted
      join public.stops s on s.stopped_at > granted.at and s.stopped_at < a.started_at where e.tier >= 'T2'`,
  },
  {
    id: 'I9',
    title: 'a stop is lifted by two people, one of them an owner, and the switch is what the last stop left',
    sql: `select 'stop ' || s.generation as id from public.stops s where s.resumed_at is not null and (
        s.resumed_by_1 is null or s.resumed_by_2 is null or s.resumed_by_1 = s.resumed_by_2
        or not exists (select 1 from public.person_roles o where o.person_id in (s.resumed_by_1, s.resumed_by_2) and o.role = 'owner' and o.granted_at <= s.resumed_at
          and (o.revoked_at is null or o.revoked_at >= s.resumed_at) and (o.expires_at is null or o.expires_at >= s.resumed_at)))
      union all select 'switch' from public.stop_switch w
      where (w.stopped_at is not null) is distinct from exists (select 1 from public.stops where resumed_at is null)
        or w.halted_generation < (select max(generation) from public.stops)`,
  },
];
