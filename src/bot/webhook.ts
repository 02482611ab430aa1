import type { WebhookInfo } from 'grammy/types';
import { AppError, toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { UpdateSource } from './update-source.ts';
import { waitMs } from './wait.ts';
import { makeWebhookFindings } from './webhook-findings.ts';
import { isRegistered, loadWebhookInfo, type Registration, register } from './webhook-registration.ts';

export interface WebhookTimes {
  /** Between two looks at the registration. */
  verifyMs: number;
  /** The same while something is wrong. */
  troubleVerifyMs: number;
}

export interface WebhookOptions extends Registration {
  log: Logger;
  clock: () => Date;
  random?: () => number;
  times?: WebhookTimes;
}

export const WEBHOOK_TIMES: WebhookTimes = { verifyMs: 180_000, troubleVerifyMs: 30_000 };
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 15_000;

/**
 * Has Telegram send its updates to the web role, and sees to it that this stays so: a webhook that somebody else changed or deleted is
 * set again and told. Resolves once Telegram has confirmed it; a Telegram that does not answer is waited for. On close the registration
 * stays, for other processes live by it. Throws config_invalid when Telegram refuses the address or the token, aborted.
 */
export async function startWebhook(options: WebhookOptions, signal: AbortSignal): Promise<UpdateSource> {
  const { log, times = WEBHOOK_TIMES } = options;
  const findings = makeWebhookFindings(options);
  const stopping = new AbortController();
  let problem: AppError | null = null;

  async function verify(): Promise<void> {
    const info = await loadWebhookInfo(options, stopping.signal);
    if (isRegistered(info, options)) {
      findings.look(info);
    } else {
      findings.lookAtForeign(info);
      problem = new AppError('telegram_unavailable', 'Telegram does not send its updates here');
      findings.look(await registerOnce(options, stopping.signal));
    }
    problem = null;
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const isWell = problem === null && findings.describe().length === 0;
      await waitMs(isWell ? times.verifyMs : times.troubleVerifyMs, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      // A look that did not work says nothing about the updates: they may well come in.
      await verify().catch((thrown: unknown) => log.error({ err: toAppError(thrown) }, 'the webhook could not be verified'));
    }
  }

  findings.look(await registerPatiently(options, signal));
  log.info({ url: options.url }, 'Telegram sends its updates to the webhook');
  const watching = watch();
  return {
    problem: () => problem,
    warnings: () => findings.describe(),
    async close() {
      stopping.abort();
      await watching;
    },
  };
}

/** Registers until Telegram confirms that it is so. */
async function registerPatiently(options: WebhookOptions, signal: AbortSignal): Promise<WebhookInfo> {
  const { log, random = Math.random } = options;
  for (let failures = 0; ; failures += 1) {
    try {
      return await registerOnce(options, signal);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (signal.aborted || error.code === 'config_invalid') throw error;
      log.error({ err: error, failures }, 'the webhook is not registered yet, trying again');
      await waitMs(toPauseMs(error, failures, random), signal);
    }
  }
}

async function registerOnce(options: WebhookOptions, signal: AbortSignal): Promise<WebhookInfo> {
  await register(options, signal);
  const info = await loadWebhookInfo(options, signal);
  if (isRegistered(info, options)) return info;
  throw new AppError('telegram_unavailable', 'Telegram took the webhook and then named another one: somebody else sets it too');
}

function toPauseMs({ context }: AppError, failures: number, random: () => number): number {
  if (typeof context.retryAfterMs === 'number') return context.retryAfterMs;
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
}
