import type { Document, Message, PhotoSize } from 'grammy/types';
import type { Attachment, TaskInput } from '../domain/task-input.ts';

/** Text files up to this size are read; more is no context but a library. */
export const MAX_DOCUMENT_BYTES = 256 * 1024;
const TEXT_EXTENSION = /\.(txt|md|markdown|csv|tsv|json|ya?ml|log|text)$/i;
const TEXT_TYPE = /^(text\/|application\/(json|yaml|x-yaml))/i;

export type TaskContext = Pick<TaskInput, 'context' | 'attachments'>;

/**
 * What comes along with a task: the message that was replied to (or the part of it that was quoted), and the files of both messages. The
 * files are only named here; a worker fetches them. A file that cannot be used is a problem, told before anything is created.
 */
export function readTaskContext(message: Message): TaskContext | { problem: string } {
  const replied = message.reply_to_message;
  const unreadable = [message, replied].map((one) => (one === undefined ? null : nameUnreadable(one))).find((name) => name !== null);
  if (unreadable !== undefined) return { problem: `I can read text, text files and photos, and this is ${unreadable}. ${REMEDY}` };
  const files = [message, ...(replied === undefined ? [] : [replied])].map(readFiles);
  const problem = files.find((file) => 'problem' in file);
  if (problem !== undefined && 'problem' in problem) return problem;
  const attachments = files.flatMap((file) => ('problem' in file ? [] : file));
  return { context: readTexts(message, replied), attachments };
}

const REMEDY = 'Write what matters of it, or send that part alone.';

/** What is in a message and cannot be read, in people's words: nobody should think that it was. */
function nameUnreadable(message: Message): string | null {
  if (message.voice !== undefined) return 'a voice message';
  if (message.audio !== undefined) return 'an audio file';
  if (message.video !== undefined || message.video_note !== undefined) return 'a video';
  if (message.animation !== undefined) return 'an animation';
  if (message.sticker !== undefined) return 'a sticker';
  if (message.poll !== undefined) return 'a poll';
  if (message.contact !== undefined || message.location !== undefined) return 'a contact or a place';
  // Telegram sends one message for each picture of an album, and a reply shows only one of them.
  if (message.media_group_id !== undefined) return 'one part of an album, of which I do not see the others';
  return null;
}

function readTexts({ quote, from }: Message, replied: Message['reply_to_message']): TaskContext['context'] {
  const text = replied?.text ?? replied?.caption;
  const isOwn = replied?.from !== undefined && replied.from.id === from?.id && replied.forward_origin === undefined;
  const origin = isOwn ? ('requester' as const) : ('outside' as const);
  return [
    ...(text === undefined ? [] : [{ title: 'message replied to', origin, text }]),
    ...(quote?.is_manual === true ? [{ title: 'the part of it that was quoted', origin, text: quote.text }] : []),
  ];
}

function readFiles({ document, photo }: { document?: Document; photo?: PhotoSize[] }): Attachment[] | { problem: string } {
  const pictures = toPhoto(photo);
  if (document === undefined) return pictures;
  const name = document.file_name ?? 'document';
  const isText = TEXT_TYPE.test(document.mime_type ?? '') || TEXT_EXTENSION.test(name);
  if (!isText) return { problem: 'I can read text files and photos, and this file is neither. Send it as text.' };
  if ((document.file_size ?? 0) > MAX_DOCUMENT_BYTES)
    return { problem: 'I can read text files up to 256 KiB, and this one is larger. Send the part that matters.' };
  return [...pictures, { kind: 'document', file_id: document.file_id, name: name.slice(0, 200), size_bytes: document.file_size ?? null }];
}

/** Telegram gives a photo in several sizes, the largest last. */
function toPhoto(sizes: PhotoSize[] | undefined): Attachment[] {
  const largest = sizes?.at(-1);
  if (largest === undefined) return [];
  return [{ kind: 'photo', file_id: largest.file_id, name: 'photo.jpg', size_bytes: largest.file_size ?? null }];
}
