import type { Redis } from 'ioredis';
import type { ConnectedInboxNews } from '../store/inbox-news.ts';
import type { Logger } from '../telemetry/log.ts';
import { closeRedis } from './redis.ts';
import { withoutCommand } from './redis-problems.ts';
import { REDIS_PREFIX } from './redis-queue.ts';

export interface RedisInboxNewsOptions {
  /** For telling; listening gets a connection of its own, made like this one. */
  redis: Redis;
  prefix?: string;
  log: Pick<Logger, 'info'>;
}

/** News over Redis' channels: they keep nothing, so that whoever was away is told once when the connection is back. */
export function makeRedisInboxNews({ redis, prefix = REDIS_PREFIX, log }: RedisInboxNewsOptions): ConnectedInboxNews {
  const channel = `${prefix}:inbox-news`;
  const listeners = new Set<() => void>();
  let subscriber: Redis | null = null;

  function tellListeners(): void {
    for (const onNews of listeners) onNews();
  }

  function subscribe(): Redis {
    // A subscription waits for Redis as long as it takes; nobody waits for it.
    const connection = redis.duplicate({ maxRetriesPerRequest: null, commandTimeout: undefined, autoResubscribe: false });
    connection.on('error', () => undefined);
    connection.on('message', tellListeners);
    connection.on('ready', () => connection.subscribe(channel).then(tellListeners, passOver));
    return connection;
  }

  function passOver(thrown: unknown): void {
    log.info({ err: withoutCommand(thrown) }, 'inbox news not passed on');
  }

  return {
    async tell() {
      // Not waited for: a Redis that hangs must not hold up whoever has stored an update.
      if (redis.status === 'ready') void redis.publish(channel, '').catch(passOver);
    },
    async listen(onNews) {
      const listener = () => onNews();
      listeners.add(listener);
      subscriber ??= subscribe();
      return async () => void listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      if (subscriber !== null) await closeRedis(subscriber);
    },
  };
}
