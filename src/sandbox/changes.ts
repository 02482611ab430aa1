import type { BotCommand, InviteLink, Message, ReplyMarkup, Update } from './wire.ts';
import type { MemberStatus } from './world.ts';

/** A message as it is kept. What it replies to or pins is looked up when it is shown, so that quotes follow edits and deletions. */
export interface StoredMessage {
  message: Message;
  isFromBot: boolean;
  replyToId?: number;
  pinnedId?: number;
  /** A force reply or reply keyboard: belongs to the interface of the people it was meant for, not to the message on the wire. */
  interfaceMarkup?: ReplyMarkup;
  /** Text or media changed after sending; changed buttons alone do not count. */
  isEdited?: boolean;
}

export interface StoredFile {
  fileId: string;
  fileUniqueId: string;
  kind: 'document' | 'photo';
  fileName: string;
  mimeType: string;
  size: number;
  /** What getFile gives and the download address ends with. */
  filePath: string;
  width: number;
  height: number;
}

export interface Webhook {
  url: string;
  secretToken: string;
  maxConnections: number;
  lastErrorAt?: number;
  lastError?: string;
}

export interface StoredInvite {
  chatId: number;
  link: InviteLink;
  usedCount: number;
}

/** Everything that can change in the sandbox. The journal is a list of these; state is what they add up to. */
export type Change =
  | { type: 'message'; stored: StoredMessage }
  | { type: 'message_deleted'; chatId: number; messageId: number }
  | { type: 'update_queued'; update: Update; at: number }
  /** The bot acknowledged every update with a lower id. */
  | { type: 'updates_acknowledged'; beforeId: number }
  | { type: 'update_delivered'; updateId: number }
  | { type: 'allowed_updates'; kinds: string[] }
  | { type: 'webhook'; webhook: Webhook | null }
  | { type: 'private_chat'; userId: number; isBlocked: boolean }
  | { type: 'member'; chatId: number; userId: number; status: MemberStatus; rights?: Record<string, boolean> }
  | { type: 'chat'; chatId: number; isForum?: boolean; isProtected?: boolean; pinnedIds?: number[] }
  | { type: 'topic'; chatId: number; topicId: number; name: string }
  | { type: 'callback'; id: string; userId: number; at: number; isAnswered: boolean }
  | { type: 'commands'; key: string; commands: BotCommand[] | null }
  | { type: 'profile'; field: string; value: string }
  | { type: 'menu_button'; chatId: number; button: unknown }
  | { type: 'file'; file: StoredFile }
  | { type: 'reaction'; chatId: number; messageId: number; userId: number; emoji: string | null }
  | { type: 'invite'; invite: StoredInvite }
  | { type: 'join_request'; chatId: number; userId: number; inviteLink: string | null }
  | { type: 'read'; userId: number; chatId: number; messageId: number }
  | { type: 'interface'; userId: number; chatId: number; messageId: number | null };
