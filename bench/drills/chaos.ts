import { setTimeout as wait } from 'node:timers/promises';
import { makeRandom } from './random.ts';
import { killServer, runPostsUnder, type Stage } from './under.ts';
import type { Verdict } from './verdict.ts';

const VICTIMS = ['worker', 'bot', 'redis', 'postgres'] as const;
type Victim = (typeof VICTIMS)[number];

/** Between two kills, at random. */
const PAUSE_MS = { least: 2_000, most: 20_000 };
/** How long a server is away: as long as a platform takes to start it again. */
const AWAY_MS = { least: 200, most: 3_000 };

/** Four calls to the model in a task: of a task each second some four are under way at any time. */
const MODEL_MS = 1_000;

/** Bot, workers, Redis and PostgreSQL are killed at random, all the time; with the same seed in the same order after the same pauses. */
export async function runChaos({ tasks, seed, every }: { tasks: number; seed: number; every: number }): Promise<Verdict> {
  const victims: Victim[] = [];
  const verdict = await runPostsUnder({ tasks, askMs: every, modelDelayMs: MODEL_MS }, (stage) =>
    killAtRandom(stage, makeRandom(seed), victims),
  );
  const kills = VICTIMS.map((name) => [`${name}_kills`, victims.filter((victim) => victim === name).length]);
  return { ...verdict, beside: { seed, ...verdict.beside, ...Object.fromEntries(kills) } };
}

/** Ends when everything has been asked for, with both servers there. */
async function killAtRandom({ world, roles, signal }: Stage, random: () => number, victims: Victim[]): Promise<Date[]> {
  const between = ({ least, most }: { least: number; most: number }) => least + random() * (most - least);
  const choose = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  const faults: Date[] = [];
  for (;;) {
    await wait(between(PAUSE_MS), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return faults;
    const victim = choose(VICTIMS) ?? 'worker';
    const awayMs = between(AWAY_MS);
    victims.push(victim);
    faults.push(new Date());
    if (victim === 'redis') await killServer(world.redisServer, awayMs);
    else if (victim === 'postgres') await killServer(world.postgres, awayMs);
    else await choose(roles.filter(({ role }) => role === victim))?.kill();
  }
}
