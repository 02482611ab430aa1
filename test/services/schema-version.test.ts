import { afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { MIGRATIONS_DIR } from '../../scripts/migrate-postgres.ts';
import { type Migration, readMigrations } from '../../src/store/migrations.ts';
import { DATABASE_ROLES, makeRpc, type Transport } from '../../src/store/rpc.ts';
import { checkSchemaVersion } from '../../src/store/schema-version.ts';
import { makePostgresTransport } from '../../src/store/transports/postgres.ts';
import { makeSupabaseTransport } from '../../src/store/transports/supabase.ts';
import { createDatabase, createEmptyDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { JWT_SECRET, SECRET_KEY, startSupabaseLite } from '../support/supabase-lite.ts';

let migrations: Migration[];
let database: PostgresDatabase;
let transport: Transport;
beforeAll(async () => {
  migrations = await readMigrations(MIGRATIONS_DIR);
});
beforeEach(async () => {
  await open(await createDatabase(inject('templateUrl')));
});
afterEach(close);

async function open(opened: PostgresDatabase): Promise<void> {
  database = opened;
  transport = makePostgresTransport({ connectionString: database.url, roles: DATABASE_ROLES });
}

async function close(): Promise<void> {
  await transport.close();
  await database.drop();
}

const check = (known: readonly Migration[] = migrations, role: (typeof DATABASE_ROLES)[number] = 'ags_worker') =>
  checkSchemaVersion({ rpc: makeRpc(transport, role), migrations: known, variable: 'DATABASE_URL' });

const refused = (text: string) => ({ code: 'config_invalid', message: expect.stringMatching(new RegExp(`^DATABASE_URL: .*${text}`)) });

test.each(DATABASE_ROLES)('%s finds a database that fits', async (role) => {
  expect(await check(migrations, role)).toEqual([]);
});

test('a database without migrations names the remedy', async () => {
  await close();
  await open(await createEmptyDatabase(inject('templateUrl')));
  await expect(check()).rejects.toMatchObject(refused('has no migrations .*npm run migrate'));
});

test('a Supabase without migrations names the remedy too', async () => {
  await close();
  await open(await createEmptyDatabase(inject('templateUrl')));
  const lite = await startSupabaseLite(database.url);
  const supabase = makeSupabaseTransport({ url: lite.url, secretKey: SECRET_KEY, jwtSecret: JWT_SECRET, roles: DATABASE_ROLES });
  try {
    const asked = checkSchemaVersion({ rpc: makeRpc(supabase, 'ags_bot'), migrations, variable: 'SUPABASE_URL' });
    await expect(asked).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringMatching(/^SUPABASE_URL: .*no migrations/) });
  } finally {
    await supabase.close();
    await lite.close();
  }
});

test('a database that lacks the newest migration is named with it', async () => {
  const newer = { version: '29990101000000', name: 'from_tomorrow', sql: '' };
  await expect(check([...migrations, newer])).rejects.toMatchObject(refused('lacks .*29990101000000_from_tomorrow.*npm run migrate'));
});

const record = (statement: string | null) =>
  database.sql(
    `insert into supabase_migrations.schema_migrations (version, name, statements) values ('29990101000000', 'from_tomorrow', $1)`,
    [statement === null ? null : [statement]],
  );

test.each([null, 'drop table public.cards', '-- Drops the cards.\ndrop table public.cards'])(
  'a program older than its database does not start where nothing promised that it may: %j',
  async (statement) => {
    await record(statement);
    await expect(check()).rejects.toMatchObject(refused('older than its database.*29990101000000_from_tomorrow.*deploy the newer version'));
  },
);

test('a program older than its database starts with a warning where the migration promised that it may', async () => {
  await record('-- Running code does not break. One more column.\nalter table public.cards add column more text');
  expect(await check()).toEqual([expect.stringContaining('29990101000000_from_tomorrow')]);
});

test('many differences are counted, not listed', async () => {
  const [first, ...others] = migrations;
  await database.sql('delete from supabase_migrations.schema_migrations where version <> $1', [first?.version]);
  await expect(check()).rejects.toMatchObject(refused(` and ${others.length - 3} more`));
});
