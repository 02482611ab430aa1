import type { ChatRef } from '../../domain/message.ts';
import type { Entity, Post, PostPart } from '../../domain/post.ts';
import { AppError } from '../../errors.ts';
import { toFormattedText } from './from-markdown.ts';
import { splitText } from './split-text.ts';

/** Telegram's own limits for a message and for the caption of a picture. */
const MAX_TEXT_LENGTH = 4096;
const MAX_CAPTION_LENGTH = 1024;
const MAX_PARTS = 30;

export interface Draft {
  markdown: string;
  target: ChatRef;
  /** A picture that is an artifact already; it goes first and carries as much of the text as fits. */
  media?: { checksum: string; ref: string };
}

/**
 * Makes of a text exactly what will be sent: one value, one result, on any machine. Throws `input_invalid` when there is nothing
 * to send, or more than thirty messages; no text makes it throw anything else.
 */
export function composePost({ markdown, target, media }: Draft): Post {
  const firstLimit = media ? MAX_CAPTION_LENGTH : MAX_TEXT_LENGTH;
  const texts = splitText(toFormattedText(markdown), { firstLimit, limit: MAX_TEXT_LENGTH });
  if (texts.length === 0 && !media) throw new AppError('input_invalid', 'There is no visible text to send');
  if (texts.length > MAX_PARTS) {
    throw new AppError('input_invalid', `The text needs more than ${MAX_PARTS} messages`, { context: { parts: texts.length } });
  }
  const parts = texts.map((part): PostPart => ({ kind: 'text', ...part }));
  if (media) {
    const caption = texts[0] ?? { text: '', entities: [] };
    parts.splice(0, 1, { kind: 'photo', media_checksum: media.checksum, media_ref: media.ref, ...caption });
  }
  return { target: { chat_id: target.chatId, topic_id: target.topicId }, parts };
}

/** The post as one plain text, for the critic and for search: pictures are named, link targets are written out. */
export function toPlainText(post: Post): string {
  return post.parts
    .map((part) => {
      const text = spellLinks(part.text, part.entities);
      return part.kind === 'photo' ? `[picture ${part.media_checksum.slice(0, 8)}]${text === '' ? '' : `\n${text}`}` : text;
    })
    .join('\n\n');
}

function spellLinks(text: string, entities: readonly Entity[]): string {
  const links = entities.filter((entity) => entity.type === 'text_link').toSorted((a, b) => b.offset - a.offset);
  return links.reduce((spelt, { offset, length, url }) => {
    const end = offset + length;
    return `${spelt.slice(0, end)} (${url ?? ''})${spelt.slice(end)}`;
  }, text);
}
