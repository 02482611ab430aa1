import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Secret } from '../../../src/config.ts';
import { makeS3AnchorStore } from '../../../src/memory/anchors/s3-anchors.ts';
import { makeTestAnchor } from './support.ts';

/** An S3 at its wire address: conditional writes, checksums and refusals as the real one answers them. */
const objects = new Map<string, string>();
const requests: { method: string; path: string; headers: IncomingHttpHeaders }[] = [];
let refusal: { status: number; code: string } | null = null;
const server = createServer(async (request, response) => {
  const { method = '', url: path = '', headers } = request;
  const body = await text(request);
  requests.push({ method, path, headers });
  if (refusal !== null)
    return void response.writeHead(refusal.status).end(`<Error><Code>${refusal.code}</Code><Message>secret words</Message></Error>`);
  if (method === 'GET') {
    const object = objects.get(path);
    return void response.writeHead(object === undefined ? 404 : 200).end(object);
  }
  if (headers['x-amz-checksum-sha256'] !== createHash('sha256').update(body).digest('base64')) return void response.writeHead(400).end();
  if (headers['if-none-match'] === '*' && objects.has(path)) return void response.writeHead(412).end();
  objects.set(path, body);
  response.writeHead(200).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
afterAll(() => void server.close());
afterEach(() => {
  refusal = null;
});

const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
const store = makeS3AnchorStore({
  kind: 's3',
  bucket: 'evidence',
  prefix: ['ags', 'a b'],
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-central-1',
  accessKeyId: 'AKIATEST',
  secretAccessKey: new Secret('very-secret'),
  sessionToken: null,
});

test('an anchor is an object of its own, signed, with its checksum, and found again', async () => {
  const anchor = makeTestAnchor(1);
  expect(await store.find(1)).toBeNull();
  expect(await store.keep(anchor)).toBe('s3://evidence/ags/a b/anchor-00000001.json');
  expect(await store.find(1)).toEqual(anchor);
  const put = requests.find(({ method }) => method === 'PUT');
  expect(put?.path).toBe('/evidence/ags/a%20b/anchor-00000001.json');
  expect(put?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIATEST\/\d{8}\/eu-central-1\/s3\/aws4_request/);
  expect(put?.headers['if-none-match']).toBe('*');
});

test('the same one again changes nothing; another one under its number is refused, and the first one stays', async () => {
  const anchor = makeTestAnchor(2);
  await store.keep(anchor);
  await store.keep(anchor);
  await expect(store.keep(makeTestAnchor(2, 'other'))).rejects.toMatchObject({ code: 'idempotency_conflict' });
  expect(await store.find(2)).toEqual(anchor);
});

test.each([
  [403, 'AccessDenied', 'store_failed'],
  [503, 'SlowDown', 'store_unavailable'],
])('a refusal %i %s is %s, with the variable and the code, and nothing else of what was said', async (status, code, expected) => {
  refusal = { status, code };
  const failure = expect(store.keep(makeTestAnchor(3))).rejects;
  await failure.toMatchObject({ code: expected, message: expect.stringMatching(new RegExp(`AGS_ANCHOR_URL.*${code}`)) });
  await expect(store.find(3)).rejects.not.toMatchObject({ message: expect.stringContaining('secret words') });
});

test('a server that is not there is unavailable, an interruption is one', async () => {
  const nowhere = makeS3AnchorStore({
    kind: 's3',
    bucket: 'evidence',
    prefix: [],
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    accessKeyId: 'AKIATEST',
    secretAccessKey: new Secret('very-secret'),
    sessionToken: null,
  });
  await expect(nowhere.keep(makeTestAnchor(1))).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(store.keep(makeTestAnchor(4), AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
});
