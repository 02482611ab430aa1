import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSupabaseBlobStore, type SupabaseBlobOptions } from '../../src/memory/supabase-blobs.ts';
import { testBlobStore, toBytes } from '../support/blob-conformance.ts';
import { type FakeStorage, startFakeStorage } from '../support/fake-storage.ts';

const secretKey = 'sb_secret_for-tests';
const uri = 'supa://tasks/T-2025-09-28-0012/act.md';

describe.each([
  ['of today', true],
  ['without codes', false],
])('a Storage server %s as a place for artifacts', (_, isModern) => {
  testBlobStore(async () => {
    const storage = await startFakeStorage({ secretKey, isModern });
    return {
      blobs: makeSupabaseBlobStore({ url: storage.url, secretKey }),
      listStored: async () => [...storage.objects.keys()].map((key) => key.split('/').at(-1) ?? ''),
      tamper: async (address, bytes) => void storage.objects.set(address.slice('supa://'.length), bytes),
      close: storage.close,
    };
  });
});

describe('a Storage server', () => {
  let storage: FakeStorage;
  beforeEach(async () => {
    storage = await startFakeStorage({ secretKey, maxBytes: 2_000 });
  });
  afterEach(() => storage.close());
  const open = (options: Partial<SupabaseBlobOptions> = {}) => makeSupabaseBlobStore({ url: storage.url, secretKey, ...options });
  const countBucketRequests = () => storage.requests.filter(({ path }) => path.includes('/bucket')).length;

  it('gets a private bucket when it has none, once', async () => {
    const blobs = open();
    await blobs.put(uri, toBytes('one'));
    expect(storage.buckets).toEqual(new Map([['tasks', { public: false }]]));
    expect(countBucketRequests()).toBe(2);
    await blobs.put(`${uri}.2`, toBytes('two'));
    expect(countBucketRequests()).toBe(2);
  });

  it('shares a bucket that another process makes at the same moment', async () => {
    await Promise.all([open(), open(), open()].map((blobs, index) => blobs.put(`${uri}.${index}`, toBytes('one'))));
    expect(storage.objects.size).toBe(3);
  });

  it('keeps nothing in a bucket that everybody can read', async () => {
    storage.buckets.set('tasks', { public: true });
    await expect(open().put(uri, toBytes('one'))).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('make it private'),
    });
    expect(storage.objects.size).toBe(0);
  });

  it('makes a bucket anew that somebody deleted', async () => {
    const blobs = open();
    await blobs.put(uri, toBytes('one'));
    storage.buckets.clear();
    storage.objects.clear();
    await blobs.put(uri, toBytes('two'));
    expect(await blobs.get(uri)).toEqual(toBytes('two'));
  });

  it('refuses what is too large, before it is sent and when the project takes less', async () => {
    await expect(open({ maxBytes: 100 }).put(uri, new Uint8Array(101))).rejects.toMatchObject({
      code: 'input_invalid',
      context: { maxBytes: 100 },
    });
    expect(storage.requests).toEqual([]);
    await expect(open().put(uri, new Uint8Array(2_001))).rejects.toMatchObject({
      code: 'input_invalid',
      message: expect.stringContaining('upload limit'),
    });
    storage.buckets.set('tasks', { public: false });
    storage.objects.set('tasks/large', new Uint8Array(101));
    await expect(open({ maxBytes: 100 }).get('supa://tasks/large')).rejects.toMatchObject({ code: 'store_failed' });
  });

  it('that does not know the key: the variable is named', async () => {
    const blobs = open({ secretKey: 'sb_secret_of-another-project' });
    for (const act of [blobs.put(uri, toBytes('one')), blobs.get(uri)]) {
      await expect(act).rejects.toMatchObject({
        code: 'config_invalid',
        retry: 'later',
        message: expect.stringMatching(/^SUPABASE_SECRET_KEY: .* set /),
      });
    }
  });

  it.each([
    ['a gateway in trouble', () => new Response('<html>Bad Gateway</html>', { status: 502 })],
    [
      'a database that is slow',
      () =>
        Response.json(
          { statusCode: '544', error: 'DatabaseTimeout', message: 'The connection to the database timed out' },
          { status: 544 },
        ),
    ],
    [
      'too many connections',
      () => Response.json({ statusCode: '503', code: 'DatabaseConnectionLimit', error: 'x', message: 'later' }, { status: 400 }),
    ],
    [
      'a lock that is taken',
      () => Response.json({ statusCode: '423', error: 'ResourceLocked', message: 'The resource is locked' }, { status: 400 }),
    ],
    [
      'too many requests',
      () => Response.json({ statusCode: '503', code: 'SlowDown', error: 'SlowDown', message: 'slow down' }, { status: 400 }),
    ],
  ])('%s is an outage, after which it goes on', async (_, trouble) => {
    const blobs = open();
    storage.setTrouble(trouble);
    await expect(blobs.put(uri, toBytes('one'))).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
    await expect(blobs.get(uri)).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
    storage.setTrouble(null);
    await blobs.put(uri, toBytes('one'));
    expect(await blobs.get(uri)).toEqual(toBytes('one'));
  });

  it('that takes the bytes and never says so: the second try finds them', async () => {
    const blobs = open();
    await blobs.put(`${uri}.first`, toBytes('so that the bucket is there'));
    storage.setTrouble(async (request) => {
      storage.objects.set('tasks/T-2025-09-28-0012/act.md', new Uint8Array(await request.arrayBuffer()));
      return new Response('Gateway Timeout', { status: 504 });
    });
    await expect(blobs.put(uri, toBytes('one'))).rejects.toMatchObject({ code: 'store_unavailable' });
    storage.setTrouble(null);
    await blobs.put(uri, toBytes('one'));
    expect(await blobs.get(uri)).toEqual(toBytes('one'));
  });

  it('that hangs is given up; an interruption ends the request at once', async () => {
    const arrived = Promise.withResolvers<void>();
    storage.setTrouble(() => {
      arrived.resolve();
      return new Promise(() => undefined);
    });
    await expect(open({ timeoutMs: 50 }).get(uri)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('50 ms'),
    });
    const controller = new AbortController();
    const put = open().put(uri, toBytes('one'), controller.signal);
    await arrived.promise;
    controller.abort();
    await expect(put).rejects.toMatchObject({ code: 'aborted' });
  });

  it.each([
    ['a redirect', () => Response.redirect('https://elsewhere.example/', 302)],
    ['a page', () => new Response('<html>Not here</html>', { status: 404, headers: { 'content-type': 'text/html' } })],
  ])('that is none answers with %s: the variable is named', async (_, trouble) => {
    storage.setTrouble(trouble);
    await expect(open().get(uri)).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringMatching(/^SUPABASE_URL: /) });
    await expect(open().put(uri, toBytes('one'))).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(/^SUPABASE_URL: /),
    });
  });
});
