/**
 * `node bench/run.ts [embedded|servers|<part>…]`: the figures, one JSON line each; exits 1 when one misses its goal. Without arguments all of
 * them. The model answers in 0 ms from a process of its own and the Bot API is on loopback: what is measured is the program.
 */
import { exitOnSignals } from '../scripts/end-with-us.ts';
import { measureAudit } from './audit.ts';
import { measureGrowth } from './servers/growth.ts';
import { measureMemory } from './servers/memory.ts';
import { measurePresses } from './servers/presses.ts';
import { measureSupabase } from './servers/supabase.ts';
import { measureThroughput } from './servers/throughput.ts';
import { measureWebhook } from './servers/webhook.ts';
import { measureWorkers } from './servers/workers.ts';
import { measureStart } from './start.ts';
import { measureTasks } from './tasks.ts';

type Measure = () => Promise<boolean[]>;

const PARTS: Record<string, Record<string, Measure>> = {
  embedded: { tasks: measureTasks, start: measureStart },
  servers: {
    throughput: measureThroughput,
    supabase: measureSupabase,
    presses: measurePresses,
    webhook: measureWebhook,
    memory: measureMemory,
    workers: measureWorkers,
    growth: measureGrowth,
    audit: measureAudit,
  },
};

function choose(names: readonly string[]): [string, Measure][] {
  const all = Object.values(PARTS).flatMap((group) => Object.entries(group));
  if (names.length === 0) return all;
  return names.flatMap((name) => {
    const chosen = PARTS[name] ? Object.entries(PARTS[name]) : all.filter(([part]) => part === name);
    if (chosen.length > 0) return chosen;
    const known = [...Object.keys(PARTS), ...all.map(([part]) => part)].join(', ');
    throw new Error(`arguments: expected nothing or some of ${known}; got ${JSON.stringify(name)}`);
  });
}

/** One part that breaks does not keep the others from being measured; the run has failed all the same. */
async function measure([part, run]: [string, Measure]): Promise<boolean> {
  try {
    return (await run()).every(Boolean);
  } catch (thrown) {
    console.error(`${part} could not be measured:`, thrown);
    return false;
  }
}

exitOnSignals();
let isReached = true;
for (const part of choose(process.argv.slice(2))) isReached = (await measure(part)) && isReached;
process.exitCode = isReached ? 0 : 1;
