import { setTimeout as wait } from 'node:timers/promises';
import { PUBLISH_PLAN } from '../people.ts';
import { openWorld, type ServerWorld } from '../servers/world.ts';
import { countPosts, listOpen, waitUntilEnded } from './counts.ts';
import { type Asked, askForPost, startApprover } from './posts.ts';
import { makeRandom } from './random.ts';
import { type Supervised, supervise } from './supervisor.ts';
import type { Verdict } from './verdict.ts';

const VICTIMS = ['worker', 'bot', 'redis', 'postgres'] as const;
type Victim = (typeof VICTIMS)[number];

interface Kill {
  victim: Victim;
  /** By the database's clock, which is this machine's. */
  at: Date;
}

/** Between two kills, at random. */
const PAUSE_MS = { least: 2_000, most: 20_000 };
/** How long a server is away: as long as a platform takes to start it again. */
const AWAY_MS = { least: 200, most: 3_000 };
/** From one request to the next: slower than four people may write, and so slow that many kills come upon it. */
const ASK_MS = 1_000;
/** After the last kill: two leases, their sweeps, and time for what waits behind them. */
const SETTLE_MS = 300_000;
const RECOVERY_LIMIT_S = 90;
const MIN_DONE_SHARE = 0.95;

/**
 * Posts that people have to approve, asked for one after the other, while worker, bot, Redis and PostgreSQL are killed at random. Afterwards
 * what was asked for is held against what stands in the channel.
 */
export async function runChaos({ tasks, seed }: { tasks: number; seed: number }): Promise<Verdict> {
  await using world = await openWorld();
  await world.model.setPlan(PUBLISH_PLAN);
  await using fleet = new AsyncDisposableStack();
  const roles = (['bot', 'worker', 'worker'] as const).map((role) => fleet.use(supervise(world, role)));
  await Promise.all(roles.map((role) => role.ready()));
  const approver = fleet.use(startApprover(world));

  const killing = new AbortController();
  const kills: Kill[] = [];
  const killer = killAtRandom(world, { roles, random: makeRandom(seed), kills, signal: killing.signal });
  const asked: Asked[] = [];
  for (let item = 1; item <= tasks; item += 1) {
    asked.push(askForPost(world, item));
    await wait(ASK_MS);
  }
  killing.abort();
  await killer;
  const startMs = performance.now();
  const hasEnded = await waitUntilEnded(world, { count: tasks, limitMs: SETTLE_MS });
  const settleS = (performance.now() - startMs) / 1000;

  const counts = await countPosts(world, asked, approver.presses);
  if (!hasEnded || counts.done < tasks) console.error(await listOpen(world));
  const recoveryS = await measureRecovery(world, kills);
  return {
    violations: { ...counts.violations, tasks_not_ended: tasks - counts.ended },
    limits: {
      seconds_to_recover: { value: Math.max(0, ...recoveryS), most: RECOVERY_LIMIT_S },
      share_not_done: { value: 1 - counts.done / tasks, most: 1 - MIN_DONE_SHARE },
    },
    beside: {
      tasks,
      seed,
      done: counts.done,
      ...countVictims(kills),
      doubts_landed: [...approver.doubts.values()].filter((answer) => answer === 'landed').length,
      doubts_sent_again: [...approver.doubts.values()].filter((answer) => answer === 'again').length,
      ended_unasked: roles.reduce((sum, role) => sum + role.unasked(), 0),
      seconds_to_settle: Math.round(settleS),
    },
  };
}

interface Killing {
  roles: readonly Supervised[];
  random: () => number;
  kills: Kill[];
  signal: AbortSignal;
}

/** Ends when it is told to, with both servers there. */
async function killAtRandom(world: ServerWorld, { roles, random, kills, signal }: Killing): Promise<void> {
  const between = ({ least, most }: { least: number; most: number }) => least + random() * (most - least);
  for (;;) {
    await wait(between(PAUSE_MS), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'worker';
    const awayMs = between(AWAY_MS);
    const candidates = roles.filter(({ role }) => role === victim);
    kills.push({ victim, at: new Date() });
    if (victim === 'redis') await killServer(world.redisServer, awayMs);
    else if (victim === 'postgres') await killServer(world.postgres, awayMs);
    else await candidates[Math.floor(random() * candidates.length)]?.kill();
  }
}

/** As a crash, and then as a platform that starts it again. */
export async function killServer(server: { kill(): Promise<void>; start(): Promise<void> }, awayMs: number): Promise<void> {
  await server.kill();
  await wait(awayMs);
  await server.start();
}

/** For each kill: how long until every task that was under way then had moved on, in seconds. The approver waits for nothing, so that all of them do. */
export async function measureRecovery({ sql }: Pick<ServerWorld, 'sql'>, kills: readonly Pick<Kill, 'at'>[]): Promise<number[]> {
  const seconds: number[] = [];
  for (const { at } of kills) {
    const [row] = await sql(
      `select coalesce(max(extract(epoch from coalesce((select min(l.ts) from public.audit_logs l where l.chain = t.task_id and l.ts > $1), clock_timestamp()) - $1)), 0)::float8 as seconds
      from public.tasks t where t.created_at <= $1 and (t.ended_at is null or t.ended_at > $1)`,
      [at],
    );
    seconds.push(Number(row?.seconds));
  }
  return seconds;
}

const countVictims = (kills: readonly Kill[]): Record<string, number> =>
  Object.fromEntries(VICTIMS.map((victim) => [`${victim}_kills`, kills.filter((kill) => kill.victim === victim).length]));
