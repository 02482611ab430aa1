import { describe, expect, test } from 'vitest';
import { findUnsourcedAmounts } from '../../src/policy/guards/amounts.ts';
import { flagAmounts } from '../../src/policy/guards/deliverable.ts';
import { cpuMs } from './cpu-time.ts';

describe('an amount that stands in no source is found', () => {
  test.each<[text: string, found: string[]]>([
    ['VIP costs $49 a month', ['$49']],
    ['VIP costs 49 USDT a month', ['costs 49 USDT']],
    ['VIP for 49 USDT a month', ['49 USDT']],
    ['Only 1,500 Stars', ['1,500 Stars']],
    ['Gain of 12.5% this week', ['12.5%']],
    ['up 3 percent', ['3 percent']],
    ['€1.200,50 in all', ['€1.200,50']],
    ['20 000 рублей', ['20 000 рублей']],
    ['raised $2.5m from 3 people', ['$2.5m']],
    ['Entry 2650.5, SL 2640, TP1: 2680', ['Entry 2650.5', 'SL 2640', 'TP1: 2680']],
    ['price is 17', ['price is 17']],
    ['$49 now, and $49 later', ['$49']],
    ['10% off and $5 back', ['10%', '$5']],
    ['fullwidth: ＄４９', ['$49']],
  ])('%s', (text, found) => {
    expect(findUnsourcedAmounts(text, ['The opening hours are from 9 to 18.', ''])).toEqual(found);
  });
});

describe('an amount is known by its value, however a source writes it', () => {
  test.each<[text: string, source: string]>([
    ['VIP costs $49', 'the price is 49'],
    ['VIP costs $49.00', 'VIP 49 USDT'],
    ['VIP costs 1,500 Stars', 'xtr: 1500'],
    ['VIP costs 1500 Stars', '1 500 stars'],
    ['€1.200,50', 'EUR 1,200.50'],
    ['€1,200', 'it is 1200 euros'],
    ['$2.5m raised', '2,500,000 dollars'],
    ['$2500000', 'they raised 2.5 million'],
    ['5% off', 'a discount of 0.05'],
    ['5 % off', 'five per cent (5%)'],
    ['Entry 2650.50', 'buy at 2650.5'],
    ['$10', 'between 10 20 and 30'],
    ['$20', 'between 10 20 and 30'],
    ["CHF 1'000 or 1'000 CHF", 'a thousand: 1000'],
  ])('%s, from: %s', (text, source) => {
    expect(findUnsourcedAmounts(text, ['nothing here', source])).toEqual([]);
  });
});

test.each([
  'Open from 9 to 18, on 3 days a week, since 2019.',
  'Version 2.5, chapter 12, room 404.',
  'T-2025-09-28-0012 and T2-7F3K',
  'Call +49 30 1234567',
  '09:30 UTC, 28.09.2025',
  'GPT5 and web3 and 4k video',
  '',
])('what is no sum of money, price or percentage is left alone: %j', (text) => {
  expect(findUnsourcedAmounts(text, [])).toEqual([]);
});

test('another value is not taken for it: not a part of it, nor ten times as much', () => {
  for (const source of ['490', '4.9', '149', '49.5', '0.049'])
    expect(findUnsourcedAmounts('It costs $49', [source]), source).toEqual(['$49']);
});

test('as flags they say what they are, and are a few at most', () => {
  expect(flagAmounts('VIP costs $49', ['nothing'])).toEqual(['amount guard: “$49” stands in no source']);
  const many = Array.from({ length: 40 }, (_, index) => `$${index + 1}`).join(' ');
  expect(flagAmounts(many, [])).toHaveLength(6);
  expect(flagAmounts(many, []).at(-1)).toBe('amount guard: and 35 more that stand in no source');
});

test.each(['1', '1 ', '1,', '$', '1.1.1.1', 'tp '])('20,000 characters of %j are read in linear time', (piece) => {
  const text = piece.repeat(20_000 / piece.length);
  expect(cpuMs(() => findUnsourcedAmounts(text, [text]))).toBeLessThan(1000);
});
