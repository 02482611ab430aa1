import { AppError } from '../errors.ts';

/** USD per million tokens, as decimal strings: the policy's `usd_per_mtok`. */
export interface TokenPrice {
  in: string;
  out: string;
}

/** Digits after the point of every sum; the database keeps as many. */
const USD_DECIMALS = 10;
const TOKENS_PER_PRICE = 1_000_000n;

/**
 * What so many tokens cost, in integer arithmetic and rounded up in the last digit, so that no sum of calls is ever below the bill.
 */
export function toCostUsd(tokens: { input: number; output: number }, price: TokenPrice): string {
  const total = BigInt(tokens.input) * parseUsd(price.in) + BigInt(tokens.output) * parseUsd(price.out);
  return formatUsd((total + TOKENS_PER_PRICE - 1n) / TOKENS_PER_PRICE);
}

/** `0.40` as an integer count of the smallest unit. */
function parseUsd(decimal: string): bigint {
  const match = /^(\d{1,12})(?:\.(\d{1,10}))?$/.exec(decimal);
  if (!match)
    throw new AppError('config_invalid', `expected a price such as "0.40" (USD per million tokens), got ${JSON.stringify(decimal)}`);
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(USD_DECIMALS, '0')}`);
}

function formatUsd(units: bigint): string {
  const digits = units.toString().padStart(USD_DECIMALS + 1, '0');
  const fraction = digits.slice(-USD_DECIMALS).replace(/0+$/, '');
  const whole = digits.slice(0, -USD_DECIMALS);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
