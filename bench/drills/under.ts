import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessRole } from '../../src/config.ts';
import { PUBLISH_PLAN } from '../people.ts';
import { openWorld, type ServerWorld } from '../servers/world.ts';
import { countPosts, listOpen, waitUntilEnded } from './counts.ts';
import { type Approver, type Asked, askForPost, startApprover } from './posts.ts';
import { type Supervised, supervise } from './supervisor.ts';
import type { Verdict } from './verdict.ts';

/** What a drill meddles with. */
export interface Stage {
  world: ServerWorld;
  roles: readonly Supervised[];
  approver: Pick<Approver, 'hold'>;
  /** Aborts when everything has been asked for: a good moment to leave the servers alone. */
  signal: AbortSignal;
}

export interface UnderOptions {
  tasks: number;
  /** From one request to the next; not faster than four people may write. */
  askMs?: number;
  roles?: readonly ProcessRole[];
  /** How long the model thinks each time: as much as it takes for some tasks to be under way whenever something goes wrong. */
  modelDelayMs?: number;
  /** From a fault until everything that was under way has moved on. */
  recoverySeconds?: number;
  /** How long the last ones may take after the last request. */
  settleMs?: number;
}

/** Two leases, their sweeps, and time for what waits behind them. */
const SETTLE_MS = 300_000;
const RECOVERY_SECONDS = 90;
const ASK_MS = 1_000;
/** A run in which fewer finish has failed, whatever else it shows. */
const MIN_DONE_SHARE = 0.95;
const ROLES: readonly ProcessRole[] = ['bot', 'worker', 'worker'];

/**
 * Posts that people have to approve, asked for one after the other, while `meddle` makes things go wrong; it answers with when it did. In
 * the end `inspect` may look for itself, and everything has to have come to its end, once: what was asked for is held against what stands in the channel.
 */
export async function runPostsUnder(
  options: UnderOptions,
  meddle: (stage: Stage) => Promise<readonly Date[]>,
  inspect: (world: ServerWorld) => Promise<void> = () => Promise.resolve(),
): Promise<Verdict> {
  const { tasks, askMs = ASK_MS, roles = ROLES, modelDelayMs = 0, recoverySeconds = RECOVERY_SECONDS, settleMs = SETTLE_MS } = options;
  await using world = await openWorld({ modelDelayMs });
  await world.model.setPlan(PUBLISH_PLAN);
  await using fleet = new AsyncDisposableStack();
  const supervised = roles.map((role) => fleet.use(supervise(world, role)));
  await Promise.all(supervised.map((role) => role.ready()));
  const approver = fleet.use(startApprover(world));

  const asking = new AbortController();
  const meddling = meddle({ world, roles: supervised, approver, signal: asking.signal });
  const asked: Asked[] = [];
  for (let item = 1; item <= tasks; item += 1) {
    asked.push(askForPost(world, item));
    await wait(askMs);
  }
  asking.abort();
  const faults = await meddling;
  const startMs = performance.now();
  const hasEnded = await waitUntilEnded(world, { count: tasks, limitMs: settleMs });
  const settledMs = performance.now() - startMs;

  await inspect(world);
  const counts = await countPosts(world, asked, approver.presses);
  if (!hasEnded || counts.done < tasks) console.error(await listOpen(world));
  const recovery = await measureRecovery(world, faults);
  const answers = [...approver.doubts.values()];
  return {
    violations: { ...counts.violations, tasks_not_ended: tasks - counts.ended },
    limits: {
      seconds_to_recover: { value: recovery.seconds, most: recoverySeconds },
      share_not_done: { value: 1 - counts.done / tasks, most: Number((1 - MIN_DONE_SHARE).toFixed(2)) },
    },
    beside: {
      tasks,
      done: counts.done,
      faults: faults.length,
      slowest_recovery: recovery.between,
      asked_people_landed: answers.filter((answer) => answer === 'landed').length,
      asked_people_again: answers.filter((answer) => answer === 'again').length,
      ended_unasked: supervised.reduce((sum, role) => sum + role.unasked(), 0),
      seconds_to_settle: Math.round(settledMs / 1000),
    },
  };
}

interface Recovery {
  seconds: number;
  /** Between which two records of the task that took longest the time went by. */
  between: string;
}

/** The last record of a task before the fault and the first one after it, for every task that was under way then. That a step was lost is no way on. */
const GAPS = `
  select extract(epoch from coalesce(after.ts, clock_timestamp()) - $1)::float8 as seconds,
    format('%s: %s, %s', t.task_id, before.action, coalesce(after.action, 'nothing')) as between
  from public.tasks t
  left join lateral (select l.action from public.audit_logs l where l.chain = t.task_id and l.ts <= $1 order by l.seq desc limit 1) before on true
  left join lateral (select l.action, l.ts from public.audit_logs l where l.chain = t.task_id and l.ts > $1 and l.action <> 'step.lose' order by l.seq limit 1) after on true
  where t.created_at <= $1 and (t.ended_at is null or t.ended_at > $1) order by 1 desc limit 1`;

/** The slowest of all: how long after a fault a task that was under way then had moved on. The approver waits for nothing, so that all of them do. */
async function measureRecovery({ sql }: Pick<ServerWorld, 'sql'>, faults: readonly Date[]): Promise<Recovery> {
  let slowest: Recovery = { seconds: 0, between: '' };
  for (const at of faults) {
    const [row] = await sql(GAPS, [at]);
    if (Number(row?.seconds) > slowest.seconds) slowest = { seconds: Number(row?.seconds), between: String(row?.between) };
  }
  return slowest;
}

/** As a crash, and then as a platform that starts it again after a while; says when. */
export async function killServer(server: { kill(): Promise<void>; start(): Promise<void> }, awayMs: number): Promise<Date> {
  const at = new Date();
  await server.kill();
  await wait(awayMs);
  await server.start();
  return at;
}
