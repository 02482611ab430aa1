import { execFile } from 'node:child_process';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
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

test('migrate to nobody is a failure, not a success', async () => {
  expect(await run('migrate.ts', { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' })).toMatchObject({ code: 1 });
});
