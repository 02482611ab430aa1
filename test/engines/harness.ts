import { z } from 'zod';
import type { CallRecord } from '../../src/engines/attempt.ts';
import type { EngineEndpoint } from '../../src/engines/client.ts';
import type { Budget, ChatMessage, EngineRequest } from '../../src/engines/engine.ts';
import type { Pace } from '../../src/engines/retry.ts';
import { type Engines, makeEngines } from '../../src/engines/routing.ts';
import type { EngineSlots } from '../../src/engines/slots.ts';
import { AppError } from '../../src/errors.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';

export const Draft = z.object({ text: z.string().min(1).max(2000), count: z.number().int().min(0) });
export type Draft = z.infer<typeof Draft>;
export const GOOD: Draft = { text: 'Gold closed at 2650.', count: 2 };

export const MESSAGES: ChatMessage[] = [
  { role: 'system', content: 'You write drafts.' },
  { role: 'user', content: 'Write about gold.' },
];

/** A budget in memory with a limit on tokens, that remembers what it was asked and told. */
export function makeLedger(limitTokens = 1_000_000): Budget & {
  reserved: { engine: string; tokens: number; costUsd: string }[];
  settled: Parameters<Budget['settle']>[];
  openCount(): number;
} {
  const open = new Map<string, number>();
  const reserved: { engine: string; tokens: number; costUsd: string }[] = [];
  const settled: Parameters<Budget['settle']>[] = [];
  let used = 0;
  return {
    reserved,
    settled,
    openCount: () => open.size,
    async reserve(most) {
      const held = [...open.values()].reduce((sum, tokens) => sum + tokens, 0);
      if (used + held + most.tokens > limitTokens) throw new AppError('budget_exhausted');
      reserved.push(most);
      const reservationId = `r${reserved.length}`;
      open.set(reservationId, most.tokens);
      return { reservationId };
    },
    async settle(reservationId, usage) {
      if (!open.delete(reservationId)) throw new Error(`settled twice: ${reservationId}`);
      used += usage.inputTokens + usage.outputTokens;
      settled.push([reservationId, usage]);
    },
  };
}

/** Time that stands still and chance that always says the same; sleeping is only written down. */
export function makePace(chance = 0.5): Pace & { sleptMs: number[] } {
  const sleptMs: number[] = [];
  return {
    sleptMs,
    now: () => 0,
    random: () => chance,
    sleep: async (delayMs, signal) => {
      signal.throwIfAborted();
      sleptMs.push(delayMs);
    },
  };
}

export const KEY = 'sk-test-1234567890abcdef';

export function makeEndpoint(
  model: FakeModel,
  { name = 'default', timeoutMs = 5_000, ...rest }: Partial<EngineEndpoint> = {},
): EngineEndpoint {
  return { name, baseUrl: model.baseUrl, apiKey: KEY, model: `model-${name}`, usdPerMtok: { in: '0.40', out: '1.60' }, timeoutMs, ...rest };
}

export interface Setup {
  model: FakeModel;
  engines: Engines;
  ledger: ReturnType<typeof makeLedger>;
  pace: ReturnType<typeof makePace>;
  calls: CallRecord[];
  ask(request?: Partial<EngineRequest<Draft>>): ReturnType<ReturnType<Engines['forStep']>['answer']>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SetupOptions {
  /** One engine per entry; the default route goes through them in order. */
  engines?: Partial<EngineEndpoint>[];
  routing?: Record<string, string[]>;
  limitTokens?: number;
  chance?: number;
  slots?: EngineSlots;
}

/** A fake model server that answers GOOD, engines on it, and everything that they report. `await using` closes it. */
export async function setUp({ engines = [{}], routing, limitTokens, chance, slots }: SetupOptions = {}): Promise<Setup> {
  const model = await startFakeModel({ answer: (request) => (request.schemaName === 'draft' ? GOOD : undefined) });
  const endpoints = engines.map((engine) => makeEndpoint(model, engine));
  const ledger = makeLedger(limitTokens);
  const pace = makePace(chance);
  const calls: CallRecord[] = [];
  const built = makeEngines({
    endpoints,
    routing: routing ?? { default: endpoints.map(({ name }) => name) },
    pace,
    ...(slots === undefined ? {} : { slots }),
    onCall: (record) => calls.push(record),
  });
  const engine = built.forStep(ledger);
  return {
    model,
    engines: built,
    ledger,
    pace,
    calls,
    ask: (request = {}) =>
      engine.answer({
        agent: 'exec',
        schemaName: 'draft',
        schema: Draft,
        messages: MESSAGES,
        maxOutputTokens: 500,
        facts: {},
        signal: new AbortController().signal,
        ...request,
      }),
    [Symbol.asyncDispose]: () => model.close(),
  };
}

/** The AppError that a promise fails with; fails itself when there is none. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof AppError) return outcome.error;
  throw new Error('expected an AppError', { cause: 'error' in outcome ? outcome.error : outcome.value });
}
