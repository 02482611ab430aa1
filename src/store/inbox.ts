import { z } from 'zod';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

export interface IncomingUpdate {
  externalId: string;
  /** Updates of one key are handled one after the other, in the order they came. */
  chatKey: string;
  /** Waits for nobody: the emergency stop. */
  isUrgent: boolean;
  payload: unknown;
}

const Recorded = fromSnake({ recorded: z.number().int(), conflicts: z.array(z.string()) });

/** Writes down what came from outside, once per source and external id, before anybody answers it. As `ags_bot` or `ags_web`. */
export function recordUpdates(rpc: Rpc, source: string, updates: IncomingUpdate[], signal?: AbortSignal) {
  const rows = updates.map(({ externalId, chatKey, isUrgent, payload }) => ({
    external_id: externalId,
    chat_key: chatKey,
    is_urgent: isUrgent,
    payload,
  }));
  return rpc.call('record_updates', { p_source: source, p_updates: rows }, Recorded, signal);
}

export const ClaimedUpdate = fromSnake({
  inboxId: z.number().int(),
  source: z.string(),
  externalId: z.string(),
  chatKey: z.string(),
  payload: z.unknown(),
  attemptCount: z.number().int(),
  receivedAt: Timestamp,
});
export type ClaimedUpdate = z.infer<typeof ClaimedUpdate>;
const ClaimedUpdates = z.array(ClaimedUpdate);
const Completion = fromSnake({ status: z.string().nullable() });

export interface UpdateClaim {
  worker: string;
  limit: number;
  leaseSeconds: number;
  /** For whoever has no hand free for anything else. */
  isUrgentOnly?: boolean;
}

/** The next update of each chat that nobody is handling, in the order of Telegram's numbers. As `ags_bot`. */
export function claimUpdates(rpc: Rpc, { worker, limit, leaseSeconds, isUrgentOnly = false }: UpdateClaim): Promise<ClaimedUpdate[]> {
  return rpc.call(
    'claim_updates',
    { p_worker: worker, p_limit: limit, p_lease_seconds: leaseSeconds, p_urgent_only: isUrgentOnly },
    ClaimedUpdates,
  );
}

/** Keeps what a process is handling; answers with the inbox ids that it still has. As `ags_bot`. */
export function renewUpdates(rpc: Rpc, { worker, leaseSeconds }: { worker: string; leaseSeconds: number }): Promise<number[]> {
  return rpc.call('renew_updates', { p_worker: worker, p_lease_seconds: leaseSeconds }, z.array(z.number().int()));
}

/** As `ags_bot`. */
export function completeUpdate(
  rpc: Rpc,
  end: { inboxId: number; worker: string; outcome: 'processed' | 'rejected' | 'retry'; error: string | null },
) {
  return rpc.call(
    'complete_update',
    { p_inbox_id: end.inboxId, p_worker: end.worker, p_outcome: end.outcome, p_error: end.error },
    Completion,
  );
}
