/** Runs after `npm ci`: makes the empty database that a first start copies. A failure here costs the first start some seconds, no more. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toPreparedDir } from '../src/embedded/prepared.ts';
import { openEmbeddedStack } from '../src/embedded/stack.ts';

const migrationsDir = fileURLToPath(new URL('../supabase/migrations/', import.meta.url));
const prepared = await toPreparedDir(migrationsDir);
if (!existsSync(prepared)) {
  const cacheDir = dirname(prepared);
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'preparing-'));
  try {
    const stack = await openEmbeddedStack({
      storage: { dataDir: work },
      blobsDir: join(work, 'storage'),
      migrationsDir,
      log: { info: () => undefined },
    });
    await stack.close();
    await rename(join(work, 'postgres'), prepared).catch((thrown: unknown) => {
      // Another install was faster: its directory is as good.
      if (!existsSync(prepared)) throw thrown;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const old = (await readdir(cacheDir)).filter((name) => name.startsWith('prepared-') && name !== basename(prepared));
  await Promise.all(old.map((name) => rm(join(cacheDir, name), { recursive: true, force: true })));
}
