import type { Change, StoredMessage } from './changes.ts';
import type { Hub } from './hub.ts';
import { makeBotMessage } from './outgoing.ts';
import { chatOf } from './state.ts';
import type { Chat } from './wire.ts';

/** Pins a message on top of the others; shared chats get the service message that says so. Pinning what is on top changes nothing. */
export function pinChanges(hub: Hub, chat: Chat, messageId: number): { changes: Change[]; service: StoredMessage | undefined } {
  const { pinnedIds } = chatOf(hub.state, chat.id);
  if (pinnedIds.at(-1) === messageId) return { changes: [], service: undefined };
  const pinned: Change = { type: 'chat', chatId: chat.id, pinnedIds: [...pinnedIds.filter((id) => id !== messageId), messageId] };
  const { stored, changes } = makeBotMessage(hub, chat, {}, { pinnedId: messageId });
  return { changes: [pinned, ...changes], service: stored };
}
