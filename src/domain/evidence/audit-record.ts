import { z } from 'zod';
import { sha256 } from '../ids.ts';

/** One record of the audit log as it is hashed: JSON stays the text that the database spelled, the moment has its microseconds. */
export const AuditRecord = z.object({
  chain: z.string(),
  seq: z.number().int().positive(),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  before_text: z.string().nullable(),
  after_text: z.string().nullable(),
  ts: z.string(),
  prev_hash: z.string(),
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof AuditRecord>;

/** What the first record of a chain follows. */
export const toChainStart = (chain: string): string => sha256(chain);

/** The same bytes as `_audit_hash` in the database: each field with its length in front, so that none can be shifted into another. */
export function hashRecord({ prev_hash, chain, seq, actor, action, object, before_text, after_text, ts }: AuditRecord): string {
  const fields = [prev_hash, chain, String(seq), actor, action, object, before_text ?? '', after_text ?? '', ts];
  return sha256(fields.map((field) => `${Buffer.byteLength(field)}:${field}`).join(','));
}
