import type { Change, StoredFile, StoredInvite, StoredMessage, Webhook } from './changes.ts';
import type { BotCommand, Update } from './wire.ts';
import { CHAT_LIST, type MemberStatus } from './world.ts';

export interface Member {
  status: MemberStatus;
  /** Single rights that differ from what the status gives. */
  rights: Record<string, boolean>;
}

export interface QueuedUpdate {
  update: Update;
  /** Unix seconds. */
  at: number;
}

/** The whole sandbox in memory. Only `applyChange` writes to it. */
export interface State {
  messages: Map<number, Map<number, StoredMessage>>;
  /** The highest message id given so far. All private chats share the bot account's counter, under the key 0, as in Telegram. */
  lastMessageIds: Map<number, number>;
  queue: QueuedUpdate[];
  lastUpdateId: number;
  allowedUpdates: string[];
  webhook: Webhook | null;
  /** Private chats that were opened; the value says whether the person blocked the bot. */
  privateChats: Map<number, boolean>;
  members: Map<number, Map<number, Member>>;
  chats: Map<number, { isForum: boolean; isProtected: boolean; pinnedIds: number[]; topics: Map<number, string> }>;
  callbacks: Map<string, { userId: number; at: number; isAnswered: boolean }>;
  commands: Map<string, BotCommand[]>;
  profile: Map<string, string>;
  menuButtons: Map<number, unknown>;
  files: Map<string, StoredFile>;
  reactions: Map<string, Map<number, string>>;
  invites: Map<string, StoredInvite>;
  joinRequests: Map<string, string>;
  reads: Map<string, number>;
  interfaces: Map<string, number>;
}

/** The first update id of a new sandbox; Telegram's are large and start anywhere. */
const FIRST_UPDATE_ID = 700_000_001;

export const pairKey = (chatId: number, id: number): string => `${chatId}:${id}`;
/** Which counter numbers a chat's messages. */
export const counterKey = (chatId: number): number => Math.min(chatId, 0);

export function makeState(): State {
  const state: State = {
    messages: new Map(),
    lastMessageIds: new Map(),
    queue: [],
    lastUpdateId: FIRST_UPDATE_ID - 1,
    allowedUpdates: [],
    webhook: null,
    privateChats: new Map(),
    members: new Map(),
    chats: new Map(),
    callbacks: new Map(),
    commands: new Map(),
    profile: new Map(),
    menuButtons: new Map(),
    files: new Map(),
    reactions: new Map(),
    invites: new Map(),
    joinRequests: new Map(),
    reads: new Map(),
    interfaces: new Map(),
  };
  for (const chat of CHAT_LIST) {
    state.chats.set(chat.id, { isForum: chat.isForum, isProtected: false, pinnedIds: [], topics: new Map() });
    const members = Object.entries(chat.members).map(([id, status]): [number, Member] => [Number(id), { status, rights: {} }]);
    state.members.set(chat.id, new Map(members));
  }
  return state;
}

function assertNever(change: never): never {
  throw new TypeError(`the sandbox's journal holds a change it does not know: ${JSON.stringify(change)}`);
}

export function applyChange(state: State, change: Change): void {
  switch (change.type) {
    case 'message':
      applyMessage(state, change.stored);
      return;
    case 'message_deleted':
      state.messages.get(change.chatId)?.delete(change.messageId);
      return;
    case 'update_queued':
      state.queue.push({ update: change.update, at: change.at });
      state.lastUpdateId = Math.max(state.lastUpdateId, change.update.update_id);
      return;
    case 'updates_acknowledged':
      state.queue = state.queue.filter(({ update }) => update.update_id >= change.beforeId);
      return;
    case 'update_delivered':
      state.queue = state.queue.filter(({ update }) => update.update_id !== change.updateId);
      return;
    case 'allowed_updates':
      state.allowedUpdates = change.kinds;
      return;
    case 'webhook':
      state.webhook = change.webhook;
      return;
    default:
      applyWorldChange(state, change);
  }
}

type WorldChange = Exclude<
  Change,
  { type: 'message' | 'message_deleted' | 'update_queued' | 'updates_acknowledged' | 'update_delivered' | 'allowed_updates' | 'webhook' }
>;

/** The people's side: chats, members, settings, what somebody has read. */
function applyWorldChange(state: State, change: WorldChange): void {
  switch (change.type) {
    case 'private_chat':
      state.privateChats.set(change.userId, change.isBlocked);
      return;
    case 'member':
      applyMember(state, change);
      return;
    case 'chat':
      applyChat(state, change);
      return;
    case 'topic':
      chatOf(state, change.chatId).topics.set(change.topicId, change.name);
      return;
    case 'callback':
      state.callbacks.set(change.id, { userId: change.userId, at: change.at, isAnswered: change.isAnswered });
      return;
    case 'reaction':
      applyReaction(state, change);
      return;
    case 'read':
      state.reads.set(pairKey(change.userId, change.chatId), change.messageId);
      return;
    case 'interface':
      setOrDelete(state.interfaces, pairKey(change.userId, change.chatId), change.messageId);
      return;
    case 'commands':
      setOrDelete(state.commands, change.key, change.commands);
      return;
    case 'profile':
      state.profile.set(change.field, change.value);
      return;
    case 'menu_button':
      state.menuButtons.set(change.chatId, change.button);
      return;
    case 'file':
      state.files.set(change.file.fileId, change.file);
      return;
    case 'invite':
      state.invites.set(change.invite.link.invite_link, change.invite);
      return;
    case 'join_request':
      setOrDelete(state.joinRequests, pairKey(change.chatId, change.userId), change.inviteLink);
      return;
    default:
      assertNever(change);
  }
}

function applyMessage(state: State, stored: StoredMessage): void {
  const { chat, message_id } = stored.message;
  const messages = state.messages.get(chat.id) ?? new Map<number, StoredMessage>();
  messages.set(message_id, stored);
  state.messages.set(chat.id, messages);
  const key = counterKey(chat.id);
  state.lastMessageIds.set(key, Math.max(state.lastMessageIds.get(key) ?? 0, message_id));
}

function applyMember(state: State, change: Extract<Change, { type: 'member' }>): void {
  const members = state.members.get(change.chatId) ?? new Map<number, Member>();
  const rights = change.rights ?? members.get(change.userId)?.rights ?? {};
  members.set(change.userId, { status: change.status, rights });
  state.members.set(change.chatId, members);
}

function applyChat(state: State, { chatId, isForum, isProtected, pinnedIds }: Extract<Change, { type: 'chat' }>): void {
  const chat = chatOf(state, chatId);
  if (isForum !== undefined) chat.isForum = isForum;
  if (isProtected !== undefined) chat.isProtected = isProtected;
  if (pinnedIds !== undefined) chat.pinnedIds = pinnedIds;
}

export function chatOf(state: State, chatId: number): NonNullable<ReturnType<State['chats']['get']>> {
  const known = state.chats.get(chatId);
  if (known) return known;
  const fresh = { isForum: false, isProtected: false, pinnedIds: [], topics: new Map<number, string>() };
  state.chats.set(chatId, fresh);
  return fresh;
}

function applyReaction(state: State, { chatId, messageId, userId, emoji }: Extract<Change, { type: 'reaction' }>): void {
  const key = pairKey(chatId, messageId);
  const reactions = state.reactions.get(key) ?? new Map<number, string>();
  setOrDelete(reactions, userId, emoji);
  state.reactions.set(key, reactions);
}

function setOrDelete<K, V>(map: Map<K, V>, key: K, value: V | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
