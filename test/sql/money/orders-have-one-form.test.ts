import { afterAll, expect, test } from 'vitest';
import { MoneyOrder } from '../../../src/domain/order.ts';
import { PAYER, payment, trade } from '../../support/money.ts';
import { openStory } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());

/** The form stands in TypeScript and in SQL: what one lets through the other does too. */
test.each<[what: string, order: object, isFine: boolean]>([
  ['a payment', payment('120.50'), true],
  ['the smallest amount', payment('0.00000001'), true],
  ['a withdrawal to an address', { ...payment('5'), kind: 'withdrawal', payer: 'house:main', payee: PAYER, destination: 'EQabc_1' }, true],
  ['a trade', trade('40'), true],
  ['an amount as a number', { ...payment('5'), amount: 5 }, false],
  ['an amount with an exponent', payment('1e3'), false],
  ['an amount below zero', payment('-5'), false],
  ['nothing', payment('0.000'), false],
  ['a leading zero', payment('05'), false],
  ['nine decimals', payment('1.000000001'), false],
  ['thirteen digits', payment('1000000000000'), false],
  ['a comma', payment('1,5'), false],
  ['an infinity', payment('Infinity'), false],
  ['an amount that is missing', { ...payment('5'), amount: undefined }, false],
  ['a key too many', { ...payment('5'), note: 'x' }, false],
  ['a currency in small letters', payment('5', { currency: 'usdt' }), false],
  ['payer and payee in one', payment('5', { payee: PAYER }), false],
  ['a payer who is nobody in particular', payment('5', { payer: 'wallet:x' }), false],
  ['a payee who is nobody in particular', payment('5', { kind: 'withdrawal', payer: 'house:main', payee: 'wallet:x' }), false],
  ['a destination with a line break', payment('5', { destination: 'a\nb' }), false],
  ['a risk as a number', { ...trade('5'), risk: 5 }, false],
  ['a size of nothing', trade('5', { size: '0' }), false],
  ['a side that is neither', { ...trade('5'), side: 'hold' }, false],
  ['a symbol in small letters', trade('5', { symbol: 'xauusd' }), false],
  ['a trade with a destination', { ...trade('5'), destination: 'x' }, false],
  ['a kind that is none', { ...trade('5'), kind: 'gift' }, false],
])('%s', async (_what, order, isFine) => {
  const kind = 'kind' in order ? order.kind : null;
  const [row] = await db.sql('select public._order_problem($1, $2) as problem', [kind, JSON.stringify(order)]);
  expect({ inTypeScript: MoneyOrder.safeParse(order).success, inSql: row?.problem === null }).toEqual({
    inTypeScript: isFine,
    inSql: isFine,
  });
});
