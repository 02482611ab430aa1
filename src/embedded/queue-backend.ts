import { type BackendFactory, createPostgresBackend, runMigrations } from 'bullmq';
import { Client, type ClientConfig, Pool } from 'pg';
import type { EmbeddedDatabase } from './pglite.ts';
import { PgliteConnection } from './pglite-connection.ts';

export interface EmbeddedQueueBackend {
  /** The last argument of `new Queue(…)` and `new Worker(…)`. */
  backend: BackendFactory;
  /** What their options take as `connection`. */
  connection: Pool;
  /** Brings the schema `bullmq` up to what this version of BullMQ needs. Once, before the first queue. */
  migrate(): Promise<void>;
  /** After the queues and workers are closed, before the database is. */
  close(): Promise<void>;
}

/** A worker keeps a client for listening to each queue; what is beyond them serves short queries, which the session runs one at a time anyway. */
const MAX_CLIENTS = 64;

/**
 * BullMQ's own PostgreSQL backend over the embedded database. node-postgres does the pooling, the types and the notifications; only its
 * socket is replaced. Its SQL is unqualified: `openEmbeddedDatabase` has `bullmq` in the search path of the session.
 */
export function makeEmbeddedQueueBackend(db: EmbeddedDatabase): EmbeddedQueueBackend {
  class EmbeddedClient extends Client {
    constructor() {
      // `connection` is an option of pg that its types leave out.
      super({ connection: new PgliteConnection(db.session) } as ClientConfig);
    }
  }
  const connection = new Pool({ Client: EmbeddedClient, max: MAX_CLIENTS, idleTimeoutMillis: 0, keepAlive: true });
  // Every queue and worker adds a listener for errors to the pool: their number is no leak.
  connection.setMaxListeners(0);
  return {
    backend: (name, opts, factoryOpts) => createPostgresBackend(name, { ...opts, connection }, factoryOpts),
    connection,
    async migrate() {
      const client = await connection.connect();
      try {
        await runMigrations(client);
      } finally {
        client.release();
      }
    },
    close: () => connection.end(),
  };
}
