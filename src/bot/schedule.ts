import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { makePace, type PacedCall } from './pace.ts';
import { type Priority, toRank } from './priority.ts';

export interface ScheduledCall extends PacedCall {
  signal?: AbortSignal | undefined;
}

/** The leave to call Telegram now: end it when the answer is there. Or how long to wait, and nothing may be sent. */
export type Turn = { isGo: true; waitedMs: number; leave(): void } | { isGo: false; waitedMs: number; retryAfterMs: number };

/**
 * Decides which of this process's calls to Telegram leaves next. Those that have to wait stand in the order of their priority, and among
 * equals in the order in which they came; a call waits for its own chat and for the bot as a whole, never behind a lower one, and never
 * behind another chat's. Machines that share a token each have their own schedule and heed the 429s that they get.
 */
export interface Schedule {
  /** Now or not at all. */
  take(call: ScheduledCall): Turn;
  /** Resolves when the call may leave, or when that will not be within the time. Throws `aborted`. */
  wait(call: ScheduledCall, patienceMs: number): Promise<Turn>;
  /** Telegram answered this call with 429. */
  close(call: ScheduledCall, forMs: number): void;
  /** The process ends: from now on only what is urgent or about an approval still waits; everything lower throws `aborted`. */
  drain(): void;
}

export interface ScheduleOptions {
  clock: () => Date;
  log: Pick<Logger, 'warn'>;
  metrics?: Pick<Metrics, 'telegramWaiting' | 'telegramWaitSeconds' | 'telegramFloods'> | undefined;
  /** Calls back once after the time; gives the function that prevents it. */
  startTimer?: (run: () => void, delayMs: number) => () => void;
}

interface Waiter {
  call: ScheduledCall;
  sinceMs: number;
  untilMs: number;
  resolve(turn: Turn): void;
  reject(thrown: AppError): void;
  /** Its caller ends: that no longer matters to it. */
  unlisten(): void;
}

/** More than this would not be through within anybody's patience. */
const MAX_WAITING = 500;

const isLow = (priority: Priority): boolean => toRank(priority) > toRank('approval');
const toAborted = ({ method, chatId }: PacedCall) => new AppError('aborted', undefined, { context: { method, chatId } });

function startRealTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

export function makeSchedule({ clock, log, metrics, startTimer = startRealTimer }: ScheduleOptions): Schedule {
  const pace = makePace({ clock });
  /** In the order in which they may leave. */
  const waiters: Waiter[] = [];
  let isDraining = false;
  let stopTimer = () => {};
  const nowMs = () => clock().getTime();

  function go(call: ScheduledCall, waitedMs: number): Turn {
    return { isGo: true, waitedMs, leave: pace.enter(call) };
  }

  /** Takes it out of the row; says how long it has stood there. */
  function remove(waiter: Waiter): number {
    waiters.splice(waiters.indexOf(waiter), 1);
    waiter.unlisten();
    const waitedMs = nowMs() - waiter.sinceMs;
    const { priority } = waiter.call;
    metrics?.telegramWaiting.dec({ priority });
    metrics?.telegramWaitSeconds.observe({ priority }, waitedMs / 1000);
    return waitedMs;
  }

  function refuse(waiter: Waiter): void {
    const retryAfterMs = pace.waitMs(waiter.call);
    waiter.resolve({ isGo: false, waitedMs: remove(waiter), retryAfterMs });
  }

  function giveUp(waiter: Waiter): void {
    remove(waiter);
    waiter.reject(toAborted(waiter.call));
  }

  /** Lets everybody go whose time has come, tells those who would wait for too long, and comes back for the rest. */
  function pump(): void {
    stopTimer();
    const now = nowMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const waiter of [...waiters]) {
      const waitMs = pace.waitMs(waiter.call);
      if (waitMs === 0) waiter.resolve(go(waiter.call, remove(waiter)));
      else if (now + waitMs > waiter.untilMs) refuse(waiter);
      else nextMs = Math.min(nextMs, waitMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) stopTimer = startTimer(pump, nextMs);
  }

  function stand(waiter: Waiter): void {
    const { priority } = waiter.call;
    const rank = toRank(priority);
    const index = waiters.findIndex(({ call }) => toRank(call.priority) > rank);
    waiters.splice(index === -1 ? waiters.length : index, 0, waiter);
    metrics?.telegramWaiting.inc({ priority });
    const last = waiters.length > MAX_WAITING ? waiters.at(-1) : undefined;
    if (last === undefined) return;
    const { call } = last;
    const refused = { method: call.method, chatId: call.chatId, priority: call.priority };
    log.warn({ ...refused, waiting: MAX_WAITING }, 'too many calls to Telegram wait, the last one is refused');
    refuse(last);
  }

  function take(call: ScheduledCall): Turn {
    // A timer may be late: nobody overtakes those whose time has come.
    if (waiters.length > 0) pump();
    const retryAfterMs = pace.waitMs(call);
    if (retryAfterMs === 0) return go(call, 0);
    return { isGo: false, waitedMs: 0, retryAfterMs: call.priority === 'progress' ? pace.promiseMs(call) : retryAfterMs };
  }

  return {
    take,
    async wait(call, patienceMs) {
      const { signal } = call;
      if (signal?.aborted) throw toAborted(call);
      const turn = take(call);
      if (turn.isGo || turn.retryAfterMs > patienceMs) return turn;
      if (isDraining && isLow(call.priority)) throw toAborted(call);
      const { promise, resolve, reject } = Promise.withResolvers<Turn>();
      const sinceMs = nowMs();
      const onAbort = () => giveUp(waiter);
      const unlisten = () => signal?.removeEventListener('abort', onAbort);
      const waiter: Waiter = { call, sinceMs, untilMs: sinceMs + patienceMs, resolve, reject, unlisten };
      signal?.addEventListener('abort', onAbort);
      stand(waiter);
      pump();
      return promise;
    },
    close(call, forMs) {
      const scope = pace.close(call, forMs);
      metrics?.telegramFloods.inc({ scope });
      const { method, chatId, priority } = call;
      log.warn({ method, chatId, priority, retryAfterMs: forMs, scope, waiting: waiters.length }, 'Telegram asks to wait');
      pump();
    },
    drain() {
      isDraining = true;
      for (const waiter of waiters.filter(({ call }) => isLow(call.priority))) giveUp(waiter);
      pump();
    },
  };
}
