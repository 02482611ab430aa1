const HEAD = `version: 1
limits: { trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 }, payments: { max_single_tx_usdt: 500, cool_down_minutes: 30 } }
agents: { planner: "planner:v2", researcher: "researcher:v3", retriever: "retriever:v1", exec: "executor:v2", communicator: "telegram-comms:v3", critic: "critic:guard-v4" }
`;

/** What others see takes an operator and an owner, and a dry run. */
export const POSTS_IN_T3 = `${HEAD}
risk_tiers: { T0: [READ, RESEARCH, RETRIEVE], T1: [WRITE_DB, SUMMARIZE, DRAFT_REPLY], T2: [SOCIAL_POST], T3: [PUBLISH, TRADE, PAYMENT, WITHDRAWAL] }
approvals:
  T2: ["critic>=0.8", "operator_approval"]
  T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]
`;

/** As the default, with these budgets. */
export const withBudgets = (budgets: string): string => `${HEAD}
risk_tiers: { T0: [READ, RESEARCH, RETRIEVE], T1: [WRITE_DB, SUMMARIZE, DRAFT_REPLY], T2: [PUBLISH, SOCIAL_POST], T3: [TRADE, PAYMENT, WITHDRAWAL] }
approvals:
  T2: ["critic>=0.8", "operator_approval"]
  T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]
budgets: ${budgets}
`;
