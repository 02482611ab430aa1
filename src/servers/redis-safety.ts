import type { Judgement } from './judgement.ts';

/** What is known of a Redis; null where it does not let one look. */
export interface RedisFacts {
  version: string | null;
  maxmemoryPolicy: string | null;
  /** `yes` or `no`. */
  appendonly: string | null;
}

/** What BullMQ and GETDEL need. */
const MIN_VERSION = [6, 2] as const;

/**
 * Decides whether jobs are safe in a Redis. A waiting job that is evicted, or lost in a restart, is found again by the sweeper, but only
 * after its patience: every person and every task would wait for it.
 */
export function judgeRedis(facts: RedisFacts): Judgement {
  const judgements = [judgeVersion(facts), judgeEviction(facts), judgePersistence(facts)];
  return { problems: judgements.flatMap(({ problem = [] }) => problem), warnings: judgements.flatMap(({ warning = [] }) => warning) };
}

interface One {
  problem?: string;
  warning?: string;
}

function judgeVersion({ version }: RedisFacts): One {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  if (version === null || Number.isNaN(major)) return { warning: 'Redis does not tell its version; 6.2 or newer is needed.' };
  const isOld = major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1]);
  return isOld ? { problem: `REDIS_URL: this Redis is version ${version}, and the queues need 6.2 or newer; upgrade it` } : {};
}

function judgeEviction({ maxmemoryPolicy }: RedisFacts): One {
  if (maxmemoryPolicy === 'noeviction') return {};
  if (maxmemoryPolicy === null) {
    return { warning: 'Redis does not tell its maxmemory-policy; make sure that it is noeviction, or waiting jobs may vanish.' };
  }
  return {
    problem:
      `REDIS_URL: this Redis drops keys when its memory is full (maxmemory-policy is ${maxmemoryPolicy}), so that waiting jobs would vanish; ` +
      'set maxmemory-policy noeviction in redis.conf and by CONFIG SET, or take a plan without eviction',
  };
}

function judgePersistence({ appendonly }: RedisFacts): One {
  if (appendonly === 'yes') return {};
  if (appendonly === null) {
    return { warning: 'Redis does not tell whether it keeps an append-only file; make sure that it persists, or a restart loses jobs.' };
  }
  return {
    problem:
      'REDIS_URL: this Redis keeps no append-only file (appendonly is no), so that its restart would lose waiting jobs; ' +
      'set appendonly yes and appendfsync everysec in redis.conf and by CONFIG SET, or take a plan with persistence',
  };
}
