/**
 * How fast each chat may be written to. A chat that answered 429 is left alone until its time; progress keeps within what Telegram
 * allows and gives way to everything else, so that an answer, a card or a stop never stands behind an edit of a progress line.
 */
export interface Pace {
  /** How long this chat has asked everybody to wait; 0 when it has not. */
  waitMs(chatId: number): number;
  /** How long a progress edit has to wait; 0 when it may go, and then it counts. */
  takeProgress(chatId: number): number;
  /** Telegram asked to wait. */
  block(chatId: number, forMs: number): void;
  /** Something that matters is on its way to this chat; call what comes back when it is over. */
  enter(chatId: number): () => void;
}

/** An edit a second in a private chat, twenty a minute in a group: Telegram's own figures. */
const PRIVATE_INTERVAL_MS = 1000;
const GROUP_INTERVAL_MS = 3000;
/** Progress that met something more important looks again after this. */
const GIVE_WAY_MS = 300;
/** Chats that are remembered before the idle ones are forgotten. */
const MAX_CHATS = 1000;

interface ChatPace {
  blockedUntilMs: number;
  nextProgressMs: number;
  underWayCount: number;
}

export function makePace({ clock }: { clock: () => Date }): Pace {
  const chats = new Map<number, ChatPace>();
  const nowMs = () => clock().getTime();

  function toChat(chatId: number): ChatPace {
    const known = chats.get(chatId);
    if (known) return known;
    if (chats.size >= MAX_CHATS) forgetIdle();
    const chat = { blockedUntilMs: 0, nextProgressMs: 0, underWayCount: 0 };
    chats.set(chatId, chat);
    return chat;
  }

  function forgetIdle(): void {
    const now = nowMs();
    for (const [chatId, chat] of chats) {
      if (chat.underWayCount === 0 && chat.blockedUntilMs <= now && chat.nextProgressMs <= now) chats.delete(chatId);
    }
  }

  const waitMs = (chatId: number) => Math.max(0, toChat(chatId).blockedUntilMs - nowMs());

  return {
    waitMs,
    takeProgress(chatId) {
      const chat = toChat(chatId);
      const blockedMs = Math.max(waitMs(chatId), chat.nextProgressMs - nowMs());
      if (blockedMs > 0) return blockedMs;
      if (chat.underWayCount > 0) return GIVE_WAY_MS;
      chat.nextProgressMs = nowMs() + (chatId > 0 ? PRIVATE_INTERVAL_MS : GROUP_INTERVAL_MS);
      return 0;
    },
    block(chatId, forMs) {
      const chat = toChat(chatId);
      chat.blockedUntilMs = Math.max(chat.blockedUntilMs, nowMs() + forMs);
    },
    enter(chatId) {
      const chat = toChat(chatId);
      chat.underWayCount += 1;
      return () => {
        chat.underWayCount -= 1;
      };
    },
  };
}
