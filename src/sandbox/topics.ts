import type { StoredMessage } from './changes.ts';
import type { Hub } from './hub.ts';
import { makeHead } from './outgoing.ts';
import { BOT_USER } from './people.ts';
import { queueUpdate } from './update-queue.ts';
import type { Chat } from './wire.ts';

const ICON_COLOR = 7_322_096;

/** Makes a topic. Its id is that of the service message that opens it. */
export function makeTopic(hub: Hub, chat: Chat, name: string): { message_thread_id: number; name: string; icon_color: number } {
  const head = makeHead(hub, chat, BOT_USER);
  const topicId = head.message_id;
  const stored: StoredMessage = {
    message: { ...head, message_thread_id: topicId, is_topic_message: true, forum_topic_created: { name, icon_color: ICON_COLOR } },
    isFromBot: true,
  };
  hub.commit([
    { type: 'topic', chatId: chat.id, topicId, name },
    { type: 'message', stored },
    ...queueUpdate(hub, { message: stored.message }),
  ]);
  return { message_thread_id: topicId, name, icon_color: ICON_COLOR };
}
