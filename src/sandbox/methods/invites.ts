import { changeStatus } from '../members.ts';
import { BOT_USER, isMember } from '../people.ts';
import { refuse } from '../refusal.ts';
import { pairKey } from '../state.ts';
import type { InviteLink } from '../wire.ts';
import type { CallContext, Method } from './context.ts';
import { readableChat, requireRight, requireShared, requireUserId } from './target.ts';

const NO_INVITE_RIGHT = 'not enough rights to manage chat invite link';
const MAX_NAME_LENGTH = 32;
const MAX_MEMBER_LIMIT = 99_999;

export const createChatInviteLink: Method = (context) => {
  const { hub, params } = context;
  const chat = requireShared(readableChat(context));
  requireRight(context, chat, 'can_invite_users', NO_INVITE_RIGHT);
  const isByRequest = params.flag('creates_join_request');
  const memberLimit = params.integer('member_limit') ?? 0;
  const expireDate = params.integer('expire_date') ?? 0;
  if (isByRequest && memberLimit > 0) refuse("member limit can't be specified for links requiring administrator approval");
  if (memberLimit < 0 || memberLimit > MAX_MEMBER_LIMIT) refuse('USAGE_LIMIT_INVALID');
  if (expireDate > 0 && expireDate <= hub.now()) refuse('EXPIRE_DATE_INVALID');
  const name = params.text('name').trim().slice(0, MAX_NAME_LENGTH);
  const link: InviteLink = {
    // No address anybody could open: the sandbox's page joins by it.
    invite_link: `https://t.me/+sandbox${hub.makeId()}`,
    ...(name ? { name } : {}),
    creator: BOT_USER,
    creates_join_request: isByRequest,
    is_primary: false,
    is_revoked: false,
    ...(expireDate > 0 ? { expire_date: expireDate } : {}),
    ...(memberLimit > 0 ? { member_limit: memberLimit } : {}),
  };
  hub.commit([{ type: 'invite', invite: { chatId: chat.id, link, usedCount: 0 } }]);
  return link;
};

export const revokeChatInviteLink: Method = (context) => {
  const { hub, params } = context;
  const chat = requireShared(readableChat(context));
  requireRight(context, chat, 'can_invite_users', NO_INVITE_RIGHT);
  const invite = hub.state.invites.get(params.text('invite_link'));
  if (!invite || invite.chatId !== chat.id) refuse('INVITE_HASH_EXPIRED');
  const link: InviteLink = { ...invite.link, is_revoked: true };
  hub.commit([{ type: 'invite', invite: { ...invite, link } }]);
  return link;
};

/** Takes the open request out of the list; returns the link it came by. */
function closeRequest(context: CallContext): { chatId: number; userId: number; link: InviteLink | undefined } {
  const { hub } = context;
  const chat = requireShared(readableChat(context));
  const userId = requireUserId(context);
  requireRight(context, chat, 'can_invite_users', 'not enough rights');
  if (isMember(hub.state, chat.id, userId)) refuse('USER_ALREADY_PARTICIPANT');
  const address = hub.state.joinRequests.get(pairKey(chat.id, userId)) ?? refuse('HIDE_REQUESTER_MISSING');
  hub.commit([{ type: 'join_request', chatId: chat.id, userId, inviteLink: null }]);
  return { chatId: chat.id, userId, link: hub.state.invites.get(address)?.link };
}

export const approveChatJoinRequest: Method = (context) => {
  const { chatId, userId, link } = closeRequest(context);
  changeStatus(context.hub, { chatId, userId, status: 'member', by: BOT_USER, inviteLink: link, isByRequest: true });
  return true;
};

export const declineChatJoinRequest: Method = (context) => {
  closeRequest(context);
  return true;
};
