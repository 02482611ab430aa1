import { z } from 'zod';
import { requestShape } from './approvals.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

const cardShape = {
  cardId: z.string(),
  /** What the card's buttons carry. Worth nothing on another message or in another chat. */
  token: z.string(),
  chatId: z.number().int(),
  topicId: z.number().int().nullable(),
  /** Null until the card has been sent. */
  messageId: z.number().int().nullable(),
  /** What the rows say that it has to show, in short, and what it is known to show; no mark for cards that the sweeper does not look after. */
  mark: z.string().nullable(),
  shownMark: z.string().nullable(),
};

export const Card = fromSnake(cardShape);
export type Card = z.infer<typeof Card>;

const RequestCard = fromSnake({ ...requestShape, card: Card });
export type RequestCard = z.infer<typeof RequestCard>;

/** The card of a gate in one chat, for the newest version of what is asked. As `ags_bot` or `ags_worker`. */
export function openCard(rpc: Rpc, stepId: string, chat: { chatId: number; topicId: number | null }): Promise<RequestCard> {
  return rpc.call('open_card', { p_step_id: stepId, p_chat_id: chat.chatId, p_topic_id: chat.topicId }, RequestCard);
}

/** Where the cards of a gate stand. As `ags_bot` or `ags_worker`. */
export function listCards(rpc: Rpc, stepId: string) {
  const row = fromSnake({
    cardId: z.string(),
    chatId: z.number().int(),
    topicId: z.number().int().nullable(),
    messageId: z.number().int().nullable(),
  });
  return rpc.call('list_cards', { p_step_id: stepId }, z.array(row));
}

/** The card was sent as this message; answers with the message that counts (the first one). As `ags_bot` or `ags_worker`. */
export function recordCard(rpc: Rpc, cardId: string, messageId: number) {
  return rpc.call('record_card', { p_card_id: cardId, p_message_id: messageId }, fromSnake({ messageId: z.number().int().nullable() }));
}

/** The message of a card says what the rows said at this mark. As `ags_bot` or `ags_worker`. */
export async function recordCardShown(rpc: Rpc, cardId: string, mark: string): Promise<void> {
  await rpc.call('record_card_shown', { p_card_id: cardId, p_mark: mark }, Nothing);
}

/** The card's message was deleted and sent anew; answers with the message that counts (the first one's). As `ags_bot` or `ags_worker`. */
export function moveCard(rpc: Rpc, cardId: string, { from, to }: { from: number; to: number }) {
  const args = { p_card_id: cardId, p_from_message_id: from, p_to_message_id: to };
  return rpc.call('move_card', args, fromSnake({ messageId: z.number().int().nullable() }));
}
