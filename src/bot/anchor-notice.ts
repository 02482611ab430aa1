import type { Message } from 'grammy/types';
import { type Anchor, hashAnchor } from '../domain/evidence/anchor.ts';
import type { ChatRef } from '../domain/message.ts';
import type { LocalTime } from './local-time.ts';
import type { Outbound } from './outbound.ts';
import { toView } from './view.ts';
import { makeAnchorView, readAnchorText } from './views/anchor.ts';

export interface AnchorNoticeDeps {
  outbound: Pick<Outbound, 'send'>;
  adminChat: ChatRef;
  time: LocalTime;
}

/** Keeps an anchor as a message in the admin group, and answers with its address there. Throws as `Outbound.send`. */
export function makeAnchorNotice({ outbound, adminChat, time }: AnchorNoticeDeps) {
  return {
    place: 'chat' as const,
    async keep(anchor: Anchor, signal: AbortSignal): Promise<string> {
      // Nobody has to look at it now: it counts on the day on which it is asked for.
      const { chatId, messageId } = await outbound.send(adminChat, toView(makeAnchorView(anchor, time)), { isSilent: true, signal });
      return `tg:${chatId}/${messageId}`;
    },
  };
}

/**
 * The anchor that a message of this bot holds. Null: it is none, somebody else wrote it, or it was changed later, which the program never
 * does to an anchor.
 */
export function findAnchorIn(message: Message | undefined, botId: number): Anchor | null {
  if (message?.from?.id !== botId || message.edit_date !== undefined) return null;
  const anchor = readAnchorText(message.text ?? '');
  return anchor !== null && hashAnchor(anchor) === anchor.hash ? anchor : null;
}
