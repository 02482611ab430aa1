import { isDeepStrictEqual } from 'node:util';
import type { StoredMessage } from '../changes.ts';
import { hasBotRight } from '../people.ts';
import { refuse } from '../refusal.ts';
import { findStored, showMessage } from '../show.ts';
import type { Chat, InlineKeyboard, Message } from '../wire.ts';
import { readCaption, readText } from './content.ts';
import type { CallContext, Method } from './context.ts';
import { readMessageIds } from './copy.ts';
import { readInlineKeyboard } from './markup.ts';
import { namedMessage, writableChat } from './target.ts';

/** A bot may delete messages for everybody for two days. */
const DELETE_WINDOW_SECONDS = 48 * 60 * 60;

/** New text, and new buttons: without `reply_markup` the old ones go. */
export const editMessageText: Method = (context) => {
  const content = readText(context);
  const { chat, stored } = editable(context);
  if (stored.message.text === undefined) refuse('there is no text in the message to edit');
  const { entities: _entities, link_preview_options: _options, ...rest } = stored.message;
  return replace(context, stored, { ...rest, ...content }, readInlineKeyboard(context.params, chat));
};

export const editMessageCaption: Method = (context) => {
  const content = readCaption(context);
  const { chat, stored } = editable(context);
  if (!stored.message.photo && !stored.message.document) refuse('there is no caption in the message to edit');
  const { caption: _caption, caption_entities: _entities, ...rest } = stored.message;
  return replace(context, stored, { ...rest, ...content }, readInlineKeyboard(context.params, chat));
};

export const editMessageReplyMarkup: Method = (context) => {
  const { chat, stored } = editable(context);
  return replace(context, stored, stored.message, readInlineKeyboard(context.params, chat));
};

function editable(context: CallContext): { chat: Chat; stored: StoredMessage } {
  if (context.params.has('inline_message_id')) refuse('inline messages are unsupported in the sandbox');
  const chat = writableChat(context);
  const stored = namedMessage(context, chat, 'message to edit');
  const isOwn = stored.isFromBot && stored.message.forward_origin === undefined && stored.pinnedId === undefined;
  if (!isOwn) refuse("message can't be edited");
  if (chat.type === 'channel' && !hasBotRight(context.hub.state, chat.id, 'can_post_messages')) refuse("message can't be edited");
  return { chat, stored };
}

function replace({ hub, flood }: CallContext, stored: StoredMessage, content: Message, keyboard: InlineKeyboard | undefined): Message {
  const { reply_markup: oldKeyboard, ...oldContent } = stored.message;
  const { reply_markup: _markup, ...newContent } = content;
  const isSameContent = isDeepStrictEqual(oldContent, newContent);
  if (isSameContent && isDeepStrictEqual(oldKeyboard, keyboard)) {
    refuse(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  }
  flood.charge(content.chat.id);
  const next: StoredMessage = {
    ...stored,
    message: { ...newContent, edit_date: hub.now(), ...(keyboard ? { reply_markup: keyboard } : {}) },
    ...(isSameContent ? {} : { isEdited: true }),
  };
  hub.commit([{ type: 'message', stored: next }]);
  return showMessage(hub.state, next);
}

export const deleteMessage: Method = (context) => {
  const chat = writableChat(context);
  const stored = namedMessage(context, chat, 'message to delete');
  if (!isDeletable(context, stored)) refuse("message can't be deleted for everyone");
  context.hub.commit([{ type: 'message_deleted', chatId: chat.id, messageId: stored.message.message_id }]);
  return true;
};

/** What cannot be found is skipped. */
export const deleteMessages: Method = (context) => {
  const { hub } = context;
  const chat = writableChat(context);
  const found = readMessageIds(context).flatMap((id) => findStored(hub.state, chat.id, id) ?? []);
  if (found.some((stored) => !isDeletable(context, stored))) refuse("message can't be deleted for everyone");
  hub.commit(found.map(({ message }) => ({ type: 'message_deleted', chatId: chat.id, messageId: message.message_id })));
  return true;
};

function isDeletable({ hub }: CallContext, { message, isFromBot }: StoredMessage): boolean {
  if (hasBotRight(hub.state, message.chat.id, 'can_delete_messages')) return true;
  const isRecent = hub.now() - message.date <= DELETE_WINDOW_SECONDS;
  return isRecent && (isFromBot || message.chat.type === 'private');
}
