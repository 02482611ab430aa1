import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { DATABASE_ROLES, makeRpc } from '../../src/store/rpc.ts';
import { makePostgresTransport } from '../../src/store/transports/postgres.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { testTransport } from '../support/transport-conformance.ts';

describe('PostgreSQL as a transport', () => {
  testTransport(async () => {
    const database = await createDatabase(inject('templateUrl'));
    const transport = makePostgresTransport({ connectionString: database.url, roles: DATABASE_ROLES });
    return {
      transport,
      sql: database.sql,
      async close() {
        await transport.close();
        await database.drop();
      },
    };
  });
});

describe('a PostgreSQL in trouble', () => {
  let database: PostgresDatabase;
  beforeAll(async () => {
    database = await createDatabase(inject('templateUrl'));
    await database.sql(
      `create function public.probe_sleep() returns jsonb language sql as $$ select to_jsonb(true) from pg_sleep(3600) $$`,
    );
    await database.sql('grant execute on function public.probe_sleep() to ags_worker');
  });
  afterAll(async () => database?.drop());

  test('a connection that the server ends is an outage, and the next call gets a new one', async () => {
    const idleErrors: string[] = [];
    const transport = makePostgresTransport({
      connectionString: database.url,
      roles: ['ags_worker'],
      onIdleError: (error, role) => idleErrors.push(`${role}: ${error.message}`),
    });
    const rpc = makeRpc(transport, 'ags_worker');
    // Expected from the start: the connection may end before the one that ends it has answered.
    const outage = expect(rpc.call('probe_sleep', {}, z.unknown())).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
    await terminateSleepers(database);
    await outage;
    await transport.ping();
    await terminateOthers(database);
    await expect.poll(() => idleErrors.length).toBeGreaterThan(0);
    await transport.ping();
    await transport.close();
  });

  test('an interrupted call is answered at once and does not hold up the close', async () => {
    const transport = makePostgresTransport({ connectionString: database.url, roles: ['ags_worker'], maxConnectionsPerRole: 1 });
    const controller = new AbortController();
    const call = makeRpc(transport, 'ags_worker').call('probe_sleep', {}, z.unknown(), controller.signal);
    await expect.poll(() => countSleepers(database)).toBe(1);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    await transport.ping();
    await transport.close();
    await terminateSleepers(database);
  });

  test('nobody at the address is an outage', async () => {
    const transport = makePostgresTransport({ connectionString: 'postgresql://nobody@127.0.0.1:1/none', roles: ['ags_worker'] });
    await expect(makeRpc(transport, 'ags_worker').call('probe_sleep', {}, z.unknown())).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    await transport.close();
  });

  test('a role without a pool in this process is refused', async () => {
    const transport = makePostgresTransport({ connectionString: database.url, roles: ['ags_web'] });
    await expect(makeRpc(transport, 'ags_worker').call('probe_sleep', {}, z.unknown())).rejects.toMatchObject({ code: 'internal' });
    await transport.close();
  });
});

const SLEEPERS = `from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;

async function countSleepers({ sql }: PostgresDatabase): Promise<unknown> {
  return (await sql(`select count(*)::int as count ${SLEEPERS}`))[0]?.count;
}

async function terminateSleepers(database: PostgresDatabase): Promise<void> {
  await expect.poll(() => countSleepers(database)).toBe(1);
  await database.sql(`select pg_terminate_backend(pid) ${SLEEPERS}`);
}

async function terminateOthers({ sql }: PostgresDatabase): Promise<void> {
  await sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'dynamic-ags%'`,
  );
}
