import type { MessageRef } from '../../domain/message.ts';

/** Ids of supergroups and channels are this and their own number; only their messages have an address. */
const SHARED_CHAT = /^-100(\d+)$/;

/** The address that opens a message for members of its chat; null in private chats and small groups, whose messages have none. */
export function toMessageUrl({ chatId, messageId }: Pick<MessageRef, 'chatId' | 'messageId'>): string | null {
  const internalId = SHARED_CHAT.exec(String(chatId))?.[1];
  return internalId === undefined ? null : `https://t.me/c/${internalId}/${messageId}`;
}
