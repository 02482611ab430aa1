import { AppError } from '../errors.ts';

/**
 * Keeps bytes under `supa://<bucket>/<path>`, each address written once. What is read is not checked here: whoever reads knows the
 * checksum that the database keeps.
 */
export interface BlobStore {
  /** Resolves when the bytes are safely stored; the same bytes again are fine. Throws `idempotency_conflict` for other bytes. */
  put(uri: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Throws `artifact_missing` when there is nothing. */
  get(uri: string, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface BlobAddress {
  bucket: string;
  path: string;
}

/** Letters, digits and `. _ -`, never a dot first: no `..`, no hidden file, nothing that a file system or an address reads otherwise. */
const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const MAX_SEGMENTS = 10;
const MAX_LENGTH = 512;

/** Throws `input_invalid` for anything but a plain address; names come from models and from people's files. */
export function parseBlobUri(uri: string): BlobAddress {
  const segments = uri.startsWith('supa://') && uri.length <= MAX_LENGTH ? uri.slice('supa://'.length).split('/') : [];
  const [bucket = '', ...rest] = segments;
  if (rest.length > 0 && segments.length <= MAX_SEGMENTS && segments.every((segment) => SEGMENT.test(segment))) {
    return { bucket, path: rest.join('/') };
  }
  const expected = 'expected supa://<bucket>/<path> of letters, digits and . _ - in at most 10 parts';
  throw new AppError('input_invalid', `Not an artifact’s address: ${expected}, got ${JSON.stringify(uri.slice(0, 80))}`);
}
