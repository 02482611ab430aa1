import { Mutex, messages, type PGlite, protocol } from '@electric-sql/pglite';
import { AppError } from '../errors.ts';

/** One message of PostgreSQL's wire protocol, as the server answers it. */
export type BackendMessage = Awaited<ReturnType<PGlite['execProtocolStream']>>[number];

export interface Notification {
  channel: string;
  payload: string;
}

/**
 * The one session that PGlite has, shared by whoever holds its lock. Everything goes through here: PGlite's own queries and transactions
 * are fenced by locks that raw protocol batches do not take, so the two must not be mixed.
 */
export interface PgliteSession {
  /** Waits for the lock, in order of asking. The holder may leave no transaction open when it lets go. */
  acquire(): Promise<() => void>;
  /** Runs one batch of protocol messages, errors of the database included in the answer. The caller holds the lock. */
  send(batch: Uint8Array): Promise<BackendMessage[]>;
  /** The name of a prepared statement with this text, made on first use. The caller holds the lock. Throws what the database says. */
  prepare(text: string): Promise<string>;
  /** Every notification of every channel that anybody listens to. Returns the way to stop. */
  onNotification(listener: (notification: Notification) => void): () => void;
}

export function makePgliteSession(db: PGlite): PgliteSession {
  const mutex = new Mutex();
  const prepared = new Map<string, string>();
  let failure: unknown;

  async function send(batch: Uint8Array): Promise<BackendMessage[]> {
    if (failure !== undefined || db.closed) throw toStopped(failure);
    try {
      return await db.execProtocolStream(batch, { throwOnError: false, syncToFs: false });
    } catch (thrown) {
      // Errors of SQL are messages; what is thrown comes from the engine itself, which is not to be trusted after that.
      failure = thrown;
      throw toStopped(thrown);
    }
  }

  async function prepare(text: string): Promise<string> {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const name = `ags_${prepared.size}`;
    throwIfFailed(await send(concatBytes([protocol.serialize.parse({ name, text }), protocol.serialize.sync()])));
    prepared.set(text, name);
    return name;
  }

  return {
    acquire: () => mutex.acquire(),
    send,
    prepare,
    onNotification: (listener) => db.onNotification((channel, payload) => listener({ channel, payload })),
  };
}

function toStopped(cause: unknown): AppError {
  return new AppError('store_unavailable', 'The embedded database has stopped; restart the process', { cause });
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Throws the first error that the database answered with. */
export function throwIfFailed(answer: readonly BackendMessage[]): void {
  const error = answer.find((message) => message instanceof messages.DatabaseError);
  if (error !== undefined) throw error;
}

/** The transaction's state after a batch: I idle, T in a transaction, E in a failed one. */
export function readTransactionStatus(messages: readonly BackendMessage[]): string {
  const ready = messages.findLast((message) => message.name === 'readyForQuery');
  return ready !== undefined && 'status' in ready && typeof ready.status === 'string' ? ready.status : 'E';
}
