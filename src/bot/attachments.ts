import type { Api } from 'grammy';
import type { Attachment } from '../domain/task-input.ts';
import { AppError } from '../errors.ts';
import { toGrammySignal } from './api.ts';
import { attemptOnce } from './call.ts';
import { type TelegramFailure, toTelegramError } from './telegram-errors.ts';

const MAX_BYTES = 20 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * Fetches what people attached, by Telegram's file id. The address holds the bot's token, so it appears in no error.
 * Throws telegram_unavailable and telegram_flood (worth another try), telegram_refused, input_invalid (too large), aborted.
 */
export function makeAttachments({ api, apiRoot, token }: { api: Api; apiRoot: string; token: string }) {
  return {
    async load({ file_id: fileId, name }: Attachment, signal: AbortSignal): Promise<Uint8Array> {
      const found = await attemptOnce((at) => api.getFile(fileId, toGrammySignal(at)), { method: 'getFile', chatId: null, signal });
      if (!found.ok) throw toFindError(found.failure, name);
      const file = found.value;
      if ((file.file_size ?? 0) > MAX_BYTES) throw new AppError('input_invalid', `The attached file ${name} is larger than 20 MB`);
      const answer = await fetchFile(`${apiRoot}/file/bot${token}/${file.file_path}`, signal).catch(() => null);
      if (signal.aborted) throw new AppError('aborted');
      if (answer === null) throw new AppError('telegram_unavailable', `The attached file ${name} could not be fetched`);
      if ('status' in answer)
        throw new AppError('telegram_unavailable', `The attached file ${name} could not be fetched (${answer.status})`);
      return answer.bytes;
    },
  };
}

/** Whole or not at all: a connection may break in the middle of the body, too. */
async function fetchFile(url: string, signal: AbortSignal): Promise<{ bytes: Uint8Array } | { status: number }> {
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]), redirect: 'error' });
  return response.ok ? { bytes: new Uint8Array(await response.arrayBuffer()) } : { status: response.status };
}

function toFindError(failure: TelegramFailure, name: string): AppError {
  const cause = toTelegramError(failure, { method: 'getFile' });
  if (cause.code !== 'telegram_refused') return cause;
  return new AppError('telegram_refused', `Telegram no longer has the attached file ${name}`, { cause });
}
