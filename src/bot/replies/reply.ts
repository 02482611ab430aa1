import type { InlineKeyboardMarkup, Message } from 'grammy/types';
import type { ChatRef } from '../../domain/message.ts';
import type { Artifacts } from '../../memory/artifacts.ts';
import type { findPrompt } from '../../store/prompts.ts';
import type { PressDeps } from '../presses/press.ts';
import type { Attachments } from '../reply-file.ts';
import { type Fragment, toView } from '../view.ts';

/** What the person answered who was asked. */
export interface Reply {
  message: Message;
  chat: ChatRef;
  prompt: NonNullable<Awaited<ReturnType<typeof findPrompt>>>;
  person: { externalId: number; name: string };
  signal: AbortSignal;
}

export interface ReplyDeps extends PressDeps {
  artifacts: Pick<Artifacts, 'prepare'>;
  attachments: Attachments;
}

/** The word on what the reply did, under the reply. */
export async function tell(
  { outbound }: ReplyDeps,
  { chat, message, signal }: Reply,
  text: Fragment,
  keyboard?: InlineKeyboardMarkup,
): Promise<void> {
  await outbound.send(chat, toView(text, keyboard), { replyTo: message.message_id, priority: 'approval', signal });
}
