import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { AppError } from '../errors.ts';
import { makeSupabaseFetch } from '../store/transports/supabase-fetch.ts';
import { type BlobStore, parseBlobUri } from './blobs.ts';
import { statusOf, toStorageError } from './storage-errors.ts';

export interface SupabaseBlobOptions {
  /** The project's address, such as https://abc.supabase.co. */
  url: string;
  /** A secret key or the legacy service_role key: buckets and objects have no policies, so that nobody else reaches them. */
  secretKey: string;
  /** Larger ones are refused, on the way in and out. A project without a plan takes 50 MB. */
  maxBytes?: number;
  /** Of one request: an upload takes as long as the line makes it. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

type Storage = SupabaseClient['storage'];

/**
 * Keeps blobs in Supabase Storage: `supa://bucket/path` is that path in that bucket. A bucket that is missing is made, private; a public
 * one is refused, because whoever guesses an address could read what is in it. Throws as BlobStore says, and store_unavailable,
 * config_invalid (SUPABASE_URL, SUPABASE_SECRET_KEY), store_failed.
 */
export function makeSupabaseBlobStore(options: SupabaseBlobOptions): BlobStore {
  const { maxBytes = 50 * 1024 * 1024 } = options;
  const checkedBuckets = new Set<string>();

  async function assertPrivateBucket(storage: Storage, bucket: string, uri: string): Promise<void> {
    if (checkedBuckets.has(bucket)) return;
    const isPublic = (await findBucket(storage, bucket, uri)) ?? (await createBucket(storage, bucket, uri));
    if (isPublic) {
      const problem = `The Storage bucket ${bucket} is public: expected a private one; make it private in the project’s Storage settings`;
      throw new AppError('config_invalid', problem, { context: { bucket, problems: [problem] }, retry: 'later' });
    }
    checkedBuckets.add(bucket);
  }

  async function upload(storage: Storage, uri: string, bytes: Uint8Array): Promise<void> {
    const { bucket, path } = parseBlobUri(uri);
    const wasChecked = checkedBuckets.has(bucket);
    await assertPrivateBucket(storage, bucket, uri);
    const { error } = await storage.from(bucket).upload(path, bytes, { contentType: 'application/octet-stream', upsert: false });
    if (!error) return;
    const status = statusOf(error);
    if (status === 409) return assertSame(uri, bytes, await download(storage, uri));
    if (status !== 404 || !wasChecked) throw toStorageError(error, uri);
    // The bucket that was there is gone: once more, from the beginning.
    checkedBuckets.delete(bucket);
    return upload(storage, uri, bytes);
  }

  return {
    async put(uri, bytes, signal) {
      parseBlobUri(uri);
      if (bytes.byteLength > maxBytes) throw toTooLarge(uri, bytes.byteLength, maxBytes);
      const storage = openStorage(options, maxBytes, signal);
      await interruptible(uri, signal, () => upload(storage, uri, bytes));
    },
    async get(uri, signal) {
      parseBlobUri(uri);
      const storage = openStorage(options, maxBytes, signal);
      return interruptible(uri, signal, () => download(storage, uri));
    },
  };
}

/** For one call, because uploads and buckets take no signal: it is the client's `fetch` that ends. Opens nothing by itself. */
function openStorage(
  { url, secretKey, timeoutMs = 60_000, fetch }: SupabaseBlobOptions,
  maxAnswerBytes: number,
  signal?: AbortSignal,
): Storage {
  const client = createClient(url, secretKey, {
    // Turns the library's sessions off: the key is who calls.
    accessToken: async () => null,
    global: { fetch: makeSupabaseFetch({ timeoutMs, maxAnswerBytes, signal, fetch }) },
  });
  return client.storage;
}

async function interruptible<T>(uri: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw new AppError('aborted', undefined, { context: { uri }, cause: signal.reason });
  try {
    return await act();
  } catch (thrown) {
    if (signal?.aborted) throw new AppError('aborted', undefined, { context: { uri }, cause: thrown });
    throw thrown;
  }
}

/** Whether it is public; null when there is none. */
async function findBucket(storage: Storage, bucket: string, uri: string): Promise<boolean | null> {
  const { data, error } = await storage.getBucket(bucket);
  if (data) return data.public;
  if (statusOf(error) === 404) return null;
  throw toStorageError(error, uri);
}

/** Another process may make it at the same moment: then it is that one's. */
async function createBucket(storage: Storage, bucket: string, uri: string): Promise<boolean> {
  const { error } = await storage.createBucket(bucket, { public: false });
  if (!error) return false;
  const isPublic = statusOf(error) === 409 ? await findBucket(storage, bucket, uri) : null;
  if (isPublic === null) throw toStorageError(error, uri);
  return isPublic;
}

async function download(storage: Storage, uri: string): Promise<Uint8Array> {
  const { bucket, path } = parseBlobUri(uri);
  const { data, error } = await storage.from(bucket).download(path);
  if (data) return new Uint8Array(await data.arrayBuffer());
  if (statusOf(error) === 404)
    throw new AppError('artifact_missing', `There is no stored artifact at ${uri}`, { context: { uri }, cause: error });
  throw toStorageError(error, uri);
}

function assertSame(uri: string, given: Uint8Array, stored: Uint8Array): void {
  if (Buffer.from(stored).equals(given)) return;
  const context = { uri, storedBytes: stored.byteLength, givenBytes: given.byteLength };
  throw new AppError('idempotency_conflict', `Other bytes are already stored at ${uri}`, { context });
}

function toTooLarge(uri: string, givenBytes: number, maxBytes: number): AppError {
  return new AppError('input_invalid', `The artifact has ${givenBytes} bytes; Storage takes at most ${maxBytes}`, {
    context: { uri, givenBytes, maxBytes },
  });
}
