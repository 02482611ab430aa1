import { AppError } from '../../errors.ts';
import type { Change, StoredMessage } from '../changes.ts';
import { keepFile } from '../files.ts';
import type { Hub } from '../hub.ts';
import { toCaption, toMedia } from '../methods/content.ts';
import { toForward } from '../methods/copy.ts';
import { makeHead } from '../outgoing.ts';
import { BOT_USER, canSee, findPersona, findUser, isAdmin, isMember, statusOf, toChat, toUser } from '../people.ts';
import { findStored, showMessage } from '../show.ts';
import { chatOf, pairKey } from '../state.ts';
import type { SayOptions } from '../telegram.ts';
import { type FormattedText, formatText, MAX_CAPTION_LENGTH, MAX_TEXT_LENGTH } from '../text/format.ts';
import { queueUpdate } from '../update-queue.ts';
import type { Chat, Message } from '../wire.ts';
import { CHANNEL_BOT, GROUP_ANONYMOUS_BOT, type Persona } from '../world.ts';

export function loadPersona(personaId: number): Persona {
  return findPersona(personaId) ?? fail('not_found', `the sandbox has no person ${personaId}`);
}

export function fail(code: 'not_found' | 'not_allowed' | 'input_invalid' | 'state_conflict', message: string): never {
  throw new AppError(code, message);
}

/** Writes as a person: where, what and as whom they may is checked as a Telegram client would. */
export function say(hub: Hub, personaId: number, chatId: number, text: string, options: SayOptions = {}): Message {
  const persona = loadPersona(personaId);
  const chat = toChat(hub.state, chatId) ?? fail('not_found', `the sandbox has no chat ${chatId}`);
  checkMayWrite(hub, persona, chat);
  const contents = makeContents(hub, persona, text, options);
  const sent = contents.map(({ content, changes }) => {
    const stored = makeMessage(hub, persona, chat, content, options);
    const opened: Change[] =
      chat.type === 'private' && !hub.state.privateChats.has(chatId) ? [{ type: 'private_chat', userId: personaId, isBlocked: false }] : [];
    const kept: Change = { type: 'message', stored };
    const read: Change = { type: 'read', userId: personaId, chatId, messageId: stored.message.message_id };
    hub.commit([...changes, ...opened, kept, read, ...closeInterface(hub, personaId, chatId), ...notify(hub, stored, 'new')]);
    return stored;
  });
  // There is at least one content: makeContents refuses an empty text.
  return showMessage(hub.state, sent.at(-1) ?? fail('input_invalid', 'a message needs a text or a file'));
}

function checkMayWrite(hub: Hub, persona: Persona, chat: Chat): void {
  if (chat.type === 'private') {
    if (chat.id !== persona.id) fail('not_allowed', `${persona.firstName} cannot write in the private chat of ${chat.id}`);
    if (hub.state.privateChats.get(chat.id)) fail('not_allowed', `${persona.firstName} has blocked the bot; start() it again first`);
    return;
  }
  if (chat.type === 'channel' && !isAdmin(hub.state, chat.id, persona.id))
    fail('not_allowed', `${persona.firstName} cannot post in ${chat.title}`);
  const status = statusOf(hub.state, chat.id, persona.id);
  if (!isMember(hub.state, chat.id, persona.id) || status === 'restricted')
    fail('not_allowed', `${persona.firstName} cannot write in ${chat.title} (${status})`);
}

function makeContents(hub: Hub, persona: Persona, text: string, options: SayOptions): { content: Partial<Message>; changes: Change[] }[] {
  if (options.forwardFrom) {
    const { chatId, messageId } = options.forwardFrom;
    const source = canSee(hub.state, chatId, persona.id) ? findStored(hub.state, chatId, messageId) : undefined;
    if (!source) fail('not_found', `${persona.firstName} sees no message ${messageId} in ${chatId}`);
    if (chatOf(hub.state, chatId).isProtected || source.message.has_protected_content)
      fail('not_allowed', 'this message cannot be forwarded');
    return [{ content: toForward(source.message), changes: [] }];
  }
  const upload = options.photo ?? options.document;
  const parts = splitAsClient(formatText(text, options.entities ?? [], { findUser }), upload ? MAX_CAPTION_LENGTH : MAX_TEXT_LENGTH);
  if (!upload) {
    if (parts.length === 0) fail('input_invalid', 'a message needs a text or a file');
    return parts.map((part) => ({ content: toTextContent(part), changes: [] }));
  }
  if (parts.length > 1) fail('input_invalid', `a caption has at most ${MAX_CAPTION_LENGTH} characters`);
  const { file, changes } = keepFile(hub, options.photo ? 'photo' : 'document', upload);
  return [{ content: { ...toMedia(file), ...toCaption(parts[0] ?? { text: '', entities: [] }) }, changes }];
}

const toTextContent = ({ text, entities }: FormattedText): Partial<Message> => ({ text, ...(entities.length > 0 ? { entities } : {}) });

/** A client sends what is too long for one message as several. */
function splitAsClient(formatted: FormattedText, maxLength: number): FormattedText[] {
  if (formatted.text.length <= maxLength) return formatted.text === '' ? [] : [formatted];
  const parts: FormattedText[] = [];
  for (let rest = formatted.text; rest !== ''; ) {
    const cut = rest
      .slice(0, maxLength)
      .toWellFormed()
      .replace(/\ufffd$/, '').length;
    parts.push(formatText(rest.slice(0, cut), [], { findUser }));
    rest = rest.slice(cut);
  }
  return parts.filter(({ text }) => text !== '');
}

function makeMessage(hub: Hub, persona: Persona, chat: Chat, content: Partial<Message>, options: SayOptions): StoredMessage {
  const { replyTo, quote, topicId, viaBot } = options;
  const replied =
    replyTo === undefined ? undefined : (findStored(hub.state, chat.id, replyTo) ?? fail('not_found', `no message ${replyTo} to reply to`));
  const topic = topicId ?? (chat.is_forum ? replied?.message.message_thread_id : undefined);
  if (topic !== undefined && !chatOf(hub.state, chat.id).topics.has(topic)) fail('not_found', `no topic ${topic} in ${chat.id}`);
  const position = quote === undefined ? -1 : (replied?.message.text ?? replied?.message.caption ?? '').indexOf(quote);
  if (quote !== undefined && position === -1) fail('input_invalid', 'the quote is not part of the message replied to');
  const message: Message = {
    ...makeHead(hub, chat, toUser(persona)),
    ...toSender(hub, persona, chat, options),
    ...(topic === undefined ? {} : { message_thread_id: topic, is_topic_message: true }),
    ...(quote === undefined ? {} : { quote: { text: quote, position, is_manual: true } }),
    ...(viaBot === undefined ? {} : { via_bot: { id: 999_999_999, is_bot: true, first_name: viaBot, username: viaBot } }),
    ...content,
  };
  return { message, isFromBot: false, ...(replied ? { replyToId: replied.message.message_id } : {}) };
}

function toSender(hub: Hub, persona: Persona, chat: Chat, { asAnonymousAdmin = false, asChannel }: SayOptions): Partial<Message> {
  if (chat.type === 'channel') return { author_signature: persona.firstName };
  if (asAnonymousAdmin) {
    if (!isAdmin(hub.state, chat.id, persona.id)) fail('not_allowed', `${persona.firstName} is no admin of ${chat.title}`);
    return { from: GROUP_ANONYMOUS_BOT, sender_chat: chat };
  }
  if (asChannel === undefined) return {};
  return { from: CHANNEL_BOT, sender_chat: toChat(hub.state, asChannel) ?? fail('not_found', `the sandbox has no chat ${asChannel}`) };
}

/** A force reply and a one-time keyboard are over once the person has written. */
function closeInterface(hub: Hub, userId: number, chatId: number): Change[] {
  const messageId = hub.state.interfaces.get(pairKey(userId, chatId));
  const markup = messageId === undefined ? undefined : findStored(hub.state, chatId, messageId)?.interfaceMarkup;
  const isOver = markup !== undefined && ('force_reply' in markup || ('keyboard' in markup && markup.one_time_keyboard === true));
  return isOver ? [{ type: 'interface', userId, chatId, messageId: null }] : [];
}

/** The update for the bot, which sees a shared chat only while it is in it. */
export function notify(hub: Hub, stored: StoredMessage, event: 'new' | 'edited'): Change[] {
  const { chat } = stored.message;
  if (chat.type !== 'private' && !isMember(hub.state, chat.id, BOT_USER.id)) return [];
  const kind = chat.type === 'channel' ? 'channel_post' : 'message';
  return queueUpdate(hub, { [event === 'new' ? kind : `edited_${kind}`]: showMessage(hub.state, stored) });
}
