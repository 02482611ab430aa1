import type { ConversationFlavor } from '@grammyjs/conversations';
import type { Context } from 'grammy';

/** What this program adds to grammY's context. */
interface Additions {
  /** Ends when the process drains or the update's lease is nearly over: pass it to everything that waits. */
  signal: AbortSignal;
}

export type BotContext = ConversationFlavor<Context & Additions>;

/** Draws the cards of a gate anew from the newest row; never sends what an agent made. */
export interface Cards {
  draw(stepId: string, signal?: AbortSignal): Promise<void>;
}
