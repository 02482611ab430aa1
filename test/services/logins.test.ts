import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { listLoginWarnings } from '../../src/store/login-check.ts';
import { type DatabaseRole, makeRpc } from '../../src/store/rpc.ts';
import { makePostgresTransport } from '../../src/store/transports/postgres.ts';
import { type PoolerManner, startPooler } from '../support/pooler.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';

let database: PostgresDatabase;
const logins: string[] = [];
beforeAll(async () => {
  database = await createDatabase(inject('templateUrl'));
});
afterAll(async () => {
  for (const login of logins) await database.sql(`drop owned by ${login}; drop role ${login}`);
  await database?.drop();
});

/** A login of its own that may do what the statements give it (`$` stands for its name), as the address of the database with it. */
async function makeLogin(...statements: string[]): Promise<string> {
  const login = `login_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  logins.push(login);
  await database.sql(`create role ${login} login noinherit password '${password}'`);
  for (const statement of statements) await database.sql(statement.replaceAll('$', login));
  const url = new URL(database.url);
  url.username = login;
  url.password = password;
  return url.href;
}

async function warningsOf(url: string, roles: readonly DatabaseRole[], options?: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, options });
  await client.connect();
  const query = async (text: string, values: unknown[]) => (await client.query<Record<string, unknown>>(text, values)).rows;
  return listLoginWarnings({ query, roles }).finally(() => client.end());
}

describe('what a login may do beyond its role', () => {
  test('nothing, for a member of the one role, asked as the login or under the role', async () => {
    const url = await makeLogin('grant ags_worker to $');
    expect(await warningsOf(url, ['ags_worker'])).toEqual([]);
    expect(await warningsOf(url, ['ags_worker'], '-c role=ags_worker')).toEqual([]);
  });

  test('nothing, for a process that calls as several roles and has them all', async () => {
    const url = await makeLogin('grant ags_worker, ags_bot to $');
    expect(await warningsOf(url, ['ags_bot', 'ags_worker'])).toEqual([]);
  });

  test('becoming a role that the process does not need', async () => {
    const url = await makeLogin('grant ags_worker, ags_bot to $');
    expect(await warningsOf(url, ['ags_worker'])).toEqual([expect.stringMatching(/DATABASE_URL: the login login_\w+ can become ags_bot;/)]);
  });

  test('writing the audit log, by a grant or as the owner of it', async () => {
    const direct = await makeLogin('grant insert on public.audit_logs to $');
    expect(await warningsOf(direct, ['ags_worker'])).toEqual([expect.stringContaining('can write audit_logs')]);
    const owner = await makeLogin('grant ags_owner to $', 'alter role $ inherit');
    const warnings = (await warningsOf(owner, ['ags_worker'])).join('\n');
    expect(warnings).toContain('can write audit_logs');
    expect(warnings).toContain('can become ags_owner');
  });

  test('being a superuser, making roles, passing row level security', async () => {
    expect(await warningsOf(await makeLogin('alter role $ superuser'), ['ags_worker'])).toEqual([
      expect.stringContaining('is a superuser'),
    ]);
    const warnings = (await warningsOf(await makeLogin('alter role $ createrole bypassrls'), ['ags_worker'])).join('\n');
    expect(warnings).toMatch(/bypasses row level security[\s\S]*can create roles/);
  });
});

async function callRole(url: string, role: DatabaseRole = 'ags_worker'): Promise<string> {
  const transport = makePostgresTransport({ connectionString: url, roles: [role] });
  try {
    await makeRpc(transport, role).call('get_stop_state', {}, z.unknown());
    return 'called';
  } finally {
    await transport.close();
  }
}

async function callThrough(manner: PoolerManner, url: string): Promise<string> {
  const pooler = await startPooler(url, manner);
  return callRole(pooler.url).finally(() => pooler.close());
}

describe('a connection that cannot be what it should be', () => {
  const refused = (text: string | RegExp) => ({ code: 'config_invalid', message: expect.stringMatching(text) });

  test('a login that is no member of the role is told which grant is missing', async () => {
    const url = await makeLogin('grant ags_bot to $');
    await expect(callRole(url)).rejects.toMatchObject(refused(/^DATABASE_URL: .*grant ags_worker to "login_/));
    expect(await callRole(url, 'ags_bot')).toBe('called');
  });

  test('a pooler that drops or refuses the role is never used as the login', async () => {
    const url = await makeLogin('grant ags_worker to $', 'alter role $ inherit');
    await expect(callThrough('drops options', url)).rejects.toMatchObject(refused('does not pass the role ags_worker on'));
    await expect(callThrough('refuses options', url)).rejects.toMatchObject(refused('session pooler'));
  });

  test('a login that begins as its role may come through a pooler that drops it', async () => {
    const url = await makeLogin('grant ags_worker to $', `alter role $ set role = 'ags_worker'`);
    expect(await callThrough('drops options', url)).toBe('called');
    expect(await warningsOf(url, ['ags_worker'])).toEqual([]);
  });

  test('options in the address that take the place of the role are refused', async () => {
    const url = new URL(await makeLogin('grant ags_worker to $', 'alter role $ inherit'));
    url.searchParams.set('options', '-c statement_timeout=5s');
    await expect(callRole(url.href)).rejects.toMatchObject(refused('without options in the address'));
  });

  test('a login, a database and a role that do not exist', async () => {
    const nobody = new URL(await makeLogin());
    nobody.username = 'nobody_at_all';
    await expect(callRole(nobody.href)).rejects.toMatchObject(refused('login nobody_at_all'));
    const nowhere = new URL(await makeLogin('grant ags_worker to $'));
    nowhere.pathname = '/no_such_database';
    await expect(callRole(nowhere.href)).rejects.toMatchObject(refused('no such database'));
    // Nothing of the program can make this one; a server that was never migrated has none of the roles.
    const missing = makePostgresTransport({ connectionString: database.url, roles: ['ags_missing' as DatabaseRole] });
    await expect(missing.ping()).rejects.toMatchObject(refused(/no role ags_missing.*npm run migrate/));
    await missing.close();
  });

  test('no sentence holds the password', async () => {
    const url = await makeLogin();
    const { password } = new URL(url);
    const error: unknown = await callRole(url).catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain(password);
    expect(error).toMatchObject({ code: 'config_invalid' });
  });
});
