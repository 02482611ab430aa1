import { BOT_USER } from '../people.ts';
import { pinChanges } from '../pins.ts';
import { refuse } from '../refusal.ts';
import { showMessage } from '../show.ts';
import { chatOf } from '../state.ts';
import { queueUpdate } from '../update-queue.ts';
import type { Method } from './context.ts';
import { namedMessage, readableChat, requireRight, writableChat } from './target.ts';

/** How long a press waits for its answer. Telegram names no number; later answers are refused. */
export const CALLBACK_LIFETIME_SECONDS = 60;
const MAX_ANSWER_LENGTH = 200;
const NO_PIN_RIGHT = 'not enough rights to manage pinned messages in the chat';

/** Answers a press, once and in time. */
export const answerCallbackQuery: Method = ({ hub, params }) => {
  const id = params.text('callback_query_id');
  const text = params.text('text');
  const callback = hub.state.callbacks.get(id);
  const isOpen = callback !== undefined && !callback.isAnswered && hub.now() - callback.at <= CALLBACK_LIFETIME_SECONDS;
  if (!isOpen) refuse('query is too old and response timeout expired or query ID is invalid');
  if (text.length > MAX_ANSWER_LENGTH) refuse('MESSAGE_TOO_LONG');
  hub.commit([{ type: 'callback', id, userId: callback.userId, at: callback.at, isAnswered: true }]);
  hub.announce({
    type: 'callback_answer',
    callbackQueryId: id,
    userId: callback.userId,
    text: text || undefined,
    showAlert: params.flag('show_alert'),
    url: params.text('url') || undefined,
  });
  return true;
};

export const pinChatMessage: Method = (context) => {
  const chat = writableChat(context);
  const { message } = namedMessage(context, chat, 'message to pin');
  if (chat.type !== 'private')
    requireRight(context, chat, chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages', NO_PIN_RIGHT);
  const { changes, service } = pinChanges(context.hub, chat, message.message_id);
  // The bot is told of the service message even about its own pinning, as Telegram does.
  const update = service
    ? queueUpdate(context.hub, { [chat.type === 'channel' ? 'channel_post' : 'message']: showMessage(context.hub.state, service) })
    : [];
  context.hub.commit([...changes, ...update]);
  return true;
};

export const unpinChatMessage: Method = (context) => {
  const { hub, params } = context;
  const chat = writableChat(context);
  if (chat.type !== 'private')
    requireRight(context, chat, chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages', NO_PIN_RIGHT);
  const { pinnedIds } = chatOf(hub.state, chat.id);
  const messageId = params.has('message_id') ? namedMessage(context, chat, 'message to unpin').message.message_id : pinnedIds.at(-1);
  if (messageId === undefined || !pinnedIds.includes(messageId)) refuse('message to unpin not found');
  hub.commit([{ type: 'chat', chatId: chat.id, pinnedIds: pinnedIds.filter((id) => id !== messageId) }]);
  return true;
};

export const unpinAllChatMessages: Method = (context) => {
  const chat = writableChat(context);
  if (chat.type !== 'private')
    requireRight(context, chat, chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages', NO_PIN_RIGHT);
  context.hub.commit([{ type: 'chat', chatId: chat.id, pinnedIds: [] }]);
  return true;
};

/** The reactions that need no premium account. */
const REACTIONS = new Set(
  (
    '❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 ' +
    '🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'
  ).split(' '),
);

export const setMessageReaction: Method = (context) => {
  const { hub, params } = context;
  const chat = readableChat(context);
  const { message } = namedMessage(context, chat, 'message to react');
  const json = params.json('reaction');
  if (json === 'invalid') refuse("can't parse reaction types JSON object");
  const list: unknown = json?.value ?? [];
  if (!Array.isArray(list)) refuse('expected an Array of ReactionType');
  if (list.length > 1) refuse('REACTIONS_TOO_MANY');
  const emoji = list.length === 0 ? null : toEmoji(list[0]);
  hub.commit([{ type: 'reaction', chatId: chat.id, messageId: message.message_id, userId: BOT_USER.id, emoji }]);
  return true;
};

function toEmoji(raw: unknown): string {
  const { type, emoji }: { type?: unknown; emoji?: unknown } = typeof raw === 'object' && raw !== null ? raw : {};
  if (type !== 'emoji' && type !== 'custom_emoji' && type !== 'paid') refuse("can't parse ReactionType: invalid reaction type specified");
  return typeof emoji === 'string' && REACTIONS.has(emoji) ? emoji : refuse('REACTION_INVALID');
}
