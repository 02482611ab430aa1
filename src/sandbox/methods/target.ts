import type { StoredMessage } from '../changes.ts';
import { BOT_USER, findPersona, findSharedChat, hasBotRight, statusOf, toChat } from '../people.ts';
import { refuse } from '../refusal.ts';
import { findStored } from '../show.ts';
import type { Chat } from '../wire.ts';
import { CHAT_LIST } from '../world.ts';
import type { CallContext } from './context.ts';

/** Finds the chat a call names, as far as the bot may read it. */
export function readableChat({ hub, params }: CallContext, parameter = 'chat_id'): Chat {
  const text = params.text(parameter);
  if (text === '') refuse(parameter === 'chat_id' ? 'chat_id is empty' : `Parameter "${parameter}" is required`);
  const chatId = params.integer(parameter);
  if (chatId === undefined) refuse('chat not found');
  if (findPersona(chatId)) {
    if (!hub.state.privateChats.has(chatId)) refuse('chat not found');
  } else checkSharedChat(hub.state.members.has(chatId) ? chatId : undefined, statusOf(hub.state, chatId, BOT_USER.id));
  return toChat(hub.state, chatId) ?? refuse('chat not found');
}

function checkSharedChat(chatId: number | undefined, botStatus: string): void {
  const chat = CHAT_LIST.find(({ id }) => id === chatId) ?? refuse('chat not found');
  const kind = chat.type === 'channel' ? 'channel' : 'supergroup';
  if (botStatus === 'kicked') refuse(`bot was kicked from the ${kind} chat`, 403);
  if (botStatus === 'left') refuse(`bot is not a member of the ${kind} chat`, 403);
}

/** Finds the chat a call names, as far as the bot may write there. */
export function writableChat(context: CallContext): Chat {
  const { hub, params } = context;
  const chatId = params.integer('chat_id');
  // Somebody who never wrote: the bot cannot be the first.
  if (chatId !== undefined && findPersona(chatId) && !hub.state.privateChats.has(chatId)) {
    refuse("bot can't initiate conversation with a user", 403);
  }
  const chat = readableChat(context);
  if (hub.state.privateChats.get(chat.id)) refuse('bot was blocked by the user', 403);
  return chat;
}

/** Refuses where a group or channel does not let the bot send this kind of message. */
export function checkMaySend({ hub }: CallContext, chat: Chat, kind: 'text messages' | 'photos' | 'documents'): void {
  if (chat.type === 'private') return;
  if (chat.type === 'channel') {
    if (!hasBotRight(hub.state, chat.id, 'can_post_messages')) refuse('need administrator rights in the channel chat');
    return;
  }
  const member = hub.state.members.get(chat.id)?.get(BOT_USER.id);
  const right = `can_send_${kind === 'text messages' ? 'messages' : kind}`;
  const isRefused = member?.rights[right] === false || (member?.status === 'restricted' && member.rights[right] !== true);
  if (isRefused) refuse(`not enough rights to send ${kind} to the chat`);
}

/** The message a call names. `what` completes Telegram's "… not found". */
export function namedMessage({ hub, params }: CallContext, chat: Chat, what: string): StoredMessage {
  const messageId = params.integer('message_id');
  const stored = messageId === undefined ? undefined : findStored(hub.state, chat.id, messageId);
  return stored ?? refuse(`${what} not found`);
}

export function requireUserId({ params }: CallContext): number {
  const userId = params.integer('user_id') ?? 0;
  return userId > 0 ? userId : refuse('invalid user_id specified');
}

export function requireShared(chat: Chat): Chat {
  return findSharedChat(chat.id) ? chat : refuse('method is available for supergroup and channel chats only');
}

export function requireRight({ hub }: CallContext, chat: Chat, right: string, description: string): void {
  if (!hasBotRight(hub.state, chat.id, right)) refuse(description);
}
