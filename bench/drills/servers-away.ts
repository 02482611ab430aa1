import { setTimeout as wait } from 'node:timers/promises';
import { killServer, runPostsUnder } from './under.ts';
import type { Verdict } from './verdict.ts';

interface Size {
  tasks: number;
}

const AWAY_MS = 3_000;
const PAUSE_MS = 4_000;
/** A lost nudge is found by the sweeper, which waits a while to be sure that it is lost. */
const REBUILD_SECONDS = 60;
/** A slow bus: it hangs for most of each second. */
const HANGS_MS = 800;
const BETWEEN_MS = 1_000;
const HANGS = 15;

/** Redis is killed twice, and comes back with its append-only file; then all of it is deleted, as in a failover to an empty one. */
export function killRedis({ tasks }: Size): Promise<Verdict> {
  return runPostsUnder({ tasks, recoverySeconds: REBUILD_SECONDS }, async ({ world }) => {
    await wait(PAUSE_MS);
    const first = await killServer(world.redisServer, AWAY_MS);
    await wait(PAUSE_MS);
    const second = await killServer(world.redisServer, AWAY_MS);
    await wait(PAUSE_MS);
    const emptied = new Date();
    await world.redis.flushall();
    return [first, second, emptied];
  });
}

/** PostgreSQL is killed with all of its processes, twice. */
export function restartPostgres({ tasks }: Size): Promise<Verdict> {
  return runPostsUnder({ tasks }, async ({ world }) => {
    await wait(PAUSE_MS);
    const first = await killServer(world.postgres, AWAY_MS);
    await wait(PAUSE_MS);
    return [first, await killServer(world.postgres, AWAY_MS)];
  });
}

/** Redis answers nobody for most of each second. */
export function slowBus({ tasks }: Size): Promise<Verdict> {
  return runPostsUnder({ tasks, recoverySeconds: REBUILD_SECONDS }, async ({ world }) => {
    const faults: Date[] = [];
    for (let hang = 0; hang < HANGS; hang += 1) {
      faults.push(new Date());
      await world.redis.client('PAUSE', HANGS_MS, 'ALL');
      await wait(BETWEEN_MS);
    }
    return faults;
  });
}
