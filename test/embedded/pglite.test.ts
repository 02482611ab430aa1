import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/embedded/pglite.ts';
import { makeOwnerSql } from '../support/owner-sql.ts';
import { type Child, startChild } from './support/child.ts';

const migrationsDir = new URL('./support/migrations/', import.meta.url).pathname;
const WAIT = { timeout: 30_000 };

let dataDir: string;
let opened: EmbeddedDatabase[];
let children: Child[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ags-data-'));
  opened = [];
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.kill()));
  await Promise.all(opened.map((db) => db.close()));
  await rm(dataDir, { recursive: true });
});

async function open(dir: string = migrationsDir): Promise<EmbeddedDatabase> {
  const db = await openEmbeddedDatabase({ storage: { dataDir }, migrationsDir: dir, log: { info: () => undefined } });
  opened.push(db);
  return db;
}

function startWriter(first: number): Child {
  const child = startChild('./writer.ts', [dataDir, String(first)]);
  children.push(child);
  return child;
}

async function readNumbers(db: EmbeddedDatabase): Promise<Set<number>> {
  const rows = await makeOwnerSql(db).sql('select number from public.entries');
  return new Set(rows.map((row) => Number(row.number)));
}

test('keeps every committed row of a process that was killed, twice over, and goes on from there', { timeout: 60_000 }, async () => {
  const confirmed: number[] = [];
  for (const first of [0, 1_000_000]) {
    const writer = startWriter(first);
    await expect.poll(() => writer.lines.length, WAIT).toBeGreaterThan(300);
    await writer.kill();
    confirmed.push(...writer.lines.slice(1).map(Number));
  }
  const db = await open();
  const stored = await readNumbers(db);
  expect(confirmed.filter((number) => !stored.has(number))).toEqual([]);
  await makeOwnerSql(db).sql('insert into public.entries values (-1)');
  expect(await readNumbers(db)).toContain(-1);
});

test('keeps what was stored over a close in order', { timeout: 60_000 }, async () => {
  const first = await open();
  await makeOwnerSql(first).sql('insert into public.entries values (7)');
  await first.close();
  expect(await readNumbers(await open())).toEqual(new Set([7]));
});

test('a second process on the directory is refused and names the first; when that is gone the next may', { timeout: 60_000 }, async () => {
  const first = startWriter(0);
  await expect.poll(() => first.lines[0], WAIT).toBe('open');
  const second = startWriter(0);
  expect(await second.ended).toBe(78);
  expect(second.lines.join()).toContain(`process ${first.pid}`);
  expect(first.lines.length).toBeGreaterThan(1);
  await first.kill();
  await open();
});

test('a first start that was killed half-way begins again', { timeout: 60_000 }, async () => {
  await mkdir(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '18\n');
  await writeFile(join(dataDir, 'postgres.starting'), '');
  expect(await readNumbers(await open())).toEqual(new Set());
  expect(await readdir(dataDir)).not.toContain('postgres.starting');
});

test('data of a newer version are refused in a sentence, and the directory is let go', { timeout: 60_000 }, async () => {
  await (await open()).close();
  const older = await mkdtemp(join(tmpdir(), 'ags-migrations-'));
  await expect(open(older)).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining('start the newer version') });
  await rm(older, { recursive: true });
  await open();
});

test('what PostgreSQL cannot open is an outage with the reason', { timeout: 60_000 }, async () => {
  await mkdir(join(dataDir, 'postgres'));
  await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '9.6\n');
  await expect(open()).rejects.toMatchObject({ code: 'store_unavailable', message: expect.stringContaining(dataDir) });
});
