import { setTimeout as wait } from 'node:timers/promises';
import { readResidentMb } from '../servers/process.ts';

interface Look {
  minutes: number;
  mb: number;
}

const LOOK_MS = 5_000;

/** What a process has in memory, looked at until the signal aborts: by how many MB it grows in a minute (least squares). */
export async function watchGrowth(pid: number, { afterMs, signal }: { afterMs: number; signal: AbortSignal }): Promise<number> {
  const looks: Look[] = [];
  const startMs = performance.now();
  await wait(afterMs, undefined, { signal }).catch(() => undefined);
  while (!signal.aborted) {
    looks.push({ minutes: (performance.now() - startMs) / 60_000, mb: await readResidentMb(pid) });
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  return slope(looks);
}

function slope(looks: readonly Look[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const minutes = mean(looks.map((look) => look.minutes));
  const mb = mean(looks.map((look) => look.mb));
  const spread = looks.reduce((sum, look) => sum + (look.minutes - minutes) ** 2, 0);
  return looks.reduce((sum, look) => sum + (look.minutes - minutes) * (look.mb - mb), 0) / spread;
}
