import type { Mutant } from './mutant.ts';

const GLASS = 'supabase/migrations/20261122103000_break_glass.sql';
const FACTOR = 'supabase/migrations/20261122103100_second_factor.sql';
const APPROVALS = 'supabase/migrations/20261122100900_create_approval_functions.sql';
const EFFECTS = 'supabase/migrations/20261122101000_create_effect_functions.sql';
const CONTROL = 'supabase/migrations/20261122101100_create_control_functions.sql';
const CHANGES = 'supabase/migrations/20261122102000_create_changes.sql';
const AGAIN = 'supabase/migrations/20261122106200_remind_and_ask_again.sql';
const REFUSES = 'test/sql/break_glass/refuses.test.ts';
const WAIVES = 'test/sql/break_glass/waives-what-it-says-and-nothing-else.test.ts';
const OVER = 'test/sql/break_glass/is-over.test.ts';
const UNOPPOSED = 'test/sql/break_glass/opens-unopposed.test.ts';
const ASKS = 'test/sql/second_factor/asks-for-a-code.test.ts';
const TWO = 'test/sql/second_factor/asks-where-two-decide.test.ts';
const REASK = 'test/sql/reask_request/asks-the-same-anew.test.ts';

/** What two people may waive in an emergency, and how little that is. */
const GLASS_CONTROLS: readonly Mutant[] = [
  {
    control: 'break-glass: asked for by an owner alone',
    file: GLASS,
    find: "when not 'owner' = any (public._roles_of(public._person_of(p_external_id))) then 'only an owner opens a break-glass'",
    replace: 'when false then null',
    test: REFUSES,
    named: 'is no owner and does not open one',
  },
  {
    control: 'break-glass: not past the emergency stop',
    file: GLASS,
    find: "when (select stopped_at is not null from public.stop_switch) then 'everything is stopped, and no break-glass goes past the emergency stop: /resume comes first'",
    replace: 'when false then null',
    test: REFUSES,
    named: 'while stopped nothing is asked',
  },
  {
    control: 'break-glass: not confirmed while stopped',
    file: CHANGES,
    find: "when p_change.kind = 'break_glass' and p_decision is distinct from 'reject' and (select stopped_at is not null from public.stop_switch) then 'stopped'",
    replace: "when false then 'stopped'",
    test: REFUSES,
    named: 'while stopped nothing is asked',
  },
  {
    control: 'break-glass: one at a time, and none before the last was reviewed',
    file: GLASS,
    find: "when v_open.status is not null and v_open.status <> 'open' then",
    replace: 'when false then',
    test: OVER,
    named: 'until another owner has reviewed it',
  },
  {
    control: 'break-glass: what was shown is what goes out',
    file: GLASS,
    find: "when v_request.reference is distinct from p_payload ->> 'reference' or v_request.artifact_checksum is distinct from p_payload ->> 'checksum' then",
    replace: 'when false then',
    test: REFUSES,
    named: 'what was rejected or edited meanwhile',
  },
  {
    control: 'break-glass: waives no dry run and nothing that was not shown whole',
    file: GLASS,
    find: "when v_unmet is not null then format('this is not waived: %s', v_unmet)",
    replace: 'when false then null',
    test: WAIVES,
    named: 'not the dry run, and not what was not shown whole',
  },
  {
    control: 'break-glass: nobody fills a slot on their own request',
    file: GLASS,
    find: "where (v_separation = 'any' or (v_separation = 'operator' and s = 'operator') or (p_request.requester_person_id = any (b.people)) is not true)",
    replace: 'where true',
    test: WAIVES,
    named: 'not the separation',
  },
  {
    control: 'break-glass: over after its time',
    file: GLASS,
    find: "and (g.status in ('expired', 'void') or g.expires_at <= clock_timestamp()",
    replace: "and (g.status in ('expired', 'void')",
    test: OVER,
    named: 'after 15 minutes the gate refuses',
  },
  {
    control: 'break-glass: for the bytes that were confirmed',
    file: GLASS,
    find: "and g.status in ('open', 'used') and g.artifact_checksum = r.artifact_checksum);",
    replace: "and g.status in ('open', 'used'));",
    test: OVER,
    named: 'other bytes than those that were confirmed',
  },
  {
    control: 'break-glass: the grant takes it',
    file: GLASS,
    find: "update public.break_glasses set status = 'used', ended_at = clock_timestamp() where break_glass_id = p_effect.break_glass_id and status = 'open';",
    replace: 'perform 1 from public.break_glasses where break_glass_id = p_effect.break_glass_id;',
    test: WAIVES,
    named: 'nobody for a slot: the owner and a reviewer',
  },
  {
    control: 'break-glass: half of the rates',
    file: GLASS,
    find: "greatest((r.value ->> 'max')::integer / 2, 1)",
    replace: "greatest((r.value ->> 'max')::integer, 1)",
    test: WAIVES,
    named: 'not the rates, which are half',
  },
  {
    control: 'break-glass: void when what was confirmed is void',
    file: APPROVALS,
    find: 'perform public._void_break_glass(p_request.request_id, p_reason);',
    replace: 'null;',
    test: OVER,
    named: 'an edit after the opening makes it void',
  },
  {
    control: 'break-glass: not reviewed by whoever opened it',
    file: GLASS,
    find: "when v_person_id = public._person_of(substr(v_change.proposer, 4)::bigint) then 'opener'",
    replace: "when false then 'opener'",
    test: OVER,
    named: 'until another owner has reviewed it',
  },
  {
    control: 'break-glass: T3 waits for the review',
    file: GLASS,
    find: "from public.break_glasses g where p_tier = 'T3' and g.reviewed_at is null and g.break_glass_id is distinct from p_break_glass_id",
    replace: 'from public.break_glasses g where false',
    test: OVER,
    named: 'until another owner has reviewed it',
  },
  {
    control: 'break-glass: opens unopposed only after the window, where it was announced',
    file: GLASS,
    find: 'and public._veto_runs_from(c) + public._veto_window(p.document) <= clock_timestamp()',
    replace: '',
    test: UNOPPOSED,
    named: 'not before it is over',
  },
  {
    control: 'break-glass: after a veto silence is not enough',
    file: GLASS,
    find: 'and not public._was_vetoed(c)',
    replace: '',
    test: UNOPPOSED,
    named: 'asked again after a veto',
  },
  {
    control: 'break-glass: the window runs from the message, not from the row of its card',
    file: GLASS,
    find: 'greatest(max(k.sent_at), (select max(resumed_at) from public.stops)) end',
    replace: 'greatest(max(k.created_at), (select max(resumed_at) from public.stops)) end',
    test: UNOPPOSED,
    named: 'a card that nobody could read',
  },
  {
    control: 'break-glass: the window runs anew after a stop',
    file: GLASS,
    find: 'greatest(max(k.sent_at), (select max(resumed_at) from public.stops)) end',
    replace: 'max(k.sent_at) end',
    test: UNOPPOSED,
    named: 'from the resume the window runs anew',
  },
  {
    control: 'break-glass: the window runs only where every chat has it',
    file: GLASS,
    find: 'count(*) > 0 and count(*) = count(k.sent_at) and',
    replace: '',
    test: UNOPPOSED,
    named: 'not on the card of the admin group alone',
  },
  {
    control: 'break-glass: a card that was sent anew counts from then',
    file: 'supabase/migrations/20261122101200_move_cards.sql',
    find: 'message_id = p_to_message_id, sent_at = clock_timestamp() where',
    replace: 'message_id = p_to_message_id where',
    test: UNOPPOSED,
    named: 'a card that was deleted and sent anew',
  },
  {
    control: 'break-glass: a veto counts while stopped',
    file: CHANGES,
    find: "p_change.kind = 'break_glass' and p_decision is distinct from 'reject' and (select",
    replace: "p_change.kind = 'break_glass' and (select",
    test: UNOPPOSED,
    named: 'a veto counts while stopped',
  },
  {
    control: 'break-glass: opens unopposed only where the policy allows it',
    file: GLASS,
    find: "and p.retired_at is null and public._veto_window(p.document) > interval '0'",
    replace: 'and p.retired_at is null',
    test: UNOPPOSED,
    named: 'not where the policy does not allow it',
  },
  {
    control: 'break-glass: opens unopposed only on a word that counts',
    file: GLASS,
    find: "and exists (select 1 from public.change_decisions d where d.change_id = c.change_id and d.person_id = c.proposed_by and d.decision = 'approve' and d.voided_at is null)",
    replace: 'and true',
    test: UNOPPOSED,
    named: 'not on a word that has not been confirmed with its code',
  },
];

/** The one-time code before a decision. */
const FACTOR_CONTROLS: readonly Mutant[] = [
  {
    control: 'second factor: for the roles and tiers of the policy',
    file: FACTOR,
    find: "return coalesce(v_rule -> 'tiers' ? p_tier, false) and exists (",
    replace: 'return false and exists (',
    test: ASKS,
    named: 'the decision counts with the code',
  },
  {
    control: 'second factor: none, no approval',
    file: FACTOR,
    find: "when not exists (select 1 from public.second_factors where person_id = p_person_id and confirmed_at is not null) then 'not_enrolled'",
    replace: 'when not exists (select 1 from public.second_factors where person_id = p_person_id and confirmed_at is not null) then null',
    test: ASKS,
    named: 'who has none is told so, and decides nothing',
  },
  {
    control: 'second factor: before an approval',
    file: APPROVALS,
    find: "coalesce(v_slot ->> 'code', public._factor_refusal('request:' || v_request.request_id, v_request.policy_version, v_request.tier, v_person_id));",
    replace: "v_slot ->> 'code';",
    test: ASKS,
    named: 'the decision counts with the code',
  },
  {
    control: 'second factor: before a word on a change',
    file: CHANGES,
    find: "else coalesce(v_slot ->> 'code', public._factor_refusal('change:' || v_change.change_id, v_change.policy_version, 'T3', v_person_id)) end;",
    replace: "else v_slot ->> 'code' end;",
    test: TWO,
    named: 'a wrong code, somebody else’s and a used one',
  },
  {
    control: 'second factor: before a proposal counts',
    file: CHANGES,
    find: "v_factor := case when v_slot is not null then public._factor_refusal('change:' || v_change.change_id, v_change.policy_version, 'T3', v_person_id) end;",
    replace: 'v_factor := null;',
    test: TWO,
    named: 'the proposal of an owner counts with the code',
  },
  {
    control: 'second factor: before a stop is lifted',
    file: CONTROL,
    find: "else public._factor_refusal('resume:' || v_switch.generation, (select policy_version from public.policies where in_force_at is not null and retired_at is null), 'T3', v_person_id) end;",
    replace: 'end;',
    test: TWO,
    named: 'lifting it takes the code of the first and of the second',
  },
  {
    control: 'second factor: before something is sent again',
    file: EFFECTS,
    find: "when p_answer = 'again' then public._factor_refusal(",
    replace: 'when false then public._factor_refusal(',
    test: TWO,
    named: 'sending a T3 effect again takes the code',
  },
  {
    control: 'second factor: a code is good for one decision',
    file: FACTOR,
    find: 'with spent as (update public.factor_passes set used_at = clock_timestamp()',
    replace: 'with spent as (update public.factor_passes set used_at = null',
    test: TWO,
    named: 'a code is spent with the decision that it was given for',
  },
  {
    control: 'second factor: a code is good for a minute',
    file: FACTOR,
    find: "and used_at is null and checked_at > clock_timestamp() - interval '1 minute') then 'factor_needed' end;",
    replace: "and used_at is null) then 'factor_needed' end;",
    test: TWO,
    named: 'a code is spent with the decision that it was given for',
  },
  {
    control: 'second factor: a code is good for the stop that it was asked for',
    file: FACTOR,
    find: "when v_about ->> 'about' = 'resume' and not exists (",
    replace: 'when false and not exists (',
    test: TWO,
    named: 'a code that was asked for under an earlier stop lifts no later one',
  },
  {
    control: 'second factor: no code is taken twice',
    file: FACTOR,
    find: 'if v_counter > v_factor.last_counter then',
    replace: 'if v_counter is not null then',
    test: ASKS,
    named: 'a code is good once, and none before it',
  },
  {
    control: 'second factor: five wrong codes lock it',
    file: FACTOR,
    find: 'elsif v_factor.locked_until > clock_timestamp() then',
    replace: 'elsif false then',
    test: ASKS,
    named: 'five wrong codes lock it',
  },
  {
    control: 'second factor: a question is answered by whom it was put to, and in time',
    file: FACTOR,
    find: "and kind = 'factor' and external_id = p_external_id and answered_at is null and expires_at > now();",
    replace: "and kind = 'factor';",
    test: ASKS,
    named: 'a question is good for ten minutes',
  },
  {
    control: 'second factor: one that counts is not replaced alone',
    file: FACTOR,
    find: "when v_factor.confirmed_at is not null then 'enrolled'",
    replace: "when false then 'enrolled'",
    test: ASKS,
    named: 'a secret is made in private',
  },
  {
    control: 'second factor: taken back for oneself alone',
    file: FACTOR,
    find: "when v_person_id is distinct from p_proposer then 'everybody asks for their own second factor to be taken back'",
    replace: 'when false then null',
    test: ASKS,
    named: 'taking it back takes two others',
  },
];

/** Asking anew for what expired. */
const AGAIN_CONTROLS: readonly Mutant[] = [
  {
    control: 'ask again: by operators and owners',
    file: AGAIN,
    find: "when not public._roles_of(v_person_id) && array['operator', 'owner'] then 'no_role'",
    replace: "when false then 'no_role'",
    test: REASK,
    named: 'not by just anybody',
  },
  {
    control: 'ask again: not while stopped',
    file: AGAIN,
    find: "when (select stopped_at is not null from public.stop_switch) then 'stopped'",
    replace: "when false then 'stopped'",
    test: REASK,
    named: 'not by just anybody',
  },
  {
    control: 'ask again: not under other rules',
    file: AGAIN,
    find: 'when v_task.policy_version is distinct from (select policy_version from public.policies where in_force_at is not null and retired_at is null) then',
    replace: 'when false then',
    test: REASK,
    named: 'not when the task ended in another way',
  },
  {
    control: 'ask again: every decision again',
    file: AGAIN,
    find: "v_deliver := public._ask_again(v_request, format('its time was over, and %s asked again', public._name_of(v_person_id)), v_actor);",
    replace:
      "update public.approval_requests set status = 'pending', decided_at = null, expires_at = clock_timestamp() + interval '1 day' where request_id = v_request.request_id;",
    test: REASK,
    named: 'the same content under a new reference',
  },
];

export const EMERGENCY_CONTROLS: readonly Mutant[] = [...GLASS_CONTROLS, ...FACTOR_CONTROLS, ...AGAIN_CONTROLS];
