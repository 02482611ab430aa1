import { z } from 'zod';

/** Where a message is, or where one goes: a chat, a topic in it, and, once sent, the message. Ids are Telegram's. */
export const ChatRef = z.object({ chatId: z.number().int(), topicId: z.number().int().nullable() });
export const MessageRef = ChatRef.extend({ messageId: z.number().int() });
export type ChatRef = z.infer<typeof ChatRef>;
export type MessageRef = z.infer<typeof MessageRef>;

/** Reads `-1001234567890` or, with a topic, `-1001234567890/17`. */
export function parseChatRef(text: string): ChatRef {
  const match = /^(-?\d{1,15})(?:\/(\d{1,12}))?$/.exec(text.trim());
  if (!match) throw new TypeError(`expected a chat id such as -1001234567890 or -1001234567890/17, got ${JSON.stringify(text)}`);
  return { chatId: Number(match[1]), topicId: match[2] === undefined ? null : Number(match[2]) };
}

export function toChatText({ chatId, topicId }: ChatRef): string {
  return topicId === null ? String(chatId) : `${chatId}/${topicId}`;
}
