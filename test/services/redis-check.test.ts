import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, expect, inject, test } from 'vitest';
import { type PrivateRedis, type PrivateRedisOptions, startPrivateRedis } from '../../scripts/private-redis.ts';
import { AppError, toAppError } from '../../src/errors.ts';
import { connectRedis } from '../../src/servers/redis.ts';
import { checkRedis, type RedisCheckOptions } from '../../src/servers/redis-check.ts';
import { makeRedisQueue } from '../../src/servers/redis-queue.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { makeBench, nudge } from '../support/queue-conformance.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const lines: string[] = [];
const log = makeLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });

async function start(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const server = await startPrivateRedis(options);
  closers.push(() => server.stop());
  return server;
}

const check = (url: string, options: Partial<RedisCheckOptions> = {}) =>
  checkRedis({ url, isUnsafeAllowed: false, log, signal: AbortSignal.timeout(50_000), patienceMs: 0, ...options });

async function refusal(url: string, options: Partial<RedisCheckOptions> = {}): Promise<AppError> {
  try {
    await check(url, options);
  } catch (thrown) {
    return toAppError(thrown);
  }
  throw new AppError('internal', 'it was not refused');
}

/** A stranger at the port. */
async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    closers.push(() => socket.destroy());
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  // A server that listens on a port has an address of this kind.
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a Redis as it should be passes without a word', async () => {
  expect(await check((await start()).url)).toEqual([]);
});

test('so does the one that the other tests use', async () => {
  expect(await check(inject('redisUrl'), { isUnsafeAllowed: true })).toBeInstanceOf(Array);
});

test.each([
  [['--maxmemory-policy', 'allkeys-lru'], 'maxmemory-policy is allkeys-lru'],
  [['--appendonly', 'no'], 'appendonly is no'],
])('%j is refused; the flag for development turns that into a loud warning', async (settings, found) => {
  const { url } = await start({ settings });
  const error = await refusal(url);
  expect(error).toMatchObject({ code: 'config_invalid', context: { problems: [expect.stringContaining(found)] } });
  lines.length = 0;
  const warnings = await check(url, { isUnsafeAllowed: true });
  expect(warnings).toEqual([expect.stringContaining('AGS_ALLOW_UNSAFE_REDIS')]);
  expect(warnings[0]).toContain(found);
  expect(lines.filter((line) => JSON.parse(line).level === 'warn')).toHaveLength(1);
});

test('a managed Redis that lets nobody look is warned of', async () => {
  const { url, port } = await start();
  const admin = new Redis(url);
  await admin.acl('SETUSER', 'managed', 'on', '>pw', '~{ags}:*', '&*', '+@all', '-config', '-info');
  await admin.quit();
  const warnings = await check(`redis://managed:pw@127.0.0.1:${port}`);
  expect(warnings).toHaveLength(3);
  expect(warnings.join(' ')).toContain('noeviction');
});

test('a login that may not write is refused', async () => {
  const { url, port } = await start();
  const admin = new Redis(url);
  await admin.acl('SETUSER', 'reader', 'on', '>pw', '~*', '+@read', '+info', '+ping');
  await admin.quit();
  const error = await refusal(`redis://reader:pw@127.0.0.1:${port}`);
  expect(error).toMatchObject({ code: 'config_invalid', context: { problems: [expect.stringContaining('NOPERM')] } });
});

test.each([
  ['without its password', ''],
  ['with a wrong one', ':canary-wrong@'],
])('a login %s is refused at once, and no password is shown', async (_, login) => {
  const { port } = await start({ settings: ['--requirepass', 'canary-right'], password: 'canary-right' });
  const error = await refusal(`redis://${login}127.0.0.1:${port}`, { patienceMs: 30_000 });
  expect(error.code).toBe('config_invalid');
  expect(JSON.stringify(error.context)).toContain('refused the login');
  expect(JSON.stringify(error.context) + String(error.stack)).not.toContain('canary');
});

test('the right password passes, and no line of the log has it', async () => {
  const server = await start({ settings: ['--requirepass', 'canary-right'], password: 'canary-right' });
  expect(await check(server.url)).toEqual([]);
  lines.length = 0;
  const connections = connectRedis({ url: server.url, log });
  await connections.ping();
  await server.kill();
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  await connections.close();
  expect(lines.join('')).not.toContain('canary');
});

test('nobody at the address is waited for, with a line for each try, and is no fault of the configuration', async () => {
  lines.length = 0;
  const error = await refusal('redis://:canary@127.0.0.1:1', { patienceMs: 2_500 });
  expect(error).toMatchObject({
    code: 'queue_unavailable',
    retry: 'later',
    message: expect.stringContaining('127.0.0.1:1 does not answer'),
  });
  expect(lines.filter((line) => line.includes('waiting for Redis')).length).toBeGreaterThanOrEqual(1);
  expect(lines.join('') + error.message).not.toContain('canary');
});

test('a Redis that comes while it is waited for is fine', async () => {
  const server = await start();
  await server.kill();
  const checking = check(server.url, { patienceMs: 30_000 });
  await server.start();
  expect(await checking).toEqual([]);
});

test('a shutdown ends the waiting', async () => {
  const controller = new AbortController();
  const checking = refusal('redis://127.0.0.1:1', { patienceMs: 60_000, signal: controller.signal });
  controller.abort();
  expect(await checking).toMatchObject({ code: 'aborted' });
});

test('something else at the port is told from a Redis', async () => {
  const at = await listen((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const error = await refusal(`redis://${at}`, { patienceMs: 30_000 });
  expect(error).toMatchObject({
    code: 'config_invalid',
    context: { problems: [expect.stringContaining('does not speak Redis’ protocol')] },
  });
});

test('something that accepts and says nothing does not hold up the start for good', async () => {
  const error = await refusal(`redis://${await listen(() => undefined)}`);
  expect(error).toMatchObject({ code: 'queue_unavailable', message: expect.stringContaining('does not answer') });
});

test('a shard of a cluster is refused, naming what would do', async () => {
  const { url } = await start({ settings: ['--cluster-enabled', 'yes'] });
  const error = await refusal(url, { patienceMs: 30_000 });
  expect(error).toMatchObject({ code: 'config_invalid', context: { problems: [expect.stringContaining('Redis Cluster')] } });
});

test('a replica is refused', async () => {
  const primary = await start();
  const replica = await start({ settings: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const error = await refusal(replica.url, { patienceMs: 30_000 });
  expect(error).toMatchObject({ code: 'config_invalid', context: { problems: [expect.stringContaining('replica')] } });
});

test('a database that is not there is refused', async () => {
  const error = await refusal(`${(await start()).url}/99`);
  expect(error).toMatchObject({ code: 'config_invalid', context: { problems: [expect.stringContaining('database')] } });
});

test('a full Redis is waited for', async () => {
  const { url } = await start({ settings: ['--maxmemory', '1'] });
  expect(await refusal(url)).toMatchObject({ code: 'queue_unavailable', message: expect.stringContaining('memory') });
});

test('all keys of the program are in one slot: the queue works where a cluster watches over that', async () => {
  const server = await start({ settings: ['--cluster-enabled', 'yes'] });
  const admin = new Redis(server.url);
  closers.push(() => admin.disconnect());
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await expect.poll(() => check(server.url).catch(() => 'not yet'), { timeout: 20_000 }).toEqual([]);
  await expect(admin.mget('a', 'b')).rejects.toThrow('CROSSSLOT');
  const connections = connectRedis({ url: server.url, log });
  closers.push(() => connections.close());
  const queue = makeRedisQueue(connections);
  const bench = makeBench(() => queue.stack);
  closers.push(() => bench.closeAll());
  const done: string[] = [];
  bench.startWorker(async ({ id }) => void done.push(id));
  await bench.makeQueue().deliver([nudge('T-1/act'), nudge('T-1/critic', { delayMs: 100 }), nudge('R-1', { job: 'request.show' })]);
  await expect.poll(() => done.toSorted(), { timeout: 10_000 }).toEqual(['R-1', 'T-1/act', 'T-1/critic']);
});
