import type { QueueConfig } from '../config.ts';
import type { EventStream } from '../jobs/event-relay.ts';
import type { QueueStack } from '../jobs/queue.ts';
import type { InboxNews } from '../store/inbox-news.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { Logger } from '../telemetry/log.ts';
import { startPostgresInboxNews } from './postgres-inbox-news.ts';
import { openPostgresQueue } from './postgres-queue.ts';
import { connectRedis } from './redis.ts';
import { checkRedis } from './redis-check.ts';
import { makeRedisEventStream } from './redis-event-stream.ts';
import { makeRedisInboxNews } from './redis-inbox-news.ts';
import { makeRedisQueue } from './redis-queue.ts';
import { makeRedisShortTerm } from './redis-short-term.ts';

export interface ServerQueueOptions {
  queue: Exclude<QueueConfig, { kind: 'embedded' }>;
  log: Logger;
  signal: AbortSignal;
}

export interface ServerQueue {
  queue: QueueStack;
  inboxNews: InboxNews;
  /** Left out: rows of the store. */
  shortTerm?: ShortTerm;
  /** Left out: other programs read the table `events`. */
  eventStream?: EventStream;
  /** For `/status`. */
  warnings: readonly string[];
  /** After everything that uses it has ended. */
  close(): Promise<void>;
}

/**
 * What goes between processes: jobs, news, and with Redis the short-term memory. Throws config_invalid for a server that cannot be
 * trusted with jobs, queue_unavailable when it does not answer, aborted.
 */
export function openServerQueue(options: ServerQueueOptions): Promise<ServerQueue> {
  const { queue } = options;
  return queue.kind === 'redis' ? openRedis(queue, options) : openPostgres(queue.databaseUrl.reveal(), options.log);
}

async function openRedis(
  { redisUrl, isUnsafeAllowed }: Extract<QueueConfig, { kind: 'redis' }>,
  { log, signal }: ServerQueueOptions,
): Promise<ServerQueue> {
  const url = redisUrl.reveal();
  const warnings = await checkRedis({ url, isUnsafeAllowed, log, signal });
  const connections = connectRedis({ url, log });
  const queue = makeRedisQueue(connections);
  const inboxNews = makeRedisInboxNews({ redis: connections.commands, log });
  return {
    queue: queue.stack,
    inboxNews,
    shortTerm: makeRedisShortTerm({ redis: connections.commands }),
    eventStream: makeRedisEventStream({ redis: connections.commands }),
    warnings,
    async close() {
      await inboxNews.close();
      await queue.close();
      await connections.close();
    },
  };
}

async function openPostgres(databaseUrl: string, log: Logger): Promise<ServerQueue> {
  const queue = await openPostgresQueue({ databaseUrl, log });
  const inboxNews = startPostgresInboxNews({ databaseUrl, log });
  return {
    queue: queue.stack,
    inboxNews,
    warnings: [],
    async close() {
      await inboxNews.close();
      await queue.close();
    },
  };
}
