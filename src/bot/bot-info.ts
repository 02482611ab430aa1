import type { Api } from 'grammy';
import type { UserFromGetMe } from 'grammy/types';
import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { toGrammySignal } from './api.ts';
import { attemptOnce } from './call.ts';
import { type TelegramFailure, toTelegramError } from './telegram-errors.ts';
import { waitMs } from './wait.ts';

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 15_000;

/**
 * Who the bot is. A Telegram that does not answer is waited for, so that a start during an outage is a late one and not a crash. Throws
 * config_invalid when Telegram does not know the token, aborted.
 */
export async function loadBotInfo({ api, log }: { api: Api; log: Logger }, signal: AbortSignal): Promise<UserFromGetMe> {
  for (let failures = 0; ; failures += 1) {
    const attempt = await attemptOnce((attemptSignal) => api.getMe(toGrammySignal(attemptSignal)), {
      method: 'getMe',
      chatId: null,
      signal,
    });
    if (attempt.ok) return attempt.value;
    if (isTokenUnknown(attempt.failure)) throw toTokenProblem(attempt.failure);
    log.error({ err: toTelegramError(attempt.failure, { method: 'getMe' }), failures }, 'Telegram does not answer, the start waits for it');
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    await waitMs(attempt.failure.kind === 'flood' ? Math.max(pauseMs, attempt.failure.retryAfterMs) : pauseMs, signal);
  }
}

/** 404 is what the Bot API says to a token that has not even the form of one. */
export const isTokenUnknown = (failure: TelegramFailure): boolean =>
  failure.kind === 'answered' && (failure.status === 401 || failure.status === 404);

export function toTokenProblem({ description }: TelegramFailure): AppError {
  const problem = `TELEGRAM_BOT_TOKEN: Telegram does not know it (${description}); take the token from @BotFather and check TELEGRAM_API_ROOT`;
  return new AppError('config_invalid', problem, { context: { problems: [problem] } });
}
