import { z } from 'zod';
import { AGENT_NAMES, type AgentName } from '../domain/actions.ts';
import { Approvals, RiskTiers, Separation } from './approval-rules.ts';
import { DEFAULT_ENGINES, Engines, listRoutingFaults, makeDefaultRouting, Routing } from './engine-rules.ts';
import { Duration, DurationOrNone, Money, Percent, PositiveMoney, VersionedName } from './scalars.ts';

/**
 * The policy document. What `PolicyDocument` makes of a file is what the database keeps as jsonb and what its functions read, in the file's
 * own words (snake_case), complete, with every default filled in:
 *
 * - durations are whole seconds under the key of the file: `approval_times.expire_after: 86400`, `plans[].duration`, `retention.raw`, …
 *   (`limits.payments.cool_down_minutes` says its unit itself and stays minutes);
 * - money is a decimal string: `budgets.task_usd: "1"`, `limits.payments.max_single_tx_usdt: "500"` and `max_day_usdt`, `engines.*.usd_per_mtok.in: "0.40"`;
 * - percentages, points, counts and tokens are numbers; requirements are the strings of `requirements.ts`;
 * - `agent_actions` is not in the file: who may carry out what, made from `guards/allowlist.ts`, so that the database can check it too.
 */
const Limits = z.strictObject({
  trading: z.strictObject({
    max_daily_loss_pct: Percent,
    max_drawdown_pct: Percent,
    max_positions: z.int().min(0).max(1000),
    /** Older numbers of an account let no trade out; five minutes where it is not said. */
    max_snapshot_age: Duration.optional(),
  }),
  payments: z.strictObject({
    max_single_tx_usdt: Money,
    cool_down_minutes: z.int().min(0).max(10_080),
    /** Of all payers together, from midnight to midnight UTC; no such cap where it is not said. */
    max_day_usdt: Money.optional(),
  }),
});

const agentKeys = Object.fromEntries(AGENT_NAMES.map((name) => [name, VersionedName.optional()]));
/** The program's agents and the version that is in force. A plan can only name agents that stand here. */
const Agents = z.strictObject({
  // The keys are AGENT_NAMES by construction; fromEntries cannot say so.
  ...(agentKeys as Record<AgentName, z.ZodOptional<typeof VersionedName>>),
  planner: VersionedName,
  critic: VersionedName,
});

const ApprovalTimes = z.strictObject({
  remind_after: Duration.prefault('5m'),
  escalate_after: Duration.prefault('15m'),
  expire_after: Duration.prefault('24h'),
});

const Signals = z.strictObject({
  max_age: Duration.prefault('10m'),
  max_drift_pct: Percent.default(0.5),
  channel: z.enum(['signals', 'vip', 'admin', 'alert']).default('signals'),
});

const Quality = z.strictObject({ pass_points: z.int().min(1).max(9).default(7), max_revisions: z.int().min(0).max(5).default(2) });

const Budgets = z.strictObject({
  task_tokens: z.int().min(1).max(100_000_000).default(60_000),
  task_usd: Money.prefault('1.00'),
  day_usd: Money.prefault('20.00'),
});

const Offer = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected small letters, digits and -, such as vip-30'),
    title: z.string().trim().min(1).max(32),
    duration: Duration,
    grace: DurationOrNone.prefault('0s'),
    remind_before: z.array(Duration).max(5).default([]),
    /** Stars are whole; USDT has six decimals. */
    price: z
      .strictObject({ xtr: z.int().min(1).max(10_000).optional(), usdt: PositiveMoney.optional() })
      .refine(({ xtr, usdt }) => xtr !== undefined || usdt !== undefined, 'needs a price in xtr or usdt'),
  })
  .refine(({ duration, remind_before }) => remind_before.every((before) => before < duration), {
    path: ['remind_before'],
    error: 'a reminder comes before the end, so it is shorter than the duration',
  });

const DEFAULT_OFFERS = [
  { id: 'vip-30', title: 'VIP · 30 days', duration: '30d', grace: '1d', remind_before: ['3d', '1d'], price: { xtr: 1500, usdt: '29.00' } },
];

const Offers = z
  .array(Offer)
  .max(50)
  .superRefine((offers, context) => {
    for (const [index, { id }] of offers.entries()) {
      if (offers.findIndex((offer) => offer.id === id) < index)
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} stands here twice` });
    }
  });

/** With so many tasks that nobody has begun, no more are taken. */
const Intake = z.strictObject({ max_waiting: z.int().min(1).max(100_000).default(500) });

/** So many in such a time. The window opens with the first use. */
const makeRate = (max: number, per: string) => z.strictObject({ max: z.int().min(1).max(1_000_000), per: Duration }).prefault({ max, per });

/** Brakes for what has run away, not for everyday work; the emergency stop has none. */
const Rates = z.strictObject({
  tasks_per_person: makeRate(1000, '1h'),
  tasks_per_chat: makeRate(3000, '1h'),
  calls_per_agent: makeRate(20_000, '1h'),
  calls_per_engine: makeRate(3000, '1m'),
  /** Of one action, such as PUBLISH, to all chats together. */
  effects_per_action: makeRate(3000, '1h'),
  effects_per_chat: makeRate(1000, '1h'),
});

/** The emergency stop is tried on a dummy this often; the workers have so long to acknowledge it. */
const Drills = z.strictObject({
  every: Duration.prefault('7d'),
  within: Duration.prefault('5s'),
  /** Whether a drill that failed or is overdue keeps T3 from being let out until one passes. */
  freeze_t3: z.boolean().default(false),
});

/** After so long without an objection a break-glass opens on one owner's word; 0s: never, it takes the second person. */
const BreakGlass = z.strictObject({ veto_window: DurationOrNone.prefault('0s') });

/** Who confirms an approval with a one-time code, in which tiers: whoever holds one of the roles. */
const SecondFactor = z.strictObject({
  roles: z
    .array(z.enum(['owner', 'operator']))
    .max(2)
    .default([]),
  tiers: z
    .array(z.enum(['T2', 'T3']))
    .max(2)
    .default(['T2', 'T3']),
});

/** Hosts that a text may link to without being asked about, subdomains included; others only where the requester named them. */
const Links = z.strictObject({
  hosts: z
    .array(
      z
        .string()
        .max(253)
        .regex(
          /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
          'expected a host in small letters, such as example.org',
        ),
    )
    .max(200)
    .default([]),
});

const Retention = z.strictObject({ raw: Duration.prefault('90d'), metrics: Duration.prefault('365d') });

const ROUTED_SECTIONS: ReadonlySet<unknown> = new Set(['engines', 'routing', 'agents']);
const isGroup = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

export const PolicyDocument = z
  .strictObject({
    version: z.int().min(1).max(1_000_000),
    limits: Limits,
    risk_tiers: RiskTiers,
    approvals: Approvals,
    agents: Agents,
    separation: Separation.prefault({}),
    approval_times: ApprovalTimes.prefault({}),
    signals: Signals.prefault({}),
    quality: Quality.prefault({}),
    budgets: Budgets.prefault({}),
    plans: Offers.prefault(DEFAULT_OFFERS),
    engines: Engines.prefault(DEFAULT_ENGINES),
    routing: Routing.optional(),
    retention: Retention.prefault({}),
    break_glass: BreakGlass.prefault({}),
    second_factor: SecondFactor.prefault({}),
    drills: Drills.prefault({}),
    intake: Intake.prefault({}),
    rates: Rates.prefault({}),
    links: Links.prefault({}),
  })
  .superRefine(
    ({ routing = {}, engines, agents }, context) => {
      for (const { path, message } of listRoutingFaults(routing, Object.keys(engines), Object.keys(agents))) {
        context.addIssue({ code: 'custom', path, message });
      }
    },
    // Also beside faults elsewhere, so that an owner sees all of them at once.
    { when: ({ value, issues }) => isGroup(value) && !issues.some(({ path }) => ROUTED_SECTIONS.has(path?.[0])) },
  )
  .transform(({ routing, ...policy }) => ({ ...policy, routing: routing ?? makeDefaultRouting(Object.keys(policy.engines)) }));

export type PolicyDocument = z.infer<typeof PolicyDocument>;

export type Policy = PolicyDocument & {
  /** Per agent of this policy, the actions that it may be given in a plan. Planner and critic have none. */
  agent_actions: Partial<Record<AgentName, string[]>>;
};
