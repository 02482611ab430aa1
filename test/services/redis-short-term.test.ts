import { describe, expect, inject, test } from 'vitest';
import { startPrivateRedis } from '../../scripts/private-redis.ts';
import { makeSealedState } from '../../src/bot/sealed-state.ts';
import { connectRedis } from '../../src/servers/redis.ts';
import { makeRedisShortTerm } from '../../src/servers/redis-short-term.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { openRedisSpace } from '../support/redis.ts';
import { testShortTerm } from '../support/short-term-conformance.ts';

const log = makeLogger({ level: 'silent' });

describe('short-term memory in Redis', () => {
  testShortTerm(async () => {
    const url = inject('redisUrl');
    const space = openRedisSpace(url);
    const connections = connectRedis({ url, log });
    return {
      shortTerm: makeRedisShortTerm({ redis: connections.commands, prefix: space.prefix }),
      async close() {
        await connections.close();
        await space.close();
      },
    };
  });
});

test('every key has an end, so that Redis forgets by itself', async () => {
  const space = openRedisSpace(inject('redisUrl'));
  const shortTerm = makeRedisShortTerm({ redis: space.redis, prefix: space.prefix });
  await shortTerm.put('a', 1, 60);
  await shortTerm.put('b', { c: 2 }, 48 * 60 * 60);
  const keys = await space.listKeys();
  expect(keys).toHaveLength(2);
  for (const key of keys) expect(await space.redis.pttl(key)).toBeGreaterThan(0);
  await space.close();
});

test('a Redis that is away is an outage of the memory, soon told; an open question is then passed over', async () => {
  const server = await startPrivateRedis();
  const connections = connectRedis({ url: server.url, log });
  const shortTerm = makeRedisShortTerm({ redis: connections.commands });
  const lines: string[] = [];
  const state = makeSealedState<object>({
    shortTerm,
    botToken: '1:token',
    ttlSeconds: 60,
    log: makeLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } }),
  });
  await state.write('conversation:1', { text: 'kept' });
  await server.kill();
  await expect(shortTerm.get('a')).rejects.toMatchObject({ code: 'short_term_unavailable', retry: 'later' });
  await expect(shortTerm.put('a', { text: 'canary' }, 60)).rejects.toSatisfy((error: Error) => !JSON.stringify(error).includes('canary'));
  expect(await state.read('conversation:1')).toBeUndefined();
  expect(lines.join('')).toContain('passed over');
  await server.start();
  await expect.poll(() => state.read('conversation:1'), { timeout: 10_000 }).toEqual({ text: 'kept' });
  await connections.close();
  await server.stop();
});
