import { inject } from 'vitest';
import { connectRedis } from '../../src/servers/redis.ts';
import { makeRedisQueue } from '../../src/servers/redis-queue.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { testQueue } from '../support/queue-conformance.ts';
import { openRedisSpace } from '../support/redis.ts';

const log = makeLogger({ level: 'silent' });

testQueue(async () => {
  const url = inject('redisUrl');
  const space = openRedisSpace(url);
  const connections = connectRedis({ url, log });
  const queue = makeRedisQueue(connections, { prefix: space.prefix });
  return {
    stack: queue.stack,
    async close() {
      await queue.close();
      await connections.close();
      await space.close();
    },
  };
});
