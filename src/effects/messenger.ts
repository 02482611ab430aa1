import type { ChatRef, MessageRef } from '../domain/message.ts';
import type { Entity, PostPart } from '../domain/post.ts';

/**
 * What became of one message. `refused` is certain: it did not leave, or the other side said no. `unknown` is the honest answer after a
 * broken connection or a time-out: it may have arrived, and nobody may send it again on a guess.
 */
export type SendResult =
  | { outcome: 'sent'; message: MessageRef; shown: { text: string; entities: Entity[] } | null }
  | { outcome: 'refused'; reason: 'flood'; retryAfterMs: number; description: string }
  /** The group has become another one. */
  | { outcome: 'refused'; reason: 'moved'; newChatId: number; description: string }
  /** It was no longer fresh when it was about to leave: see `isFresh`. */
  | { outcome: 'refused'; reason: 'late'; description: string }
  | { outcome: 'refused'; reason: 'source_missing' | 'forbidden' | 'invalid' | 'unavailable'; description: string }
  | { outcome: 'unknown'; description: string };

export interface SendOptions {
  signal: AbortSignal;
  /** The message that this one answers, in the same chat; left out when it is gone. */
  replyTo?: number | null;
  /** No sound. */
  isSilent?: boolean;
  /** Asked as late as can be. False: it does not leave, and is refused as `late`; whoever sends asks the gate anew. */
  isFresh?: () => boolean;
}

/**
 * The way out to a messenger, implemented by `bot/outbound`. What an agent made leaves through it in `effects/`. It never
 * retries, and what may not leave at once does not leave: it is refused as `flood`, with the time to wait.
 */
export interface Messenger {
  /** Sends one part. `shown` is what the messenger says it now shows: text, and the entities that we would have sent (its own additions left out). */
  sendPart(part: PostPart, media: Uint8Array | null, target: ChatRef, options: SendOptions): Promise<SendResult>;
  /** Copies a staged message to its target. `source_missing` when there is nothing to copy any more. */
  copyMessage(source: MessageRef, target: ChatRef, options: SendOptions): Promise<SendResult>;
}
