import type { Mutant } from './mutant.ts';

const CHANGES = 'supabase/migrations/20261122102000_create_changes.sql';
const POLICIES = 'supabase/migrations/20261122102200_gate_policies.sql';
const PLANS = 'supabase/migrations/20261122100800_create_plan_functions.sql';
const STEPS_AS_PLANNED = 'supabase/migrations/20261122102300_prove_stop.sql';
const ROWS = 'test/sql/rows/no-row-says-what-may-not-be.test.ts';
const DECIDES = 'test/sql/decide_change/refuses-with-a-code-and-changes-nothing.test.ts';
const APPLIES = 'test/sql/decide_change/applies-with-the-second-person.test.ts';
const LINKS = 'test/sql/decide_change/links-two-accounts-of-one-human.test.ts';
const PROPOSES = 'test/sql/propose_change/refuses-what-cannot-be.test.ts';
const ANEW = 'test/sql/propose_policy/asks-anew-what-waits.test.ts';
const NO_POLICY = 'test/sql/propose_policy/is-refused-where-it-may-not-be.test.ts';
const ACTIONS = 'test/sql/complete_plan/keeps-agents-to-their-actions.test.ts';
const GATES = 'test/sql/complete_plan/adds-the-gates-that-the-tier-demands.test.ts';

/** Roles, accounts and delegations. */
const CHANGE_CONTROLS: readonly Mutant[] = [
  {
    control: 'changes: by two people',
    file: CHANGES,
    find: 'select count(distinct d.person_id) = cardinality(v_change.slots) and count(distinct d.slot) = cardinality(v_change.slots) and',
    replace: 'select',
    test: APPLIES,
    named: 'an owner who steps down needs two others',
  },
  {
    control: 'changes: two slots in every row',
    file: CHANGES,
    find: "check (slots @> array['operator', 'owner'] and cardinality(slots) = 2)",
    replace: 'check (true)',
    test: ROWS,
    named: 'a change of the rules with one slot',
  },
  {
    control: 'changes: one person fills one slot',
    file: CHANGES,
    find: 'v_slot := case when not exists (select 1 from public.change_decisions where change_id = v_change.change_id and person_id = v_person_id and voided_at is null) then',
    replace: 'v_slot := case when true then',
    test: DECIDES,
    named: 'never one person, nobody without a role, not whom it concerns',
  },
  {
    control: 'changes: not by whom they concern',
    file: CHANGES,
    find: 'if p_person_id = any (public._concerned(p_change.payload)) and not (',
    replace: 'if false and not (',
    test: DECIDES,
    named: 'never one person, nobody without a role, not whom it concerns',
  },
  {
    control: 'changes: proposed by an owner alone',
    file: CHANGES,
    find: "if v_kind is not null and not exists (select 1 from unnest(public._roles_of(v_person_id)) r where v_kind -> 'proposers' ? r) then",
    replace: 'if false then',
    test: PROPOSES,
    named: 'an operator gives nobody a role',
  },
  {
    control: 'changes: everything is looked at again before they apply',
    file: CHANGES,
    find: 'v_problem := public._change_problem(p_change.kind, p_change.payload, p_change.proposed_by);',
    replace: 'v_problem := null;',
    test: 'test/sql/decide_change/checks-everything-again.test.ts',
    named: 'two proposals that are each possible but not both',
  },
  {
    control: 'changes: an approver who lost the role counts no longer',
    file: CHANGES,
    find: 'perform public._drop_lost_decisions(v_change);',
    replace: 'null;',
    test: 'test/sql/decide_change/checks-everything-again.test.ts',
    named: 'an approver whose role went a moment ago',
  },
  {
    control: 'changes: expire',
    file: CHANGES,
    find: "when p_change.status = 'expired' or p_change.expires_at <= clock_timestamp() then 'expired' end;",
    replace: "when p_change.status = 'expired' then 'expired' end;",
    test: DECIDES,
    named: 'it expires, which the sweep writes down and announces once',
  },
  {
    control: 'changes: void under another policy',
    file: CHANGES,
    find: 'if v_code is null and v_change.policy_version is distinct from v_in_force then',
    replace: 'if false then',
    test: DECIDES,
    named: 'under another policy it is void',
  },
  {
    control: 'roles: what a lost role had approved is asked anew',
    file: CHANGES,
    find: 'v_deliver := v_deliver || public._ask_again(v_request, v_reason, p_actor);',
    replace: 'null;',
    test: 'test/sql/decide_change/asks-again-what-a-lost-role-had-approved.test.ts',
    named: 'what was approved in full and not let out is taken back',
  },
  {
    control: 'roles: an owner and a second person remain',
    file: CHANGES,
    find: "when v_is_own then public._team_problem(v_person_id, p_payload ->> 'role', null) end;",
    replace: 'when false then null end;',
    test: PROPOSES,
    named: 'what would leave no owner and second person',
  },
  {
    control: 'link: two accounts of one human are one person',
    file: CHANGES,
    find: 'update public.identities set person_id = v_person_id where person_id = v_other_id;',
    replace: 'null;',
    test: LINKS,
    named: 'a linked pair never fills two slots',
  },
  {
    control: 'link: what both accounts had approved is asked anew',
    file: CHANGES,
    find: "v_deliver := v_deliver || public._ask_again(v_request, format('two accounts of %s had approved it', public._name_of(p_person_id)), p_actor);",
    replace: 'null;',
    test: LINKS,
    named: 'two approvals that turn out to be of one human are void',
  },
  {
    control: 'delegation: of a role of one’s own',
    file: CHANGES,
    find: "when v_from_id is distinct from p_proposer then 'everybody delegates a role of their own'",
    replace: 'when false then null',
    test: PROPOSES,
    named: 'a delegation of what one does not hold',
  },
  {
    control: 'delegation: of a role that is held',
    file: CHANGES,
    find: "where r.person_id = v_from_id and r.revoked_at is null and r.expires_at is null and (r.role = v_role or (r.role = 'owner' and v_role = 'operator')))",
    replace: 'where r.person_id = v_from_id)',
    test: PROPOSES,
    named: 'a delegation of what one does not hold',
  },
  {
    control: 'delegation: of a role that is not lent itself',
    file: CHANGES,
    find: 'where r.person_id = v_from_id and r.revoked_at is null and r.expires_at is null and',
    replace: 'where r.person_id = v_from_id and r.revoked_at is null and',
    test: 'test/sql/decide_change/delegates-a-role-for-a-while.test.ts',
    named: 'a role that is lent is not lent on',
  },
  {
    control: 'delegation: for thirty days at most',
    file: CHANGES,
    find: "when (p_payload ->> 'seconds')::bigint not between 300 and 2592000 then",
    replace: 'when false then',
    test: PROPOSES,
    named: 'a delegation of what one does not hold',
  },
  {
    control: 'delegation: ends with the role that it was lent from',
    file: CHANGES,
    find: 'return public._recheck_requests(array[v_person_id] || public._end_orphaned_delegations(p_change.proposer, p_change.change_id), p_change.proposer);',
    replace: 'return public._recheck_requests(array[v_person_id], p_change.proposer);',
    test: 'test/sql/decide_change/delegates-a-role-for-a-while.test.ts',
    named: 'what somebody no longer holds they no longer lend',
  },
];

/** The policy: what it may not say, who changes it, and what it makes of a plan. */
const POLICY_CONTROLS: readonly Mutant[] = [
  {
    control: 'policy: what is approved under the old one is asked anew',
    file: POLICIES,
    find: 'v_deliver := v_deliver || public._ask_task_under(v_task_id, v_policy, p_change.proposer);',
    replace: 'null;',
    test: ANEW,
    named: 'what was approved under the old version and has not been let out',
  },
  {
    control: 'policy: the text is the one that its checksum names',
    file: POLICIES,
    find: "if encode(sha256(convert_to(p_source, 'UTF8')), 'hex') is distinct from p_checksum then",
    replace: 'if false then',
    test: NO_POLICY,
    named: 'a checksum of another text',
  },
  {
    control: 'policy floor: publishing and money in no lower tier (database)',
    file: POLICIES,
    find: 'where public._tier_of(p_document, x.action) < x.lowest order by x.action limit 1',
    replace: 'where false',
    test: NO_POLICY,
    named: 'payments in T2',
  },
  {
    control: 'policy floor: publishing and money in no lower tier (text)',
    file: 'src/policy/approval-rules.ts',
    find: 'if (lowest && tier < lowest) context.addIssue(',
    replace: 'if (false) context.addIssue(',
    test: 'test/policy/refuses-a-policy.test.ts',
    named: 'PAYMENT in T1',
  },
  {
    control: 'policy floor: T3 takes an operator and an owner (text)',
    file: 'src/policy/approval-rules.ts',
    find: "T3: makeListWith([['critic'], ['operator_approval'], ['owner_approval'], ['dry_run']]),",
    replace: "T3: makeListWith([['critic'], ['operator_approval'], ['dry_run']]),",
    test: 'test/policy/refuses-a-policy.test.ts',
    named: 'T3 without an owner',
  },
  {
    control: 'policy: a file at the start is none in force',
    file: 'supabase/migrations/20261122100300_create_policies.sql',
    find: 'if v_row.policy_version is null then',
    replace: 'if true then',
    test: 'test/sql/seed_policy/only-where-none-ever-was.test.ts',
    named: 'another file changes nothing and is told apart',
  },
  {
    control: 'allowlist: an agent gets no action of another’s',
    file: PLANS,
    find: "where public._tier_of(p_policy, n ->> 'action') is not null and not public._is_allowed(p_policy, n ->> 'agent', n ->> 'action')",
    replace: 'where false',
    test: ACTIONS,
    named: 'a plan that gives researcher the action WRITE_DB is refused',
  },
  {
    control: 'allowlist: work outside it is not taken',
    file: 'supabase/migrations/20261122100700_create_task_functions.sql',
    find: "if v_step.kind = 'work' and not (",
    replace: 'if false and not (',
    test: ACTIONS,
    named: 'work that the pinned policy does not give to the agent',
  },
  {
    control: 'allowlist: the program’s own table',
    file: 'src/policy/guards/allowlist.ts',
    find: 'if (known?.agents.includes(name)) return',
    replace: 'if (known) return',
    test: 'test/policy/rules.test.ts',
    named: 'exec PUBLISH: false',
  },
  {
    control: 'plan: a step stays what it was planned as',
    file: STEPS_AS_PLANNED,
    find: 'create trigger _100_as_planned before update on public.task_steps for each row',
    replace: 'create trigger _100_as_planned before update of position on public.task_steps for each row',
    test: ACTIONS,
    named: 'where and what it sends: its chat',
  },
  {
    control: 'plan: no step is added after it',
    file: STEPS_AS_PLANNED,
    find: "if new.kind <> 'approve' and exists (",
    replace: 'if false and exists (',
    test: ACTIONS,
    named: 'and none is added after the plan, but a gate',
  },
  {
    control: 'plan: the tier’s people are asked before the effect',
    file: PLANS,
    find: 'if cardinality(public._slots(p_policy, p_task.risk_tier)) > 0 then',
    replace: 'if false then',
    test: GATES,
    named: 'a post gets critic and approval between draft and effect',
  },
  {
    control: 'plan: the highest tier of its actions',
    file: PLANS,
    find: "select max(public._tier_of(v_policy, n ->> 'action')) into v_tier",
    replace: "select min(public._tier_of(v_policy, n ->> 'action')) into v_tier",
    test: GATES,
    named: 'a post gets critic and approval between draft and effect',
  },
  {
    control: 'plan: what nobody here can carry out is refused',
    file: PLANS,
    find: "where not public._is_inside(n ->> 'action') and (",
    replace: 'where false and (',
    test: 'test/sql/complete_plan/refuses-what-nobody-can-carry-out-or-approve.test.ts',
    named: 'an action without an executor ends the task',
  },
  {
    control: 'critic: each line of the rubric within its bounds',
    file: PLANS,
    find: 'and r.given <= r.most) = 5',
    replace: ') = 5',
    test: 'test/sql/complete_critique/scores-by-the-rubric.test.ts',
    named: 'a critique with a line above its bound',
  },
  {
    control: 'critic: one red flag fails full marks',
    file: PLANS,
    find: "or p_critique ->> 'risk_flags' = '0' or jsonb_array_length(p_critique -> 'red_flags') > 0;",
    replace: "or p_critique ->> 'risk_flags' = '0';",
    test: 'test/sql/complete_critique/scores-by-the-rubric.test.ts',
    named: 'a red flag fails full marks',
  },
  {
    control: 'critic: each tier has its bar',
    file: PLANS,
    find: "select r from jsonb_array_elements_text(coalesce(v_policy -> 'approvals' -> v_task.risk_tier, '[]')) r where r like 'critic>=%') x;",
    replace: 'select null where false) x;',
    test: 'test/sql/complete_critique/holds-each-tier-to-its-threshold.test.ts',
    named: 'T2 with 7 of 9 points is failed',
  },
  {
    control: 'critic: silence is no pass',
    file: 'supabase/migrations/20261122100300_create_policies.sql',
    find: "v_is_met := coalesce((p_facts ->> 'points')::integer >= (p_facts ->> 'pass_points')::integer, false) and not coalesce((p_facts ->> 'has_veto')::boolean, true);",
    replace:
      "v_is_met := coalesce((p_facts ->> 'points')::integer >= (p_facts ->> 'pass_points')::integer, true) and not coalesce((p_facts ->> 'has_veto')::boolean, false);",
    test: 'test/policy/requirements.test.ts',
    named: '"critic_pass" with {}',
  },
];

export const GOVERNANCE_CONTROLS: readonly Mutant[] = [...CHANGE_CONTROLS, ...POLICY_CONTROLS];
