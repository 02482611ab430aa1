import { z } from 'zod';

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** Ten years: longer is a typing error. */
const MAX_SECONDS = 3650 * 86_400;
const DURATION_FORM = 'expected a duration such as 90s, 5m, 24h or 30d';

/** `90s`, `5m`, `24h`, `30d` become whole seconds. */
function makeDuration(minSeconds: number) {
  return z.string(DURATION_FORM).transform((text, context) => {
    const match = /^(0|[1-9]\d{0,8})([smhd])$/.exec(text);
    const seconds = match ? Number(match[1]) * (SECONDS_PER_UNIT[match[2] ?? ''] ?? Number.NaN) : Number.NaN;
    if (seconds >= minSeconds && seconds <= MAX_SECONDS) return seconds;
    context.addIssue(match ? `expected ${minSeconds === 0 ? '' : 'more than zero and '}at most 3650d` : DURATION_FORM);
    return z.NEVER;
  });
}

export const Duration = makeDuration(1);
/** For a grace time, which may be none. */
export const DurationOrNone = makeDuration(0);

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** Whole seconds as the file writes them: `90s`, `5m`, `24h` as `1d`; with hours as the largest unit, `24h` stays what it is. */
export function toDurationText(seconds: number, largestUnit: 'd' | 'h' = 'd'): string {
  for (const [unit, size] of largestUnit === 'd' ? UNITS : UNITS.slice(1)) {
    if (seconds > 0 && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

const MONEY_FORM = 'expected an amount such as "29.00": not negative, at most 12 digits before and 6 after the point';

/** A number or a quoted number becomes a decimal string, as the database keeps money. */
export const Money = z.union([z.number(), z.string()], MONEY_FORM).transform((amount, context) => {
  const text = String(amount);
  if (/^(0|[1-9]\d{0,11})(\.\d{1,6})?$/.test(text)) return text;
  context.addIssue(MONEY_FORM);
  return z.NEVER;
});

export const PositiveMoney = Money.refine((amount) => Number(amount) > 0, 'expected an amount above zero');

export const Percent = z.number().min(0).max(100);

/** A name, never a pattern: what it covers must be readable without running anything. */
export const ActionName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,39}$/, 'an action is one name of capital letters, digits and _, such as PUBLISH; no patterns');

export const VersionedName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}:[a-z0-9][a-z0-9.-]{0,39}$/, 'expected name:version in small letters, such as researcher:v3');

export const EngineName = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'an engine’s name is small letters, digits, - and _');

/** Variables that hold something else: an engine that read one of them would send it to a model server. */
const OTHER_PURPOSE = /^(TELEGRAM|SUPABASE|DATABASE|MIGRATE|REDIS|TRADINGVIEW|PAYMENTS|TON|AWS|FLY|OTEL|NODE|PG)/;

export const EnvironmentName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'expected the name of an environment variable, never the value')
  .refine((name) => !OTHER_PURPOSE.test(name), 'this variable serves another purpose; a model server must not see it');
