import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { FoundArtifacts, type Held } from './steps.ts';

/** Why a step did without the search; the breaker's time is over soon, the others are failures. */
export type StaleReason = 'too_slow' | 'failed' | 'left_alone';

export interface Question {
  query: string;
  limit: number;
}

/** The search for a claimed step; what it finds is remembered for a day. Throws lease_lost. As `ags_worker`. */
export function retrieveArtifacts(rpc: Rpc, { stepId, fence }: Held, { query, limit }: Question, signal?: AbortSignal) {
  const args = { p_step_id: stepId, p_fence: fence, p_query: query, p_limit: limit };
  return rpc.call('retrieve_artifacts', args, FoundArtifacts, signal);
}

const Recalled = fromSnake({
  /** When the oldest of it had been found; null when nothing was kept that fits. */
  foundAt: Timestamp.nullable(),
  found: FoundArtifacts,
});

/** What earlier retrievals had found, for a step whose search did not answer; marks the step as stale. Throws lease_lost. As `ags_worker`. */
export function recallArtifacts(rpc: Rpc, { stepId, fence }: Held, { query, limit, reason }: Question & { reason: StaleReason }) {
  const args = { p_step_id: stepId, p_fence: fence, p_query: query, p_limit: limit, p_reason: reason };
  return rpc.call('recall_artifacts', args, Recalled);
}
