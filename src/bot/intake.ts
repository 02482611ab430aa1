import type { Update } from 'grammy/types';
import { z } from 'zod';
import type { IncomingUpdate } from '../store/inbox.ts';
import { findCommand } from './command-text.ts';

/** The updates that this program handles; Telegram keeps the others to itself. */
export const ALLOWED_UPDATES = ['message', 'callback_query'] as const satisfies readonly (keyof Update)[];

const Chat = z.object({ id: z.number().int() });
const User = z.object({ id: z.number().int() });
const Message = z.object({ message_id: z.number().int(), date: z.number(), chat: Chat, from: User.optional() });
const CallbackQuery = z.object({ id: z.string(), from: User, data: z.string().optional(), message: Message.optional() });

/** As much of an update's form as the handlers rely on. What is not in it is optional in Telegram's own description. */
const WellFormed = z.object({ update_id: z.number().int(), message: Message.optional(), callback_query: CallbackQuery.optional() });

export function isWellFormed(payload: unknown): payload is Update {
  return WellFormed.safeParse(payload).success;
}

/** An update as a row of the inbox; null when it has not even a number, for then nothing could name it. */
export type Intake = (payload: unknown) => IncomingUpdate | null;

/** Makes the one way from an update to the inbox, for polling and webhooks alike. */
export function makeIntake({ botUsername }: { botUsername: string }): Intake {
  return (payload) => {
    const numbered = z.object({ update_id: z.number().int().min(0) }).safeParse(payload);
    if (!numbered.success) return null;
    const clean = toStorable(payload);
    const update = isWellFormed(clean) ? clean : null;
    return {
      externalId: String(numbered.data.update_id),
      chatKey: toChatKey(update, numbered.data.update_id),
      isUrgent: update?.message !== undefined && findCommand(update.message, botUsername)?.name === 'stop',
      payload: clean,
    };
  };
}

/** What has to stay in order: a chat's updates; a person's where there is no chat; a malformed one stands alone. */
function toChatKey(update: Update | null, updateId: number): string {
  const message = update?.message ?? update?.callback_query?.message;
  if (message !== undefined) return String(message.chat.id);
  const from = update?.callback_query?.from;
  return from === undefined ? `update:${updateId}` : `user:${from.id}`;
}

/** PostgreSQL's jsonb holds neither NUL nor half a surrogate pair; one such update must not hold up all the others. */
function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\u0000', '').toWellFormed();
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toStorable(item)]));
}
