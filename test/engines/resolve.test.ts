import { describe, expect, test } from 'vitest';
import { resolveEndpoints } from '../../src/engines/resolve.ts';
import { makeEngines } from '../../src/engines/routing.ts';

const spec = {
  base_url_env: 'OPENAI_BASE_URL',
  key_env: 'OPENAI_API_KEY',
  model: 'gpt-5-mini',
  model_env: 'AGS_MODEL',
  usd_per_mtok: { in: '0.40', out: '1.60' },
};

describe('engines from policy and environment', () => {
  test('nothing configured leaves none', () => {
    expect(resolveEndpoints({ default: spec }, { OPENAI_BASE_URL: ' ', OPENAI_API_KEY: '' })).toEqual([]);
  });

  test.each([
    [{ OPENAI_API_KEY: 'k' }, { baseUrl: 'https://api.openai.com/v1', apiKey: 'k', model: 'gpt-5-mini' }],
    [{ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' }, { baseUrl: 'http://127.0.0.1:11434/v1', apiKey: null, model: 'gpt-5-mini' }],
    [{ OPENAI_API_KEY: 'k', AGS_MODEL: 'other' }, { model: 'other' }],
  ])('%j', (env, expected) => {
    expect(resolveEndpoints({ default: spec }, env)).toMatchObject([{ name: 'default', timeoutMs: 60_000, ...expected }]);
  });

  test.each(['not a url', 'ftp://host/v1', 'file:///etc/passwd'])('the base URL %j is refused without being repeated', (url) => {
    const resolve = (): unknown => resolveEndpoints({ default: spec }, { OPENAI_BASE_URL: url });
    expect(resolve).toThrow('engines.default');
    expect(resolve).not.toThrow(url);
  });

  test.each(['TELEGRAM_BOT_TOKEN', 'SUPABASE_SECRET_KEY', 'PAYMENTS_WEBHOOK_SECRET', 'DATABASE_URL', 'AGS_OWNER_IDS'])(
    'a policy cannot send %s to a model server',
    (variable) => {
      expect(() => resolveEndpoints({ default: { ...spec, key_env: variable } }, { [variable]: 'secret' })).toThrow(
        'belongs to the program',
      );
    },
  );

  test('a default route that leads nowhere is a configuration error', () => {
    expect(() => makeEngines({ endpoints: [], routing: { default: ['default'] } })).toThrow('No engine of the default route');
  });

  test('a description shows neither key nor password', () => {
    const endpoints = resolveEndpoints(
      { default: spec },
      { OPENAI_BASE_URL: 'https://me:secret@models.example/v1?token=abc', OPENAI_API_KEY: 'key-1' },
    );
    const shown = makeEngines({ endpoints, routing: { default: ['default'] } }).describe();
    expect(shown).toEqual([{ engine: 'default', model: 'gpt-5-mini', baseUrl: 'https://models.example/v1', hasKey: true }]);
  });
});
