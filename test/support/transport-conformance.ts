import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DATABASE_ROLES, makeRpc, type Rpc, type Transport } from '../../src/store/rpc.ts';
import type { Sql } from './owner-sql.ts';
import { installProbes } from './probes.ts';

export interface TransportUnderTest {
  transport: Transport;
  sql: Sql;
  /** Called when functions have been made, for what reads the schema once and keeps it. */
  reload?(): Promise<void>;
  close(): Promise<void>;
}

/** What every way to the database must do alike. `open` gives a migrated database of its own. */
export function testTransport(open: () => Promise<TransportUnderTest>): void {
  let under: TransportUnderTest;
  let worker: Rpc;

  beforeAll(async () => {
    under = await open();
    await installProbes(under.sql);
    await under.reload?.();
    worker = makeRpc(under.transport, 'ags_worker');
  });
  afterAll(async () => under?.close());

  test('carries text, numbers, objects, nulls, moments and defaults', async () => {
    const object = { quote: `'"\\ `, list: [1, null, { deep: true }], emoji: '🚦' };
    const when = new Date('2025-09-28T10:00:00.123Z');
    const answer = await worker.call(
      'probe_echo',
      { p_text: `it's`, p_count: -7, p_object: object, p_when: when, p_flag: undefined },
      z.unknown(),
    );
    expect(answer).toEqual({ text: `it's`, count: -7, object, when: '2025-09-28T10:00:00.123+00:00', flag: true });
    const nulls = await worker.call('probe_echo', { p_text: null, p_count: null, p_object: null, p_flag: false }, z.unknown());
    expect(nulls).toEqual({ text: null, count: null, object: null, when: null, flag: false });
  });

  test('answers null for a function that returns nothing', async () => {
    expect(await worker.call('probe_nothing', {}, z.null())).toBeNull();
  });

  test('runs under exactly the role asked for, also when many calls run at once', async () => {
    expect(await worker.call('probe_role', {}, z.string())).toBe('ags_worker');
    await under.sql('grant execute on function public.probe_role() to ags_bot, ags_web, ags_reader');
    const roles = Array.from({ length: 40 }, (_, index) => DATABASE_ROLES[index % DATABASE_ROLES.length] ?? 'ags_bot');
    const answers = await Promise.all(roles.map((role) => makeRpc(under.transport, role).call('probe_role', {}, z.string())));
    expect(answers).toEqual(roles);
  });

  test('refuses every function to every role that was not granted it, also right after calls that were allowed', async () => {
    const forbidden = await listForbidden(under.sql);
    expect(new Set(forbidden.map(({ role }) => role))).toEqual(new Set(DATABASE_ROLES));
    for (const { role, name, args } of forbidden) {
      await worker.call('probe_nothing', {}, z.null());
      const call = under.transport.call(role, name, args).then(
        () => 'ran',
        (thrown: { code?: string }) => thrown.code,
      );
      expect(await call, `${name} as ${role}`).toBe('42501');
    }
  });

  test('refuses tables to the application’s roles', async () => {
    for (const role of DATABASE_ROLES) {
      const [row] = await under.sql(
        `select count(*)::int as open from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and has_table_privilege($1, c.oid, 'select, insert, update, delete, truncate')`,
        [role],
      );
      expect(row, role).toEqual({ open: 0 });
    }
  });

  test('undoes what a refused call had written, and tells why', async () => {
    await expect(worker.call('probe_write', { p_number: 1, p_state: 'ZT001' }, z.unknown())).rejects.toMatchObject({
      code: 'state_conflict',
      message: 'refused',
      context: { number: 1, hint: 'try another', sqlstate: 'ZT001', function: 'probe_write', role: 'ags_worker' },
    });
    expect(await under.sql('select * from public.probe_rows where number = 1')).toEqual([]);
    expect(await worker.call('probe_write', { p_number: 1 }, z.number())).toBe(1);
    await expect(worker.call('probe_write', { p_number: 1 }, z.unknown())).rejects.toMatchObject({ code: 'store_failed' });
  });

  test('says which function does not exist, and goes on', async () => {
    await expect(worker.call('probe_missing', {}, z.unknown())).rejects.toMatchObject({
      code: 'store_failed',
      context: { sqlstate: '42883' },
    });
    expect(await worker.call('probe_role', {}, z.string())).toBe('ags_worker');
  });

  test('does not call what was interrupted before it began', async () => {
    const aborted = AbortSignal.abort();
    await expect(worker.call('probe_write', { p_number: 50 }, z.unknown(), aborted)).rejects.toMatchObject({ code: 'aborted' });
    expect(await under.sql('select * from public.probe_rows where number = 50')).toEqual([]);
  });

  test('answers a ping', async () => {
    await under.transport.ping(AbortSignal.timeout(5000));
  });
}

interface Forbidden {
  role: (typeof DATABASE_ROLES)[number];
  name: string;
  args: Record<string, null>;
}

/** Permission is checked before anything runs, so that nulls will do for arguments. */
async function listForbidden(sql: Sql): Promise<Forbidden[]> {
  const rows = await sql(
    `select r.rolname as role, p.proname as name,
       coalesce((select jsonb_object_agg(a.name, null) from unnest(p.proargnames[1:p.pronargs]) as a(name)), '{}') as args
     from pg_proc p cross join pg_roles r
     where p.pronamespace = 'public'::regnamespace and r.rolname = any ($1) and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
       and p.provariadic = 0 and not has_function_privilege(r.oid, p.oid, 'execute')
       and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
     order by 1, 2`,
    [[...DATABASE_ROLES]],
  );
  // The query gives exactly these columns, and only roles of the list.
  return rows as unknown as Forbidden[];
}
