import { median, report, reportRatio } from '../measure.ts';
import { runBareChain } from './bare-chain.ts';
import { openIntake } from './intake.ts';
import { listDurationsMs, runLoad, runTasks } from './load.ts';
import { readCpuMs, readTreeCpuMs } from './process.ts';
import { countMissing, STEPS } from './rows.ts';
import { openWorld, type ServerWorld } from './world.ts';

const ROUNDS = 3;
const DURATION_MS = 10_000;
const IN_FLIGHT = 10;
const ALONE = 100;
const WARM_UP = 30;

/**
 * T1 tasks through one worker process: plan, retrieve, research, act, critic, reply, archive; ten at once, in turn with a bare chain of as
 * many BullMQ jobs on the same Redis. Tasks come by `create_task`, as many as there is room for. Then one at a time: a task's time is
 * between its row's `created_at` and `ended_at`. Afterwards the rows of every task are counted.
 */
export async function measureThroughput(): Promise<boolean[]> {
  await using world = await openWorld();
  await using intake = await openIntake(world);
  const worker = await world.start('worker');
  const warmUp = await runTasks(world, intake, { count: WARM_UP, inFlight: IN_FLIGHT });
  const alone = await runTasks(world, intake, { count: ALONE, inFlight: 1 });
  const ours: number[] = [];
  const bare: number[] = [];
  const taskIds = [...warmUp, ...alone];
  const cpu = await startCpu(world, worker.pid);
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await runBareChain({ redisUrl: world.redisUrl, inFlight: IN_FLIGHT, durationMs: DURATION_MS }));
    await cpu.begin();
    const load = await runLoad(world, intake, { inFlight: IN_FLIGHT, durationMs: DURATION_MS });
    await cpu.end();
    ours.push(load.tasksPerSecond);
    taskIds.push(...load.taskIds);
  }
  const perTask = cpu.perTask(taskIds.length - WARM_UP - ALONE);
  const missing = await countMissing(world, taskIds);
  const durations = await listDurationsMs(world, alone);
  return [
    reportRatio({
      figure: 'T1 tasks/s at 10 in flight, to a bare chain of 7 BullMQ jobs',
      measured: median(ours),
      floor: median(bare),
      goal: 0.2,
      samples: ROUNDS,
      beside: perTask,
    }),
    report({ figure: 'T1 task alone on Redis and PostgreSQL, p50', value: median(durations), unit: 'ms', goal: 40, samples: ALONE }),
    report({
      figure: 'T1 tasks on Redis and PostgreSQL: rows missing of artifact, event, audit',
      value: missing,
      unit: 'rows',
      goal: 0,
      samples: taskIds.length * STEPS.length,
    }),
  ];
}

/** CPU time of worker and PostgreSQL while it is counted: unlike wall time it says the same on a machine that does other things too. */
async function startCpu({ postgres }: ServerWorld, workerPid: number) {
  const read = async () => ({ worker: await readCpuMs(workerPid), postgres: await readTreeCpuMs(postgres.pid) });
  let from = await read();
  const used = { worker: 0, postgres: 0 };
  return {
    async begin() {
      from = await read();
    },
    async end() {
      const to = await read();
      used.worker += to.worker - from.worker;
      used.postgres += to.postgres - from.postgres;
    },
    perTask: (count: number) => ({ worker_cpu_ms_per_task: used.worker / count, postgres_cpu_ms_per_task: used.postgres / count }),
  };
}
