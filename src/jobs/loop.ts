import { setTimeout as sleep } from 'node:timers/promises';
import { toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';

export interface Loop {
  /** Ends the loop and waits for the round in hand. */
  close(): Promise<void>;
}

/** Runs one round after the other, `intervalMs` apart; a round that fails is logged and the next one comes all the same. */
export function startLoop(
  name: string,
  { intervalMs, log, round }: { intervalMs: number; log: Logger; round: (signal: AbortSignal) => Promise<void> },
): Loop {
  const closing = new AbortController();
  const running = (async () => {
    while (!closing.signal.aborted) {
      try {
        await round(closing.signal);
      } catch (thrown) {
        if (!closing.signal.aborted) log.error({ err: toAppError(thrown), loop: name }, 'round failed');
      }
      await sleep(intervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();
  return {
    async close() {
      closing.abort();
      await running;
    },
  };
}
