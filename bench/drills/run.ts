/**
 * `npm run drill -- NAME [--tasks N] [--times N] [--seed N] [--minutes N] [--every MS]`: something goes wrong on servers of its own, and one JSON line says whether
 * everything held. Exits 0 when it did, 1 when something happened that must never happen, 2 when it was called wrongly.
 */
import { parseArgs } from 'node:util';
import { exitOnSignals } from '../../scripts/end-with-us.ts';
import { runChaos } from './chaos.ts';
import { floodTelegram, hangModel } from './others-away.ts';
import { killRedis, restartPostgres, slowBus } from './servers-away.ts';
import { soak } from './soak.ts';
import { staleMemory } from './stale-memory.ts';
import { stopInTheMidst } from './stop.ts';
import { takeModelDown } from './tool-down.ts';
import { tell, type Verdict } from './verdict.ts';
import { sweepCrashPoints } from './worker-kill.ts';

interface Options {
  tasks: number;
  times: number;
  seed: number;
  minutes: number;
  /** ms from one request to the next. */
  every: number;
}

interface Drill {
  run(options: Options): Promise<Verdict>;
  /** What is done when nothing else is said. */
  usual?: Partial<Options>;
}

const DRILLS: Record<string, Drill> = {
  'worker-kill': { run: sweepCrashPoints },
  'redis-kill': { run: killRedis },
  'postgres-restart': { run: restartPostgres },
  'slow-bus': { run: slowBus },
  'telegram-429': { run: floodTelegram },
  'model-timeout': { run: hangModel },
  'tool-down': { run: takeModelDown },
  stop: { run: stopInTheMidst },
  chaos: { run: runChaos, usual: { tasks: 150 } },
  soak: { run: soak },
  'stale-memory': { run: staleMemory, usual: { tasks: 40 } },
};
const USUAL: Options = { tasks: 20, times: 20, seed: 1, minutes: 30, every: 1_000 };
const CALLED_WRONGLY = 2;

function readArguments(): { name: string; given: Partial<Options> } {
  const count = { type: 'string' } as const;
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    // One JSON line is what comes anyway.
    options: { tasks: count, times: count, seed: count, minutes: count, every: count, json: { type: 'boolean' } },
  });
  const { json: _, ...texts } = values;
  const given = Object.entries(texts).map(([key, text]) => {
    if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${key}: expected a whole number from 1 to 999999, got ${JSON.stringify(text)}`);
    return [key, Number(text)];
  });
  return { name: positionals[0] ?? '', given: Object.fromEntries(given) };
}

function chooseDrill(name: string): Drill {
  const drill = Object.hasOwn(DRILLS, name) ? DRILLS[name] : undefined;
  if (drill === undefined) throw new Error(`expected one of ${Object.keys(DRILLS).join(', ')}; got ${JSON.stringify(name)}`);
  return drill;
}

/** What breaks while it runs is a failure of the drill; what it was asked for wrongly is none. */
async function run(): Promise<number> {
  const { name, given } = readArguments();
  const drill = chooseDrill(name);
  try {
    return tell(name, await drill.run({ ...USUAL, ...drill.usual, ...given })) ? 0 : 1;
  } catch (thrown) {
    console.error(`${name} could not be drilled:`, thrown);
    return 1;
  }
}

exitOnSignals();
try {
  process.exitCode = await run();
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = CALLED_WRONGLY;
}
