import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE_DIR = fileURLToPath(new URL('../../node_modules/.cache/dynamic-ags/', import.meta.url));

/** What a prepared database is made of: a change in any of them makes the prepared one useless. */
const INGREDIENTS = ['./pglite.ts', '../../node_modules/@electric-sql/pglite/package.json', '../../node_modules/bullmq/package.json'];

/**
 * A migrated, empty data directory that `npm ci` leaves behind. Making one takes PostgreSQL in WebAssembly some seconds; copying one takes a
 * fraction of a second. Nothing depends on it: without it a new directory is made in place.
 */
export async function toPreparedDir(migrationsDir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const ingredient of INGREDIENTS) hash.update(await readFile(new URL(ingredient, import.meta.url)));
  for (const name of (await readdir(migrationsDir)).sort()) hash.update(name).update(await readFile(join(migrationsDir, name)));
  return join(CACHE_DIR, `prepared-${hash.digest('hex').slice(0, 16)}`);
}

/** Copies the prepared database to a new place; false when there is none for these migrations. */
export async function tryCopyPrepared(migrationsDir: string, target: string): Promise<boolean> {
  const prepared = await toPreparedDir(migrationsDir);
  if (!existsSync(prepared)) return false;
  await cp(prepared, target, { recursive: true });
  return true;
}
