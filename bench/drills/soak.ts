import { setTimeout as wait } from 'node:timers/promises';
import { toAppError } from '../../src/errors.ts';
import { startChild } from '../child.ts';
import { median, percentile } from '../measure.ts';
import { type Intake, openIntake } from '../servers/intake.ts';
import { IMAGE_NODE_ARGS } from '../servers/process.ts';
import { openWorld, type ServerWorld } from '../servers/world.ts';
import { countBrokenRows, waitUntilEnded } from './counts.ts';
import { watchGrowth } from './growth.ts';
import type { Verdict } from './verdict.ts';

const STEPS_PER_SECOND = 100;
const STEPS_PER_TASK = 7;
/** What people write meanwhile, and ten times as much for a minute in the middle. */
const UPDATES_PER_SECOND = 20;
const BURST_PER_SECOND = 10 * UPDATES_PER_SECOND;
const BURST_S = 60;
const SECRET = 'a_long-random-word-0123456789';
const WEBHOOK = { TELEGRAM_WEBHOOK_URL: 'https://ags.example.com', TELEGRAM_WEBHOOK_SECRET: SECRET };
const ROLES = ['web', 'bot', 'worker'] as const;
/** What a process needs at first is no growth: it is looked at after this share of the time. */
const WARM_UP_SHARE = 0.2;
const SETTLE_MS = 120_000;

const MOST = { mbPerMinute: 1, slowdown: 1.25, acknowledgedMs: 500, shareNotDone: 0.05 };

/**
 * The same load for a long time: a hundred steps a second on a worker, and updates by webhook of which one minute brings ten times as
 * many. Nothing may grow: neither what is resident nor how long a task takes.
 */
export async function soak({ minutes }: { minutes: number }): Promise<Verdict> {
  await using world = await openWorld();
  await using intake = await openIntake(world);
  const processes = await Promise.all(ROLES.map((role) => world.start(role, { variables: WEBHOOK, nodeArgs: IMAGE_NODE_ARGS })));
  const durationMs = minutes * 60_000;
  const watching = new AbortController();
  const watched = processes.map(({ pid }) => watchGrowth(pid, { afterMs: durationMs * WARM_UP_SHARE, signal: watching.signal }));
  const sending = sendUpdates(`${processes[0]?.url}/webhooks/telegram`, durationMs);

  const planned = Math.floor((durationMs / 1000) * (STEPS_PER_SECOND / STEPS_PER_TASK));
  const refused = await giveEvenly(intake, planned, durationMs);
  watching.abort();
  const growth = await Promise.all(watched);
  const { burst, sentCount } = await sending;
  await waitUntilEnded(world, { count: planned - refused, limitMs: SETTLE_MS });

  const tasks = await listTasks(world);
  const done = tasks.filter(({ status }) => status === 'done');
  const [row] = await world.sql('select count(*)::int as count from public.inbox');
  return {
    violations: {
      tasks_not_ended: planned - refused - tasks.filter(({ status }) => status !== 'planning' && status !== 'running').length,
      updates_without_a_row: sentCount - Number(row?.count),
      ...(await countBrokenRows(world)),
    },
    limits: {
      ...Object.fromEntries(
        ROLES.map((role, at) => [`${role}_mb_per_minute`, { value: growth[at] ?? Number.NaN, most: MOST.mbPerMinute }]),
      ),
      late_to_early_task: { value: readSlowdown(done), most: MOST.slowdown },
      burst_acknowledged_p99_ms: { value: percentile(burst, 0.99), most: MOST.acknowledgedMs },
      share_not_done: { value: 1 - done.length / planned, most: MOST.shareNotDone },
    },
    beside: {
      minutes,
      tasks: planned,
      refused,
      done: done.length,
      updates: sentCount,
      p50_ms: Math.round(median(done.map(({ ms }) => ms))),
    },
  };
}

/**
 * An open loop: tasks come when they are due, whether or not the ones before have ended. Answers with how many were refused, because too
 * much waited.
 */
async function giveEvenly(intake: Intake, count: number, durationMs: number): Promise<number> {
  const startMs = performance.now();
  const given: Promise<boolean>[] = [];
  while (given.length < count) {
    given.push(isRefused(intake.give()));
    await wait(Math.max(0, startMs + (given.length * durationMs) / count - performance.now()));
  }
  return (await Promise.all(given)).filter(Boolean).length;
}

async function isRefused(given: Promise<string>): Promise<boolean> {
  try {
    await given;
    return false;
  } catch (thrown) {
    if (toAppError(thrown).code === 'overloaded') return true;
    throw thrown;
  }
}

interface Sent {
  latenciesMs: number[];
}

/** From processes of their own, as Telegram would: a steady stream all the time, and the burst in the middle of it. */
async function sendUpdates(url: string, durationMs: number): Promise<{ burst: number[]; sentCount: number }> {
  const burstMs = Math.min(BURST_S * 1000, durationMs / 4);
  const steady = send(url, { perSecond: UPDATES_PER_SECOND, ms: durationMs, firstId: 1_000_000 });
  await wait((durationMs - burstMs) / 2);
  const burst = await send(url, { perSecond: BURST_PER_SECOND, ms: burstMs, firstId: 10_000_000 });
  return { burst: burst.latenciesMs, sentCount: burst.latenciesMs.length + (await steady).latenciesMs.length };
}

async function send(url: string, { perSecond, ms, firstId }: { perSecond: number; ms: number; firstId: number }): Promise<Sent> {
  const count = Math.floor((perSecond * ms) / 1000);
  await using sender = await startChild<Sent>('./servers/webhook-sender.ts', [
    url,
    SECRET,
    String(perSecond),
    String(count),
    String(firstId),
  ]);
  return sender.ready;
}

interface TaskRow {
  status: string;
  ms: number;
}

/** In the order in which they were asked for. */
async function listTasks({ sql }: Pick<ServerWorld, 'sql'>): Promise<TaskRow[]> {
  const rows = await sql(
    'select status, (extract(epoch from ended_at - created_at) * 1000)::float8 as ms from public.tasks order by created_at',
  );
  return rows.map(({ status, ms }) => ({ status: String(status), ms: Number(ms) }));
}

/** How long a task of the last quarter takes, to one of the second quarter: the first one warms up. */
function readSlowdown(tasks: readonly TaskRow[]): number {
  const quarter = (number: number) => tasks.slice((tasks.length * (number - 1)) / 4, (tasks.length * number) / 4).map(({ ms }) => ms);
  return median(quarter(4)) / median(quarter(2));
}
