import type { ConversationFlavor } from '@grammyjs/conversations';
import type { Context } from 'grammy';
import type { Update } from 'grammy/types';

/** What this program adds to grammY's context. */
interface Additions {
  /** Ends when the process drains or the update's lease is nearly over: pass it to everything that waits. */
  signal: AbortSignal;
}

export type BotContext = ConversationFlavor<Context & Additions>;

/** Handles one update to its end. Throws only what is worth another try; whatever else went wrong has been told and logged. */
export interface UpdateHandler {
  handle(update: Update, attempt: { signal: AbortSignal; isLastAttempt: boolean }): Promise<Handled>;
}

export interface Handled {
  outcome: 'processed' | 'rejected';
  /** The code of what went wrong, for the inbox's row. */
  error: string | null;
}
