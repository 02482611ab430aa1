import pg from 'pg';
import type { Secret, StoreConfig } from '../config.ts';
import { listLoginWarnings } from '../store/login-check.ts';
import { readMigrations } from '../store/migrations.ts';
import { type DatabaseRole, makeRpc, type Transport } from '../store/rpc.ts';
import { checkSchemaVersion } from '../store/schema-version.ts';
import { makePostgresTransport } from '../store/transports/postgres.ts';
import type { Logger } from '../telemetry/log.ts';

export interface ServerStoreOptions {
  store: Exclude<StoreConfig, { kind: 'embedded' }>;
  /** What this process calls as, and nothing more. */
  roles: readonly [DatabaseRole, ...DatabaseRole[]];
  migrationsDir: string;
  log: Pick<Logger, 'warn'>;
  signal?: AbortSignal;
}

export interface ServerStore {
  transport: Transport;
  /** For `/status`. */
  warnings: readonly string[];
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * The store on a server: directly where DATABASE_URL says where, else through Supabase's HTTP. Throws config_invalid for what somebody
 * has to correct (a login, a key, a schema that is not this program's), store_unavailable when nobody answers.
 */
export async function openServerStore({ store, roles, migrationsDir, log, signal }: ServerStoreOptions): Promise<ServerStore> {
  const transport = await connect({ store, roles, log });
  try {
    const variable = store.databaseUrl === null ? 'SUPABASE_URL' : 'DATABASE_URL';
    const migrations = await readMigrations(migrationsDir);
    const ofSchema = await checkSchemaVersion({ rpc: makeRpc(transport, roles[0]), migrations, variable, signal });
    const ofLogin = store.databaseUrl === null ? [] : await checkLogin(store.databaseUrl.reveal(), roles);
    return { transport, warnings: [...ofSchema, ...ofLogin] };
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

/** The transport never runs as the login; this asks what the login could do if somebody else held it. */
async function checkLogin(connectionString: string, roles: readonly DatabaseRole[]): Promise<string[]> {
  const client = new pg.Client({ connectionString, application_name: 'dynamic-ags start', connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await client.connect();
  try {
    return await listLoginWarnings({ query: async (text, values) => (await client.query(text, values)).rows, roles });
  } finally {
    await client.end();
  }
}
