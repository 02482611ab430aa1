import { EventEmitter } from 'node:events';
import { protocol } from '@electric-sql/pglite';
import { type BackendMessage, concatBytes, type PgliteSession, readTransactionStatus } from './pglite-session.ts';

const { serialize } = protocol;

/**
 * What node-postgres takes for its socket, with PGlite behind it. `pg.Client` writes the same messages as over a network; they are
 * collected up to the sync, run as one batch under the session's lock, and answered as the same events. A connection that has opened a
 * transaction keeps the lock until it ends, so that transactions of several clients never interleave in the one session.
 */
export class PgliteConnection extends EventEmitter {
  // Read by pg.Client: `end()` is skipped without it.
  readonly _connecting = true;
  parsedStatements: Record<string, string> = {};
  submittedNamedStatements: Record<string, string> = {};
  // There is no network that could fail silently, so keep-alive is always as good as on.
  readonly stream = { setKeepAlive: () => undefined, destroy: () => this.end() };

  readonly #session: PgliteSession;
  readonly #stopListening: () => void;
  #pending: Uint8Array[] = [];
  #queue: Promise<void> = Promise.resolve();
  #release: (() => void) | undefined;
  #isEnded = false;

  constructor(session: PgliteSession) {
    super();
    this.#session = session;
    // A session has one set of LISTENs. Each client gets every notification and picks by channel, as with any shared connection.
    this.#stopListening = session.onNotification((notification) => this.emit('notification', notification));
  }

  connect(): void {
    queueMicrotask(() => this.emit('readyForQuery', { status: 'I' }));
  }

  query(text: string): void {
    this.#submit(serialize.query(text));
  }

  parse(statement: Parameters<typeof serialize.parse>[0]): void {
    this.#pending.push(serialize.parse(statement));
  }

  bind(config: Parameters<typeof serialize.bind>[0]): void {
    this.#pending.push(serialize.bind(config));
  }

  describe(message: Parameters<typeof serialize.describe>[0]): void {
    this.#pending.push(serialize.describe(message));
  }

  execute(config: Parameters<typeof serialize.execute>[0]): void {
    this.#pending.push(serialize.execute(config));
  }

  close(message: Parameters<typeof serialize.close>[0]): void {
    this.#pending.push(serialize.close(message));
  }

  sync(): void {
    const batch = concatBytes([...this.#pending, serialize.sync()]);
    this.#pending = [];
    this.#submit(batch);
  }

  flush(): void {}
  ref(): void {}
  unref(): void {}

  /** Rolls back what was left open, as a server does when its client hangs up. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopListening();
    this.#queue = this.#queue.then(async () => {
      try {
        if (this.#release) await this.#session.send(serialize.query('rollback'));
      } finally {
        this.#letGo();
        this.emit('end');
      }
    });
  }

  #submit(batch: Uint8Array): void {
    this.#queue = this.#queue.then(async () => {
      try {
        this.#release ??= await this.#session.acquire();
        const answer = await this.#session.send(batch);
        if (readTransactionStatus(answer) === 'I') this.#letGo();
        this.#deliver(answer);
      } catch (thrown) {
        this.#letGo();
        this.emit('error', thrown);
      }
    });
  }

  #deliver(answer: readonly BackendMessage[]): void {
    for (const message of answer) {
      if (message.name === 'notification') continue;
      this.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
    }
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
