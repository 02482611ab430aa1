import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Secret, StoreConfig } from '../config.ts';
import { AppError, toAppError } from '../errors.ts';
import { toConnectionError } from '../store/connection-error.ts';
import { listLoginWarnings } from '../store/login-check.ts';
import { readMigrations } from '../store/migrations.ts';
import { type DatabaseRole, makeRpc, type Transport } from '../store/rpc.ts';
import { checkSchemaVersion } from '../store/schema-version.ts';
import { makePostgresTransport } from '../store/transports/postgres.ts';
import type { Logger } from '../telemetry/log.ts';
import { judgePostgres, POSTGRES_FACTS, type PostgresFacts, UNREAD_POSTGRES } from './postgres-safety.ts';

export interface ServerStoreOptions {
  store: Exclude<StoreConfig, { kind: 'embedded' }>;
  /** AGS_ALLOW_UNSAFE_POSTGRES: what would be refused is only warned of. */
  isUnsafeAllowed?: boolean;
  /** What this process calls as, and nothing more. */
  roles: readonly [DatabaseRole, ...DatabaseRole[]];
  migrationsDir: string;
  log: Pick<Logger, 'warn'>;
  /** Ends a start that waits. */
  signal?: AbortSignal;
  /** How long a server that does not answer is waited for. */
  patienceMs?: number;
}

export interface ServerStore {
  transport: Transport;
  /** For `/status`. */
  warnings: readonly string[];
}

const CONNECT_TIMEOUT_MS = 5_000;
/** The platform may start the database together with this program. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 1_000;

/**
 * The store on a server: directly where DATABASE_URL says where, else through Supabase's HTTP. Throws config_invalid for what somebody
 * has to correct (a login, a key, a schema that is not this program's), store_unavailable when it did not answer in time, aborted.
 */
export async function openServerStore(options: ServerStoreOptions): Promise<ServerStore> {
  const { log, signal, patienceMs = PATIENCE_MS } = options;
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await tryOpen(options);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code !== 'store_unavailable' || performance.now() + PAUSE_MS > deadlineMs) throw error;
      log.warn({ problem: error.message }, 'waiting for the database');
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {
      throw new AppError('aborted', 'waiting for the database was interrupted');
    });
  }
}

async function tryOpen({ store, isUnsafeAllowed = false, roles, migrationsDir, log, signal }: ServerStoreOptions): Promise<ServerStore> {
  const transport = await connect({ store, roles, log });
  try {
    const variable = store.databaseUrl === null ? 'SUPABASE_URL' : 'DATABASE_URL';
    const migrations = await readMigrations(migrationsDir);
    // As each of its roles: one that the login may not become is better known now than with a task in hand.
    const check = (role: DatabaseRole) => checkSchemaVersion({ rpc: makeRpc(transport, role), migrations, variable, signal });
    const [ofSchema = []] = await Promise.all(roles.map(check));
    const ofServer =
      store.databaseUrl === null ? [UNREAD_POSTGRES] : await checkServer(store.databaseUrl.reveal(), { roles, isUnsafeAllowed });
    return { transport, warnings: [...ofSchema, ...ofServer] };
  } catch (thrown) {
    await transport.close();
    throw thrown;
  }
}

async function connect({ store, roles, log }: Pick<ServerStoreOptions, 'store' | 'roles' | 'log'>): Promise<Transport> {
  const onIdleError = (err: Error, role: DatabaseRole) => log.warn({ err, role }, 'database connection lost');
  const direct = (databaseUrl: Secret) => makePostgresTransport({ connectionString: databaseUrl.reveal(), roles, onIdleError });
  if (store.kind === 'postgres') return direct(store.databaseUrl);
  if (store.databaseUrl !== null) return direct(store.databaseUrl);
  // The library is large; who connects directly never loads it.
  const { makeSupabaseTransport } = await import('../store/transports/supabase.ts');
  const { url, secretKey, jwtSecret } = store;
  return makeSupabaseTransport({ url, secretKey: secretKey.reveal(), jwtSecret: jwtSecret?.reveal() ?? null, roles });
}

/**
 * Asks as the login itself, which the transport never runs as: whether the server keeps what it confirms, and what the login could do if
 * somebody else held it.
 */
async function checkServer(connectionString: string, { roles, isUnsafeAllowed }: CheckOptions): Promise<string[]> {
  const client = new pg.Client({
    connectionString,
    application_name: 'dynamic-ags start',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  try {
    await client.connect();
  } catch (thrown) {
    throw toConnectionError(thrown, { variable: 'DATABASE_URL', connectionString });
  }
  try {
    const ofSettings = await checkSettings(client, isUnsafeAllowed);
    return [...ofSettings, ...(await listLoginWarnings({ query: async (text, values) => (await client.query(text, values)).rows, roles }))];
  } catch (thrown) {
    throw toConnectionError(thrown, { variable: 'DATABASE_URL', connectionString });
  } finally {
    await client.end();
  }
}

interface CheckOptions {
  roles: readonly DatabaseRole[];
  isUnsafeAllowed: boolean;
}

/** Throws config_invalid for a server that loses data. */
async function checkSettings(client: pg.Client, isUnsafeAllowed: boolean): Promise<string[]> {
  const { rows } = await client.query<PostgresFacts>(POSTGRES_FACTS);
  const facts = rows[0] ?? { fsync: null, full_page_writes: null, synchronous_commit: null };
  const { problems, warnings } = judgePostgres(facts, 'DATABASE_URL');
  if (problems.length === 0) return [...warnings];
  if (!isUnsafeAllowed) throw new AppError('config_invalid', 'PostgreSQL cannot be used as it is', { context: { problems } });
  return [...problems.map((problem) => `AGS_ALLOW_UNSAFE_POSTGRES accepts what production must not: ${problem}`), ...warnings];
}
