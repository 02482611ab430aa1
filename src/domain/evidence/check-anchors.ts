import { type Anchor, hashAnchor } from './anchor.ts';
import type { AuditRecord } from './audit-record.ts';
import type { AnchorLine } from './bundle.ts';
import { toRoot } from './merkle.ts';

/**
 * A record that was written, but not yet committed, while an anchor was made comes into the next one. No transaction of the program lasts
 * as long as this, so that an older record has to be in.
 */
const IN_FLIGHT_MS = 60_000;

/** Each anchor of the bundle by itself and after the one before it, and all of them against the copies that were kept elsewhere. */
export function checkAnchors(records: readonly AuditRecord[], anchors: readonly AnchorLine[], kept: readonly Anchor[]): string[] {
  return [
    ...anchors.flatMap((anchor) => checkAnchor(anchor, records)),
    ...checkCoverage(anchors),
    ...kept.flatMap((anchor) => checkKept(anchor, anchors, records)),
  ];
}

function checkAnchor(anchor: AnchorLine, records: readonly AuditRecord[]): string[] {
  const name = `anchor ${anchor.number}`;
  const { leaf, proof } = anchor;
  if (hashAnchor(anchor) !== anchor.hash) return [`${name}: is not what was made`];
  if (toRoot(leaf, proof) !== anchor.merkle_root) return [`${name}: does not cover what is said of this chain`];
  const end = records[leaf.to_seq - 1];
  if (end === undefined) return [`record ${records.length + 1} of ${leaf.chain}: is missing; ${name} covers records up to ${leaf.to_seq}`];
  if (end.chain !== leaf.chain || end.hash !== leaf.head_hash)
    return [`${name}: was made over other records than these, up to ${leaf.to_seq}`];
  return [];
}

/** Each anchor goes on where the one before it ended. */
function checkCoverage(anchors: readonly AnchorLine[]): string[] {
  let nextSeq = 1;
  for (const { number, leaf } of anchors) {
    if (leaf.from_seq !== nextSeq)
      return [`anchor ${number}: begins at record ${leaf.from_seq}, expected ${nextSeq}; another one is missing`];
    nextSeq = leaf.to_seq + 1;
  }
  return [];
}

function checkKept(kept: Anchor, anchors: readonly AnchorLine[], records: readonly AuditRecord[]): string[] {
  if (hashAnchor(kept) !== kept.hash) return [`the kept copy of anchor ${kept.number}: is not what was made`];
  const own = anchors.find(({ number }) => number === kept.number);
  if (own !== undefined && own.hash !== kept.hash) return [`anchor ${kept.number}: differs from the copy that was kept`];
  const neighbours = anchors.filter(
    ({ number, hash, prev_hash }) =>
      (number === kept.number - 1 && hash !== kept.prev_hash) || (number === kept.number + 1 && prev_hash !== kept.hash),
  );
  if (neighbours.length > 0)
    return neighbours.map(({ number }) => `anchor ${number}: does not fit to the kept copy of anchor ${kept.number}`);
  return checkReach(kept, anchors, records);
}

/** An anchor that covers nothing of this task is not in its bundle; whatever was on record when it was made is covered by it or by an earlier one. */
function checkReach(kept: Anchor, anchors: readonly AnchorLine[], records: readonly AuditRecord[]): string[] {
  const reach = Math.max(0, ...anchors.filter(({ number }) => number <= kept.number).map(({ leaf }) => leaf.to_seq));
  const left = records.find(({ seq, ts }) => seq > reach && Date.parse(ts) < Date.parse(kept.made_at) - IN_FLIGHT_MS);
  if (left === undefined) return [];
  return [`record ${left.seq} of ${left.chain}: is older than the kept anchor ${kept.number} and covered by none up to it`];
}
