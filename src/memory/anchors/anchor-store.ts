import type { Anchor } from '../../domain/evidence/anchor.ts';

/** Copies of anchors where nobody who owns the database reaches them. What stands there once is never replaced. */
export interface AnchorStore {
  /**
   * Keeps an anchor under its number, and answers with the address of the copy; the same anchor again changes nothing. Throws
   * idempotency_conflict when another anchor stands under that number, store_unavailable, store_failed, aborted.
   */
  keep(anchor: Anchor, signal?: AbortSignal): Promise<string>;
  /** Throws as `keep` does, and store_failed when what stands there is no anchor. */
  find(number: number, signal?: AbortSignal): Promise<Anchor | null>;
}

/** Ordered by name as by number, for a thousand years of hourly ones. */
export const toAnchorName = (number: number): string => `anchor-${String(number).padStart(8, '0')}.json`;
