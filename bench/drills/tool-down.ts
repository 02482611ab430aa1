import { setTimeout as wait } from 'node:timers/promises';
import type { ServerWorld } from '../servers/world.ts';
import { runPostsUnder } from './under.ts';
import type { Verdict } from './verdict.ts';

const PAUSE_MS = 4_000;
const LOOK_MS = 250;
/** Five failures of each engine, with their backoff. */
const OPEN_LIMIT_MS = 60_000;
/** It is down for a while longer than it takes to notice. */
const DOWN_MS = 15_000;
const UNAVAILABLE = 503;
/** From the model's return: what is left of the two minutes, the probe, and those that waited behind it. */
const RECOVERY_SECONDS = 150;
/** A process remembers for a second that all was well, and its call is reserved a moment later. */
const REMEMBERED_MS = 2_000;
const ALONE_MS = 120_000;
/** The default policy has two, and both are this server. */
const ENGINES = 2;

interface Opened {
  engine: string;
  at: Date;
}

/** The model answers nobody: the whole fleet leaves it alone, tasks wait, and all of them go on when a probe has found that it works. */
export async function takeModelDown({ tasks }: { tasks: number }): Promise<Verdict> {
  let waiting = 0;
  let early = Number.NaN;
  let failed = Number.NaN;
  const verdict = await runPostsUnder(
    { tasks, recoverySeconds: RECOVERY_SECONDS },
    async ({ world }) => {
      await wait(PAUSE_MS);
      await world.model.failWith(UNAVAILABLE);
      const opened = await waitUntilOpen(world);
      await wait(DOWN_MS);
      await world.model.failWith(null);
      const back = new Date();
      waiting = await countWaiting(world);
      await waitUntilClosed(world);
      early = await countEarlyCalls(world, opened);
      return [back];
    },
    async ({ sql }) => {
      failed = Number((await sql(`select count(*) from public.tasks where status = 'failed'`))[0]?.count);
    },
  );
  return {
    ...verdict,
    // None at all would show that nothing was drilled.
    violations: { ...verdict.violations, calls_while_open: early, tasks_failed: failed, nobody_waited: Number(waiting === 0) },
    beside: { ...verdict.beside, tasks_waited: waiting },
  };
}

type Seen = Pick<ServerWorld, 'sql'>;

async function waitUntilOpen(world: Seen): Promise<Opened[]> {
  return look(world, `select name, opened_at from public.breakers where state = 'open'`, OPEN_LIMIT_MS, (rows) =>
    rows.length < ENGINES
      ? null
      : rows.map(({ name, opened_at: at }) => ({ engine: String(name).replace(/^engine:/, ''), at: new Date(String(at)) })),
  );
}

/** The first engine of the route is enough: while it works nobody asks the other one, whose breaker stays as it is. */
const waitUntilClosed = (world: Seen): Promise<true> =>
  look(world, `select name from public.breakers where state = 'closed'`, 2 * ALONE_MS, (rows) => (rows.length > 0 ? true : null));

async function look<T>({ sql }: Seen, text: string, limitMs: number, read: (rows: Record<string, unknown>[]) => T | null): Promise<T> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const found = read(await sql(text));
    if (found !== null) return found;
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${text}`);
    await wait(LOOK_MS);
  }
}

const countWaiting = async ({ sql }: Seen): Promise<number> =>
  Number((await sql(`select count(distinct task_id) from public.task_steps where status = 'ready' and waits_for is not null`))[0]?.count);

/** Calls that anybody in the fleet began while the engine was to be left alone. */
async function countEarlyCalls({ sql }: Seen, opened: readonly Opened[]): Promise<number> {
  let calls = 0;
  for (const { engine, at } of opened) {
    const between = [engine, new Date(at.getTime() + REMEMBERED_MS), new Date(at.getTime() + ALONE_MS)];
    const [row] = await sql('select count(*) from public.engine_calls where lower(engine) = $1 and created_at between $2 and $3', between);
    calls += Number(row?.count);
  }
  return calls;
}
