import { median, report, reportRatio } from '../measure.ts';
import { cloneTask } from './clone.ts';
import { type Intake, openIntake } from './intake.ts';
import { runLoad, runTasks } from './load.ts';
import { openWorld, type ServerWorld } from './world.ts';

const FINISHED = 100_000;
const ROUNDS = 3;
const DURATION_MS = 10_000;
const IN_FLIGHT = 10;
const WARM_UP = 50;

interface Side {
  world: ServerWorld;
  intake: Intake;
  tasksPerSecond: number[];
}

/**
 * The same load, in turn, on servers that are almost empty and on others that hold a hundred thousand finished tasks, each with a worker
 * of its own. Those tasks are copies of one that ran, written by SQL with all the rows that a task leaves; Redis is as real tasks have left
 * it, for a finished one leaves nothing there that could be copied.
 */
export async function measureGrowth(): Promise<boolean[]> {
  await using parts = new AsyncDisposableStack();
  const empty = await openSide(parts, 0);
  const full = await openSide(parts, FINISHED);
  let done = WARM_UP;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of [empty, full]) {
      const load = await runLoad(side.world, side.intake, { inFlight: IN_FLIGHT, durationMs: DURATION_MS });
      side.tasksPerSecond.push(load.tasksPerSecond);
      if (side === full) done += load.taskIds.length;
    }
  }
  const [row] = await full.world.sql(`select pg_database_size(current_database())::float8 / ${FINISHED + done} / 1024 as kb`);
  return [
    report({ figure: 'Redis after finished tasks', value: await readRedisMb(full.world), unit: 'MB', goal: 10, samples: done }),
    reportRatio({
      figure: 'tasks/s after 100,000 finished tasks, to an empty system',
      measured: median(full.tasksPerSecond),
      floor: median(empty.tasksPerSecond),
      goal: 0.95,
      samples: ROUNDS,
      beside: { postgres_kb_per_task: Number(row?.kb) },
    }),
  ];
}

async function openSide(parts: AsyncDisposableStack, finished: number): Promise<Side> {
  const world = parts.use(await openWorld());
  const intake = parts.use(await openIntake(world));
  await world.start('worker');
  const [first = ''] = await runTasks(world, intake, { count: WARM_UP, inFlight: IN_FLIGHT });
  if (finished > 0) await cloneTask(world, first, finished);
  // What was written goes to the disk now and not while it is measured.
  await world.sql('checkpoint');
  return { world, intake, tasksPerSecond: [] };
}

async function readRedisMb({ redis }: ServerWorld): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]) / 1e6;
}
