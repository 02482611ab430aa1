import type { Message } from 'grammy/types';
import { type Attachments, type FileText, loadFileText } from './reply-file.ts';

const FILE_RULES = { names: /\.(?:ya?ml|txt)$/i, nameWords: '.yaml, .yml and .txt', maxKib: 256 };

export interface PolicyText {
  source: string;
  /** What was written beside it. */
  reason: string;
}

/**
 * The text of a policy that somebody sent: a file with the command as its caption, a file or a text that is replied to, or the lines that
 * follow the command. Null when there is none; a problem in words for that person.
 */
export async function loadPolicyText(
  { message, rest }: { message: Message; rest: string },
  attachments: Attachments,
  signal: AbortSignal,
): Promise<PolicyText | { problem: string } | null> {
  const replied = message.reply_to_message;
  const document = message.document ?? replied?.document;
  if (document !== undefined) return toPolicyText(await loadFileText(document, attachments, signal, FILE_RULES), rest);
  if (rest.includes('\n')) return { source: endLine(rest), reason: '' };
  const text = replied?.text;
  return text?.includes('\n') ? { source: endLine(text), reason: rest } : null;
}

/** What somebody answered who was asked for a policy. */
export async function loadAnswer(
  message: Message,
  attachments: Attachments,
  signal: AbortSignal,
): Promise<PolicyText | { problem: string }> {
  if (message.document !== undefined) return toPolicyText(await loadFileText(message.document, attachments, signal, FILE_RULES), '');
  return { source: endLine(message.text ?? ''), reason: '' };
}

const toPolicyText = (file: FileText, reason: string) => ('problem' in file ? file : { source: file.text, reason });
/** A file ends with a line break, and Telegram takes it from a message. */
const endLine = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
