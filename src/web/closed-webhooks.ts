import { Hono } from 'hono';
import { TELEGRAM_WEBHOOK_PATH } from '../config.ts';

/** The ways in that nothing may come through, because what would prove the sender is not configured. */
export interface ClosedWebhooks {
  telegram: boolean;
  tradingview: boolean;
  payments: boolean;
}

/** Says so to whoever sends, instead of a 404 that looks like a wrong address. Nothing that arrives here is read. */
export function makeClosedWebhooks({ telegram, tradingview, payments }: ClosedWebhooks): Hono {
  const app = new Hono();
  // Without a secret every token is the wrong one.
  if (telegram) app.post(TELEGRAM_WEBHOOK_PATH, (context) => context.json({ error: 'request_refused' }, 401));
  if (tradingview) closeFor(app, '/webhooks/tradingview', 'TRADINGVIEW_SECRET is not set, so alerts are not taken.');
  if (payments) closeFor(app, '/webhooks/payments', 'PAYMENTS_WEBHOOK_SECRET is not set, so payments are not taken.');
  return app;
}

function closeFor(app: Hono, path: string, message: string): void {
  app.post(path, (context) => context.json({ error: 'not_configured', message }, 503));
}
