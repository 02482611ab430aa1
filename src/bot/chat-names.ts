import type { Api } from 'grammy';
import { toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { toGrammySignal } from './api.ts';

export interface ChatName {
  /** The chat's own title or a person's first name; the id when Telegram does not tell. Somebody else's words: data. */
  title: string;
  /** Where everybody can see it; null for what is not public. */
  url: string | null;
}

/** What chats are called, for people to read. Never throws. */
export type FindChatName = (chatId: number, signal?: AbortSignal) => Promise<ChatName>;

export interface ChatNamesOptions {
  api: Api;
  log: Logger;
  clock: () => Date;
}

/** Titles hardly change, and a card must not wait for one. */
const KEEP_MS = 10 * 60_000;
/** A chat that has no name now may have one soon: Telegram was slow, or the bot has just been let in. */
const KEEP_FAILURE_MS = 10_000;
const TIMEOUT_MS = 3000;
const MAX_CHATS = 500;

export function makeChatNames({ api, log, clock }: ChatNamesOptions): FindChatName {
  const known = new Map<number, { name: ChatName; untilMs: number }>();

  async function ask(chatId: number, signal?: AbortSignal): Promise<{ name: ChatName; keepMs: number }> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const chat = await api.getChat(chatId, toGrammySignal(signal === undefined ? timeout : AbortSignal.any([signal, timeout])));
      const title = chat.title ?? chat.first_name ?? String(chatId);
      const isPublic = chat.type !== 'private' && chat.username !== undefined;
      return { name: { title, url: isPublic ? `https://t.me/${chat.username}` : null }, keepMs: KEEP_MS };
    } catch (thrown) {
      log.info({ chatId, code: toAppError(thrown).code }, 'chat has no name to show');
      return { name: { title: String(chatId), url: null }, keepMs: KEEP_FAILURE_MS };
    }
  }

  return async (chatId, signal) => {
    const nowMs = clock().getTime();
    const kept = known.get(chatId);
    if (kept && kept.untilMs > nowMs) return kept.name;
    const { name, keepMs } = await ask(chatId, signal);
    if (known.size >= MAX_CHATS) known.clear();
    known.set(chatId, { name, untilMs: nowMs + keepMs });
    return name;
  };
}
