import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AppliedMigration } from '../../src/store/applied-migrations.ts';
import { applyMigrations, type MigrationSession, readMigrations } from '../../src/store/migrations.ts';

const MIGRATIONS_DIR = new URL('../../supabase/migrations/', import.meta.url).pathname;
const FIRST = { version: '20250101000000', name: 'create_one', sql: 'create table one (id integer);\ninsert into one values (1);' };
const SECOND = { version: '20250102000000', name: 'create_two', sql: 'create table two (id integer);' };

let db: PGlite;
let session: MigrationSession;
const rows = (sql: string) => session.query(sql);
const apply = (migrations: (typeof FIRST)[]) => applyMigrations(session, { migrations });

beforeAll(async () => {
  db = await PGlite.create();
  session = {
    exec: async (sql) => void (await db.exec(sql)),
    query: async (sql, values) => (await db.query<Record<string, unknown>>(sql, values)).rows,
  };
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.exec('reset role; drop schema public cascade; create schema public; drop schema if exists supabase_migrations cascade');
});

test('applies in order, once, and records every statement', async () => {
  expect(await apply([FIRST, SECOND])).toEqual([FIRST, SECOND]);
  expect(await apply([FIRST, SECOND])).toEqual([]);
  expect(await rows('select id from one')).toEqual([{ id: 1 }]);
  expect(await rows('select version, name, statements from supabase_migrations.schema_migrations order by version')).toEqual([
    { version: FIRST.version, name: FIRST.name, statements: ['create table one (id integer)', 'insert into one values (1)'] },
    { version: SECOND.version, name: SECOND.name, statements: ['create table two (id integer)'] },
  ]);
});

test('the first of ours makes what Supabase has, and what is there stays', async () => {
  const [first] = await readMigrations(MIGRATIONS_DIR);
  if (!first) throw new Error('there are no migrations');
  const uses = {
    ...FIRST,
    version: '99990101000000',
    sql: `create table one (id integer); grant select on one to anon, authenticated, service_role;`,
  };
  await apply([first, uses]);
  const facts = `select to_regnamespace('extensions') is not null as has_schema, pg_has_role('authenticator', 'anon', 'member') as is_member`;
  expect(await rows(facts)).toEqual([{ has_schema: true, is_member: true }]);
  await session.exec(first.sql);
  expect(await rows(facts)).toEqual([{ has_schema: true, is_member: true }]);
});

test('leaves a Supabase as it is', async () => {
  const [first] = await readMigrations(MIGRATIONS_DIR);
  await db.exec('create role supabase_admin; drop schema if exists extensions cascade');
  await session.exec(first?.sql ?? '').finally(() => db.exec('drop role supabase_admin'));
  expect(await rows(`select to_regnamespace('extensions') is null as untouched`)).toEqual([{ untouched: true }]);
});

test('undoes a file that fails, keeps those before it, and names file and line', async () => {
  const broken = { ...SECOND, sql: 'create table two (id integer);\n\nselect * from missing;' };
  await expect(apply([FIRST, broken])).rejects.toMatchObject({
    code: 'store_failed',
    message: expect.stringMatching(/20250102000000_create_two \(line 3\) failed: .*missing/),
  });
  expect(await rows(`select to_regclass('public.two') as two`)).toEqual([{ two: null }]);
  expect(await apply([FIRST, SECOND])).toEqual([SECOND]);
});

test('a file that ends as another role does not decide for the next', async () => {
  await db.exec('create role somebody');
  await apply([{ ...FIRST, sql: 'create table one (id integer); set role somebody' }, SECOND]);
  expect(await rows('select current_user::text as name')).toEqual([{ name: 'postgres' }]);
});

test('unqualified names land in public, whatever the session’s search path begins with', async () => {
  await db.exec('create schema elsewhere; set search_path = elsewhere, public');
  await apply([FIRST]).finally(() => db.exec('set search_path = public; drop schema elsewhere cascade'));
  expect(await rows(`select to_regclass('public.one')::text as one`)).toEqual([{ one: 'one' }]);
});

test('refuses a database that is ahead of the program', async () => {
  await apply([FIRST, SECOND]);
  await expect(apply([FIRST])).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining(SECOND.version) });
});

test('lets a database be ahead by what promises to keep running code working, and says so', async () => {
  await apply([FIRST, { ...SECOND, sql: `\n  -- Running code does not break. A table more.\n${SECOND.sql}` }]);
  const seen: AppliedMigration[] = [];
  expect(await applyMigrations(session, { migrations: [FIRST], onUnknown: (unknown) => seen.push(...unknown) })).toEqual([]);
  expect(seen).toEqual([{ version: SECOND.version, name: SECOND.name, keepsRunningCode: true }]);
});

test('a promise further down in the file is none', async () => {
  await apply([FIRST, { ...SECOND, sql: `${SECOND.sql}\n-- Running code does not break.` }]);
  await expect(apply([FIRST])).rejects.toMatchObject({ code: 'config_invalid' });
});

test('goes on from a record that an older tool made with fewer columns', async () => {
  await db.exec(`create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key);
    insert into supabase_migrations.schema_migrations values ('${FIRST.version}')`);
  expect(await apply([FIRST, SECOND])).toEqual([SECOND]);
});

test('refuses a file that was slipped in before one that has run', async () => {
  await apply([SECOND]);
  await expect(apply([FIRST, SECOND])).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining(FIRST.version) });
});

test('what the login may not do is a matter of configuration', async () => {
  await db.exec('create role nobody_special; set role nobody_special');
  await expect(apply([FIRST])).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining('owner of the database') });
});

test('refuses file names of another form', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ags-migrations-'));
  await writeFile(join(dir, '20250101000000_create_one.sql'), FIRST.sql);
  expect(await readMigrations(dir)).toEqual([FIRST]);
  await writeFile(join(dir, '1_Oops.sql'), '');
  await expect(readMigrations(dir)).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining('1_Oops.sql') });
  await rm(dir, { recursive: true });
});
