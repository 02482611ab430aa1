import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { loadPolicyFile } from '../../src/policy/load.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { SHORT_POLICY, withChange, withMore } from './example-policy.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('a policy that holds only what has no default', () => {
  const { policy, source, checksum } = parsePolicy(SHORT_POLICY);

  test('gets every default, in the units of the document', () => {
    expect(policy).toMatchObject({
      separation: { T2: 'any', T3: 'none' },
      approval_times: { remind_after: 300, escalate_after: 900, expire_after: 86_400 },
      signals: { max_age: 600, max_drift_pct: 0.5, channel: 'signals' },
      quality: { pass_points: 7, max_revisions: 2 },
      budgets: { task_tokens: 60_000, task_usd: '1.00', day_usd: '20.00' },
      plans: [{ id: 'vip-30', duration: 2_592_000, grace: 86_400, remind_before: [259_200, 86_400], price: { xtr: 1500, usdt: '29.00' } }],
      engines: { default: { model: 'gpt-5-mini', usd_per_mtok: { in: '0.40', out: '1.60' } }, fast: { model_env: 'AGS_MODEL_FAST' } },
      routing: { default: ['default', 'fast'], critic: ['default'] },
      retention: { raw: 7_776_000, metrics: 31_536_000 },
      limits: { payments: { max_single_tx_usdt: '500' } },
    });
  });

  test('keeps source and checksum as given', () => {
    expect(source).toBe(SHORT_POLICY);
    expect(checksum).toBe(sha256(SHORT_POLICY));
  });

  test('cannot be changed by whoever holds it', () => {
    expect(() => policy.approvals.T3.pop()).toThrow(TypeError);
  });

  test('survives the way through JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});

test('the policy that is shipped says in full what the defaults say', async () => {
  const shipped = await loadPolicyFile('policies/default.yaml');
  expect(shipped.policy).toEqual(parsePolicy(SHORT_POLICY).policy);
});

describe.each<[what: string, source: string, expected: object]>([
  [
    'one key of a group; its neighbours keep their defaults',
    withMore('approval_times: { expire_after: 90s }'),
    { approval_times: { remind_after: 300, expire_after: 90 } },
  ],
  [
    'caps of money that may be left out',
    withChange(
      'max_positions: 3',
      'max_positions: 3\n    max_snapshot_age: 2m',
      withChange('cool_down_minutes: 30', 'cool_down_minutes: 30\n    max_day_usdt: 2000.50'),
    ),
    { limits: { trading: { max_snapshot_age: 120 }, payments: { max_day_usdt: '2000.5' } } },
  ],
  ['maker-checker for a team of two', withMore('separation: { T3: operator }'), { separation: { T2: 'any', T3: 'operator' } }],
  [
    'one engine only; routing follows',
    withMore(
      'engines: { default: { base_url_env: OPENAI_BASE_URL, key_env: OPENAI_API_KEY, model: m, usd_per_mtok: { in: 0, out: "0" } } }',
    ),
    { routing: { default: ['default'], critic: ['default'] }, engines: { default: { usd_per_mtok: { in: '0', out: '0' } } } },
  ],
  ['money written as a number', withMore('budgets: { task_usd: 0.25 }'), { budgets: { task_usd: '0.25', day_usd: '20.00' } }],
  [
    'PUBLISH in a higher tier',
    withChange('["TRADE"', '["PUBLISH", "TRADE"', withChange('"PUBLISH", "SOCIAL_POST"', '"SOCIAL_POST"')),
    { risk_tiers: { T3: ['PUBLISH', 'TRADE', 'PAYMENT', 'WITHDRAWAL'] } },
  ],
  [
    'an action of one’s own',
    withChange('"SUMMARIZE"', '"SUMMARIZE", "TRANSLATE"'),
    { risk_tiers: { T1: ['WRITE_DB', 'SUMMARIZE', 'TRANSLATE', 'DRAFT_REPLY'] } },
  ],
  [
    'approvals for T1',
    withChange('approvals:', 'approvals:\n  T1: ["critic>=0.7", "operator_approval"]'),
    { approvals: { T1: ['critic>=0.7', 'operator_approval'] } },
  ],
  ['no offers at all', withMore('plans: []'), { plans: [] }],
  ['comments in any language', withMore('# Правила для команды · ☕️'), { version: 1 }],
])('accepts %s', (_what, source, expected) => {
  test('as written', () => expect(parsePolicy(source).policy).toMatchObject(expected));
});

describe('a policy file', () => {
  test.each<[what: string, bytes: Uint8Array | null, reason: RegExp]>([
    ['that does not exist', null, /cannot be read \(ENOENT\)/],
    ['that is not UTF-8', Uint8Array.of(0x61, 0xff, 0x0a), /not UTF-8/],
    ['with a byte order mark', Buffer.from(`\ufeff${SHORT_POLICY}`), /byte order mark/],
    ['of 5 MB', Buffer.alloc(5_000_000, 'a'), /larger than 256 KiB/],
    ['of 5 MB that ends inside a character', Buffer.alloc(5_000_000, 'é'), /larger than 256 KiB/],
  ])('%s is refused', async (_what, bytes, reason) => {
    const path = join(directory, 'policy.yaml');
    await rm(path, { force: true });
    if (bytes) await writeFile(path, bytes);
    await expect(loadPolicyFile(path)).rejects.toMatchObject({
      code: 'policy_invalid',
      context: { problems: [{ reason: expect.stringMatching(reason) }] },
    });
  });
});
