import type { Message } from 'grammy/types';
import type { Attachment } from '../domain/task-input.ts';
import { AppError } from '../errors.ts';

/** Fetches what people attached. Throws AppError. */
export interface Attachments {
  load(attachment: Attachment, signal: AbortSignal): Promise<Uint8Array>;
}

export type FileText = { text: string } | { problem: string };

/** Which files are taken; `nameWords` says `names` for people. */
export interface FileRules {
  names: RegExp;
  nameWords: string;
  maxKib: number;
}

const TEXT_FILES: FileRules = { names: /\.(?:txt|md|markdown)$/i, nameWords: '.txt and .md', maxKib: 64 };

/** The text of a file somebody replied with, or why it is not taken, in words for that person. */
export async function loadFileText(
  document: NonNullable<Message['document']>,
  attachments: Attachments,
  signal: AbortSignal,
  { names, nameWords, maxKib }: FileRules = TEXT_FILES,
): Promise<FileText> {
  const tooLarge = { problem: `The file is larger than ${maxKib} KiB.` };
  const name = document.file_name ?? 'file';
  if (!names.test(name)) return { problem: `Only ${nameWords} files are read.` };
  if ((document.file_size ?? 0) > maxKib * 1024) return tooLarge;
  const bytes = await attachments.load(
    { kind: 'document', file_id: document.file_id, name: name.slice(0, 200), size_bytes: document.file_size ?? null },
    signal,
  );
  return bytes.byteLength > maxKib * 1024 ? tooLarge : decode(bytes);
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
