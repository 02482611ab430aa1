import { z } from 'zod';
import { sha256, toCanonicalJson } from '../ids.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What the audit log held at one moment; names as they are stored and kept. */
export const Anchor = z.object({
  number: z.number().int().positive(),
  prev_hash: Hash,
  /** Records and chains that are new since the anchor before. */
  record_count: z.number().int().positive(),
  chain_count: z.number().int().positive(),
  merkle_root: Hash,
  /** UTC, to the microsecond, as it is hashed. */
  made_at: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/),
  hash: Hash,
});
export type Anchor = z.infer<typeof Anchor>;

/** What the first anchor follows. */
export const ANCHOR_START = sha256('anchors');

/** The same bytes as `_anchor_hash` in the database. */
export function hashAnchor({ number, prev_hash, record_count, chain_count, merkle_root, made_at }: Anchor): string {
  return sha256(`anchor:${[number, prev_hash, record_count, chain_count, merkle_root, made_at].join(',')}`);
}

/** What is kept outside: the same anchor is the same bytes, so that a second keeping changes nothing. */
export const toAnchorText = (anchor: Anchor): string => `${toCanonicalJson(anchor)}\n`;
