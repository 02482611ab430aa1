import { z } from 'zod';
import { Anchor } from '../domain/evidence/anchor.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

/** Where copies of anchors stand outside the database: in the admin group, and at AGS_ANCHOR_URL. */
export const ANCHOR_PLACES = ['chat', 'url'] as const;
export type AnchorPlace = (typeof ANCHOR_PLACES)[number];

const Made = fromSnake({ outcome: z.enum(['made', 'not_due', 'nothing_new']), anchor: Anchor.nullable() });

/** An anchor over everything new, unless the last one is younger than the interval. One at a time in the fleet. As `ags_worker`. */
export function makeAnchor(rpc: Rpc, intervalSeconds: number) {
  return rpc.call('make_anchor', { p_interval_seconds: intervalSeconds }, Made);
}

/** The oldest anchors of which no copy stands at this place yet. As `ags_worker`. */
export function listUnkeptAnchors(rpc: Rpc, place: AnchorPlace, limit: number): Promise<Anchor[]> {
  return rpc.call('list_unkept_anchors', { p_place: place, p_limit: limit }, z.array(Anchor));
}

/** A copy stands at the place; the first reference that was recorded stays, and is the answer. As `ags_worker`. */
export function recordAnchorKept(rpc: Rpc, kept: { number: number; place: AnchorPlace; reference: string }) {
  return rpc.call(
    'record_anchor_kept',
    { p_number: kept.number, p_place: kept.place, p_reference: kept.reference },
    fromSnake({ reference: z.string() }),
  );
}

/** An anchor could not be kept; `/status` says so until it is. As `ags_worker`. */
export async function recordAnchorProblem(rpc: Rpc, failed: { number: number; place: AnchorPlace; problem: string }): Promise<void> {
  await rpc.call('record_anchor_problem', { p_number: failed.number, p_place: failed.place, p_problem: failed.problem }, Nothing);
}

const AnchorState = fromSnake({
  last: Anchor.nullable(),
  /** The newest anchor that is kept at each place. */
  places: z.partialRecord(z.enum(ANCHOR_PLACES), z.number().int()),
  problems: z.array(
    fromSnake({
      place: z.enum(ANCHOR_PLACES),
      number: z.number().int(),
      problem: z.string(),
      since: Timestamp,
      waiting: z.number().int(),
    }),
  ),
});
export type AnchorState = z.infer<typeof AnchorState>;

/** The last anchor, and what keeps copies from being kept. As any role. */
export function loadAnchorState(rpc: Rpc): Promise<AnchorState> {
  return rpc.call('get_anchor_state', {}, AnchorState);
}
