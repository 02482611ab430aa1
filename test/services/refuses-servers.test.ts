import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migratePostgres } from '../../scripts/migrate-postgres.ts';
import { startPrivatePostgres } from '../../scripts/private-postgres.ts';
import { type PrivateRedisOptions, startPrivateRedis } from '../../scripts/private-redis.ts';
import { listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox } from '../../src/sandbox/sandbox.ts';
import { CHATS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { type Logins, makeLogins } from '../support/logins.ts';
import { type PoolerManner, startPooler } from '../support/pooler.ts';
import { createDatabase, createEmptyDatabase } from '../support/postgres.ts';
import { startProgram } from '../support/program.ts';
import { JWT_SECRET, SECRET_KEY, startSupabaseLite, type Trouble } from '../support/supabase-lite.ts';
import { changeUrl, startGuardedPostgres, startOldRedis } from './support/bad-servers.ts';

/** What the program says, and how it ends, when a server or a key is not what it has to be. Every secret has the word canary in it. */
const closers: (() => Promise<unknown>)[] = [];
async function keep<T>(opening: Promise<T>, close: (opened: T) => Promise<unknown>): Promise<T> {
  const opened = await opening;
  closers.push(() => close(opened));
  return opened;
}

type Variables = Record<string, string>;
let base: Variables;
let good: Awaited<ReturnType<typeof createDatabase>>;
let guardedUrl: string;
let logins: Logins;
beforeAll(async () => {
  const dir = await keep(mkdtemp(join(tmpdir(), 'ags-refused-')), (path) => rm(path, { recursive: true }));
  const listening = await keep(listenSandbox(makeSandbox()), ({ close }) => close());
  const redis = await keep(startPrivateRedis(), ({ stop }) => stop());
  good = await keep(createDatabase(inject('templateUrl')), ({ drop }) => drop());
  logins = makeLogins(good);
  closers.push(() => logins.drop());
  guardedUrl = (await keep(startGuardedPostgres(), ({ stop }) => stop())).url;
  base = {
    PORT: '0',
    DATA_DIR: dir,
    TELEGRAM_BOT_TOKEN: '123456789:canary-canary-canary-canary-canary',
    TELEGRAM_API_ROOT: listening.apiRoot,
    AGS_OWNER_IDS: '101',
    AGS_ADMIN_CHAT_ID: `${CHATS.admin.id}`,
    REDIS_URL: redis.url,
    DATABASE_URL: good.url,
  };
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

const withDatabase = (url: string): Variables => ({ DATABASE_URL: url });

async function withMigration(statement: string): Promise<Variables> {
  const database = await keep(createDatabase(inject('templateUrl')), ({ drop }) => drop());
  await database.sql(statement);
  return withDatabase(database.url);
}

const PROCESS_ROLES = ['ags_bot', 'ags_worker', 'ags_web'] as const;
const RECORD = 'insert into supabase_migrations.schema_migrations (version, name, statements) values';

const withPooler = async (manner: PoolerManner): Promise<Variables> =>
  withDatabase((await keep(startPooler(good.url, manner), ({ close }) => close())).url);

const withRedis = async (options: PrivateRedisOptions): Promise<Variables> => ({
  REDIS_URL: (await keep(startPrivateRedis(options), ({ stop }) => stop())).url,
});

/** Without DATABASE_URL: through HTTP alone. */
async function withSupabase(
  more: Variables = {},
  { url = good.url, trouble }: { url?: string; trouble?: Trouble } = {},
): Promise<Variables> {
  const lite = await keep(startSupabaseLite(url), ({ close }) => close());
  // What it does with its first request it cannot do for several at once.
  await fetch(`${lite.url}/rest/v1/rpc/get_stop_state`, { method: 'POST', headers: { apikey: SECRET_KEY } });
  lite.setTrouble(trouble ?? null);
  return { DATABASE_URL: '', SUPABASE_URL: lite.url, SUPABASE_SECRET_KEY: SECRET_KEY, SUPABASE_JWT_SECRET: JWT_SECRET, ...more };
}

const withEmpty = async () => (await keep(createEmptyDatabase(inject('templateUrl')), ({ drop }) => drop())).url;

const OLD_HTTP = { TELEGRAM_WEBHOOK_URL: 'http://ags.example.com', TELEGRAM_WEBHOOK_SECRET: 'canary' };

/** A heading and one line for each problem; one problem unless it says otherwise. */
type Row = [name: string, variables: () => Variables | Promise<Variables>, says: RegExp, lineCount?: number];
const rows: Row[] = [
  ['a webhook without https', () => OLD_HTTP, /^ {2}TELEGRAM_WEBHOOK_URL: expected https .*"http:\/\/ags\.example\.com"/m],
  [
    'a webhook secret with forbidden characters',
    () => ({ TELEGRAM_WEBHOOK_URL: 'https://ags.example.com', TELEGRAM_WEBHOOK_SECRET: 'canary+/=' }),
    /^ {2}TELEGRAM_WEBHOOK_SECRET: expected 1 to 256 .* the value is not shown/m,
  ],
  [
    'the transaction pooler of Supabase',
    () => withDatabase('postgresql://postgres.abc:canary@aws-0-eu-central-1.pooler.supabase.com:6543/postgres'),
    /^ {2}DATABASE_URL: port 6543 is the transaction pooler.*\(port 5432\)/m,
  ],
  [
    'a pooler that refuses roles',
    () => withPooler('refuses options'),
    /^DATABASE_URL: .* does not pass the role ags_(bot|worker|web) on.* session pooler/,
  ],
  [
    'a pooler that drops roles',
    () => withPooler('drops options'),
    /^DATABASE_URL: .* does not pass the role ags_(bot|worker|web) on.* session pooler/,
  ],
  [
    'a wrong password',
    () => withDatabase(changeUrl(guardedUrl, { password: 'canary-wrong' })),
    /^DATABASE_URL: .* does not take the password of the login guarded; correct it/,
  ],
  [
    'no password where one is asked for',
    () => withDatabase(changeUrl(guardedUrl, { password: '' })),
    /^DATABASE_URL: .* asks for a password and the address has none/,
  ],
  [
    'a login that does not exist',
    () => withDatabase(changeUrl(good.url, { username: 'no_such_login', password: 'canary' })),
    /^DATABASE_URL: .* does not let the login no_such_login in/,
  ],
  [
    'a login without the roles of the process',
    async () => withDatabase(await logins.urlFor(['ags_bot'])),
    /^DATABASE_URL: the login (login_\w+) may not connect as (ags_worker|ags_web) .* run: grant \2 to "\1"/,
  ],
  [
    'a database that does not exist',
    () => withDatabase(changeUrl(good.url, { pathname: '/nowhere' })),
    /^DATABASE_URL: .* no such database .*"nowhere".*; correct the name, or create it/,
  ],
  [
    'TLS where there is none',
    () => withDatabase(changeUrl(good.url, { search: '?sslmode=verify-full' })),
    /^DATABASE_URL: .* does not speak TLS; take sslmode out of the address/,
  ],
  ['no migrations', async () => withDatabase(await withEmpty()), /^DATABASE_URL: the database has no migrations .* run npm run migrate/],
  [
    'one migration too few',
    () =>
      withMigration(
        'delete from supabase_migrations.schema_migrations where version = (select max(version) from supabase_migrations.schema_migrations)',
      ),
    /^DATABASE_URL: the database lacks migrations of this program \(\d{14}_\w+\); run npm run migrate/,
  ],
  [
    'a newer migration that breaks older programs',
    () => withMigration(`${RECORD} ('29990101000000', 'from_tomorrow', array['drop table public.cards'])`),
    /^DATABASE_URL: this program is older than its database.*29990101000000_from_tomorrow; deploy the newer version/,
  ],
  [
    'a login that may not make the queue’s schema',
    async () => ({ REDIS_URL: '', ...withDatabase(await logins.urlFor(PROCESS_ROLES)) }),
    /^ {2}DATABASE_URL: the login (login_\w+) may not make or use the schema bullmq.*; set REDIS_URL, or .* create schema bullmq authorization "\1"/m,
  ],
  [
    'a PostgreSQL that loses what it has confirmed',
    () => ({ AGS_ALLOW_UNSAFE_POSTGRES: '' }),
    /^ {2}DATABASE_URL: .* has fsync off, .*; set fsync = on[\s\S]*^ {2}DATABASE_URL: .* has full_page_writes off[\s\S]*^ {2}DATABASE_URL: .* has synchronous_commit off, /m,
    4,
  ],
  [
    'a login whose commits are not waited for',
    async () => {
      const safe = await keep(startPrivatePostgres({ isDurable: true }), ({ stop }) => stop());
      await migratePostgres(safe.url);
      const owner = new pg.Client({ connectionString: safe.url });
      await owner.connect();
      await owner.query('alter role postgres set synchronous_commit = off');
      await owner.end();
      return { AGS_ALLOW_UNSAFE_POSTGRES: '', ...withDatabase(safe.url) };
    },
    /^ {2}DATABASE_URL: .* has synchronous_commit off, so that a crash would lose/m,
  ],
  [
    'a Redis that evicts',
    () => withRedis({ settings: ['--maxmemory-policy', 'allkeys-lru'] }),
    /^ {2}REDIS_URL: .*maxmemory-policy is allkeys-lru.*; set maxmemory-policy noeviction/m,
  ],
  [
    'a Redis without an append-only file',
    () => withRedis({ settings: ['--appendonly', 'no'] }),
    /^ {2}REDIS_URL: .*appendonly is no.*; set appendonly yes/m,
  ],
  [
    'a Redis with another password',
    async () => {
      const { REDIS_URL = '' } = await withRedis({ settings: ['--requirepass', 'canary-right'], password: 'canary-right' });
      return { REDIS_URL: changeUrl(REDIS_URL, { password: 'canary-wrong' }) };
    },
    /^ {2}REDIS_URL: the Redis at 127\.0\.0\.1:\d+ refused the login; set the user and password/m,
  ],
  [
    'a Redis that is too old',
    async () => ({ REDIS_URL: (await keep(startOldRedis(), ({ stop }) => stop())).url }),
    /^ {2}REDIS_URL: this Redis is version 5\.0\.7, and the queues need 6\.2 or newer; upgrade it/m,
  ],
  [
    'a wrong Supabase key',
    () => withSupabase({ SUPABASE_SECRET_KEY: 'sb_secret_canary' }),
    /^SUPABASE_SECRET_KEY: Supabase refused the key; set /,
  ],
  [
    'a wrong JWT secret',
    () => withSupabase({ SUPABASE_JWT_SECRET: 'canary-jwt-secret-of-forty-characters-or-so' }),
    /^SUPABASE_JWT_SECRET: Supabase refused a token .*; set the project’s legacy JWT secret/,
  ],
  [
    'a Supabase without migrations',
    async () => withSupabase({}, { url: await withEmpty() }),
    /^SUPABASE_URL: .* no migrations .* npm run migrate/,
  ],
  [
    'an address that is no Supabase',
    () => withSupabase({}, { trouble: () => Response.json({ message: 'no Route matched' }, { status: 404 }) }),
    /^SUPABASE_URL: expected the address of a Supabase project, such as /,
  ],
  ['a token that Telegram refuses', () => ({}), /^TELEGRAM_BOT_TOKEN: Telegram does not know it .*; take the token from @BotFather/],
];

test.each(rows)('%s: exit 78 and a sentence', async (_, arrange, says, lineCount = 2) => {
  const program = startProgram({ ...base, ...(await arrange()) });
  expect(await program.ended).toBe(78);
  expect(program.stderr()).toMatch(says);
  // No line twice.
  const lines = program
    .stderr()
    .trim()
    .split('\n')
    .map((line) => line.trim());
  expect(lines.length).toBeLessThanOrEqual(lineCount);
  expect(new Set(lines).size).toBe(lines.length);
  const all = program.stderr() + program.lines.join('\n');
  expect(all).not.toContain('canary');
  expect(program.stderr()).not.toMatch(/\bat .*\.[jt]s:\d+/);
});

test('what the sentence about the queue’s schema says to run is all that is missing', async () => {
  const variables = { ...base, TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token, REDIS_URL: '', ...withDatabase(await logins.urlFor(PROCESS_ROLES)) };
  const refused = startProgram(variables);
  expect(await refused.ended).toBe(78);
  const statements = /as the owner run: (.*)$/m.exec(refused.stderr())?.[1] ?? '';
  for (const statement of statements.split('; ')) await good.sql(statement);
  const program = startProgram(variables);
  await program.started();
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
});

test('a newer migration that older programs can live with: a start with a warning', async () => {
  const newer = await withMigration(`${RECORD} ('29990101000000', 'from_tomorrow', array['-- Running code does not break.\nselect 1'])`);
  const program = startProgram({ ...base, TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token, ...newer });
  await program.started();
  expect(program.lines.join('\n')).toContain('The database is newer than this program (29990101000000_from_tomorrow)');
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
});
