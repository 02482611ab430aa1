import { z } from 'zod';
import { Deliveries, type Delivery } from './delivery.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** Telegram says that a configured group has a new id: nothing more is granted to the old one. As `ags_bot` or `ags_worker`. */
export function freezeChat(rpc: Rpc, { chatId, newChatId }: { chatId: number; newChatId: number }) {
  return rpc.call('freeze_chat', { p_chat_id: chatId, p_new_chat_id: newChatId }, fromSnake({ isNew: z.boolean() }));
}

/** The bot may write to these chats: what waited for that is tried now. As `ags_bot`. */
export async function freeChats(rpc: Rpc, chatIds: readonly number[]): Promise<Delivery[]> {
  return (await rpc.call('free_chats', { p_chat_ids: [...chatIds] }, fromSnake({ deliver: Deliveries }))).deliver;
}

/** The chats that this process was started with: whoever changed a variable to a group's new id has confirmed it. As `ags_bot`. */
export async function confirmChats(rpc: Rpc, chatIds: readonly number[]): Promise<Delivery[]> {
  return (await rpc.call('confirm_chats', { p_chat_ids: [...chatIds] }, fromSnake({ deliver: Deliveries }))).deliver;
}
