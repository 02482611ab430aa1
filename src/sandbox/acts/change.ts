import type { StoredMessage } from '../changes.ts';
import type { Hub } from '../hub.ts';
import { changeStatus } from '../members.ts';
import { toCaption } from '../methods/content.ts';
import { BOT_USER, canSee, findUser, isAdmin, isMember, statusOf, toChat, toUser } from '../people.ts';
import { findStored, showMessage } from '../show.ts';
import { pairKey } from '../state.ts';
import { formatText, MAX_TEXT_LENGTH } from '../text/format.ts';
import { queueUpdate } from '../update-queue.ts';
import type { Entity, Message } from '../wire.ts';
import { fail, loadPersona, notify, say } from './say.ts';

export function loadVisible(hub: Hub, personaId: number, chatId: number, messageId: number): StoredMessage {
  const stored = canSee(hub.state, chatId, personaId) ? findStored(hub.state, chatId, messageId) : undefined;
  return stored ?? fail('not_found', `${loadPersona(personaId).firstName} sees no message ${messageId} in ${chatId}`);
}

function isOwn(hub: Hub, personaId: number, { message, isFromBot }: StoredMessage): boolean {
  if (isFromBot || message.forward_origin) return false;
  return message.chat.type === 'channel' ? isAdmin(hub.state, message.chat.id, personaId) : message.from?.id === personaId;
}

export function editOwn(
  hub: Hub,
  personaId: number,
  at: { chatId: number; messageId: number },
  text: string,
  entities: readonly Entity[] = [],
): Message {
  const stored = loadVisible(hub, personaId, at.chatId, at.messageId);
  if (!isOwn(hub, personaId, stored)) fail('not_allowed', 'only own messages can be edited');
  const formatted = formatText(text, entities, { findUser });
  const { text: _text, entities: _entities, caption: _caption, caption_entities: _captionEntities, ...rest } = stored.message;
  const isText = stored.message.text !== undefined;
  if (isText && (formatted.text === '' || formatted.text.length > MAX_TEXT_LENGTH))
    fail('input_invalid', `a message has 1 to ${MAX_TEXT_LENGTH} characters`);
  const content = isText
    ? { text: formatted.text, ...(formatted.entities.length > 0 ? { entities: formatted.entities } : {}) }
    : toCaption(formatted);
  const next: StoredMessage = { ...stored, message: { ...rest, ...content, edit_date: hub.now() }, isEdited: true };
  hub.commit([{ type: 'message', stored: next }, ...notify(hub, next, 'edited')]);
  return showMessage(hub.state, next);
}

/** Own messages, any message as an admin, and everything in the chat with the bot. The bot is not told. */
export function removeMessage(hub: Hub, personaId: number, chatId: number, messageId: number): void {
  const stored = loadVisible(hub, personaId, chatId, messageId);
  const mayRemove = chatId === personaId || isOwn(hub, personaId, stored) || isAdmin(hub.state, chatId, personaId);
  if (!mayRemove) fail('not_allowed', 'only own messages can be deleted');
  hub.commit([{ type: 'message_deleted', chatId, messageId }]);
}

export function react(hub: Hub, personaId: number, at: { chatId: number; messageId: number }, emoji: string): void {
  const { message } = loadVisible(hub, personaId, at.chatId, at.messageId);
  const old = hub.state.reactions.get(pairKey(at.chatId, at.messageId))?.get(personaId);
  const toList = (value: string | undefined): unknown[] => (value ? [{ type: 'emoji', emoji: value }] : []);
  const update = {
    message_reaction: {
      chat: message.chat,
      message_id: message.message_id,
      user: toUser(loadPersona(personaId)),
      date: hub.now(),
      old_reaction: toList(old),
      new_reaction: toList(emoji),
    },
  };
  hub.commit([{ type: 'reaction', ...at, userId: personaId, emoji: emoji || null }, ...queueUpdate(hub, update)]);
}

/** Presses Start, also after having blocked the bot. */
export function start(hub: Hub, personaId: number, parameter?: string): Message {
  setBlocked(hub, personaId, false);
  return say(hub, personaId, personaId, parameter ? `/start ${parameter}` : '/start');
}

/** Blocks or unblocks the bot; it hears of it as `my_chat_member` of the private chat. */
export function setBlocked(hub: Hub, personaId: number, isBlocked: boolean): void {
  const user = toUser(loadPersona(personaId));
  const chat = toChat(hub.state, personaId);
  if (!chat || (hub.state.privateChats.get(personaId) ?? false) === isBlocked) return;
  const toMember = (blocked: boolean): { user: typeof BOT_USER; status: string } => ({
    user: BOT_USER,
    status: blocked ? 'kicked' : 'member',
  });
  const updated = { chat, from: user, date: hub.now(), old_chat_member: toMember(!isBlocked), new_chat_member: toMember(isBlocked) };
  hub.commit([{ type: 'private_chat', userId: personaId, isBlocked }, ...queueUpdate(hub, { my_chat_member: updated })]);
}

/** Uses an invite link: joins, or asks to. */
export function join(hub: Hub, personaId: number, inviteLink: string): 'joined' | 'requested' {
  const persona = loadPersona(personaId);
  const invite = hub.state.invites.get(inviteLink) ?? fail('not_found', 'there is no such invite link');
  const { link, chatId, usedCount } = invite;
  const chat = toChat(hub.state, chatId) ?? fail('not_found', `the sandbox has no chat ${chatId}`);
  const isOver =
    link.is_revoked ||
    (link.expire_date !== undefined && link.expire_date <= hub.now()) ||
    (link.member_limit !== undefined && usedCount >= link.member_limit);
  if (isOver) fail('state_conflict', 'this invite link has expired');
  if (statusOf(hub.state, chatId, personaId) === 'kicked') fail('not_allowed', `${persona.firstName} is banned from ${chat.title}`);
  if (isMember(hub.state, chatId, personaId)) return 'joined';
  if (!link.creates_join_request) {
    hub.commit([{ type: 'invite', invite: { ...invite, usedCount: usedCount + 1 } }]);
    changeStatus(hub, { chatId, userId: personaId, status: 'member', inviteLink: link });
    return 'joined';
  }
  const request = { chat, from: toUser(persona), user_chat_id: personaId, date: hub.now(), invite_link: link };
  hub.commit([{ type: 'join_request', chatId, userId: personaId, inviteLink }, ...queueUpdate(hub, { chat_join_request: request })]);
  return 'requested';
}
