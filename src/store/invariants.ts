import { APPROVAL_INVARIANTS } from './invariants/approvals.ts';
import { CHANGE_INVARIANTS } from './invariants/changes.ts';
import { EFFECT_INVARIANTS } from './invariants/effects.ts';
import { EVIDENCE_INVARIANTS } from './invariants/evidence.ts';
import type { Invariant } from './invariants/invariant.ts';
import { MONEY_INVARIANTS } from './invariants/money.ts';
import { STEP_INVARIANTS } from './invariants/steps.ts';
import { STOP_INVARIANTS } from './invariants/stop.ts';

export type { Invariant };

/**
 * What can be seen in the database alone. Not here, because the database cannot prove it: how often the other side accepted a key (I6), seconds
 * from stop to silence (I8), inputs that were acknowledged (I13), the spacing of retries (I17), breakers (I18), the copies of anchors outside
 * (I20), logs, queues and prompts (I27). Not here, because the program has none of it: what providers say of payments, and memberships (I28–I30).
 */
export const INVARIANTS: readonly Invariant[] = [
  ...APPROVAL_INVARIANTS,
  ...EFFECT_INVARIANTS,
  ...STOP_INVARIANTS,
  ...STEP_INVARIANTS,
  ...EVIDENCE_INVARIANTS,
  ...CHANGE_INVARIANTS,
  ...MONEY_INVARIANTS,
].toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));

/** One statement on a connection that may read every table: as a superuser or as `ags_owner`. */
export type ReadRows = (sql: string) => Promise<Record<string, unknown>[]>;

/** What violates an invariant, by its ids; empty when it holds. Throws what the connection throws. */
export async function listViolations(read: ReadRows, { sql }: Invariant): Promise<string[]> {
  return (await read(sql)).map(({ id }) => String(id));
}

/** Everything that violates any of them, as `I5 <id>`, in one statement. */
export async function findViolations(read: ReadRows, invariants: readonly Invariant[] = INVARIANTS): Promise<string[]> {
  const each = invariants.map(({ id, sql }) => `select '${id}' as invariant, x.id from (${sql}) x`);
  return (await read(each.join(' union all '))).map(({ invariant, id }) => `${String(invariant)} ${String(id)}`);
}
