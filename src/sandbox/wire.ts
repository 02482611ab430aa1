/**
 * The part of the Bot API's vocabulary that the sandbox speaks, spelled as on the wire. Fields that the sandbox never sends are
 * not listed. See https://core.telegram.org/bots/api for their meaning.
 */
export interface User {
  id: number;
  is_bot: boolean;
  first_name: string;
  username?: string;
  language_code?: string;
}

export interface Chat {
  id: number;
  type: 'private' | 'supergroup' | 'channel';
  title?: string;
  first_name?: string;
  username?: string;
  is_forum?: true;
}

export interface Entity {
  type: string;
  /** UTF-16 code units, as is `length`. */
  offset: number;
  length: number;
  url?: string;
  language?: string;
  user?: User;
  custom_emoji_id?: string;
  unix_time?: number;
  date_time_format?: string;
}

export interface InlineButton {
  text: string;
  callback_data?: string;
  url?: string;
  copy_text?: { text: string };
  disabled?: Record<string, never>;
  style?: 'danger' | 'success' | 'primary';
  web_app?: { url: string };
  login_url?: { url: string };
  switch_inline_query?: string;
  switch_inline_query_current_chat?: string;
}

export interface InlineKeyboard {
  inline_keyboard: InlineButton[][];
}

export interface ForceReply {
  force_reply: true;
  input_field_placeholder?: string;
  selective?: boolean;
}

export interface ReplyKeyboard {
  keyboard: { text: string }[][];
  is_persistent?: boolean;
  resize_keyboard?: boolean;
  one_time_keyboard?: boolean;
  input_field_placeholder?: string;
  selective?: boolean;
}

export interface ReplyKeyboardRemove {
  remove_keyboard: true;
  selective?: boolean;
}

export type ReplyMarkup = InlineKeyboard | ForceReply | ReplyKeyboard | ReplyKeyboardRemove;

export interface PhotoSize {
  file_id: string;
  file_unique_id: string;
  width: number;
  height: number;
  file_size: number;
}

export interface Document {
  file_id: string;
  file_unique_id: string;
  file_name?: string;
  mime_type?: string;
  file_size: number;
}

export type MessageOrigin =
  | { type: 'user'; date: number; sender_user: User }
  | { type: 'chat'; date: number; sender_chat: Chat; author_signature?: string }
  | { type: 'channel'; date: number; chat: Chat; message_id: number; author_signature?: string };

export interface Message {
  message_id: number;
  message_thread_id?: number;
  is_topic_message?: true;
  from?: User;
  sender_chat?: Chat;
  author_signature?: string;
  date: number;
  chat: Chat;
  forward_origin?: MessageOrigin;
  reply_to_message?: Message;
  quote?: { text: string; position: number; entities?: Entity[]; is_manual?: true };
  via_bot?: User;
  edit_date?: number;
  has_protected_content?: true;
  text?: string;
  entities?: Entity[];
  link_preview_options?: Record<string, unknown>;
  photo?: PhotoSize[];
  document?: Document;
  caption?: string;
  caption_entities?: Entity[];
  show_caption_above_media?: true;
  has_media_spoiler?: true;
  reply_markup?: InlineKeyboard;
  new_chat_members?: User[];
  left_chat_member?: User;
  pinned_message?: Message;
  forum_topic_created?: { name: string; icon_color: number };
}

export interface CallbackQuery {
  id: string;
  from: User;
  message?: Message;
  chat_instance: string;
  data?: string;
}

export interface ChatMember {
  user: User;
  status: string;
  [right: string]: unknown;
}

export interface ChatMemberUpdated {
  chat: Chat;
  from: User;
  date: number;
  old_chat_member: ChatMember;
  new_chat_member: ChatMember;
  invite_link?: InviteLink;
  via_join_request?: true;
}

export interface InviteLink {
  invite_link: string;
  creator: User;
  creates_join_request: boolean;
  is_primary: boolean;
  is_revoked: boolean;
  name?: string;
  expire_date?: number;
  member_limit?: number;
  pending_join_request_count?: number;
}

export interface Update {
  update_id: number;
  message?: Message;
  edited_message?: Message;
  channel_post?: Message;
  edited_channel_post?: Message;
  callback_query?: CallbackQuery;
  my_chat_member?: ChatMemberUpdated;
  chat_member?: ChatMemberUpdated;
  chat_join_request?: Record<string, unknown>;
  message_reaction?: Record<string, unknown>;
  /** Injected updates may be of kinds the sandbox does not make itself. */
  [kind: string]: unknown;
}

export interface BotCommand {
  command: string;
  description: string;
}

export type CommandScope =
  | { type: 'default' | 'all_private_chats' | 'all_group_chats' | 'all_chat_administrators' }
  | { type: 'chat' | 'chat_administrators'; chat_id: number }
  | { type: 'chat_member'; chat_id: number; user_id: number };
