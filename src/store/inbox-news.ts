/**
 * Word between processes that something new is in the inbox. Best effort: a word that is lost costs the time until the inbox is looked at
 * anyway, so that nothing here ever throws or keeps a caller waiting for a connection.
 */
export interface InboxNews {
  /** Call it after the row is stored. */
  tell(): Promise<void>;
  /** `onNews` is called for every word, also for one's own, and after a connection was lost and is back. Resolves with what ends it. */
  listen(onNews: () => void): Promise<() => Promise<void>>;
}

/** News with a connection behind it. */
export interface ConnectedInboxNews extends InboxNews {
  close(): Promise<void>;
}

/** For a stack in which every role is in this process. */
export function makeLocalInboxNews(): InboxNews {
  const listeners = new Set<() => void>();
  return {
    async tell() {
      for (const onNews of listeners) onNews();
    },
    async listen(onNews) {
      // A listener of its own, so that the same function given twice is two.
      const listener = () => onNews();
      listeners.add(listener);
      return async () => void listeners.delete(listener);
    },
  };
}
