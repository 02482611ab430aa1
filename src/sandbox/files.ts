import { extname } from 'node:path';
import type { Change, StoredFile } from './changes.ts';
import type { Hub } from './hub.ts';
import { readImage } from './images.ts';
import { refuse } from './refusal.ts';
import type { Upload } from './telegram.ts';
import type { Document, PhotoSize } from './wire.ts';

/** Bots cannot fetch larger files through getFile. */
export const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;
const MAX_PHOTO_BYTES = 10 * 1024 * 1024;
const MAX_PHOTO_SIDES = 10_000;
const MAX_PHOTO_RATIO = 20;
const MIME_TYPES: Record<string, string> = {
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.html': 'text/html',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
};

/** Stores an upload beside the journal and returns it with the change that makes it known. */
export function keepFile(hub: Hub, kind: StoredFile['kind'], upload: Upload): { file: StoredFile; changes: Change[] } {
  const image = readImage(upload.bytes);
  if (kind === 'photo') checkPhoto(upload, image);
  if (upload.bytes.length === 0) refuse('file must be non-empty');
  const number = hub.state.files.size;
  const fileName = toSafeName(upload.fileName);
  const extension = kind === 'photo' ? '.jpg' : extname(fileName).toLowerCase();
  const fileUniqueId = `AgAD${hub.makeId()}`;
  const file: StoredFile = {
    fileId: `${kind === 'photo' ? 'AgACAgQAAx' : 'BQACAgQAAx'}${hub.makeId()}`,
    fileUniqueId,
    kind,
    fileName,
    mimeType: upload.mimeType ?? image?.mimeType ?? MIME_TYPES[extension] ?? 'application/octet-stream',
    size: upload.bytes.length,
    filePath: `${kind}s/file_${number}${/^\.[a-z0-9]{1,8}$/.test(extension) ? extension : ''}`,
    width: image?.width ?? 0,
    height: image?.height ?? 0,
  };
  hub.journal.saveFile(fileUniqueId, upload.bytes);
  return { file, changes: [{ type: 'file', file }] };
}

function checkPhoto(
  upload: Upload,
  image: { width: number; height: number } | undefined,
): asserts image is { width: number; height: number } {
  if (upload.bytes.length > MAX_PHOTO_BYTES) refuse('file is too big');
  if (!image) refuse('IMAGE_PROCESS_FAILED');
  const { width, height } = image;
  const isOutOfBounds = width + height > MAX_PHOTO_SIDES || width * MAX_PHOTO_RATIO < height || height * MAX_PHOTO_RATIO < width;
  if (isOutOfBounds) refuse('PHOTO_INVALID_DIMENSIONS');
}

/** The last part of a path, without what could break out of a header or a directory. */
function toSafeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  return last.replace(/[\u0000-\u001f"]/g, '').slice(0, 120) || 'file.dat';
}

export function loadFileBytes(hub: Hub, file: StoredFile): Uint8Array {
  return hub.journal.loadFile(file.fileUniqueId) ?? refuse('wrong file_id or the file is temporarily unavailable');
}

export const toDocument = (file: StoredFile): Document => ({
  file_name: file.fileName,
  mime_type: file.mimeType,
  file_id: file.fileId,
  file_unique_id: file.fileUniqueId,
  file_size: file.size,
});

/** One size only: the sandbox does not scale pictures. */
export const toPhoto = (file: StoredFile): PhotoSize[] => [
  { file_id: file.fileId, file_unique_id: file.fileUniqueId, file_size: file.size, width: file.width, height: file.height },
];
