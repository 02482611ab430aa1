import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type ClosedWebhooks, makeClosedWebhooks } from './closed-webhooks.ts';
import { type Check, makeReadiness } from './readiness.ts';
import { makeTelegramWebhook, type TelegramWebhookDeps } from './telegram-webhook.ts';

export interface WebAppOptions {
  /** What `/ready` asks, by the name it shows: `store`, `queue`, `telegram`. */
  checks: Record<string, Check>;
  /** The names of those that work and that somebody should look after all the same. */
  listWarned?: () => readonly string[];
  metrics: Pick<Metrics, 'render'>;
  log: Logger;
  /** Telegram's way in; without it there is none. */
  telegramWebhook?: Omit<TelegramWebhookDeps, 'log'> | null;
  /** The webhooks that answer that they are closed. */
  closedWebhooks?: ClosedWebhooks | null;
}

/** A route that answers with a page sets its own policy; JSON needs nothing from anywhere. */
const headers = secureHeaders({
  overwrite: false,
  xFrameOptions: 'DENY',
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
});

/**
 * Makes the HTTP side that every role has: `/health`, `/ready`, `/metrics`, and the webhook where it is wanted. `main` adds further
 * routes with `app.route(…)`. What is not found and what fails is JSON too, without a stack or a message from inside.
 */
export function makeWebApp({ checks, listWarned, metrics, log, telegramWebhook = null, closedWebhooks = null }: WebAppOptions): Hono {
  const app = new Hono();
  const checkReadiness = makeReadiness({ checks, listWarned, log });

  app.use(headers);
  app.get('/health', (context) => context.json({ status: 'ok' }, 200, { 'Cache-Control': 'no-store' }));
  app.get('/ready', async (context) => {
    const report = await checkReadiness();
    return context.json(report, report.status === 'ready' ? 200 : 503, { 'Cache-Control': 'no-store' });
  });
  app.get('/metrics', async (context) => {
    const { text, contentType } = await metrics.render();
    return context.body(text, 200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' });
  });

  if (telegramWebhook !== null) app.route('/', makeTelegramWebhook({ ...telegramWebhook, log }));
  if (closedWebhooks !== null) app.route('/', makeClosedWebhooks(closedWebhooks));
  app.notFound((context) => context.json({ error: 'not_found' }, 404));
  app.onError((thrown, context) => {
    if (thrown instanceof HTTPException) return context.json({ error: 'request_refused' }, thrown.status);
    const error = toAppError(thrown);
    log.error({ err: error, method: context.req.method, path: context.req.path }, 'request failed');
    return context.json({ error: error.code }, error.retry === 'later' ? 503 : 500);
  });
  return app;
}
