import { Redis, type RedisOptions } from 'ioredis';
import { toAppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { withoutCommand } from './redis-problems.ts';

export interface RedisConnections {
  /** For commands that somebody waits for: each is answered or fails within two seconds, also while Redis is away. */
  commands: Redis;
  /** For those who have nothing better to do than to wait for Redis, however long: BullMQ's workers. */
  patient: Redis;
  /** Throws `queue_unavailable`. */
  ping(): Promise<void>;
  /** After everything that uses them has ended. Never throws; what does not answer is cut off. */
  close(): Promise<void>;
}

export interface RedisConnectionOptions {
  /** `redis://` or, with TLS, `rediss://`. */
  url: string;
  log: Pick<Logger, 'warn' | 'info'>;
  random?: () => number;
}

const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 50;
/** Redis is back at once or in minutes; a machine that asks every two seconds is no burden to either. */
const MAX_PAUSE_MS = 2_000;
const CLOSE_TIMEOUT_MS = 1_000;

/** What every connection of the program has in common. Full jitter from the second try on, so that a fleet does not come back as one. */
export function toRedisOptions(random: () => number = Math.random): RedisOptions {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (tries) => FIRST_PAUSE_MS + random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)),
    // A replica that was the primary a moment ago answers so during a failover: the next connection finds the new one.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
}

/** Connects, and goes on connecting whenever the connection is lost. Check the server first with `checkRedis`. */
export function connectRedis({ url, log, random }: RedisConnectionOptions): RedisConnections {
  const shared = toRedisOptions(random);
  const commands = new Redis(url, { ...shared, commandTimeout: COMMAND_TIMEOUT_MS, maxRetriesPerRequest: 1 });
  // BullMQ demands null of a connection that blocks: such a command is sent again after every loss.
  const patient = new Redis(url, { ...shared, maxRetriesPerRequest: null });
  tellOfLosses(commands, log);
  // Of the same server: one voice is enough, but somebody has to listen or Node takes the error for a fatal one.
  patient.on('error', () => undefined);
  return {
    commands,
    patient,
    async ping() {
      try {
        await commands.ping();
      } catch (thrown) {
        throw toAppError(withoutCommand(thrown), 'queue_unavailable');
      }
    },
    close: async () => void (await Promise.all([closeRedis(commands), closeRedis(patient)])),
  };
}

/** One line when the connection is lost and one when it is back, however many tries lie between. */
export function tellOfLosses(redis: Redis, log: Pick<Logger, 'warn' | 'info'>): void {
  let isLost = false;
  redis.on('error', (error) => {
    if (!isLost) log.warn({ err: withoutCommand(error) }, 'Redis does not answer, connecting again');
    isLost = true;
  });
  redis.on('close', () => {
    if (!isLost && redis.status !== 'end') log.warn('connection to Redis lost, connecting again');
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) log.info('Redis answers again');
    isLost = false;
  });
}

/** Lets what was sent be answered, but not for long: a Redis that is away must not keep the process from ending. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await Promise.race([redis.quit().catch(() => undefined), endOf(redis)]);
  redis.disconnect();
}

function endOf(redis: Redis): Promise<void> {
  return new Promise((resolve) => {
    const onEnd = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      redis.off('end', onEnd);
      resolve();
    }, CLOSE_TIMEOUT_MS);
    redis.once('end', onEnd);
  });
}
