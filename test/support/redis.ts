import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { startPrivateRedis } from '../../scripts/private-redis.ts';

export interface RedisServer {
  url: string;
  stop(): Promise<void>;
}

/** TEST_REDIS_URL's server, else a private one. Throws when there is neither. */
export async function startRedis(): Promise<RedisServer> {
  const given = process.env.TEST_REDIS_URL;
  if (!given) return startPrivateRedis();
  await assertAnswers(given);
  return { url: given, stop: async () => undefined };
}

async function assertAnswers(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
  } catch (cause) {
    throw new Error('TEST_REDIS_URL names no Redis that answers', { cause });
  } finally {
    redis.disconnect();
  }
}

/** One test file's own part of a shared server. */
export interface RedisSpace {
  /** In braces, as the program's own. */
  prefix: string;
  /** For arranging and for looking. */
  redis: Redis;
  listKeys(): Promise<string[]>;
  /** Everything that is stored, keys and values alike, as one text. */
  readAll(): Promise<string>;
  /** Removes what is in it. */
  close(): Promise<void>;
}

export function openRedisSpace(url: string): RedisSpace {
  const prefix = `{ags-test-${randomBytes(6).toString('hex')}}`;
  const redis = new Redis(url);
  // Tests end connections on purpose.
  redis.on('error', () => undefined);
  const listKeys = () => scanKeys(redis, `${prefix}*`);
  return {
    prefix,
    redis,
    listKeys,
    readAll: async () => JSON.stringify(await Promise.all((await listKeys()).map(async (key) => [key, await readValue(redis, key)]))),
    async close() {
      const keys = await listKeys();
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    },
  };
}

async function scanKeys(redis: Redis, pattern: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    cursor = next;
    keys.push(...found);
  } while (cursor !== '0');
  return [...new Set(keys)].sort();
}

async function readValue(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none':
      return null;
    default:
      throw new Error(`${key} is a ${type}, which nobody here knows how to read`);
  }
}
