import type { Change } from '../changes.ts';
import { type BotMessageOptions, makeBotMessage } from '../outgoing.ts';
import { refuse } from '../refusal.ts';
import { findStored, showMessage } from '../show.ts';
import { chatOf } from '../state.ts';
import type { Chat, Message } from '../wire.ts';
import { readCaption, readFile, readText } from './content.ts';
import type { CallContext, Method } from './context.ts';
import { readMarkup } from './markup.ts';
import { checkMaySend, writableChat } from './target.ts';

/** Topic 1 is "General": a forum's default, which cannot be named. */
const GENERAL_TOPIC_ID = 1;

export const sendMessage: Method = (context) => {
  const content = readText(context);
  const chat = writableChat(context);
  checkMaySend(context, chat, 'text messages');
  return send(context, chat, content);
};

export const sendPhoto: Method = (context) => {
  const caption = readCaption(context);
  const chat = writableChat(context);
  checkMaySend(context, chat, 'photos');
  const { media, changes } = readFile(context, 'photo');
  const flags = {
    ...(context.params.flag('show_caption_above_media') ? { show_caption_above_media: true as const } : {}),
    ...(context.params.flag('has_spoiler') ? { has_media_spoiler: true as const } : {}),
  };
  return send(context, chat, { ...media, ...caption, ...flags }, changes);
};

export const sendDocument: Method = (context) => {
  const caption = readCaption(context);
  const chat = writableChat(context);
  checkMaySend(context, chat, 'documents');
  const { media, changes } = readFile(context, 'document');
  return send(context, chat, { ...media, ...caption }, changes);
};

/** Puts a message into the chat and returns it as the Bot API shows it. */
export function send(context: CallContext, chat: Chat, content: Partial<Message>, changes: readonly Change[] = []): Message {
  const { hub, flood } = context;
  const options = readSendOptions(context, chat);
  flood.charge(chat.id);
  const made = makeBotMessage(hub, chat, content, options);
  hub.commit([...changes, ...made.changes]);
  return showMessage(hub.state, made.stored);
}

export function readSendOptions(context: CallContext, chat: Chat): BotMessageOptions {
  const { params } = context;
  return {
    ...readReply(context, chat),
    ...readTopic(context, chat),
    markup: readMarkup(params, chat),
    isProtected: params.flag('protect_content'),
  };
}

export function readTopic({ hub, params }: CallContext, chat: Chat): Pick<BotMessageOptions, 'topicId'> {
  const topicId = params.integer('message_thread_id');
  // Outside of forums the parameter is without effect.
  if (!topicId || !chat.is_forum) return {};
  if (topicId === GENERAL_TOPIC_ID || !chatOf(hub.state, chat.id).topics.has(topicId)) refuse('message thread not found');
  return { topicId };
}

function readReply({ hub, params }: CallContext, chat: Chat): Pick<BotMessageOptions, 'replyToId' | 'quote'> {
  const json = params.json('reply_parameters');
  if (json === 'invalid') refuse("can't parse reply parameters JSON object");
  const legacyId = params.integer('reply_to_message_id');
  const given =
    json?.value ??
    (legacyId ? { message_id: legacyId, allow_sending_without_reply: params.flag('allow_sending_without_reply') } : undefined);
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) refuse('object expected as reply parameters');
  const fields: Record<string, unknown> = { ...given };
  if (Object.keys(fields).length === 0) return {};
  if (fields.chat_id !== undefined && Number(fields.chat_id) !== chat.id) refuse('replies to another chat are unsupported in the sandbox');
  const replied = findStored(hub.state, chat.id, Number(fields.message_id));
  if (!replied) {
    if (fields.allow_sending_without_reply === true) return {};
    refuse('message to be replied not found');
  }
  const replyToId = replied.message.message_id;
  return { replyToId, ...toQuote(replied.message, fields.quote) };
}

function toQuote(message: Message, quote: unknown): Pick<BotMessageOptions, 'quote'> {
  if (typeof quote !== 'string' || quote === '') return {};
  const position = (message.text ?? message.caption ?? '').indexOf(quote);
  if (position === -1) refuse('QUOTE_TEXT_INVALID');
  return { quote: { text: quote, position, is_manual: true } };
}

const CHAT_ACTIONS = [
  'cancel',
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
];

export const sendChatAction: Method = (context) => {
  const action = context.params.text('action').toLowerCase();
  if (!CHAT_ACTIONS.includes(action)) refuse('wrong parameter action in request');
  const chat = writableChat(context);
  checkMaySend(context, chat, 'text messages');
  context.hub.announce({ type: 'chat_action', chatId: chat.id, action });
  return true;
};
