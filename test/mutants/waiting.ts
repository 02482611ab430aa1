import type { Mutant } from './mutant.ts';

const TASKS = 'supabase/migrations/20261122100700_create_task_functions.sql';
const CONTROL = 'supabase/migrations/20261122101100_create_control_functions.sql';
const WAITING = 'supabase/migrations/20261122107300_wait_for_telegram.sql';
const GUARD = 'src/effects/guard-messenger.ts';
const GUARDED = 'test/effects/guard-messenger.test.ts';
const LATE = 'test/sql/settle_attempt/a-late-answer-settles-the-doubt.test.ts';
const TWO_DOUBTS = 'test/sql/decide_doubt/two-doubts-of-one-task.test.ts';

/** What waits instead of being lost, sent twice or asked about for nothing. */
export const WAIT_CONTROLS: readonly Mutant[] = [
  {
    control: 'doubt: an answer about one effect lifts no doubt about another',
    file: WAITING,
    find: "if exists (select 1 from public.effects where task_id = p_task_id and status = 'in_doubt' and effect_id is distinct from p_settled_effect_id) then",
    replace: 'if false then',
    test: TWO_DOUBTS,
    named: 'landed about one leaves the other to people',
  },
  {
    control: 'doubt: its step is handed to nobody',
    file: TASKS,
    find: "if exists (select 1 from public.effects where step_id = p_step_id and status = 'in_doubt') then",
    replace: 'if false then',
    test: TWO_DOUBTS,
    named: 'whatever the task says, the step of a doubt is handed to nobody',
  },
  {
    control: 'doubt: its step is nudged by no sweep',
    file: CONTROL,
    find: "and not exists (select 1 from public.effects e where e.step_id = s.step_id and e.status = 'in_doubt')",
    replace: '',
    test: TWO_DOUBTS,
    named: 'whatever the task says, the step of a doubt is handed to nobody',
  },
  {
    control: 'doubt: a late answer settles it when every try is certain, not before',
    file: WAITING,
    find: "if exists (select 1 from public.effect_attempts where effect_id = p_effect_id and status in ('started', 'in_doubt')) then",
    replace: 'if false then',
    test: LATE,
    named: 'while another part is unknown people are still asked',
  },
  {
    control: 'doubt: a late answer that met the doubt half way is found',
    file: CONTROL,
    find: 'v_deliver := v_deliver || public._settle_late_answers();',
    replace: '',
    test: LATE,
    named: 'an answer that came in the moment of the doubt is found by the sweep',
  },
  {
    control: 'telegram: nothing is granted while its breaker is open',
    file: GUARD,
    find: 'return { isLeftAlone: true, retryAfterMs };',
    replace: 'return { isLeftAlone: false, messenger, leave: async () => undefined };',
    test: GUARDED,
    named: 'while it is left alone nothing is sent',
  },
  {
    control: 'telegram: an unknown outcome counts against it',
    file: GUARD,
    find: "const isAway = result.outcome === 'unknown' ||",
    replace: 'const isAway =',
    test: GUARDED,
    named: 'each part, in its order is told to the breaker',
  },
  {
    control: 'telegram: only the holder gives a probe back',
    file: WAITING,
    find: "where name = p_name and state = 'half_open' and probe_holder = p_holder;",
    replace: "where name = p_name and state = 'half_open';",
    test: 'test/sql/breakers/opens-at-the-fifth-in-a-row.test.ts',
    named: 'a probe that was not made is given back',
  },
  {
    control: 'telegram: a step that could not fetch a file uses up no try',
    file: 'src/jobs/steps/telegram-wait.ts',
    find: "(code !== 'telegram_flood' && code !== 'telegram_unavailable')",
    replace: "code !== 'telegram_flood'",
    test: 'test/jobs/telegram-wait.test.ts',
    named: 'away: at first',
  },
  {
    control: 'telegram: a chat that does not let the bot in ends no task',
    file: 'src/effects/deliver-parts.ts',
    find: "return { outcome: 'shut', note };",
    replace: "return { outcome: 'failed', note };",
    test: 'test/bot/trouble/telegram-says-no.test.ts',
    named: 'keeps the approved post waiting',
  },
  {
    control: 'telegram: the incident about a chat lasts as long as something waits for it',
    file: WAITING,
    find: "and s.waits_for = 'access:' || p_chat_id and t.ended_at is null);",
    replace: 'and false);',
    test: 'test/sql/settle_effect/waits-for-a-chat.test.ts',
    named: 'once the bot may write there',
  },
];
