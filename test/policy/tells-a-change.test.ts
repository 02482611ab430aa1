import { describe, expect, test } from 'vitest';
import { describePolicyChange } from '../../src/policy/describe.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { describePolicy } from '../../src/policy/words.ts';
import { SHORT_POLICY, withChange, withMore } from './example-policy.ts';

const { policy } = parsePolicy(SHORT_POLICY);
const WITHOUT_TRADER = withChange('  trader: "trader:xauusd-v6"\n', '');

describe('a change is told in words, and whether it loosens', () => {
  test.each<[what: string, source: string, sentences: [weight: 'looser' | 'stricter' | 'other', text: string][]]>([
    ['nothing', SHORT_POLICY, []],
    ['a comment', `${SHORT_POLICY}# hello\n`, []],
    [
      'a stricter critic',
      withChange('critic>=0.8', 'critic>=0.9'),
      [['stricter', 'T2 needs a critic’s score of at least 0.9 instead of 0.8.']],
    ],
    [
      'a milder critic',
      withChange('critic>=0.8', 'critic>=0.5'),
      [['looser', 'T2 needs a critic’s score of at least 0.5 instead of 0.8.']],
    ],
    [
      'another approver',
      withChange('"critic>=0.8", "operator_approval"', '"critic>=0.8", "owner_approval"'),
      [
        ['looser', 'T2 no longer needs an approval as operator.'],
        ['stricter', 'T2 now needs an approval as owner.'],
      ],
    ],
    [
      'approvals where there were none',
      withChange('approvals:\n', 'approvals:\n  T1: ["operator_approval"]\n'),
      [['stricter', 'T1 now needs an approval as operator.']],
    ],
    [
      'a higher tier',
      withChange('["TRADE"', '["PUBLISH", "TRADE"', withChange('"PUBLISH", ', '')),
      [['stricter', 'PUBLISH goes up from T2 to T3.']],
    ],
    [
      'a lower tier',
      withChange('"RETRIEVE"]', '"RETRIEVE", "SUMMARIZE"]', withChange('"SUMMARIZE", ', '')),
      [['looser', 'SUMMARIZE goes DOWN from T1 to T0.']],
    ],
    ['an action less', withChange('"TRADE", ', ''), [['stricter', 'TRADE is no longer possible (was in T3).']]],
    [
      'an action more',
      withChange('"READ"', '"READ", "LOOK"'),
      [['looser', 'LOOK becomes possible, in T0, for researcher and retriever and trader and exec and communicator.']],
    ],
    [
      'another agent',
      withChange('researcher:v3', 'researcher:v4'),
      [['other', 'The agent researcher changes from researcher:v3 to researcher:v4.']],
    ],
    [
      'an agent less',
      WITHOUT_TRADER,
      [
        ['stricter', 'The agent trader (trader:xauusd-v6) leaves.'],
        ['stricter', 'No agent is left for TRADE.'],
      ],
    ],
    [
      'the requester may fill a slot',
      withMore('separation: { T3: operator }'),
      [['looser', 'Whoever asks for a T3 task may approve it as operator (before: may not approve it).']],
    ],
    [
      'the requester may fill none',
      withMore('separation: { T2: none }'),
      [['stricter', 'Whoever asks for a T2 task may not approve it (before: may approve it in any slot).']],
    ],
    [
      'times',
      withMore('approval_times: { expire_after: 90s, remind_after: 2h }'),
      [
        ['stricter', 'approval_times.expire_after changes from 24h to 90s.'],
        ['other', 'approval_times.remind_after changes from 5m to 2h.'],
      ],
    ],
    ['money', withMore('budgets: { day_usd: "50" }'), [['looser', 'budgets.day_usd changes from 20.00 to 50.']]],
    [
      'limits',
      withChange('max_positions: 3', 'max_positions: 2', withChange('cool_down_minutes: 30', 'cool_down_minutes: 5')),
      [
        ['looser', 'limits.payments.cool_down_minutes changes from 30 to 5.'],
        ['stricter', 'limits.trading.max_positions changes from 3 to 2.'],
      ],
    ],
    [
      'caps where there were none',
      withChange(
        'max_positions: 3',
        'max_positions: 3\n    max_snapshot_age: 10m',
        withChange('cool_down_minutes: 30', 'cool_down_minutes: 30\n    max_day_usdt: 2000'),
      ),
      [
        ['looser', 'limits.trading.max_snapshot_age is new: 10m.'],
        ['stricter', 'limits.payments.max_day_usdt is new: 2000.'],
      ],
    ],
    ['the bar of the critic', withMore('quality: { pass_points: 5 }'), [['looser', 'quality.pass_points changes from 7 to 5.']]],
    [
      'another server',
      withMore(
        'engines: { default: { base_url_env: OTHER_URL, key_env: OPENAI_API_KEY, model: gpt-5-mini, model_env: AGS_MODEL, usd_per_mtok: { in: "0.40", out: "1.60" } } }',
      ),
      [
        ['looser', 'engines.default.base_url_env changes from OPENAI_BASE_URL to OTHER_URL.'],
        [
          'stricter',
          'engines.fast is gone (was {base_url_env: OPENAI_BASE_URL, key_env: OPENAI_API_KEY, model: gpt-5-nano, model_env: AGS_MODEL_FAST, usd_per_mtok: {in: 0.10, out: 0.40}}).',
        ],
        ['other', 'routing.default changes from [default, fast] to [default].'],
      ],
    ],
    [
      'offers',
      withMore('plans: [{ id: vip-7, title: Week, duration: 7d, price: { xtr: 500 } }]'),
      [
        [
          'other',
          'plans.vip-30 is gone (was {id: vip-30, title: VIP · 30 days, duration: 30d, grace: 1d, remind_before: [3d, 1d], price: {xtr: 1500, usdt: 29.00}}).',
        ],
        ['other', 'plans.vip-7 is new: {id: vip-7, title: Week, duration: 7d, grace: 0s, remind_before: [], price: {xtr: 500}}.'],
      ],
    ],
    [
      'drills',
      withMore('drills: { every: 30d, freeze_t3: true }'),
      [
        ['looser', 'drills.every changes from 7d to 30d.'],
        ['stricter', 'drills.freeze_t3 changes from false to true.'],
      ],
    ],
    ['hosts to link to', withMore('links: { hosts: [example.org] }'), [['looser', 'links.hosts changes from [] to [example.org].']]],
    [
      'a route',
      withMore('routing: { default: [fast] }'),
      [
        ['other', 'routing.default changes from [default, fast] to [fast].'],
        ['other', 'routing.critic is gone (was [default]).'],
      ],
    ],
  ])('%s', (_what, source, sentences) => {
    const told = describePolicyChange(policy, parsePolicy(source).policy);
    expect(told).toEqual(sentences.map(([weight, text]) => ({ text, weight })));
  });

  test('an agent that joins is told with what it may do', () => {
    const told = describePolicyChange(parsePolicy(WITHOUT_TRADER).policy, policy);
    expect(told).toEqual([
      {
        text: 'The agent trader (trader:xauusd-v6) joins and may READ, RESEARCH, RETRIEVE, SUMMARIZE, DRAFT_REPLY, TRADE.',
        weight: 'looser',
      },
    ]);
  });

  test('what loosens one way tightens the other', () => {
    const turned = { looser: 'stricter', stricter: 'looser', other: 'other' } as const;
    const after = parsePolicy(withMore('separation: { T3: any }\nbudgets: { task_usd: 9 }\nquality: { pass_points: 3 }')).policy;
    const there = describePolicyChange(policy, after).map(({ weight }) => turned[weight]);
    const back = describePolicyChange(after, policy).map(({ weight }) => weight);
    expect(back.toSorted()).toEqual(there.toSorted());
    expect(back).toContain('stricter');
  });
});

describe('a policy is told in words', () => {
  const rows = describePolicy(policy).flatMap((section) => section.rows);

  test.each([
    'T0: READ, RESEARCH, RETRIEVE. Goes on its own.',
    'T2: PUBLISH, SOCIAL_POST. Needs the critic at 0.8, an operator, the requester may be one of them.',
    'T3: TRADE, PAYMENT, WITHDRAWAL. Needs the critic at 0.9, an operator, an owner, a dry run, never by the requester.',
    'An approval: remind after 5m, more people after 15m, over after 24h.',
    'Payments: at most 500 USDT at once, 30 minutes apart.',
    'Models: 60000 tokens and $1.00 a task, $20.00 a day.',
    'planner (planner:v2): never part of a plan.',
    'default: gpt-5-mini at OPENAI_BASE_URL with OPENAI_API_KEY, $0.40 in and $1.60 out for a million tokens.',
    'default asks default, then fast; critic asks default.',
    'vip-30: VIP · 30 days, 30d and 1d of grace, for 1500 Stars or 29.00 USDT.',
    'drills: {every: 7d, within: 5s, freeze_t3: false}',
    'links: {hosts: []}',
  ])('%s', (row) => expect(rows).toContain(row));

  test('every section has something to say', () => {
    for (const { title, rows: told } of describePolicy(policy)) expect(told.length, title).toBeGreaterThan(0);
  });
});
