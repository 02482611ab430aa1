import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../scripts/free-port.ts';
import { percentile, report } from './measure.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const ROUNDS = 3;
const LIMIT_MS = 30_000;

function start(port: number, dataDir: string): ChildProcess {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'error' };
  return spawn('npm', ['start', '--silent'], { cwd: ROOT, env, stdio: 'inherit', detached: true });
}

/** From the shell's point of view: npm, Node, modules, database, bot, until `/ready` says 200. */
async function measureReady(dataDir: string): Promise<number> {
  const port = await findFreePort();
  const startedAt = performance.now();
  const child = start(port, dataDir);
  try {
    while (performance.now() - startedAt < LIMIT_MS) {
      const isReady = await fetch(`http://127.0.0.1:${port}/ready`).then(
        ({ status }) => status === 200,
        () => false,
      );
      if (isReady) return performance.now() - startedAt;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`npm start was not ready within ${LIMIT_MS} ms`);
  } finally {
    const exited = once(child, 'exit');
    // npm does not pass a signal on to its child's child on every version: the whole group gets it.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await exited;
  }
}

export async function measureStart(): Promise<boolean[]> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const dataDir = await mkdtemp(join(tmpdir(), 'ags-bench-'));
    cold.push(await measureReady(dataDir));
    warm.push(await measureReady(dataDir));
    await rm(dataDir, { recursive: true, force: true });
  }
  return [
    report({ figure: 'npm start to /ready, cold', value: percentile(cold, 0.5), unit: 'ms', goal: 6_000, samples: cold.length }),
    report({ figure: 'npm start to /ready, with data', value: percentile(warm, 0.5), unit: 'ms', goal: 4_000, samples: warm.length }),
  ];
}
