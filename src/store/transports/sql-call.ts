import { AppError } from '../../errors.ts';

/** One call of a function as a statement with parameters, for the transports that speak SQL themselves. */
export interface SqlCall {
  text: string;
  values: (string | null)[];
}

/** Writes `select public.fn(p_a => $1, …) as result`. `name` and the keys of `args` have been checked by `makeRpc`: they are spliced in. */
export function makeSqlCall(name: string, args: Record<string, unknown>): SqlCall {
  const keys = Object.keys(args).filter((key) => args[key] !== undefined);
  const parameters = keys.map((key, index) => `${key} => $${index + 1}`);
  return { text: `select public.${name}(${parameters.join(', ')}) as result`, values: keys.map((key) => toSqlText(args[key])) };
}

/** Objects and arrays are jsonb; PostgreSQL infers every type from the function, of which there is only one by that name. */
function toSqlText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && !ArrayBuffer.isView(value)) return JSON.stringify(value);
  throw new AppError('internal', `expected an argument that JSON can hold, got ${Object.prototype.toString.call(value)}`);
}

/** A function that returns void answers with the empty text, which is never jsonb. */
export function parseSqlResult(text: string | null | undefined): unknown {
  if (text === null || text === undefined || text === '') return null;
  const value: unknown = JSON.parse(text);
  return value;
}
