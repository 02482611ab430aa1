import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';

const children = new Map<ChildProcess, NodeJS.Signals>();
process.once('exit', () => {
  for (const [child, signal] of children) child.kill(signal);
});

/** A server or process that a run has started does not outlive the run, also when that throws. Only SIGKILL leaves it behind. */
export function endWithUs(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  children.set(child, signal);
  child.once('exit', () => children.delete(child));
}

/** For a program's entry: a signal ends it by way of `exit`, as Ctrl-C does in the middle of a drill. */
export function exitOnSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => process.exit(128 + constants.signals[name]));
}
