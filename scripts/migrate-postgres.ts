import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { applyMigrations, type Migration, readMigrations } from '../src/store/migrations.ts';

export const MIGRATIONS_DIR = new URL('../supabase/migrations/', import.meta.url).pathname;
const BOOTSTRAP_FILE = new URL('../src/embedded/bootstrap.sql', import.meta.url);

/** Applies `supabase/migrations` to a PostgreSQL, as its owner. */
export async function migratePostgres(connectionString: string, onApplied?: (migration: Migration) => void): Promise<Migration[]> {
  const client = new pg.Client({ connectionString, application_name: 'dynamic-ags migrate' });
  await client.connect();
  try {
    const [migrations, bootstrapSql] = await Promise.all([readMigrations(MIGRATIONS_DIR), readFile(BOOTSTRAP_FILE, 'utf8')]);
    const session = {
      exec: async (sql: string) => void (await client.query(sql)),
      query: async (sql: string, values?: unknown[]) => (await client.query<Record<string, unknown>>(sql, values)).rows,
    };
    return await applyMigrations(session, { migrations, bootstrapSql, onApplied });
  } finally {
    await client.end();
  }
}
