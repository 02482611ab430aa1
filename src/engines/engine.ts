import type { z } from 'zod';
import type { Usage } from '../domain/usage.ts';

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** One question to a model, with the form that its answer must have. */
export interface EngineRequest<T> {
  /** The agent that asks; routing picks the engines by it. */
  agent: string;
  /** The JSON schema's name on the wire: `plan`, `critique`, `findings`, `draft`. */
  schemaName: string;
  schema: z.ZodType<T>;
  messages: ChatMessage[];
  /** The most that the answer may have; the reservation of the budget counts on it. */
  maxOutputTokens: number;
  /**
   * Checks what a schema cannot say. Returns the problems, none when the answer is good. They go back to the model with the one
   * repair attempt, as schema errors do.
   */
  check?: (value: T) => string[];
  /**
   * What the messages were made of, for an engine that answers by rules instead of a model. Plain data, masked like the messages.
   */
  facts: Record<string, unknown>;
  signal: AbortSignal;
}

export interface EngineAnswer<T> {
  value: T;
  /** One entry per call that was made for this answer, the repair and the fallback included. */
  usage: Usage[];
  engine: string;
  model: string;
  /** True when no AI took part. Whatever is made of the answer must say so. */
  isRehearsal: boolean;
}

/** Whoever answers an agent's questions: model servers behind routing and budgets, or the rehearsal. */
export interface Engine {
  /** Throws AppError: engine_unavailable, engine_timeout, engine_refused, engine_rejected, output_invalid, budget_exhausted, aborted. */
  answer<T>(request: EngineRequest<T>): Promise<EngineAnswer<T>>;
}

/** Where money is asked for before a call and accounted for after it. Implemented over the database; one per step. */
export interface Budget {
  /** Reserves the most that a call can cost. Throws `budget_exhausted` when task or day would go over the policy's budget. */
  reserve(most: { engine: string; tokens: number; costUsd: string }): Promise<{ reservationId: string }>;
  /** Replaces the reservation by what was used; also called, with what is known, when the call failed. */
  settle(reservationId: string, usage: Usage & { outcome: 'ok' | 'failed' }): Promise<void>;
}

/** Turns texts into vectors of one fixed length, L2-normalised. */
export interface Embedder {
  readonly dimensions: number;
  readonly name: string;
  embed(texts: string[], signal: AbortSignal): Promise<number[][]>;
}
