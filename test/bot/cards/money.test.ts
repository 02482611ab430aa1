import { expect, test } from 'vitest';
import { makeLocalTime } from '../../../src/bot/local-time.ts';
import { makeCardView } from '../../../src/bot/views/card.ts';
import { makeDetailsFile } from '../../../src/bot/views/details.ts';
import { makeLimitsView } from '../../../src/bot/views/limits.ts';
import type { Limits } from '../../../src/store/rates.ts';
import { PAYER, payment, trade } from '../../support/money.ts';
import { makeFacts, makePost, NOW, TOKEN } from './facts.ts';

const ORDER = '💰 Payment of 120.50 USDT from tg:131 to house:main';

test('a card says which money moves, from the bytes that are approved, and so do its details', () => {
  const facts = makeFacts({}, { post: { ...makePost('A small thing, never mind.'), order: payment('120.50') } });
  expect(makeCardView(facts, TOKEN).text).toContain(ORDER);
  expect(Buffer.from(makeDetailsFile(facts).bytes).toString()).toContain(`Money        ${ORDER}`);
});

test.each([
  [trade('40'), '💰 Buys 0.5 XAUUSD on main, at a risk of 40'],
  [
    payment('5', { kind: 'withdrawal', payer: 'house:main', payee: PAYER, destination: 'EQabc' }),
    '💰 Withdrawal of 5 USDT from house:main to tg:131, to EQabc',
  ],
])('%j', (order, says) => {
  expect(makeCardView(makeFacts({}, { post: { ...makePost('x'), order } }), TOKEN).text).toContain(says);
});

const LIMITS: Limits = {
  trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 },
  payments: { max_single_tx_usdt: '500', cool_down_minutes: 30, max_day_usdt: '1000' },
  paymentUse: {
    dayUsed: '170.5',
    dayFreeAt: '2026-11-23T00:00:00.000Z',
    underWay: 1,
    payersWaiting: 2,
    nextFreeAt: '2026-11-22T14:20:00.000Z',
    payersBlocked: 1,
  },
  accounts: [
    {
      accountId: 'main',
      currency: 'USD',
      takenAt: '2026-11-22T13:40:00.000Z',
      isStale: true,
      lossUsed: '450',
      lossCap: '500',
      drawdownUsed: '650',
      drawdownCap: '1000',
      positionsUsed: 2,
      positionsCap: 3,
    },
  ],
  parked: [{ taskId: 'T-2026-11-22-0001', kind: 'payment', breaker: 'payments.ton', parkedAt: '2026-11-22T13:30:00.000Z' }],
  rates: [],
};
const show = (limits: Limits) => makeLimitsView({ limits, chats: new Map(), now: NOW, time: makeLocalTime('UTC') }).text;

test('/limits says what is allowed, what of it is used, and when it is free', () => {
  const text = show(LIMITS);
  for (const line of [
    'Trading: at most 5 % loss a day, 10 % drawdown, 3 positions',
    '• main: 450 of 500 USD lost or at risk today (free at midnight UTC), 650 of 1000 below the highest, 2 of 3 positions; 🚫 too old to trade by',
    'Payments: at most 500 USDT at once, 30 min between two of one payer',
    '• today: 170.5 of 1000 USDT, free again at 23 Nov 00:00 UTC',
    ', 1 under way',
    '• 2 payers in the pause, the next one is free at 14:20',
    '• 1 payer blocked',
    '⏸ Pending: a payment of T-2026-11-22-0001 waits since 13:30 UTC (30 min ago) for payments.ton',
  ]) {
    expect(text).toContain(line);
  }
});

test('/limits says so when no account is connected and no cap of the day is set', () => {
  const text = show({ ...LIMITS, accounts: [], payments: { max_single_tx_usdt: '500', cool_down_minutes: 30 } });
  expect(text).toContain('no trading account is connected');
  expect(text).toContain('today: 170.5 USDT, 1 under way');
});
