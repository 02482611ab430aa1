import { z } from 'zod';

/** Risk tiers, lowest first. A task has the highest tier of its actions. */
export const TIERS = ['T0', 'T1', 'T2', 'T3'] as const;
export const Tier = z.enum(TIERS);
export type Tier = z.infer<typeof Tier>;

export const ROLES = ['owner', 'operator', 'reviewer'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export function highestTier(tiers: readonly Tier[]): Tier {
  return TIERS.findLast((tier) => tiers.includes(tier)) ?? 'T0';
}
