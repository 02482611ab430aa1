import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../../scripts/free-port.ts';
import { type PrivateRedis, startPrivateRedis } from '../../scripts/private-redis.ts';
import { connectRedis } from '../../src/servers/redis.ts';
import { checkRedis } from '../../src/servers/redis-check.ts';
import { makeLogger } from '../../src/telemetry/log.ts';

const run = promisify(execFile);
const log = makeLogger({ level: 'silent' });

let directory: string;
let server: PrivateRedis;
let url: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'redis-tls-'));
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, ...subject]);
  const port = String(await findFreePort());
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  server = await startPrivateRedis({ settings: ['--tls-port', port, '--tls-auth-clients', 'no', ...files] });
  url = `rediss://localhost:${port}`;
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const check = (at: string) =>
  checkRedis({ url: at, isUnsafeAllowed: false, log, signal: AbortSignal.timeout(30_000), patienceMs: 0 }).catch((error: unknown) => error);

test('a certificate that nobody vouches for is refused, saying how to trust it', async () => {
  expect(await check(url)).toMatchObject({
    code: 'config_invalid',
    context: { problems: [expect.stringContaining('NODE_EXTRA_CA_CERTS')] },
  });
});

test('TLS on one side only is told as a guess', async () => {
  expect(await check(url.replace('rediss:', 'redis:'))).toMatchObject({ message: expect.stringContaining('rediss://') });
  expect(await check(server.url.replace('redis:', 'rediss:'))).toMatchObject({ message: expect.stringContaining('redis://') });
});

test('with its authority known it is used like any other, and another name than its own is not', async () => {
  setDefaultCACertificates([...getCACertificates(), await readFile(join(directory, 'certificate.pem'), 'utf8')]);
  expect(await check(url)).toEqual([]);
  const connections = connectRedis({ url, log });
  await connections.ping();
  await connections.close();
  expect(await check(url.replace('localhost', '127.0.0.1'))).toMatchObject({ code: 'config_invalid' });
});
