import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { Hub } from '../hub.ts';
import { toUser } from '../people.ts';
import { showMessage } from '../show.ts';
import type { CallbackAnswer, CallbackPress, PressOptions } from '../telegram.ts';
import { queueUpdate } from '../update-queue.ts';
import type { InlineButton } from '../wire.ts';
import { loadVisible } from './change.ts';
import { fail, loadPersona } from './say.ts';

const DEFAULT_TIMEOUT_MS = 5000;

/** Finds a button by its exact label, its callback data, or as the only one whose label contains the text. */
export function findButton(hub: Hub, personaId: number, at: { chatId: number; messageId: number }, labelOrData: string): InlineButton {
  const { message } = loadVisible(hub, personaId, at.chatId, at.messageId);
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  const exact = buttons.find(({ text, callback_data }) => text === labelOrData || callback_data === labelOrData);
  const partial = buttons.filter(({ text }) => text.toLowerCase().includes(labelOrData.toLowerCase()));
  const found = exact ?? (partial.length === 1 ? partial[0] : undefined);
  const labels = buttons.map(({ text }) => JSON.stringify(text)).join(', ') || 'none';
  return found ?? fail('not_found', `message ${at.messageId} has no single button ${JSON.stringify(labelOrData)}; its buttons: ${labels}`);
}

/**
 * Sends a callback query with any data, as a tampered client could. The message must exist, be visible to the person and be the
 * bot's; that the button exists is not checked, as Telegram does not either. An anonymous admin presses under the real id.
 */
export function pressRaw(hub: Hub, personaId: number, at: { chatId: number; messageId: number }, data: string): CallbackPress {
  const stored = loadVisible(hub, personaId, at.chatId, at.messageId);
  if (!stored.isFromBot) fail('not_allowed', 'only buttons under messages of the bot can be pressed');
  if (data === '' || Buffer.byteLength(data) > 64) fail('input_invalid', 'callback data has 1 to 64 bytes');
  const id = hub.makeId();
  const update = queueUpdate(hub, {
    callback_query: {
      id,
      from: toUser(loadPersona(personaId)),
      message: showMessage(hub.state, stored),
      // The same for every press in one chat, telling nothing else.
      chat_instance: BigInt(`0x${createHash('sha256').update(String(at.chatId)).digest('hex').slice(0, 15)}`).toString(),
      data,
    },
  });
  const answered = waitForAnswer(hub, id);
  hub.commit([{ type: 'callback', id, userId: personaId, at: hub.now(), isAnswered: false }, ...update]);
  return { callbackQueryId: id, updateId: hub.state.lastUpdateId, answered };
}

function waitForAnswer(hub: Hub, id: string): Promise<CallbackAnswer> {
  return new Promise((resolve) => {
    const unsubscribe = hub.subscribe((event) => {
      if (event.type !== 'callback_answer' || event.callbackQueryId !== id) return;
      unsubscribe();
      resolve({ text: event.text, showAlert: event.showAlert, url: event.url });
    });
  });
}

export async function press(
  hub: Hub,
  personaId: number,
  at: { chatId: number; messageId: number },
  labelOrData: string,
  options: PressOptions = {},
): Promise<CallbackAnswer> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  const button = findButton(hub, personaId, at, labelOrData);
  if (button.callback_data === undefined) fail('not_allowed', `the button ${JSON.stringify(button.text)} cannot be pressed`);
  const { answered } = pressRaw(hub, personaId, at, button.callback_data);
  return withTimeout(answered, {
    timeoutMs,
    signal,
    what: `an answer to ${JSON.stringify(button.text)} on message ${at.messageId} in ${at.chatId}`,
  });
}

/** Rejects when time is up or the signal aborts; leaves no timer behind. */
export async function withTimeout<T>(
  promise: Promise<T>,
  { timeoutMs, signal, what }: { timeoutMs: number; signal?: AbortSignal; what: string },
): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const timer = setTimeout(() => ended.reject(new AppError('state_conflict', `waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  const onAbort = (): void => ended.reject(new AppError('aborted', `stopped waiting for ${what}`, { cause: signal?.reason }));
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, ended.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
