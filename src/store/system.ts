import { z } from 'zod';
import { Role } from '../domain/tier.ts';
import { UnreviewedGlass } from './break-glass-rows.ts';
import { Breaker } from './breakers.ts';
import { Drill } from './drills.ts';
import { FallbackResult } from './fallback-checks.ts';
import { OpenIncident } from './incidents.ts';
import { Parked } from './money.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { StopState } from './shared-rows.ts';
import { WorkerRow } from './stop.ts';

export const SystemStatus = fromSnake({
  stop: StopState,
  workers: z.array(WorkerRow),
  policyVersion: z.number().int().nullable(),
  /** Why T3 tasks would be refused now; null when they would not. */
  t3Problem: z.string().nullable(),
  /** What is wrong with the drills of the emergency stop; null when nothing is. */
  drillProblem: z.string().nullable(),
  lastDrill: Drill.nullable(),
  fallbackProblem: z.string().nullable(),
  lastFallbackCheck: fromSnake({ outcome: z.enum(['passed', 'failed']), askedAt: Timestamp, results: z.array(FallbackResult) }).nullable(),
  tasks: z.record(z.string(), z.number().int()),
  stepsReady: z.number().int(),
  stepsRunning: z.number().int(),
  requestsOpen: z.number().int(),
  effectsInDoubt: z.number().int(),
  /** Payments and trades that wait for the other side. */
  parked: z.array(Parked),
  /** Changes of roles and accounts that wait for people. */
  changesOpen: z.number().int(),
  delegations: z.array(fromSnake({ name: z.string(), role: Role, delegatedBy: z.string(), expiresAt: Timestamp })),
  /** The break-glass that is open, or waits for its review; null when there is none. */
  breakGlass: UnreviewedGlass.nullable(),
  /** The first ten, critical ones before warnings. */
  incidents: z.array(OpenIncident),
  /** Those that are not closed. */
  breakers: z.array(Breaker),
  incidentsOpen: z.number().int(),
  inboxPending: z.number().int(),
  inboxDead: z.number().int(),
  spentTodayUsd: z.string(),
  dayBudgetUsd: z.string().nullable(),
});
export type SystemStatus = z.infer<typeof SystemStatus>;

/** The system as `/status` shows it. As any role. */
export function loadSystemStatus(rpc: Rpc): Promise<SystemStatus> {
  return rpc.call('get_system_status', {}, SystemStatus);
}
