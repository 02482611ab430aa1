import type { ChatFullInfo, ChatMember } from 'grammy/types';
import type { ChatRef } from '../domain/message.ts';

/** What a configured chat is for, by the variable that names it. */
export const CHAT_VARIABLES = {
  admin: 'AGS_ADMIN_CHAT_ID',
  alert: 'AGS_ALERT_CHAT_ID',
  signals: 'AGS_SIGNALS_CHAT_ID',
  vip: 'AGS_VIP_CHAT_ID',
} as const;
export type ChatPurpose = keyof typeof CHAT_VARIABLES;

/** A chat as Telegram describes it, and what the bot is in it. */
export interface ChatFacts {
  chat: ChatFullInfo;
  member: ChatMember;
}

export interface Finding {
  /** One sentence for an operator: the variable, what is wrong, what to do. */
  problem: string;
  /** The program cannot do its work with this chat at all, whatever rights the bot is given there. */
  isFatal: boolean;
}

type Right = 'can_post_messages' | 'can_pin_messages' | 'can_invite_users' | 'can_restrict_members';

/** As Telegram's own settings call them, so that they can be found there. */
const RIGHT_NAMES: Record<Right, string> = {
  can_post_messages: '“Post messages”',
  can_pin_messages: '“Pin messages”',
  can_invite_users: '“Invite users”',
  can_restrict_members: '“Ban users”',
};

/** What stands in the way of using a chat for this purpose; empty when nothing does. */
export function listFindings(purpose: ChatPurpose, ref: ChatRef, { chat, member }: ChatFacts): Finding[] {
  const variable = CHAT_VARIABLES[purpose];
  const where = `${JSON.stringify(chat.title ?? String(chat.id))}`;
  const say = (problem: string, isFatal = false): Finding => ({ problem: `${variable}: ${problem}`, isFatal });
  const wrongKind = findWrongKind(purpose, chat);
  if (wrongKind !== null) return [say(wrongKind, purpose === 'admin')];
  const rights = findMissingRights(purpose, chat, member);
  return [
    ...(purpose === 'admin' && chat.has_protected_content === true
      ? [say(`${where} protects its content, so that no post can be copied out of it; allow saving content in the group’s settings`, true)]
      : []),
    ...(ref.topicId !== null && chat.is_forum !== true
      ? [say(`${where} has no topics, but topic ${ref.topicId} is set; turn topics on, or set ${chat.id} alone`)]
      : []),
    ...(rights === null ? [] : [say(`in ${where} the bot ${rights}`)]),
  ];
}

function findWrongKind(purpose: ChatPurpose, chat: ChatFullInfo): string | null {
  const isGroup = chat.type === 'group' || chat.type === 'supergroup';
  if (purpose === 'admin' && !isGroup) {
    return `${chat.id} is a ${chat.type === 'private' ? 'private chat' : 'channel'}, and approvals need a group, where people can answer; set the id of a group`;
  }
  if (purpose === 'vip' && chat.type === 'private') return `${chat.id} is a private chat; set the id of the paid group`;
  return null;
}

/** The rest of a sentence about the bot; null when it holds what the purpose takes. */
function findMissingRights(purpose: ChatPurpose, chat: ChatFullInfo, member: ChatMember): string | null {
  if (chat.type === 'private') return null;
  if (member.status === 'left' || member.status === 'kicked') return toAbsence(purpose, chat);
  const needed = listNeeded(purpose, chat);
  if (member.status === 'creator') return null;
  if (member.status !== 'administrator') {
    if (needed.length > 0) return `is no administrator; make it one that may ${toNames(needed)}`;
    return maySend(chat, member) ? null : 'may not send messages; make it an administrator';
  }
  const missing = needed.filter((right) => member[right] !== true);
  return missing.length === 0 ? null : `lacks the right ${toNames(missing)}; give it in the list of administrators`;
}

const toNames = (rights: readonly Right[]): string => rights.map((right) => RIGHT_NAMES[right]).join(' and ');

function toAbsence(purpose: ChatPurpose, chat: ChatFullInfo): string {
  const needed = listNeeded(purpose, chat);
  return `is not a member; add it${needed.length > 0 ? ` as an administrator that may ${toNames(needed)}` : ''}`;
}

/** Stops are pinned in the admin group; a channel takes posts of administrators only; access is given by invitations and taken by bans. */
function listNeeded(purpose: ChatPurpose, chat: ChatFullInfo): readonly Right[] {
  if (purpose === 'admin') return ['can_pin_messages'];
  if (purpose === 'vip') return ['can_invite_users', 'can_restrict_members'];
  return chat.type === 'channel' ? ['can_post_messages'] : [];
}

function maySend(chat: ChatFullInfo, member: ChatMember): boolean {
  if (member.status === 'restricted') return member.can_send_messages;
  return chat.permissions?.can_send_messages !== false;
}
