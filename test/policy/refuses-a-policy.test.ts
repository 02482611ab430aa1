import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/policy/parse.ts';
import { SHORT_POLICY, withChange, withMore } from './example-policy.ts';
import { problemsOf } from './refusal.ts';

const T2 = 'T2: ["critic>=0.8", "operator_approval"]';
const T3 = 'T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]';
const engine = (fields: string) =>
  withMore(
    `engines: { default: { base_url_env: OPENAI_BASE_URL, key_env: OPENAI_API_KEY, model: m, usd_per_mtok: { in: 1, out: 1 }, ${fields} } }`,
  );
const offer = (fields: string) => withMore(`plans: [{ id: vip, title: VIP, duration: 30d, price: { xtr: 1 }, ${fields} }]`);

/** What is written, and where the answer must point, with words of the reason. */
const REFUSED: readonly [what: string, source: string, path: string, reason: RegExp][] = [
  // Keys and kinds
  ['an unknown key', withMore('aprovals: {}'), 'aprovals', /unknown key/],
  [
    'an unknown key deep inside',
    withChange('max_positions: 3', 'max_positions: 3\n    max_position: 4'),
    'limits.trading.max_position',
    /unknown key/,
  ],
  ['a missing section', SHORT_POLICY.slice(0, SHORT_POLICY.indexOf('agents:')), 'agents', /missing/],
  ['a missing limit', withChange('    max_positions: 3\n', ''), 'limits.trading.max_positions', /missing/],
  ['a list where a group belongs', withMore('quality: []'), 'quality', /group of keys, got a list/],
  ['nothing where a list belongs', withChange('["PUBLISH", "SOCIAL_POST"]', ''), 'risk_tiers.T2', /list, got nothing/],
  ['a share above 100', withChange('max_daily_loss_pct: 5', 'max_daily_loss_pct: 101'), 'limits.trading.max_daily_loss_pct', /at most 100/],
  ['a negative share', withChange('max_daily_loss_pct: 5', 'max_daily_loss_pct: -1'), 'limits.trading.max_daily_loss_pct', /at least 0/],
  ['half a position', withChange('max_positions: 3', 'max_positions: 2.5'), 'limits.trading.max_positions', /whole number/],
  ['a version that is text', withChange('version: 1', 'version: "1"'), 'version', /number, got text/],
  // Tiers
  ['an action in two tiers', withChange('"WRITE_DB",', '"WRITE_DB", "READ",'), 'risk_tiers.T1[1]', /already stands in T0/],
  ['an action twice in a tier', withChange('"READ",', '"READ", "READ",'), 'risk_tiers.T0[1]', /already stands in T0/],
  ['PUBLISH in T1', withChange('"WRITE_DB",', '"PUBLISH",', withChange('"PUBLISH", ', '')), 'risk_tiers.T1[0]', /not be lower than T2/],
  [
    'SOCIAL_POST in T0',
    withChange('"READ",', '"SOCIAL_POST",', withChange(', "SOCIAL_POST"', '')),
    'risk_tiers.T0[0]',
    /not be lower than T2/,
  ],
  ['TRADE in T2', withChange('"PUBLISH",', '"TRADE",', withChange('"TRADE", ', '')), 'risk_tiers.T2[0]', /not be lower than T3/],
  ['PAYMENT in T1', withChange('"WRITE_DB",', '"PAYMENT",', withChange(', "PAYMENT"', '')), 'risk_tiers.T1[0]', /not be lower than T3/],
  [
    'WITHDRAWAL in T2',
    withChange('"PUBLISH",', '"WITHDRAWAL",', withChange(', "WITHDRAWAL"', '')),
    'risk_tiers.T2[0]',
    /not be lower than T3/,
  ],
  ['an action in small letters', withChange('"READ"', '"read"'), 'risk_tiers.T0[0]', /capital letters/],
  ['an action with a Cyrillic letter', withChange('"READ"', '"RЕAD"'), 'risk_tiers.T0[0]', /capital letters/],
  ['an action with a trailing blank', withChange('"READ"', '"READ "'), 'risk_tiers.T0[0]', /capital letters/],
  ['a tier T4', withChange('T0: ["READ"', 'T4: ["X"]\n  T0: ["READ"'), 'risk_tiers.T4', /unknown key/],
  // Approvals
  ['T2 without a person', withChange(T2, 'T2: ["critic>=0.8"]'), 'approvals.T2', /operator_approval or owner_approval/],
  ['T2 without the critic', withChange(T2, 'T2: ["operator_approval"]'), 'approvals.T2', /critic/],
  ['T3 without an owner', withChange('"owner_approval", ', ''), 'approvals.T3', /needs owner_approval/],
  [
    'T3 without an operator',
    withChange(T3, 'T3: ["critic>=0.9", "owner_approval", "dry_run_required"]'),
    'approvals.T3',
    /needs operator_approval/,
  ],
  ['T3 without a dry run', withChange(', "dry_run_required"', ''), 'approvals.T3', /needs dry_run/],
  ['an empty T3', withChange(T3, 'T3: []'), 'approvals.T3', /needs critic/],
  ['the critic twice', withChange('"critic>=0.8",', '"critic>=0.8", "critic>=0.1",'), 'approvals.T2[1]', /twice/],
  ['a critic who may say nothing', withChange('critic>=0.8', 'critic>=0'), 'approvals.T2[0]', /not a requirement/],
  ['a critic who must be better than perfect', withChange('critic>=0.8', 'critic>=1.1'), 'approvals.T2[0]', /not a requirement/],
  ['a score below another', withChange('critic>=0.8', 'critic<=0.8'), 'approvals.T2[0]', /not a requirement/],
  [
    'a role that approves nothing',
    withChange('"operator_approval"]', '"operator_approval", "reviewer_approval"]'),
    'approvals.T2[2]',
    /not a requirement/,
  ],
  ['an empty T1', withChange('approvals:', 'approvals:\n  T1: []'), 'approvals.T1', /at least 1/],
  ...(['T0', 'T1'] as const).map((tier): (typeof REFUSED)[number] => [
    `a dry run in ${tier} that nobody is shown`,
    withChange('approvals:', `approvals:\n  ${tier}: ["critic>=0.8", "dry_run_required"]`),
    `approvals.${tier}[1]`,
    /needs operator_approval or owner_approval beside it/,
  ]),
  ['a slot that is not one', withMore('separation: { T3: both }'), 'separation.T3', /none, operator, any/],
  ['separation of T1', withMore('separation: { T1: none }'), 'separation.T1', /unknown key/],
  // Agents
  ['no critic', withChange('  critic: "critic:guard-v4"\n', ''), 'agents.critic', /missing/],
  ['an agent without version', withChange('"planner:v2"', '"planner"'), 'agents.planner', /name:version/],
  ['an agent with blanks', withChange('"planner:v2"', '"planner: v2"'), 'agents.planner', /name:version/],
  ['an agent that the program does not have', withMore('  hacker: "hacker:v1"'), 'agents.hacker', /unknown key/],
  // Durations and money
  ['a duration without unit', withMore('approval_times: { remind_after: 300 }'), 'approval_times.remind_after', /duration such as/],
  ['a duration of two units', withMore('approval_times: { remind_after: 1h30m }'), 'approval_times.remind_after', /duration such as/],
  ['a duration of nothing', withMore('approval_times: { expire_after: 0s }'), 'approval_times.expire_after', /more than zero/],
  ['a negative duration', withMore('retention: { raw: -1d }'), 'retention.raw', /duration such as/],
  ['a duration of a century', withMore('retention: { raw: 36500d }'), 'retention.raw', /3650d/],
  ['negative money', withMore('budgets: { day_usd: -1 }'), 'budgets.day_usd', /not negative/],
  ['negative money in quotes', withMore('budgets: { day_usd: "-1" }'), 'budgets.day_usd', /not negative/],
  ['money with a comma', withMore('budgets: { day_usd: "1,50" }'), 'budgets.day_usd', /amount such as/],
  ['money with a sign for it', withMore('budgets: { day_usd: "$5" }'), 'budgets.day_usd', /amount such as/],
  ['no tokens', withMore('budgets: { task_tokens: 0 }'), 'budgets.task_tokens', /at least 1/],
  ['more points than there are', withMore('quality: { pass_points: 10 }'), 'quality.pass_points', /at most 9/],
  ['a drift that is text', withMore('signals: { max_drift_pct: "0.5" }'), 'signals.max_drift_pct', /number, got text/],
  ['a channel nobody knows', withMore('signals: { channel: everyone }'), 'signals.channel', /signals, vip/],
  // Engines and routing
  ['a key in the place of its name', engine('model_env: sk-abc'), 'engines.default.model_env', /name of an environment variable/],
  [
    'another program’s secret as key',
    withChange('OPENAI_API_KEY', 'TELEGRAM_BOT_TOKEN', engine('model_env: M')),
    'engines.default.key_env',
    /another purpose/,
  ],
  ['a negative price', withChange('in: 1', 'in: -1', engine('model_env: M')), 'engines.default.usd_per_mtok.in', /not negative/],
  [
    'no engine named default',
    withMore('engines: { other: { base_url_env: A, key_env: B, model: m, usd_per_mtok: { in: 1, out: 1 } } }'),
    'engines',
    /named default/,
  ],
  ['a route to nowhere', withMore('routing: { default: [default, turbo] }'), 'routing.default[1]', /no engine named turbo/],
  ['a route for nobody', withMore('routing: { default: [default], critik: [default] }'), 'routing.critik', /no agent of this name/],
  ['no default route', withMore('routing: { critic: [default] }'), 'routing', /named default/],
  ['an engine twice in a route', withMore('routing: { default: [fast, fast] }'), 'routing.default[1]', /twice/],
  // Offers
  ['an offer without price', withMore('plans: [{ id: vip, title: VIP, duration: 30d, price: {} }]'), 'plans[0].price', /needs a price/],
  ['an offer for nothing', withChange('xtr: 1', 'usdt: 0', offer('grace: 0s')), 'plans[0].price.usdt', /above zero/],
  ['half a Star', withChange('xtr: 1', 'xtr: 1.5', offer('grace: 0s')), 'plans[0].price.xtr', /whole number/],
  ['a reminder before it began', offer('remind_before: [31d]'), 'plans[0].remind_before', /shorter than the duration/],
  [
    'an offer twice',
    withMore('plans: [{ id: a, title: A, duration: 1d, price: { xtr: 1 } }, { id: a, title: B, duration: 1d, price: { xtr: 1 } }]'),
    'plans[1].id',
    /twice/,
  ],
];

describe('a policy is refused, naming path and reason', () => {
  test.each(REFUSED)('%s', (_what, source, path, reason) => {
    expect(problemsOf(source)).toContainEqual(expect.objectContaining({ path, reason: expect.stringMatching(reason) }));
  });
});

test('all faults are named at once, with their lines', () => {
  const source = withMore('aprovals: 2\nrouting: { default: [turbo] }')
    .replace('version: 1', 'version: 0x1')
    .replace('critic>=0.9', 'critic>=0')
    .replace('max_positions: 3', 'max_positions: many')
    .replace('"READ"', '"*"');
  expect(problemsOf(source)).toEqual([
    { path: 'version', reason: expect.stringContaining('plain decimals'), line: 1 },
    { path: 'limits.trading.max_positions', reason: 'expected a number, got text', line: 6 },
    { path: 'risk_tiers.T0[0]', reason: expect.stringContaining('no patterns'), line: 11 },
    { path: 'approvals.T3[0]', reason: expect.stringContaining('not a requirement'), line: 17 },
    { path: 'approvals.T3', reason: expect.stringContaining('needs critic'), line: 17 },
    { path: 'aprovals', reason: 'unknown key', line: 26 },
    { path: 'routing.default[0]', reason: 'there is no engine named turbo', line: 27 },
  ]);
});

test('a value that stands in the wrong place is not repeated in the answer', () => {
  const secret = 'sk-proj-abcdefghijklmnop';
  const problems = problemsOf(withMore(`budgets: { day_usd: ${secret} }\nversion2: ${secret}`));
  expect(JSON.stringify(problems)).not.toContain(secret);
});

test('thousands of faults are answered with the first ones and their number', () => {
  const problems = problemsOf(withMore(Array.from({ length: 500 }, (_, index) => `k${index}: 1`).join('\n')));
  expect(problems).toHaveLength(51);
  expect(problems.at(-1)?.reason).toBe('and 450 more problems');
});

test('the example itself is a good policy', () => {
  expect(() => parsePolicy(SHORT_POLICY)).not.toThrow();
});
