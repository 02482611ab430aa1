import { describe, expect, it } from 'vitest';
import { findMoneyAction, type MoneyAction } from '../../src/embedded/rehearsal-money.ts';

const ORDERS: Record<MoneyAction, string[]> = {
  TRADE: [
    'Buy 1 lot of XAUUSD at 2400',
    'Sell EURUSD',
    'short xauusd 0.5 lots',
    'Long BTC',
    'Go long on gold',
    'Open a long position in gold',
    'Close the position',
    'Place a limit order for 2 BTC',
    'Buy gold for the company',
    'Can you buy 0.1 BTC?',
    'Please, sell half of our gold',
    'Look at gold. Buy 1 lot of XAUUSD.',
    'Buy 1 lot of XAUUSD and post it in the channel',
  ],
  PAYMENT: [
    'Pay 20 USDT to Max',
    'Send 20 USDT to Max',
    'Send Max 20 USDT',
    'Send money to Max',
    'Transfer $50 to the supplier',
    'Refund the customer 30 euros',
    'Refund order 17',
    'Pay the invoice of Max',
    'Make a payment of 20 USDT to Max',
    'Settle our invoice 12',
    'Send 100 USDT to [wallet-1]',
    'Check the balance, then pay Max 20 USDT',
    'Max wants his money. Pay 20 USDT to Max',
  ],
  WITHDRAWAL: ['Withdraw 100 USDT', 'Withdraw all funds from the exchange', 'Make a withdrawal of 50 euros', 'withdraw our profits'],
};
const NO_ORDERS = [
  'How much did we pay Max?',
  'how much did we pay',
  'Summarise what we bought',
  'Should we buy gold?',
  'Buy gold now?',
  'Publish a post: buy two bikes, get one free',
  'Short summary of XAUUSD',
  'Short post about GOLD prices',
  'Long version of the BTC report',
  'Explain why people buy gold. Sell silver is also a theme',
  'Pay attention to the tone of the reply',
  'Refund policy in one paragraph',
  'Buy and hold strategy, what is it',
  'Buy signals of last week',
  'Send a reminder that 300 euros are due',
  'Send the message: 20 USDT are due',
  'Withdraw the announcement',
  'Give me an overview of 300 USD bikes',
  'Give a 300 euro bike a nice name',
  'Make a payment report',
  'Payment reminders: when do they go out',
  'Write a reply to Max: we pay on Friday',
  'Sold out: the 300 euro bike',
  'Shorten this text',
  'Summarise the trades of today and withdrawals of the week',
  'The bike costs 300 euros; tell people about it',
  'What did we sell last week',
  'Transfer news of the week',
  'Tip of the day',
  'Give us 3 ideas for a 50 euro prize',
  'Publish a post with this picture about our new blue bike, it costs 300 euros',
  'SHORT TEXT ABOUT OUR BIKE',
  'Short note on ETH',
];

describe('an order to move money is known by how it begins', () => {
  it.each(Object.entries(ORDERS).flatMap(([action, goals]) => goals.map((goal) => [goal, action])))('“%s” is a %s', (goal, action) => {
    expect(findMoneyAction(goal)).toBe(action);
  });
});

describe('a question, a report or a text about money moves none', () => {
  it.each(NO_ORDERS)('“%s”', (goal) => {
    expect(findMoneyAction(goal)).toBeNull();
  });

  it('ends in time on a long goal', () => {
    for (const piece of ['please ', 'send a ', 'pay ', ' then', '\n', '1,', 'short '])
      expect(() => findMoneyAction(piece.repeat(4000))).not.toThrow();
  });
});
