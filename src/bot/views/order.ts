import type { MoneyOrder } from '../../domain/order.ts';
import { inLine } from './quoted.ts';

const MAX_NAME = 80;

/** What money an approval would move, in one line: from the bytes that are approved, not from what the text says about it. */
export function describeOrder(order: MoneyOrder): string {
  if (order.kind === 'trade') {
    const { side, size, symbol, account, risk } = order;
    return `💰 ${side === 'buy' ? 'Buys' : 'Sells'} ${size} ${symbol} on ${account}, at a risk of ${risk}`;
  }
  const { kind, amount, currency, payer, payee, destination } = order;
  const where = destination === undefined ? '' : `, to ${inLine(destination, 200)}`;
  return `💰 ${kind === 'payment' ? 'Payment' : 'Withdrawal'} of ${amount} ${currency} from ${inLine(payer, MAX_NAME)} to ${inLine(payee, MAX_NAME)}${where}`;
}
