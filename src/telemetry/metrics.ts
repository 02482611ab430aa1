import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

interface MetricSpec {
  kind: 'counter' | 'gauge' | 'histogram';
  name: string;
  help: string;
  labels: readonly string[];
  buckets?: readonly number[];
}

/** From a rule's milliseconds to a slow model's minutes. */
const STEP_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
/** From a moment to the patience that a message has. */
const WAIT_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 20, 40, 60];
/** The thresholds of the tiers lie between these: points over nine. */
const SCORES = [0.4, 0.6, 0.7, 0.78, 0.85, 0.89, 0.95, 1];

/** Every metric, named once. Labels hold names from closed lists only: an id or a text in a label would grow without end. */
const METRICS = {
  tasks: { kind: 'gauge', name: 'ags_tasks', help: 'Tasks by status', labels: ['status'] },
  steps: { kind: 'counter', name: 'ags_steps_total', help: 'Steps that ended', labels: ['agent', 'outcome'] },
  stepSeconds: { kind: 'histogram', name: 'ags_step_seconds', help: 'Time a step ran', labels: ['agent'], buckets: STEP_SECONDS },
  effects: { kind: 'counter', name: 'ags_effects_total', help: 'Outside actions that were settled', labels: ['kind', 'outcome'] },
  engineCalls: { kind: 'counter', name: 'ags_engine_calls_total', help: 'Calls to models', labels: ['engine', 'outcome'] },
  engineTokens: {
    kind: 'counter',
    name: 'ags_engine_tokens_total',
    help: 'Tokens sent to and from models',
    labels: ['engine', 'direction'],
  },
  engineCostUsd: { kind: 'counter', name: 'ags_engine_cost_usd_total', help: 'Cost of model calls in USD', labels: [] },
  criticScore: { kind: 'histogram', name: 'ags_critic_score', help: 'Scores given by the critic', labels: [], buckets: SCORES },
  telegramCalls: { kind: 'counter', name: 'ags_telegram_calls_total', help: 'Calls to the Bot API', labels: ['method', 'outcome'] },
  telegramWaiting: {
    kind: 'gauge',
    name: 'ags_telegram_waiting',
    help: 'Calls to the Bot API that wait for their turn',
    labels: ['priority'],
  },
  telegramWaitSeconds: {
    kind: 'histogram',
    name: 'ags_telegram_wait_seconds',
    help: 'Time that calls to the Bot API waited for their turn; those that left at once are not counted',
    labels: ['priority'],
    buckets: WAIT_SECONDS,
  },
  telegramFloods: {
    kind: 'counter',
    name: 'ags_telegram_floods_total',
    help: 'Answers 429 of the Bot API, by what was closed then: one chat, or all',
    labels: ['scope'],
  },
  inboxPending: { kind: 'gauge', name: 'ags_inbox_pending', help: 'Inputs that are stored and not yet handled', labels: [] },
  effectsInDoubt: {
    kind: 'gauge',
    name: 'ags_effects_in_doubt',
    help: 'Outside actions of which nobody knows whether they happened',
    labels: [],
  },
  requestsOpen: { kind: 'gauge', name: 'ags_approvals_open', help: 'Approvals that wait for people', labels: [] },
  stopGeneration: { kind: 'gauge', name: 'ags_stop_generation', help: 'Generation of the emergency stop', labels: [] },
  updates: { kind: 'counter', name: 'ags_updates_total', help: 'Telegram updates received', labels: [] },
} as const satisfies Record<string, MetricSpec>;

type Specs = typeof METRICS;
type LabelsOf<S extends MetricSpec> = S['labels'][number];
type InstrumentOf<S extends MetricSpec> = S['kind'] extends 'counter'
  ? Counter<LabelsOf<S>>
  : S['kind'] extends 'gauge'
    ? Gauge<LabelsOf<S>>
    : Histogram<LabelsOf<S>>;

export type Metrics = { [K in keyof Specs]: InstrumentOf<Specs[K]> } & {
  /** All of it as Prometheus reads it, with its content type. */
  render(): Promise<{ contentType: string; text: string }>;
};

function makeInstrument({ kind, name, help, labels, buckets = [] }: MetricSpec, registry: Registry) {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (kind === 'counter') return new Counter(options);
  return kind === 'gauge' ? new Gauge(options) : new Histogram({ ...options, buckets: [...buckets] });
}

/** Makes a registry of its own with every metric of the table; with the process's figures unless told otherwise. */
export function makeMetrics({ hasProcessMetrics = true }: { hasProcessMetrics?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (hasProcessMetrics) collectDefaultMetrics({ register: registry });
  const instruments = Object.fromEntries(Object.entries(METRICS).map(([key, spec]) => [key, makeInstrument(spec, registry)]));
  const render = async () => ({ contentType: registry.contentType, text: await registry.metrics() });
  // fromEntries forgets which key has which kind and labels; the loop above made each from its own row of the table.
  return { ...instruments, render } as unknown as Metrics;
}
