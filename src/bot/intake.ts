import type { Update } from 'grammy/types';
import { z } from 'zod';
import { AppError } from '../errors.ts';
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

const Numbered = z.object({ update_id: z.number().int().min(0) });

export function isWellFormed(payload: unknown): payload is Update {
  return WellFormed.safeParse(payload).success;
}

/** An update as a row of the inbox; null when it has not even a number, for then nothing could name it. */
export type Intake = (payload: unknown) => IncomingUpdate | null;

/** Makes the one way from an update to the inbox, for polling and webhooks alike. It never throws: one update must not hold up all the others. */
export function makeIntake({ botUsername }: { botUsername: string }): Intake {
  return (payload) => {
    const numbered = Numbered.safeParse(payload);
    if (!numbered.success) return null;
    const { update_id: updateId } = numbered.data;
    try {
      return toRow(payload, updateId, botUsername);
    } catch {
      return { externalId: String(updateId), chatKey: toChatKey(null, updateId), isUrgent: false, payload: UNSTORABLE };
    }
  };
}

/** In place of an update that cannot be taken as it is. It has no number inside, so that it is malformed to whoever handles it. */
const UNSTORABLE = { problem: 'this update could not be stored' };

function toRow(payload: unknown, updateId: number, botUsername: string): IncomingUpdate {
  const clean = toStorable(payload, 0);
  const update = isWellFormed(clean) ? clean : null;
  return {
    externalId: String(updateId),
    chatKey: toChatKey(update, updateId),
    isUrgent: update?.message !== undefined && findCommand(update.message, botUsername)?.name === 'stop',
    payload: clean,
  };
}

/** What has to stay in order: a chat's updates; a person's where there is no chat; a malformed one stands alone. */
function toChatKey(update: Update | null, updateId: number): string {
  const message = update?.message ?? update?.callback_query?.message;
  if (message !== undefined) return String(message.chat.id);
  const from = update?.callback_query?.from;
  return from === undefined ? `update:${updateId}` : `user:${from.id}`;
}

/** Telegram's own updates are some ten deep; a few thousand would exhaust the stack here and in the database. */
const MAX_DEPTH = 100;

/** PostgreSQL's jsonb holds neither NUL nor half a surrogate pair. Throws for what is nested too deeply. */
function toStorable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw new AppError('input_invalid', 'the update is nested too deeply');
  if (Array.isArray(value)) return value.map((item) => toStorable(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toStorableText(key), toStorable(item, depth + 1)]));
}

const toStorableText = (text: string): string => text.replaceAll('\u0000', '').toWellFormed();
