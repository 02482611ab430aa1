import type { Invariant } from './invariant.ts';

/** Money that may have moved: everything that was granted and of which it is not certain that nothing left. */
const MOVED = `(select x.*, x.money_order ->> 'amount' as amount from public.effects x where x.money_order is not null and (x.status in ('granted', 'in_doubt', 'done')
  or exists (select 1 from public.effect_attempts t where t.effect_id = x.effect_id and t.status in ('started', 'done', 'in_doubt'))))`;
/** Payments alone, each with the limits of the policy that its task began under. */
const PAID = `(select m.*, case m.kind when 'payment' then m.money_order ->> 'payer' else m.money_order ->> 'payee' end as party, p.document -> 'limits' -> 'payments' as limits
  from ${MOVED} m join public.policies p using (policy_version) where m.kind in ('payment', 'withdrawal'))`;
/** Trades that their account's numbers cannot know yet. */
const ON_THEIR_WAY = `${MOVED} e where e.kind = 'trade' and e.money_order ->> 'account' = a.account_id
  and (e.status in ('granted', 'in_doubt') or a.taken_at is null or e.settled_at >= a.taken_at)`;
const MOST = (key: string) =>
  `(select max((p.document -> 'limits' -> 'trading' ->> '${key}')::numeric) from public.policies p where p.in_force_at is not null)`;

export const MONEY_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I40',
    title: 'no payment is over what may be paid at once, no day over its cap, and no payer pays again within the pause',
    sql: `select e.effect_id::text as id from ${PAID} e
      where e.amount::numeric > (e.limits ->> 'max_single_tx_usdt')::numeric / case when e.break_glass_id is null then 1 else 2 end or e.money_order ->> 'currency' <> 'USDT'
      union all select e.effect_id::text from ${PAID} e where e.limits ? 'max_day_usdt' and (e.limits ->> 'max_day_usdt')::numeric < (
        select sum(o.amount::numeric) from ${PAID} o where (o.granted_at at time zone 'UTC')::date = (e.granted_at at time zone 'UTC')::date and o.granted_at <= e.granted_at)
      union all select e.effect_id::text from ${PAID} e join ${PAID} o on o.party = e.party and o.effect_id <> e.effect_id and o.granted_at <= e.granted_at
      where e.granted_at < o.granted_at + make_interval(mins => (e.limits ->> 'cool_down_minutes')::integer)`,
  },
  {
    id: 'I41',
    title:
      'nobody pays or is paid without a checklist that was complete and in date when it was granted, nor while blocked, and nobody checks themself',
    sql: `select e.effect_id::text || ' ' || i as id from ${PAID} e cross join unnest(array['identity', 'sanctions', 'political_exposure', 'source_of_funds']) i
      where not coalesce((select c.outcome = 'passed' and c.valid_until > e.granted_at from public.payer_checks c
        where c.payer = e.party and c.item = i and c.checked_at <= e.granted_at order by c.check_id desc limit 1), false)
      union all select e.effect_id::text from ${PAID} e join public.payer_blocks b on b.payer = e.party
      where b.blocked_at <= e.granted_at and (b.lifted_at is null or b.lifted_at > e.granted_at)
      union all select 'check ' || c.check_id from public.payer_checks c where c.payer = c.checked_by`,
  },
  {
    id: 'I42',
    title: 'trades on their way are never more, and never risk more of their account, than any version of the policy allowed',
    sql: `select a.account_id as id from public.trading_accounts a where (select count(*) from ${ON_THEIR_WAY}) > ${MOST('max_positions')}
      or (select coalesce(sum((e.money_order ->> 'risk')::numeric), 0) from ${ON_THEIR_WAY}) > coalesce(a.high_water_mark, 0) * least(${MOST('max_daily_loss_pct')}, ${MOST('max_drawdown_pct')}) / 100
      union all select e.effect_id::text from ${MOVED} e where e.kind = 'trade' and not exists (select 1 from public.trading_accounts a where a.account_id = e.money_order ->> 'account')`,
  },
  {
    id: 'I43',
    title: 'the money of an effect is what stands in the bytes that people approved',
    sql: `select e.effect_id::text as id from public.effects e where e.money_order is not null and not exists (
      select 1 from public.artifacts a where a.task_id = e.task_id and a.type = 'post' and a.checksum = e.artifact_checksum and a.content::jsonb -> 'order' = e.money_order)`,
  },
];
