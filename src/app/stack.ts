import type { EventStream } from '../jobs/event-relay.ts';
import type { QueueStack } from '../jobs/queue.ts';
import type { BlobStore } from '../memory/blobs.ts';
import type { InboxNews } from '../store/inbox-news.ts';
import type { Transport } from '../store/rpc.ts';
import type { ShortTerm } from '../store/short-term.ts';

/** What the program stands on. `main` chooses it; nothing else knows which one it is. */
export interface Stack {
  transport: Transport;
  queue: QueueStack;
  blobs: BlobStore;
  /** Left out: rows of the store. */
  shortTerm?: ShortTerm;
  /** For other programs. Left out: they read the table `events`. */
  eventStream?: EventStream;
  /** Word of new updates, between all processes that take them in or handle them. */
  inboxNews: InboxNews;
  /** What an operator should know about the servers behind it, as sentences for `/status`. */
  warnings: readonly string[];
  /** No other process can be on this store: what others held when they ended is free. */
  isExclusive: boolean;
  /** After everything that uses it has ended. */
  close(): Promise<void>;
}
