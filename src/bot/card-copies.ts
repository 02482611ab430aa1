import { z } from 'zod';
import type { ChatRef, MessageRef } from '../domain/message.ts';
import { toAppError } from '../errors.ts';
import type { RequestView } from '../store/approvals.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Outbound } from './outbound.ts';
import type { Copies } from './views/card-state.ts';

export interface CardCopiesDeps {
  shortTerm: ShortTerm;
  outbound: Pick<Outbound, 'copy'>;
  adminChat: ChatRef;
  log: Logger;
}

export interface CardCopies {
  /** Where the artifact stands beside this card; null when it could not be put there in full. */
  show(request: RequestView, card: { cardId: string; messageId: number | null } & ChatRef, signal?: AbortSignal): Promise<Copies | null>;
}

/** Longer than any approval waits by default; after it a private card that is drawn anew only copies again. */
const KEEP_SECONDS = 7 * 24 * 60 * 60;
const Noted = z.array(z.number().int());

/**
 * In the admin group the staged messages themselves stand there. Into a private chat they are copied, once per version, before its card
 * offers to approve them: nobody approves a text that they have to look for.
 */
export function makeCardCopies({ shortTerm, outbound, adminChat, log }: CardCopiesDeps): CardCopies {
  async function copyAll(request: RequestView, chat: ChatRef, signal: AbortSignal): Promise<number[] | null> {
    const messageIds: number[] = [];
    try {
      for (const staged of request.staged) messageIds.push((await outbound.copy(staged, chat, { priority: 'approval', signal })).messageId);
      return messageIds;
    } catch (thrown) {
      const { reference } = request;
      const part = messageIds.length + 1;
      log.info({ reference, part, err: toAppError(thrown) }, 'staged copy could not be shown in a private chat');
      return null;
    }
  }

  async function copyOnce(request: RequestView, cardId: string, chat: ChatRef, signal: AbortSignal): Promise<number[] | null> {
    const key = `card-copies:${cardId}:${request.version}`;
    const noted = Noted.safeParse(await shortTerm.get(key));
    if (noted.success) return noted.data;
    const messageIds = await copyAll(request, chat, signal);
    if (messageIds !== null) await shortTerm.put(key, messageIds, KEEP_SECONDS);
    return messageIds;
  }

  return {
    async show(request, { cardId, messageId, chatId, topicId }, signal) {
      if (request.staged.length === 0) return null;
      if (chatId === adminChat.chatId) return { messages: request.staged, place: toPlace(request.staged[0]?.messageId, messageId) };
      if (request.status !== 'pending') return { messages: request.staged, place: 'elsewhere' };
      const messageIds = await copyOnce(request, cardId, { chatId, topicId }, signal ?? AbortSignal.timeout(60_000));
      if (messageIds === null) return null;
      const messages: MessageRef[] = messageIds.map((id) => ({ chatId, topicId, messageId: id }));
      return { messages, place: toPlace(messageIds[0], messageId) };
    },
  };
}

/** The card stays where it was first sent; the copies of a later version stand below it. */
function toPlace(firstCopy: number | undefined, card: number | null): 'above' | 'below' {
  return card !== null && firstCopy !== undefined && firstCopy > card ? 'below' : 'above';
}
