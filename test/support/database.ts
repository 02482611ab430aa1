import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blob } from 'node:stream/consumers';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/embedded/pglite.ts';
import { makePgliteTransport } from '../../src/embedded/pglite-transport.ts';
import { makeEmbeddedQueueBackend } from '../../src/embedded/queue-backend.ts';
import { readMigrations } from '../../src/store/migrations.ts';
import { type DatabaseRole, makeRpc, type Rpc, type Transport } from '../../src/store/rpc.ts';
import { makeOwnerSql, type Sql } from './owner-sql.ts';

const MIGRATIONS_DIR = new URL('../../supabase/migrations/', import.meta.url).pathname;
const CACHE_DIR = new URL('../../node_modules/.cache/dynamic-ags/', import.meta.url).pathname;
/** What else a snapshot is made of: a change in any of them makes a new one. */
const INGREDIENTS = [
  '../../src/embedded/pglite.ts',
  '../../node_modules/@electric-sql/pglite/package.json',
  '../../node_modules/bullmq/package.json',
];

const SILENT = { info: () => undefined };

export interface TestDatabase {
  db: EmbeddedDatabase;
  transport: Transport;
  rpc(role: DatabaseRole): Rpc;
  /** Statements as the owner: for arranging and for looking, past the functions and their grants. */
  sql: Sql;
  close(): Promise<void>;
}

/**
 * A migrated database of its own, in memory, with BullMQ's schema in it. Loaded from a snapshot that is made once for the migrations as
 * they are, so that a test file pays for a copy, not for a migration.
 */
export async function openTestDatabase(migrationsDir: string = MIGRATIONS_DIR): Promise<TestDatabase> {
  const snapshot = await loadSnapshot(migrationsDir);
  const db = await openEmbeddedDatabase({ storage: { memory: true, snapshot }, migrationsDir, log: SILENT });
  const transport = makePgliteTransport(db.session);
  const owner = makeOwnerSql(db);
  return {
    db,
    transport,
    rpc: (role) => makeRpc(transport, role),
    sql: owner.sql,
    async close() {
      await owner.close();
      await db.close();
    },
  };
}

async function loadSnapshot(migrationsDir: string): Promise<Blob> {
  const file = `${await toKey(migrationsDir)}.tar`;
  const path = join(CACHE_DIR, file);
  return (await readBlob(path)) ?? (await makeSnapshot(migrationsDir, file, path));
}

async function readBlob(path: string): Promise<Blob | undefined> {
  try {
    return await blob(createReadStream(path));
  } catch {
    return undefined;
  }
}

async function makeSnapshot(migrationsDir: string, file: string, path: string): Promise<Blob> {
  const db = await openEmbeddedDatabase({ storage: { memory: true }, migrationsDir, log: SILENT });
  const queue = makeEmbeddedQueueBackend(db);
  await queue.migrate();
  await queue.close();
  const snapshot = await db.dump();
  await db.close();
  await mkdir(CACHE_DIR, { recursive: true });
  // Two test processes may make the same one: whole files only, the last one wins.
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, Buffer.from(await snapshot.arrayBuffer()));
  await rename(temporary, path);
  if (migrationsDir === MIGRATIONS_DIR) await removeOthers(file);
  return snapshot;
}

/** Snapshots are 30 MB; of the real migrations only the current one is of use. */
async function removeOthers(file: string): Promise<void> {
  const others = (await readdir(CACHE_DIR)).filter((name) => name.startsWith('real-') && name.endsWith('.tar') && name !== file);
  await Promise.all(others.map((name) => rm(join(CACHE_DIR, name), { force: true })));
}

async function toKey(migrationsDir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const ingredient of INGREDIENTS) hash.update(await readFile(new URL(ingredient, import.meta.url)));
  for (const { version, name, sql } of await readMigrations(migrationsDir)) hash.update(`${version}_${name}\n${sql}\n`);
  return `${migrationsDir === MIGRATIONS_DIR ? 'real' : 'other'}-${hash.digest('hex').slice(0, 16)}`;
}
