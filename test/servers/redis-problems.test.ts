import { expect, test } from 'vitest';
import { toRedisProblem, withoutCommand } from '../../src/servers/redis-problems.ts';

const URL_WITH_LOGIN = 'redis://ags:canary-password@redis.example.com:6380/0';

test.each([
  ['WRONGPASS invalid username-password pair or user is disabled.', true, 'refused the login'],
  ['NOAUTH HELLO must be called with the client already authenticated', true, 'refused the login'],
  ["NOPERM this user has no permissions to run the 'set' command", true, 'may not do'],
  ['MOVED 3999 10.0.0.7:6381', true, 'Redis Cluster'],
  ['CLUSTERDOWN Hash slot not served', true, 'Redis Cluster'],
  ["READONLY You can't write against a read only replica.", true, 'replica'],
  ['ERR DB index is out of range', true, 'database'],
  ['Unknown RESP type 72 "H". Please report this.', true, 'protocol'],
  ['self-signed certificate', true, 'NODE_EXTRA_CA_CERTS'],
  ["OOM command not allowed when used memory > 'maxmemory'.", false, 'memory'],
  ['MISCONF Errors writing to the AOF file: No space left on device', false, 'disk'],
  ['connect ECONNREFUSED 10.0.0.7:6380', false, 'does not answer'],
  ['getaddrinfo ENOTFOUND redis.example.com', false, 'does not answer'],
  ['Command timed out', false, 'does not answer'],
])('%s', (message, isFinal, says) => {
  const problem = toRedisProblem(new Error(message), URL_WITH_LOGIN);
  expect(problem.isFinal).toBe(isFinal);
  expect(problem.line).toMatch(/^REDIS_URL: /);
  expect(problem.line).toContain(says);
  expect(problem.line).not.toContain('canary');
});

test('an error loses the command that was sent, whose arguments may be a password', () => {
  const thrown = Object.assign(new Error('WRONGPASS'), { command: { name: 'hello', args: ['3', 'AUTH', 'ags', 'canary-password'] } });
  expect(Object.keys(withoutCommand(thrown))).toEqual([]);
  expect(withoutCommand(thrown).message).toBe('WRONGPASS');
});

test('an error without a text still says something', () => {
  expect(withoutCommand(Object.assign(new Error(''), { code: 'ECONNRESET' })).message).toBe('ECONNRESET');
  expect(withoutCommand(new Error('')).message).not.toBe('');
});
