import { JWT_SECRET, RESTORE_GRANTS, SECRET_KEY } from '../../test/support/supabase-lite.ts';
import { startChild } from '../child.ts';
import { median, report } from '../measure.ts';
import { openIntake } from './intake.ts';
import { listDurationsMs, runTasks } from './load.ts';
import { openWorld } from './world.ts';

const WARM_UP = 20;
const TASKS = 60;

/**
 * T1 tasks one at a time through supabase-js alone: every call of the worker is an HTTP request to `@supabase/lite`, in a process of its
 * own on the same PostgreSQL, and what is archived goes to a Storage there. A task's time is by its row.
 */
export async function measureSupabase(): Promise<boolean[]> {
  await using world = await openWorld();
  await using intake = await openIntake(world);
  await using supabase = await startChild<{ url: string }>('./supabase-process.ts', [world.databaseUrl]);
  const variables = {
    SUPABASE_URL: supabase.ready.url,
    SUPABASE_SECRET_KEY: SECRET_KEY,
    SUPABASE_JWT_SECRET: JWT_SECRET,
    DATABASE_URL: '',
  };
  await world.start('worker', { variables });
  await world.sql(RESTORE_GRANTS);
  await runTasks(world, intake, { count: WARM_UP, inFlight: 1 });
  const durations = await listDurationsMs(world, await runTasks(world, intake, { count: TASKS, inFlight: 1 }));
  return [report({ figure: 'T1 task alone through supabase-js, p50', value: median(durations), unit: 'ms', goal: 120, samples: TASKS })];
}
