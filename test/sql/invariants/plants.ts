/**
 * For each invariant the ways in which it can be broken by somebody who is past every door: a name, and the statements. They run where
 * triggers and references are off; a constraint that would not let the row in is dropped first.
 */
const T3_EFFECT = `(select effect_id from public.effects where tier = 'T3' and status = 'done' order by granted_at limit 1)`;
const ITS_REQUEST = `(select request_id from public.effects where effect_id = ${T3_EFFECT})`;
const ITS_TASK = `(select task_id from public.effects where effect_id = ${T3_EFFECT})`;
const ITS_OWNER = `(select person_id from public.approvals where request_id = ${ITS_REQUEST} and role = 'owner')`;
const ITS_PART = `(select attempt_id from public.effect_attempts where effect_id = ${T3_EFFECT} order by started_at desc limit 1)`;
const A_CHANGE = `(select change_id from public.changes where kind = 'role_grant' and status = 'applied')`;

const drop = (table: string, constraint: string) => `alter table public.${table} drop constraint ${constraint}`;
/** A copy of the rows of a table that a condition picks, with some columns changed. */
const copy = (table: string, changed: Record<string, string>, where: string) => `insert into public.${table} overriding system value
  select x.* from (select * from public.${table} where ${where}) t, jsonb_populate_record(t::public.${table}, jsonb_build_object(${Object.entries(
    changed,
  ).flatMap(([key, value]) => [`'${key}'`, value])})) x`;

/** The payment once more, so long before. */
const SECOND_PAYMENT = (before: string) =>
  copy(
    'effects',
    {
      effect_id: 'gen_random_uuid()',
      step_id: `'x'`,
      idempotency_key: `'second'`,
      request_id: 'gen_random_uuid()',
      part_count: '2',
      granted_at: `(t.granted_at - interval '${before}')`,
    },
    `kind = 'payment'`,
  );
const UNDER_WAY = `update public.effects set status = 'granted', settled_at = null where kind = 'trade'`;

/** As if whoever approved it as operator had been one only for somebody else. */
const ITS_OPERATOR = `(select person_id from public.approvals where request_id = ${ITS_REQUEST} and role = 'operator')`;
const lendOperatorOf = (lender: string) => [
  `delete from public.person_roles where person_id = ${ITS_OPERATOR}`,
  `insert into public.person_roles (person_id, role, source, granted_at, granted_by, delegated_by, expires_at)
   values (${ITS_OPERATOR}, 'operator', 'delegation', now() - interval '1 day', 'system', ${lender}, now() + interval '1 day')`,
];

export const PLANTS: Record<string, Record<string, string[]>> = {
  I1: {
    'one person in both slots': [
      drop('approvals', 'approvals_one_per_person'),
      `update public.approvals set person_id = ${ITS_OWNER} where request_id = ${ITS_REQUEST}`,
    ],
    'the requester approved': [`update public.tasks set requester_person_id = ${ITS_OWNER} where task_id = ${ITS_TASK}`],
    'the requester approved, under another account': [
      `update public.identities set person_id = ${ITS_OWNER} where 'tg:' || external_id = (select actor from public.tasks where task_id = ${ITS_TASK})`,
    ],
    'nobody knows who asked': [`update public.tasks set requester_person_id = null where task_id = ${ITS_TASK}`],
    'an approver who stands in for the other': lendOperatorOf(ITS_OWNER),
    'an approver who stands in for the requester': lendOperatorOf(
      `(select requester_person_id from public.tasks where task_id = ${ITS_TASK})`,
    ),
    'an approval over other bytes': [
      `update public.approvals set artifact_checksum = repeat('0', 64) where request_id = ${ITS_REQUEST} and role = 'operator'`,
    ],
    'approved after it was out': [
      `update public.approvals set ts = ts + interval '1 day' where request_id = ${ITS_REQUEST} and role = 'owner'`,
    ],
    'the approval had run out': [`update public.approval_requests set expires_at = shown_at where request_id = ${ITS_REQUEST}`],
    'an approver without a role': [
      `update public.person_roles set granted_at = now() + interval '1 hour' where person_id = ${ITS_OWNER} and role = 'owner'`,
    ],
    'no request at all': [
      drop('effects', 'effects_people_asked_from_t2'),
      `update public.effects set request_id = null where effect_id = ${T3_EFFECT}`,
    ],
  },
  I1b: {
    'a slot left open': [`delete from public.approvals where request_id = (select request_id from public.effects where tier = 'T2')`],
    'a request with no slot': [`update public.approval_requests set slots = '{}' where tier = 'T2'`],
  },
  I2: {
    'two effects of one request': [
      'drop index public.effects_approval_used_once',
      `update public.effects set request_id = ${ITS_REQUEST} where tier = 'T3'`,
    ],
    'two approvals of one person': [
      drop('approvals', 'approvals_one_per_person'),
      'drop index public.approvals_one_per_slot',
      copy('approvals', { approval_id: 'gen_random_uuid()', role: `'owner'` }, `request_id = ${ITS_REQUEST} and role = 'operator'`),
    ],
  },
  I3: {
    'the anonymous admin': [
      drop('identities', 'identities_are_of_people'),
      'update public.identities set external_id = 1087968824 where external_id = 121',
    ],
    'an account that nobody is': ['delete from public.identities where external_id = 101'],
  },
  I4: {
    'the post was exchanged': [`update public.artifacts set content = 'buy now' where type = 'post' and task_id = ${ITS_TASK}`],
    'the post is gone': [`delete from public.artifacts where type = 'post' and task_id = ${ITS_TASK}`],
  },
  I5: {
    'let out although somebody said no': [
      `update public.approvals set decision = 'reject', reason = 'no' where request_id = ${ITS_REQUEST} and role = 'owner'`,
    ],
  },
  I5b: {
    'a rejection that nobody gave': [`delete from public.approvals where decision = 'reject'`],
    'no reason': [
      drop('approvals', 'approvals_reason_when_rejected'),
      `update public.approvals set reason = ' ' where decision = 'reject'`,
    ],
  },
  I6: {
    'two effects with one key': [
      drop('effects', 'effects_idempotency_key_once'),
      `update public.effects set idempotency_key = 'same' where tier = 'T3'`,
    ],
    'a part that left twice': [
      'drop index public.effect_attempts_one_open',
      copy('effect_attempts', { attempt_id: 'gen_random_uuid()', attempt: '99' }, `attempt_id = ${ITS_PART}`),
    ],
  },
  I7: { 'a key of other bytes': [`update public.effects set artifact_checksum = repeat('0', 64) where effect_id = ${T3_EFFECT}`] },
  I8: {
    'granted while stopped': [
      `update public.effects set granted_at = (select min(stopped_at) from public.stops) where effect_id = ${T3_EFFECT}`,
    ],
    'sent while stopped': [
      `update public.effect_attempts set started_at = (select min(stopped_at) from public.stops) where attempt_id = ${ITS_PART}`,
    ],
    'granted while stopped, as the log knows': [
      `update public.audit_logs set ts = (select min(stopped_at) from public.stops) where action = 'effect.grant' and object = ${T3_EFFECT}::text`,
    ],
  },
  I8b: {
    'an old grant went on after a stop': [
      copy(
        'stops',
        {
          generation: '99',
          stopped_at: `(select started_at - interval '1 microsecond' from public.effect_attempts where attempt_id = ${ITS_PART})`,
        },
        'true limit 1',
      ),
    ],
  },
  I9: {
    'lifted by one person': [drop('stops', 'stops_resumed_by_two_people'), 'update public.stops set resumed_by_2 = resumed_by_1'],
    'lifted without an owner': [`update public.person_roles set granted_at = now() + interval '1 hour' where role = 'owner'`],
    'the switch forgot the stop': ['update public.stops set resumed_at = null, resumed_by_1 = null, resumed_by_2 = null'],
  },
  I10: {
    'sent by a worker that had lost the step': [
      copy(
        'audit_logs',
        {
          id: '-1',
          seq: '9999',
          prev_hash: `'x'`,
          action: `'step.lose'`,
          object: `(select step_id from public.effects where effect_id = ${T3_EFFECT})`,
          before_json: `jsonb_build_object('fence', (select fence from public.effects where effect_id = ${T3_EFFECT}))`,
        },
        `chain = ${ITS_TASK} and seq = 1`,
      ),
    ],
    'a hold that never was': [`update public.effects set fence = 999 where effect_id = ${T3_EFFECT}`],
  },
  I11: {
    'sent again with nobody asked': [`delete from public.audit_logs where action = 'effect.answer'`],
    'sent again on the word of one': [
      `delete from public.audit_logs where id = (select max(id) from public.audit_logs where action = 'effect.answer')`,
    ],
  },
  I12: { 'a glass that nobody broke': [`update public.effects set break_glass_id = gen_random_uuid() where effect_id = ${T3_EFFECT}`] },
  I14: {
    'an update twice': [
      drop('inbox', 'inbox_arrives_once'),
      `insert into public.inbox (source, external_id, chat_key, payload) select source, external_id, chat_key, payload from public.inbox`,
    ],
  },
  I15: {
    'a step of a task that is over': [
      `update public.task_steps set status = 'ready', ended_at = null where task_id = ${ITS_TASK} and kind = 'archive'`,
    ],
    'a task that waits for nobody': [`update public.tasks set status = 'running', ended_at = null where task_id = ${ITS_TASK}`],
    'a question that nobody can answer': [
      `update public.task_steps set status = 'awaiting_approval', ended_at = null where task_id = ${ITS_TASK} and kind = 'approve'`,
    ],
    'a lease that everybody forgot': [
      `insert into public.workers (worker, roles, generation_seen, started_at) values ('alive', 'worker', 1, now() - interval '1 hour')`,
      `update public.task_steps set status = 'running', worker = 'dead', lease_expires_at = now() - interval '6 minutes', ended_at = null where task_id = ${ITS_TASK} and kind = 'archive'`,
      `update public.tasks set status = 'running', ended_at = null where task_id = ${ITS_TASK}`,
    ],
  },
  I16: {
    'ended twice': [
      `update public.audit_logs set action = 'task.end' where id = (select max(id) from public.audit_logs where chain = ${ITS_TASK} and action <> 'task.end')`,
    ],
    'taken up again although it had not expired': [
      `update public.audit_logs set after_json = after_json || '{"status": "rejected"}' where action = 'task.end' and chain in (select chain from public.audit_logs where action = 'task.reopen')`,
    ],
    'ended twice after it was taken up again': [
      `update public.audit_logs set action = 'task.end' where id = (select max(id) from public.audit_logs where chain = (select min(chain) from public.audit_logs where action = 'task.reopen') and action <> 'task.end')`,
    ],
    'approved after its end': [
      `update public.audit_logs set action = 'task.end' where chain = ${ITS_TASK} and seq = 1`,
      `update public.audit_logs set action = 'step.complete' where chain = ${ITS_TASK} and action = 'task.end' and seq > 1`,
    ],
  },
  I17: { 'a fifth try': [`update public.task_steps set attempt_count = 5 where task_id = ${ITS_TASK} and kind = 'critic'`] },
  I19: {
    'a record was changed': [`update public.audit_logs set after_json = '{}' where chain = ${ITS_TASK} and seq = 3`],
    'the newest record is gone': [
      `delete from public.audit_logs where id = (select max(id) from public.audit_logs where chain = ${ITS_TASK})`,
    ],
    'the head of a chain is gone': [`delete from public.audit_heads where chain = ${ITS_TASK}`],
    'a chain is gone': [`delete from public.audit_logs where chain = ${ITS_TASK}`],
  },
  I20: {
    'an anchored chain is gone': [
      `delete from public.audit_logs where chain = ${ITS_TASK}`,
      `delete from public.audit_heads where chain = ${ITS_TASK}`,
    ],
  },
  I21: {
    'a grant without a record': [`delete from public.audit_logs where action = 'effect.grant' and object = ${T3_EFFECT}::text`],
    'an end without a record': [`delete from public.audit_logs where action = 'effect.done' and object = ${T3_EFFECT}::text`],
    'a record without its effect': [
      `delete from public.effect_attempts where effect_id = ${T3_EFFECT}`,
      `delete from public.effects where effect_id = ${T3_EFFECT}`,
    ],
    'a broken glass without a record': [`delete from public.audit_logs where action = 'glass.open'`],
    'an approval without a record': [`delete from public.audit_logs where chain = ${ITS_TASK} and action = 'approval.approve'`],
  },
  I22: {
    'a role may write': ['grant insert on public.audit_logs to ags_bot'],
    'a role may cut': ['grant truncate on public.audit_logs to ags_worker'],
    'a role may become the owner': ['grant ags_owner to ags_web'],
    'a guard is switched off': ['alter table public.audit_logs disable trigger _100_append_only'],
    'a guard is gone': ['drop trigger _110_never_truncated on public.audit_logs'],
  },
  I23: {
    'a task below its action': [`update public.tasks set risk_tier = 'T1' where task_id = ${ITS_TASK}`],
    'an effect below its action': [`update public.effects set tier = 'T1' where effect_id = ${T3_EFFECT}`],
    'an act that no policy names': [
      `update public.task_steps set action = 'LAUNCH' where step_id = (select step_id from public.effects where effect_id = ${T3_EFFECT})`,
    ],
  },
  I24: {
    'another place': [`update public.effects set target_chat_id = 1 where effect_id = ${T3_EFFECT}`],
    'another version of the policy': [`update public.effects set policy_version = 1 where effect_id = ${T3_EFFECT}`],
    'approved over other bytes': [`update public.approvals set artifact_checksum = repeat('0', 64) where request_id = ${ITS_REQUEST}`],
  },
  I25: { 'not its work': [`update public.task_steps set agent = 'planner' where task_id = ${ITS_TASK} and kind = 'work'`] },
  I26: {
    'the critic had refused': [
      `update public.task_steps set verdict = verdict || '{"passed": false}' where task_id = ${ITS_TASK} and kind = 'critic'`,
    ],
    'points that the critique does not give': [
      `update public.task_steps set verdict = verdict || '{"points": 8}' where task_id = ${ITS_TASK} and kind = 'critic'`,
    ],
  },
  I27: {
    'a token in the log': [
      `update public.audit_logs set after_json = '{"token": "1234567890:AAabcdefghijklmnopqrstuvwxyz0123456"}' where chain = ${ITS_TASK} and seq = 1`,
    ],
    'an address in a goal': [`update public.tasks set goal = 'write to jane.doe@example.com' where task_id = ${ITS_TASK}`],
  },
  I31: {
    'a table without row level security': ['alter table public.approvals disable row level security'],
    'a table for strangers': ['grant select on public.approvals to anon'],
    'a function for strangers': ['grant execute on function public.get_stop_state() to anon'],
    'a definer without a search path': ['alter function public.get_stop_state() reset search_path'],
  },
  I32: {
    'more than the most': [
      `insert into public.rate_windows (limit_name, subject, opened_at, used) select key, 'x', now(), 1 + (value ->> 'max')::integer from public.policies p, jsonb_each(p.document -> 'rates') where p.retired_at is null limit 1`,
    ],
  },
  I40: {
    'an amount over the cap': [`update public.effects set money_order = money_order || '{"amount":"500.01"}' where kind = 'payment'`],
    'another currency': [`update public.effects set money_order = money_order || '{"currency":"XTR"}' where kind = 'payment'`],
    'a day over its cap': [
      `update public.policies set document = jsonb_set(document, '{limits,payments,max_day_usdt}', '"240.99"')`,
      SECOND_PAYMENT('9 hours'),
      `update public.effects set granted_at = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' + interval '23 hours' where kind = 'payment' and part_count = 1`,
      `update public.effects set granted_at = date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' + interval '1 hour' where kind = 'payment' and part_count = 2`,
    ],
    'twice within the pause': [SECOND_PAYMENT('29 minutes')],
  },
  I41: {
    'an item that nobody checked': [`delete from public.payer_checks where item = 'sanctions'`],
    'one that had failed': [`update public.payer_checks set outcome = 'failed', valid_until = null where item = 'sanctions'`],
    'one that was out of date': [
      `update public.payer_checks set checked_at = checked_at - interval '9 days', valid_until = checked_at - interval '1 day' where item = 'identity'`,
    ],
    'one that was checked afterwards': [
      `update public.payer_checks set checked_at = checked_at + interval '1 day' where item = 'identity'`,
    ],
    'a payer who was blocked then': [
      `insert into public.payer_blocks (payer, reason, blocked_by, blocked_at) select distinct payer, 'x', 'tg:101', now() - interval '1 day' from public.payer_checks`,
    ],
    'somebody who checked themself': [
      drop('payer_checks', 'payer_checks_not_by_the_payer'),
      `update public.payer_checks set checked_by = payer where item = 'identity'`,
    ],
  },
  I42: {
    'more than the policy allows': [
      `update public.policies set document = jsonb_set(document, '{limits,trading,max_positions}', '0')`,
      UNDER_WAY,
    ],
    'more risk than the account bears': [
      UNDER_WAY,
      `update public.effects set money_order = money_order || '{"risk":"500.01"}' where kind = 'trade'`,
    ],
    'an account that is not there': [`update public.effects set money_order = money_order || '{"account":"other"}' where kind = 'trade'`],
  },
  I43: {
    'another amount than the approved one': [
      `update public.effects set money_order = money_order || '{"amount":"120.49"}' where kind = 'payment'`,
    ],
  },
  I33: {
    'one person': [`delete from public.change_decisions where change_id = ${A_CHANGE} and via <> 'proposal'`],
    'whom it concerns': [`update public.change_decisions set approver = 'tg:131' where change_id = ${A_CHANGE} and via <> 'proposal'`],
  },
  I34: {
    'a role out of nothing': [
      `insert into public.person_roles (person_id, role, source, granted_by) values (public._person_of(112), 'owner', 'grant', 'tg:112')`,
    ],
    'a seed that no boot gave': [
      `insert into public.person_roles (person_id, role, source, granted_by) values (public._person_of(121), 'operator', 'seed', 'system')`,
    ],
  },
  I35: {
    'a policy that one person put in force': [`update public.policies set proposed_by = 'tg:101' where retired_at is null`],
    'two at once': ['drop index public.policies_one_in_force', 'update public.policies set retired_at = null'],
  },
};
