import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { isRetryable, toStoreError } from './sqlstate.ts';

/** The roles that the application calls functions as; each may execute what its part of the program needs and nothing else. */
export const DATABASE_ROLES = ['ags_bot', 'ags_worker', 'ags_web', 'ags_reader'] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

/**
 * How a call reaches the database. A transport promises that the function runs under exactly the given role and in a transaction of its
 * own. It throws what its driver throws, with the SQLSTATE in `code`; the translation is made once, in `makeRpc`.
 */
export interface Transport {
  /** Answers the function's jsonb as a value, null for a function that returns void. `name` and `args` have been checked. */
  call(role: DatabaseRole, name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<unknown>;
  ping(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The single path to the database: one named function under one role. */
export interface Rpc {
  readonly role: DatabaseRole;
  /**
   * Throws AppError: what the function raised (see `sqlstate.ts`), store_unavailable, store_failed; also store_failed when the answer does
   * not fit the schema. A serialization failure or deadlock has been tried again before it is thrown.
   */
  call<T>(name: string, args: Record<string, unknown>, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>;
}

export interface RpcOptions {
  /** From 0 to below 1; given so that a test can hold it. */
  random?: () => number;
}

const MAX_ATTEMPTS = 3;
const RETRY_BASE_MS = 20;

export function makeRpc(transport: Transport, role: DatabaseRole, { random = Math.random }: RpcOptions = {}): Rpc {
  return {
    role,
    async call(name, args, schema, signal) {
      assertNames(name, args);
      const answer = await callWithRetry(() => transport.call(role, name, args, signal), { name, role, random, signal });
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(answer)'}: ${issue.message}`);
      throw new AppError('store_failed', `${name} answered in a form that was not expected: ${issues.slice(0, 5).join('; ')}`, {
        context: { function: name, role },
        cause: parsed.error,
      });
    },
  };
}

function assertNames(name: string, args: Record<string, unknown>): void {
  if (!/^[a-z_]+$/.test(name)) throw new AppError('internal', `expected a function name of a–z and _, got ${JSON.stringify(name)}`);
  const wrong = Object.keys(args).find((key) => !/^p_[a-z_]+$/.test(key));
  if (wrong !== undefined) throw new AppError('internal', `expected arguments of ${name} to be named p_…, got ${JSON.stringify(wrong)}`);
}

interface Attempting {
  name: string;
  role: DatabaseRole;
  random: () => number;
  signal: AbortSignal | undefined;
}

/** The database rolled the whole call back, so that doing it again is the same call: only then is it repeated. */
async function callWithRetry(attempt: () => Promise<unknown>, { name, role, random, signal }: Attempting): Promise<unknown> {
  for (let attempts = 1; ; attempts += 1) {
    if (signal?.aborted) throw new AppError('aborted', `${name} was not called: interrupted`, { context: { function: name, role } });
    try {
      return await attempt();
    } catch (thrown) {
      if (signal?.aborted) throw new AppError('aborted', `${name} was interrupted`, { context: { function: name, role }, cause: thrown });
      if (!isRetryable(thrown) || attempts === MAX_ATTEMPTS) throw toStoreError(thrown, { function: name, role, attempts });
    }
    await waitMs(random() * RETRY_BASE_MS * 2 ** attempts, signal);
  }
}

function waitMs(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const onDone = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onDone);
      resolve();
    };
    const timer = setTimeout(onDone, delayMs);
    signal?.addEventListener('abort', onDone, { once: true });
  });
}
