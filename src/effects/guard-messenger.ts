import type { Breakers, CallEnd } from '../engines/breaker.ts';
import { AppError, toAppError } from '../errors.ts';
import type { Messenger, SendResult } from './messenger.ts';

/** As the breaker is called that stands before everything an agent made: one for the whole messenger, whatever the chat. */
export const TELEGRAM = 'telegram';

export type GuardedMessenger =
  | {
      isLeftAlone: false;
      messenger: Messenger;
      /** Tells the breaker how the sends went, in their order. To be called once, whatever happened; never throws. */
      leave(): Promise<void>;
    }
  | { isLeftAlone: true; retryAfterMs: number };

/**
 * Asks the breaker before anything is granted: while the messenger is away a result waits, whole, instead of leaving for nowhere and
 * becoming a doubt. Throws what is none of the breaker's words.
 */
export async function guardMessenger(
  { breakers, messenger }: { breakers: Breakers; messenger: Messenger },
  signal: AbortSignal,
): Promise<GuardedMessenger> {
  const leave = await breakers.enter(TELEGRAM, signal).catch((thrown: unknown) => toAppError(thrown));
  if (leave instanceof AppError) {
    const { breaker, retryAfterMs } = leave.context;
    if (breaker !== TELEGRAM || typeof retryAfterMs !== 'number') throw leave;
    return { isLeftAlone: true, retryAfterMs };
  }
  const ends: CallEnd[] = [];
  async function watch(sending: Promise<SendResult>): Promise<SendResult> {
    const result = await sending;
    const end = signal.aborted ? null : toCallEnd(result);
    if (end !== null) ends.push(end);
    return result;
  }
  return {
    isLeftAlone: false,
    messenger: {
      sendPart: (part, media, target, options) => watch(messenger.sendPart(part, media, target, options)),
      copyMessage: (source, target, options) => watch(messenger.copyMessage(source, target, options)),
    },
    async leave() {
      if (ends.length === 0) return leave.report(null);
      for (const end of ends) await leave.report(end);
    },
  };
}

/** Any answer shows that the messenger is there, also one that says no. What did not leave for a reason of our own, or was asked to wait, shows nothing. */
function toCallEnd(result: SendResult): CallEnd | null {
  if (result.outcome === 'refused' && (result.reason === 'flood' || result.reason === 'late')) return null;
  const isAway = result.outcome === 'unknown' || (result.outcome === 'refused' && result.reason === 'unavailable');
  return isAway ? { isOk: false, error: new AppError('telegram_unavailable', result.description) } : { isOk: true };
}
