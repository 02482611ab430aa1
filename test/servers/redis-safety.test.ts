import { expect, test } from 'vitest';
import { judgeRedis, type RedisFacts } from '../../src/servers/redis-safety.ts';

const good: RedisFacts = { version: '7.0.15', maxmemoryPolicy: 'noeviction', appendonly: 'yes' };

test('a Redis that keeps what it was given is fine', () => {
  expect(judgeRedis(good)).toEqual({ problems: [], warnings: [] });
});

test.each([
  [{ maxmemoryPolicy: 'allkeys-lru' }, ['maxmemory-policy is allkeys-lru', 'maxmemory-policy noeviction']],
  [{ maxmemoryPolicy: 'volatile-ttl' }, ['maxmemory-policy is volatile-ttl', 'maxmemory-policy noeviction']],
  [{ appendonly: 'no' }, ['appendonly is no', 'appendonly yes']],
  [{ version: '6.0.16' }, ['6.0.16', '6.2']],
  [{ version: '5.0.7' }, ['5.0.7', '6.2']],
])('%o is a reason not to start, with what was found and the remedy', (facts, parts) => {
  const { problems, warnings } = judgeRedis({ ...good, ...facts });
  expect(warnings).toEqual([]);
  expect(problems).toHaveLength(1);
  for (const part of ['REDIS_URL: ', ...parts]) expect(problems[0]).toContain(part);
});

test.each(['6.2.0', '6.10.1', '7.0.15', '8.0.0', '10.1'])('version %s is new enough', (version) => {
  expect(judgeRedis({ ...good, version }).problems).toEqual([]);
});

test('what it does not let one read is warned of, not refused', () => {
  const { problems, warnings } = judgeRedis({ version: null, maxmemoryPolicy: null, appendonly: null });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining('version'),
    expect.stringContaining('maxmemory-policy'),
    expect.stringContaining('append-only'),
  ]);
});

test('every reason is named at once', () => {
  expect(judgeRedis({ version: '5.0.0', maxmemoryPolicy: 'allkeys-lfu', appendonly: 'no' }).problems).toHaveLength(3);
});
