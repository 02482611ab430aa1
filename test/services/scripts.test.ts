import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createDatabase, createEmptyDatabase, type PostgresDatabase } from '../support/postgres.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

interface Outcome {
  code: number;
  output: string;
}

/** Runs a script with only the given variables beside PATH. */
function run(script: string, env: Record<string, string>, args: string[] = []): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [`scripts/${script}`, ...args],
      { cwd: ROOT, env: { PATH: process.env.PATH, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      },
    );
  });
}

let database: PostgresDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase(inject('templateUrl'));
});
afterEach(async () => database?.drop());

test('migrate brings an empty PostgreSQL up to date, and a second run finds nothing to do', async () => {
  const first = await run('migrate.ts', { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none', MIGRATE_DATABASE_URL: database.url });
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('create_tasks') });
  const second = await run('migrate.ts', { DATABASE_URL: database.url });
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining('nothing to apply') });
  const [row] = await database.sql('select count(*)::int as count from supabase_migrations.schema_migrations');
  expect(row?.count).toBeGreaterThan(5);
});

test('of two that migrate at once one waits, and both end well', async () => {
  const outcomes = await Promise.all([1, 2].map(() => run('migrate.ts', { DATABASE_URL: database.url })));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
  expect(outcomes.filter(({ output }) => output.includes('nothing to apply'))).toHaveLength(1);
});

test('migrate without an address is a configuration error that names the variable', async () => {
  expect(await run('migrate.ts', {})).toMatchObject({ code: 78, output: expect.stringContaining('MIGRATE_DATABASE_URL') });
});

test('migrate refuses a database that is ahead', async () => {
  const ahead = await createDatabase(inject('templateUrl'));
  await ahead.sql(`insert into supabase_migrations.schema_migrations (version, name) values ('29990101000000', 'from_tomorrow')`);
  expect(await run('migrate.ts', { DATABASE_URL: ahead.url })).toMatchObject({
    code: 78,
    output: expect.stringContaining('29990101000000'),
  });
  await ahead.drop();
});

test('migrate to nobody is a failure that says where nobody was', async () => {
  const { code, output } = await run('migrate.ts', { DATABASE_URL: 'postgresql://nobody:hidden@127.0.0.1:1/none' });
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/^DATABASE_URL: .*127\.0\.0\.1:1\b.*ECONNREFUSED/) });
  expect(output).not.toContain('hidden');
});

test('migrate goes on with a database that is ahead by what keeps running code working', async () => {
  const ahead = await createDatabase(inject('templateUrl'));
  await ahead.sql(`insert into supabase_migrations.schema_migrations (version, name, statements)
    values ('29990101000000', 'from_tomorrow', array['-- Running code does not break.'])`);
  const outcome = await run('migrate.ts', { DATABASE_URL: ahead.url });
  await ahead.drop();
  expect(outcome).toMatchObject({ code: 0, output: expect.stringMatching(/newer than this program.*29990101000000_from_tomorrow/) });
});

describe('migrate as somebody', () => {
  const login = `migrator_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const as = (name: string, word: string) => {
    const url = new URL(database.url);
    url.username = name;
    url.password = word;
    return url.href;
  };
  beforeEach(async () => {
    await database.sql(`create role ${login} login password '${password}'`);
  });
  afterEach(async () => {
    const [row] = await database.sql('select current_user::text as name');
    await database.sql(`reassign owned by ${login} to ${row?.name}; drop owned by ${login}; drop role ${login}`);
  });

  test('who owns nothing is told to take the owner', async () => {
    const { code, output } = await run('migrate.ts', { DATABASE_URL: as(login, password) });
    expect({ code, output }).toEqual({ code: 78, output: expect.stringMatching(/^DATABASE_URL: .*rights.*owner of the database/) });
    expect(output).not.toMatch(/\bat .*\.ts:\d+/);
  });

  test('who owns the database and may create roles needs not be a superuser', async () => {
    await database.sql(`alter role ${login} createrole`);
    await database.sql(`alter database ${new URL(database.url).pathname.slice(1)} owner to ${login}`);
    expect(await run('migrate.ts', { DATABASE_URL: as(login, password) })).toMatchObject({ code: 0 });
  });

  test('who owns the database and may not create roles is told so where a role is missing', async () => {
    await database.sql(`alter database ${new URL(database.url).pathname.slice(1)} owner to ${login}`);
    const { code, output } = await run('migrate.ts', { DATABASE_URL: as(login, password) });
    expect({ code, output }).toEqual({
      code: 78,
      output: expect.stringMatching(/^DATABASE_URL: Migration \d+_\w+ needs more rights.*may create roles/m),
    });
  });

  test('who does not exist is told so without the password', async () => {
    const { code, output } = await run('migrate.ts', { DATABASE_URL: as('nobody_at_all', 'hidden') });
    expect({ code, output }).toEqual({ code: 78, output: expect.stringMatching(/^DATABASE_URL: .*login nobody_at_all/) });
    expect(output).not.toContain('hidden');
  });
});

test('a database that does not exist, an address of something else, a transaction pooler: each names the variable', async () => {
  const nowhere = new URL(database.url);
  nowhere.pathname = '/no_such_database';
  for (const [url, text] of [
    [nowhere.href, 'no such database'],
    ['https://example.com', 'expected an address'],
    ['postgresql://postgres:hidden@aws-0.pooler.supabase.com:6543/postgres', 'transaction pooler'],
  ] as const) {
    const { code, output } = await run('migrate.ts', { MIGRATE_DATABASE_URL: url });
    expect({ code, output }).toEqual({ code: 78, output: expect.stringMatching(new RegExp(`^MIGRATE_DATABASE_URL: .*${text}`)) });
  }
});
