import type { Change } from './changes.ts';
import type { Hub } from './hub.ts';
import { refuse } from './refusal.ts';
import type { State } from './state.ts';
import type { Update } from './wire.ts';

/** Kinds that a bot gets only when it asks for them by name. */
const ONLY_ON_REQUEST = ['chat_member', 'message_reaction', 'message_reaction_count'];
/** Telegram throws updates away that nobody fetched for a day. */
const UPDATE_LIFETIME_SECONDS = 24 * 60 * 60;
const MAX_BATCH = 100;
/** Longer waits are cut to this, as Telegram does. */
const MAX_TIMEOUT_SECONDS = 50;

export function isWanted(state: State, kind: string): boolean {
  return state.allowedUpdates.length === 0 ? !ONLY_ON_REQUEST.includes(kind) : state.allowedUpdates.includes(kind);
}

/** The change that queues an update, or none when the bot does not want this kind. At most one per commit: ids are given here. */
export function queueUpdate(hub: Hub, content: Omit<Update, 'update_id'>): Change[] {
  const kind = Object.keys(content)[0] ?? '';
  if (!isWanted(hub.state, kind)) return [];
  return [{ type: 'update_queued', update: { update_id: hub.state.lastUpdateId + 1, ...content }, at: hub.now() }];
}

export interface PollOptions {
  offset: number;
  limit: number;
  timeoutSeconds: number;
  signal: AbortSignal;
}

export interface Poller {
  poll(options: PollOptions): Promise<Update[]>;
  /** Ends a waiting poll with 409 and these words. */
  interrupt(description: string): void;
  close(): void;
}

interface Waiting {
  resolve(updates: Update[]): void;
  reject(error: unknown): void;
}

export function makePoller(hub: Hub): Poller {
  let waiting: Waiting | undefined;
  const interrupt = (description: string): void => {
    const ended = waiting;
    waiting = undefined;
    try {
      if (ended) refuse(description, 409);
    } catch (refusal) {
      ended?.reject(refusal);
    }
  };
  return {
    interrupt,
    async poll({ offset, limit, timeoutSeconds, signal }) {
      interrupt('terminated by other getUpdates request; make sure that only one bot instance is running');
      acknowledge(hub, offset);
      const take = (): Update[] => nextUpdates(hub.state, offset, limit);
      const ready = take();
      if (ready.length > 0 || timeoutSeconds <= 0) return ready;
      const { promise, resolve, reject } = Promise.withResolvers<Update[]>();
      const self: Waiting = { resolve, reject };
      waiting = self;
      const timer = setTimeout(() => resolve([]), Math.min(timeoutSeconds, MAX_TIMEOUT_SECONDS) * 1000);
      const unsubscribe = hub.subscribe(() => {
        const updates = take();
        if (updates.length > 0) resolve(updates);
      });
      // A client that hung up gets nothing; what was not acknowledged is delivered to the next call.
      const onAbort = (): void => resolve([]);
      signal.addEventListener('abort', onAbort, { once: true });
      return promise.finally(() => {
        clearTimeout(timer);
        unsubscribe();
        signal.removeEventListener('abort', onAbort);
        if (waiting === self) waiting = undefined;
      });
    },
    close() {
      waiting?.resolve([]);
      waiting = undefined;
    },
  };
}

function acknowledge(hub: Hub, offset: number): void {
  const { queue } = hub.state;
  // A negative offset keeps that many from the end and forgets the rest.
  const beforeId = offset < 0 ? (queue.at(Math.max(offset, -queue.length))?.update.update_id ?? 0) : offset;
  const oldest = hub.now() - UPDATE_LIFETIME_SECONDS;
  const expiredBeforeId = (queue.findLast(({ at }) => at < oldest)?.update.update_id ?? -1) + 1;
  const limit = Math.max(beforeId, expiredBeforeId);
  if (queue.some(({ update }) => update.update_id < limit)) hub.commit([{ type: 'updates_acknowledged', beforeId: limit }]);
}

function nextUpdates(state: State, offset: number, limit: number): Update[] {
  const size = Math.min(Math.max(limit, 1), MAX_BATCH);
  return state.queue
    .map(({ update }) => update)
    .filter((update) => offset <= 0 || update.update_id >= offset)
    .slice(0, size);
}
