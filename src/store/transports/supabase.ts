import { setTimeout as wait } from 'node:timers/promises';
import { createClient, PostgrestError } from '@supabase/supabase-js';
import { AppError } from '../../errors.ts';
import type { DatabaseRole, Transport } from '../rpc.ts';
import { makeRoleTokens } from './role-tokens.ts';
import { assertAnswered } from './supabase-answer.ts';
import { makeSupabaseFetch } from './supabase-fetch.ts';

export interface SupabaseTransportOptions {
  /** The project's address, such as https://abc.supabase.co. */
  url: string;
  /** A secret key (sb_secret_…) or the legacy service_role key. It opens the gateway; without role tokens it is also who calls. */
  secretKey: string;
  /** With it each call runs as exactly its role. Null: every call runs as `service_role`, which may call every exposed function. */
  jwtSecret: string | null;
  /** The roles that this process calls as; `ping` asks as the first. */
  roles: readonly [DatabaseRole, ...DatabaseRole[]];
  /** Of one request. More than the 8 s after which Supabase ends a statement. */
  timeoutMs?: number;
  fetch?: typeof fetch;
  clock?: () => Date;
  /** From 0 to below 1; given so that a test can hold it. */
  random?: () => number;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ATTEMPTS = 3;
const RETRY_BASE_MS = 100;

/**
 * Calls functions over PostgREST. There is no session and nothing refreshes itself: a token is minted when a call needs one. A request
 * that certainly did not reach the database is sent again, at most twice; of any other failure nobody knows whether the function ran.
 */
export function makeSupabaseTransport(options: SupabaseTransportOptions): Transport {
  const { roles, random = Math.random } = options;
  const send = makeSender(options);

  async function call(role: DatabaseRole, name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    if (!roles.includes(role)) throw new AppError('internal', `this process does not call as ${role}`, { context: { roles } });
    for (let attempts = 1; ; attempts += 1) {
      signal?.throwIfAborted();
      try {
        return await send(role, name, args, signal);
      } catch (thrown) {
        // A refused token is replaced once: if the new one is refused too, it was not its time.
        if (attempts >= (isTokenRefused(thrown) ? 2 : MAX_ATTEMPTS)) throw thrown;
        if (!isTokenRefused(thrown) && !isUndelivered(thrown)) throw thrown;
      }
      await wait(random() * RETRY_BASE_MS * 2 ** attempts, undefined, { signal });
    }
  }

  return {
    call,
    async ping(signal) {
      // A function and not the gateway's own health: it is the database that has to answer. Once, so that an outage shows at once.
      await send(roles[0], 'get_stop_state', {}, signal);
    },
    // Connections are those of `fetch`: idle ones end by themselves and keep no process alive.
    async close() {},
  };
}

function makeSender({ url, secretKey, jwtSecret, timeoutMs = 10_000, fetch, clock = () => new Date() }: SupabaseTransportOptions) {
  const tokens = jwtSecret === null ? null : makeRoleTokens({ jwtSecret, issuer: url, clock });
  const supabaseFetch = makeSupabaseFetch({ timeoutMs, maxAnswerBytes: MAX_ANSWER_BYTES, fetch });
  const client = createClient(url, secretKey, {
    // Turns the library's sessions off. A call's own header says who calls; without one it is the key.
    accessToken: async () => null,
    db: { retry: false },
    global: {
      fetch: async (input, init) => {
        const response = await supabaseFetch(input, init);
        await assertAnswered(response, tokens !== null);
        return response;
      },
    },
  });
  return async function send(role: DatabaseRole, name: string, args: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
    const request = client.rpc(name, toJsonArgs(args)).throwOnError();
    if (tokens !== null) request.setHeader('Authorization', `Bearer ${tokens.mint(role)}`);
    if (signal !== undefined) request.abortSignal(signal);
    const { data }: { data: unknown } = await request.then(undefined, (thrown: unknown) => {
      // Perhaps its time was over, by the clock over there.
      if (isTokenRefused(thrown)) tokens?.drop(role);
      throw toUnreadable(thrown) ?? toRoleProblem(thrown, role) ?? thrown;
    });
    return data;
  };
}

/**
 * PostgREST could not become the role. PostgreSQL has no code of its own for that: the same ones say that a function was given something
 * odd or may not be called, so that only the whole sentence tells them apart.
 */
function toRoleProblem(thrown: unknown, role: DatabaseRole): AppError | null {
  const message = thrown instanceof PostgrestError ? thrown.message : '';
  if (message !== `role "${role}" does not exist` && message !== `permission denied to set role "${role}"`) return null;
  const problem = `SUPABASE_URL: the project does not let ${role} in (${message}); run npm run migrate with MIGRATE_DATABASE_URL set to the login of its owner`;
  return new AppError('config_invalid', problem, { context: { role, problems: [problem] }, cause: thrown, retry: 'later' });
}

/** The library's only error without a code: a body that is not JSON. It puts all of it into the message, from where it would be logged. */
function toUnreadable(thrown: unknown): AppError | null {
  if (!(thrown instanceof PostgrestError) || thrown.code !== '') return null;
  return new AppError('store_unavailable', `Supabase answered with ${thrown.message.length} characters that are not JSON`);
}

function isTokenRefused(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.context.isTokenRefused === true;
}

function isUndelivered(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.context.wasDelivered === false;
}

/** JSON leaves out what is undefined and writes a moment as ISO; bytes it would write as an object of numbers. */
function toJsonArgs(args: Record<string, unknown>): Record<string, unknown> {
  const odd = Object.values(args).find((value) => typeof value === 'function' || typeof value === 'symbol' || ArrayBuffer.isView(value));
  if (odd === undefined) return args;
  throw new AppError('internal', `expected an argument that JSON can hold, got ${Object.prototype.toString.call(odd)}`);
}
