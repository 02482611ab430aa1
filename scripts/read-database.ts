import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { parseMigrateUrl } from '../src/config/migrate-url.ts';
import { openEmbeddedDatabase } from '../src/embedded/pglite.ts';
import { PgliteConnection } from '../src/embedded/pglite-connection.ts';
import { AppError } from '../src/errors.ts';
import { toConnectionError } from '../src/store/connection-error.ts';
import type { ReadRows } from '../src/store/invariants.ts';
import { MIGRATIONS_DIR } from './migrate-postgres.ts';

type Env = Readonly<Record<string, string | undefined>>;

const CONNECT_TIMEOUT_MS = 15_000;
const NOT_PRIVILEGED = '42501';

/**
 * One read-only transaction over the whole database, as the owner of its tables: everything is seen as it was at one moment. Throws
 * config_invalid when there is no database to be asked or the login may not look, data_dir_locked, store_unavailable.
 */
export async function withDatabase(env: Env, fn: (read: ReadRows) => Promise<void>): Promise<void> {
  const isSet = (name: string) => (env[name] ?? '').trim() !== '';
  if (isSet('MIGRATE_DATABASE_URL') || isSet('DATABASE_URL') || isSet('SUPABASE_URL')) await withServer(env, fn);
  else await withEmbedded(resolve(env.DATA_DIR ?? '.data'), fn);
}

async function withServer(env: Env, fn: (read: ReadRows) => Promise<void>): Promise<void> {
  const { variable, url } = parseMigrateUrl(env);
  const connectionString = url.reveal();
  const client = new pg.Client({
    connectionString,
    application_name: 'dynamic-ags invariants',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  await client.connect().catch((thrown: unknown) => {
    throw toConnectionError(thrown, { variable, connectionString });
  });
  await readAsOwner(client, fn, variable).finally(() => client.end());
}

async function withEmbedded(dataDir: string, fn: (read: ReadRows) => Promise<void>): Promise<void> {
  if (!existsSync(join(dataDir, 'postgres'))) {
    throw new AppError('config_invalid', `expected DATABASE_URL to be set or a database under DATA_DIR, and ${dataDir} holds none`);
  }
  const db = await openEmbeddedDatabase({ storage: { dataDir }, migrationsDir: MIGRATIONS_DIR, log: { info: () => undefined } });
  // `connection` is an option of pg that its types leave out.
  const client = new pg.Client({ connection: new PgliteConnection(db.session) } as pg.ClientConfig);
  try {
    await client.connect();
    await readAsOwner(client, fn, 'DATA_DIR').finally(() => client.end());
  } finally {
    await db.close();
  }
}

async function readAsOwner(client: pg.Client, fn: (read: ReadRows) => Promise<void>, variable: string): Promise<void> {
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    await client.query('set local role ags_owner');
  } catch (cause) {
    const isLogin = cause instanceof pg.DatabaseError && cause.code === NOT_PRIVILEGED;
    const problem = isLogin ? 'its login may not look at every table; use the login of the owner' : 'it has no tables of this program';
    throw new AppError('config_invalid', `${variable}: ${problem}`, { cause });
  }
  await fn(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows);
  await client.query('rollback');
}
