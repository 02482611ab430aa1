import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

/** The layout, lowest level first: a folder may import the levels before its own, and itself. biome.json must say the same. */
const LEVELS = [
  ['domain'],
  ['telemetry'],
  ['store', 'policy', 'engines'],
  ['memory'],
  ['agents', 'effects', 'flows'],
  ['jobs'],
  ['bot', 'web'],
  ['embedded', 'sandbox', 'servers'],
];
const FOLDERS = LEVELS.flat();
const PACKAGES: Record<string, string[]> = { bullmq: ['jobs', 'embedded', 'servers'], grammy: ['bot'], '@grammyjs/runner': ['bot'] };

const root = join(import.meta.dirname, '../..');
const levelOf = (folder: string) => LEVELS.findIndex((level) => level.includes(folder));
const isAllowed = (from: string, to: string) => from === to || levelOf(to) < levelOf(from);

/** Each planted file holds one import; its path says who imports whom. */
const planted = new Map<string, { isRefused: boolean }>();
let directory: string;
let refused: Set<string>;

async function plant(path: string, specifier: string, isRefused: boolean) {
  planted.set(path, { isRefused });
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), `import type { Thing } from '${specifier}';\n\nexport type Other = Thing;\n`);
}

async function plantFolder(from: string) {
  for (const to of FOLDERS) {
    const isRefused = !isAllowed(from, to);
    await plant(`src/${from}/takes-${to}.ts`, from === to ? './thing.ts' : `../${to}/thing.ts`, isRefused);
    await plant(`src/${from}/deep/takes-${to}.ts`, from === to ? '../thing.ts' : `../../${to}/deep/thing.ts`, isRefused);
  }
  await plant(`src/${from}/takes-main.ts`, '../main.ts', true);
  await plant(`src/${from}/takes-errors.ts`, '../errors.ts', false);
  await plant(`src/${from}/takes-config.ts`, '../config.ts', from === 'domain');
  for (const [name, users] of Object.entries(PACKAGES)) {
    await plant(`src/${from}/package-${name.replace('/', '-')}.ts`, name, !users.includes(from));
  }
}

const Report = z.object({ diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }) })) });

/** biome exits 1 when it finds something; what it found is on stdout. */
function lint(): Promise<Set<string>> {
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--only=style/noRestrictedImports', '.'];
  return new Promise((resolve, reject) => {
    execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: directory, maxBuffer: 64 << 20 }, (error, stdout) => {
      if (!stdout.trim()) return reject(error ?? new Error('biome said nothing'));
      const found = Report.parse(JSON.parse(stdout)).diagnostics.filter(({ category }) => category === 'lint/style/noRestrictedImports');
      resolve(new Set(found.map(({ location }) => relative('.', location.path))));
    });
  });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'levels-'));
  await cp(join(root, 'biome.json'), join(directory, 'biome.json'));
  await cp(join(root, '.gitignore'), join(directory, '.gitignore'));
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const folder of FOLDERS) await plantFolder(folder);
  await plant('src/config.ts', './store/thing.ts', true);
  await plant('src/errors.ts', './domain/thing.ts', false);
  refused = await lint();
});

afterAll(() => rm(directory, { recursive: true, force: true }));

it('refuses every import that goes up or sideways', () => {
  const missed = [...planted].filter(([path, { isRefused }]) => isRefused && !refused.has(path)).map(([path]) => path);
  expect(missed).toEqual([]);
  expect(refused.size).toBeGreaterThan(100);
});

it('lets every import that goes down pass', () => {
  const wrong = [...planted].filter(([path, { isRefused }]) => !isRefused && refused.has(path)).map(([path]) => path);
  expect(wrong).toEqual([]);
});
