import type { State } from './state.ts';
import type { Chat, ChatMember, User } from './wire.ts';
import {
  CHANNEL_BOT,
  CHAT_LIST,
  GROUP_ANONYMOUS_BOT,
  type MemberStatus,
  PERSONA_LIST,
  type Persona,
  SANDBOX_BOT,
  type SharedChat,
} from './world.ts';

export const BOT_USER: User = { id: SANDBOX_BOT.id, is_bot: true, first_name: SANDBOX_BOT.firstName, username: SANDBOX_BOT.username };

export const findPersona = (id: number): Persona | undefined => PERSONA_LIST.find((persona) => persona.id === id);
export const findSharedChat = (id: number): SharedChat | undefined => CHAT_LIST.find((chat) => chat.id === id);

export const toUser = (persona: Persona): User => ({
  id: persona.id,
  is_bot: false,
  first_name: persona.firstName,
  username: persona.username,
  language_code: 'en',
});

export function findUser(id: number): User | undefined {
  if (id === BOT_USER.id) return BOT_USER;
  if (id === GROUP_ANONYMOUS_BOT.id) return GROUP_ANONYMOUS_BOT;
  if (id === CHANNEL_BOT.id) return CHANNEL_BOT;
  const persona = findPersona(id);
  return persona && toUser(persona);
}

/** A chat as messages carry it. Only for ids of this world. */
export function toChat(state: State, chatId: number): Chat | undefined {
  const shared = findSharedChat(chatId);
  if (shared) {
    const isForum = state.chats.get(chatId)?.isForum ?? false;
    return { id: shared.id, type: shared.type, title: shared.title, ...(isForum ? { is_forum: true } : {}) };
  }
  const persona = findPersona(chatId);
  return persona && { id: persona.id, type: 'private', first_name: persona.firstName, username: persona.username };
}

export const statusOf = (state: State, chatId: number, userId: number): MemberStatus =>
  state.members.get(chatId)?.get(userId)?.status ?? 'left';

export function isMember(state: State, chatId: number, userId: number): boolean {
  return ['creator', 'administrator', 'member', 'restricted'].includes(statusOf(state, chatId, userId));
}

export function isAdmin(state: State, chatId: number, userId: number): boolean {
  return ['creator', 'administrator'].includes(statusOf(state, chatId, userId));
}

/** A person sees their own chat with the bot, and the shared chats they belong to. */
export function canSee(state: State, chatId: number, personaId: number): boolean {
  return chatId === personaId || (chatId < 0 && isMember(state, chatId, personaId));
}

const ADMIN_RIGHTS = [
  'can_be_edited',
  'can_manage_chat',
  'can_change_info',
  'can_delete_messages',
  'can_invite_users',
  'can_restrict_members',
  'can_promote_members',
  'can_manage_video_chats',
  'can_post_stories',
  'can_edit_stories',
  'can_delete_stories',
];
const GROUP_RIGHTS = ['can_pin_messages', 'can_manage_topics'];
const CHANNEL_RIGHTS = ['can_post_messages', 'can_edit_messages'];
const NOT_GIVEN = ['can_be_edited', 'can_promote_members'];

/** Does the bot hold this right in the chat? Administrators hold all but promoting others, unless it was taken from them. */
export function hasBotRight(state: State, chatId: number, right: string): boolean {
  const member = state.members.get(chatId)?.get(BOT_USER.id);
  if (member?.status === 'creator') return true;
  return member?.status === 'administrator' && (member.rights[right] ?? !NOT_GIVEN.includes(right));
}

export function toChatMember(state: State, chatId: number, user: User): ChatMember {
  const member = state.members.get(chatId)?.get(user.id) ?? { status: 'left', rights: {} };
  if (member.status === 'creator') return { user, status: 'creator', is_anonymous: false };
  if (member.status === 'kicked') return { user, status: 'kicked', until_date: 0 };
  if (member.status === 'restricted') {
    return { user, status: 'restricted', is_member: true, until_date: 0, can_send_messages: false, ...member.rights };
  }
  if (member.status !== 'administrator') return { user, status: member.status };
  const names = [...ADMIN_RIGHTS, ...(findSharedChat(chatId)?.type === 'channel' ? CHANNEL_RIGHTS : GROUP_RIGHTS)];
  const rights = Object.fromEntries(names.map((name) => [name, member.rights[name] ?? !NOT_GIVEN.includes(name)]));
  return { user, status: 'administrator', is_anonymous: false, ...rights };
}
