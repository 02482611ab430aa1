import { z } from 'zod';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

const Seeded = fromSnake({ policyVersion: z.number().int(), checksum: z.string(), wasSeeded: z.boolean(), isSame: z.boolean() });
export type Seeded = z.infer<typeof Seeded>;

/** Puts a policy in force only where none ever was. As `ags_worker`. */
export function seedPolicy(rpc: Rpc, policy: { source: string; document: unknown; checksum: string }): Promise<Seeded> {
  return rpc.call('seed_policy', { p_source: policy.source, p_document: policy.document, p_checksum: policy.checksum }, Seeded);
}

const PolicyRow = fromSnake({
  policyVersion: z.number().int(),
  /** The parsed document, in the policy file's own words. */
  document: z.unknown(),
  source: z.string(),
  checksum: z.string(),
  inForceAt: Timestamp.nullable(),
});
export type PolicyRow = z.infer<typeof PolicyRow>;

/** The policy in force, or one version; null when there is none. As any role. */
export function findPolicy(rpc: Rpc, version: number | null = null): Promise<PolicyRow | null> {
  return rpc.call('get_policy', { p_version: version }, PolicyRow.nullable());
}
