import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { MIGRATIONS_DIR, migratePostgres } from '../../scripts/migrate-postgres.ts';
import { readMigrations } from '../../src/store/migrations.ts';
import { createDatabase, createEmptyDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { type CliOutcome, openSupabaseCli, type SupabaseCli } from '../support/supabase-cli.ts';

let cli: SupabaseCli;
beforeAll(async () => {
  cli = await openSupabaseCli();
});
afterAll(() => cli?.close());

const open: PostgresDatabase[] = [];
afterEach(async () => {
  for (const database of open.splice(0)) await database.drop();
});

async function openDatabase(kind: 'migrated' | 'empty'): Promise<PostgresDatabase> {
  const database = await (kind === 'migrated' ? createDatabase : createEmptyDatabase)(inject('templateUrl'));
  open.push(database);
  return database;
}

/** The answer as JSON; a failure shows what the CLI said. */
function parse<T>({ stdout, stderr }: CliOutcome, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(stdout));
  } catch (cause) {
    throw new Error(`the Supabase CLI answered otherwise: ${stdout}\n${stderr}`, { cause });
  }
}

const Pushed = z.object({ upToDate: z.boolean(), migrations: z.array(z.string()) });
const push = async ({ url }: PostgresDatabase) => parse(await cli.run(url, 'db', 'push', '--output-format=json'), Pushed);

/** What two ways to migrate must leave alike: the record, and who owns and may do what. */
async function picture({ sql }: PostgresDatabase) {
  return {
    ledger: await sql('select version, name, statements from supabase_migrations.schema_migrations order by version'),
    columns: await sql(
      `select attname, atttypid::regtype::text as type, attnotnull from pg_attribute
       where attrelid = 'supabase_migrations.schema_migrations'::regclass and attnum > 0 order by 1`,
    ),
    functions: await sql(
      `select oid::regprocedure::text as name, pg_get_userbyid(proowner) as owner, proacl::text as acl, prosrc from pg_proc
       where pronamespace = 'public'::regnamespace order by 1`,
    ),
    tables: await sql(
      `select relname, pg_get_userbyid(relowner) as owner, relacl::text as acl, relrowsecurity, relforcerowsecurity from pg_class
       where relnamespace = 'public'::regnamespace order by 1`,
    ),
    schemas: await sql(`select nspname, nspacl::text as acl from pg_namespace where nspname !~ '^pg_' order by 1`),
  };
}

describe('supabase db push', () => {
  test('makes of an empty database what npm run migrate makes, which then finds nothing to do', async () => {
    const [pushed, migrated] = [await openDatabase('empty'), await openDatabase('migrated')];
    const files = await readMigrations(MIGRATIONS_DIR);
    expect(await push(pushed)).toEqual({ upToDate: false, migrations: files.map(({ version, name }) => `${version}_${name}.sql`) });
    expect(await migratePostgres(pushed.url)).toEqual([]);
    expect(await picture(pushed)).toEqual(await picture(migrated));
  });

  test('finds nothing to do after npm run migrate', async () => {
    expect(await push(await openDatabase('migrated'))).toEqual({ upToDate: true, migrations: [] });
  });

  test('goes on where npm run migrate has stopped', async () => {
    const database = await openDatabase('empty');
    const files = await readMigrations(MIGRATIONS_DIR);
    await migratePostgres(database.url, { migrations: files.slice(0, 3) });
    const { migrations } = await push(database);
    expect(migrations).toHaveLength(files.length - 3);
    expect(await migratePostgres(database.url)).toEqual([]);
  });
});

test('supabase gen types knows every function that may be called', async () => {
  const { url, sql } = await openDatabase('migrated');
  const { code, stdout } = await cli.run(url, 'gen', 'types', '--lang=typescript', '--schema=public');
  expect(code).toBe(0);
  const rows = await sql(`select distinct proname as name from pg_proc p join aclexplode(p.proacl) a on true
    where pronamespace = 'public'::regnamespace and pg_get_userbyid(a.grantee) in ('ags_bot', 'ags_worker', 'ags_web', 'ags_reader')`);
  expect(rows.length).toBeGreaterThan(50);
  expect(rows.map(({ name }) => String(name)).filter((name) => !stdout.includes(`"${name}":`))).toEqual([]);
});

const Linted = z.object({
  results: z.array(z.object({ function: z.string(), issues: z.array(z.looseObject({ level: z.string(), message: z.string() })) })),
});
const lint = ({ url }: PostgresDatabase) => cli.run(url, 'db', 'lint', '--fail-on=warning', '--output-format=json');

describe('supabase db lint', () => {
  let database: PostgresDatabase;
  beforeEach(async () => {
    database = await openDatabase('migrated');
    const [row] = await database.sql(`select count(*)::int as count from pg_available_extensions where name = 'plpgsql_check'`);
    expect(row?.count, 'the server needs plpgsql_check (Debian: apt-get install postgresql-15-plpgsql-check)').toBe(1);
  });

  test('finds nothing in any function', async () => {
    const outcome = await lint(database);
    expect(parse(outcome, Linted).results).toEqual([]);
    expect(outcome.code).toBe(0);
  });

  test('finds a function that reads what is not there', async () => {
    await database.sql(`create function public.broken() returns integer language plpgsql set search_path = ''
      as $$ begin return (select missing from public.nowhere); end $$`);
    const outcome = await lint(database);
    const { results } = parse(outcome, Linted);
    expect(results.find((result) => result.function === 'public.broken')).toMatchObject({ issues: [{ level: 'error' }] });
    expect(outcome.code).not.toBe(0);
  });
});

const Advised = z.object({ results: z.array(z.looseObject({ name: z.string(), level: z.string(), detail: z.string() })) });
const advise = ({ url }: PostgresDatabase) => cli.run(url, 'db', 'advisors', '--level=warn', '--fail-on=warn', '--output-format=json');

describe('supabase db advisors', () => {
  test.each(['migrated', 'empty'] as const)('have nothing to say about a database that was %s', async (kind) => {
    const database = await openDatabase(kind);
    if (kind === 'empty') await push(database);
    const outcome = await advise(database);
    expect(parse(outcome, Advised).results).toEqual([]);
    expect(outcome.code).toBe(0);
  });

  test.each([
    [
      'function_search_path_mutable',
      `create function public.hole() returns integer language sql security definer as 'select 1'`,
      'Function `public.hole`',
    ],
    ['rls_disabled_in_public', 'create table public.hole (id integer primary key)', 'Table `public.hole`'],
    ['policy_exists_rls_disabled', 'alter table public.tasks disable row level security', 'Table `public.tasks`'],
    ['security_definer_view', 'create view public.hole as select task_id from public.tasks', 'View `public.hole`'],
  ])('find %s in: %s', async (name, statement, detail) => {
    const database = await openDatabase('migrated');
    await database.sql(statement);
    const outcome = await advise(database);
    expect(parse(outcome, Advised).results).toContainEqual(expect.objectContaining({ name, detail: expect.stringContaining(detail) }));
    expect(outcome.code).not.toBe(0);
  });
});

/** The advisors that come with the CLI do not look at grants of functions, those of a hosted project do: this is the same question. */
const listOpenFunctions = ({ sql }: PostgresDatabase) =>
  sql(`select p.proname as name from pg_proc p where p.pronamespace = 'public'::regnamespace
    and (has_function_privilege('anon', p.oid, 'execute') or has_function_privilege('authenticated', p.oid, 'execute'))`);

test('no function is open to anon or authenticated, whichever tool migrated, and one that is would be found', async () => {
  const [pushed, migrated] = [await openDatabase('empty'), await openDatabase('migrated')];
  await push(pushed);
  expect(await listOpenFunctions(pushed)).toEqual([]);
  expect(await listOpenFunctions(migrated)).toEqual([]);
  await migrated.sql('grant execute on function public.get_task to anon');
  expect(await listOpenFunctions(migrated)).toEqual([{ name: 'get_task' }]);
});
