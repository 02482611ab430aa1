import { z } from 'zod';
import { AppError, toAppError } from '../errors.ts';
import type { RoutedEngine } from './attempt.ts';
import { type Breakers, NO_BREAKERS } from './breaker.ts';
import type { Budget, ChatMessage } from './engine.ts';
import type { Pace } from './retry.ts';
import { makeRoutedEngine } from './routed-engine.ts';
import { makeEngineSlots } from './slots.ts';
import { estimateMessageTokens } from './tokens.ts';

/** What the first engine of the route is made to do: time out, or stand behind an open breaker. */
export type EngineFault = 'timeout' | 'open_breaker';

export interface FallbackTrial {
  outcome: 'ok' | 'failed' | 'skipped';
  detail: string;
}

export interface TrialOptions {
  route: RoutedEngine[];
  fault: EngineFault;
  budget: Budget;
  pace: Pace;
  breakers: Breakers;
  signal: AbortSignal;
}

const Answer = z.object({ text: z.string().min(1).max(500) });
const MAX_OUTPUT_TOKENS = 200;
/** Long enough that a smaller context has to lose some of it. */
const SOURCE = 'A line of a source that says nothing of note. '.repeat(60);
const MESSAGES: ChatMessage[] = [
  { role: 'system', content: 'You check that you can be reached.' },
  { role: 'user', content: 'Answer in one short sentence that you work.' },
  { role: 'user', content: SOURCE },
];

/**
 * Asks one small question along a route whose first engine is made to fail here, in this process alone: it is not called, not paid and not
 * counted by its breaker. Whatever follows is real, and so is its cost. Never throws, unless the signal interrupts it (`aborted`).
 */
export async function tryFallback({ route, fault, budget, pace, breakers, signal }: TrialOptions): Promise<FallbackTrial> {
  const [first, second] = route;
  if (first === undefined || second === undefined) return { outcome: 'skipped', detail: 'the default route has no second engine' };
  const asked: ChatMessage[][] = [];
  const rest = route.slice(1).map((engine) => watch(engine, asked));
  const broken = { ...first, chat: () => Promise.reject(new AppError('engine_timeout')) };
  const engine = makeRoutedEngine({
    toRoute: () => [broken, ...rest],
    budget: sparing(budget, first.endpoint.name),
    pace,
    breakers: failing(breakers, fault),
    // One call, which waits for nobody.
    slots: makeEngineSlots(),
    onCall: () => undefined,
  });
  const question = { agent: 'default', schemaName: 'fallback_check', schema: Answer, messages: MESSAGES, facts: {}, signal };
  try {
    const { engine: answered } = await engine.answer({ ...question, maxOutputTokens: MAX_OUTPUT_TOKENS });
    return judge(fault, answered, asked[0] ?? MESSAGES);
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (code === 'aborted') throw thrown;
    return { outcome: 'failed', detail: `no engine after ${first.endpoint.name} answered: ${code}` };
  }
}

function judge(fault: EngineFault, answered: string, messages: ChatMessage[]): FallbackTrial {
  const share = Math.round((100 * estimateMessageTokens(messages)) / estimateMessageTokens(MESSAGES));
  if (fault === 'open_breaker') return { outcome: 'ok', detail: `${answered} answered` };
  if (share > 60) return { outcome: 'failed', detail: `${answered} was asked with ${share} % of the context` };
  return { outcome: 'ok', detail: `${answered} answered, with ${share} % of the context` };
}

const watch = (engine: RoutedEngine, asked: ChatMessage[][]): RoutedEngine => ({
  ...engine,
  chat: (call) => {
    asked.push([...call.messages]);
    return engine.chat(call);
  },
});

/** What is not called is not paid. */
function sparing(budget: Budget, unpaid: string): Budget {
  const NOTHING = 'not called';
  return {
    reserve: (most) => (most.engine === unpaid ? Promise.resolve({ reservationId: NOTHING }) : budget.reserve(most)),
    settle: (id, usage) => (id === NOTHING ? Promise.resolve() : budget.settle(id, usage)),
  };
}

/** The first that is asked for leave is the first engine of the route. */
function failing(breakers: Breakers, fault: EngineFault): Breakers {
  let isFirst = true;
  return {
    enter(name, signal) {
      if (!isFirst) return breakers.enter(name, signal);
      isFirst = false;
      if (fault === 'timeout') return NO_BREAKERS.enter(name, signal);
      return Promise.reject(new AppError('engine_unavailable', `${name} is taken for open`, { context: { isLasting: true } }));
    },
  };
}
