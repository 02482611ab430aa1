import { GrammyError, HttpError } from 'grammy';
import { AppError } from '../errors.ts';

/** What a Bot API call came to when it did not go well, in this program's words. The one place where grammY's errors are read. */
export type TelegramFailure =
  | { kind: 'flood'; retryAfterMs: number; description: string }
  /** It did not leave, for Telegram had asked to wait: certain. */
  | { kind: 'held'; retryAfterMs: number; description: string }
  /** The Bot API answered: certain. */
  | { kind: 'answered'; status: number; description: string; migrateToChatId: number | undefined }
  /** Nothing was written to a connection: certain. */
  | { kind: 'unreachable'; description: string }
  /** It may have arrived. */
  | { kind: 'unknown'; description: string };

/** No connection was ever made, so nothing can have arrived. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Anything else that was thrown is not Telegram's and is thrown on. */
export function toFailure(thrown: unknown): TelegramFailure {
  if (thrown instanceof GrammyError) return fromAnswer(thrown);
  if (!(thrown instanceof HttpError)) throw thrown;
  const code = findCode(thrown.error);
  // Neither the message nor the cause goes further: both hold the address, and the address holds the token.
  if (code !== undefined && NEVER_CONNECTED.has(code)) return { kind: 'unreachable', description: `no connection (${code})` };
  return { kind: 'unknown', description: code === undefined ? 'the answer did not come' : `the connection broke (${code})` };
}

function fromAnswer({ error_code: status, description, parameters }: GrammyError): TelegramFailure {
  if (status === 429) return { kind: 'flood', retryAfterMs: (parameters.retry_after ?? 1) * 1000, description };
  return { kind: 'answered', status, description, migrateToChatId: parameters.migrate_to_chat_id };
}

function findCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return 'cause' in thrown ? findCode(thrown.cause) : undefined;
}

/** As an error: the method and the chat are named, the token and the address never are. */
export function toTelegramError(failure: TelegramFailure, call: { method: string; chatId?: number | null }): AppError {
  const { description } = failure;
  const message = `${call.method}: ${description}`;
  if (failure.kind === 'flood' || failure.kind === 'held')
    return new AppError('telegram_flood', message, { context: { ...call, retryAfterMs: failure.retryAfterMs } });
  if (failure.kind !== 'answered') return new AppError('telegram_unavailable', message, { context: { ...call } });
  const { status, migrateToChatId } = failure;
  const context = { ...call, status, ...(migrateToChatId === undefined ? {} : { migrateToChatId }) };
  if (status >= 500) return new AppError('telegram_unavailable', message, { context });
  return new AppError('telegram_refused', message, { context });
}

const NOT_MODIFIED = /message is not modified/i;
const GONE = /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i;
const NO_RIGHTS =
  /chat not found|not enough rights|have no rights to send|need administrator rights|CHAT_(WRITE_FORBIDDEN|ADMIN_REQUIRED|SEND_\w+_FORBIDDEN|RESTRICTED)|CHANNEL_PRIVATE|group chat was deactivated/i;
const SOURCE_MISSING = /message to (copy|forward) not found|MESSAGE_ID_INVALID|message can't be copied/i;

const isBadRequest = (failure: TelegramFailure, words: RegExp): boolean =>
  failure.kind === 'answered' && failure.status === 400 && words.test(failure.description);

/** The Bot API has no codes for these; its words are the only sign there is. */
export const isNotModified = (failure: TelegramFailure): boolean => isBadRequest(failure, NOT_MODIFIED);
export const isGone = (failure: TelegramFailure): boolean => isBadRequest(failure, GONE);
/** The chat is not there for the bot, or it may not write to it; whatever is written. */
export const isShut = (failure: TelegramFailure): boolean =>
  (failure.kind === 'answered' && failure.status === 403) || isBadRequest(failure, NO_RIGHTS);
export const isSourceMissing = (failure: TelegramFailure): boolean => isBadRequest(failure, SOURCE_MISSING);
