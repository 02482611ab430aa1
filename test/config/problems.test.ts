import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VARIABLE_NAMES } from '../../src/config.ts';
import { bot, parse, problemsOf } from './support.ts';

const webhook = { TELEGRAM_WEBHOOK_URL: 'https://ags.example.com', TELEGRAM_WEBHOOK_SECRET: 'secret' };

describe('one bad value is one line that names its variable', () => {
  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['HOST', 'a b'],
    ['LOG_LEVEL', 'verbose'],
    ['AGS_TIMEZONE', 'Europe/Nowhere'],
    ['AGS_OWNER_IDS', '1,two'],
    ['AGS_OWNER_IDS', '1,,2'],
    ['AGS_OPERATOR_IDS', '-1001234567890'],
    ['AGS_REVIEWER_IDS', '1087968824'],
    ['AGS_OPERATOR_IDS', '12345678901234567890'],
    ['AGS_ADMIN_CHAT_ID', '@channel'],
    ['AGS_SIGNALS_CHAT_ID', '-100123/'],
    ['AGS_VIP_CHAT_ID', '0'],
    ['AGS_ALERT_CHAT_ID', '-100123/0'],
    ['OPENAI_BASE_URL', 'localhost:11434'],
    ['OPENAI_BASE_URL', 'https://user:pw@example.com'],
    ['DATABASE_URL', 'mysql://localhost/x'],
    ['DATABASE_URL', 'postgresql://u:p@aws-0.pooler.supabase.com:6543/postgres'],
    ['REDIS_URL', 'localhost:6379'],
    ['AGS_ANCHOR_URL', 'https://example.com'],
    ['AWS_ENDPOINT_URL', 's3.example.com'],
    ['TELEGRAM_BOT_TOKEN', 'no-token'],
  ])('%s=%s', (name, value) => {
    const problems = problemsOf({ ...bot, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
    expect(problems[0]).not.toContain('\n');
  });
});

it('reports everything at once', () => {
  const names = problemsOf({ ...bot, PORT: 'x', AGS_TIMEZONE: 'x', SUPABASE_URL: 'x', TELEGRAM_WEBHOOK_URL: 'https://a.example' }).map(
    (line) => line.split(':')[0],
  );
  expect(names.sort()).toEqual(['AGS_TIMEZONE', 'PORT', 'REDIS_URL', 'SUPABASE_SECRET_KEY', 'SUPABASE_URL', 'TELEGRAM_WEBHOOK_SECRET']);
});

describe('the webhook', () => {
  it.each([
    ['TELEGRAM_WEBHOOK_SECRET', { ...bot, TELEGRAM_WEBHOOK_URL: webhook.TELEGRAM_WEBHOOK_URL }],
    ['TELEGRAM_WEBHOOK_URL', { ...bot, TELEGRAM_WEBHOOK_SECRET: 'secret' }],
    ['TELEGRAM_WEBHOOK_URL', { ...bot, ...webhook, TELEGRAM_WEBHOOK_URL: 'http://ags.example.com' }],
    ['TELEGRAM_WEBHOOK_URL', { ...bot, ...webhook, TELEGRAM_WEBHOOK_URL: 'http://127.0.0.1.example.com' }],
    ['TELEGRAM_WEBHOOK_SECRET', { ...bot, ...webhook, TELEGRAM_WEBHOOK_SECRET: 'with blank' }],
    ['TELEGRAM_BOT_TOKEN', webhook],
  ])('%s is named', (name, env) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  });

  it('takes the whole address of the route too', () => {
    const url = 'https://ags.example.com/webhooks/telegram';
    for (const given of [url, `${url}/`, 'https://ags.example.com/']) {
      expect(parse({ ...bot, ...webhook, TELEGRAM_WEBHOOK_URL: given }).telegram.webhook?.url).toBe(url);
    }
  });

  it('suggests how a secret is made', () => {
    expect(problemsOf({ ...bot, TELEGRAM_WEBHOOK_URL: webhook.TELEGRAM_WEBHOOK_URL })[0]).toContain('openssl rand -hex 32');
    expect(problemsOf({ ...bot, ...webhook, TELEGRAM_WEBHOOK_SECRET: 'ö'.repeat(20) })[0]).toContain('openssl rand -hex 32');
    expect(problemsOf({ ...bot, ...webhook, TELEGRAM_WEBHOOK_SECRET: 'x'.repeat(257) })).toHaveLength(1);
    expect(problemsOf({ ...bot, ...webhook, TELEGRAM_WEBHOOK_SECRET: 'Az0_-'.repeat(51) })).toEqual([]);
  });

  it.each(['https://ags.example.com', 'http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'])('%s is fine', (url) => {
    expect(problemsOf({ ...bot, ...webhook, TELEGRAM_WEBHOOK_URL: url })).toEqual([]);
  });
});

it('a bucket for anchors needs a key, a folder does not', () => {
  const names = problemsOf({ ...bot, AGS_ANCHOR_URL: 's3://evidence/ags' }).map((line) => line.split(':')[0]);
  expect(names).toEqual(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);
  const key = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'very-secret' };
  expect(parse({ ...bot, ...key, AGS_ANCHOR_URL: 's3://evidence/ags/a%20b' }).anchorUrl).toMatchObject({
    bucket: 'evidence',
    prefix: ['ags', 'a b'],
    region: 'us-east-1',
  });
  expect(parse({ ...bot, AGS_ANCHOR_URL: 'file:///var/anchors' }).anchorUrl).toEqual({ kind: 'file', directory: '/var/anchors' });
});

it('a process that dies on purpose is a test, and nothing else', () => {
  const crash = { ...bot, AGS_CRASH_AT: 'after-intent' };
  for (const NODE_ENV of [undefined, '', 'production', 'development', 'TEST']) {
    expect(problemsOf({ ...crash, NODE_ENV })).toEqual([expect.stringMatching(/^AGS_CRASH_AT: .*unset it$/)]);
  }
  expect(parse({ ...crash, NODE_ENV: 'test' }).crashPoint).toBe('after-intent');
  expect(parse({ ...bot, NODE_ENV: 'test' }).crashPoint).toBeNull();
  expect(problemsOf({ ...bot, NODE_ENV: 'test', AGS_CRASH_AT: 'anywhere' })).toEqual([
    expect.stringMatching(/^AGS_CRASH_AT: expected one of /),
  ]);
});

it('asks a real bot for its group and its people', () => {
  const names = problemsOf({ TELEGRAM_BOT_TOKEN: bot.TELEGRAM_BOT_TOKEN }).map((line) => line.split(':')[0]);
  expect(names).toEqual(['AGS_ADMIN_CHAT_ID', 'AGS_OWNER_IDS']);
});

it('says that a bot is meant when only its server is named', () => {
  expect(problemsOf({ TELEGRAM_API_ROOT: 'http://127.0.0.1:8081' })).toEqual([expect.stringMatching(/^TELEGRAM_BOT_TOKEN: is missing/)]);
});

it('.env.example and the program know the same variables', async () => {
  const example = await readFile(join(import.meta.dirname, '../../.env.example'), 'utf8');
  const names = example.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
  expect(names.sort()).toEqual([...VARIABLE_NAMES].sort());
});
