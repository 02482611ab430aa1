import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A part of the measurement in a process of its own, so that it takes none of the time of what is measured. */
export interface Child<Ready> extends AsyncDisposable {
  /** What it said when it was ready. */
  ready: Ready;
  /** Tells it something; resolves when it has answered. */
  ask(message: unknown): Promise<unknown>;
  pid: number;
}

/** Starts a file of this folder; its first message says that it is ready. Throws when it ends instead. */
export async function startChild<Ready>(file: string, args: readonly string[] = []): Promise<Child<Ready>> {
  const child = fork(new URL(file, import.meta.url), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const ready = await nextMessage(child, ended, file);
  return {
    // What the file sends first is its own declaration of `Ready`.
    ready: ready as Ready,
    pid: child.pid ?? 0,
    ask(message) {
      const answer = nextMessage(child, ended, file);
      child.send(message as object);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function nextMessage(child: ChildProcess, ended: Promise<unknown[]>, file: string): Promise<unknown> {
  const over = ended.then(([code]) => {
    throw new Error(`${file} ended with ${code} instead of answering`);
  });
  const [message] = await Promise.race([once(child, 'message'), over]);
  return message;
}

/** For the other side: says that it is ready, answers what it is asked, and ends with whoever started it. */
export function serveParent(ready: unknown, answer: (message: unknown) => unknown = () => null): void {
  process.on('message', (message) => {
    process.send?.(answer(message) ?? null);
  });
  process.once('disconnect', () => process.exit());
  process.once('SIGTERM', () => process.exit());
  process.send?.(ready);
}
