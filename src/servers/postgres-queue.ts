import {
  assertSchemaCompatibility,
  createPostgresBackend,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
} from 'bullmq';
import pg from 'pg';
import { AppError } from '../errors.ts';
import type { QueueStack } from '../jobs/queue.ts';
import { CALL_TIMEOUT_MS, KEEP_ALIVE_AFTER_MS } from '../store/transports/patience.ts';
import type { Logger } from '../telemetry/log.ts';

export interface PostgresQueue {
  stack: QueueStack;
  /** After the queues and workers are closed. */
  close(): Promise<void>;
}

export interface PostgresQueueOptions {
  /** Direct or by a session pooler: listening needs a connection that stays. */
  databaseUrl: string;
  log: Pick<Logger, 'warn'>;
  maxConnections?: number;
  /** Of one statement. */
  callTimeoutMs?: number;
}

/** Two of them listen, one for each queue that a worker takes from; the rest serve short queries. */
const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const NOT_PRIVILEGED = '42501';

/**
 * BullMQ on PostgreSQL, in its own schema `bullmq`, brought up to date first. For a stack without Redis. Throws config_invalid when the
 * login may not make that schema, `queue_unavailable` when the database does not answer.
 */
export async function openPostgresQueue(options: PostgresQueueOptions): Promise<PostgresQueue> {
  const { databaseUrl, log, maxConnections = MAX_CONNECTIONS, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  const target = {
    connectionString: databaseUrl,
    // BullMQ's own SQL names no schema.
    options: '-c search_path=bullmq',
    application_name: 'dynamic-ags queue',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  };
  const connection = new pg.Pool({ ...target, max: maxConnections, query_timeout: callTimeoutMs });
  // Every queue and worker adds a listener for errors to the pool: their number is no leak.
  connection.setMaxListeners(0);
  connection.on('error', (err) => log.warn({ err }, 'queue connection lost'));
  try {
    await migrate(target);
  } catch (thrown) {
    await connection.end();
    throw toQueueError(thrown, databaseUrl);
  }
  return {
    stack: { connection, backend: (name, opts, factoryOptions) => createPostgresBackend(name, { ...opts, connection }, factoryOptions) },
    close: () => connection.end(),
  };
}

/** On a connection without a bound: it may wait for another process that does the same, and rebuild what is large. */
async function migrate(target: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(target);
  // One that ends tells it to its query, and then once more to nobody.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Running them takes the right to make schemas, even when there is nothing to do.
    if (!(await isUpToDate(client))) await runMigrations(client);
  } finally {
    await client.end();
  }
}

async function isUpToDate(client: pg.ClientBase): Promise<boolean> {
  try {
    return (await assertSchemaCompatibility(client)) >= LATEST_SCHEMA_VERSION;
  } catch (thrown) {
    if (thrown instanceof SchemaMigrationRequiredError) return false;
    throw thrown;
  }
}

function toQueueError(thrown: unknown, databaseUrl: string): AppError {
  if (thrown instanceof pg.DatabaseError && thrown.code === NOT_PRIVILEGED) {
    const { username, pathname } = new URL(databaseUrl);
    const [login, database] = [decodeURIComponent(username), decodeURIComponent(pathname.slice(1))];
    const problem =
      `DATABASE_URL: the login ${login} may not make or use the schema bullmq, in which the queue lives (${thrown.message}); ` +
      `set REDIS_URL, or as the owner run: create schema bullmq authorization "${login}"; grant create on database "${database}" to "${login}"`;
    return new AppError('config_invalid', 'The queue cannot be kept in this database', { context: { problems: [problem] }, cause: thrown });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError('queue_unavailable', `DATABASE_URL: the queue’s tables could not be made ready: ${message}`, { cause: thrown });
}
