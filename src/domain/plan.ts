import { z } from 'zod';
import { NodeId } from './ids.ts';

/** A plan has at most this many nodes; the orchestrator's own gates come on top. */
export const MAX_PLAN_NODES = 20;

/** Names that only the orchestrator gives: a plan that uses one is refused. */
export const RESERVED_NODE_IDS = ['plan', 'critic', 'approve', 'archive'] as const;

export const PlanNode = z.object({
  id: NodeId,
  agent: z.string().min(1).max(40),
  action: z.string().min(1).max(40),
  after: z.array(NodeId).max(MAX_PLAN_NODES),
  instruction: z.string().min(1).max(2000),
});
export type PlanNode = z.infer<typeof PlanNode>;

/** What the planner proposes. A proposal only: `complete_plan` in the database checks it again and adds the gates. */
export const Plan = z.object({ nodes: z.array(PlanNode).min(1).max(MAX_PLAN_NODES), summary: z.string().max(500) });
export type Plan = z.infer<typeof Plan>;
