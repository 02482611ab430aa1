import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { bot, parse, sandboxDefaults } from './support.ts';

it('runs the sandbox on the embedded stack with nothing set', () => {
  const config = parse({});
  expect(config).toMatchObject({
    roles: ['bot', 'worker', 'web'],
    store: { kind: 'embedded' },
    queue: { kind: 'embedded' },
    blobs: { kind: 'files' },
    telegram: { botToken: null, apiRoot: 'https://api.telegram.org', webhook: null },
    people: { ownerIds: sandboxDefaults.ownerIds, operatorIds: [111], reviewerIds: [121] },
    chats: { admin: sandboxDefaults.adminChat, vip: sandboxDefaults.vipChat },
    http: { port: 8080, host: '127.0.0.1' },
    timezone: 'UTC',
    logLevel: 'info',
    migrateDatabaseUrl: null,
    ton: null,
  });
  expect(config.engines.isRehearsal).toBe(true);
  expect(config.dataDir).toBe(resolve('.data'));
  expect(config.policyFile).toBe(resolve('policies/default.yaml'));
});

it('takes empty and blank variables for unset ones', () => {
  expect(parse({ PORT: '', HOST: '  ', TELEGRAM_BOT_TOKEN: '' })).toMatchObject({ telegram: { botToken: null }, http: { port: 8080 } });
});

it('never falls back to the sandbox’s people or chats when there is a bot', () => {
  const config = parse(bot);
  expect(config.people).toEqual({ ownerIds: [7], operatorIds: [], reviewerIds: [] });
  const admin = { chatId: -100777, topicId: null };
  expect(config.chats).toEqual({ admin, alert: admin, signals: admin, vip: null });
});

it('reads chats with topics and lists of people', () => {
  const config = parse({ ...bot, AGS_SIGNALS_CHAT_ID: '-1001234567890/17', AGS_OPERATOR_IDS: ' 5, 6,5 ' });
  expect(config.chats.signals).toEqual({ chatId: -1001234567890, topicId: 17 });
  expect(config.people.operatorIds).toEqual([5, 6]);
});

it('reads base addresses without their trailing slash', () => {
  const webhook = { TELEGRAM_WEBHOOK_URL: 'https://ags.example.com/', TELEGRAM_WEBHOOK_SECRET: 'abc_DEF-1' };
  const config = parse({
    ...bot,
    ...webhook,
    TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/sandbox/telegram/',
    OPENAI_BASE_URL: 'http://localhost:1/v1/',
  });
  expect(config.telegram).toMatchObject({
    apiRoot: 'http://127.0.0.1:8081/sandbox/telegram',
    webhook: { url: 'https://ags.example.com/webhooks/telegram' },
  });
  expect(config.engines).toMatchObject({ baseUrl: 'http://localhost:1/v1', isRehearsal: false, apiKey: null });
});
