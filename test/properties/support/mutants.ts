import type { Sql } from '../../support/owner-sql.ts';

/** A control that is taken out: words of a function, and what stands there instead. */
export interface Mutant {
  name: string;
  fn: string;
  from: string;
  to: string;
  /** What else stands in the way: further words of the function, and constraints behind it. */
  further?: { from: string; to: string }[];
  also?: string[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'one person may fill both slots',
    fn: 'decide_approval',
    from: `when exists (select 1 from public.approvals where request_id = v_request.request_id and person_id = v_person_id) then 'already_yours'`,
    to: '',
    further: [
      {
        from: `on conflict (request_id, person_id) do update set decision = 'reject', reason = excluded.reason, ts = clock_timestamp()`,
        to: '',
      },
    ],
    also: ['alter table public.approvals drop constraint approvals_one_per_person'],
  },
  {
    name: 'the requester may approve',
    fn: '_fitting_slots',
    from: 'if p_person_id = p_request.requester_person_id then',
    to: 'if false then',
  },
  {
    name: 'anybody fills any slot',
    fn: '_fitting_slots',
    from: `s = any (v_roles) or (s = 'operator' and 'owner' = any (v_roles))`,
    to: 'true',
  },
  {
    name: 'a press counts while stopped',
    fn: '_gate_refusal',
    from: `when (select stopped_at is not null from public.stop_switch) then 'stopped'`,
    to: '',
  },
  {
    name: 'the gate is open while stopped',
    fn: 'authorize_effect',
    from: 'if public._is_halted(v_task.risk_tier, v_task.task_id) then',
    to: 'if false then',
  },
  {
    name: 'a grant outlives a stop',
    fn: 'begin_attempt',
    from: `or (v_effect.tier >= 'T2' and v_effect.generation < v_switch.halted_generation)`,
    to: '',
  },
  { name: 'what has run out is let out', fn: '_grant_refusals', from: 'p_request.expires_at <= clock_timestamp()', to: 'false' },
  {
    name: 'it goes to another place',
    fn: '_grant_refusals',
    from: 'p_step.target_chat_id is distinct from p_chat_id or',
    to: '',
    further: [{ from: 'p_request.target_chat_id is distinct from p_chat_id or', to: '' }],
  },
  { name: 'a denial comes too late for nothing', fn: 'decide_approval', from: `when v_granted_at is not null then 'too_late'`, to: '' },
  { name: 'a lost role is not noticed', fn: '_uncounted', from: 'where not x.is_held or x.is_own', to: 'where x.is_own' },
  {
    name: 'one person lifts the stop',
    fn: 'resume_effects',
    from: `when v_is_asked and v_switch.resume_asked_by = v_person_id then 'same_person'`,
    to: '',
    // Who stands in for nobody stands behind both of their own words.
    further: [
      {
        from: `and not public._behind(null, x.owner_id, 'owner', clock_timestamp()) && public._behind(null, x.other_id, 'operator', clock_timestamp())`,
        to: '',
      },
    ],
    also: ['alter table public.stops drop constraint stops_resumed_by_two_people'],
  },
];

/** Takes a control out. Throws when the function no longer has these words. */
export async function takeOut(sql: Sql, { name, fn, from, to, further = [], also = [] }: Mutant): Promise<void> {
  const [row] = await sql('select pg_get_functiondef(oid) as definition from pg_proc where proname = $1', [fn]);
  let definition = String(row?.definition);
  for (const words of [{ from, to }, ...further]) {
    if (definition.split(words.from).length !== 2)
      throw new Error(`${name}: expected these words once in ${fn}, which has changed: ${words.from}`);
    definition = definition.replace(words.from, () => words.to);
  }
  for (const statement of [definition, ...also]) await sql(statement);
}
