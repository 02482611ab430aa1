import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ConnectedInboxNews } from '../store/inbox-news.ts';
import { CALL_TIMEOUT_MS, KEEP_ALIVE_AFTER_MS } from '../store/transports/patience.ts';
import type { Logger } from '../telemetry/log.ts';

export interface PostgresInboxNewsOptions {
  /** Direct or by a session pooler: listening needs a connection that stays. */
  databaseUrl: string;
  log: Pick<Logger, 'warn' | 'info'>;
  random?: () => number;
}

const CHANNEL = 'ags_inbox_news';
const CONNECT_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

/**
 * News by LISTEN and NOTIFY, over one connection of its own that is made at once and again whenever it is lost. Whoever missed a word
 * meanwhile is told when it is back.
 */
export function startPostgresInboxNews({ databaseUrl, log, random = Math.random }: PostgresInboxNewsOptions): ConnectedInboxNews {
  const listeners = new Set<() => void>();
  const closing = new AbortController();
  let connected: pg.Client | null = null;

  function tellListeners(): void {
    for (const onNews of listeners) onNews();
  }

  /** Resolves when the connection has ended, for whatever reason. */
  async function holdConnection(): Promise<void> {
    const done = new AbortController();
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'dynamic-ags inbox news',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: CALL_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    client.on('error', () => resolve());
    client.on('end', () => resolve());
    client.on('notification', tellListeners);
    closing.signal.addEventListener('abort', () => resolve(), { once: true, signal: done.signal });
    const ready = client.connect().then(() => client.query(`listen ${CHANNEL}`));
    try {
      await Promise.race([ready, ended]);
      connected = client;
      tellListeners();
      await ended;
    } finally {
      connected = null;
      done.abort();
      // Also when it was still connecting: pg ends such a client only after it has connected.
      const end = () => client.end().catch(() => undefined);
      void ready.then(end, end);
    }
  }

  async function keepConnected(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      try {
        await holdConnection();
        failures = 0;
        if (!closing.signal.aborted) log.info('inbox news lost their connection, connecting again');
      } catch (err) {
        // One line per outage: the inbox is looked at every second anyway.
        if (failures === 0) log.warn({ err }, 'inbox news have no connection, trying again');
      }
      const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2);
      await sleep(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = keepConnected();
  return {
    async tell() {
      // Not waited for: a database that hangs must not hold up whoever has stored an update.
      connected?.query(`notify ${CHANNEL}`).catch((err: unknown) => log.info({ err }, 'inbox news not passed on'));
    },
    async listen(onNews) {
      const listener = () => onNews();
      listeners.add(listener);
      return async () => void listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      closing.abort();
      await running;
    },
  };
}
