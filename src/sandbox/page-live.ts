import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Change } from './changes.ts';
import type { NodeEnv } from './guard.ts';
import type { Hub, LiveEvent } from './hub.ts';
import { listChats, toMessageView } from './page-views.ts';
import { canSee } from './people.ts';
import { findStored } from './show.ts';

/** What an open page is told. It loads everything afresh when it (re)connects, so a missed event costs nothing. */
export type PageEvent =
  | { type: 'message'; chatId: number; view: ReturnType<typeof toMessageView> }
  | { type: 'deleted'; chatId: number; messageId: number }
  | { type: 'chats'; chats: ReturnType<typeof listChats> }
  /** Something about the chat beside its messages: pinned, menu, reply interface, who may write. */
  | { type: 'chat'; chatId: number }
  | { type: 'action'; chatId: number; action: string };

const KEEP_ALIVE_MS = 25_000;

export interface LivePages {
  open(context: Context<NodeEnv>, personaId: number): Response;
  close(): void;
}

export function makeLivePages(hub: Hub): LivePages {
  const closers = new Set<() => void>();
  return {
    open: (context, personaId) =>
      streamSSE(context, async (stream) => {
        const ended = Promise.withResolvers<void>();
        const queue: PageEvent[] = [];
        let wake = Promise.withResolvers<void>();
        const unsubscribe = hub.subscribe((event) => {
          queue.push(...toPageEvents(hub, event, personaId));
          if (queue.length > 0) wake.resolve();
        });
        const end = (): void => ended.resolve();
        closers.add(end);
        stream.onAbort(end);
        const keepAlive = setInterval(() => void stream.write(': still here\n\n'), KEEP_ALIVE_MS);
        let isOpen = true;
        void ended.promise.then(() => {
          isOpen = false;
          wake.resolve();
        });
        await stream.writeSSE({ event: 'ready', data: '{}' });
        while (isOpen) {
          await wake.promise;
          wake = Promise.withResolvers<void>();
          for (const event of squeeze(queue.splice(0))) await stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
        }
        clearInterval(keepAlive);
        unsubscribe();
        closers.delete(end);
      }),
    close() {
      for (const end of [...closers]) end();
    },
  };
}

/** Of several chat lists in one go only the last is worth sending. */
function squeeze(events: readonly PageEvent[]): PageEvent[] {
  const lastList = events.findLastIndex(({ type }) => type === 'chats');
  return events.filter(({ type }, index) => type !== 'chats' || index === lastList);
}

function toPageEvents(hub: Hub, event: LiveEvent, personaId: number): PageEvent[] {
  if (event.type === 'chat_action') {
    const { chatId, action } = event;
    return canSee(hub.state, chatId, personaId) ? [{ type: 'action', chatId, action }] : [];
  }
  if (event.type !== 'changes') return [];
  const events = event.changes.flatMap((change) => toChangeEvents(hub, change, personaId));
  return events.length > 0 ? [...events, { type: 'chats', chats: listChats(hub.state, personaId) }] : [];
}

function toChangeEvents(hub: Hub, change: Change, personaId: number): PageEvent[] {
  const { state } = hub;
  switch (change.type) {
    case 'message': {
      const chatId = change.stored.message.chat.id;
      if (!canSee(state, chatId, personaId)) return [];
      return [{ type: 'message', chatId, view: toMessageView(state, change.stored, personaId) }];
    }
    case 'reaction': {
      const stored = canSee(state, change.chatId, personaId) ? findStored(state, change.chatId, change.messageId) : undefined;
      return stored ? [{ type: 'message', chatId: change.chatId, view: toMessageView(state, stored, personaId) }] : [];
    }
    case 'message_deleted':
      return canSee(state, change.chatId, personaId) ? [{ type: 'deleted', chatId: change.chatId, messageId: change.messageId }] : [];
    case 'chat':
    case 'topic':
    case 'member':
      return [{ type: 'chat', chatId: change.chatId }];
    case 'interface':
      return change.userId === personaId ? [{ type: 'chat', chatId: change.chatId }] : [];
    case 'private_chat':
      return change.userId === personaId ? [{ type: 'chat', chatId: personaId }] : [];
    case 'read':
      return change.userId === personaId ? [{ type: 'chats', chats: listChats(state, personaId) }] : [];
    case 'commands':
    case 'profile':
      // Rare, and any chat may be meant: 0 is every chat.
      return [{ type: 'chat', chatId: 0 }];
    default:
      return [];
  }
}
