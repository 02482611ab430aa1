import { z } from 'zod';
import { TaskId } from '../domain/ids.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** An event in the envelope that `schemas/events` describes. */
export const EventEnvelope = z.looseObject({
  event_id: z.uuid(),
  event_type: z.string(),
  task_id: TaskId.nullable(),
  idempotency_key: z.string(),
});
export type EventEnvelope = z.infer<typeof EventEnvelope>;

/** The oldest events that no stream has yet; a task's are in the order in which they happened. As `ags_worker`. */
export function listUnstreamedEvents(rpc: Rpc, limit: number): Promise<EventEnvelope[]> {
  return rpc.call('list_unstreamed_events', { p_limit: limit }, z.array(EventEnvelope));
}

/** These are on the stream. As `ags_worker`. */
export async function recordEventsStreamed(rpc: Rpc, eventIds: readonly string[]): Promise<void> {
  await rpc.call('record_events_streamed', { p_event_ids: [...eventIds] }, fromSnake({ count: z.number().int() }));
}
