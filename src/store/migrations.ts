import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { type AppliedMigration, compareMigrations, nameMigrations } from './applied-migrations.ts';
import { splitStatements } from './sql-statements.ts';

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
  /** Somebody else migrates this database; it is waited for. */
  onWaiting?: () => void;
  onApplied?: (migration: Migration) => void;
  /** The database has had migrations that this program does not know, and all of them promise to keep it running. */
  onUnknown?: (migrations: readonly AppliedMigration[]) => void;
  signal?: AbortSignal;
}

/** Any number: it only has to be the same for everybody who migrates. */
const ADVISORY_LOCK = 4_707_083;

/** Word for word what the Supabase CLI makes. */
const LEDGER = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
  alter table supabase_migrations.schema_migrations add column if not exists statements text[];
  alter table supabase_migrations.schema_migrations add column if not exists name text;`;

const RECORD = 'insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)';

/** insufficient_privilege */
const NOT_PRIVILEGED = '42501';

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
 * migrator waits for the first. Throws config_invalid when the database has had a migration that this program neither knows nor may
 * ignore, when a file was slipped in before one that has run, or when the login may not do what a file does; store_failed when a file
 * fails otherwise (it is then undone, those before it stay). Returns what was applied now.
 */
export async function applyMigrations(session: MigrationSession, options: MigrateOptions): Promise<Migration[]> {
  await lock(session, options.onWaiting);
  try {
    const pending = findPending(await openLedger(session), options);
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

async function lock(session: MigrationSession, onWaiting: (() => void) | undefined): Promise<void> {
  const [row] = await session.query('select pg_try_advisory_lock($1) as is_mine', [ADVISORY_LOCK]);
  if (row?.is_mine === true) return;
  onWaiting?.();
  await session.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
}

async function openLedger(session: MigrationSession): Promise<AppliedMigration[]> {
  try {
    if (!(await hasLedger(session))) await inTransaction(session, () => session.exec(LEDGER));
    return await listApplied(session);
  } catch (cause) {
    throw toMigrationError('The record of migrations', cause);
  }
}

/** Whole with all its columns: an older CLI made it with fewer. Asked first, because making what exists takes rights too. */
async function hasLedger(session: MigrationSession): Promise<boolean> {
  const [row] = await session.query(
    `select count(*)::int as count from pg_catalog.pg_attribute
     where attrelid = to_regclass('supabase_migrations.schema_migrations') and attname in ('version', 'name', 'statements') and not attisdropped`,
  );
  return row?.count === 3;
}

async function listApplied(session: MigrationSession): Promise<AppliedMigration[]> {
  const rows = await session.query(
    `select version, name, coalesce(statements[1] ~ '^\\s*--\\s*Running code does not break', false) as keeps
     from supabase_migrations.schema_migrations order by version`,
  );
  return rows.map(({ version, name, keeps }) => ({
    version: String(version),
    name: typeof name === 'string' ? name : null,
    keepsRunningCode: keeps === true,
  }));
}

function findPending(applied: readonly AppliedMigration[], { migrations, onUnknown }: MigrateOptions): Migration[] {
  const { missing, unknown } = compareMigrations(migrations, applied);
  refuseUnknown(unknown.filter(({ keepsRunningCode }) => !keepsRunningCode));
  if (unknown.length > 0) onUnknown?.(unknown);
  const newest = applied.at(-1)?.version;
  const late = missing.find(({ version }) => newest !== undefined && version < newest);
  if (late) {
    throw new AppError(
      'config_invalid',
      `Migration ${late.version}_${late.name} is older than ${newest}, which has run: give it a newer number`,
    );
  }
  return [...missing];
}

function refuseUnknown(unknown: readonly AppliedMigration[]): void {
  if (unknown.length === 0) return;
  const message = `The database has migrations that this version does not know (${nameMigrations(unknown)}): start the newer version, or restore a backup`;
  throw new AppError('config_invalid', message, { context: { unknown: unknown.map(({ version }) => version) } });
}

async function apply(session: MigrationSession, { version, name, sql }: Migration): Promise<void> {
  try {
    await inTransaction(session, async () => {
      await session.exec(sql);
      // A file may end as another role, which must neither write the ledger nor run the next file.
      await session.exec('reset role');
      await session.query(RECORD, [version, name, splitStatements(sql)]);
    });
  } catch (cause) {
    throw toMigrationError(`Migration ${version}_${name}${toLineText(sql, cause)}`, cause);
  }
}

/** What the login may not do is for the configuration to change, anything else for the file. */
function toMigrationError(what: string, cause: unknown): AppError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const state = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (state !== NOT_PRIVILEGED) return new AppError('store_failed', `${what} failed: ${message}`, { cause });
  const remedy = 'migrate as the owner of the database, a login that may create roles (alter role … createrole)';
  return new AppError('config_invalid', `${what} needs more rights than this login has (${message}): ${remedy}`, { cause });
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
