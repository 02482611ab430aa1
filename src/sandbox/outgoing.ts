import type { Change, StoredMessage } from './changes.ts';
import type { Hub } from './hub.ts';
import { BOT_USER, findPersona, isMember } from './people.ts';
import { findStored } from './show.ts';
import { counterKey } from './state.ts';
import type { Chat, Entity, Message, ReplyMarkup } from './wire.ts';
import { PERSONA_LIST } from './world.ts';

export interface BotMessageOptions {
  replyToId?: number;
  quote?: Message['quote'];
  topicId?: number;
  markup?: ReplyMarkup;
  isProtected?: boolean;
  /** Service messages ("pinned …") are a person's or the bot's act, without a body. */
  pinnedId?: number;
}

/** Message 1 of a shared chat is the one that says it was created, from before the bot came; it would also be the id of topic "General". */
const FIRST_SHARED_ID = 2;
const nextMessageId = (hub: Hub, chatId: number): number => {
  const last = hub.state.lastMessageIds.get(counterKey(chatId));
  return last === undefined ? (chatId < 0 ? FIRST_SHARED_ID : 1) : last + 1;
};

/** Fields every message has. A channel's posts have no person as sender. */
export function makeHead(
  hub: Hub,
  chat: Chat,
  from: Message['from'],
): Pick<Message, 'message_id' | 'from' | 'sender_chat' | 'chat' | 'date'> {
  const sender = chat.type === 'channel' ? { sender_chat: chat } : { from };
  return { message_id: nextMessageId(hub, chat.id), ...sender, chat, date: hub.now() };
}

/** The changes that put a message of the bot into a chat, and the message. */
export function makeBotMessage(
  hub: Hub,
  chat: Chat,
  content: Partial<Message>,
  options: BotMessageOptions = {},
): { stored: StoredMessage; changes: Change[] } {
  const { replyToId, quote, topicId, markup, isProtected = false, pinnedId } = options;
  const inline = markup && 'inline_keyboard' in markup ? markup : undefined;
  const stored: StoredMessage = {
    message: {
      ...makeHead(hub, chat, BOT_USER),
      ...(topicId === undefined ? {} : { message_thread_id: topicId, is_topic_message: true }),
      ...(quote ? { quote } : {}),
      ...content,
      ...(isProtected ? { has_protected_content: true } : {}),
      ...(inline ? { reply_markup: inline } : {}),
    },
    isFromBot: true,
    ...(replyToId === undefined ? {} : { replyToId }),
    ...(pinnedId === undefined ? {} : { pinnedId }),
    ...(markup && !inline ? { interfaceMarkup: markup } : {}),
  };
  return { stored, changes: [{ type: 'message', stored }, ...interfaceChanges(hub, stored)] };
}

/** Opens, replaces or closes the reply interface of everybody the markup is meant for. */
function interfaceChanges(hub: Hub, stored: StoredMessage): Change[] {
  const markup = stored.interfaceMarkup;
  if (!markup) return [];
  const { chat, message_id } = stored.message;
  const isSelective = 'selective' in markup && markup.selective === true && chat.type !== 'private';
  const everybody = PERSONA_LIST.map(({ id }) => id).filter((id) => chat.id === id || isMember(hub.state, chat.id, id));
  const users = isSelective ? everybody.filter((id) => isAddressed(hub, stored, id)) : everybody;
  const messageId = 'remove_keyboard' in markup ? null : message_id;
  return users.map((userId): Change => ({ type: 'interface', userId, chatId: chat.id, messageId }));
}

/** Selective markup reaches who is mentioned, and who is replied to. */
function isAddressed(hub: Hub, { message, replyToId }: StoredMessage, userId: number): boolean {
  const text = message.text ?? message.caption ?? '';
  const mentions = (message.entities ?? message.caption_entities ?? []).some((entity) => isMentionOf(text, entity, userId));
  const replied = replyToId === undefined ? undefined : findStored(hub.state, message.chat.id, replyToId);
  return mentions || replied?.message.from?.id === userId;
}

function isMentionOf(text: string, entity: Entity, userId: number): boolean {
  if (entity.type === 'text_mention') return entity.user?.id === userId;
  if (entity.type !== 'mention') return false;
  const username = text.slice(entity.offset + 1, entity.offset + entity.length);
  return username.toLowerCase() === findPersona(userId)?.username.toLowerCase();
}
