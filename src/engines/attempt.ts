import type { Usage } from '../domain/usage.ts';
import { type AppError, type ErrorCode, toAppError } from '../errors.ts';
import type { Breakers, CallEnd, FailedCall } from './breaker.ts';
import type { Chat, ChatReply } from './chat.ts';
import type { EngineEndpoint, ServerAnswer } from './client.ts';
import { toCostUsd } from './cost.ts';
import type { Budget, ChatMessage, EngineRequest } from './engine.ts';
import { type AnswerForm, type Reading, readAnswer } from './output.ts';
import type { Pace } from './retry.ts';
import type { EngineSlots } from './slots.ts';
import { estimateMessageTokens, estimateTokens } from './tokens.ts';

/** One call to a model server, as metrics and logs see it. Ids and numbers only. */
export interface CallRecord extends Usage {
  agent: string;
  schemaName: string;
  /** Counts the tries of one question on one engine, from 1. */
  attempt: number;
  isRepair: boolean;
  outcome: 'ok' | ErrorCode;
}

export interface RoutedEngine {
  endpoint: EngineEndpoint;
  chat: Chat;
}

export interface AttemptContext<T> {
  request: EngineRequest<T>;
  form: AnswerForm<T>;
  budget: Budget;
  pace: Pace;
  breakers: Breakers;
  slots: EngineSlots;
  onCall: (record: CallRecord) => void;
  /** Grows by one entry per call, whatever became of it. */
  usage: Usage[];
}

export interface Attempt {
  engine: RoutedEngine;
  messages: ChatMessage[];
  attempt: number;
  isRepair: boolean;
}

/** A good or bad answer, with its text for the repair. */
export type AttemptResult<T> = { text: string; reading: Reading<T> };

/** Waits for a slot of the engine, which it holds as long as the call is under way. Throws what `EngineSlots` and the call throw. */
export async function runAttempt<T>(context: AttemptContext<T>, attempt: Attempt): Promise<AttemptResult<T>> {
  const giveBack = await context.slots.enter(attempt.engine.endpoint.name, context.request.signal);
  try {
    return await callEngine(context, attempt);
  } finally {
    giveBack();
  }
}

/** Reserves the most that the call can cost, calls, reads, settles what it did cost. A budget that says no stops it before any call. */
async function callEngine<T>(context: AttemptContext<T>, attempt: Attempt): Promise<AttemptResult<T>> {
  const { request, form, budget, pace, breakers } = context;
  const { engine, messages } = attempt;
  const estimate = estimateMessageTokens(messages) + estimateTokens(JSON.stringify(form.wireSchema));
  const { name, usdPerMtok } = engine.endpoint;
  const most = { input: estimate, output: request.maxOutputTokens };
  const leave = await breakers.enter(toBreakerName(name), request.signal);
  const asked = { engine: name, tokens: most.input + most.output, costUsd: toCostUsd(most, usdPerMtok) };
  const reservation = await budget.reserve(asked).catch(async (thrown: unknown) => {
    await leave.report(null);
    throw thrown;
  });
  const startedAt = pace.now();
  const account = (tokens: { input: number; output: number }, outcome: 'ok' | ErrorCode): Promise<void> =>
    settle(context, attempt, { reservationId: reservation.reservationId, tokens, latencyMs: pace.now() - startedAt, outcome });
  let reply: ChatReply;
  let answer: ServerAnswer | null = null;
  try {
    const { schemaName, maxOutputTokens, signal } = request;
    const onAnswer = (heard: ServerAnswer): void => {
      answer = heard;
    };
    reply = await engine.chat({ schemaName, wireSchema: form.wireSchema, messages, maxOutputTokens, onAnswer, signal });
  } catch (thrown) {
    const error = toAppError(thrown);
    await leave.report(toCallEnd(error));
    if (isOfTheTool(error)) await leave.keep(toFailedCall(context, attempt, { error, elapsedMs: pace.now() - startedAt, answer }));
    await account(toSpentTokens(error, most), error.code);
    if (error.code === 'output_invalid') return { text: '', reading: { isGood: false, problems: [error.message] } };
    throw error;
  }
  await leave.report({ isOk: true });
  const reading = readReply(reply, form, request.maxOutputTokens);
  const tokens = { input: reply.inputTokens ?? estimate, output: reply.outputTokens ?? estimateTokens(reply.text) };
  await account(tokens, reading.isGood ? 'ok' : 'output_invalid');
  return { text: reply.text, reading };
}

const toBreakerName = (engine: string): string => `engine:${engine.toLowerCase()}`;

/** Any answer shows that the server works, also one that says no; what we gave up ourselves shows nothing. */
function toCallEnd(error: AppError): CallEnd | null {
  if (error.code === 'aborted') return null;
  return error.code === 'engine_unavailable' || error.code === 'engine_timeout' ? { isOk: false, error } : { isOk: true };
}

/** What we gave up ourselves says nothing about the tool, and what the model would not answer is no failure. */
const isOfTheTool = ({ code }: AppError): boolean => code !== 'aborted' && code !== 'engine_refused';

function toFailedCall<T>(
  { request }: AttemptContext<T>,
  { engine, messages, attempt, isRepair }: Attempt,
  { error, elapsedMs, answer }: { error: AppError; elapsedMs: number; answer: ServerAnswer | null },
): FailedCall {
  const { agent, schemaName, maxOutputTokens } = request;
  return {
    error,
    elapsedMs,
    request: { model: engine.endpoint.model, agent, schemaName, maxOutputTokens, attempt, isRepair, messages },
    answer: answer === null ? null : { status: answer.status, text: new TextDecoder().decode(answer.body) },
  };
}

function readReply<T>(reply: ChatReply, form: AnswerForm<T>, maxOutputTokens: number): Reading<T> {
  // Even if it happens to parse: what the server cut off is not the whole answer.
  if (reply.isCutOff) return { isGood: false, problems: [`the answer was cut off at ${maxOutputTokens} tokens; answer shorter`] };
  return readAnswer(reply.text, form);
}

/**
 * What a failed call used, as far as is known: a refusal says so itself; a call that was answered with an error or never connected
 * cost nothing; one that was abandoned had sent its input; an answer that was too large to read is charged in full.
 */
function toSpentTokens(error: AppError, most: { input: number; output: number }): { input: number; output: number } {
  if (error.code === 'output_invalid') return most;
  if (error.code === 'engine_timeout' || error.code === 'aborted') return { input: most.input, output: 0 };
  if (error.code !== 'engine_refused') return { input: 0, output: 0 };
  const { inputTokens, outputTokens } = error.context;
  return { input: typeof inputTokens === 'number' ? inputTokens : most.input, output: typeof outputTokens === 'number' ? outputTokens : 0 };
}

interface Settlement {
  reservationId: string;
  tokens: { input: number; output: number };
  latencyMs: number;
  outcome: 'ok' | ErrorCode;
}

async function settle<T>(context: AttemptContext<T>, { engine, attempt, isRepair }: Attempt, settlement: Settlement): Promise<void> {
  const { tokens, latencyMs, outcome, reservationId } = settlement;
  const { name, model, usdPerMtok } = engine.endpoint;
  const costUsd = toCostUsd(tokens, usdPerMtok);
  const usage: Usage = { engine: name, model, inputTokens: tokens.input, outputTokens: tokens.output, costUsd, latencyMs };
  context.usage.push(usage);
  const { agent, schemaName } = context.request;
  context.onCall({ ...usage, agent, schemaName, attempt, isRepair, outcome });
  await context.budget.settle(reservationId, { ...usage, outcome: outcome === 'ok' ? 'ok' : 'failed' });
}
