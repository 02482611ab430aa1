import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { findFreePort } from '../../scripts/free-port.ts';
import { MIGRATIONS_DIR } from '../../scripts/migrate-postgres.ts';
import { Secret } from '../../src/config.ts';
import { openServerStore, type ServerStoreOptions } from '../../src/servers/store.ts';
import { type Logins, makeLogins } from '../support/logins.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { until } from '../support/telling.ts';

let database: PostgresDatabase;
let logins: Logins;
beforeAll(async () => {
  database = await createDatabase(inject('templateUrl'));
  logins = makeLogins(database);
});
afterAll(async () => {
  await logins?.drop();
  await database?.drop();
});

const warned: unknown[] = [];
const doors: Server[] = [];
afterEach(async () => {
  warned.length = 0;
  for (const door of doors.splice(0)) await new Promise((resolve) => door.close(resolve));
});

function open(databaseUrl: string, options: Partial<ServerStoreOptions> = {}) {
  return openServerStore({
    store: { kind: 'postgres', databaseUrl: new Secret(databaseUrl) },
    roles: ['ags_worker'],
    isUnsafeAllowed: true,
    migrationsDir: MIGRATIONS_DIR,
    log: { warn: (fields: unknown) => void warned.push(fields) },
    ...options,
  });
}

/** The database's address at a port where nobody listens yet. */
async function moveTo(port: number): Promise<string> {
  const url = new URL(await logins.urlFor(['ags_worker']));
  url.port = String(port);
  return url.href;
}

/** From now on the database answers at this port too. */
async function openDoor(port: number): Promise<void> {
  const { hostname, port: realPort } = new URL(database.url);
  const door = createServer((incoming) => {
    const outgoing = connect(Number(realPort), hostname);
    incoming.pipe(outgoing).pipe(incoming);
    for (const socket of [incoming, outgoing]) socket.on('error', () => [incoming, outgoing].map((one) => one.destroy()));
  }).listen(port, '127.0.0.1');
  await once(door, 'listening');
  doors.push(door);
}

test('a database that comes up a little later is waited for, with a line for each try', async () => {
  const port = await findFreePort();
  const opening = open(await moveTo(port));
  await until(() => warned.length > 0);
  expect(warned[0]).toEqual({ problem: expect.stringMatching(`^DATABASE_URL: PostgreSQL does not answer at 127.0.0.1:${port}`) });
  await openDoor(port);
  const { transport, warnings } = await opening;
  // The tests' server writes hastily.
  expect(warnings.map((warning) => / has (\w+) off/.exec(warning)?.[1])).toEqual(['fsync', 'full_page_writes', 'synchronous_commit']);
  expect(warnings.join(' ')).toContain('AGS_ALLOW_UNSAFE_POSTGRES accepts');
  await transport.ping();
  await transport.close();
});

test('one that does not come up within the patience is named', async () => {
  const port = await findFreePort();
  const error = { code: 'store_unavailable', message: expect.stringContaining(`does not answer at 127.0.0.1:${port}`) };
  await expect(open(await moveTo(port), { patienceMs: 1_500 })).rejects.toMatchObject(error);
  expect(warned).toHaveLength(1);
});

test('who is asked to end meanwhile ends at once', async () => {
  const ending = new AbortController();
  const opening = open(await moveTo(await findFreePort()), { signal: ending.signal });
  const refused = expect(opening).rejects.toMatchObject({ code: 'aborted' });
  await until(() => warned.length > 0);
  ending.abort();
  await refused;
});

test('what somebody has to correct is not waited for: also a role that only the last of several lacks', async () => {
  const url = await logins.urlFor(['ags_bot', 'ags_web']);
  const refused = { code: 'config_invalid', message: expect.stringMatching(/^DATABASE_URL: .*grant ags_worker to "login_/) };
  await expect(open(url, { roles: ['ags_bot', 'ags_web', 'ags_worker'] })).rejects.toMatchObject(refused);
  expect(warned).toEqual([]);
});
