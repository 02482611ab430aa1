import { z } from 'zod';
import { Role, Tier } from '../domain/tier.ts';
import { fromSnake, Timestamp } from './rows.ts';

const GlassStatus = z.enum(['open', 'used', 'expired', 'void']);

/** What a break-glass is about and how far it came; the change that it is says who asked and who confirmed. */
export const BreakGlass = fromSnake({
  taskId: z.string(),
  goal: z.string(),
  /** The request that it lets out, and the checksum of its bytes. */
  reference: z.string(),
  checksum: z.string(),
  tier: Tier,
  action: z.string(),
  targetChatId: z.number().int(),
  /** What is not met now, in words. */
  unmet: z.array(z.string()),
  hasExpired: z.boolean().nullable(),
  /** Null until two people have opened it. */
  status: GlassStatus.nullable(),
  openedAt: Timestamp.nullable(),
  expiresAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  voidReason: z.string().nullable(),
  /** The slot that nobody filled, because nobody objected in the veto window. */
  waivedSlot: Role.nullable(),
  reviewDueAt: Timestamp.nullable(),
  isReviewOverdue: z.boolean(),
  reviewedAt: Timestamp.nullable(),
  reviewedBy: z.string().nullable(),
  review: z.string().nullable(),
  /** After how long without an objection it opens on one person's word; 0 where the policy does not allow that. */
  vetoSeconds: z.number().int(),
  wasVetoed: z.boolean(),
});
export type BreakGlass = z.infer<typeof BreakGlass>;

/** One line of a task's status. */
export const OpenedGlass = fromSnake({
  changeReference: z.string(),
  status: GlassStatus,
  openedAt: Timestamp,
  expiresAt: Timestamp,
  openedBy: z.string(),
  reason: z.string(),
  reviewDueAt: Timestamp,
  reviewedAt: Timestamp.nullable(),
});
export type OpenedGlass = z.infer<typeof OpenedGlass>;

/** The one that is open or waits for its review. */
export const UnreviewedGlass = fromSnake({
  changeReference: z.string(),
  taskId: z.string(),
  status: GlassStatus,
  expiresAt: Timestamp,
  reviewDueAt: Timestamp,
  isReviewOverdue: z.boolean(),
});
