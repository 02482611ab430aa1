import pg from 'pg';
import { AppError } from '../../errors.ts';
import { assertRole, type Connecting, toConnectionError } from '../connection-error.ts';
import type { DatabaseRole, Transport } from '../rpc.ts';
import { CALL_TIMEOUT_MS, KEEP_ALIVE_AFTER_MS } from './patience.ts';
import { makeSqlCall, parseSqlResult } from './sql-call.ts';

export interface PostgresTransportOptions {
  /** A direct connection or a session pooler; the login may become each of the roles, and better nothing more. */
  connectionString: string;
  /** The variable that holds the address, for the sentences. */
  variable?: string;
  /** The roles that this process calls as. Each gets a pool of its own; `ping` asks as the first. */
  roles: readonly [DatabaseRole, ...DatabaseRole[]];
  maxConnectionsPerRole?: number;
  connectTimeoutMs?: number;
  /** Of one call. What has its own time keeps it. */
  callTimeoutMs?: number;
  /** A connection broke while nobody used it. The pool replaces it; this is for the log. */
  onIdleError?: (error: Error, role: DatabaseRole) => void;
}

/** These take longer the more has been written. */
const LONG_CALL_MS = 120_000;
const LONG_CALLS: ReadonlySet<string> = new Set([
  'list_audit_ranges',
  'verify_audit_range',
  'verify_audit_anchors',
  'verify_audit_chain',
  'make_anchor',
  'simulate_policy',
]);

interface RowResult {
  rows: { result: string | null }[];
}

/** A new connection compiles every function anew, which takes longer than a hundred calls. */
const IDLE_TIMEOUT_MS = 5 * 60_000;

/** Answers come as text and are parsed once, in the same way for every transport. */
const AS_TEXT = { getTypeParser: () => (text: unknown) => text };

/**
 * Calls functions over PostgreSQL itself. The role is a startup parameter of the connection, so that no statement ever runs as the login;
 * every new connection is asked whether it took it. Statements are prepared by name, once per connection.
 * Throws config_invalid for a login, a role or a pooler that somebody has to correct, store_unavailable when nobody answers.
 */
export function makePostgresTransport(options: PostgresTransportOptions): Transport {
  const pools = new Map(options.roles.map((role) => [role, makePool(role, options)]));
  const names = new Map<string, string>();
  const toName = (text: string): string => {
    // A counter, because PostgreSQL tells names apart by their first 63 bytes only.
    const name = names.get(text) ?? `ags_${names.size}`;
    names.set(text, name);
    return name;
  };
  const poolOf = (role: DatabaseRole): RolePool => {
    const pool = pools.get(role);
    if (!pool) throw new AppError('internal', `this process has no connections as ${role}`, { context: { roles: options.roles } });
    return pool;
  };
  return {
    async call(role, name, args, signal) {
      const { text, values } = makeSqlCall(name, args);
      const { rows }: RowResult = await runQuery(poolOf(role), { name: toName(text), text, values, ...toOwnTime(name) }, signal);
      return parseSqlResult(rows[0]?.result);
    },
    async ping(signal) {
      await runQuery(poolOf(options.roles[0]), { text: 'select 1' }, signal);
    },
    async close() {
      await Promise.all([...pools.values()].map(({ pool }) => pool.end()));
    },
  };
}

/** `query_timeout` is an option of a query that pg's types leave out. */
const toOwnTime = (name: string): { query_timeout?: number } => (LONG_CALLS.has(name) ? { query_timeout: LONG_CALL_MS } : {});

interface RolePool {
  pool: pg.Pool;
  connecting: Required<Connecting>;
}

function makePool(role: DatabaseRole, options: PostgresTransportOptions): RolePool {
  const { connectionString, variable = 'DATABASE_URL', maxConnectionsPerRole = 10, onIdleError } = options;
  const { connectTimeoutMs = 5000, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const connecting = { connectionString, variable, role };
  const pool = new pg.Pool({
    connectionString,
    // The functions' statements name rows by their keys: one plan fits all values, and making five first costs as much as using them.
    options: `-c role=${role} -c plan_cache_mode=force_generic_plan`,
    application_name: `dynamic-ags ${role}`,
    max: maxConnectionsPerRole,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: callTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: AS_TEXT,
    onConnect: (client) => assertRole(client, connecting),
  });
  pool.on('error', (error) => onIdleError?.(error, role));
  return { pool, connecting };
}

/**
 * An interrupted caller is answered at once. Its connection is closed, as nobody would read the answer; whether the function still ran is
 * not known, which its idempotency makes harmless. The same holds for a call whose time is over.
 */
async function runQuery(pool: RolePool, query: pg.QueryConfig, signal?: AbortSignal): Promise<pg.QueryResult> {
  signal?.throwIfAborted();
  const client = await connect(pool);
  // The pool listens to idle clients only. One in hand whose connection ends tells its query and then says so once more, as an event
  // that would end the process if nobody listened.
  client.on('error', ignoreRepeated);
  const interrupted = Promise.withResolvers<never>();
  const onAbort = () => interrupted.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  let isReusable = false;
  try {
    signal?.throwIfAborted();
    const result = await Promise.race([client.query(query), interrupted.promise]);
    isReusable = true;
    return result;
  } catch (thrown) {
    isReusable = thrown instanceof pg.DatabaseError && !isConnectionLost(thrown);
    throw toUnavailable(thrown, signal);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (isReusable) client.off('error', ignoreRepeated);
    client.release(!isReusable);
  }
}

function ignoreRepeated(): void {}

async function connect({ pool, connecting }: RolePool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (thrown) {
    throw toConnectionError(thrown, connecting);
  }
}

/** Also one to a server that only reads: the next connection may lead to the one that took its place. */
function isConnectionLost({ code = '' }: pg.DatabaseError): boolean {
  return code.startsWith('08') || code.startsWith('57P') || code === '25006';
}

/** What is not an answer of the server is a connection that broke; pg gives no code for most of these. */
function toUnavailable(thrown: unknown, signal?: AbortSignal): unknown {
  if (thrown instanceof pg.DatabaseError || signal?.aborted) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('store_unavailable', `PostgreSQL does not answer: ${message}`, { cause: thrown });
}
