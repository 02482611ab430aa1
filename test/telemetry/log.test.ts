import { expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { type LoggerOptions, makeLogger } from '../../src/telemetry/log.ts';

const token = '123456789:AAcanary_token-of-the-test-0123456789';

function start(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = makeLogger({
    level: 'info',
    secrets: [token, 'canary "quoted" \\ secret'],
    destination: { write: (line: string) => void lines.push(line) },
    ...options,
  });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') };
}

it('writes one JSON line with ISO time, level name and snake case ids', () => {
  const { log, lines, last } = start({ base: { role: 'worker' } });
  log.child({ taskId: 'T-2025-09-28-0012' }).warn({ stepId: 'T-2025-09-28-0012/act', sizes: { inputTokens: 3 } }, 'step done');
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(last()).toMatchObject({
    level: 'warn',
    role: 'worker',
    task_id: 'T-2025-09-28-0012',
    step_id: 'T-2025-09-28-0012/act',
    sizes: { input_tokens: 3 },
    msg: 'step done',
  });
  expect(new Date(last().time).toISOString()).toBe(last().time);
});

it('keeps to its level', () => {
  const { log, lines } = start({ level: 'error' });
  log.warn('no');
  expect(lines).toEqual([]);
});

it('hides known secrets in messages, fields, names, bindings, stacks and causes', () => {
  const { log, lines } = start();
  const cause = new Error(`request to https://api.telegram.org/bot${token}/sendMessage failed`);
  const secret = 'canary "quoted" \\ secret';
  log
    .child({ url: `/bot${encodeURIComponent(token)}` })
    .error({ err: new AppError('telegram_unavailable', `no answer: ${secret}`, { cause, context: { [token]: [secret] } }) }, `at ${token}`);
  expect(lines.join('')).not.toContain('canary');
  expect(lines.join('')).toContain('https://api.telegram.org/bot[secret]/sendMessage');
});

it.each([
  ['another bot’s token', 'https://x/bot987654321:BBcanary_canary-canary_canary-canary12/getMe'],
  ['a login in an address', 'connect postgresql://ags:canary@db:5432/x'],
  ['a header', 'Authorization: Bearer canary-canary.canary'],
])('hides %s by its shape', (_, text) => {
  const { log, lines } = start();
  log.info({ text }, text);
  expect(lines.join('')).not.toContain('canary');
});

it('hides values by their name, and only those', () => {
  const { log, last } = start();
  log.info({
    token: 'canary',
    headers: { 'X-Api-Key': 'canary', authorization: ['canary'] },
    botToken: 1,
    password: { a: 'canary' },
    key: 'canary',
    client_secret: 'canary',
  });
  expect(JSON.stringify(last())).not.toContain('canary');
  log.info({ idempotencyKey: 'T-2025-09-28-0012:act:0123456789abcdef', inputTokens: 12, keys: ['a'], secret: null });
  expect(last()).toMatchObject({ idempotency_key: 'T-2025-09-28-0012:act:0123456789abcdef', input_tokens: 12, keys: ['a'], secret: null });
});

it('shows code, context and the chain of causes of an error', () => {
  const { log, last } = start();
  const root = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', request: { body: 'canary' } });
  log.error(
    new AppError('store_unavailable', undefined, { context: { taskId: 'T-2025-09-28-0001' }, cause: new Error('pool', { cause: root }) }),
  );
  expect(last()).toMatchObject({
    msg: 'The database does not answer',
    err: {
      code: 'store_unavailable',
      context: { task_id: 'T-2025-09-28-0001' },
      cause: { message: 'pool', cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' } },
    },
  });
  expect(last().err.stack).toContain('log.test.ts');
  expect(JSON.stringify(last())).not.toContain('canary');
});

it('ends a chain of causes that runs in a circle', () => {
  const { log, last } = start();
  const error = new Error('circle');
  error.cause = error;
  log.error({ err: error }, 'failed');
  expect(last().msg).toBe('failed');
});

it('masks personal data with the mask it was given', () => {
  const { log, last } = start({ mask: (text) => text.replaceAll('ann@example.com', '[email-1]') });
  log.info({ from: 'ann@example.com', list: ['<ann@example.com>'] }, 'mail from ann@example.com');
  expect(last()).toMatchObject({ from: '[email-1]', list: ['<[email-1]>'], msg: 'mail from [email-1]' });
});

it('shows nothing that the mask could not check, and goes on', () => {
  const { log, lines } = start({
    mask: () => {
      throw new Error('mask');
    },
  });
  log.info({ text: 'canary' }, 'hello');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('canary');
});

it('cuts what is far too long, saying so', () => {
  const { log, lines } = start();
  log.info({ text: `${'x'.repeat(1_000_000)}${token}` });
  expect(lines[0]?.length).toBeLessThan(20_000);
  expect(lines[0]).toContain('characters more]');
});
