import { setTimeout as wait } from 'node:timers/promises';
import { report } from '../measure.ts';
import { openIntake } from './intake.ts';
import { runLoad } from './load.ts';
import { IMAGE_NODE_ARGS, readResidentMb } from './process.ts';
import { openWorld } from './world.ts';

const IN_FLIGHT = 50;
const MODEL_MS = 2_000;
const DURATION_MS = 25_000;
const LOOK_MS = 250;

/**
 * A worker process with Node's heap capped as in the image, fifty tasks at once with a model that takes two seconds for each answer. What is
 * reported is the most that was resident at any look.
 */
export async function measureMemory(): Promise<boolean[]> {
  await using world = await openWorld({ modelDelayMs: MODEL_MS });
  await using intake = await openIntake(world);
  const worker = await world.start('worker', { nodeArgs: IMAGE_NODE_ARGS });
  const watching = new AbortController();
  const watched = watchResident(worker.pid, watching.signal);
  const load = await runLoad(world, intake, { inFlight: IN_FLIGHT, durationMs: DURATION_MS }).finally(() => watching.abort());
  const { mostMb, looks } = await watched;
  const beside = { tasks_per_second: load.tasksPerSecond };
  return [
    report({ figure: 'resident memory of a worker, 50 tasks in flight', value: mostMb, unit: 'MB', goal: 220, samples: looks, beside }),
  ];
}

async function watchResident(pid: number, signal: AbortSignal): Promise<{ mostMb: number; looks: number }> {
  let mostMb = 0;
  let looks = 0;
  do {
    mostMb = Math.max(mostMb, await readResidentMb(pid));
    looks += 1;
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  } while (!signal.aborted);
  return { mostMb, looks };
}
