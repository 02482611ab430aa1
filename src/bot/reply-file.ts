import type { Message } from 'grammy/types';
import type { Attachment } from '../domain/task-input.ts';
import { AppError } from '../errors.ts';

/** Fetches what people attached. Throws AppError. */
export interface Attachments {
  load(attachment: Attachment, signal: AbortSignal): Promise<Uint8Array>;
}

export type FileText = { text: string } | { problem: string };

const MAX_BYTES = 64 * 1024;
const NAMES = /\.(?:txt|md|markdown)$/i;

/** The text of a file somebody replied with, or why it is not taken, in words for that person. */
export async function loadFileText(
  document: NonNullable<Message['document']>,
  attachments: Attachments,
  signal: AbortSignal,
): Promise<FileText> {
  const name = document.file_name ?? 'file';
  if (!NAMES.test(name)) return { problem: 'Only .txt and .md files are read.' };
  if ((document.file_size ?? 0) > MAX_BYTES) return { problem: 'The file is larger than 64 KiB.' };
  const bytes = await attachments.load(
    { kind: 'document', file_id: document.file_id, name: name.slice(0, 200), size_bytes: document.file_size ?? null },
    signal,
  );
  if (bytes.byteLength > MAX_BYTES) return { problem: 'The file is larger than 64 KiB.' };
  return decode(bytes);
}

function decode(bytes: Uint8Array): FileText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? { problem: 'The file is not a text file.' } : { text };
  } catch (cause) {
    if (cause instanceof TypeError) return { problem: 'The file is not UTF-8 text.' };
    throw new AppError('internal', undefined, { cause });
  }
}
