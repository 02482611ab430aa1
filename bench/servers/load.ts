import { setTimeout as wait } from 'node:timers/promises';
import type { Intake } from './intake.ts';
import type { ServerWorld } from './world.ts';

export interface LoadOptions {
  inFlight: number;
  /** What is measured; what comes before it warms up. */
  durationMs: number;
  warmUpMs?: number;
  /** A load that does not end is a failure, not a wait without end. */
  limitMs?: number;
}

export interface Load {
  tasksPerSecond: number;
  /** Every task that was given, also before and after what was measured; all of them are done. */
  taskIds: string[];
}

/** Short against a task and long against the look itself, so that neither the count nor the database is much disturbed. */
const LOOK_MS = 5;
/** On a machine that is short of time a nudge gets lost and a lease runs out now and then: a minute each until somebody takes it up. */
const LIMIT_MS = 300_000;

/**
 * A closed loop: so many tasks at once, each that ends makes room for the next. Counts those that ended within `durationMs`, then gives no
 * more and waits for the rest. Throws when a task ends otherwise than done, or when the rest does not end in time.
 */
export async function runLoad(world: Pick<ServerWorld, 'sql'>, intake: Intake, options: LoadOptions): Promise<Load> {
  const { inFlight, durationMs, warmUpMs = 1_000, limitMs = LIMIT_MS } = options;
  const taskIds: string[] = [];
  const open = new Set<string>();
  const startMs = performance.now() + warmUpMs;
  const endMs = startMs + durationMs;
  let counted = 0;
  let lookedMs = startMs;
  while (performance.now() < endMs || open.size > 0) {
    if (performance.now() > endMs + limitMs) throw await toStuckError(world, open);
    if (performance.now() < endMs) {
      const fresh = await Promise.all(Array.from({ length: inFlight - open.size }, () => intake.give()));
      for (const taskId of fresh) open.add(taskId);
      taskIds.push(...fresh);
    }
    await wait(LOOK_MS);
    const ended = await listEnded(world, open);
    for (const taskId of ended) open.delete(taskId);
    const now = performance.now();
    if (now > startMs && now <= endMs) {
      counted += ended.length;
      lookedMs = now;
    }
  }
  return { tasksPerSecond: counted / ((lookedMs - startMs) / 1000), taskIds };
}

/** The given number of tasks, so many at once; resolves when all are done. */
export async function runTasks(world: Pick<ServerWorld, 'sql'>, intake: Intake, { count, inFlight }: { count: number; inFlight: number }) {
  const taskIds: string[] = [];
  const open = new Set<string>();
  const endMs = performance.now() + LIMIT_MS;
  while (taskIds.length < count || open.size > 0) {
    if (performance.now() > endMs) throw await toStuckError(world, open);
    const room = Math.min(inFlight - open.size, count - taskIds.length);
    const fresh = await Promise.all(Array.from({ length: room }, () => intake.give()));
    for (const taskId of fresh) open.add(taskId);
    taskIds.push(...fresh);
    await wait(LOOK_MS);
    for (const taskId of await listEnded(world, open)) open.delete(taskId);
  }
  return taskIds;
}

async function listEnded({ sql }: Pick<ServerWorld, 'sql'>, open: ReadonlySet<string>): Promise<string[]> {
  const rows = await sql('select task_id, status, failure_message from public.tasks where task_id = any ($1) and ended_at is not null', [
    [...open],
  ]);
  const failed = rows.find(({ status }) => status !== 'done');
  if (failed !== undefined) throw new Error(`${failed.task_id} ended as ${failed.status}: ${failed.failure_message}`);
  return rows.map(({ task_id }) => String(task_id));
}

/** How long each task took, by its row: from its being written down to its end. */
export async function listDurationsMs({ sql }: Pick<ServerWorld, 'sql'>, taskIds: readonly string[]): Promise<number[]> {
  const rows = await sql(
    'select (extract(epoch from ended_at - created_at) * 1000)::float8 as ms from public.tasks where task_id = any ($1)',
    [taskIds],
  );
  return rows.map(({ ms }) => Number(ms));
}

/** Says where they stand: what does not end here would not end elsewhere either. */
async function toStuckError({ sql }: Pick<ServerWorld, 'sql'>, open: ReadonlySet<string>): Promise<Error> {
  const rows = await sql(
    `select s.step_id, s.status, s.attempt_count, s.wake_seq, now() - s.woken_at as woken, s.lease_expires_at - now() as lease, s.error_code, e.status as effect, a.error
    from public.task_steps s left join public.effects e using (step_id) left join public.effect_attempts a using (effect_id)
    where s.task_id = any ($1) and s.status not in ('done', 'pending') limit 5`,
    [[...open]],
  );
  return new Error(`${open.size} tasks did not end: ${JSON.stringify(rows)}`);
}
