import type { Redis } from 'ioredis';
import { AppError } from '../errors.ts';
import type { ShortTerm } from '../store/short-term.ts';
import { withoutCommand } from './redis-problems.ts';
import { REDIS_PREFIX } from './redis-queue.ts';

export interface RedisShortTermOptions {
  /** Its commands are bounded in time: people wait for these answers. */
  redis: Redis;
  prefix?: string;
}

/** Short-term memory in Redis, which forgets by itself. Same answers as the store's own; throws `short_term_unavailable`. */
export function makeRedisShortTerm({ redis, prefix = REDIS_PREFIX }: RedisShortTermOptions): ShortTerm {
  const toKey = (key: string) => `${prefix}:short-term:${key}`;
  return {
    async get(key) {
      const text = await ask(() => redis.get(toKey(key)));
      const value: unknown = text === null ? null : JSON.parse(text);
      return value;
    },
    async put(key, value, ttlSeconds) {
      const ttlMs = Math.round(ttlSeconds * 1000);
      // A time that is over already is no time to Redis, which would refuse it.
      if (ttlMs > 0) await ask(() => redis.set(toKey(key), JSON.stringify(value), 'PX', ttlMs));
      else await ask(() => redis.del(toKey(key)));
    },
    async delete(key) {
      await ask(() => redis.del(toKey(key)));
    },
  };
}

async function ask<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    const cause = withoutCommand(thrown);
    throw new AppError('short_term_unavailable', `Redis does not answer: ${cause.message}`, { cause });
  }
}
