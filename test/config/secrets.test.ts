import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { listSecretValues, Secret } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import { bot, parse, problemsOf } from './support.ts';

const full = {
  ...bot,
  TELEGRAM_WEBHOOK_URL: 'https://ags.example.com',
  TELEGRAM_WEBHOOK_SECRET: 'canary-webhook',
  SUPABASE_URL: 'https://abc.supabase.co',
  SUPABASE_SECRET_KEY: 'canary-supabase',
  SUPABASE_JWT_SECRET: 'canary-jwt',
  DATABASE_URL: 'postgresql://ags:canary-database@db.example.com:5432/postgres',
  MIGRATE_DATABASE_URL: 'postgresql://owner:canary-migrate@db.example.com:5432/postgres',
  REDIS_URL: 'redis://:canary-redis@redis.example.com:6379/0',
  OPENAI_API_KEY: 'canary-openai',
  TRADINGVIEW_SECRET: 'canary-tradingview',
  PAYMENTS_WEBHOOK_SECRET: 'canary-payments',
};

it('prints no secret of a configuration, however it is printed', () => {
  const config = parse(full);
  for (const text of [JSON.stringify(config), inspect(config, { depth: 10, showHidden: true }), `${config.engines.apiKey}`]) {
    expect(text).not.toMatch(/canary|bot-token/);
    expect(text).toContain('[secret]');
  }
  expect(config.engines.apiKey?.reveal()).toBe('canary-openai');
  expect(config.telegram.botToken?.reveal()).toBe(full.TELEGRAM_BOT_TOKEN);
});

it('repeats no bad secret in a problem', () => {
  const bad = { TELEGRAM_BOT_TOKEN: 'canary 1', TELEGRAM_WEBHOOK_SECRET: 'canary 2', DATABASE_URL: 'canary 3', OPENAI_API_KEY: 'canary 4' };
  const problems = problemsOf({ ...full, ...bad });
  expect(problems.map((line) => line.split(':')[0]).sort()).toEqual(Object.keys(bad).sort());
  expect(problems.join('\n')).not.toContain('canary');
});

it('lists what a log must hide, also keys that only a policy names', () => {
  const values = listSecretValues({
    ...full,
    GROQ_API_KEY: 'canary-groq',
    OTHER_URL: 'https://u:can%40ary@example.com',
    HOME: '/home/ags',
    X_KEY: 'ab',
  });
  expect(values).toEqual(
    expect.arrayContaining(['canary-groq', 'can%40ary', 'can@ary', 'canary-database', 'canary-redis', full.TELEGRAM_BOT_TOKEN]),
  );
  expect(values).not.toContain('/home/ags');
  expect(values).not.toContain('ab');
});

it('wraps and reveals', () => {
  const secret = new Secret('canary');
  expect(secret.reveal()).toBe('canary');
  expect(`${secret} ${JSON.stringify({ secret })} ${inspect([secret])}`).toBe('[secret] {"secret":"[secret]"} [ [secret] ]');
});

it('lets a policy read engines’ variables and no others', () => {
  const { engines } = parse({ ...full, GROQ_API_KEY: ' key ', GROQ_BASE_URL: 'https://groq.example/v1' });
  expect(engines.readVariable('GROQ_API_KEY')).toBe('key');
  expect(engines.readVariable('OPENAI_API_KEY')).toBe('canary-openai');
  expect(engines.readVariable('UNSET_API_KEY')).toBeUndefined();
  for (const name of ['TELEGRAM_BOT_TOKEN', 'DATABASE_URL', 'SUPABASE_SECRET_KEY', 'AWS_SECRET_ACCESS_KEY', 'HOME', '__proto__']) {
    expect(() => engines.readVariable(name)).toThrow(AppError);
  }
});
