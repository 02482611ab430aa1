import { type EventEnvelope, listUnstreamedEvents, recordEventsStreamed } from '../store/events.ts';
import { claimLease } from '../store/leases.ts';
import type { JobDeps } from './deps.ts';
import { type Loop, startLoop } from './loop.ts';

/** Where other programs read events from. */
export interface EventStream {
  /** Appends them in this order. Rejects when it is not certain that all are there. */
  append(events: readonly EventEnvelope[]): Promise<void>;
}

const LEASE = 'event-stream';
/** Longer than a batch takes, so that two processes do not mix up the order. */
const LEASE_SECONDS = 30;
const LOOK_EVERY_MS = 1_000;
const BATCH = 200;

/**
 * Carries events from the store, where they are written with what caused them, to the stream: one process of the fleet at a time, and each
 * event until it is known to be there. After a crash some are there twice.
 */
export function startEventRelay({
  rpc,
  worker: holder,
  log,
  stream,
}: Pick<JobDeps, 'rpc' | 'worker' | 'log'> & { stream: EventStream }): Loop {
  async function round(signal: AbortSignal): Promise<void> {
    let events = await listUnstreamedEvents(rpc, BATCH);
    while (events.length > 0 && !signal.aborted) {
      const { isHeld } = await claimLease(rpc, { name: LEASE, holder, seconds: LEASE_SECONDS }, signal);
      if (!isHeld) return;
      await stream.append(events);
      const ids = events.map(({ event_id: id }) => id);
      await recordEventsStreamed(rpc, ids);
      events = await listUnstreamedEvents(rpc, BATCH);
    }
  }

  return startLoop('events', { intervalMs: LOOK_EVERY_MS, log, round });
}
