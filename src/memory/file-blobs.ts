import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../errors.ts';
import { type BlobStore, parseBlobUri } from './blobs.ts';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Says in the application's words what the file system refused. */
export function toBlobError(error: unknown, uri: string): AppError {
  const options = { context: { uri }, cause: error };
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'EISDIR':
      return new AppError('artifact_missing', `There is no stored artifact at ${uri}`, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('store_unavailable', 'The disk that holds DATA_DIR is full; free some space, the work then goes on', options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AppError(
        'store_failed',
        'DATA_DIR cannot be used by this user; check the owner and the permissions of its files',
        options,
      );
    case 'ENOTDIR':
      return new AppError('input_invalid', `The address ${uri} lies below another artifact`, options);
    case 'ABORT_ERR':
      return new AppError('aborted', undefined, options);
    default:
      return new AppError('store_failed', `The artifact ${uri} could not be stored or read`, options);
  }
}

/** Not rename, which would replace what another call stored meanwhile: link fails when the name is taken. */
async function writeOnce(path: string, bytes: Uint8Array): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.new-${randomUUID()}`);
  const file = await openNew(temporary);
  try {
    await file.writeFile(bytes);
    await file.sync();
    await link(temporary, path);
  } finally {
    await file.close();
    await unlink(temporary);
  }
  await syncDirectory(directory);
}

/** A task's files lie in one directory: mostly it is there. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'wx', 0o600);
}

/** Without this a power cut could forget the name although the bytes are safe. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function assertSame(path: string, bytes: Uint8Array, uri: string): Promise<void> {
  const stored = await readFile(path);
  if (stored.equals(bytes)) return;
  const context = { uri, storedBytes: stored.length, givenBytes: bytes.length };
  throw new AppError('idempotency_conflict', `Other bytes are already stored at ${uri}`, { context });
}

/**
 * Keeps blobs as files: `supa://bucket/path` is `<directory>/bucket/path`. A file is there in full or not at all, also after kill -9;
 * what a kill leaves behind is a `.new-…` file that nothing reads.
 */
export function makeFileBlobStore(directory: string): BlobStore {
  const toPath = (uri: string): string => {
    const { bucket, path } = parseBlobUri(uri);
    return join(directory, bucket, path);
  };
  const put = async (uri: string, bytes: Uint8Array, signal?: AbortSignal) => {
    const path = toPath(uri);
    if (signal?.aborted) throw new AppError('aborted', undefined, { context: { uri }, cause: signal.reason });
    try {
      await writeOnce(path, bytes).catch(async (error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
        await assertSame(path, bytes, uri);
      });
    } catch (error) {
      throw error instanceof AppError ? error : toBlobError(error, uri);
    }
  };
  const get = async (uri: string, signal?: AbortSignal) => {
    const path = toPath(uri);
    try {
      return new Uint8Array(await readFile(path, { signal }));
    } catch (error) {
      throw toBlobError(error, uri);
    }
  };
  return { put, get };
}
