import { median, report, reportRatio } from '../measure.ts';
import { type Intake, openIntake } from './intake.ts';
import { runLoad, runTasks } from './load.ts';
import { countMissing, countOddReplies, STEPS } from './rows.ts';
import { openWorld, type ServerWorld } from './world.ts';

const ROUNDS = 3;
const DURATION_MS = 10_000;
const IN_FLIGHT = 20;
const WARM_UP = 30;
const MANY_WORKERS = 10;
const MANY_TASKS = 300;
const MANY_IN_FLIGHT = 50;

/**
 * Two worker processes against one of them, in turn, with the same tasks in flight; then ten at once on another few hundred tasks. Of all
 * tasks the rows are counted, and every reply: once granted, once tried, once in the chat.
 */
export async function measureWorkers(): Promise<boolean[]> {
  await using world = await openWorld();
  await using intake = await openIntake(world);
  await world.start('worker');
  const taskIds = await runTasks(world, intake, { count: WARM_UP, inFlight: IN_FLIGHT });
  const isFaster = await compareTwo(world, intake, taskIds);
  for (let extra = 1; extra < MANY_WORKERS; extra += 1) await world.start('worker');
  taskIds.push(...(await runTasks(world, intake, { count: MANY_TASKS, inFlight: MANY_IN_FLIGHT })));
  const lost = await countMissing(world, taskIds);
  const odd = await countOddReplies(world, taskIds);
  return [
    isFaster,
    report({ figure: 'ten workers: rows lost', value: lost, unit: 'rows', goal: 0, samples: taskIds.length * STEPS.length }),
    report({ figure: 'ten workers: replies not exactly once', value: odd, unit: 'rows', goal: 0, samples: taskIds.length }),
  ];
}

/** One worker runs already; the second one comes and goes. Adds what they did to `taskIds`. */
async function compareTwo(world: ServerWorld, intake: Intake, taskIds: string[]): Promise<boolean> {
  const load = { inFlight: IN_FLIGHT, durationMs: DURATION_MS, warmUpMs: 3_000 };
  const alone: number[] = [];
  const together: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const one = await runLoad(world, intake, load);
    alone.push(one.tasksPerSecond);
    await using _second = await world.start('worker');
    const two = await runLoad(world, intake, load);
    together.push(two.tasksPerSecond);
    taskIds.push(...one.taskIds, ...two.taskIds);
  }
  return reportRatio({
    figure: 'tasks/s of two workers, to one',
    measured: median(together),
    floor: median(alone),
    goal: 1,
    samples: ROUNDS,
  });
}
