import { sha256 } from '../domain/ids.ts';
import type { MessageRef } from '../domain/message.ts';
import { type Card, moveCard, recordCard, recordCardShown } from '../store/cards.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Outbound } from './outbound.ts';
import type { View } from './view.ts';

export interface CardMessageDeps {
  /** As `ags_bot` or `ags_worker`. */
  rpc: Rpc;
  outbound: Outbound;
  log: Logger;
}

export interface PutOptions {
  /** A card that is gone is sent anew only while there is something to decide on it. */
  isWorthSending: boolean;
  /** What the view was made from: the same mark means that nothing can have changed. Never comes back once it has passed. */
  mark: string;
  signal?: AbortSignal | undefined;
}

export interface CardMessages {
  /** Makes the card's one message show the view, and records that it does: sends it, edits it, or sends it anew when somebody deleted it. */
  put(card: Card, view: View, options: PutOptions): Promise<void>;
}

/** Messages whose last view is remembered, only to spare Telegram edits that change nothing. */
const MAX_REMEMBERED = 1000;

export function makeCardMessages({ rpc, outbound, log }: CardMessageDeps): CardMessages {
  const drawn = new Map<string, string>();

  function remember(message: MessageRef, hash: string): void {
    if (drawn.size >= MAX_REMEMBERED) drawn.clear();
    drawn.set(toKey(message), hash);
  }

  async function send(card: Card, view: View, signal?: AbortSignal): Promise<MessageRef> {
    const sent = await outbound.send(card, view, { priority: 'approval', signal });
    const { messageId } =
      card.messageId === null
        ? await recordCard(rpc, card.cardId, sent.messageId)
        : await moveCard(rpc, card.cardId, { from: card.messageId, to: sent.messageId });
    if (messageId === sent.messageId || messageId === null) return sent;
    // Another process was first: its message has the buttons that count.
    log.info({ cardId: card.cardId, messageId }, 'card was sent twice, the later message is taken back');
    await outbound.tryRemove(sent, { priority: 'approval' });
    return { ...sent, messageId };
  }

  async function edit(card: Card, messageId: number, view: View, options: PutOptions): Promise<void> {
    const { isWorthSending, signal } = options;
    const hash = toHash(view, options);
    const message = { chatId: card.chatId, topicId: card.topicId, messageId };
    if (isShown(card) && drawn.get(toKey(message)) === hash) return;
    const outcome = await outbound.edit(message, view, { priority: 'approval', signal });
    if (outcome !== 'gone') remember(message, hash);
    else if (isWorthSending) remember(await send(card, view, signal), hash);
  }

  return {
    async put(card, view, options) {
      if (card.messageId !== null) await edit(card, card.messageId, view, options);
      else if (options.isWorthSending) remember(await send(card, view, options.signal), toHash(view, options));
      else return;
      // The sweeper looks for cards that show something else.
      if (card.mark !== null && !isShown(card)) await recordCardShown(rpc, card.cardId, card.mark);
    },
  };
}

/** Where the rows say that it shows something else, another process may have drawn it since: what this one remembers is not believed. */
const isShown = ({ mark, shownMark }: Card): boolean => mark === null || shownMark === mark;

const toHash = (view: View, { mark }: PutOptions): string => sha256(JSON.stringify([mark, view]));

const toKey = ({ chatId, messageId }: MessageRef): string => `${chatId}:${messageId}`;
