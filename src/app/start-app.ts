import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Hono } from 'hono';
import { loadPrompts } from '../agents/prompts.ts';
import { makeAgents } from '../agents/registry.ts';
import type { Config, Environment } from '../config.ts';
import type { CallRecord } from '../engines/attempt.ts';
import type { Engine } from '../engines/engine.ts';
import { AppError } from '../errors.ts';
import { makeJobQueue } from '../jobs/queue.ts';
import { makeArtifacts } from '../memory/artifacts.ts';
import { loadPolicyFile } from '../policy/load.ts';
import { seedPeople } from '../store/people.ts';
import { seedPolicy } from '../store/policies.ts';
import { makeRpc } from '../store/rpc.ts';
import { takeOver } from '../store/steps.ts';
import { loadSystemStatus } from '../store/system.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { makeWebApp } from '../web/app.ts';
import { serve } from '../web/serve.ts';
import { endWithin } from './end-within.ts';
import { makeMeasuredMetrics } from './measure.ts';
import { makePolicyLoader } from './policies.ts';
import type { Stack } from './stack.ts';
import { startTelegram } from './start-telegram.ts';
import { startWorker } from './start-worker.ts';
import { makeWarnings } from './warnings.ts';

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

/**
 * Starts the roles that the configuration asks for, on whatever stack it is given. Order matters: the server first (the sandbox's Bot API
 * is one of its routes), then policy and people, then what a killed process left, then those who work by them.
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const { config, env, stack, telegram, rehearsal, promptsDir, log, metrics } = options;
  const worker = makeWorkerName();
  const artifacts = makeArtifacts(stack.blobs);
  const rpc = { bot: makeRpc(stack.transport, 'ags_bot'), worker: makeRpc(stack.transport, 'ags_worker') };
  const queue = makeJobQueue(stack.queue, log);
  const running: { close(): Promise<void> }[] = [];
  let checkTelegram: (signal: AbortSignal) => Promise<void> = async () => {
    throw new AppError('telegram_unavailable', 'the bot has not started yet');
  };

  const web = makeWebApp({
    checks: { store: (signal) => stack.transport.ping(signal), queue: () => queue.ping(), telegram: (signal) => checkTelegram(signal) },
    metrics: makeMeasuredMetrics({ metrics, rpc: rpc.bot, log }),
    log,
  });
  options.mount?.(web);
  const server = await serve(web, { ...config.http, graceMs: SERVER_GRACE_MS });

  async function close(): Promise<void> {
    const deadlineMs = performance.now() + DRAIN_MS;
    // Those who take in work and those who do it end together, for there is little time; then what they need. Nudges stay in the queue.
    await endWithin(DRAIN_MS - REST_MS, 'bot and worker', Promise.all(running.map((part) => part.close())), log);
    await endWithin(deadlineMs - performance.now(), 'queue and server', Promise.all([queue.close(), server.close()]), log);
  }

  try {
    const [parsed, prompts] = await Promise.all([loadPolicyFile(config.policyFile), loadPrompts(promptsDir)]);
    const seededPolicy = await seedPolicy(rpc.worker, { source: parsed.source, document: parsed.policy, checksum: parsed.checksum });
    const seededPeople = await seedPeople(rpc.bot, listConfiguredPeople(config));
    const loadPolicy = makePolicyLoader({ rpc: rpc.worker, env, rehearsal, onCall: makeCallObserver(metrics, log) });
    await loadPolicy(seededPolicy.policyVersion);
    const listWarnings = makeWarnings({ config, seededPolicy, seededPeople });
    for (const warning of await listWarnings()) log.warn({ warning }, 'warning');
    const { t3Problem } = await loadSystemStatus(rpc.bot);
    if (t3Problem !== null) log.warn({ t3Problem }, 'T3 tasks are refused');

    if (stack.isExclusive) await queue.deliver((await takeOver(rpc.worker, worker)).deliver);
    const face = await startTelegram({
      botToken: telegram.botToken,
      apiRoot: telegram.toApiRoot(server.port),
      config,
      rpc: rpc.bot,
      worker,
      artifacts,
      deliver: queue.deliver,
      listWarnings,
      log,
      metrics,
      signal: options.signal,
    });
    const { admin, signals } = config.chats;
    const jobDeps = {
      rpc: rpc.worker,
      worker,
      agents: makeAgents(prompts),
      loadPolicy,
      artifacts,
      deliver: queue.deliver,
      chats: { admin, signals },
      log,
      metrics,
    };
    running.push(startWorker({ ...jobDeps, attachments: face.attachments, messenger: face.messenger, face: face.face }, stack.queue));
    running.push(face);
    checkTelegram = face.check;
    return { url: server.url, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

function listConfiguredPeople({ people }: Config) {
  return [
    ...people.ownerIds.map((externalId) => ({ externalId, role: 'owner' as const })),
    ...people.operatorIds.map((externalId) => ({ externalId, role: 'operator' as const })),
    ...people.reviewerIds.map((externalId) => ({ externalId, role: 'reviewer' as const })),
  ];
}

function makeCallObserver(metrics: Metrics, log: Logger) {
  return (call: CallRecord): void => {
    metrics.engineCalls.inc({ engine: call.engine, outcome: call.outcome });
    metrics.engineTokens.inc({ engine: call.engine, direction: 'in' }, call.inputTokens);
    metrics.engineTokens.inc({ engine: call.engine, direction: 'out' }, call.outputTokens);
    metrics.engineCostUsd.inc(Number(call.costUsd));
    if (call.outcome !== 'ok') log.warn({ ...call }, 'model call did not work');
  };
}
