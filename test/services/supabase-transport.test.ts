import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { DATABASE_ROLES, type DatabaseRole, makeRpc, type Transport } from '../../src/store/rpc.ts';
import { makeRoleTokens } from '../../src/store/transports/role-tokens.ts';
import { makeSupabaseTransport, type SupabaseTransportOptions } from '../../src/store/transports/supabase.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { installProbes } from '../support/probes.ts';
import { JWT_SECRET, RESTORE_GRANTS, SECRET_KEY, type SupabaseLite, startSupabaseLite } from '../support/supabase-lite.ts';
import { testTransport } from '../support/transport-conformance.ts';

const WITH_TOKENS = { secretKey: SECRET_KEY, jwtSecret: JWT_SECRET, roles: DATABASE_ROLES } as const;

describe('Supabase as a transport', () => {
  testTransport(async () => {
    const database = await createDatabase(inject('templateUrl'));
    const lite = await startSupabaseLite(database.url);
    const transport = makeSupabaseTransport({ url: lite.url, ...WITH_TOKENS });
    await transport.ping();
    await database.sql(RESTORE_GRANTS);
    return {
      transport,
      sql: database.sql,
      reload: lite.reload,
      async close() {
        await transport.close();
        await lite.close();
        await database.drop();
      },
    };
  });
});

describe('who calls over Supabase', () => {
  let database: PostgresDatabase;
  let lite: SupabaseLite;
  beforeAll(async () => {
    database = await createDatabase(inject('templateUrl'));
    await installProbes(database.sql);
    await database.sql('grant execute on function public.probe_role() to service_role');
    lite = await startSupabaseLite(database.url);
  });
  afterAll(async () => {
    await lite?.close();
    await database?.drop();
  });
  const open = (options: Partial<SupabaseTransportOptions> = {}): Transport =>
    makeSupabaseTransport({ url: lite.url, ...WITH_TOKENS, ...options });

  test('without a JWT secret the key itself calls, and reaches what is exposed and nothing else', async () => {
    const transport = open({ jwtSecret: null });
    await transport.ping();
    expect(await transport.call('ags_worker', 'probe_role', {})).toBe('service_role');
    expect(await transport.call('ags_bot', 'get_stop_state', {})).toMatchObject({ is_stopped: false });
    await expect(transport.call('ags_bot', '_wake', { p_step_id: 'x' })).rejects.toMatchObject({ code: '42501' });
    expect(lite.requests.at(-1)?.headers.get('authorization')).toBe(`Bearer ${SECRET_KEY}`);
  });

  test('with it every request carries a token of its role, beside the key that the gateway wants', async () => {
    expect(await open().call('ags_worker', 'probe_role', {})).toBe('ags_worker');
    const { headers } = lite.requests.at(-1) ?? new Request(lite.url);
    expect(headers.get('apikey')).toBe(SECRET_KEY);
    expect(headers.get('authorization')).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test('a role that this process was not given is refused before anything is sent', async () => {
    const before = lite.requests.length;
    await expect(open({ roles: ['ags_web'] }).call('ags_worker', 'probe_role', {})).rejects.toMatchObject({ code: 'internal' });
    expect(lite.requests).toHaveLength(before);
  });

  test('a token whose time is over is replaced, and the call goes through', async () => {
    let offsetMs = -3_600_000;
    const transport = open({
      clock() {
        const now = new Date(Date.now() + offsetMs);
        // Right from the second token on, as a machine’s clock that was just set.
        offsetMs = 0;
        return now;
      },
    });
    const before = lite.requests.length;
    expect(await transport.call('ags_bot', 'get_stop_state', {})).toMatchObject({ is_stopped: false });
    expect(lite.requests.length - before).toBe(2);
  });

  test('a clock that stays wrong is said, after two tries', async () => {
    const before = lite.requests.length;
    const call = makeRpc(open({ clock: () => new Date('2020-01-01T00:00:00Z') }), 'ags_bot').call('get_stop_state', {}, z.unknown());
    await expect(call).rejects.toMatchObject({ code: 'config_invalid', retry: 'later', message: expect.stringContaining('clock') });
    expect(lite.requests.length - before).toBe(2);
  });

  test.each([
    ['SUPABASE_SECRET_KEY', 'a key of another project', { secretKey: 'sb_secret_of-another-project' }],
    ['SUPABASE_SECRET_KEY', 'such a key, which calls itself', { secretKey: 'sb_secret_of-another-project', jwtSecret: null }],
    ['SUPABASE_JWT_SECRET', 'a JWT secret of another project', { jwtSecret: 'the-jwt-secret-of-some-other-project-here' }],
  ])('%s is named for %s, and the secrets are not', async (variable, _, options) => {
    const thrown = await makeRpc(open(options), 'ags_bot')
      .call('get_stop_state', {}, z.unknown())
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: 'config_invalid',
      retry: 'later',
      message: expect.stringMatching(new RegExp(`^${variable}: .* set `)),
    });
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toMatch(/another-project|some-other/);
  });

  test('a role that the project does not have: the remedy is to migrate', async () => {
    // Roles belong to the whole server, which other tests use: a name that is none stands for one that was not made.
    const role = 'ags_nobody' as DatabaseRole;
    const call = open({ roles: [role] }).call(role, 'get_stop_state', {});
    await expect(call).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining('npm run migrate') });
  });

  test('carries an artifact of 32 KiB there and back, whole', async () => {
    const text = '⚖️ "quoted" \\ \n'.repeat(2_500).slice(0, 32_000);
    const object = { text, list: Array.from({ length: 5_000 }, (_, index) => index) };
    expect(await open().call('ags_worker', 'probe_echo', { p_text: text, p_count: 1, p_object: object })).toMatchObject({ text, object });
  });

  test('an argument that JSON cannot hold is refused', async () => {
    const call = open().call('ags_worker', 'probe_echo', { p_text: 'x', p_count: 1, p_object: new Uint8Array(3) });
    await expect(call).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a Supabase that grants every table to the API roles', () => {
  let database: PostgresDatabase;
  let lite: SupabaseLite;
  beforeAll(async () => {
    database = await createDatabase(inject('templateUrl'));
    await database.sql(`insert into public.short_term (key, value, expires_at) values ('k', '1', now() + interval '1 day')`);
    lite = await startSupabaseLite(database.url);
    await makeSupabaseTransport({ url: lite.url, ...WITH_TOKENS }).ping();
  });
  afterAll(async () => {
    await lite?.close();
    await database?.drop();
  });
  /** Past the transport, straight at a table. `authenticated` is none of our roles: the library signs for any. */
  async function ask(role: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
    const tokens = makeRoleTokens({ jwtSecret: JWT_SECRET, issuer: lite.url, clock: () => new Date() });
    const headers = {
      apikey: SECRET_KEY,
      authorization: `Bearer ${tokens.mint(role as DatabaseRole)}`,
      'content-type': 'application/json',
    };
    const answer = await fetch(`${lite.url}/rest/v1/short_term`, { ...init, headers });
    return { status: answer.status, body: await answer.json() };
  }
  const written = { method: 'POST', body: JSON.stringify({ key: 'x', value: 1, expires_at: '2030-01-01' }) };

  test.each(['anon', 'authenticated'])('row level security, forced, still shows %s nothing and takes nothing', async (role) => {
    const [grants] = await database.sql(`select has_table_privilege($1, 'public.short_term', 'insert') as are_there`, [role]);
    expect(grants).toEqual({ are_there: true });
    expect(await ask(role)).toEqual({ status: 200, body: [] });
    expect(await ask(role, written)).toMatchObject({ body: { code: '42501', message: expect.stringContaining('row-level security') } });
  });

  test.each(DATABASE_ROLES)('%s was granted nothing', async (role) => {
    expect(await ask(role)).toMatchObject({ status: 403, body: { code: '42501' } });
    expect(await ask(role, written)).toMatchObject({ status: 403, body: { code: '42501' } });
  });

  test('the grants can be taken back, and stay taken', async () => {
    await database.sql(RESTORE_GRANTS);
    await makeSupabaseTransport({ url: lite.url, ...WITH_TOKENS }).ping();
    const [row] = await database.sql(
      `select count(*)::int as open from pg_class c cross join unnest(array['anon', 'authenticated', 'service_role']) r
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and has_table_privilege(r, c.oid, 'select, insert, update, delete')`,
    );
    expect(row).toEqual({ open: 0 });
  });
});
