import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';

export interface Migration {
  /** The file's timestamp, for example `20261122100000`. */
  version: string;
  name: string;
  sql: string;
}

/** One session with the database, as the owner. Both pg and PGlite have this shape behind a line of code. */
export interface MigrationSession {
  /** Runs several statements, without parameters. */
  exec(sql: string): Promise<void>;
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
}

export interface MigrateOptions {
  migrations: readonly Migration[];
  /** Makes what Supabase has and a plain PostgreSQL lacks; run when it is missing. */
  bootstrapSql: string;
  onApplied?: (migration: Migration) => void;
  signal?: AbortSignal;
}

/** Any number: it only has to be the same for everybody who migrates. */
const ADVISORY_LOCK = 4_707_083;

const LEDGER = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);`;

export async function readMigrations(dir: string): Promise<Migration[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(files.map(async (file) => ({ ...parseFileName(file), sql: await readFile(join(dir, file), 'utf8') })));
}

function parseFileName(file: string): { version: string; name: string } {
  const [, version, name] = /^(\d{14})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
  if (version === undefined || name === undefined) {
    throw new AppError('config_invalid', `expected a migration to be named <14 digits>_<name>.sql, got ${file}`);
  }
  return { version, name };
}

/**
 * Brings the database up to the migrations given and records them as the Supabase CLI does. Each file is one transaction; a second
 * migrator waits for the first. Throws config_invalid when the database is ahead of this program or a file was slipped in before one
 * that has run, store_failed when a file fails (it is then undone, those before it stay). Returns what was applied now.
 */
export async function applyMigrations(session: MigrationSession, options: MigrateOptions): Promise<Migration[]> {
  await session.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
  try {
    await bootstrap(session, options.bootstrapSql);
    await session.exec(LEDGER);
    const pending = findPending(options.migrations, await listApplied(session));
    for (const migration of pending) {
      if (options.signal?.aborted) throw new AppError('aborted', `stopped before migration ${migration.version}`);
      await apply(session, migration);
      options.onApplied?.(migration);
    }
    return pending;
  } finally {
    await session.query('select pg_advisory_unlock($1)', [ADVISORY_LOCK]);
  }
}

async function bootstrap(session: MigrationSession, bootstrapSql: string): Promise<void> {
  const [row] = await session.query(
    `select to_regrole('anon') is not null and to_regrole('authenticated') is not null and to_regrole('service_role') is not null
       and to_regnamespace('extensions') is not null as is_there`,
  );
  if (row?.is_there !== true) await inTransaction(session, () => session.exec(bootstrapSql));
}

async function listApplied(session: MigrationSession): Promise<string[]> {
  const rows = await session.query('select version from supabase_migrations.schema_migrations order by version');
  return rows.map((row) => String(row.version));
}

function findPending(migrations: readonly Migration[], applied: readonly string[]): Migration[] {
  const known = new Set(migrations.map(({ version }) => version));
  const unknown = applied.filter((version) => !known.has(version));
  if (unknown.length > 0) {
    const message = `The database has migrations that this version does not know (${unknown.join(', ')}): start the newer version, or restore a backup`;
    throw new AppError('config_invalid', message, { context: { unknown } });
  }
  const done = new Set(applied);
  const pending = migrations.filter(({ version }) => !done.has(version));
  const newest = applied.at(-1);
  const late = pending.find(({ version }) => newest !== undefined && version < newest);
  if (late) {
    throw new AppError(
      'config_invalid',
      `Migration ${late.version}_${late.name} is older than ${newest}, which has run: give it a newer number`,
    );
  }
  return pending;
}

async function apply(session: MigrationSession, { version, name, sql }: Migration): Promise<void> {
  try {
    await inTransaction(session, async () => {
      await session.exec(sql);
      // A file may end as another role, which must neither write the ledger nor run the next file.
      await session.exec('reset role');
      await session.query('insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, array[$2], $3)', [
        version,
        sql,
        name,
      ]);
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('store_failed', `Migration ${version}_${name}${toLineText(sql, cause)} failed: ${message}`, { cause });
  }
}

/** The search path is set here because the session's own may begin with another schema, where unqualified names must not land. */
async function inTransaction(session: MigrationSession, fn: () => Promise<void>): Promise<void> {
  await session.exec('begin; set local search_path = public, extensions');
  try {
    await fn();
    await session.exec('commit');
  } catch (thrown) {
    await session.exec('rollback; reset role');
    throw thrown;
  }
}

function toLineText(sql: string, thrown: unknown): string {
  const position = typeof thrown === 'object' && thrown !== null && 'position' in thrown ? Number(thrown.position) : Number.NaN;
  return Number.isInteger(position) ? ` (line ${sql.slice(0, position).split('\n').length})` : '';
}
