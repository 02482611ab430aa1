import { once } from 'node:events';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';

export interface FakeStorageOptions {
  secretKey: string;
  /** What the project takes in one file. */
  maxBytes?: number;
  /** A server of today gives codes; those before it only a status in words and numbers. */
  isModern?: boolean;
}

export interface FakeStorage {
  url: string;
  /** Name and whether it is public. */
  buckets: Map<string, { public: boolean }>;
  /** `bucket/path` and its bytes. */
  objects: Map<string, Uint8Array>;
  requests: { method: string; path: string }[];
  /** Answers in place of the service; null lets the request through. */
  setTrouble(trouble: ((request: Request) => Promise<Response> | Response | null) | null): void;
  close(): Promise<void>;
}

interface Refusal {
  statusCode: number;
  code: string;
  error: string;
  message: string;
}

const NO_BUCKET = { statusCode: 404, code: 'NoSuchBucket', error: 'Bucket not found', message: 'Bucket not found' };
const NO_OBJECT = { statusCode: 404, code: 'NoSuchKey', error: 'not_found', message: 'Object not found' };
const DUPLICATE = { statusCode: 409, code: 'ResourceAlreadyExists', error: 'Duplicate', message: 'The resource already exists' };
const TOO_LARGE = {
  statusCode: 413,
  code: 'EntityTooLarge',
  error: 'Payload too large',
  message: 'The object exceeded the maximum allowed size',
};
const INVALID_KEY = { statusCode: 400, code: 'InvalidKey', error: 'InvalidKey', message: 'Invalid key' };

/** The part of Supabase’s Storage API that keeps files, at its wire address: gateway, buckets, objects that are written once. */
export async function startFakeStorage({ secretKey, maxBytes = 1024 * 1024, isModern = true }: FakeStorageOptions): Promise<FakeStorage> {
  const buckets: FakeStorage['buckets'] = new Map();
  const objects: FakeStorage['objects'] = new Map();
  const requests: FakeStorage['requests'] = [];
  let trouble: Parameters<FakeStorage['setTrouble']>[0] = null;
  /** Almost every refusal is a 400; what it means stands in the body. */
  const refuse = (c: Context, { statusCode, code, error, message }: Refusal) =>
    c.json({ statusCode: String(statusCode), ...(isModern ? { code } : {}), error, message }, 400);

  const app = new Hono().basePath('/storage/v1');
  app.use(async (c, next) => {
    requests.push({ method: c.req.method, path: c.req.path });
    const instead = await trouble?.(c.req.raw);
    if (instead) return instead;
    const isKnown = c.req.header('apikey') === secretKey && c.req.header('authorization') === `Bearer ${secretKey}`;
    return isKnown ? next() : c.json({ message: 'Invalid API key', hint: 'Double check your Supabase `apikey`' }, 401);
  });
  app.get('/bucket/:id', (c) => {
    const id = c.req.param('id');
    const bucket = buckets.get(id);
    return bucket ? c.json({ id, name: id, owner: '', public: bucket.public, file_size_limit: null }) : refuse(c, NO_BUCKET);
  });
  app.post('/bucket', async (c) => {
    const asked: { id: string; public?: boolean } = await c.req.json();
    if (buckets.has(asked.id)) return refuse(c, DUPLICATE);
    buckets.set(asked.id, { public: asked.public ?? false });
    return c.json({ name: asked.id });
  });
  app.post('/object/:bucket/:path{.+}', async (c) => {
    const { bucket, path } = c.req.param();
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    if (!buckets.has(bucket)) return refuse(c, NO_BUCKET);
    if (!/^[\w/!.*'() &$@=;:+,?-]+$/.test(path)) return refuse(c, INVALID_KEY);
    if (bytes.byteLength > maxBytes) return refuse(c, TOO_LARGE);
    if (objects.has(`${bucket}/${path}`) && c.req.header('x-upsert') !== 'true') return refuse(c, DUPLICATE);
    objects.set(`${bucket}/${path}`, bytes);
    return c.json({ Id: crypto.randomUUID(), Key: `${bucket}/${path}` });
  });
  app.get('/object/:bucket/:path{.+}', (c) => {
    const { bucket, path } = c.req.param();
    const bytes = objects.get(`${bucket}/${path}`);
    return bytes
      ? c.body(Buffer.from(bytes), 200, { 'content-type': 'application/octet-stream' })
      : refuse(c, buckets.has(bucket) ? NO_OBJECT : NO_BUCKET);
  });

  // With no options for it, the adapter makes a server of node:http.
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    buckets,
    objects,
    requests,
    setTrouble(next) {
      trouble = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
