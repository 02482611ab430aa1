import { z } from 'zod';

/** The rubric of the playbook's section 5. `riskFlags` 1 means clean. */
export const Critique = z.object({
  policy_compliance: z.union([z.literal(0), z.literal(1)]),
  evidence_cited: z.number().int().min(0).max(2),
  factuality: z.number().int().min(0).max(3),
  clarity: z.number().int().min(0).max(2),
  risk_flags: z.union([z.literal(0), z.literal(1)]),
  red_flags: z.array(z.string().max(300)).max(20),
  comments: z.string().max(4000),
});
export type Critique = z.infer<typeof Critique>;

export const MAX_POINTS = 9;

export function toPoints(critique: Critique): number {
  return critique.policy_compliance + critique.evidence_cited + critique.factuality + critique.clarity + critique.risk_flags;
}

/** Zero on compliance or risk, or any red flag, fails at any score. */
export function hasVeto(critique: Critique): boolean {
  return critique.policy_compliance === 0 || critique.risk_flags === 0 || critique.red_flags.length > 0;
}
