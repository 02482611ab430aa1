/**
 * `npm run drill -- <name> [--tasks N] [--times N] [--seed N]`: something goes wrong on servers of its own, and one JSON line says whether all
 * of it held. Exits 0 when it did, 1 when something that must never happen did, 2 when it cannot be shown yet or the arguments are wrong.
 */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos.ts';
import { tell, type Verdict } from './verdict.ts';
import { sweepCrashPoints } from './worker-kill.ts';

interface Options {
  tasks: number;
  times: number;
  seed: number;
}

interface Drill {
  /** What is done when nothing else is said. */
  defaults: Partial<Options>;
  run(options: Options): Promise<Verdict>;
}

const DRILLS: Record<string, Drill> = {
  'worker-kill': { defaults: { times: 20 }, run: sweepCrashPoints },
  chaos: { defaults: { tasks: 150, seed: 1 }, run: runChaos },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tasks: { type: 'string' }, times: { type: 'string' }, seed: { type: 'string' } },
});
const [name = ''] = positionals;
const drill = DRILLS[name];
if (drill === undefined) throw new Error(`expected one of ${Object.keys(DRILLS).join(', ')}; got ${JSON.stringify(name)}`);
const num = (key: keyof Options) => Number(values[key] ?? drill.defaults[key] ?? 1);
process.exitCode = tell(name, await drill.run({ tasks: num('tasks'), times: num('times'), seed: num('seed') })) ? 0 : 1;
