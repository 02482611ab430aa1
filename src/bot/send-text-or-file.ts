import type { ChatRef } from '../domain/message.ts';
import type { Outbound, SendOptions } from './outbound.ts';
import { toView } from './view.ts';

/** Longer than this is no longer read in a chat. */
const MAX_MESSAGE = 2500;

/** A text as a message, or as a file with a caption when it is long. */
export async function sendTextOrFile(
  outbound: Pick<Outbound, 'send' | 'sendFile'>,
  chat: ChatRef,
  { text, name, caption }: { text: string; name: string; caption: string },
  options: SendOptions,
): Promise<void> {
  if (text.length <= MAX_MESSAGE) await outbound.send(chat, toView(text), options);
  else await outbound.sendFile(chat, { name, bytes: Buffer.from(text), caption: toView(caption) }, options);
}
