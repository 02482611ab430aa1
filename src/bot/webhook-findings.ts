import type { WebhookInfo } from 'grammy/types';
import type { Logger } from '../telemetry/log.ts';

/** What looking at the registration has shown: each finding is logged once and told by `/status` while it is fresh. */
export interface WebhookFindings {
  /** A registration that is as it should be: does anything go wrong with the deliveries? */
  look(info: WebhookInfo): void;
  /** A registration that somebody else has made. */
  lookAtForeign(info: WebhookInfo): void;
  /** As sentences; none when all is well. */
  describe(): readonly string[];
}

interface Delivery {
  failedAtMs: number;
  message: string;
  pendingCount: number;
}

/** Telegram keeps the last error after all is well again; an old one is no news. */
const FRESH_MS = 10 * 60_000;
const FOREIGN_MS = 60 * 60_000;

export function makeWebhookFindings({ log, clock, url }: { log: Logger; clock: () => Date; url: string }): WebhookFindings {
  let delivery: Delivery | null = null;
  let foreign: { atMs: number; what: string } | null = null;
  const toAge = (atMs: number) => `${Math.max(0, Math.round((clock().getTime() - atMs) / 60_000))} min ago`;
  const isFresh = (atMs: number, forMs: number) => clock().getTime() - atMs < forMs;

  return {
    look(info) {
      const failedAtMs = (info.last_error_date ?? 0) * 1000;
      const isNew = failedAtMs !== delivery?.failedAtMs;
      delivery = { failedAtMs, message: info.last_error_message ?? '', pendingCount: info.pending_update_count };
      if (isNew && isFresh(failedAtMs, FRESH_MS)) {
        log.warn({ reason: delivery.message, pendingCount: delivery.pendingCount }, 'Telegram could not deliver to the webhook');
      }
    },
    lookAtForeign(info) {
      foreign = { atMs: clock().getTime(), what: describeForeign(info, url) };
      log.warn({ what: foreign.what }, 'the webhook was changed by somebody else, setting it again');
    },
    describe() {
      const sentences: string[] = [];
      if (delivery !== null && isFresh(delivery.failedAtMs, FRESH_MS)) sentences.push(describeDelivery(delivery, toAge));
      if (foreign !== null && isFresh(foreign.atMs, FOREIGN_MS)) {
        const remedy = 'does another program use this bot’s token? @BotFather can revoke it';
        sentences.push(
          `The webhook ${foreign.what} ${toAge(foreign.atMs)} by somebody else; it was set again. If you did not do this: ${remedy}.`,
        );
      }
      return sentences;
    },
  };
}

function describeDelivery({ failedAtMs, message, pendingCount }: Delivery, toAge: (atMs: number) => string): string {
  const remedy = / 401 /.test(`${message} `)
    ? 'TELEGRAM_WEBHOOK_SECRET has to be the same in every process'
    : 'check that TELEGRAM_WEBHOOK_URL leads to the web role, and the log there';
  return `Telegram could not deliver an update ${toAge(failedAtMs)} (${message}); ${pendingCount} wait. If it stays so: ${remedy}.`;
}

/** An address may hold a secret in its path: its host says enough. */
function describeForeign({ url }: WebhookInfo, ours: string): string {
  if (url === '' || url === undefined) return 'was deleted';
  if (url === ours) return 'was given another list of updates';
  return `was set to ${URL.canParse(url) ? new URL(url).host : 'another address'}`;
}
