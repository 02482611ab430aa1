import type { Message } from 'grammy/types';
import type { ChatRef } from '../domain/message.ts';

/** Where a message stands, and so where it is answered. Outside a forum a thread id only names a chain of replies. */
export function toChatRef({ chat, is_topic_message: isTopicMessage, message_thread_id: threadId }: Message): ChatRef {
  return { chatId: chat.id, topicId: isTopicMessage === true ? (threadId ?? null) : null };
}
