import { ERROR_CODES, toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';

/** Asks one part of the system for a sign of life; throws when there is none. */
export type Check = (signal: AbortSignal) => Promise<void>;

export interface ReadinessReport {
  status: 'ready' | 'not_ready';
  /** `ok`, or why not, in words that give nothing away to a stranger. */
  checks: Record<string, string>;
  /** Parts that work and that somebody should look after all the same; `/status` says why. Left out when there are none. */
  warnings?: string[];
}

interface ReadinessOptions {
  checks: Record<string, Check>;
  /** The names of parts that somebody should look after. */
  listWarned?: () => readonly string[];
  log: Logger;
  timeoutMs?: number;
}

/** Rejects when the time is over, also for a check that does not listen to its signal. */
function runBounded(check: Check, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  // `then` also catches a check that throws before its first await.
  const run = Promise.resolve(signal).then(check);
  return Promise.race([run, timeout]).finally(() => signal.removeEventListener('abort', onAbort));
}

/**
 * Makes the function behind `/ready`. All checks run at once, each for at most `timeoutMs`; who asks while they run gets the same
 * answer, so that a hundred probes are one question to the database. Only a change of a check is logged.
 */
export function makeReadiness({ checks, listWarned = () => [], log, timeoutMs = 2_000 }: ReadinessOptions): () => Promise<ReadinessReport> {
  const lastAnswers = new Map<string, string>();
  let running: Promise<ReadinessReport> | null = null;

  const runCheck = async (name: string, check: Check): Promise<[string, string]> => {
    const failure = await runBounded(check, timeoutMs).then(
      () => null,
      (error: unknown) => ({ error }),
    );
    const isLate = failure !== null && failure.error instanceof DOMException && failure.error.name === 'TimeoutError';
    const reason = isLate ? `no answer within ${timeoutMs} ms` : failure && ERROR_CODES[toAppError(failure.error).code].message;
    const answer = reason ?? 'ok';
    if (lastAnswers.get(name) !== answer) {
      if (failure !== null) log.warn({ check: name, err: failure.error }, 'readiness check failed');
      else if (lastAnswers.has(name)) log.info({ check: name }, 'readiness check recovered');
    }
    lastAnswers.set(name, answer);
    return [name, answer];
  };

  const runAll = async (): Promise<ReadinessReport> => {
    const answers = await Promise.all(Object.entries(checks).map(([name, check]) => runCheck(name, check)));
    const warnings = [...listWarned()];
    const status = answers.every(([, answer]) => answer === 'ok') ? 'ready' : 'not_ready';
    return { status, checks: Object.fromEntries(answers), ...(warnings.length === 0 ? {} : { warnings }) };
  };

  return () => {
    running ??= runAll().finally(() => {
      running = null;
    });
    return running;
  };
}
