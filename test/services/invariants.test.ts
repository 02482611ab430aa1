import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openEmbeddedDatabase } from '../../src/embedded/pglite.ts';
import { findViolations, INVARIANTS } from '../../src/store/invariants.ts';
import { liveThroughAWeek } from '../sql/invariants/story.ts';
import { makeLogins } from '../support/logins.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { openRacingStory } from './support/story.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const MIGRATIONS_DIR = join(ROOT, 'supabase/migrations/');

interface Outcome {
  code: number;
  lines: string[];
  stderr: string;
}

/** Runs the program with only the given variables beside PATH. */
function ask(env: Record<string, string>, args: string[] = []): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { PATH: process.env.PATH, ...env } };
    execFile(process.execPath, ['scripts/invariants.ts', ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, lines: stdout.split('\n').filter(Boolean), stderr });
    });
  });
}

test('they hold on a real PostgreSQL after an ordinary week', async () => {
  const db = await openRacingStory();
  await liveThroughAWeek(db);
  expect(await findViolations(db.sql)).toEqual([]);
  await db.close();
});

describe('a server', () => {
  let database: PostgresDatabase;
  beforeAll(async () => {
    database = await createDatabase(inject('templateUrl'));
  });
  afterAll(() => database?.drop());

  test('one line for each, and nothing else, where all hold', async () => {
    const { code, lines, stderr } = await ask({ DATABASE_URL: database.url });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines).toEqual(INVARIANTS.map(({ id, title }) => `${id} ok ${title}`));
  });

  test('what is violated is told with its rows, in words and as JSON', async () => {
    await database.sql('grant insert on public.audit_logs to ags_bot');
    const told = await ask({ MIGRATE_DATABASE_URL: database.url });
    expect(told.code).toBe(1);
    expect(told.lines.filter((line) => !line.includes(' ok '))).toEqual([
      expect.stringMatching(/^I22 VIOLATED 1 row: ags_bot insert — /),
      expect.stringMatching(/^I31 VIOLATED 1 row: ags_bot reaches audit_logs — /),
    ]);
    const { code, lines } = await ask({ DATABASE_URL: database.url }, ['--json']);
    const wrong = lines.filter((line) => line.includes('"isOk":false')).map((line): unknown => JSON.parse(line));
    expect(code).toBe(1);
    expect(wrong).toMatchObject([
      { id: 'I22', count: 1, rows: ['ags_bot insert'] },
      { id: 'I31', count: 1, rows: ['ags_bot reaches audit_logs'] },
    ]);
    await database.sql('revoke insert on public.audit_logs from ags_bot');
  });

  test('a login that may not look is not an answer', async () => {
    const logins = makeLogins(database);
    const { code, lines, stderr } = await ask({ DATABASE_URL: await logins.urlFor(['ags_reader']) });
    expect({ code, lines, stderr }).toEqual({
      code: 2,
      lines: [],
      stderr: expect.stringMatching(/^could not ask: DATABASE_URL: .*login of the owner/),
    });
    await logins.drop();
  });

  test('nor is a server that nobody answers for', async () => {
    const { code, stderr } = await ask({ DATABASE_URL: 'postgresql://nobody:hidden@127.0.0.1:1/none' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/DATABASE_URL.*127\.0\.0\.1:1/);
    expect(stderr).not.toContain('hidden');
  });
});

test('the embedded database is asked when nobody holds it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'invariants-'));
  expect(await ask({ DATA_DIR: dataDir })).toMatchObject({ code: 2, stderr: expect.stringContaining('holds none') });
  const db = await openEmbeddedDatabase({ storage: { dataDir }, migrationsDir: MIGRATIONS_DIR, log: { info: () => undefined } });
  expect(await ask({ DATA_DIR: dataDir })).toMatchObject({ code: 2, lines: [], stderr: expect.stringContaining(`process ${process.pid}`) });
  await db.close();
  const { code, lines } = await ask({ DATA_DIR: dataDir });
  expect({ code, count: lines.length }).toEqual({ code: 0, count: INVARIANTS.length });
  await rm(dataDir, { recursive: true });
}, 240_000);
