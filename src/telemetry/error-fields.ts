import { AppError } from '../errors.ts';

/** Deep enough for any real chain, and an end for one that runs in a circle. */
const MAX_CAUSES = 8;

/**
 * What a log line says of a thrown value: code, message, context and stack, then the same of its cause, and so on. Providers' error
 * objects carry whole requests and answers; of those nothing is taken but name, code and message.
 */
export function toErrorFields(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error))
    return typeof thrown === 'object' && thrown !== null ? { message: 'a thrown object' } : { message: String(thrown) };
  const fields: Record<string, unknown> = { type: thrown.name, message: thrown.message };
  if (thrown instanceof AppError) Object.assign(fields, { code: thrown.code, context: thrown.context, retry: thrown.retry });
  else if ('code' in thrown && (typeof thrown.code === 'string' || typeof thrown.code === 'number')) fields.code = thrown.code;
  fields.stack = thrown.stack;
  if (depth >= MAX_CAUSES) return fields;
  if (thrown.cause !== undefined) fields.cause = toErrorFields(thrown.cause, depth + 1);
  if (thrown instanceof AggregateError) fields.errors = thrown.errors.slice(0, MAX_CAUSES).map((error) => toErrorFields(error, depth + 1));
  return fields;
}
