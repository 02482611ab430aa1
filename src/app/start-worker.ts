import { loadPrompts } from '../agents/prompts.ts';
import { makeAgents } from '../agents/registry.ts';
import type { Config, Environment } from '../config.ts';
import type { CallRecord } from '../engines/attempt.ts';
import type { Engine } from '../engines/engine.ts';
import type { JobDeps } from '../jobs/deps.ts';
import { makeHandlers } from '../jobs/handlers.ts';
import { startHeartbeat } from '../jobs/heartbeat.ts';
import type { QueueStack } from '../jobs/queue.ts';
import { startSweeper } from '../jobs/sweeper.ts';
import { startJobWorker } from '../jobs/worker.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { makePolicyLoader } from './policies.ts';
import type { TelegramWay } from './telegram-way.ts';

export interface WorkerOptions extends Pick<JobDeps, 'rpc' | 'worker' | 'artifacts' | 'deliver' | 'log' | 'metrics'> {
  config: Config;
  env: Environment;
  way: TelegramWay;
  queue: QueueStack;
  /** In force now: what is wrong with its engines is told at the start. */
  policyVersion: number;
  rehearsal: Engine;
  promptsDir: string;
}

/** Model calls are mostly waiting; more than this many at once only queue up elsewhere. */
const CONCURRENCY = 10;
/** Below the time that the drain has for bot and worker; hanging work is handed back by its lease. */
const GRACE_MS = 5_500;

/** Starts the jobs of one process. */
export async function startWorker(options: WorkerOptions) {
  const { rpc, env, rehearsal, config, log, metrics } = options;
  const { attachments, messenger, face } = options.way;
  const loadPolicy = makePolicyLoader({ rpc, env, rehearsal, onCall: makeCallObserver(metrics, log) });
  const [prompts] = await Promise.all([loadPrompts(options.promptsDir), loadPolicy(options.policyVersion)]);
  const { admin, signals } = config.chats;
  const deps: JobDeps = { ...options, agents: makeAgents(prompts), loadPolicy, attachments, messenger, face, chats: { admin, signals } };
  const heartbeat = startHeartbeat(deps);
  const worker = startJobWorker({ stack: options.queue, handlers: makeHandlers(deps), concurrency: CONCURRENCY, log });
  const sweeper = startSweeper(deps);
  return {
    async close() {
      await Promise.all([sweeper.close(), worker.close(GRACE_MS)]);
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
