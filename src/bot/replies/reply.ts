import type { InlineKeyboardMarkup, Message } from 'grammy/types';
import type { ChatRef } from '../../domain/message.ts';
import type { Artifacts } from '../../memory/artifacts.ts';
import type { findPrompt } from '../../store/prompts.ts';
import type { PressDeps } from '../presses/press.ts';
import type { Attachments } from '../reply-file.ts';
import { type Fragment, toView, type View } from '../view.ts';

/** What the person answered who was asked. */
export interface Reply {
  message: Message;
  chat: ChatRef;
  prompt: NonNullable<Awaited<ReturnType<typeof findPrompt>>>;
  person: { externalId: number; name: string };
  signal: AbortSignal;
}

export interface ReplyDeps extends PressDeps {
  adminChat: ChatRef;
  artifacts: Pick<Artifacts, 'prepare'>;
  attachments: Attachments;
}

/** The word on what the reply did, under the reply. */
export function tell(deps: ReplyDeps, reply: Reply, text: Fragment, keyboard?: InlineKeyboardMarkup): Promise<void> {
  return tellView(deps, reply, toView(text, keyboard));
}

export async function tellView({ outbound }: ReplyDeps, { chat, message, signal }: Reply, view: View): Promise<void> {
  await outbound.send(chat, view, { replyTo: message.message_id, priority: 'approval', signal });
}
