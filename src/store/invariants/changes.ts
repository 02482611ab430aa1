import type { Invariant } from './invariant.ts';

export const CHANGE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I12',
    title:
      'a broken glass lets one effect out, over what was confirmed, in its time, for a reason, and by two people unless nobody objected',
    sql: `select e.effect_id::text as id from public.effects e left join public.break_glasses g on g.break_glass_id = e.break_glass_id left join public.changes c on c.change_id = g.change_id
      where e.break_glass_id is not null and (g.break_glass_id is null or g.task_id <> e.task_id or g.artifact_checksum <> e.artifact_checksum
        or e.granted_at < g.opened_at or e.granted_at >= g.expires_at or g.expires_at > g.opened_at + interval '1 hour' or length(btrim(coalesce(c.reason, ''))) = 0
        or (g.waived_slot is null and (select count(distinct d.person_id) from public.change_decisions d where d.change_id = g.change_id and d.decision = 'approve' and d.voided_at is null) < 2))
      union all select break_glass_id::text from public.effects where break_glass_id is not null group by break_glass_id having count(*) > 1`,
  },
  {
    id: 'I33',
    title: 'a rule changes by two people: whoever decided on a change in force filled two slots, and none of them is whom it concerns',
    sql: `select c.reference as id from public.changes c where c.status = 'applied' and c.kind <> 'break_glass' and (
        (select count(distinct d.person_id) from public.change_decisions d where d.change_id = c.change_id and d.decision = 'approve' and d.voided_at is null and d.checksum = c.checksum) < 2
        or (select count(distinct d.slot) from public.change_decisions d where d.change_id = c.change_id and d.decision = 'approve' and d.voided_at is null and d.checksum = c.checksum) < 2
        or exists (select 1 from public.change_decisions d where d.change_id = c.change_id and d.decision = 'reject')
        or (c.kind <> 'link_accounts' and exists (select 1 from public.change_decisions d where d.change_id = c.change_id and d.decision = 'approve' and d.voided_at is null
          and d.approver = 'tg:' || (c.payload ->> 'external_id'))))`,
  },
  {
    id: 'I34',
    title: 'nobody holds a role that a boot, a change of two people or a delegation did not give',
    sql: `select r.grant_id::text as id from public.person_roles r left join public.changes c on c.change_id = r.granted_change_id
      where (r.source <> 'seed' and c.status is distinct from 'applied')
        or (r.source = 'seed' and c.change_id is null and not exists (
          select 1 from public.audit_logs l join public.identities i on l.object = 'tg:' || i.external_id
          where l.chain = 'system' and l.action = 'role.seed' and l.after_json ->> 'role' = r.role and i.person_id = r.person_id)
          -- Of two accounts that were joined the one has given its roles away.
          and exists (select 1 from public.identities i where i.person_id = r.person_id))`,
  },
  {
    id: 'I35',
    title: 'one policy is in force, and each after the first one came by a change of two people',
    sql: `select 'policy:' || p.policy_version as id from public.policies p left join public.changes c on c.change_id = p.change_id
      where p.in_force_at is not null and p.proposed_by <> 'system' and c.status is distinct from 'applied'
      union all select 'policy:' || max(policy_version) from public.policies where in_force_at is not null and retired_at is null having count(*) > 1`,
  },
];
