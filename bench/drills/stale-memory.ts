import { setTimeout as wait } from 'node:timers/promises';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { PUBLISH_PLAN } from '../people.ts';
import type { ServerWorld } from '../servers/world.ts';
import { runPostsUnder, type Stage } from './under.ts';
import type { Verdict } from './verdict.ts';

const PLAN = [
  { id: 'retrieve', agent: 'retriever', action: 'RETRIEVE', after: [], instruction: 'Look for it.' },
  ...PUBLISH_PLAN.map((node) => (node.id === 'act' ? { ...node, after: ['retrieve'] } : node)),
];
/** Six times as long as it is waited for. */
const SLOW_SEARCH = `create or replace function public.search_artifacts(p_query text, p_task_id text, p_limit integer) returns jsonb
  language plpgsql stable security definer set search_path = '' as $$ begin perform pg_catalog.pg_sleep(30); return '[]'::jsonb; end $$`;
const LOOK_MS = 250;
const LIMIT_MS = 120_000;
/** Its breaker is tried after two minutes; then all of them search and are judged again. */
const RUNBOOK_LIMIT_MS = 420_000;
/** What a search may take, and the way to the cache on a busy machine. */
const RETRIEVE_LIMIT_SECONDS = 15;
const CHATS_OF_GIVERS = 4;

interface Seen {
  stale: number;
  fromCache: number;
  unmarked: number;
  redone: number;
  left: number;
  seconds: number;
  outcome: string;
}

/** The search hangs: tasks go on with what was found before, marked; mended, the runbook has every unfinished one of them done again. */
export async function staleMemory({ tasks }: { tasks: number }): Promise<Verdict> {
  let seen: Seen | null = null;
  const verdict = await runPostsUnder({ tasks }, async (stage) => {
    seen = await goThrough(stage);
    stage.approver.hold(false);
    return [new Date()];
  });
  return judge(verdict, seen);
}

function judge(verdict: Verdict, seen: Seen | null): Verdict {
  const { stale = 0, fromCache = 0, unmarked = Number.NaN, redone = 0, left = Number.NaN, seconds = Number.NaN, outcome = '' } = seen ?? {};
  const violations = { unmarked, stale_not_redone: stale - redone, stale_left: left, runbook_not_done: Number(outcome !== 'done') };
  return {
    // None at all would show that nothing was drilled.
    violations: { ...verdict.violations, ...violations, nobody_was_stale: Number(stale === 0), nothing_was_kept: Number(fromCache === 0) },
    limits: { ...verdict.limits, seconds_to_retrieve: { value: seconds, most: RETRIEVE_LIMIT_SECONDS } },
    beside: { ...verdict.beside, tasks_stale: stale, tasks_redone: redone },
  };
}

async function goThrough({ world, approver, signal }: Stage): Promise<Seen> {
  await world.model.setPlan(PLAN);
  // Each person's chat has something to fall back on.
  await look(world, `select count(distinct chat_id)::int as value from public.retrieval_cache`, (chats) => chats >= CHATS_OF_GIVERS);
  approver.hold(true);
  const mend = await breakSearch(world);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await look(
    world,
    `select count(*)::int as value from public.tasks t where t.ended_at is null and not exists (
      select 1 from public.approval_requests r where r.task_id = t.task_id and r.status = 'pending')`,
    (busy) => busy === 0,
  );
  const before = await measure(world);
  await mend();
  const outcome = await runRunbook(world);
  return { ...before, ...(await measureRedone(world)), outcome };
}

/** Answers with what puts it right. The function keeps its name and rights, so that whoever calls it notices nothing but the time. */
async function breakSearch({ sql }: Pick<ServerWorld, 'sql'>): Promise<() => Promise<void>> {
  const [row] = await sql(`select pg_get_functiondef('public.search_artifacts(text, text, integer)'::regprocedure) as definition`);
  await sql(SLOW_SEARCH);
  await sql('create table public.drill_broken_at as select clock_timestamp() as at');
  return async () => {
    await sql(String(row?.definition));
    await sql('drop table public.drill_broken_at');
  };
}

/** What the tasks did that searched meanwhile, and those that began after it broke without being marked. */
async function measure({ sql }: Pick<ServerWorld, 'sql'>): Promise<Pick<Seen, 'stale' | 'fromCache' | 'unmarked' | 'seconds'>> {
  const [row] =
    await sql(`select count(m.step_id) filter (where t.ended_at is null)::int as stale, count(*) filter (where m.source_count > 0)::int as from_cache,
      count(*) filter (where m.step_id is null)::int as unmarked, coalesce(max(extract(epoch from s.ended_at - s.started_at)), 0)::float8 as seconds
    from public.task_steps s join public.tasks t using (task_id) left join public.stale_retrievals m using (step_id)
    where s.agent = 'retriever' and s.started_at > (select at from public.drill_broken_at)`);
  return { stale: Number(row?.stale), fromCache: Number(row?.from_cache), unmarked: Number(row?.unmarked), seconds: Number(row?.seconds) };
}

async function measureRedone({ sql }: Pick<ServerWorld, 'sql'>): Promise<Pick<Seen, 'redone' | 'left'>> {
  const [row] = await sql(`select (select count(distinct chain) from public.audit_logs where action = 'retrieval.redo')::int as redone,
    (select count(*) from public.stale_retrievals join public.tasks t using (task_id) where t.ended_at is null)::int as left`);
  return { redone: Number(row?.redone), left: Number(row?.left) };
}

/** As an operator does it: reads the dry run, presses Run, and waits until its message has come to an end. */
async function runRunbook(world: ServerWorld): Promise<string> {
  const { telegram } = world;
  const { id } = PERSONAS.adam;
  telegram.say(id, id, '/runbook memory-drift');
  const shown = await telegram.waitForMessage(id, 'Runbook memory-drift: dry run', { timeoutMs: LIMIT_MS });
  const run = shown.reply_markup?.inline_keyboard.flat().find(({ callback_data: data }) => data?.endsWith(':x'))?.callback_data;
  if (run === undefined) throw new Error('the dry run has no button');
  telegram.pressRaw(id, id, shown.message_id, run);
  const ended = `select count(*)::int as value from public.runbook_runs where state in ('done', 'failed')`;
  await look(world, ended, (runs) => runs > 0, RUNBOOK_LIMIT_MS);
  for (const row of await world.sql('select name, state, result from public.runbook_steps order by position'))
    console.error(row.name, row.state, row.result);
  return String((await world.sql('select state from public.runbook_runs'))[0]?.state);
}

async function look(
  { sql }: Pick<ServerWorld, 'sql'>,
  text: string,
  isEnough: (value: number) => boolean,
  limitMs: number = LIMIT_MS,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isEnough(Number((await sql(text))[0]?.value))) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${text}`);
    await wait(LOOK_MS);
  }
}
