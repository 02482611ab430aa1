import { loadPrompts } from '../agents/prompts.ts';
import { makeAgents } from '../agents/registry.ts';
import { listSecretValues } from '../config/secret-values.ts';
import type { Config, Environment } from '../config.ts';
import type { CallRecord } from '../engines/attempt.ts';
import type { Engine } from '../engines/engine.ts';
import { startAlerts } from '../jobs/alerts.ts';
import { type AnchorTimes, startAnchors } from '../jobs/anchors.ts';
import { makeBreakers } from '../jobs/breakers.ts';
import type { JobDeps } from '../jobs/deps.ts';
import { startDriller } from '../jobs/driller.ts';
import { type EventStream, startEventRelay } from '../jobs/event-relay.ts';
import { makeHandlers } from '../jobs/handlers.ts';
import { startHeartbeat } from '../jobs/heartbeat.ts';
import type { QueueStack } from '../jobs/queue.ts';
import { startSweeper } from '../jobs/sweeper.ts';
import { startJobWorker } from '../jobs/worker.ts';
import { redactPersonalData } from '../policy/guards/pii.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { makeRedactor } from '../telemetry/redact.ts';
import { makePolicyLoader } from './policies.ts';
import { notePrompts } from './prompt-warnings.ts';
import type { TelegramWay } from './telegram-way.ts';

export interface WorkerOptions extends Pick<JobDeps, 'rpc' | 'worker' | 'artifacts' | 'deliver' | 'crashAt' | 'log' | 'metrics'> {
  config: Config;
  env: Environment;
  way: TelegramWay;
  queue: QueueStack;
  /** Left out: events stay in the store. */
  eventStream?: EventStream | undefined;
  /** In force now: what is wrong with its engines is told at the start. */
  policyVersion: number;
  rehearsal: Engine;
  promptsDir: string;
  /** The program's own, unless a test has less time. */
  anchorTimes?: AnchorTimes | undefined;
}

/**
 * Steps: model calls are mostly waiting: with a model that takes 2 s, fifty at once do five times what ten do, for some 10 MB. With one that
 * answers at once the number makes no difference, for the database's connections bound what is done at a time. Cards, doubts, incidents and runbooks wait for
 * Telegram at most, in several chats at once.
 */
const CONCURRENCY = { work: 50, people: 20 };
/** Below the time that the drain has for bot and worker; hanging work is handed back by its lease. */
const GRACE_MS = 5_500;

/** Starts the jobs of one process. */
export async function startWorker(options: WorkerOptions) {
  const { rpc, env, rehearsal, config, log, metrics } = options;
  const { attachments, messenger, face } = options.way;
  const redact = makeRedactor(listSecretValues(env), redactPersonalData);
  const breakers = makeBreakers({ rpc, holder: options.worker, log, redact });
  const loadPolicy = makePolicyLoader({ rpc, env, rehearsal, onCall: makeCallObserver(metrics, log), breakers });
  const [prompts] = await Promise.all([loadPrompts(options.promptsDir), loadPolicy(options.policyVersion)]);
  await notePrompts(rpc, prompts, options);
  const { admin, signals } = config.chats;
  const agents = makeAgents(prompts);
  const deps: JobDeps = { ...options, agents, loadPolicy, breakers, attachments, messenger, face, chats: { admin, signals } };
  const heartbeat = startHeartbeat(deps);
  const worker = startJobWorker({ stack: options.queue, handlers: makeHandlers(deps), concurrency: CONCURRENCY, log });
  const sweeper = startSweeper(deps);
  const alerts = startAlerts(deps);
  const driller = startDriller(deps);
  const relay = options.eventStream && startEventRelay({ ...deps, stream: options.eventStream });
  const anchors = startAnchors({ ...deps, keepers: options.way.anchorKeepers, times: options.anchorTimes });
  return {
    async close() {
      const loops = [sweeper, alerts, driller, anchors].map((loop) => loop.close());
      await Promise.all([...loops, relay?.close(), worker.close(GRACE_MS)]);
      await heartbeat.close();
    },
  };
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
