import { toAppError } from '../errors.ts';
import { type ClaimedUpdate, claimUpdates, completeUpdate, renewUpdates } from '../store/inbox.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { UpdateHandler } from './context.ts';
import { isWellFormed } from './intake.ts';

export interface InboxDeps {
  /** As `ags_bot`. */
  rpc: Rpc;
  /** This process, among all that handle updates. */
  worker: string;
  handler: UpdateHandler;
  log: Logger;
}

/**
 * Works off the inbox: claims the next update of each chat, hands it to the bot, notes how it ended. The order within a chat and the
 * once-only are the claim's, in the database, so that any number of processes can do this.
 */
export interface Inbox {
  /** Something new is there: look at once. */
  nudge(): void;
  /** Claims until the signal ends it. Resolves when nothing more is claimed; what is in hand is then waited for by `drain`. */
  run(signal: AbortSignal): Promise<void>;
  /** Waits for what is in hand; after the time it is interrupted and left to the next process. */
  drain(timeoutMs: number): Promise<void>;
}

const CONCURRENCY = 20;
/** Beyond the bound, for urgent ones alone: a stop is claimed while everything else is busy. */
const SPARE = 5;
/** Other processes and the web role store updates too, without a nudge. */
const POLL_MS = 1_000;
/** What a killed process had in hand, perhaps a stop, waits this long, and its chat with it. */
const LEASE_SECONDS = 8;
const RENEW_MS = 2_500;
const HANDLING_TIMEOUT_MS = 150_000;
/** What the database allows an update before it sets it aside. */
const MAX_ATTEMPTS = 3;
/** An interrupted handler has this long to notice. */
const INTERRUPTION_MS = 1_000;

export function makeInbox({ rpc, worker, handler, log }: InboxDeps): Inbox {
  const running = new Set<Promise<void>>();
  const inHand = new Map<number, AbortController>();
  const interruption = new AbortController();
  let wake = () => {};
  let hasNews = false;

  function nudge(): void {
    hasNews = true;
    wake();
  }

  async function rest(signal: AbortSignal): Promise<void> {
    if (hasNews || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
    signal.removeEventListener('abort', wake);
  }

  /** Starts what can be claimed; says whether there may be more. */
  async function claim(): Promise<boolean> {
    const isUrgentOnly = running.size >= CONCURRENCY;
    const limit = (isUrgentOnly ? CONCURRENCY + SPARE : CONCURRENCY) - running.size;
    if (limit <= 0) return false;
    try {
      const claimed = await claimUpdates(rpc, { worker, limit, leaseSeconds: LEASE_SECONDS, isUrgentOnly });
      for (const update of claimed) start(update);
      return claimed.length === limit;
    } catch (thrown) {
      log.error({ err: toAppError(thrown) }, 'inbox cannot be read, trying again');
      return false;
    }
  }

  function start(update: ClaimedUpdate): void {
    const lost = new AbortController();
    inHand.set(update.inboxId, lost);
    const task = handleOne(update, lost.signal).finally(() => {
      running.delete(task);
      inHand.delete(update.inboxId);
      nudge();
    });
    running.add(task);
  }

  /** While anything is in hand. What this process has lost meanwhile, because it slept or could not say so, is another's: it lets go. */
  async function renew(): Promise<void> {
    const before = [...inHand];
    if (before.length === 0) return;
    try {
      const held = new Set(await renewUpdates(rpc, { worker, leaseSeconds: LEASE_SECONDS }));
      for (const [inboxId, lost] of before) if (!held.has(inboxId)) lost.abort();
    } catch (thrown) {
      log.warn({ err: toAppError(thrown) }, 'updates in hand could not be kept, trying again');
    }
  }

  async function handleOne(update: ClaimedUpdate, lost: AbortSignal): Promise<void> {
    const end = await decide(update, lost);
    try {
      await completeUpdate(rpc, { inboxId: update.inboxId, worker, ...end });
    } catch (thrown) {
      // Its lease will run out, and it is handled again: every handler bears that.
      log.error({ err: toAppError(thrown), inboxId: update.inboxId }, 'the end of an update could not be noted');
    }
  }

  async function decide(
    { inboxId, payload, attemptCount }: ClaimedUpdate,
    lost: AbortSignal,
  ): Promise<{ outcome: Outcome; error: string | null }> {
    if (!isWellFormed(payload)) {
      log.warn({ inboxId }, 'malformed update rejected');
      return { outcome: 'rejected', error: 'malformed' };
    }
    const signal = AbortSignal.any([interruption.signal, lost, AbortSignal.timeout(HANDLING_TIMEOUT_MS)]);
    try {
      return await handler.handle(payload, { signal, isLastAttempt: attemptCount >= MAX_ATTEMPTS });
    } catch (thrown) {
      const error = toAppError(thrown);
      log.warn({ err: error, inboxId, attemptCount }, 'update is tried again');
      return { outcome: 'retry', error: error.code };
    }
  }

  return {
    nudge,
    async run(signal) {
      const renewing = setInterval(() => void renew(), RENEW_MS);
      while (!signal.aborted) {
        hasNews = false;
        const hasMore = await claim();
        if (!hasMore) await rest(signal);
      }
      void Promise.all(running).then(() => clearInterval(renewing));
    },
    async drain(timeoutMs) {
      await settleWithin(running, timeoutMs);
      if (running.size === 0) return;
      log.warn({ count: running.size }, 'updates in hand are interrupted and left to the next process');
      interruption.abort();
      await settleWithin(running, INTERRUPTION_MS);
    },
  };
}

/** Resolves when all have ended, or after the time. They never reject. */
async function settleWithin(tasks: Iterable<Promise<void>>, timeoutMs: number): Promise<void> {
  const { promise: time, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([Promise.all(tasks), time]);
  clearTimeout(timer);
}

type Outcome = 'processed' | 'rejected' | 'retry';
