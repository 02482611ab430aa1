import type { AgentRegistry } from '../agents/registry.ts';
import type { CrashAt } from '../domain/crash-points.ts';
import type { ChatRef } from '../domain/message.ts';
import type { Attachment } from '../domain/task-input.ts';
import type { Messenger } from '../effects/messenger.ts';
import type { Breakers } from '../engines/breaker.ts';
import type { Budget, Engine } from '../engines/engine.ts';
import type { EngineFault, FallbackTrial } from '../engines/try-fallback.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import type { Policy } from '../policy/schema.ts';
import type { Deliver } from '../store/delivery.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Face } from './face.ts';

/** A policy version with the engines that it names; made once per version. */
export interface PolicyInUse {
  policy: Policy;
  engineFor(budget: Budget): Engine;
  /** Asks a small question along the default route as if its first engine had this fault. Throws only `aborted`. */
  tryFallback(fault: EngineFault, budget: Budget, signal: AbortSignal): Promise<FallbackTrial>;
}

/** Fetches what people attached. Throws AppError. */
export interface Attachments {
  load(attachment: Attachment, signal: AbortSignal): Promise<Uint8Array>;
}

/** Everything that the jobs of one worker process need; passed in by `main`. */
export interface JobDeps {
  /** As `ags_worker`. */
  rpc: Rpc;
  /** This process, among all workers. */
  worker: string;
  agents: AgentRegistry;
  loadPolicy(version: number): Promise<PolicyInUse>;
  breakers: Breakers;
  artifacts: Artifacts;
  attachments: Attachments;
  messenger: Messenger;
  face: Face;
  deliver: Deliver;
  crashAt: CrashAt;
  chats: { admin: ChatRef; signals: ChatRef };
  log: Logger;
  metrics: Metrics;
}
