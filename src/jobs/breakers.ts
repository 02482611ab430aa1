import type { Breakers, CallEnd, FailedCall, Leave } from '../engines/breaker.ts';
import { AppError, toAppError } from '../errors.ts';
import { askBreaker, type BreakerAnswer, keepFailedCall, reportBreaker, returnProbe } from '../store/breakers.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import { toKeptCall } from './failed-call.ts';

export interface BreakersOptions {
  /** As `ags_worker`. */
  rpc: Rpc;
  /** This process, among all that may try. */
  holder: string;
  log: Logger;
  /** Hides secrets and personal data in what is kept of failed calls. */
  redact: (text: string) => string;
  /** Milliseconds that only go forward. */
  now?: () => number;
}

/** So long an answer is good for further calls: with no trouble a busy process asks once a second. */
const FRESH_MS = 1_000;
/** A probe that says nothing for this long is given up for dead; longer than any call may take. */
const PROBE_SECONDS = 180;

interface Known {
  answer: BreakerAnswer;
  atMs: number;
}

/**
 * The breakers of the fleet, as this process sees them. The rows decide; a process remembers an answer for a second, tells of every failure,
 * and of what went well only where a failure is counted or it was the probe.
 */
export function makeBreakers({ rpc, holder, log, redact, now = () => performance.now() }: BreakersOptions): Breakers {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<Known>>();

  async function ask(name: string): Promise<Known> {
    const answer = await askBreaker(rpc, { name, holder, probeSeconds: PROBE_SECONDS });
    // The probe is one call's: everybody else is told to wait.
    const others = answer.isProbe ? { ...answer, mayCall: false, isProbe: false } : answer;
    known.set(name, { answer: others, atMs: now() });
    return { answer, atMs: now() };
  }

  /** Of many at once one asks, and only that one may be the probe. */
  async function look(name: string): Promise<BreakerAnswer> {
    const last = known.get(name);
    if (last !== undefined && now() - last.atMs < FRESH_MS) return last.answer;
    const pending = asking.get(name);
    if (pending !== undefined) {
      const { answer } = await pending;
      return answer.isProbe ? { ...answer, mayCall: false, isProbe: false } : answer;
    }
    const mine = ask(name).finally(() => asking.delete(name));
    asking.set(name, mine);
    return (await mine).answer;
  }

  async function report(name: string, before: BreakerAnswer, end: CallEnd | null): Promise<void> {
    try {
      if (!(await isToTell(name, before, end))) return;
      // A probe that never called is given back, so that the next one tries now and not when this one's time is over.
      if (end === null) {
        await returnProbe(rpc, { name, holder });
        known.delete(name);
        return;
      }
      const { state } = await reportBreaker(rpc, { name, holder, code: end.isOk ? null : end.error.code });
      // What is known changes with it, so the next call asks.
      known.delete(name);
      if (state === 'open' && !end.isOk) log.error({ breaker: name, code: end.error.code }, 'breaker is open, the tool is left alone');
    } catch (thrown) {
      log.warn({ err: toAppError(thrown), breaker: name }, 'a call could not be reported to its breaker');
    }
  }

  async function keep(name: string, call: FailedCall): Promise<void> {
    try {
      await keepFailedCall(rpc, { name, ...toKeptCall(call, redact) });
    } catch (thrown) {
      log.warn({ err: toAppError(thrown), breaker: name }, 'a failed call could not be kept');
    }
  }

  /** A failure may have been counted since a call was let through, also by another process: the last answer says so, unless it is old. */
  async function isToTell(name: string, { failureCount, isProbe }: BreakerAnswer, end: CallEnd | null): Promise<boolean> {
    if (end === null) return isProbe;
    return !end.isOk || isProbe || failureCount > 0 || (await look(name)).failureCount > 0;
  }

  return {
    async enter(name): Promise<Leave> {
      const answer = await look(name);
      if (!answer.mayCall) throw toOpenError(name, answer.retryAfterMs);
      return { report: (end) => report(name, answer, end), keep: (call) => keep(name, call) };
    },
  };
}

/** Lasting: to try again at once is what a breaker is there to prevent. */
function toOpenError(name: string, retryAfterMs: number): AppError {
  const message = `${name} failed too often and is left alone; it is tried again in ${Math.ceil(retryAfterMs / 1000)} s`;
  return new AppError('engine_unavailable', message, { context: { breaker: name, isLasting: true, retryAfterMs } });
}
