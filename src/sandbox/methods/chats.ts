import { changeStatus } from '../members.ts';
import { BOT_USER, findUser, isAdmin, isMember, statusOf, toChatMember } from '../people.ts';
import { refuse } from '../refusal.ts';
import { findStored, showMessage } from '../show.ts';
import { chatOf } from '../state.ts';
import { makeTopic } from '../topics.ts';
import type { Method } from './context.ts';
import { readableChat, requireRight, requireShared, requireUserId } from './target.ts';

const NO_RESTRICT_RIGHT = 'not enough rights to restrict/unrestrict chat member';

export const getChat: Method = (context) => {
  const { state } = context.hub;
  const chat = readableChat(context);
  const { pinnedIds, isProtected } = chatOf(state, chat.id);
  const pinned = findStored(state, chat.id, pinnedIds.at(-1) ?? 0);
  return {
    ...chat,
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
    ...(chat.username ? { active_usernames: [chat.username] } : {}),
    ...(isProtected ? { has_protected_content: true } : {}),
    ...(pinned ? { pinned_message: showMessage(state, pinned) } : {}),
  };
};

export const getChatMember: Method = (context) => {
  const chat = readableChat(context);
  const userId = requireUserId(context);
  const user = findUser(userId) ?? refuse('PARTICIPANT_ID_INVALID');
  if (chat.type === 'private') {
    if (userId !== chat.id && userId !== BOT_USER.id) refuse('user not found');
    return { user, status: 'member' };
  }
  return toChatMember(context.hub.state, chat.id, user);
};

export const getChatAdministrators: Method = (context) => {
  const chat = readableChat(context);
  if (chat.type === 'private') refuse('there are no administrators in the private chat');
  const { state } = context.hub;
  const ids = [...(state.members.get(chat.id)?.keys() ?? [])].filter((id) => isAdmin(state, chat.id, id) && id !== BOT_USER.id);
  const others = ids.flatMap((id) => findUser(id) ?? []).map((user) => toChatMember(state, chat.id, user));
  return isAdmin(state, chat.id, BOT_USER.id) ? [...others, toChatMember(state, chat.id, BOT_USER)] : others;
};

export const getChatMemberCount: Method = (context) => {
  const chat = readableChat(context);
  if (chat.type === 'private') return 2;
  const { state } = context.hub;
  return [...(state.members.get(chat.id)?.keys() ?? [])].filter((id) => isMember(state, chat.id, id)).length;
};

export const leaveChat: Method = (context) => {
  const chat = requireShared(readableChat(context));
  changeStatus(context.hub, { chatId: chat.id, userId: BOT_USER.id, status: 'left', rights: {} });
  return true;
};

export const banChatMember: Method = (context) => {
  const chat = requireShared(readableChat(context));
  const userId = requireUserId(context);
  requireRight(context, chat, 'can_restrict_members', NO_RESTRICT_RIGHT);
  if (!findUser(userId)) refuse('PARTICIPANT_ID_INVALID');
  if (userId === BOT_USER.id) refuse("can't restrict self");
  if (isAdmin(context.hub.state, chat.id, userId)) refuse('user is an administrator of the chat');
  if (statusOf(context.hub.state, chat.id, userId) !== 'kicked') {
    changeStatus(context.hub, { chatId: chat.id, userId, status: 'kicked', rights: {}, by: BOT_USER });
  }
  return true;
};

/** Without `only_if_banned` it also removes somebody who is in the chat, as in Telegram. */
export const unbanChatMember: Method = (context) => {
  const { hub, params } = context;
  const chat = requireShared(readableChat(context));
  const userId = requireUserId(context);
  requireRight(context, chat, 'can_restrict_members', NO_RESTRICT_RIGHT);
  if (!findUser(userId)) refuse('PARTICIPANT_ID_INVALID');
  const status = statusOf(hub.state, chat.id, userId);
  if (status === 'left' || (params.flag('only_if_banned') && status !== 'kicked')) return true;
  if (isAdmin(hub.state, chat.id, userId)) refuse('user is an administrator of the chat');
  changeStatus(hub, { chatId: chat.id, userId, status: 'left', rights: {}, by: BOT_USER });
  return true;
};

export const createForumTopic: Method = (context) => {
  const { hub, params } = context;
  const chat = readableChat(context);
  if (!chat.is_forum) refuse('the chat is not a forum');
  requireRight(context, chat, 'can_manage_topics', 'not enough rights to create a topic');
  const name = params.text('name').trim() || refuse('TOPIC_NAME_EMPTY');
  return makeTopic(hub, chat, name);
};
