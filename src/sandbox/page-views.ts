import type { StoredMessage } from './changes.ts';
import { commandsFor } from './commands.ts';
import { replyInterface } from './handle.ts';
import { BOT_USER, canSee, isAdmin, isMember, statusOf, toChat } from './people.ts';
import { findStored, listStored, showMessage } from './show.ts';
import { chatOf, pairKey, type State } from './state.ts';
import type { BotCommand, Chat, Message, ReplyMarkup } from './wire.ts';
import { CHAT_LIST, SANDBOX_BOT } from './world.ts';

/** What the chat page shows, as one person sees it. */
export interface MessageView {
  message: Message;
  isFromBot: boolean;
  /** Shown on this person's side. */
  isOwn: boolean;
  isEdited: boolean;
  mayEdit: boolean;
  mayForward: boolean;
  mayRemove: boolean;
  reactions: { emoji: string; count: number; isOwn: boolean }[];
}

export interface ChatSummary {
  id: number;
  type: Chat['type'];
  title: string;
  subtitle: string;
  unreadCount: number;
  last: { text: string; date: number } | null;
}

export interface ChatView {
  chat: ChatSummary;
  messages: MessageView[];
  pinned: Message | null;
  menu: BotCommand[];
  description: string;
  replyInterface: { messageId: number; markup: ReplyMarkup } | null;
  topics: { id: number; name: string }[];
  /** `start`: Start must be pressed first; `read`: others write here. */
  writing: 'yes' | 'start' | 'read';
}

/** Longer histories are cut at the front; a chat window shows what is recent. */
const MAX_MESSAGES = 300;
const MAX_PREVIEW_LENGTH = 120;

export function toMessageView(state: State, stored: StoredMessage, personaId: number): MessageView {
  const { message, isFromBot, isEdited = false } = stored;
  const chatId = message.chat.id;
  const isChannel = message.chat.type === 'channel';
  const isOwn = !isFromBot && !isChannel && message.from?.id === personaId;
  const mayEdit = !isFromBot && !message.forward_origin && (isChannel ? isAdmin(state, chatId, personaId) : isOwn);
  const byEmoji = Map.groupBy(state.reactions.get(pairKey(chatId, message.message_id)) ?? [], ([, emoji]) => emoji);
  return {
    message: showMessage(state, stored),
    isFromBot,
    isOwn,
    isEdited,
    mayEdit: mayEdit && !isService(message),
    mayForward: !message.has_protected_content && !chatOf(state, chatId).isProtected && (message.text !== undefined || hasMedia(message)),
    mayRemove: mayEdit || isOwn || chatId === personaId || isAdmin(state, chatId, personaId),
    reactions: [...byEmoji].map(([emoji, by]) => ({ emoji, count: by.length, isOwn: by.some(([userId]) => userId === personaId) })),
  };
}

const isService = (message: Message): boolean => message.text === undefined && !hasMedia(message);
const hasMedia = (message: Message): boolean => message.photo !== undefined || message.document !== undefined;

export function listChats(state: State, personaId: number): ChatSummary[] {
  const visible = [personaId, ...CHAT_LIST.map(({ id }) => id)].filter((id) => canSee(state, id, personaId));
  return visible.flatMap((id) => toSummary(state, id, personaId) ?? []);
}

export function toSummary(state: State, chatId: number, personaId: number): ChatSummary | undefined {
  const chat = toChat(state, chatId);
  if (!chat) return undefined;
  const messages = listStored(state, chatId);
  const newest = messages.at(-1);
  const last = newest && showMessage(state, newest);
  const readId = state.reads.get(pairKey(personaId, chatId)) ?? 0;
  const unread = messages.filter(({ message, isFromBot }) => message.message_id > readId && (isFromBot || message.from?.id !== personaId));
  return {
    id: chatId,
    type: chat.type,
    title: chat.title ?? SANDBOX_BOT.firstName,
    subtitle: toSubtitle(state, chat),
    unreadCount: unread.length,
    last: last ? { text: toPreview(last), date: last.date } : null,
  };
}

function toSubtitle(state: State, chat: Chat): string {
  if (chat.type === 'private') return `@${SANDBOX_BOT.username} · bot`;
  const count = [...(state.members.get(chat.id)?.keys() ?? [])].filter((id) => isMember(state, chat.id, id)).length;
  const bot = isMember(state, chat.id, BOT_USER.id) ? '' : ' · the bot is not here';
  return chat.type === 'channel' ? `${count} subscribers${bot}` : `${count} members${bot}`;
}

export function toPreview(message: Message): string {
  const text = message.text ?? message.caption;
  const media = message.photo ? 'Photo' : message.document ? (message.document.file_name ?? 'File') : '';
  const service = message.pinned_message
    ? 'pinned a message'
    : message.new_chat_members
      ? 'joined the group'
      : message.left_chat_member
        ? 'left the group'
        : '';
  const topic = message.forum_topic_created ? `topic “${message.forum_topic_created.name}”` : '';
  const body = text ?? (media || service || topic);
  const sender = message.chat.type === 'supergroup' && message.from ? `${message.from.first_name}: ` : '';
  return `${sender}${body}`.replace(/\s+/g, ' ').slice(0, MAX_PREVIEW_LENGTH);
}

export function toChatView(state: State, chatId: number, personaId: number): ChatView | undefined {
  const chat = canSee(state, chatId, personaId) ? toSummary(state, chatId, personaId) : undefined;
  if (!chat) return undefined;
  const { pinnedIds, topics } = chatOf(state, chatId);
  const pinned = findStored(state, chatId, pinnedIds.at(-1) ?? 0);
  return {
    chat,
    messages: listStored(state, chatId)
      .slice(-MAX_MESSAGES)
      .map((stored) => toMessageView(state, stored, personaId)),
    pinned: pinned?.message ?? null,
    menu: commandsFor(state, chatId, personaId),
    description: chatId > 0 ? (state.profile.get('description:') ?? '') : '',
    replyInterface: replyInterface(state, personaId, chatId) ?? null,
    topics: [...topics].map(([id, name]) => ({ id, name })),
    writing: toWriting(state, chat, personaId),
  };
}

function toWriting(state: State, chat: ChatSummary, personaId: number): ChatView['writing'] {
  if (chat.type === 'private') return state.privateChats.get(chat.id) === false ? 'yes' : 'start';
  if (chat.type === 'channel') return isAdmin(state, chat.id, personaId) ? 'yes' : 'read';
  return statusOf(state, chat.id, personaId) === 'restricted' ? 'read' : 'yes';
}
