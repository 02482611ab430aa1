import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Judgement } from './judgement.ts';
import { type RedisProblem, toPlace, toRedisProblem, withoutCommand } from './redis-problems.ts';
import { judgeRedis, type RedisFacts } from './redis-safety.ts';

export interface RedisCheckOptions {
  url: string;
  /** AGS_ALLOW_UNSAFE_REDIS: what would be refused is only warned of. */
  isUnsafeAllowed: boolean;
  log: Pick<Logger, 'warn'>;
  signal: AbortSignal;
  /** How long a Redis that does not answer is waited for. */
  patienceMs?: number;
}

/** The platform may start Redis together with this program. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 1_000;
const ANSWER_TIMEOUT_MS = 2_000;
const PROBE_TTL_MS = 1_000;

/**
 * Asks once, before the start, whether a Redis can carry the queues. Resolves with the sentences that `/status` should warn of. Throws
 * config_invalid when somebody has to change something, `queue_unavailable` when it did not answer in time, `aborted`.
 */
export async function checkRedis(options: RedisCheckOptions): Promise<readonly string[]> {
  const { problems, warnings } = judgeRedis(await waitForFacts(options));
  if (problems.length === 0) return tell(warnings, options);
  if (!options.isUnsafeAllowed) throw toConfigError(problems);
  const accepted = problems.map((problem) => `AGS_ALLOW_UNSAFE_REDIS accepts what production must not: ${problem}`);
  return tell([...accepted, ...warnings], options);
}

function tell(warnings: Judgement['warnings'], { log }: RedisCheckOptions): readonly string[] {
  for (const warning of warnings) log.warn({ warning }, 'Redis is not what it should be');
  return warnings;
}

function toConfigError(problems: readonly string[]): AppError {
  return new AppError('config_invalid', 'Redis cannot be used as it is', { context: { problems } });
}

async function waitForFacts(options: RedisCheckOptions): Promise<RedisFacts> {
  const { url, log, signal, patienceMs = PATIENCE_MS } = options;
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const found = await tryFacts(url);
    if ('facts' in found) return found.facts;
    const { line, isFinal } = found.problem;
    if (isFinal) throw toConfigError([line]);
    if (performance.now() + PAUSE_MS > deadlineMs) throw new AppError('queue_unavailable', line, { context: { redis: toPlace(url) } });
    log.warn({ problem: line }, 'waiting for Redis');
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {
      throw new AppError('aborted', 'waiting for Redis was interrupted');
    });
  }
}

/** One connection that does not come back: why it failed is what is wanted here. */
async function tryFacts(url: string): Promise<{ facts: RedisFacts } | { problem: RedisProblem }> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
  });
  // What `connect` itself rejects with is only that the connection was closed.
  const errors: Error[] = [];
  redis.on('error', (error) => errors.push(error));
  try {
    await redis.connect();
    const facts = await readFacts(redis);
    return errors[0] === undefined ? { facts } : { problem: toRedisProblem(errors[0], url) };
  } catch (thrown) {
    return { problem: toRedisProblem(errors[0] ?? thrown, url) };
  } finally {
    redis.disconnect();
  }
}

async function readFacts(redis: Redis): Promise<RedisFacts> {
  // A write shows what no setting tells: a replica, a shard of a cluster, a full memory or disk, a login without rights.
  await redis.set('{ags}:probe', '1', 'PX', PROBE_TTL_MS);
  const info = await tryRead(() => redis.info());
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info ?? '')?.[1] ?? null;
  const aof = field('aof_enabled');
  return {
    version: field('redis_version'),
    maxmemoryPolicy: field('maxmemory_policy') ?? (await readSetting(redis, 'maxmemory-policy')),
    appendonly: aof === null ? await readSetting(redis, 'appendonly') : aof === '1' ? 'yes' : 'no',
  };
}

/** Null where a managed Redis does not let one look. */
async function readSetting(redis: Redis, name: string): Promise<string | null> {
  const answer = await tryRead(() => redis.config('GET', name));
  const value: unknown = Array.isArray(answer) ? answer[1] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

async function tryRead<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (thrown) {
    // Refused is an answer: not known. A connection that broke is not, and ends the try.
    if (/^(ERR|NOPERM)\b/.test(withoutCommand(thrown).message)) return null;
    throw thrown;
  }
}
