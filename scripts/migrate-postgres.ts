import pg from 'pg';
import { AppError } from '../src/errors.ts';
import { toConnectionError } from '../src/store/connection-error.ts';
import { applyMigrations, type MigrateOptions, type Migration, readMigrations } from '../src/store/migrations.ts';

export const MIGRATIONS_DIR = new URL('../supabase/migrations/', import.meta.url).pathname;

export interface MigratePostgresOptions extends Partial<MigrateOptions> {
  /** The variable that holds the address, for the sentences. */
  variable?: string;
}

/**
 * Applies `supabase/migrations`, or what is given, to a PostgreSQL, as its owner. Throws what `applyMigrations` throws, and config_invalid or
 * store_unavailable when the connection cannot be made.
 */
export async function migratePostgres(connectionString: string, options: MigratePostgresOptions = {}): Promise<Migration[]> {
  const { variable = 'MIGRATE_DATABASE_URL', migrations = await readMigrations(MIGRATIONS_DIR), ...rest } = options;
  const client = await connect(connectionString, variable);
  try {
    const session = {
      exec: async (sql: string) => void (await client.query(sql)),
      query: async (sql: string, values?: unknown[]) => (await client.query<Record<string, unknown>>(sql, values)).rows,
    };
    return await applyMigrations(session, { migrations, ...rest });
  } catch (thrown) {
    throw nameVariable(thrown, variable);
  } finally {
    await client.end();
  }
}

/** What somebody has to change begins with the variable, as everywhere. */
function nameVariable(thrown: unknown, variable: string): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== 'config_invalid') return thrown;
  return new AppError(thrown.code, `${variable}: ${thrown.message}`, { context: thrown.context, cause: thrown });
}

const CONNECT_TIMEOUT_MS = 15_000;

async function connect(connectionString: string, variable: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: 'dynamic-ags migrate',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A lock may be waited for long, and what is between must not forget the connection meanwhile.
    keepAlive: true,
  });
  // A connection that ends while nothing is asked tells so by an event; the next statement fails and is what people read.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (thrown) {
    throw toConnectionError(thrown, { variable, connectionString });
  }
}
