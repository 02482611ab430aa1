import { existsSync } from 'node:fs';
import { cp, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyMutant, type Mutant } from './mutant.ts';

/** What the tests of the unit project read. */
const COPIED = ['src', 'supabase', 'policies', 'schemas', 'scripts', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
/** A migrated database of the tree as it is, in which every copy starts. */
const SNAPSHOTS = 'node_modules/.cache/dynamic-ags';

/** A copy of the project, with the packages of the real one and caches of its own. */
export interface TreeCopy {
  dir: string;
  /** Patches the copy, does the work, and puts the file back. */
  without<T>(mutant: Mutant, work: () => Promise<T>): Promise<T>;
  /** Takes the database snapshots of another copy, so that only a patch of the SQL pays for a migration. */
  takeSnapshots(from: TreeCopy): Promise<void>;
  remove(): Promise<void>;
}

/** Makes a copy of the project in a temporary directory. The project itself is only read. */
export async function makeTreeCopy(root: string): Promise<TreeCopy> {
  const dir = await mkdtemp(join(tmpdir(), 'mutants-'));
  for (const name of COPIED) await cp(join(root, name), join(dir, name), { recursive: true });
  await linkPackages(join(root, 'node_modules'), join(dir, 'node_modules'));
  return {
    dir,
    async without(mutant, work) {
      const path = join(dir, mutant.file);
      const source = await readFile(path, 'utf8');
      await writeFile(path, applyMutant(mutant, source));
      try {
        return await work();
      } finally {
        await writeFile(path, source);
      }
    },
    async takeSnapshots(from) {
      const [source, target] = [join(from.dir, SNAPSHOTS), join(dir, SNAPSHOTS)];
      await mkdir(target, { recursive: true });
      for (const name of await readdir(source)) {
        if (name.endsWith('.tar') && !existsSync(join(target, name))) await link(join(source, name), join(target, name));
      }
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** One link per package: caches, which are kept beside the packages, are of the copy alone. */
async function linkPackages(source: string, target: string): Promise<void> {
  await mkdir(target);
  const names = (await readdir(source)).filter((name) => name === '.bin' || !name.startsWith('.'));
  await Promise.all(names.map((name) => symlink(join(source, name), join(target, name))));
}
