import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessRole } from '../../src/config.ts';
import { CRASH_POINTS, type CrashPoint } from '../../src/domain/crash-points.ts';
import { CHATS } from '../../src/sandbox/world.ts';
import { PUBLISH_PLAN } from '../people.ts';
import { openWorld, type ServerWorld } from '../servers/world.ts';
import { countPosts, listOpen, waitUntilEnded } from './counts.ts';
import { type Approver, type Asked, approveItem, askForPost, startApprover } from './posts.ts';
import type { Verdict } from './verdict.ts';

interface Crash {
  point: CrashPoint;
  item: number;
}

const CRASH_LIMIT_MS = 60_000;
const CARDS_LIMIT_MS = 120_000;
const SETTLE_MS = 180_000;
/** People may write 20 commands in 10 s each. */
const ASK_MS = 200;
const LOOK_MS = 50;
/** Here nobody can know whether it arrived: people are asked, each time and once. Everywhere else the rows are proof enough. */
const UNKNOWN: readonly CrashPoint[] = ['after-intent', 'after-provider-accepted'];

/**
 * One post after the other is approved, and the worker that carries it out kills itself at a named point; each point so many times. Then as
 * many bots kill themselves between a task's row and its nudge. At the end a sound bot and a sound worker have to make all of it good. The
 * dead workers' leases last until then, so that each crash is met by the worker that is meant for it.
 */
export async function sweepCrashPoints({ times }: { times: number }): Promise<Verdict> {
  await using world = await openWorld();
  await world.model.setPlan(PUBLISH_PLAN);
  const points = CRASH_POINTS.flatMap((point) => Array.from({ length: times }, () => point));
  const crashes = points.map((point, index) => ({ point, item: index + 1 }));
  const { asked, byWorkers } = await approveOneByOne(world, crashes);
  let byBots = 0;
  for (let item = crashes.length + 1; item <= crashes.length + times; item += 1) {
    asked.push(askForPost(world, item));
    byBots += Number(await crash(world, 'bot', 'between-commit-and-enqueue'));
  }
  const { approver, counts } = await settle(world, asked);
  return {
    violations: {
      ...counts.violations,
      tasks_not_done: asked.length - counts.done,
      crashes_missed: crashes.length + times - byWorkers.crashed - byBots,
      presses_missed: crashes.length - byWorkers.presses.length,
      ...(await countDoubts(world, crashes)),
    },
    beside: { times, worker_crashes: byWorkers.crashed, bot_crashes: byBots, asked_people: approver.doubts.size },
  };
}

async function approveOneByOne(world: ServerWorld, crashes: readonly Crash[]) {
  await using _bot = await world.start('bot');
  const asked = await prepareCards(world, crashes);
  return { asked, byWorkers: await crashWorkers(world, crashes) };
}

/** Every post is written, judged and on its card, by a worker that is then ended in peace. */
async function prepareCards(world: ServerWorld, crashes: readonly Crash[]): Promise<Asked[]> {
  await using _worker = await world.start('worker');
  const asked: Asked[] = [];
  for (const { item } of crashes) {
    asked.push(askForPost(world, item));
    await wait(ASK_MS);
  }
  const endMs = performance.now() + CARDS_LIMIT_MS;
  // Approvers have a card of their own in private, too; it is pressed in the group.
  const countCards = async () =>
    Number(
      (
        await world.sql(`select count(*) from public.cards where kind = 'approval' and message_id is not null and chat_id = $1`, [
          CHATS.admin.id,
        ])
      )[0]?.count,
    );
  while ((await countCards()) < crashes.length) {
    if (performance.now() > endMs)
      throw new Error(`not every card came within ${CARDS_LIMIT_MS} ms: ${JSON.stringify(await listOpen(world))}`);
    await wait(LOOK_MS);
  }
  return asked;
}

async function crashWorkers(world: ServerWorld, crashes: readonly Crash[]): Promise<{ crashed: number; presses: number[] }> {
  const presses: number[] = [];
  let crashed = 0;
  for (const { point, item } of crashes) {
    const update = approveItem(world, item);
    if (update !== null) presses.push(update);
    crashed += Number(await crash(world, 'worker', point));
    await world.sql(`update public.task_steps set lease_expires_at = clock_timestamp() + interval '1 hour' where status = 'running'`);
  }
  return { crashed, presses };
}

/** Starts a process that is to die at this point; true when it did. */
async function crash(world: ServerWorld, role: ProcessRole, point: CrashPoint): Promise<boolean> {
  const doomed = await world.launch(role, { variables: { NODE_ENV: 'test', AGS_CRASH_AT: point } });
  const limit = AbortSignal.timeout(CRASH_LIMIT_MS);
  const over = new Promise<'late'>((resolve) => limit.addEventListener('abort', () => resolve('late'), { once: true }));
  const end = await Promise.race([doomed.ended, over]);
  await doomed[Symbol.asyncDispose]();
  return end === 'SIGKILL';
}

/** The leases of the dead run out, sound processes start, and one who looks into the channel answers what is asked. */
async function settle(
  world: ServerWorld,
  asked: readonly Asked[],
): Promise<{ approver: Approver; counts: Awaited<ReturnType<typeof countPosts>> }> {
  await world.sql(`update public.task_steps set lease_expires_at = clock_timestamp() where status = 'running'`);
  await using _bot = await world.start('bot');
  await using _worker = await world.start('worker');
  await using approver = startApprover(world);
  const hasEnded = await waitUntilEnded(world, { count: asked.length, limitMs: SETTLE_MS });
  const counts = await countPosts(world, asked, approver.presses);
  if (!hasEnded || counts.done < asked.length) console.error(await listOpen(world));
  return { approver, counts };
}

/** Where the outcome could not be known there is one card, and nowhere else one: by the rows, and by what stands in the admin group. */
async function countDoubts({ sql, telegram }: ServerWorld, crashes: readonly Crash[]): Promise<Record<string, number>> {
  const rows = await sql(
    `select substring(t.goal from 'item (\\d+)')::int as item, t.task_id, count(c.card_id)::int as cards from public.tasks t
    left join public.effects e using (task_id) left join public.cards c on c.kind = 'doubt' and c.effect_id = e.effect_id group by 1, 2`,
  );
  const settled = telegram.history(CHATS.admin.id).filter(({ text = '' }) => /Did this post arrive|Settled: /.test(text));
  let missing = 0;
  let needless = 0;
  for (const { item, task_id: taskId, cards } of rows) {
    const point = crashes.find((crash) => crash.item === item)?.point;
    const expected = point !== undefined && UNKNOWN.includes(point) ? 1 : 0;
    const shown = settled.filter(({ text = '' }) => text.includes(String(taskId))).length;
    missing += Math.max(0, expected - Math.min(Number(cards), shown));
    needless += Math.max(0, Math.max(Number(cards), shown) - expected);
  }
  return { doubts_not_asked: missing, doubts_asked_needlessly: needless };
}
