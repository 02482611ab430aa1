import type { Redis } from 'ioredis';
import { AppError } from '../errors.ts';
import type { EventStream } from '../jobs/event-relay.ts';
import { withoutCommand } from './redis-problems.ts';

/** For consumer groups of other programs: its name is part of the outside. */
export const EVENT_STREAM = 'ags:events';

/** About so many are kept; who fell further behind reads the table `events`. Redis trims by whole nodes of 100 entries. */
const MAX_LENGTH = 5_000;

/** Events on a Redis stream, one entry each: `type`, `task_id` (empty when there is none), and the whole `event` as JSON. */
export function makeRedisEventStream({ redis, name = EVENT_STREAM }: { redis: Redis; name?: string }): EventStream {
  return {
    async append(events) {
      const commands = redis.pipeline();
      for (const event of events) {
        const fields = ['type', event.event_type, 'task_id', event.task_id ?? '', 'event', JSON.stringify(event)];
        commands.xadd(name, 'MAXLEN', '~', MAX_LENGTH, '*', ...fields);
      }
      const failed = await commands.exec().then(
        (results) => (results === null ? new Error('the pipeline was dropped') : results.find(([err]) => err !== null)?.[0]),
        (thrown: unknown) => thrown,
      );
      if (failed === undefined || failed === null) return;
      const cause = withoutCommand(failed);
      throw new AppError('queue_unavailable', `Redis did not take events for ${name}: ${cause.message}`, { cause });
    },
  };
}
