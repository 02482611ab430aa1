import { AppError, toAppError } from '../errors.ts';
import { claimLease, releaseLease } from '../store/leases.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import { waitMs } from './wait.ts';

/**
 * What only one process of the fleet may do at a time. The lease in the database says whose turn it is.
 *
 * waiting: asks for the lease again and again. It is free at once after a clean end, and runs out after a kill.
 * working: renews it. When that does not work, the work is interrupted while the lease still has long enough to go for the work to end
 * in order: nobody else can have begun. Then it waits again.
 */
export interface Turn {
  /** Waits for its turn and does the work, again and again until the signal ends it. Never throws. */
  run(signal: AbortSignal, work: Work): Promise<void>;
  /** Why the work is not being done by this process, or null. */
  problem(): AppError | null;
}

/** Ends soon after its signal; until then `isHeld` says whether nobody else can have begun. */
export type Work = (signal: AbortSignal, isHeld: () => boolean) => Promise<void>;

export interface TurnTimes {
  leaseSeconds: number;
  renewMs: number;
  /** Between two questions of who waits. */
  waitMs: number;
  /** What is left of the lease when the work is interrupted: the work has to end within it. */
  marginMs: number;
}

export interface TurnDeps {
  /** As `ags_bot`. */
  rpc: Rpc;
  name: string;
  /** This process. */
  holder: string;
  log: Logger;
  times?: TurnTimes;
}

/** After a kill the next one begins within 13 s; a database may be away for 5 s without anybody noticing. */
export const TURN_TIMES: TurnTimes = { leaseSeconds: 12, renewMs: 2_500, waitMs: 1_000, marginMs: 4_500 };
/** A question that takes longer is asked again. */
const CALL_TIMEOUT_MS = 2_000;

export function makeTurn({ rpc, name, holder, log, times = TURN_TIMES }: TurnDeps): Turn {
  let problem: AppError | null = new AppError('telegram_unavailable', `${name} has not begun`);

  function setProblem(next: AppError | null): void {
    // Only a change is worth a line.
    if (next !== null && next.code !== problem?.code) log.warn({ err: next, name }, 'waiting for the turn');
    if (next === null && problem !== null) log.info({ name }, 'it is this process’s turn');
    problem = next;
  }

  /** Until when the lease is held, by this process's clock and rather too early; or why it is not. Never throws. */
  async function claim(): Promise<{ untilMs: number } | { problem: AppError }> {
    const askedAtMs = performance.now();
    try {
      const { isHeld, holder: other } = await claimLease(
        rpc,
        { name, holder, seconds: times.leaseSeconds },
        AbortSignal.timeout(CALL_TIMEOUT_MS),
      );
      if (isHeld) return { untilMs: askedAtMs + times.leaseSeconds * 1_000 };
      return { problem: new AppError('not_its_turn', undefined, { context: { name, other } }) };
    } catch (thrown) {
      const error = toAppError(thrown);
      return { problem: error.code === 'aborted' ? new AppError('store_unavailable', undefined, { cause: error }) : error };
    }
  }

  async function hold(untilMs: number, signal: AbortSignal, work: Work): Promise<void> {
    let heldUntilMs = untilMs;
    const lost = new AbortController();
    const done = new AbortController();
    const alarm = makeAlarm(() => lost.abort());
    alarm.set(heldUntilMs - times.marginMs);
    const working = work(AbortSignal.any([signal, lost.signal]), () => performance.now() < heldUntilMs)
      .catch((thrown: unknown) => log.error({ err: toAppError(thrown), name }, 'the work of this turn failed'))
      .finally(() => done.abort());
    while (await isOver(times.renewMs, done.signal)) {
      if (lost.signal.aborted) continue;
      const answer = await claim();
      if ('untilMs' in answer) {
        heldUntilMs = answer.untilMs;
        alarm.set(heldUntilMs - times.marginMs);
        continue;
      }
      log.warn({ err: answer.problem, name }, 'the lease could not be renewed');
      if (answer.problem.code !== 'not_its_turn') continue;
      heldUntilMs = 0;
      lost.abort();
    }
    await working;
    alarm.clear();
  }

  async function release(): Promise<void> {
    try {
      await releaseLease(rpc, { name, holder }, AbortSignal.timeout(CALL_TIMEOUT_MS));
    } catch (thrown) {
      log.warn({ err: toAppError(thrown), name }, 'the lease could not be given back, it runs out by itself');
    }
  }

  return {
    async run(signal, work) {
      while (!signal.aborted) {
        const answer = await claim();
        if ('untilMs' in answer) {
          setProblem(null);
          await hold(answer.untilMs, signal, work);
          await release();
          if (!signal.aborted) setProblem(new AppError('not_its_turn', undefined, { context: { name } }));
        } else {
          setProblem(answer.problem);
        }
        await isOver(times.waitMs, signal);
      }
    },
    problem: () => problem,
  };
}

/** True after the time, false when the signal came first. */
const isOver = (delayMs: number, signal: AbortSignal): Promise<boolean> =>
  waitMs(delayMs, signal).then(
    () => true,
    () => false,
  );

/** Rings once, at the time set last. */
function makeAlarm(ring: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(atMs: number) {
      clearTimeout(timer);
      timer = setTimeout(ring, Math.max(0, atMs - performance.now()));
    },
    clear: () => clearTimeout(timer),
  };
}
