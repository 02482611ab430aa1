import { createSource } from '@grammyjs/runner';
import type { Api } from 'grammy';
import type { Update } from 'grammy/types';
import { AppError, toAppError } from '../errors.ts';
import { type IncomingUpdate, recordUpdates } from '../store/inbox.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { toGrammySignal } from './api.ts';
import { makeConflictAlert } from './conflict-alert.ts';
import { ALLOWED_UPDATES, type Intake } from './intake.ts';
import { type TelegramFailure, toFailure, toTelegramError } from './telegram-errors.ts';
import { waitMs } from './wait.ts';

export interface PollerDeps {
  api: Api;
  /** As `ags_bot`. */
  rpc: Rpc;
  intake: Intake;
  log: Logger;
  metrics: Pick<Metrics, 'updates'>;
  /** Something new is in the inbox. */
  onStored(): void;
  random?: () => number;
}

export interface Poller {
  /** Polls until the signal ends it, then tells Telegram what has been stored, if it may still poll. Never throws. May be run again. */
  run(signal: AbortSignal, mayPoll?: () => boolean): Promise<void>;
  /** For `/ready`: why no updates come in at the moment, or null. */
  problem(): AppError | null;
}

const LONG_POLL_SECONDS = 30;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** Two pollers throw each other out; the pause leaves the other one time to end, as during a deploy. */
const CONFLICT_PAUSE_MS = 3_000;
const CONFIRM_TIMEOUT_MS = 3_000;
/** What ended the loop may be there again at once. */
const RESTART_PAUSE_MS = 1_000;

/**
 * Long polling. A batch is in the inbox before the next offset is asked for, since asking for it is what makes Telegram forget the
 * batch: a crash in between brings the same updates again, and the inbox knows them by their number.
 */
export function makePoller(deps: PollerDeps): Poller {
  let offset = 0;
  let problem: AppError | null = toProblem('not started');

  async function fetchUpdates(signal: AbortSignal): Promise<Update[]> {
    const poll = () => {
      // After a failure the next poll does not wait, so that it is known soon that all is well again.
      const timeout = problem === null ? LONG_POLL_SECONDS : 0;
      return deps.api.getUpdates({ offset, limit: 100, timeout, allowed_updates: ALLOWED_UPDATES }, toGrammySignal(signal));
    };
    const updates = await persist(deps, signal, (next) => (problem = next), 'getUpdates', poll);
    problem = null;
    return updates;
  }

  /** Everything in it is stored when this is over, or the signal has ended it and the offset stays. */
  async function store(updates: readonly Update[], signal: AbortSignal): Promise<void> {
    const incoming = updates.flatMap((update) => toIncoming(update, deps));
    if (incoming.length > 0) {
      await persist(
        deps,
        signal,
        (next) => (problem = next),
        'recordUpdates',
        () => recordUpdates(deps.rpc, 'telegram', incoming),
      );
      deps.metrics.updates.inc(incoming.length);
      deps.onStored();
    }
    offset = (updates.at(-1)?.update_id ?? offset - 1) + 1;
  }

  async function confirm(): Promise<void> {
    if (offset === 0) return;
    try {
      await deps.api.getUpdates({ offset, limit: 1, timeout: 0 }, toGrammySignal(AbortSignal.timeout(CONFIRM_TIMEOUT_MS)));
    } catch (thrown) {
      // They come again after the start, and the inbox knows them.
      deps.log.info({ err: describe(thrown, 'getUpdates') }, 'stored updates could not be confirmed');
    }
  }

  async function poll(signal: AbortSignal): Promise<void> {
    const source = createSource<Update>({ supply: () => fetchUpdates(signal) });
    // The signal ends the long poll under way, and the source takes that for an end, not for a failure.
    const close = () => source.close();
    try {
      await deleteWebhook(deps, signal, (next) => (problem = next));
      problem = null;
      signal.addEventListener('abort', close, { once: true });
      for await (const updates of source.generator()) {
        await store(updates, signal);
        if (signal.aborted) break;
      }
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  /** Whatever ends the loop before the signal does is a mistake in this program; without updates nobody could even stop it. */
  async function pollUntilAborted(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ended = await poll(signal).catch(toAppError);
      if (signal.aborted) return;
      problem = toProblem('polling ended unexpectedly');
      deps.log.error({ err: ended }, 'polling ended unexpectedly, starting again');
      await waitMs(RESTART_PAUSE_MS, signal).catch(() => undefined);
    }
  }

  return {
    async run(signal, mayPoll = () => true) {
      await pollUntilAborted(signal);
      problem = toProblem('stopped');
      if (mayPoll()) await confirm();
    },
    problem: () => problem,
  };
}

type SetProblem = (problem: AppError) => void;

const toProblem = (text: string) => new AppError('telegram_unavailable', text);

/** Telegram gives updates either way, never both: whoever polls has no webhook. */
function deleteWebhook(deps: PollerDeps, signal: AbortSignal, setProblem: SetProblem): Promise<unknown> {
  return persist(deps, signal, setProblem, 'deleteWebhook', () => deps.api.deleteWebhook({}, toGrammySignal(signal)));
}

function toIncoming(update: Update, { intake, log }: PollerDeps): IncomingUpdate[] {
  const incoming = intake(update);
  if (incoming === null) log.warn('an update without a number was dropped');
  return incoming === null ? [] : [incoming];
}

/** Tries until it works or the signal ends it: without updates and without the database there is nothing better to do. */
async function persist<T>(
  { rpc, log, random = Math.random }: PollerDeps,
  signal: AbortSignal,
  setProblem: SetProblem,
  method: string,
  run: () => Promise<T>,
): Promise<T> {
  const onConflict = makeConflictAlert({ rpc, log });
  for (let failures = 0; ; failures += 1) {
    try {
      return await run();
    } catch (thrown) {
      signal.throwIfAborted();
      const error = describe(thrown, method);
      const isConflict = error.context.status === 409;
      setProblem(isConflict ? new AppError('not_its_turn', undefined, { cause: error }) : error);
      const message = isConflict
        ? 'somebody else takes this bot’s updates: only one process may poll; waiting'
        : 'polling failed, trying again';
      log.error({ err: error, failures }, message);
      if (isConflict) await onConflict(failures + 1);
      await waitMs(toPauseMs(error.context, failures, random), signal);
    }
  }
}

function describe(thrown: unknown, method: string) {
  try {
    const failure: TelegramFailure = toFailure(thrown);
    return toTelegramError(failure, { method });
  } catch {
    return toAppError(thrown);
  }
}

function toPauseMs({ status, retryAfterMs }: Record<string, unknown>, failures: number, random: () => number): number {
  if (typeof retryAfterMs === 'number') return retryAfterMs;
  if (status === 409) return CONFLICT_PAUSE_MS;
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
}
