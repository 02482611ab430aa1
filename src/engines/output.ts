import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { parseStrictJson } from './strict-json.ts';
import { findUnknownKeys, type WireSchema } from './wire-schema.ts';

/** More than any agent may say; the artifact limits lie far below. */
export const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_PROBLEMS = 20;
const MAX_PROBLEM_CHARACTERS = 300;

/** What an answer must be, as zod, as sent over the wire, and beyond both. */
export interface AnswerForm<T> {
  schema: z.ZodType<T>;
  wireSchema: WireSchema;
  check?: (value: T) => string[];
}

export type Reading<T> = { isGood: true; value: T } | { isGood: false; problems: string[] };

/**
 * Reads a model's answer: size, JSON without doubt, no unknown keys, the schema, then what the schema cannot say. The problems are
 * sentences for the model, to go into the one repair attempt.
 */
export function readAnswer<T>(text: string, { schema, wireSchema, check }: AnswerForm<T>): Reading<T> {
  if (Buffer.byteLength(text) > MAX_ANSWER_BYTES) return bad([`the answer is larger than ${MAX_ANSWER_BYTES} bytes`]);
  if (text.trim() === '') return bad(['the answer is empty']);
  const parsed = tryParse(text);
  if (!parsed.isGood) return parsed;
  const unknownKeys = findUnknownKeys(parsed.value, wireSchema);
  if (unknownKeys.length > 0) return bad(unknownKeys.map((key) => `${key}: unknown key`));
  const result = schema.safeParse(parsed.value);
  if (!result.success) return bad(result.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'answer'}: ${issue.message}`));
  const problems = check?.(result.data) ?? [];
  return problems.length === 0 ? { isGood: true, value: result.data } : bad(problems);
}

function tryParse(text: string): Reading<unknown> {
  try {
    return { isGood: true, value: parseStrictJson(unfence(text.trim())) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'output_invalid') return bad([error.message]);
    throw error;
  }
}

/**
 * Takes off one code fence when it holds the whole answer: servers that ignore `response_format` do that, and nothing is left to
 * choose. Prose around it, or a second block, stays and is refused.
 */
function unfence(text: string): string {
  const match = /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```$/.exec(text);
  return match?.[1] ?? text;
}

function bad(problems: string[]): { isGood: false; problems: string[] } {
  return { isGood: false, problems: problems.slice(0, MAX_PROBLEMS).map((problem) => problem.slice(0, MAX_PROBLEM_CHARACTERS)) };
}
