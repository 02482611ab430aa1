import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { AppError, toAppError } from '../errors.ts';
import { applyMigrations, type MigrationSession, readMigrations } from '../store/migrations.ts';
import { type DataDirLock, lockDataDir } from './data-dir-lock.ts';
import { makePgliteSession, type PgliteSession } from './pglite-session.ts';
import { tryCopyPrepared } from './prepared.ts';

export interface EmbeddedLog {
  info(fields: Record<string, unknown>, message: string): void;
}

export interface EmbeddedOptions {
  /** Where everything is kept; or nowhere, for tests, perhaps starting from a snapshot that `dump` made. */
  storage: { dataDir: string } | { memory: true; snapshot?: Blob };
  migrationsDir: string;
  log: EmbeddedLog;
  signal?: AbortSignal;
}

export interface EmbeddedDatabase {
  readonly session: PgliteSession;
  /** The whole database as a tar archive. */
  dump(): Promise<Blob>;
  /** Ends the engine in order and lets the data directory go. What was asked before is finished first. */
  close(): Promise<void>;
}

/** PGlite's share of memory is mostly buffers; our rows are few and hot. Errors are answered to the caller; its own log goes nowhere. */
const POSTGRESQL_CONF = ['shared_buffers=16MB', 'wal_buffers=256kB', 'max_wal_size=64MB', 'min_wal_size=8MB', 'log_min_messages=panic'];

/** BullMQ's SQL names nothing by schema. PGlite gives a search path on its command line, where the last one counts. Our
 * statements look rows up by key: a plan made once serves, and planning anew for each call costs more than it could save. */
const START_PARAMS = [...PGlite.defaultStartParams, '-c', 'search_path=bullmq,public', '-c', 'plan_cache_mode=force_generic_plan'];

/** Small WAL segments: a new directory is 10 MB smaller and so quicker to write, and a copy for a test is quicker to load. */
const INITDB_PARAMS = ['--wal-segsize=1', '--no-sync'];

/**
 * PostgreSQL in this process, with pgvector and all migrations applied. Every commit is written to the operating system before it is
 * answered, so that a killed process loses nothing; PGlite does not flush to the disk, so that a power cut may.
 * Throws data_dir_locked, config_invalid (the data are newer than this program), store_unavailable (they cannot be opened).
 */
export async function openEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { storage } = options;
  const lock = 'dataDir' in storage ? await lockDataDir(storage.dataDir, { signal: options.signal }) : undefined;
  try {
    const db = 'dataDir' in storage ? await openDirectory(storage.dataDir, options) : await openInMemory(storage.snapshot, options);
    return makeEmbeddedDatabase(db, lock);
  } catch (thrown) {
    await lock?.release();
    throw thrown;
  }
}

function makeEmbeddedDatabase(db: PGlite, lock: DataDirLock | undefined): EmbeddedDatabase {
  const session = makePgliteSession(db);
  const exclusively = async <T>(fn: () => Promise<T>): Promise<T> => {
    const release = await session.acquire();
    return fn().finally(release);
  };
  return {
    session,
    dump: () => exclusively(() => db.dumpDataDir('none')),
    async close() {
      if (!db.closed) await exclusively(() => db.close());
      await lock?.release();
    },
  };
}

async function openInMemory(snapshot: Blob | undefined, options: EmbeddedOptions): Promise<PGlite> {
  const db = await startEngine({ loadDataDir: snapshot });
  return migrate(db, options);
}

/**
 * Until the first start has gone through, a marker stands beside the data. A start that was killed half-way leaves it, and the next one
 * begins again: nothing could have been stored yet.
 */
async function openDirectory(dataDir: string, options: EmbeddedOptions): Promise<PGlite> {
  const data = join(dataDir, 'postgres');
  const marker = join(dataDir, 'postgres.starting');
  if (existsSync(marker)) await rm(data, { recursive: true, force: true });
  const isNew = !existsSync(data);
  if (isNew) {
    await writeFile(marker, '');
    if (!(await tryCopyPrepared(options.migrationsDir, data))) await mkdir(data, { recursive: true });
  }
  const db = await migrate(await startEngine({ dataDir: data }), options);
  if (isNew) await rm(marker, { force: true });
  return db;
}

async function startEngine(where: { dataDir?: string; loadDataDir?: Blob }): Promise<PGlite> {
  try {
    return await PGlite.create({
      ...where,
      extensions: { vector },
      postgresqlconf: POSTGRESQL_CONF,
      startParams: START_PARAMS,
      initDbStartParams: INITDB_PARAMS,
    });
  } catch (cause) {
    const { message } = toAppError(cause);
    throw new AppError('store_unavailable', `The embedded database under ${where.dataDir ?? 'memory'} cannot be opened: ${message}`, {
      cause,
    });
  }
}

async function migrate(db: PGlite, { migrationsDir, log, signal }: EmbeddedOptions): Promise<PGlite> {
  const session: MigrationSession = {
    exec: async (sql) => void (await db.exec(sql)),
    query: async (sql, values) => (await db.query<Record<string, unknown>>(sql, values)).rows,
  };
  try {
    const applied = await applyMigrations(session, { migrations: await readMigrations(migrationsDir), signal });
    if (applied.length > 0) log.info({ count: applied.length, newest: applied.at(-1)?.version }, 'migrations applied');
    return db;
  } catch (thrown) {
    await db.close();
    throw thrown;
  }
}
