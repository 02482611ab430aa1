import { ANCHOR_START, type Anchor, hashAnchor } from '../../../src/domain/evidence/anchor.ts';
import { sha256 } from '../../../src/domain/ids.ts';

/** A good anchor; another `of` is another one under the same number. */
export function makeTestAnchor(number: number, of = 'records'): Anchor {
  const anchor = {
    number,
    prev_hash: ANCHOR_START,
    record_count: 10,
    chain_count: 2,
    merkle_root: sha256(of),
    made_at: '2026-11-22T10:00:00.123456Z',
    hash: '',
  };
  return { ...anchor, hash: hashAnchor(anchor) };
}
