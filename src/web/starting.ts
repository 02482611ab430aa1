import { Hono } from 'hono';

/** What a start asks for before it can serve, in this order; Telegram comes after it. */
export const STARTING_PARTS = ['store', 'queue', 'telegram'] as const;
export type StartingPart = (typeof STARTING_PARTS)[number];

/**
 * What answers while a start waits for its servers: it lives, it is not ready, and which part it waits for. Everything else is 503, so that
 * whoever sent it sends it again.
 */
export function makeStartingApp(findPart: () => StartingPart): Hono {
  const app = new Hono();
  const headers = { 'Cache-Control': 'no-store' };
  app.get('/health', (context) => context.json({ status: 'ok' }, 200, headers));
  app.get('/ready', (context) => context.json({ status: 'not_ready', checks: toChecks(findPart()) }, 503, headers));
  app.all('*', (context) => context.json({ error: 'starting' }, 503, headers));
  return app;
}

function toChecks(part: StartingPart): Record<StartingPart, string> {
  const at = STARTING_PARTS.indexOf(part);
  const say = (index: number) => (index < at ? 'ok' : index === at ? 'not reached yet; the log says why' : 'not asked yet');
  return { store: say(0), queue: say(1), telegram: say(2) };
}
