import { expect, test } from 'vitest';
import { makeWarnings, type WarningsDeps } from '../../src/app/warnings.ts';
import type { Environment } from '../../src/config.ts';
import { bot, parse } from '../config/support.ts';

/** A production configuration of which nobody needs to be warned. */
const COMPLETE: Environment = {
  ...bot,
  AGS_ALERT_CHAT_ID: '-100778',
  AGS_SIGNALS_CHAT_ID: '-100779',
  OPENAI_API_KEY: 'key-of-the-test',
  SUPABASE_URL: 'https://abcdefgh.supabase.co',
  SUPABASE_SECRET_KEY: 'sb_secret_of_the_test',
  SUPABASE_JWT_SECRET: 'jwt-secret-of-the-test',
  REDIS_URL: 'redis://127.0.0.1:6379',
  AGS_ANCHOR_URL: 's3://bucket/anchors',
  AWS_ACCESS_KEY_ID: 'key-id-of-the-test',
  AWS_SECRET_ACCESS_KEY: 'secret-key-of-the-test',
};
const START = {
  seededPeople: { isFirst: true, seeded: [], revoked: [], withheld: [] },
  people: [{ externalId: 7, roles: ['owner'] }],
} satisfies Partial<WarningsDeps>;

function warningsOf(env: Environment, { argv = [], ...more }: Partial<WarningsDeps> & { argv?: string[] } = {}) {
  return makeWarnings({ config: parse({ ...COMPLETE, ...env }, argv), ...START, ...more })();
}

test('a complete configuration warns of nothing', async () => {
  expect(await warningsOf({})).toEqual([]);
  expect(await warningsOf({}, { argv: ['worker'] })).toEqual([]);
});

test.each([
  ['no anchors outside the database', { AGS_ANCHOR_URL: '' }, /^AGS_ANCHOR_URL is not set/],
  ['no role tokens', { SUPABASE_JWT_SECRET: '' }, /^SUPABASE_JWT_SECRET is not set: .*secret key/],
  ['no alert channel', { AGS_ALERT_CHAT_ID: '' }, /^AGS_ALERT_CHAT_ID names no chat of its own/],
  ['an alert channel that is the admin group', { AGS_ALERT_CHAT_ID: bot.AGS_ADMIN_CHAT_ID }, /^AGS_ALERT_CHAT_ID names no chat of its own/],
  ['no channel for posts', { AGS_SIGNALS_CHAT_ID: '' }, /^AGS_SIGNALS_CHAT_ID names no chat of its own/],
  ['no model', { OPENAI_API_KEY: '' }, /^Rehearsal engine/],
])('%s is one sentence', async (_, env, sentence) => {
  expect(await warningsOf(env)).toEqual([expect.stringMatching(sentence)]);
});

test('a topic of the admin group is a place of its own', async () => {
  expect(await warningsOf({ AGS_SIGNALS_CHAT_ID: `${bot.AGS_ADMIN_CHAT_ID}/5` })).toEqual([]);
});

test('the sandbox says that nothing leaves this machine', async () => {
  const env = { TELEGRAM_BOT_TOKEN: '', AGS_OWNER_IDS: '', AGS_ADMIN_CHAT_ID: '', AGS_ALERT_CHAT_ID: '', AGS_SIGNALS_CHAT_ID: '' };
  expect(await warningsOf(env, { people: [] })).toEqual([expect.stringMatching(/^Sandbox: /)]);
});

test('people and configuration are compared both ways', async () => {
  const seededPeople: WarningsDeps['seededPeople'] = {
    isFirst: false,
    seeded: [],
    revoked: [{ externalId: 5, role: 'operator' }],
    withheld: [{ externalId: 7, role: 'reviewer' }],
  };
  const people: WarningsDeps['people'] = [
    { externalId: 7, roles: ['owner', 'operator'] },
    { externalId: 9, roles: ['reviewer'] },
  ];
  expect(await warningsOf({ AGS_OPERATOR_IDS: '5' }, { seededPeople, people })).toEqual([
    '5 is configured as operator, but that role was revoked; it was not given again.',
    '7 is configured as reviewer, but has had another role here; it was not given: an owner proposes it by /role grant.',
    'Roles that the configuration does not name are still held: 7 (operator), 9 (reviewer).',
  ]);
});

test('a role that a later start gave by itself is told, and those of the first start are not', async () => {
  const seeded: WarningsDeps['seededPeople']['seeded'] = [{ externalId: 7, role: 'owner' }];
  const people: WarningsDeps['people'] = [{ externalId: 7, roles: ['owner'] }];
  const warningsAfter = (isFirst: boolean) => warningsOf({}, { seededPeople: { isFirst, seeded, revoked: [], withheld: [] }, people });
  expect(await warningsAfter(false)).toEqual(['7 became owner at this start, by the configuration alone.']);
  expect(await warningsAfter(true)).toEqual([]);
});

test('files on one machine are said where several machines could need them', async () => {
  const files = {
    SUPABASE_URL: '',
    SUPABASE_SECRET_KEY: '',
    SUPABASE_JWT_SECRET: '',
    DATABASE_URL: 'postgresql://login:word@127.0.0.1/ags',
  };
  expect(await warningsOf(files)).toEqual([]);
  expect(await warningsOf(files, { argv: ['worker'] })).toEqual([expect.stringContaining('32 KiB')]);
});
