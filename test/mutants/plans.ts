import type { Mutant } from './mutant.ts';

const PLANS = 'supabase/migrations/20261122100800_create_plan_functions.sql';
const TASKS = 'supabase/migrations/20261122100700_create_task_functions.sql';
const POLICIES = 'supabase/migrations/20261122102200_gate_policies.sql';
const GATES = 'test/sql/complete_plan/adds-the-gates-that-the-tier-demands.test.ts';
const NO_POLICY = 'test/sql/propose_policy/is-refused-where-it-may-not-be.test.ts';
const BUDGETS = 'test/sql/reserve_spend/keeps-to-the-budgets.test.ts';

/** What a plan may rest on: its words are kept, its work is delivered, and it is not broken off half-way. */
export const PLAN_CONTROLS: readonly Mutant[] = [
  {
    control: 'plan: the draft that is added counts for the tier',
    file: PLANS,
    find: 'v_tier := greatest(v_tier, public._tier_of(v_policy, public._joining_action(v_policy)));',
    replace: 'null;',
    test: GATES,
    named: 'research alone still takes the approval of the text',
  },
  {
    control: 'plan: what is written after a post is judged and answered with',
    file: PLANS,
    find: 'if v_sinks is not null then',
    replace:
      "if v_sinks is not null and not exists (select 1 from public.task_steps where task_id = v_task.task_id and kind = 'effect') then",
    test: GATES,
    named: 'what is written after a post is judged, approved and answered with',
  },
  {
    control: 'plan: an agent without a program is given no work',
    file: 'src/agents/check-plan.ts',
    find: 'if (vocabulary.absentAgents.includes(node.agent) && !OUTWARD_ACTIONS.includes(node.action)) {',
    replace: 'if (false) {',
    test: 'test/agents/plan.test.ts',
    named: 'reads nothing',
  },
  {
    control: 'policy floor: a dry run only where people are asked (database)',
    file: POLICIES,
    find: "select t into v_tier from unnest(array['T0', 'T1']) t where p_document -> 'approvals' -> t ? 'dry_run_required' and cardinality(public._slots(p_document, t)) = 0 order by t limit 1;",
    replace: 'v_tier := null;',
    test: NO_POLICY,
    named: 'a dry run that nobody is shown',
  },
  {
    control: 'policy floor: a dry run only where people are asked (file)',
    file: 'src/policy/approval-rules.ts',
    find: "if (dryRun < 0 || requirements.some((requirement) => requirement?.kind === 'approval')) return;",
    replace: 'return;',
    test: 'test/policy/refuses-a-policy.test.ts',
    named: 'a dry run in T1 that nobody is shown',
  },
  {
    control: 'budget: nobody waits for what comes back to nobody',
    file: TASKS,
    find: "coalesce(sum(c.reserved_tokens) filter (where s.status = 'running' and s.step_id <> p_step_id), 0) as open_tokens,",
    replace: 'coalesce(sum(c.reserved_tokens), 0) as open_tokens,',
    test: BUDGETS,
    named: 'nobody waits for what a worker that is gone had set aside',
  },
  {
    control: 'budget: a wait is no way past what is used up',
    file: TASKS,
    find: "if v_reason is not null and v_task.tokens_used + v_reserved.tokens - v_reserved.open_tokens + p_tokens <= coalesce((v_task.budgets ->> 'task_tokens')::bigint, 0)",
    replace: 'if v_reason is not null',
    test: BUDGETS,
    named: 'what does not fit beside what is used up is refused',
  },
];
