import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../../scripts/end-with-us.ts';
import { findFreePort } from '../../scripts/free-port.ts';
import type { ProcessRole } from '../../src/config.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** How the image starts Node, whose habits differ on a machine with much memory. */
export const IMAGE_NODE_ARGS: readonly string[] = readNodeOptions(
  await readFile(fileURLToPath(new URL('../../Dockerfile', import.meta.url)), 'utf8'),
);
const START_TIMEOUT_MS = 30_000;
const END_TIMEOUT_MS = 12_000;
const LOOK_MS = 50;

/** One role of the program, as it is started in production. */
export interface RunningProcess extends AsyncDisposable {
  url: string;
  pid: number;
  /** Resolves when it is over: with the signal that ended it, if one did. */
  ended: Promise<NodeJS.Signals | null>;
}

export interface ProcessOptions {
  role: ProcessRole;
  variables: Record<string, string>;
  /** For Node itself. */
  nodeArgs?: readonly string[];
}

function readNodeOptions(dockerfile: string): string[] {
  const options = /NODE_OPTIONS="([^"]+)"/.exec(dockerfile)?.[1];
  if (options === undefined) throw new Error('Dockerfile names no NODE_OPTIONS');
  return options.split(' ');
}

/** Starts `node src/main.ts <role>` and waits until its `/ready` says 200. Its log goes nowhere, but is written. Throws with what it said. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const launched = await launchProcess(options);
  try {
    await waitUntilReady(launched.url, launched.child);
  } catch (cause) {
    await launched[Symbol.asyncDispose]();
    throw new Error(`${options.role} did not start: ${launched.errors()}`, { cause });
  }
  return launched;
}

interface LaunchedProcess extends RunningProcess {
  child: ChildProcess;
  errors(): string;
}

/** The same without waiting: for a process that need not live until it is ready. */
export async function launchProcess({ role, variables, nodeArgs = [] }: ProcessOptions): Promise<LaunchedProcess> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [...nodeArgs, MAIN, role], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...variables, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithUs(child);
  const ended = once(child, 'exit').then(() => child.signalCode);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const url = `http://127.0.0.1:${port}`;
  return { url, pid: child.pid ?? 0, ended, child, errors: () => errors, [Symbol.asyncDispose]: () => end(child) };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const said = await fetch(`${url}/ready`).then(
      async (response) => ({ isReady: response.status === 200, text: await response.text() }),
      () => ({ isReady: false, text: 'no answer' }),
    );
    if (said.isReady) return;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    if (performance.now() > deadline) throw new Error(`it was not ready within ${START_TIMEOUT_MS} ms: ${said.text}`);
    await wait(LOOK_MS);
  }
}

/** As on a deploy; what does not end in time is killed, so that nothing is left running. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

/** What of a process is in memory now. Linux only, as the servers that it runs on. */
export async function readResidentMb(pid: number): Promise<number> {
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kb) * 1024) / 1e6;
}

/** CPU time that a process has used, its ended children included, in milliseconds. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold blanks. After it: state is field 3, utime, stime, cutime and cstime are fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks * TICK_MS;
}

/** Linux tells CPU time in hundredths of a second, whatever the kernel counts in. */
const TICK_MS = 10;

/** The same of a server with its children, which is how PostgreSQL works. */
export async function readTreeCpuMs(pid: number): Promise<number> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);
  const each = await Promise.all([pid, ...children].map((one) => readCpuMs(one).catch(() => 0)));
  return each.reduce((sum, ms) => sum + ms, 0);
}
