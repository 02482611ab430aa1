/** The smallest policy: no key that has a default. */
export const SHORT_POLICY = `version: 1
limits:
  trading:
    max_daily_loss_pct: 5
    max_drawdown_pct: 10
    max_positions: 3
  payments:
    max_single_tx_usdt: 500
    cool_down_minutes: 30
risk_tiers:
  T0: ["READ", "RESEARCH", "RETRIEVE"]
  T1: ["WRITE_DB", "SUMMARIZE", "DRAFT_REPLY"]
  T2: ["PUBLISH", "SOCIAL_POST"]
  T3: ["TRADE", "PAYMENT", "WITHDRAWAL"]
approvals:
  T2: ["critic>=0.8", "operator_approval"]
  T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]
agents:
  planner: "planner:v2"
  researcher: "researcher:v3"
  retriever: "retriever:v1"
  trader: "trader:xauusd-v6"
  exec: "executor:v2"
  communicator: "telegram-comms:v3"
  critic: "critic:guard-v4"
`;

/** The short policy with one passage replaced; throws when it is not there, so that no test passes by accident. */
export function withChange(passage: string, replacement: string, source = SHORT_POLICY): string {
  if (!source.includes(passage)) throw new Error(`the example has no ${passage}`);
  return source.replace(passage, () => replacement);
}

export const withMore = (yaml: string) => `${SHORT_POLICY}${yaml}\n`;
