import type { QueueStack } from '../jobs/queue.ts';
import type { BlobStore } from '../memory/blobs.ts';
import type { Transport } from '../store/rpc.ts';

/** What the program stands on. `main` chooses it; nothing else knows which one it is. */
export interface Stack {
  transport: Transport;
  queue: QueueStack;
  blobs: BlobStore;
  /** No other process can be on this store: what others held when they ended is free. */
  isExclusive: boolean;
  /** After everything that uses it has ended. */
  close(): Promise<void>;
}
