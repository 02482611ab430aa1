import type { Change, StoredMessage } from './changes.ts';
import type { Hub } from './hub.ts';
import { makeHead } from './outgoing.ts';
import { BOT_USER, findSharedChat, findUser, toChat, toChatMember } from './people.ts';
import { showMessage } from './show.ts';
import { queueUpdate } from './update-queue.ts';
import type { ChatMember, ChatMemberUpdated, InviteLink, Update, User } from './wire.ts';
import type { MemberStatus } from './world.ts';

export interface StatusChange {
  chatId: number;
  userId: number;
  status: MemberStatus;
  /** Who did it; the person themself when absent. */
  by?: User;
  rights?: Record<string, boolean>;
  inviteLink?: InviteLink;
  isByRequest?: boolean;
}

const isIn = (member: ChatMember): boolean => ['creator', 'administrator', 'member', 'restricted'].includes(member.status);

/**
 * Changes somebody's status: `chat_member` (or `my_chat_member` for the bot) for whoever asked for it, and in groups the service
 * message about joining or leaving.
 */
export function changeStatus(hub: Hub, change: StatusChange): void {
  const { chatId, userId, status, rights, inviteLink, isByRequest = false } = change;
  const chat = toChat(hub.state, chatId);
  const user = findUser(userId);
  if (!chat || !user) return;
  const before = toChatMember(hub.state, chatId, user);
  hub.commit([{ type: 'member', chatId, userId, status, ...(rights ? { rights } : {}) }]);
  const after = toChatMember(hub.state, chatId, user);
  const from = change.by ?? user;
  const updated: ChatMemberUpdated = {
    chat,
    from,
    date: hub.now(),
    old_chat_member: before,
    new_chat_member: after,
    ...(inviteLink ? { invite_link: inviteLink } : {}),
    ...(isByRequest ? { via_join_request: true } : {}),
  };
  hub.commit(queueUpdate(hub, { [userId === BOT_USER.id ? 'my_chat_member' : 'chat_member']: updated }));
  if (isIn(before) !== isIn(after)) announceMove(hub, chatId, user, from, isIn(after));
}

/** "… joined the group", "… left": groups only, and only while the bot can see it. */
function announceMove(hub: Hub, chatId: number, user: User, from: User, hasJoined: boolean): void {
  const chat = findSharedChat(chatId)?.type === 'supergroup' ? toChat(hub.state, chatId) : undefined;
  if (!chat || (user.id === BOT_USER.id && !hasJoined)) return;
  const content = hasJoined ? { new_chat_members: [user] } : { left_chat_member: user };
  const stored: StoredMessage = { message: { ...makeHead(hub, chat, from), ...content }, isFromBot: from.id === BOT_USER.id };
  const update: Omit<Update, 'update_id'> = { message: showMessage(hub.state, stored) };
  const changes: Change[] = [{ type: 'message', stored }, ...queueUpdate(hub, update)];
  hub.commit(changes);
}
