import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ProcessRole } from '../../src/config.ts';
import { type Fleet, type Machine, openFleet, toDatabaseRole } from '../support/fleet.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/telling.ts';

const ROLES: readonly ProcessRole[] = ['bot', 'worker', 'web'];
/** Everybody's login but one's own. */
const ANOTHER: Record<ProcessRole, ProcessRole> = { bot: 'worker', worker: 'web', web: 'bot' };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'webhook' });
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

describe.each(ROLES)('%s alone, with a login that may be that and nothing else', (role) => {
  let machine: Machine;
  beforeAll(async () => {
    const [started] = await fleet.start(role);
    if (started === undefined) throw new Error(`${role} did not start`);
    machine = started;
  });

  test('it serves /health, /ready and /metrics on its port', async () => {
    const health = await fetch(`${machine.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    const isReady = async () => (await fetch(`${machine.url}/ready`)).status === 200;
    await until(isReady);
    expect(await (await fetch(`${machine.url}/ready`)).json()).toMatchObject({
      status: 'ready',
      checks: { store: 'ok', queue: 'ok', telegram: 'ok' },
    });
    const metrics = await fetch(`${machine.url}/metrics`);
    expect(metrics.status).toBe(200);
    // What only the rows know: each role may read it.
    expect(await metrics.text()).toMatch(/^ags_inbox_pending 0$/m);
  });

  test('only web takes updates in', async () => {
    const response = await fetch(`${machine.url}/webhooks/telegram`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(role === 'web' ? 401 : 404);
  });

  test('its connections are its own role’s, and it logs no error and no warning of its login', async () => {
    const sessions = await fleet.sql(
      `select distinct usename::text as login, application_name as name from pg_stat_activity where datname = current_database() and application_name like 'dynamic-ags %'`,
    );
    const login = new URL(await fleet.databaseUrlFor(role)).username;
    expect(sessions).toEqual([{ login, name: `dynamic-ags ${toDatabaseRole(role)}` }]);
    // That the tests' own server is hasty with its writes is said, and is no trouble of the login.
    const said = machine.lines.filter((line) => !line.includes('AGS_ALLOW_UNSAFE_POSTGRES'));
    expect(said.filter((line) => line.includes('"level":"error"') || line.includes('DATABASE_URL'))).toEqual([]);
  });

  test('it ends with 0 on SIGTERM, within 10 s', async () => {
    const { code, tookMs } = await fleet.end(machine, 'SIGTERM');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(10_000);
    expect(machine.stderr()).toBe('');
    expect(machine.lines.at(-1)).toContain('"msg":"drained"');
  });

  test('with another role’s login it ends with 78, and the sentence that mends it', async () => {
    const DATABASE_URL = await fleet.databaseUrlFor(ANOTHER[role]);
    const program = startProgram({ ...(await fleet.variablesFor(role)), DATABASE_URL }, [role]);
    expect(await program.ended).toBe(78);
    const { username, password } = new URL(DATABASE_URL);
    expect(program.stderr()).toContain(`grant ${toDatabaseRole(role)} to "${username}"`);
    expect(program.stderr()).not.toContain(password);
  });
});

test('what each role has done by being started: the bot alone made policy and people, whoever came after it found them', async () => {
  expect(await fleet.sql('select policy_version from public.policies')).toHaveLength(1);
  const [people] = await fleet.sql('select count(*)::int as count from public.person_roles');
  expect(people).toEqual({ count: 5 });
  expect(await fleet.sql('select 1 from public.workers')).toEqual([]);
});
