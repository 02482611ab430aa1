import { AppError } from '../errors.ts';
import { type AttemptContext, type AttemptResult, type CallRecord, type RoutedEngine, runAttempt } from './attempt.ts';
import type { Breakers } from './breaker.ts';
import type { Budget, ChatMessage, Engine, EngineAnswer, EngineRequest } from './engine.ts';
import { type Pace, withRetries } from './retry.ts';
import { shrinkMessages } from './shrink.ts';
import type { EngineSlots } from './slots.ts';
import { estimateMessageTokens } from './tokens.ts';
import { toWireSchema } from './wire-schema.ts';

export interface RoutedEngineOptions {
  /** Engines to try, in order. Without any the call fails with config_invalid. */
  toRoute(agent: string): RoutedEngine[];
  budget: Budget;
  pace: Pace;
  breakers: Breakers;
  slots: EngineSlots;
  onCall: (record: CallRecord) => void;
}

/** After a timeout the context gets this much smaller. */
const SMALLER = 0.5;
/** Of an answer that has to be repaired, this much is shown to the model again. */
const MAX_QUOTED_CHARACTERS = 8_000;

/**
 * Asks the engines of an agent's route. Within one engine: up to three tries while it is unavailable. Along the route: the next
 * engine when one stays unavailable or times out, then with a smaller context. In all: one repair of an answer that does not fit.
 * A refusal, a rejected request, a used-up budget and an engine without a free slot end it at once.
 */
export function makeRoutedEngine({ toRoute, budget, pace, breakers, slots, onCall }: RoutedEngineOptions): Engine {
  return {
    async answer<T>(request: EngineRequest<T>): Promise<EngineAnswer<T>> {
      const { schema, schemaName, check } = request;
      const form = { schema, wireSchema: toWireSchema(schemaName, schema), check };
      const question: Question = { messages: request.messages, repair: [] };
      return askRoute({ request, form, budget, pace, breakers, slots, onCall, usage: [] }, toRoute(request.agent), question);
    },
  };
}

interface Question {
  messages: ChatMessage[];
  /** The bad answer and what is wrong with it, once there was one. */
  repair: ChatMessage[];
}

async function askRoute<T>(context: AttemptContext<T>, route: RoutedEngine[], question: Question): Promise<EngineAnswer<T>> {
  let held: AppError | null = null;
  for (const [index, engine] of route.entries()) {
    try {
      return await askEngine(context, engine, question);
    } catch (error) {
      const isFallbackWorthy = error instanceof AppError && (error.code === 'engine_timeout' || error.code === 'engine_unavailable');
      if (!isFallbackWorthy) throw error;
      held = chooseSooner(held, error);
      if (index === route.length - 1) throw isHeld(error) ? held : error;
      if (error.code === 'engine_timeout') question.messages = shrink(question.messages);
    }
  }
  throw new AppError(
    'config_invalid',
    `No engine of the route of ${context.request.agent} is configured: set its base URL or its key, or route the agent elsewhere`,
  );
}

/** Left alone by a breaker for now, which says when it may be tried again. */
const isHeld = ({ context }: AppError): boolean => typeof context.breaker === 'string' && typeof context.retryAfterMs === 'number';

/** Of engines that are left alone, the one that may be tried first: whoever waits for the route waits for that one. */
function chooseSooner(held: AppError | null, error: AppError): AppError {
  if (held === null || !isHeld(held)) return error;
  return !isHeld(error) || Number(held.context.retryAfterMs) <= Number(error.context.retryAfterMs) ? held : error;
}

function shrink(messages: ChatMessage[]): ChatMessage[] {
  return shrinkMessages(messages, Math.ceil(estimateMessageTokens(messages) * SMALLER));
}

async function askEngine<T>(context: AttemptContext<T>, engine: RoutedEngine, question: Question): Promise<EngineAnswer<T>> {
  for (;;) {
    const isRepair = question.repair.length > 0;
    const { text, reading } = await ask(context, engine, question);
    const { name, model } = engine.endpoint;
    if (reading.isGood) return { value: reading.value, usage: context.usage, engine: name, model, isRehearsal: false };
    if (isRepair) throw toOutputError(context.request.schemaName, name, reading.problems);
    question.repair = toRepair(text, reading.problems);
  }
}

function ask<T>(context: AttemptContext<T>, engine: RoutedEngine, { messages, repair }: Question): Promise<AttemptResult<T>> {
  const { pace, request } = context;
  return withRetries(
    (attempt) => runAttempt(context, { engine, messages: [...messages, ...repair], attempt, isRepair: repair.length > 0 }),
    { pace, signal: request.signal },
  );
}

function toRepair(text: string, problems: string[]): ChatMessage[] {
  const list = problems.map((problem) => `- ${problem}`).join('\n');
  const quoted: ChatMessage[] =
    text.trim() === '' ? [] : [{ role: 'assistant', content: text.slice(0, MAX_QUOTED_CHARACTERS).toWellFormed() }];
  const ask = `That answer cannot be used:\n${list}\nAnswer again, with one JSON object that fits the schema and nothing around it.`;
  return [...quoted, { role: 'user', content: ask }];
}

function toOutputError(schemaName: string, engine: string, problems: string[]): AppError {
  const message = `The model’s answer does not have the form "${schemaName}", also after one repair`;
  return new AppError('output_invalid', message, { context: { engine, schemaName, problems } });
}
