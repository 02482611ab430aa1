import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessRole } from '../../src/config.ts';
import type { RunningProcess } from '../servers/process.ts';
import type { ServerWorld } from '../servers/world.ts';

/** One role that is started again whenever it ends, as a platform does. */
export interface Supervised extends AsyncDisposable {
  role: ProcessRole;
  /** Ends the process as a crash does; null while none runs. */
  kill(): Promise<number | null>;
  /** Sends a signal, if a process runs. */
  signal(name: NodeJS.Signals): void;
  /** How often it had to be started again without having been killed here: because of something else that was. */
  unasked(): number;
  /** Resolves when a process of this role is ready. Throws when that takes too long. */
  ready(): Promise<void>;
}

const RESTART_MS = 500;
const LOOK_MS = 50;
const READY_LIMIT_MS = 90_000;

export function supervise(world: Pick<ServerWorld, 'start'>, role: ProcessRole): Supervised {
  const closing = new AbortController();
  let current: RunningProcess | null = null;
  let isKilled = false;
  let unasked = 0;

  const running = (async () => {
    while (!closing.signal.aborted) {
      try {
        current = await world.start(role);
        await Promise.race([current.ended, new Promise((resolve) => closing.signal.addEventListener('abort', resolve, { once: true }))]);
        if (closing.signal.aborted) await current[Symbol.asyncDispose]();
        else if (!isKilled) unasked += 1;
      } catch {
        // It could not start, for what it needs is away just now: it is tried again.
        unasked += 1;
      }
      current = null;
      isKilled = false;
      await wait(RESTART_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();

  return {
    role,
    async kill() {
      const victim = current;
      if (victim === null) return null;
      isKilled = true;
      process.kill(victim.pid, 'SIGKILL');
      await victim.ended;
      return victim.pid;
    },
    signal: (name) => void (current !== null && process.kill(current.pid, name)),
    unasked: () => unasked,
    async ready() {
      const endMs = performance.now() + READY_LIMIT_MS;
      while (current === null) {
        if (performance.now() > endMs) throw new Error(`no ${role} was ready within ${READY_LIMIT_MS} ms`);
        await wait(LOOK_MS);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
    },
  };
}
