import type { Anchor } from '../domain/evidence/anchor.ts';
import { toAppError } from '../errors.ts';
import { type AnchorPlace, listUnkeptAnchors, makeAnchor, recordAnchorKept, recordAnchorProblem } from '../store/anchors.ts';
import { claimLease, releaseLease } from '../store/leases.ts';
import type { JobDeps } from './deps.ts';
import { type Loop, startLoop } from './loop.ts';

/** A place outside the database where a copy of each anchor is kept. */
export interface AnchorKeeper {
  place: AnchorPlace;
  /** Answers with where the copy stands. Keeping the same anchor twice is harmless. Throws AppError. */
  keep(anchor: Anchor, signal: AbortSignal): Promise<string>;
}

export interface AnchorTimes {
  /** From one anchor to the next: what is younger could still be rewritten by the database's owner. */
  intervalSeconds: number;
  /** How often is looked whether one is due, and whether one that could not be kept now can. */
  lookEveryMs: number;
}

const TIMES: AnchorTimes = { intervalSeconds: 3_600, lookEveryMs: 30_000 };
const LEASE = 'audit-anchors';
/** Longer than a round takes, so that two processes do not send the same anchor to the group. */
const LEASE_SECONDS = 180;
/** In one round; after an outage the others follow in the next. */
const BATCH = 10;

export interface AnchorDeps extends Pick<JobDeps, 'rpc' | 'worker' | 'log'> {
  keepers: readonly AnchorKeeper[];
  times?: AnchorTimes | undefined;
}

/**
 * Makes an anchor over the audit log at a fixed interval, once in the whole fleet, and has it kept at each place, in order, until it is: what
 * does not work is told in `/status` and tried again.
 */
export function startAnchors({ rpc, worker: holder, keepers, log, times = TIMES }: AnchorDeps): Loop {
  async function round(signal: AbortSignal): Promise<void> {
    const { isHeld } = await claimLease(rpc, { name: LEASE, holder, seconds: LEASE_SECONDS }, signal);
    if (!isHeld) return;
    const { anchor } = await makeAnchor(rpc, times.intervalSeconds);
    if (anchor !== null) log.info({ number: anchor.number, records: anchor.record_count, hash: anchor.hash }, 'audit anchor made');
    // One place that does not answer keeps none from the other.
    await Promise.all(keepers.map((keeper) => keepAll(keeper, signal)));
  }

  async function keepAll({ place, keep }: AnchorKeeper, signal: AbortSignal): Promise<void> {
    for (const anchor of await listUnkeptAnchors(rpc, place, BATCH)) {
      const { number } = anchor;
      try {
        await recordAnchorKept(rpc, { number, place, reference: await keep(anchor, signal) });
      } catch (thrown) {
        if (signal.aborted) return;
        const err = toAppError(thrown);
        log.error({ err, number, place }, 'audit anchor could not be kept');
        await recordAnchorProblem(rpc, { number, place, problem: err.message });
        return;
      }
    }
  }

  const loop = startLoop('anchors', { intervalMs: times.lookEveryMs, log, round });
  return {
    async close() {
      await loop.close();
      await releaseLease(rpc, { name: LEASE, holder }).catch((thrown: unknown) => {
        log.info({ err: toAppError(thrown), lease: LEASE }, 'lease left to run out');
      });
    },
  };
}
