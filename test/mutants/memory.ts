import type { Mutant } from './mutant.ts';

const FRESH = 'supabase/migrations/20261122107000_keep_memory_fresh.sql';
const RECALL = 'src/memory/recall.ts';
const FALLS_BACK = 'test/sql/retrievals/falls-back-on-what-was-found.test.ts';
const DONE_AGAIN = 'test/sql/runbooks/memory-drift-has-it-done-again.test.ts';
const RECALLS = 'test/memory/recall.test.ts';

/** What a task rests on when the search does not answer, and what becomes of it afterwards. */
export const MEMORY_CONTROLS: readonly Mutant[] = [
  {
    control: 'stale memory: the cache serves the same chat or the same goal alone',
    file: FRESH,
    find: 'where (c.chat_id = v_task.chat_id or c.goal_hash = public._hash_words(v_task.goal)) and',
    replace: 'where',
    test: FALLS_BACK,
    named: 'in another chat it serves the same goal alone',
  },
  {
    control: 'stale memory: the cache gives nothing that the search would not have given',
    file: FRESH,
    find: "where t.status = 'done' and a.task_id <> v_task.task_id and a.search @@ v_any_word",
    replace: '',
    test: FALLS_BACK,
    named: 'it gives nothing that the search would not have given',
  },
  {
    control: 'stale memory: an answer that comes late takes no mark away',
    file: FRESH,
    find: 'delete from public.stale_retrievals where step_id = p_step_id and fence < p_fence;',
    replace: 'delete from public.stale_retrievals where step_id = p_step_id;',
    test: FALLS_BACK,
    named: 'an answer that comes late does not',
  },
  {
    control: 'stale memory: a search has a limit',
    file: RECALL,
    find: "within.addEventListener('abort', () => reject(toAborted()), { once: true });",
    replace: '',
    test: RECALLS,
    named: 'given up after its limit',
  },
  {
    control: 'stale memory: nobody asks while the breaker is open',
    file: RECALL,
    find: "return { reason: 'left_alone', err: leave };",
    replace: '',
    test: RECALLS,
    named: 'while its breaker is open it is not asked',
  },
  {
    control: 'stale memory: what people had approved is void when it is done again',
    file: FRESH,
    find: "perform public._void_request(v_request, 'its sources were stale', p_actor);",
    replace: 'null;',
    test: DONE_AGAIN,
    named: 'an approval that let nothing out yet is void',
  },
  {
    control: 'stale memory: what the gate has let out is left alone',
    file: FRESH,
    find: "and not exists (select 1 from public.effects f where f.step_id = e.step_id and f.status <> 'void') order by",
    replace: 'order by',
    test: DONE_AGAIN,
    named: 'what the gate has let out is nobody',
  },
  {
    control: 'stale memory: whoever writes on the old sources has lost the step',
    file: FRESH,
    find: "((kind = 'work' and status in ('ready', 'running') and position > v_position and not step_id = any (v_step_ids))",
    replace: '(false',
    test: DONE_AGAIN,
    named: 'who writes on the old sources has lost the step',
  },
];
