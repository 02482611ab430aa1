import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Child {
  pid: number;
  /** What it has printed so far, line by line. */
  lines: string[];
  kill(): Promise<void>;
  /** The exit code, once it is over; null when it was killed. */
  ended: Promise<number | null>;
}

/** Runs a file beside this one with Node. */
export function startChild(file: string, args: string[]): Child {
  const path = new URL(file, import.meta.url).pathname;
  const child: ChildProcess = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error(`${file} did not start`);
  const lines: string[] = [];
  createInterface({ input: stdout }).on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  return {
    pid,
    lines,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
