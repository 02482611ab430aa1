import type { Api } from 'grammy';
import type { WebhookInfo } from 'grammy/types';
import type { Secret } from '../config.ts';
import { AppError } from '../errors.ts';
import { toGrammySignal } from './api.ts';
import { isTokenUnknown, toTokenProblem } from './bot-info.ts';
import { ALLOWED_UPDATES } from './intake.ts';
import { type TelegramFailure, toFailure, toTelegramError } from './telegram-errors.ts';

/** Where Telegram sends the updates, and what it sends along. */
export interface Registration {
  api: Api;
  url: string;
  secretToken: Secret;
}

/**
 * Telegram keeps the updates of one chat in order whatever this is, by sending the next message of a chat, and the next press of a
 * person, only after the one before was answered. An update takes a few milliseconds; this many at once are thousands a second.
 */
const MAX_CONNECTIONS = 40;
const CALL_TIMEOUT_MS = 15_000;

/**
 * Tells Telegram where to send updates, the pending ones too. The same again changes nothing, so any number of processes may do it at
 * the same time. Throws config_invalid for what Telegram will never take, telegram_* for what may be better later, aborted.
 */
export function register({ api, url, secretToken }: Registration, signal: AbortSignal): Promise<unknown> {
  const options = {
    secret_token: secretToken.reveal(),
    allowed_updates: ALLOWED_UPDATES,
    max_connections: MAX_CONNECTIONS,
    drop_pending_updates: false,
  };
  return call('setWebhook', signal, (callSignal) => api.setWebhook(url, options, toGrammySignal(callSignal)));
}

/** What Telegram has in mind now. Throws as `register`. */
export function loadWebhookInfo({ api }: Registration, signal: AbortSignal): Promise<WebhookInfo> {
  return call('getWebhookInfo', signal, (callSignal) => api.getWebhookInfo(toGrammySignal(callSignal)));
}

/** Whether it is what was registered: this address, and exactly these kinds of updates. The secret cannot be asked for. */
export function isRegistered({ url, allowed_updates: kinds = [] }: WebhookInfo, registration: Registration): boolean {
  const wanted = new Set<string>(ALLOWED_UPDATES);
  return url === registration.url && kinds.length === wanted.size && kinds.every((kind) => wanted.has(kind));
}

async function call<T>(method: 'setWebhook' | 'getWebhookInfo', signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await run(AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]));
  } catch (thrown) {
    if (signal.aborted) throw new AppError('aborted', undefined, { context: { method } });
    const failure = toFailure(thrown);
    if (isTokenUnknown(failure)) throw toTokenProblem(failure);
    if (method === 'setWebhook' && isNeverTaken(failure)) throw toUrlProblem(failure);
    throw toTelegramError(failure, { method });
  }
}

/** 409 is another process that registers at the same moment: whichever comes last, it is the same registration. */
const isNeverTaken = (failure: TelegramFailure): boolean => failure.kind === 'answered' && failure.status === 400;

function toUrlProblem({ description }: TelegramFailure): AppError {
  const problem = `TELEGRAM_WEBHOOK_URL: Telegram refuses it (${description}); set the public https address of the web role, on port 443, 80, 88 or 8443`;
  return new AppError('config_invalid', problem, { context: { problems: [problem] } });
}
