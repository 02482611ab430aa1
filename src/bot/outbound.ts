import { type Api, InputFile } from 'grammy';
import type { BotCommand, BotCommandScope, ForceReply, InlineKeyboardMarkup } from 'grammy/types';
import type { ChatRef, MessageRef } from '../domain/message.ts';
import type { Messenger } from '../effects/messenger.ts';
import { toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { toGrammySignal } from './api.ts';
import { attemptInTurn, attemptPatiently, type EditOutcome, toEditOutcome, toValue } from './call.ts';
import { makeMessenger } from './messenger.ts';
import type { Priority } from './priority.ts';
import { makeSchedule, type ScheduledCall, type ScheduleOptions } from './schedule.ts';
import { fitView, MAX_CAPTION, MAX_TEXT, type View } from './view.ts';

export interface CallSettings {
  /** Whose turn comes before whose when calls have to wait; `answer` when absent. What is `progress` has a call of its own. */
  priority?: Exclude<Priority, 'progress'>;
  signal?: AbortSignal | undefined;
}

export interface SendOptions extends CallSettings {
  /** The message that this one answers, in the same chat; left out when it is gone. */
  replyTo?: number | null;
  /** No sound. */
  isSilent?: boolean;
  /** Opens the reply field for the person who is answered (or mentioned); `placeholder` is what stands in it. */
  forceReply?: { placeholder: string };
}

export interface OutgoingFile {
  name: string;
  bytes: Uint8Array;
  caption: View;
}

/** What became of a progress edit: it gives way instead of waiting. */
export type ProgressOutcome = { outcome: EditOutcome } | { outcome: 'later'; retryAfterMs: number };

/**
 * The one way out to Telegram: whatever shows something there leaves through here, in its turn (see `schedule`). All but `messenger` is for
 * the program's own words: it waits where Telegram asks for it and tries again, at most three times within a minute. Throws
 * telegram_refused, telegram_flood, telegram_unavailable, aborted.
 */
export interface Outbound {
  send(chat: ChatRef, view: View, options?: SendOptions): Promise<MessageRef>;
  /** `unchanged`: it already says so. `gone`: it was deleted, or can no longer be edited. */
  edit(message: MessageRef, view: View, options?: CallSettings): Promise<EditOutcome>;
  /** For a line that shows how things go: one try, and only when the chat has nothing better to do. */
  editProgress(message: MessageRef, view: View, options?: { signal?: AbortSignal }): Promise<ProgressOutcome>;
  sendFile(chat: ChatRef, file: OutgoingFile, options?: SendOptions): Promise<MessageRef>;
  /** Shows a message of the admin group in another chat too, without a sound. */
  copy(source: MessageRef, chat: ChatRef, options?: CallSettings): Promise<MessageRef>;
  /** Ends the spinner on a button, with a word. Best effort: it never throws, for the message is what lasts. */
  answerPress(callbackQueryId: string, text?: string, options?: { isAlert?: boolean }): Promise<void>;
  /** Best effort, silently for members: says whether it worked. */
  tryPin(message: MessageRef, options?: CallSettings): Promise<boolean>;
  /** Best effort: says whether it worked. */
  tryUnpin(message: MessageRef, options?: CallSettings): Promise<boolean>;
  /** Takes back a message of the program's own. Best effort: says whether it worked. */
  tryRemove(message: MessageRef, options?: CallSettings): Promise<boolean>;
  /** The commands that Telegram offers. Best effort: says whether it worked. */
  trySetMenu(commands: readonly BotCommand[], scope: BotCommandScope, options?: CallSettings): Promise<boolean>;
  /** The way out for what an agent made; behind the effect gate only. */
  messenger: Messenger;
  /**
   * The process ends: what is urgent or about approvals still waits for its turn where it has to; everything lower that would have to wait
   * throws `aborted`, so that it is done again elsewhere.
   */
  drain(): void;
}

export interface OutboundOptions extends Pick<ScheduleOptions, 'clock' | 'metrics' | 'startTimer'> {
  api: Api;
  log: Logger;
  random?: () => number;
}

/** Telegram cuts an alert here. */
const MAX_PRESS_ANSWER = 200;
/** A press that is answered later than this has been given up. */
const PRESS_PATIENCE_MS = 5_000;
/** No preview is fetched: what a link shows is not in our hands, and would not be what people approved. */
const NO_PREVIEW = { is_disabled: true } as const;

export function makeOutbound({ api, log, clock, metrics, startTimer, random = Math.random }: OutboundOptions): Outbound {
  const schedule = makeSchedule({ clock, log, metrics, startTimer });

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

  const attempt = <T>(call: ScheduledCall, run: (signal: AbortSignal) => Promise<T>) => attemptPatiently(run, call, { schedule, random });

  async function send(chat: ChatRef, call: ScheduledCall, run: (signal: AbortSignal) => Promise<{ message_id: number }>) {
    const { message_id: messageId } = toValue(await attempt(call, run), call);
    return { ...chat, messageId };
  }

  /** What nobody waits for and nothing depends on. */
  async function tryCall(call: ScheduledCall, run: (signal: AbortSignal) => Promise<unknown>, isOnce = false): Promise<boolean> {
    try {
      toValue(await (isOnce ? attemptSoon(call, run) : attempt(call, run)), call);
      return true;
    } catch (thrown) {
      log.info({ err: toAppError(thrown) }, 'telegram call did not work, going on without it');
      return false;
    }
  }

  async function attemptSoon(call: ScheduledCall, run: (signal: AbortSignal) => Promise<unknown>) {
    return attemptInTurn(run, call, { turn: await schedule.wait(call, PRESS_PATIENCE_MS), schedule });
  }

  return {
    send(chat, view, options = {}) {
      const { text, entities, keyboard } = shorten(view, MAX_TEXT, chat.chatId);
      const other = { ...toCommon(chat, options, keyboard), entities, link_preview_options: NO_PREVIEW };
      const call = toCall('sendMessage', chat.chatId, options);
      return send(chat, call, (signal) => api.sendMessage(chat.chatId, text, other, toGrammySignal(signal)));
    },
    sendFile(chat, { name, bytes, caption }, options = {}) {
      const { text, entities, keyboard } = shorten(caption, MAX_CAPTION, chat.chatId);
      const other = { ...toCommon(chat, options, keyboard), caption: text, caption_entities: entities };
      const call = toCall('sendDocument', chat.chatId, options);
      return send(chat, call, (signal) => api.sendDocument(chat.chatId, new InputFile(bytes, name), other, toGrammySignal(signal)));
    },
    copy(source, chat, options = {}) {
      const other = toCommon(chat, { isSilent: true }, undefined);
      return send(chat, toCall('copyMessage', chat.chatId, options), (signal) =>
        api.copyMessage(chat.chatId, source.chatId, source.messageId, other, toGrammySignal(signal)),
      );
    },
    async edit(message, view, options = {}) {
      const call = toCall('editMessageText', message.chatId, options);
      return toEditOutcome(await attempt(call, makeEdit(message, view)), call);
    },
    async editProgress(message, view, { signal } = {}) {
      const call = { method: 'editMessageText', chatId: message.chatId, priority: 'progress', signal } as const;
      const result = await attemptInTurn(makeEdit(message, view), call, { turn: schedule.take(call), schedule });
      if (!result.ok && (result.failure.kind === 'flood' || result.failure.kind === 'held')) {
        return { outcome: 'later', retryAfterMs: result.failure.retryAfterMs };
      }
      return { outcome: toEditOutcome(result, call) };
    },
    async answerPress(callbackQueryId, text = '', { isAlert = false } = {}) {
      const other = { text: text.slice(0, MAX_PRESS_ANSWER), show_alert: isAlert };
      const call = toCall('answerCallbackQuery', null, { priority: 'urgent' });
      await tryCall(call, (signal) => api.answerCallbackQuery(callbackQueryId, other, toGrammySignal(signal)), true);
    },
    tryPin({ chatId, messageId }, options = {}) {
      const other = { disable_notification: true };
      return tryCall(toCall('pinChatMessage', chatId, options), (signal) =>
        api.pinChatMessage(chatId, messageId, other, toGrammySignal(signal)),
      );
    },
    tryUnpin({ chatId, messageId }, options = {}) {
      return tryCall(toCall('unpinChatMessage', chatId, options), (signal) =>
        api.unpinChatMessage(chatId, messageId, undefined, toGrammySignal(signal)),
      );
    },
    tryRemove({ chatId, messageId }, options = {}) {
      return tryCall(toCall('deleteMessage', chatId, options), (signal) => api.deleteMessage(chatId, messageId, toGrammySignal(signal)));
    },
    trySetMenu(commands, scope, options = {}) {
      return tryCall(toCall('setMyCommands', null, options), (signal) => api.setMyCommands(commands, { scope }, toGrammySignal(signal)));
    },
    messenger: makeMessenger({ api, schedule }),
    drain: schedule.drain,
  };
}

const toCall = (method: string, chatId: number | null, { priority = 'answer', signal }: CallSettings): ScheduledCall => ({
  method,
  chatId,
  priority,
  signal,
});

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
