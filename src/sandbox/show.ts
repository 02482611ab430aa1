import type { StoredMessage } from './changes.ts';
import type { State } from './state.ts';
import { chatOf } from './state.ts';
import type { Message } from './wire.ts';

/** A stored message as it goes over the wire now: with what it replies to or pins, as that is now. */
export function showMessage(state: State, stored: StoredMessage): Message {
  const { chat } = stored.message;
  const replied = stored.replyToId === undefined ? undefined : findStored(state, chat.id, stored.replyToId);
  const pinned = stored.pinnedId === undefined ? undefined : findStored(state, chat.id, stored.pinnedId);
  return {
    ...stored.message,
    ...(chatOf(state, chat.id).isProtected ? { has_protected_content: true } : {}),
    ...(replied ? { reply_to_message: replied.message } : {}),
    ...(pinned ? { pinned_message: pinned.message } : {}),
  };
}

export function findStored(state: State, chatId: number, messageId: number): StoredMessage | undefined {
  return state.messages.get(chatId)?.get(messageId);
}

/** Oldest first. Edits keep their place: ids only grow. */
export function listStored(state: State, chatId: number): StoredMessage[] {
  return [...(state.messages.get(chatId)?.values() ?? [])].sort((a, b) => a.message.message_id - b.message.message_id);
}
