import { describe, expect, test } from 'vitest';
import { Usage } from '../../src/domain/usage.ts';
import { toCostUsd } from '../../src/engines/cost.ts';

const PRICE = { in: '0.40', out: '1.60' };

describe('what tokens cost', () => {
  test.each([
    [{ input: 0, output: 0 }, PRICE, '0'],
    [{ input: 1, output: 0 }, PRICE, '0.0000004'],
    [{ input: 1_000_000, output: 1_000_000 }, PRICE, '2'],
    [{ input: 123, output: 456 }, PRICE, '0.0007788'],
    [{ input: 3, output: 0 }, { in: '0.1', out: '0' }, '0.0000003'],
    // A sum below the last digit is rounded up, never down to nothing.
    [{ input: 1, output: 0 }, { in: '0.00000001', out: '0' }, '0.0000000001'],
    [{ input: 2_000_000_000, output: 0 }, { in: '123456.654321', out: '0' }, '246913308.642'],
  ])('%j at %j is %s', (tokens, price, expected) => {
    expect(toCostUsd(tokens, price)).toBe(expected);
    expect(Usage.shape.costUsd.safeParse(expected).success).toBe(true);
  });

  test('ten thousand small calls add up without drift', () => {
    const one = toCostUsd({ input: 7, output: 3 }, { in: '0.1', out: '0.7' });
    const many = toCostUsd({ input: 70_000, output: 30_000 }, { in: '0.1', out: '0.7' });
    expect([one, many]).toEqual(['0.0000028', '0.028']);
  });

  test.each(['1e3', '-1', '1,5', '', '.5', 'NaN', ' 1'])('the price %j is refused', (price) => {
    expect(() => toCostUsd({ input: 1, output: 1 }, { in: price, out: '1' })).toThrow(/price/);
  });
});
