import { AppError } from '../errors.ts';

/** Bounds the calls that one process makes to one engine at once. */
export interface EngineSlots {
  /**
   * Waits a moment for a free one; resolves with the way to give it back. Throws `rate_limited` with `retryAfterMs` when none became free,
   * `aborted`.
   */
  enter(engine: string, signal: AbortSignal): Promise<() => void>;
}

export interface EngineSlotsOptions {
  perEngine?: number;
  patienceMs?: number;
}

/**
 * Most of the fifty steps that a worker runs at once, and not all: while one engine hangs, a minute or two until its calls are given up,
 * the rest goes on with the others.
 */
const PER_ENGINE = 40;
/** The length of a quick call: an engine that works has a slot free by then. Who waits here keeps a step of another engine waiting. */
const PATIENCE_MS = 2_000;

interface Line {
  free: number;
  /** Each is handed a slot by being called; in the order they came. */
  waiting: Set<() => void>;
}

/** Makes the slots of a process. Whoever came first gets the next free one. */
export function makeEngineSlots({ perEngine = PER_ENGINE, patienceMs = PATIENCE_MS }: EngineSlotsOptions = {}): EngineSlots {
  const lines = new Map<string, Line>();

  function lineOf(engine: string): Line {
    const line = lines.get(engine) ?? { free: perEngine, waiting: new Set() };
    lines.set(engine, line);
    return line;
  }

  return {
    async enter(engine, signal) {
      const line = lineOf(engine);
      if (signal.aborted) throw new AppError('aborted', undefined, { context: { engine } });
      if (line.free > 0) line.free -= 1;
      else if (!(await waitForTurn(line, patienceMs, signal))) throw toRefusal(engine, signal);
      return () => giveBack(line);
    },
  };

  function toRefusal(engine: string, signal: AbortSignal): AppError {
    if (signal.aborted) return new AppError('aborted', undefined, { context: { engine } });
    const message = `all ${perEngine} calls that this process makes to ${engine} at once are under way; the step comes again`;
    return new AppError('rate_limited', message, { context: { engine, retryAfterMs: patienceMs } });
  }
}

/** Straight to the next one, so that nobody overtakes. */
function giveBack(line: Line): void {
  const [next] = line.waiting;
  if (next === undefined) line.free += 1;
  else next();
}

/** True with a slot; false when the time is over or the signal came. */
function waitForTurn({ waiting }: Line, patienceMs: number, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // Out of the line in the same turn: a slot that is handed to somebody who has gone would be lost.
  const end = (hasSlot: boolean) => {
    waiting.delete(onTurn);
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    resolve(hasSlot);
  };
  const onTurn = () => end(true);
  const onAbort = () => end(false);
  const timer = setTimeout(onAbort, patienceMs);
  signal.addEventListener('abort', onAbort, { once: true });
  waiting.add(onTurn);
  return promise;
}
