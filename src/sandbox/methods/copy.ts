import type { StoredMessage } from '../changes.ts';
import { type BotMessageOptions, makeBotMessage } from '../outgoing.ts';
import { refuse } from '../refusal.ts';
import { findStored, showMessage } from '../show.ts';
import { chatOf } from '../state.ts';
import type { Chat, Message, MessageOrigin } from '../wire.ts';
import { readCaption } from './content.ts';
import type { CallContext, Method } from './context.ts';
import { readSendOptions, readTopic } from './send.ts';
import { checkMaySend, namedMessage, readableChat, writableChat } from './target.ts';

const MAX_MESSAGES = 100;

/** Sends the same content again as the bot's own; answers with the new id alone. Buttons are not copied. */
export const copyMessage: Method = (context) => {
  const from = readableChat(context, 'from_chat_id');
  const source = namedMessage(context, from, 'message to copy');
  const chat = writableChat(context);
  checkMaySendCopy(context, chat, source);
  if (!isCopyable(context, source)) refuse("message can't be copied");
  const caption = context.params.has('caption') && hasMedia(source.message) ? readCaption(context) : undefined;
  const options = readSendOptions(context, chat);
  context.flood.charge(chat.id);
  return { message_id: put(context, chat, toCopy(source.message, caption), options).message.message_id };
};

export const copyMessages: Method = (context) =>
  forEachNamed(context, (source, chat, options) => {
    const caption = context.params.flag('remove_caption') ? {} : undefined;
    return isCopyable(context, source) ? put(context, chat, toCopy(source.message, caption), options) : undefined;
  });

export const forwardMessage: Method = (context) => {
  const from = readableChat(context, 'from_chat_id');
  const source = namedMessage(context, from, 'message to forward');
  const chat = writableChat(context);
  checkMaySendCopy(context, chat, source);
  if (!isCopyable(context, source)) refuse("message can't be forwarded");
  const options = readSendOptions(context, chat);
  context.flood.charge(chat.id);
  return showMessage(context.hub.state, put(context, chat, toForward(source.message), options));
};

export const forwardMessages: Method = (context) =>
  forEachNamed(context, (source, chat, options) =>
    isCopyable(context, source) ? put(context, chat, toForward(source.message), options) : undefined,
  );

function put({ hub }: CallContext, chat: Chat, content: Partial<Message>, options: BotMessageOptions): StoredMessage {
  const made = makeBotMessage(hub, chat, content, options);
  hub.commit(made.changes);
  return made.stored;
}

/** What is not there or cannot be passed on is skipped; nothing left at all is refused. */
function forEachNamed(
  context: CallContext,
  act: (source: StoredMessage, chat: Chat, options: BotMessageOptions) => StoredMessage | undefined,
): unknown {
  const { hub, params, flood } = context;
  const from = readableChat(context, 'from_chat_id');
  const ids = readMessageIds(context);
  const chat = writableChat(context);
  const options: BotMessageOptions = { ...readTopic(context, chat), isProtected: params.flag('protect_content') };
  const sources = ids.flatMap((id) => findStored(hub.state, from.id, id) ?? []);
  for (const source of sources) checkMaySendCopy(context, chat, source);
  flood.charge(chat.id);
  const sent = sources.flatMap((source) => act(source, chat, options) ?? []);
  if (sent.length === 0) refuse('there are no messages to forward');
  return sent.map(({ message }) => ({ message_id: message.message_id }));
}

export function readMessageIds({ params }: CallContext): number[] {
  const json = params.json('message_ids');
  if (json === undefined) refuse('message identifiers are not specified');
  if (json === 'invalid') refuse("can't parse message_ids JSON object");
  if (!Array.isArray(json.value)) refuse('expected an Array of message identifiers');
  if (json.value.length > MAX_MESSAGES) refuse('too many message identifiers specified');
  if (json.value.length === 0) refuse('message identifiers are not specified');
  return json.value.map((value: unknown) => {
    const id = Number(value);
    return Number.isInteger(id) && id > 0 ? id : refuse('invalid message identifier specified');
  });
}

const hasMedia = (message: Message): boolean => message.photo !== undefined || message.document !== undefined;

function checkMaySendCopy(context: CallContext, chat: Chat, { message }: StoredMessage): void {
  checkMaySend(context, chat, message.photo ? 'photos' : message.document ? 'documents' : 'text messages');
}

/** Service messages and protected content stay where they are. */
function isCopyable({ hub }: CallContext, { message }: StoredMessage): boolean {
  const hasContent = message.text !== undefined || hasMedia(message);
  return hasContent && !message.has_protected_content && !chatOf(hub.state, message.chat.id).isProtected;
}

function toCopy(message: Message, caption: Pick<Message, 'caption' | 'caption_entities'> | undefined): Partial<Message> {
  const { text, entities, link_preview_options, photo, document, show_caption_above_media, has_media_spoiler } = message;
  const kept = caption ?? { caption: message.caption, caption_entities: message.caption_entities };
  return dropUndefined({ text, entities, link_preview_options, photo, document, show_caption_above_media, has_media_spoiler, ...kept });
}

export function toForward(message: Message): Partial<Message> {
  return { ...toCopy(message, undefined), forward_origin: message.forward_origin ?? toOrigin(message) };
}

function toOrigin(message: Message): MessageOrigin {
  const { date, chat, sender_chat, author_signature, from } = message;
  const signature = author_signature ? { author_signature } : {};
  if (chat.type === 'channel') return { type: 'channel', date, chat, message_id: message.message_id, ...signature };
  if (sender_chat) return { type: 'chat', date, sender_chat, ...signature };
  // Outside of channels every message has a sender.
  return { type: 'user', date, sender_user: from ?? refuse("message can't be forwarded") };
}

function dropUndefined(message: Partial<Message>): Partial<Message> {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}
