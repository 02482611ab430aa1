import { sha256 } from '../../domain/ids.ts';
import type { Attachment, TaskInput } from '../../domain/task-input.ts';
import { AppError } from '../../errors.ts';
import type { JobDeps } from '../deps.ts';

const MAX_TEXT_BYTES = 256 * 1024;
const MAX_PICTURE_BYTES = 10 * 1024 * 1024;
/** What stands in place of a file that is no text. */
export const UNREADABLE_TEXT = '(This file is not readable as text.)';

/** The texts among the attached files. What is no UTF-8 text is named and left out, never guessed at. */
export async function loadAttachedTexts(
  { attachments, log }: Pick<JobDeps, 'attachments' | 'log'>,
  { attachments: list }: TaskInput,
  signal: AbortSignal,
) {
  const texts: { title: string; text: string }[] = [];
  for (const attachment of list.filter(({ kind }) => kind === 'document')) {
    const text = toText(await attachments.load(attachment, signal));
    if (text === null) log.warn({ name: attachment.name }, 'attached file is no readable text, left out');
    texts.push({ title: attachment.name, text: text ?? UNREADABLE_TEXT });
  }
  return texts;
}

function toText(bytes: Uint8Array): string | null {
  if (bytes.byteLength > MAX_TEXT_BYTES) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

/** The picture that came with the task, stored under its checksum; null when none came. */
export async function preparePicture(
  { attachments, artifacts }: Pick<JobDeps, 'attachments' | 'artifacts'>,
  taskId: string,
  { attachments: list }: TaskInput,
  signal: AbortSignal,
): Promise<{ checksum: string; ref: string } | null> {
  const photo: Attachment | undefined = list.find(({ kind }) => kind === 'photo');
  if (photo === undefined) return null;
  const bytes = await attachments.load(photo, signal);
  if (!isPicture(bytes))
    throw new AppError('input_invalid', `The attached picture ${photo.name} is not a JPEG, PNG or WebP of at most 10 MB`);
  const stored = await artifacts.prepare(
    { taskId, name: 'picture', type: 'media', contentType: 'application/octet-stream', bytes },
    signal,
  );
  return { checksum: sha256(bytes), ref: stored.storageRef ?? '' };
}

/** By its first bytes, not by its name: what calls itself a picture may be anything. */
function isPicture(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 12));
  const isJpeg = head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff;
  const isPng = head.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const isWebp = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP';
  return bytes.byteLength <= MAX_PICTURE_BYTES && (isJpeg || isPng || isWebp);
}
