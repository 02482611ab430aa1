/**
 * The programmatic handle on the sandbox: what a person can do in a chat, what the server saw, and what can be made to go wrong.
 * Tests use it in place of thumbs; the chat page's own API calls the same functions.
 */
import type { BotCommand, CommandScope, Entity, Message, ReplyMarkup, Update } from './wire.ts';
import type { MemberStatus } from './world.ts';

export interface Upload {
  fileName: string;
  mimeType?: string;
  bytes: Uint8Array;
}

export interface SayOptions {
  /** Message id in the same chat. */
  replyTo?: number;
  /** The part of the replied message that is quoted. */
  quote?: string;
  /** Formatting the person applied; commands, mentions, links and hashtags are found by the server. */
  entities?: readonly Entity[];
  topicId?: number;
  /** With a file the text becomes its caption. */
  document?: Upload;
  photo?: Upload;
  /** The message arrives as a forward of that one. The text is then ignored. */
  forwardFrom?: { chatId: number; messageId: number };
  /** In a group, as the group itself (GroupAnonymousBot in `from`, the group in `sender_chat`). The persona must be an admin there. */
  asAnonymousAdmin?: boolean;
  /** In a group, as that channel. */
  asChannel?: number;
  /** The message arrives `via` this bot's username, as inline results do. */
  viaBot?: string;
}

export interface CallbackAnswer {
  text: string | undefined;
  showAlert: boolean;
  url: string | undefined;
}

export interface PressOptions {
  /** How long to wait for the bot's answer; default 5,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface CallbackPress {
  callbackQueryId: string;
  updateId: number;
  /** The bot's answer, when it comes. Never rejects; stays pending without an answer. */
  answered: Promise<CallbackAnswer>;
}

/** One request to the Bot API, as it came and as it was answered. `answeredAt` is undefined while it runs or when the answer was dropped. */
export interface ReceivedCall {
  seq: number;
  method: string;
  /** Decoded parameters; uploaded files appear as `{ file_name, file_size }`. */
  params: Record<string, unknown>;
  receivedAt: Date;
  answeredAt: Date | undefined;
  /** The HTTP status; undefined while it runs and when the connection was dropped. */
  status: number | undefined;
  /** `result` of a call that went well. For `drop-after` the result that was never delivered. */
  result: unknown;
  /** `description` of a refused call. */
  error: string | undefined;
  retryAfter: number | undefined;
  /** What failNext did to it, if anything. */
  injected: FailureKind | undefined;
}

export type FailureKind =
  | { status: 429; retryAfter: number }
  /** `migrateToChatId`: the group is another one by now. */
  | { status: number; description?: string; migrateToChatId?: number }
  /** The connection is reset before the call is looked at. */
  | 'drop-before'
  /** The call is carried out, then the connection is reset. */
  | 'drop-after'
  /** The call is carried out after this delay. */
  | { delayMs: number }
  /** The call is carried out at once and answered after this delay. */
  | { answerDelayMs: number };

export interface Failure {
  /** Bot API method; any method when absent. */
  method?: string;
  chatId?: number;
  /** How many matching calls fail; default 1. */
  times?: number;
  as: FailureKind;
}

export interface WaitOptions {
  /** Default 5,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Named in the error when time is up. */
  what?: string;
}

export interface SandboxTelegram {
  // People.
  /** Presses Start: opens the private chat if it is not open yet and sends `/start` (with the parameter of a deep link). */
  start(personaId: number, parameter?: string): Message;
  /**
   * Writes a message; longer ones arrive in pieces of 4096, as clients send them, and the last one is returned. In a private chat it
   * also opens the chat. Throws AppError `not_allowed` where Telegram's client would not let the person write.
   */
  say(personaId: number, chatId: number, text: string, options?: SayOptions): Message;
  /** Edits an own message; the bot sees `edited_message`. */
  edit(personaId: number, chatId: number, messageId: number, text: string, options?: { entities?: readonly Entity[] }): Message;
  /** Deletes a message (own, or any as an admin). The bot gets no update, as in Telegram. */
  remove(personaId: number, chatId: number, messageId: number): void;
  /** Presses the inline button with this label (exact, else the only one that contains it) or callback data, and waits for the bot's answer. */
  press(personaId: number, chatId: number, messageId: number, buttonLabelOrData: string, options?: PressOptions): Promise<CallbackAnswer>;
  /** As `press`, without waiting: for double taps, and for bots that never answer. `data` may be anything: a forged press has no button. */
  pressRaw(personaId: number, chatId: number, messageId: number, data: string): CallbackPress;
  /** Sets (or with '' removes) a reaction. */
  react(personaId: number, chatId: number, messageId: number, emoji: string): void;
  /** Blocks the bot: its private chat answers 403 until the person starts it again. */
  block(personaId: number): void;
  unblock(personaId: number): void;
  /** Asks to join by an invite link that needs approval, or joins by one that does not. */
  join(personaId: number, inviteLink: string): 'joined' | 'requested';

  // Reading.
  /** Messages of a chat, oldest first, as they are now; deleted ones are gone. */
  history(chatId: number): Message[];
  message(chatId: number, messageId: number): Message | undefined;
  lastMessage(chatId: number): Message | undefined;
  /** Updates the bot has not acknowledged yet. */
  pendingUpdates(): Update[];
  /** The Bot API calls so far (the last 10,000), oldest first, optionally of one method. */
  calls(method?: string): ReceivedCall[];
  /** Who reacted how to a message: user id → emoji. */
  reactions(chatId: number, messageId: number): Map<number, string>;
  /** Ids of pinned messages, the one on top last. */
  pinned(chatId: number): number[];
  /** The command menu this person sees in this chat, by the narrowest scope. */
  menu(personaId: number, chatId: number): BotCommand[];
  commands(scope?: CommandScope, languageCode?: string): BotCommand[];
  /** The bytes of a document or of a photo's largest size. */
  fileBytes(fileId: string): Uint8Array;
  /** The reply interface (force reply or reply keyboard) the bot has opened for this person in this chat. */
  replyInterface(personaId: number, chatId: number): { messageId: number; markup: ReplyMarkup } | undefined;
  /** Resolves with the first truthy value of the predicate; asked again after every change, never on a timer. */
  waitFor<T>(predicate: (telegram: SandboxTelegram) => T | undefined | null | false, options?: WaitOptions): Promise<T>;
  /** Resolves with the first message in the chat, present or future, that fits. */
  waitForMessage(chatId: number, fits: string | RegExp | ((message: Message) => boolean), options?: WaitOptions): Promise<Message>;

  // Going wrong.
  failNext(failure: Failure): void;
  clearFailures(): void;
  /** Puts an update into the queue as it is; `update_id` is given by the server when absent. Returns the id. */
  injectUpdate(update: Omit<Update, 'update_id'> & { update_id?: number }): number;
  /** Changes somebody's (also the bot's) status in a shared chat; the bot sees `chat_member` or `my_chat_member`. */
  setMember(chatId: number, userId: number, status: MemberStatus): void;
  /** Takes rights from the bot in a shared chat (`can_post_messages`, `can_pin_messages`, …), or gives them back. */
  setBotRights(chatId: number, rights: Record<string, boolean>): void;
  /** Turns a supergroup into a forum and makes a topic; returns its id. */
  makeTopic(chatId: number, name: string): number;
  /** Marks a shared chat's content as protected, so that the bot cannot copy or forward from it. */
  setProtectedContent(chatId: number, isProtected: boolean): void;
  /** The realistic flood limiter: about one message a second per chat, twenty a minute per group. Off unless asked for. */
  setFloodLimiter(isOn: boolean): void;
}
