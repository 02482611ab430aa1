import { Hono } from 'hono';
import { makeBotApi } from './bot-api.ts';
import { makeFailurePlan } from './failures.ts';
import { makeFloodLimiter } from './flood.ts';
import { loopbackOnly, type NodeEnv } from './guard.ts';
import { makeTelegram } from './handle.ts';
import { makeHub } from './hub.ts';
import { type Journal, makeMemoryJournal } from './journal.ts';
import { makeLedger } from './ledger.ts';
import { makePage } from './page-api.ts';
import type { SandboxTelegram } from './telegram.ts';
import { makePoller } from './update-queue.ts';
import { makeWebhookDelivery } from './webhook.ts';
import { SANDBOX_BOT } from './world.ts';

export interface SandboxOptions {
  botToken?: string;
  /** Default: in memory, for tests. */
  journal?: Journal;
  clock?: () => Date;
  /** People who have pressed Start before the bot first looks, without an update about it. */
  startedPersonaIds?: readonly number[];
  /** The first pause after a webhook that did not answer 2xx; it doubles up to a minute. */
  webhookRetryMs?: number;
}

export interface Sandbox {
  /** To be mounted at the root: `/sandbox`, `/sandbox/api/…`, `/sandbox/telegram/…`. Answers loopback only. */
  app: Hono<NodeEnv>;
  telegram: SandboxTelegram;
  /** Ends waiting polls, live pages and webhook deliveries, then closes the journal. */
  close(): Promise<void>;
}

/** A Telegram for one machine: the Bot API for the bot, a chat page for people, a handle for tests. */
export function makeSandbox(options: SandboxOptions = {}): Sandbox {
  const {
    botToken = SANDBOX_BOT.token,
    journal = makeMemoryJournal(),
    clock = () => new Date(),
    startedPersonaIds = [],
    webhookRetryMs,
  } = options;
  const hub = makeHub({ journal, clock });
  const isNew = startedPersonaIds.filter((id) => !hub.state.privateChats.has(id));
  hub.commit(isNew.map((userId) => ({ type: 'private_chat', userId, isBlocked: false })));
  const parts = { hub, ledger: makeLedger({ clock }), failures: makeFailurePlan(), flood: makeFloodLimiter({ clock }) };
  const poller = makePoller(hub);
  const delivery = makeWebhookDelivery(hub, { firstRetryDelayMs: webhookRetryMs });
  const page = makePage(hub);

  const app = new Hono<NodeEnv>();
  // Whoever opens the address that the log names without its path finds the page.
  app.get('/', loopbackOnly, (context) => context.redirect('/sandbox'));
  app.use('/sandbox', loopbackOnly);
  app.use('/sandbox/*', loopbackOnly);
  app.route('/sandbox/telegram', makeBotApi({ ...parts, poller, botToken, clock }));
  app.route('/sandbox', page.app);
  return {
    app,
    telegram: makeTelegram(parts),
    async close() {
      poller.close();
      page.close();
      await delivery.close();
      journal.close();
    },
  };
}
