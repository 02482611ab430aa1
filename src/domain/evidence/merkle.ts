import { z } from 'zod';
import { sha256 } from '../ids.ts';

/** What an anchor covers of one chain: the hash at its end covers every record before it. */
export const AnchorLeaf = z.object({
  chain: z.string(),
  from_seq: z.number().int().positive(),
  to_seq: z.number().int().positive(),
  head_hash: z.string(),
});
export type AnchorLeaf = z.infer<typeof AnchorLeaf>;

/** The hashes beside the way from a leaf up to the root. */
export const MerkleProof = z.array(z.object({ side: z.enum(['left', 'right']), hash: z.string() }));
export type MerkleProof = z.infer<typeof MerkleProof>;

/** The same bytes as `_anchor_leaves` in the database. */
export function hashLeaf({ chain, from_seq, to_seq, head_hash }: AnchorLeaf): string {
  return sha256(`leaf:${Buffer.byteLength(chain)}:${chain},${from_seq}-${to_seq},${head_hash}`);
}

/** The root that a leaf and its proof lead to. */
export function toRoot(leaf: AnchorLeaf, proof: MerkleProof): string {
  return proof.reduce((below, { side, hash }) => sha256(side === 'left' ? `node:${hash}${below}` : `node:${below}${hash}`), hashLeaf(leaf));
}
