import { describe, expect, it } from 'vitest';
import { bot, parse, problemsOf } from './support.ts';

const supabase = { SUPABASE_URL: 'https://abc.supabase.co', SUPABASE_SECRET_KEY: 'sb_secret_of_the_test' };
const database = { DATABASE_URL: 'postgresql://ags:pw@db.example.com:5432/postgres' };
const redis = { REDIS_URL: 'redis://:pw@redis.example.com:6379/0' };

describe('the stack follows from what is set', () => {
  it.each([
    [{}, 'embedded', 'embedded', 'files'],
    [redis, 'embedded', 'redis', 'files'],
    [database, 'postgres', 'postgres', 'files'],
    [{ ...database, ...redis }, 'postgres', 'redis', 'files'],
    [{ ...supabase, ...redis }, 'supabase', 'redis', 'supabase'],
    [{ ...supabase, ...database }, 'supabase', 'postgres', 'supabase'],
    [{ ...supabase, ...database, ...redis }, 'supabase', 'redis', 'supabase'],
  ])('%o: %s store, %s queue, %s', (env, store, queue, blobs) => {
    expect(parse(env)).toMatchObject({ store: { kind: store }, queue: { kind: queue }, blobs: { kind: blobs } });
  });
});

describe('anything else names what is missing', () => {
  it.each([
    [supabase, 'REDIS_URL'],
    [{ SUPABASE_URL: supabase.SUPABASE_URL, ...redis }, 'SUPABASE_SECRET_KEY'],
    [{ SUPABASE_SECRET_KEY: 'sb_secret_of_the_test' }, 'SUPABASE_URL'],
    [{ SUPABASE_JWT_SECRET: 'jwt-secret-of-the-test', ...database }, 'SUPABASE_URL'],
    [{ TON_API_URL: 'https://toncenter.com/api/v3' }, 'TON_WALLET_ADDRESS'],
  ])('%o: %s', (env, missing) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${missing}: is missing`));
  });
});

describe('one role alone', () => {
  it('starts with Redis and a store that is a server', () => {
    expect(parse({ ...bot, ...database, ...redis }, ['worker']).roles).toEqual(['worker']);
    expect(parse({ ...bot, ...supabase, ...redis }, ['web']).roles).toEqual(['web']);
  });

  it('is refused without them, naming each', () => {
    const problems = problemsOf(bot, ['bot']);
    expect(problems.map((line) => line.split(':')[0])).toEqual(['REDIS_URL', 'DATABASE_URL']);
  });

  it('is refused without a bot, the sandbox being in one process', () => {
    expect(problemsOf({ ...database, ...redis }, ['worker'])).toEqual([expect.stringMatching(/^TELEGRAM_BOT_TOKEN: is missing/)]);
  });

  it.each([[['al']], [['bot', 'worker']], [['--help']]])('%j is no role', (argv) => {
    expect(problemsOf({}, argv)).toEqual([expect.stringContaining('all, bot, worker, web')]);
  });

  it('`all` is every role', () => {
    expect(parse({}, ['all']).roles).toEqual(['bot', 'worker', 'web']);
  });
});
