import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hono } from 'hono';
import { makeIntake } from '../bot/intake.ts';
import type { Config, Environment, ProcessRole } from '../config.ts';
import type { Engine } from '../engines/engine.ts';
import { AppError } from '../errors.ts';
import type { AnchorTimes } from '../jobs/anchors.ts';
import { makeJobQueue } from '../jobs/queue.ts';
import { makeArtifacts } from '../memory/artifacts.ts';
import { makeRpc } from '../store/rpc.ts';
import { makeStoredShortTerm } from '../store/short-term.ts';
import { takeOver } from '../store/steps.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { makeWebApp } from '../web/app.ts';
import { serve } from '../web/serve.ts';
import { makeCrashAt } from './crash-at.ts';
import { endWithin } from './end-within.ts';
import { makeMeasuredMetrics } from './measure.ts';
import { seedRules, seedTeam } from './seed.ts';
import type { Stack } from './stack.ts';
import { startBot } from './start-bot.ts';
import { startWorker } from './start-worker.ts';
import { openTelegramWay } from './telegram-way.ts';
import { makeWebhookInlet } from './webhook-inlet.ts';

export interface AppOptions {
  config: Config;
  env: Environment;
  stack: Stack;
  /** Where the Bot API is; the port is this process's own, for a Bot API that `mount` puts there. */
  telegram: { botToken: string; toApiRoot(port: number): string };
  /** Further routes of this process's server. */
  mount?: (web: Hono) => void;
  /** Answers when no model server is configured. */
  rehearsal: Engine;
  promptsDir: string;
  /** When audit anchors are made; the program's own times when absent. */
  anchorTimes?: AnchorTimes;
  log: Logger;
  metrics: Metrics;
  signal: AbortSignal;
}

export interface RunningApp {
  url: string;
  /** Drains: no update lost, the step in hand finished or handed back. */
  close(): Promise<void>;
}

/** All of the drain; `main` ends the process a little later, and the stack is closed in between. */
const DRAIN_MS = 8_000;
/** What of it is kept for the queue and the server. */
const REST_MS = 1_500;
const SERVER_GRACE_MS = 1_000;

/** One name per process and start; the database tells workers apart by it. */
const makeWorkerName = () => `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;

/** Where a process has several roles, this one's rights serve for what more than one may do: to draw, to seed, to look. */
const GENERAL: readonly ProcessRole[] = ['bot', 'worker', 'web'];

/**
 * Starts the roles that the configuration asks for, on whatever stack it is given. Order matters: the server first (the sandbox's Bot API
 * is one of its routes), then policy and people, then what a killed process left, then those who work by them.
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const { config, stack, telegram, log, metrics, signal } = options;
  const { botToken } = telegram;
  const has = (role: ProcessRole) => config.roles.includes(role);
  const toRpc = (role: ProcessRole) => makeRpc(stack.transport, `ags_${role}`);
  const rpc = toRpc(GENERAL.find(has) ?? 'web');
  const worker = makeWorkerName();
  const artifacts = makeArtifacts(stack.blobs);
  const crashAt = makeCrashAt(config.crashPoint);
  const queue = makeJobQueue(stack.queue, log, crashAt);
  const { deliver } = queue;
  const inlet = makeWebhookInlet();
  const ready = makeTelegramReadiness();
  const running: { close(): Promise<void> }[] = [];

  const { webhook } = config.telegram;
  const web = makeWebApp({
    checks: {
      store: (aborting) => stack.transport.ping(aborting),
      queue: () => queue.ping(),
      telegram: (aborting) => ready.check(aborting),
    },
    listWarned: () => (ready.hasWarnings() ? ['telegram'] : []),
    telegramWebhook: webhook !== null && has('web') ? { ...inlet, secretToken: webhook.secretToken, rpc: toRpc('web'), metrics } : null,
    closedWebhooks: has('web') ? listClosed(config) : null,
    metrics: makeMeasuredMetrics({ metrics, rpc, log }),
    log,
  });
  options.mount?.(web);
  const server = await serve(web, { ...config.http, graceMs: SERVER_GRACE_MS });

  async function close(): Promise<void> {
    const deadlineMs = performance.now() + DRAIN_MS;
    ready.drain();
    // Those who take in work and those who do it end together, for there is little time; then what they need. Nudges stay in the queue.
    await endWithin(DRAIN_MS - REST_MS, 'bot and worker', Promise.all(running.map((part) => part.close())), log);
    await endWithin(deadlineMs - performance.now(), 'queue and server', Promise.all([queue.close(), server.close()]), log);
  }

  async function startRoles(): Promise<void> {
    // BullMQ keeps a first connection that failed for good: better now than with a job in hand.
    await queue.ping();
    // A process that only takes updates in needs no rules and could not make any.
    const seededPolicy = has('bot') || has('worker') ? await seedRules(rpc, config) : null;
    const team = { config, stackWarnings: stack.warnings, log };
    const listWarnings = seededPolicy !== null && has('bot') ? await seedTeam({ ...team, rpc, seededPolicy }) : null;
    if (stack.isExclusive) await deliver((await takeOver(toRpc('worker'), worker)).deliver);

    const shortTerm = stack.shortTerm ?? makeStoredShortTerm(rpc);
    const apiRoot = telegram.toApiRoot(server.port);
    const way = await openTelegramWay({ botToken, apiRoot, config, rpc, shortTerm, artifacts, log, metrics, signal });
    Object.assign(ready, { check: way.ping, drain: way.drain });
    inlet.open({ intake: makeIntake({ botUsername: way.botInfo.username }), onStored: () => void stack.inboxNews.tell() });
    if (seededPolicy !== null && has('worker')) {
      const { policyVersion } = seededPolicy;
      const { queue, eventStream } = stack;
      const work = { rpc: toRpc('worker'), worker, artifacts, deliver, crashAt, way, queue, eventStream, policyVersion };
      running.push(await startWorker({ ...options, ...work }));
    }
    if (listWarnings !== null) {
      const { inboxNews } = stack;
      const bot = await startBot({ botToken, config, way, inboxNews, worker, deliver, listWarnings, log, metrics, signal });
      running.push(bot);
      Object.assign(ready, { hasWarnings: bot.hasWarnings, check: (aborting: AbortSignal) => bot.check(aborting) });
    }
  }

  try {
    await startRoles();
    return { url: server.url, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The server answers before Telegram is reached; each part puts in what it knows as it starts. */
function makeTelegramReadiness() {
  return {
    async check(_signal: AbortSignal): Promise<void> {
      throw new AppError('telegram_unavailable', 'Telegram has not been reached yet');
    },
    hasWarnings: () => false,
    drain(): void {},
  };
}

/** What would prove the sender of these is not configured. */
const listClosed = ({ telegram, tradingviewSecret, paymentsSecret }: Config) => ({
  telegram: telegram.webhook === null,
  tradingview: tradingviewSecret === null,
  payments: paymentsSecret === null,
});
