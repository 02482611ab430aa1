import { type Budget, type BudgetSize, makeBudget } from './budget.ts';
import type { Priority } from './priority.ts';

/** What decides when a call may leave. */
export interface PacedCall {
  method: string;
  /** Null for what shows nothing in a chat: the answer to a press, a menu. No budget holds it. */
  chatId: number | null;
  priority: Priority;
}

/**
 * How fast Telegram may be called. What Telegram bears is not published, varies, and is shared with whatever other process uses the same
 * token, so its 429 is the only certain word, and each process heeds those that it gets itself:
 * - A chat is trusted until it answers 429; calls leave at once, however many. Then it is closed for as long as Telegram said, and for a
 *   minute kept to Telegram's own figures (one message a second, in groups and channels twenty a minute).
 * - When several chats answer 429 within a moment, it is the bot as a whole that was too fast: then the same holds for all of it, with
 *   thirty messages a second.
 * - `urgent` calls heed closures only. `progress` keeps to the figures always, leaves half of them free in a chat that is not trusted, and
 *   gives way to whatever is under way to the same chat.
 */
export interface Pace {
  /** How long this call has to wait as things stand; 0 when it may leave. */
  waitMs(call: PacedCall): number;
  /** After how long progress that cannot leave now should come again: each at a moment of its own, or all who wait would ask at once, again and again. */
  promiseMs(call: PacedCall): number;
  /** It leaves now. Call what comes back when it was answered. */
  enter(call: PacedCall): () => void;
  /** Telegram answered it with 429. Says what is closed now. */
  close(call: PacedCall, forMs: number): 'one' | 'all';
}

/** Telegram's own figures, from its FAQ for bots. */
const PRIVATE: BudgetSize = { burst: 5, perSecond: 1 };
const GROUP: BudgetSize = { burst: 20, perSecond: 20 / 60 };
const ALL: BudgetSize = { burst: 30, perSecond: 30 };
/** The longest time over which Telegram counts. */
const STRICT_MS = 60_000;
/** So many chats that answer 429 within this time are not a coincidence. */
const MANY_CHATS = 3;
const MOMENT_MS = 2_000;
/** Progress that met something more important looks again after this. */
const GIVE_WAY_MS = 300;
/** Nobody is sent away for longer than this, however many wait for the same chat. */
const MAX_PROMISE_MS = 60_000;
/** In intervals: a little more than one, so that who comes in time does not find the one before, who came late, in the way. */
const PROMISES_APART = 1.1;
/** Chats that are remembered before the idle ones are forgotten. */
const MAX_LANES = 1000;

interface Lane {
  size: BudgetSize;
  budget: Budget;
  closedUntilMs: number;
  strictUntilMs: number;
  nextProgressMs: number;
  /** The last moment that was promised to progress. */
  promisedMs: number;
  underWayCount: number;
}

const makeLane = (size: BudgetSize): Lane => ({
  size,
  budget: makeBudget(size),
  closedUntilMs: 0,
  strictUntilMs: 0,
  nextProgressMs: 0,
  promisedMs: 0,
  underWayCount: 0,
});

export function makePace({ clock }: { clock: () => Date }): Pace {
  const all = makeLane(ALL);
  const lanes = new Map<number | string, Lane>();
  let floods: { chatId: number; atMs: number; untilMs: number }[] = [];
  const nowMs = () => clock().getTime();

  /** A method that shows nothing in a chat is a lane of its own. */
  function toLane({ chatId, method }: PacedCall): Lane {
    const key = chatId ?? method;
    const known = lanes.get(key);
    if (known) return known;
    if (lanes.size >= MAX_LANES) forgetIdle();
    const lane = makeLane(chatId === null || chatId > 0 ? PRIVATE : GROUP);
    lanes.set(key, lane);
    return lane;
  }

  function forgetIdle(): void {
    const now = nowMs();
    for (const [key, { underWayCount, closedUntilMs, strictUntilMs, nextProgressMs, promisedMs }] of lanes) {
      if (underWayCount === 0 && Math.max(closedUntilMs, strictUntilMs, nextProgressMs, promisedMs) <= now) lanes.delete(key);
    }
  }

  function shut(lane: Lane, untilMs: number): void {
    lane.closedUntilMs = Math.max(lane.closedUntilMs, untilMs);
    lane.strictUntilMs = lane.closedUntilMs + STRICT_MS;
    lane.budget.holdUntil(lane.closedUntilMs);
  }

  function waitMs(call: PacedCall): number {
    const now = nowMs();
    const lane = toLane(call);
    const closedMs = Math.max(lane.closedUntilMs, all.closedUntilMs) - now;
    if (closedMs > 0) return closedMs;
    if (call.chatId === null || call.priority === 'urgent') return 0;
    if (call.priority !== 'progress') return Math.max(toStrictWaitMs(lane, now), toStrictWaitMs(all, now));
    const givesWayMs = lane.underWayCount > 0 ? GIVE_WAY_MS : 0;
    return Math.max(lane.nextProgressMs - now, toProgressWaitMs(lane, now), toProgressWaitMs(all, now), givesWayMs);
  }

  return {
    waitMs,
    promiseMs(call) {
      const now = nowMs();
      const lane = toLane(call);
      const soonestMs = now + waitMs(call);
      const atMs = lane.promisedMs > now ? Math.max(soonestMs, lane.promisedMs + PROMISES_APART * toIntervalMs(lane)) : soonestMs;
      lane.promisedMs = Math.min(atMs, now + MAX_PROMISE_MS);
      return lane.promisedMs - now;
    },
    enter(call) {
      const lane = toLane(call);
      const now = nowMs();
      if (call.chatId !== null) for (const { budget } of [lane, all]) budget.spend(now);
      if (call.priority === 'progress') {
        lane.nextProgressMs = now + toIntervalMs(lane);
        return () => undefined;
      }
      lane.underWayCount += 1;
      return () => {
        lane.underWayCount -= 1;
      };
    },
    close(call, forMs) {
      const now = nowMs();
      const untilMs = now + forMs;
      shut(toLane(call), untilMs);
      const { chatId } = call;
      if (chatId === null) return 'one';
      floods = [...floods.filter((flood) => flood.chatId !== chatId && flood.atMs > now - MOMENT_MS), { chatId, atMs: now, untilMs }];
      if (floods.length < MANY_CHATS) return 'one';
      // The shortest of their times: should it be too short, the next 429 says so, while a chat's own long one stays its own.
      shut(all, Math.min(...floods.map((flood) => flood.untilMs)));
      return 'all';
    },
  };
}

const toIntervalMs = ({ size }: Lane): number => 1000 / size.perSecond;

const toStrictWaitMs = ({ budget, strictUntilMs }: Lane, now: number): number => (strictUntilMs > now ? budget.waitMs(now) : 0);

const toProgressWaitMs = ({ budget, size, strictUntilMs }: Lane, now: number): number =>
  budget.waitMs(now, strictUntilMs > now ? Math.floor(size.burst / 2) : 0);
