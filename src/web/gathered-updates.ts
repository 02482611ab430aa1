import { toAppError } from '../errors.ts';
import { type IncomingUpdate, recordUpdates } from '../store/inbox.ts';
import type { Rpc } from '../store/rpc.ts';

export interface GatheredUpdates {
  /** Resolves when the row of this update stands; throws as the store does. */
  record(update: IncomingUpdate): Promise<void>;
}

interface Waiting {
  update: IncomingUpdate;
  resolve(): void;
  reject(reason: unknown): void;
}

/** Telegram gives up on an answer after a minute and sends the update again. */
const STORE_TIMEOUT_MS = 10_000;
/** Writes under way at once: the next one gathers while these wait for the disk. */
const AT_ONCE = 2;
/** A write of this many takes some ten milliseconds. */
const MAX_TOGETHER = 100;

/**
 * Writes down together what arrives together: one transaction for all that came while those before were under way, so that a burst costs
 * little more than its rows. Alone, an update is written at once.
 */
export function gatherUpdates(rpc: Rpc, source: string): GatheredUpdates {
  const waiting: Waiting[] = [];
  let writing = 0;

  const write = (updates: IncomingUpdate[]) => recordUpdates(rpc, source, updates, AbortSignal.timeout(STORE_TIMEOUT_MS));

  async function writeTogether(together: Waiting[]): Promise<void> {
    try {
      await write(together.map(({ update }) => update));
      for (const { resolve } of together) resolve();
    } catch (reason) {
      // One that the store does not take must not keep out the rest; a store that is away would be asked for nothing.
      if (together.length > 1 && toAppError(reason).retry === 'never') for (const one of together) await writeTogether([one]);
      else for (const { reject } of together) reject(reason);
    }
  }

  /** The next to be written, the oldest first. Two of one number never go together: what one transaction writes it cannot compare. */
  function takeNext(): Waiting[] {
    const numbers = new Set<string>();
    for (const { update } of waiting.slice(0, MAX_TOGETHER)) {
      if (numbers.has(update.externalId)) break;
      numbers.add(update.externalId);
    }
    return waiting.splice(0, numbers.size);
  }

  function start(): void {
    while (writing < AT_ONCE && waiting.length > 0) {
      writing += 1;
      void writeTogether(takeNext()).finally(() => {
        writing -= 1;
        start();
      });
    }
  }

  return {
    record: (update) =>
      new Promise((resolve, reject) => {
        waiting.push({ update, resolve, reject });
        start();
      }),
  };
}
