import { once } from 'node:events';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { DATABASE_ROLES, makeRpc } from '../../src/store/rpc.ts';
import { makeSupabaseTransport, type SupabaseTransportOptions } from '../../src/store/transports/supabase.ts';
import { makeReadiness } from '../../src/web/readiness.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { installProbes } from '../support/probes.ts';
import { JWT_SECRET, SECRET_KEY, type SupabaseLite, startSupabaseLite } from '../support/supabase-lite.ts';

let database: PostgresDatabase;
let lite: SupabaseLite;
beforeAll(async () => {
  database = await createDatabase(inject('templateUrl'));
  await installProbes(database.sql);
  lite = await startSupabaseLite(database.url);
});
afterAll(async () => {
  await lite?.close();
  await database?.drop();
});
afterEach(() => lite.setTrouble(null));

function open(options: Partial<SupabaseTransportOptions> = {}) {
  const transport = makeSupabaseTransport({
    url: lite.url,
    secretKey: SECRET_KEY,
    jwtSecret: JWT_SECRET,
    roles: DATABASE_ROLES,
    random: () => 0,
    ...options,
  });
  const worker = makeRpc(transport, 'ags_worker');
  return {
    transport,
    write: (number: number, signal?: AbortSignal) => worker.call('probe_write', { p_number: number }, z.number(), signal),
  };
}
const answerWith = (status: number, body: unknown) => () => Response.json(body, { status });
const countRequests = async (act: () => Promise<unknown>) => {
  const before = lite.requests.length;
  await act();
  return lite.requests.length - before;
};
const findRow = (number: number) => database.sql('select number from public.probe_rows where number = $1', [number]);

test('a project that is away for a while: calls fail, /ready names the store, and all goes on by itself', async () => {
  const { transport, write } = open();
  const readiness = makeReadiness({ checks: { store: (signal) => transport.ping(signal) }, log: pino({ enabled: false }) });
  expect(await readiness()).toEqual({ status: 'ready', checks: { store: 'ok' } });
  lite.setTrouble(() => new Response('upstream connect error', { status: 503 }));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await expect(write(1)).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later', context: { status: 503 } });
  }
  expect(await readiness()).toEqual({ status: 'not_ready', checks: { store: 'The database does not answer' } });
  lite.setTrouble(null);
  expect(await readiness()).toMatchObject({ status: 'ready' });
  expect(await write(1)).toBe(1);
});

test('a gateway that lives says nothing about the database behind it', async () => {
  const { transport } = open();
  lite.setTrouble(answerWith(503, { code: 'PGRST000', message: 'Could not connect with the database', details: null, hint: null }));
  const readiness = makeReadiness({ checks: { store: (signal) => transport.ping(signal) }, log: pino({ enabled: false }) });
  expect(await countRequests(async () => expect(await readiness()).toMatchObject({ status: 'not_ready' }))).toBe(1);
});

test.each(['PGRST000', 'PGRST001', 'PGRST002', 'PGRST003'])(
  '%s: the function did not run, so that the call is made again',
  async (code) => {
    const { write } = open();
    const number = Number(code.slice(-1)) + 10;
    let troubles = 2;
    lite.setTrouble(() => (troubles-- > 0 ? Response.json({ code, message: 'no connection' }, { status: 503 }) : null));
    expect(await countRequests(async () => expect(await write(number)).toBe(number))).toBe(3);
    expect(await findRow(number)).toHaveLength(1);
  },
);

test('but not for ever', async () => {
  lite.setTrouble(answerWith(503, { code: 'PGRST002', message: 'Could not query the database for the schema cache. Retrying.' }));
  const tries = await countRequests(() => expect(open().write(20)).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' }));
  expect(tries).toBe(3);
});

test.each([
  [502, 'Bad Gateway'],
  [504, 'Gateway Timeout'],
  [522, 'Connection timed out'],
  [540, 'Project paused'],
  [429, 'Too many requests'],
])('%i: nobody knows whether the function ran, so that the caller decides', async (status, text) => {
  lite.setTrouble(() => new Response(`<html>${text}</html>`, { status }));
  const tries = await countRequests(() =>
    expect(open().write(30)).rejects.toMatchObject({ code: 'store_unavailable', context: { status } }),
  );
  expect(tries).toBe(1);
});

test.each(['57P01', '53300', '08006'])('SQLSTATE %s over HTTP is an outage, as over PostgreSQL', async (code) => {
  lite.setTrouble(answerWith(503, { code, message: 'terminating connection', details: null, hint: null }));
  await expect(open().write(31)).rejects.toMatchObject({ code: 'store_unavailable', context: { sqlstate: code } });
});

test('a deadlock is tried again, as over PostgreSQL', async () => {
  let troubles = 1;
  lite.setTrouble(() => (troubles-- > 0 ? Response.json({ code: '40P01', message: 'deadlock detected' }, { status: 500 }) : null));
  expect(await countRequests(async () => expect(await open().write(32)).toBe(32))).toBe(2);
});

test('a gateway that hangs is given up, and the request is ended', async () => {
  const ended = Promise.withResolvers<void>();
  lite.setTrouble((request) => {
    request.signal.addEventListener('abort', () => ended.resolve());
    return new Promise(() => undefined);
  });
  await expect(open({ timeoutMs: 50 }).write(40)).rejects.toMatchObject({
    code: 'store_unavailable',
    message: expect.stringContaining('50 ms'),
  });
  await ended.promise;
});

test('an answer that begins and does not end is given up as well', async () => {
  lite.setTrouble(
    () =>
      new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"number":')) }), {
        headers: { 'content-type': 'application/json' },
      }),
  );
  await expect(open({ timeoutMs: 50 }).write(41)).rejects.toMatchObject({ code: 'store_unavailable' });
});

test('an interruption ends the request at once', async () => {
  const arrived = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  lite.setTrouble((request) => {
    request.signal.addEventListener('abort', () => ended.resolve());
    arrived.resolve();
    return new Promise(() => undefined);
  });
  const controller = new AbortController();
  const call = open().write(42, controller.signal);
  await arrived.promise;
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'aborted' });
  await ended.promise;
});

test.each([
  ['a page with 200', () => new Response('<html>Welcome</html>', { headers: { 'content-type': 'text/html' } }), 'store_unavailable'],
  ['a page with 404', () => new Response('<html>Not here</html>', { status: 404 }), 'config_invalid'],
  ['nothing with 404', () => new Response(null, { status: 404 }), 'config_invalid'],
  ['a redirect', () => Response.redirect('https://elsewhere.example/rest/v1', 301), 'config_invalid'],
])('%s is no answer, and SUPABASE_URL is named', async (_, trouble, code) => {
  lite.setTrouble(trouble);
  await expect(open().write(50)).rejects.toMatchObject({
    code,
    retry: 'later',
    message: expect.stringMatching(/^SUPABASE_URL: expected /),
  });
});

test.each([
  ['SUPABASE_JWT_SECRET', JWT_SECRET, 2],
  ['SUPABASE_SECRET_KEY', null, 1],
])('%s is named when PostgREST does not take the token', async (variable, jwtSecret, tries) => {
  lite.setTrouble(answerWith(401, { code: 'PGRST301', message: 'No suitable key or wrong key type', details: null, hint: null }));
  const { write, transport } = open({ jwtSecret });
  const refused = { code: 'config_invalid', retry: 'later', message: expect.stringMatching(new RegExp(`^${variable}: `)) };
  expect(await countRequests(() => expect(write(52)).rejects.toMatchObject(refused))).toBe(tries);
  await expect(transport.ping()).rejects.toMatchObject(refused);
});

test('JSON that is cut off is no answer either', async () => {
  lite.setTrouble(() => new Response('{"number": 5', { headers: { 'content-type': 'application/json' } }));
  await expect(open().write(51)).rejects.toMatchObject({ code: 'store_unavailable', message: expect.not.stringContaining('number') });
});

test('nobody at the address is an outage; as nothing was sent it is tried three times', async () => {
  let tries = 0;
  const counting: typeof fetch = (input, init) => {
    tries += 1;
    return fetch(input, init);
  };
  const { write } = open({ url: await findDeserted(), fetch: counting });
  await expect(write(60)).rejects.toMatchObject({
    code: 'store_unavailable',
    retry: 'later',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  expect(tries).toBe(3);
});

/** An address that somebody has just left. */
async function findDeserted(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return `http://127.0.0.1:${address.port}`;
}
