import { type Api, InputFile } from 'grammy';
import type { ForceReply, InlineKeyboardMarkup, Message } from 'grammy/types';
import type { ChatRef, MessageRef } from '../domain/message.ts';
import type { Messenger } from '../effects/messenger.ts';
import { toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { toGrammySignal } from './api.ts';
import { attemptOnce, attemptPatiently, type CallOptions, type EditOutcome, toEditOutcome, toValue } from './call.ts';
import { makeMessenger } from './messenger.ts';
import { makePace } from './pace.ts';
import { fitView, MAX_CAPTION, MAX_TEXT, type View } from './view.ts';

export interface SendOptions {
  /** The message that this one answers, in the same chat; left out when it is gone. */
  replyTo?: number | null;
  /** No sound. */
  isSilent?: boolean;
  /** Opens the reply field for the person who is answered (or mentioned); `placeholder` is what stands in it. */
  forceReply?: { placeholder: string };
  signal?: AbortSignal;
}

export interface OutgoingFile {
  name: string;
  bytes: Uint8Array;
  caption: View;
}

/** What became of a progress edit: it gives way instead of waiting. */
export type ProgressOutcome = { outcome: EditOutcome } | { outcome: 'later'; retryAfterMs: number };

/**
 * The one way out to Telegram. All but `messenger` is for the program's own words: it waits where Telegram asks for it and tries again,
 * at most three times within a minute. Throws telegram_refused, telegram_flood, telegram_unavailable, aborted.
 */
export interface Outbound {
  send(chat: ChatRef, view: View, options?: SendOptions): Promise<MessageRef>;
  /** `unchanged`: it already says so. `gone`: it was deleted, or can no longer be edited. */
  edit(message: MessageRef, view: View, options?: { signal?: AbortSignal }): Promise<EditOutcome>;
  /** For a line that shows how things go: one try, and only when the chat has nothing better to do. */
  editProgress(message: MessageRef, view: View, options?: { signal?: AbortSignal }): Promise<ProgressOutcome>;
  sendFile(chat: ChatRef, file: OutgoingFile, options?: SendOptions): Promise<MessageRef>;
  /** Ends the spinner on a button, with a word. Best effort: it never throws, for the message is what lasts. */
  answerPress(callbackQueryId: string, text?: string, options?: { isAlert?: boolean }): Promise<void>;
  /** Best effort, silently for members: says whether it worked. */
  tryPin(message: MessageRef): Promise<boolean>;
  /** Takes back a message of the program's own. Best effort: says whether it worked. */
  tryRemove(message: MessageRef): Promise<boolean>;
  /** The way out for what an agent made; behind the effect gate only. */
  messenger: Messenger;
}

export interface OutboundOptions {
  api: Api;
  log: Logger;
  clock: () => Date;
  random?: () => number;
}

/** Telegram cuts an alert here. */
const MAX_PRESS_ANSWER = 200;
/** No preview is fetched: what a link shows is not in our hands, and would not be what people approved. */
const NO_PREVIEW = { is_disabled: true } as const;

export function makeOutbound({ api, log, clock, random = Math.random }: OutboundOptions): Outbound {
  const pace = makePace({ clock });

  function shorten(view: View, maxLength: number, chatId: number): View {
    const fitted = fitView(view, maxLength);
    if (fitted !== view) log.warn({ chatId, length: view.text.length, maxLength }, 'message cut to fit');
    return fitted;
  }

  function makeEdit({ chatId, messageId }: MessageRef, view: View) {
    const { text, entities, keyboard } = shorten(view, MAX_TEXT, chatId);
    const other = { entities, reply_markup: keyboard, link_preview_options: NO_PREVIEW };
    return (signal: AbortSignal) => api.editMessageText(chatId, messageId, text, other, toGrammySignal(signal));
  }

  async function send(chat: ChatRef, call: CallOptions, run: (signal: AbortSignal) => Promise<Message>): Promise<MessageRef> {
    const { message_id: messageId } = toValue(await attemptPatiently(run, call, { pace, random }), call);
    return { ...chat, messageId };
  }

  async function tryCall(call: CallOptions, run: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    try {
      toValue(await attemptOnce(run, call), call);
      return true;
    } catch (thrown) {
      log.info({ err: toAppError(thrown) }, 'telegram call did not work, going on without it');
      return false;
    }
  }

  return {
    send(chat, view, options = {}) {
      const { text, entities, keyboard } = shorten(view, MAX_TEXT, chat.chatId);
      const other = { ...toCommon(chat, options, keyboard), entities, link_preview_options: NO_PREVIEW };
      const call = { method: 'sendMessage', chatId: chat.chatId, signal: options.signal };
      return send(chat, call, (signal) => api.sendMessage(chat.chatId, text, other, toGrammySignal(signal)));
    },
    sendFile(chat, { name, bytes, caption }, options = {}) {
      const { text, entities, keyboard } = shorten(caption, MAX_CAPTION, chat.chatId);
      const other = { ...toCommon(chat, options, keyboard), caption: text, caption_entities: entities };
      const call = { method: 'sendDocument', chatId: chat.chatId, signal: options.signal };
      return send(chat, call, (signal) => api.sendDocument(chat.chatId, new InputFile(bytes, name), other, toGrammySignal(signal)));
    },
    async edit(message, view, { signal } = {}) {
      const call = { method: 'editMessageText', chatId: message.chatId, signal };
      const attempt = await attemptPatiently(makeEdit(message, view), call, { pace, random });
      return toEditOutcome(attempt, call);
    },
    async editProgress(message, view, { signal } = {}) {
      const { chatId } = message;
      const call = { method: 'editMessageText', chatId, signal };
      const retryAfterMs = pace.takeProgress(chatId);
      if (retryAfterMs > 0) return { outcome: 'later', retryAfterMs };
      const attempt = await attemptOnce(makeEdit(message, view), call);
      if (!attempt.ok && attempt.failure.kind === 'flood') {
        pace.block(chatId, attempt.failure.retryAfterMs);
        return { outcome: 'later', retryAfterMs: attempt.failure.retryAfterMs };
      }
      return { outcome: toEditOutcome(attempt, call) };
    },
    async answerPress(callbackQueryId, text = '', { isAlert = false } = {}) {
      const other = { text: text.slice(0, MAX_PRESS_ANSWER), show_alert: isAlert };
      const call = { method: 'answerCallbackQuery', chatId: 0 };
      await tryCall(call, (signal) => api.answerCallbackQuery(callbackQueryId, other, toGrammySignal(signal)));
    },
    tryPin({ chatId, messageId }) {
      const other = { disable_notification: true };
      return tryCall({ method: 'pinChatMessage', chatId }, (signal) =>
        api.pinChatMessage(chatId, messageId, other, toGrammySignal(signal)),
      );
    },
    tryRemove({ chatId, messageId }) {
      return tryCall({ method: 'deleteMessage', chatId }, (signal) => api.deleteMessage(chatId, messageId, toGrammySignal(signal)));
    },
    messenger: makeMessenger({ api, pace }),
  };
}

function toCommon(
  { topicId }: ChatRef,
  { replyTo, isSilent = false, forceReply }: SendOptions,
  keyboard: InlineKeyboardMarkup | undefined,
) {
  const asking: ForceReply | undefined = forceReply && {
    force_reply: true,
    selective: true,
    input_field_placeholder: forceReply.placeholder,
  };
  return {
    message_thread_id: topicId ?? undefined,
    disable_notification: isSilent,
    reply_markup: keyboard ?? asking,
    reply_parameters: typeof replyTo === 'number' ? { message_id: replyTo, allow_sending_without_reply: true } : undefined,
  };
}
