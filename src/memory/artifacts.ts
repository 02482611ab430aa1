import { sha256 } from '../domain/ids.ts';
import { AppError } from '../errors.ts';
import type { ArtifactRow, NewArtifact } from '../store/shared-rows.ts';
import type { BlobStore } from './blobs.ts';

/** Text up to this many bytes lives in its row, in the transaction that makes it; anything else is uploaded first. */
export const MAX_INLINE_BYTES = 32 * 1024;

export interface Content {
  taskId: string;
  /** `act.md`; a later version of the same name gets a number from the database. */
  name: string;
  type: NewArtifact['type'];
  contentType: string;
  bytes: string | Uint8Array;
}

/** What of a stored artifact is enough to read it. */
export type StoredContent = Pick<ArtifactRow, 'storageRef' | 'checksum' | 'content'>;

export interface Artifacts {
  /** Makes content ready to be written with a row: as it is when small text, else uploaded under an address that its checksum names. */
  prepare(content: Content, signal?: AbortSignal): Promise<NewArtifact>;
  /** Throws artifact_missing, artifact_corrupt. */
  loadText(row: StoredContent, signal?: AbortSignal): Promise<string>;
  loadBytes(row: Pick<StoredContent, 'storageRef' | 'checksum'>, signal?: AbortSignal): Promise<Uint8Array>;
  /** Copies a small artifact to Storage, under its own address. */
  archive(row: StoredContent, signal?: AbortSignal): Promise<void>;
}

export function makeArtifacts(blobs: BlobStore): Artifacts {
  async function loadBytes({ storageRef, checksum }: Pick<StoredContent, 'storageRef' | 'checksum'>, signal?: AbortSignal) {
    const bytes = await blobs.get(storageRef, signal);
    if (sha256(bytes) === checksum) return bytes;
    throw new AppError('artifact_corrupt', undefined, { context: { storageRef, checksum } });
  }
  return {
    async prepare({ taskId, name, type, contentType, bytes }, signal) {
      const stored = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      const checksum = sha256(stored);
      const about = { name, type, contentType, checksum, sizeBytes: stored.byteLength };
      // A NUL cannot be kept in a text column.
      if (typeof bytes === 'string' && stored.byteLength <= MAX_INLINE_BYTES && !bytes.includes('\0')) return { ...about, content: bytes };
      const storageRef = `supa://tasks/${taskId}/${name.replace(/(\.[a-z0-9]+)?$/, `.${checksum.slice(0, 16)}$1`)}`;
      await blobs.put(storageRef, stored, signal);
      return { ...about, storageRef };
    },
    loadBytes,
    async loadText(row, signal) {
      return row.content ?? Buffer.from(await loadBytes(row, signal)).toString('utf8');
    },
    async archive({ storageRef, content }, signal) {
      if (content !== null) await blobs.put(storageRef, Buffer.from(content), signal);
    },
  };
}
