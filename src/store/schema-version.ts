import { z } from 'zod';
import { AppError, toAppError } from '../errors.ts';
import { type AppliedMigration, compareMigrations, nameMigrations } from './applied-migrations.ts';
import type { Migration } from './migrations.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

const AppliedMigrations = z.array(fromSnake({ version: z.string(), name: z.string().nullable(), keepsRunningCode: z.boolean() }));

export interface SchemaVersionCheck {
  rpc: Rpc;
  /** The program's own, as `readMigrations` gives them. */
  migrations: readonly Migration[];
  /** The variable that names the database, for the sentences: `DATABASE_URL` or `SUPABASE_URL`. */
  variable: string;
  signal?: AbortSignal;
}

/** undefined_function; and invalid_parameter_value, which is PostgREST's answer where the role of a token does not exist either. */
const NO_MIGRATIONS: readonly unknown[] = ['42883', '22023'];

const REMEDY = 'run npm run migrate with MIGRATE_DATABASE_URL set to the login of its owner';

/**
 * Compares the database with the program's migrations, once, when a process starts; processes that run are not asked again. Answers with
 * warnings for `/status`. Throws config_invalid when the database has no migrations, lacks one, or has had one that this program neither
 * knows nor may ignore; store_unavailable when it does not answer. Any role may ask.
 */
export async function checkSchemaVersion({ rpc, migrations, variable, signal }: SchemaVersionCheck): Promise<readonly string[]> {
  const { missing, unknown } = compareMigrations(migrations, await loadApplied(rpc, variable, signal));
  const breaking = unknown.filter(({ keepsRunningCode }) => !keepsRunningCode);
  if (breaking.length > 0) {
    refuse(
      `${variable}: this program is older than its database, which has had ${nameMigrations(breaking)}; deploy the newer version`,
      breaking,
    );
  }
  if (missing.length > 0) {
    refuse(`${variable}: the database lacks migrations of this program (${nameMigrations(missing)}); ${REMEDY}`, missing);
  }
  if (unknown.length === 0) return [];
  return [`The database is newer than this program (${nameMigrations(unknown)}), which goes on working with it; deploy the newer version.`];
}

async function loadApplied(rpc: Rpc, variable: string, signal?: AbortSignal): Promise<AppliedMigration[]> {
  try {
    return await rpc.call('list_applied_migrations', {}, AppliedMigrations, signal);
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!NO_MIGRATIONS.includes(error.context.sqlstate)) throw error;
    throw new AppError('config_invalid', `${variable}: the database has no migrations of this program; ${REMEDY}`, { cause: error });
  }
}

function refuse(message: string, migrations: readonly { version: string }[]): never {
  throw new AppError('config_invalid', message, { context: { versions: migrations.map(({ version }) => version) } });
}
