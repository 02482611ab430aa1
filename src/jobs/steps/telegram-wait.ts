import type { AppError } from '../../errors.ts';
import type { Work } from '../../store/steps.ts';

/** At first, then as long again as it has waited already, and never longer than the last. */
const FIRST_WAIT_MS = 2_000;
const MAX_WAIT_MS = 60_000;
/** Telegram may ask for more than a step can wait in one go. */
const MAX_ASKED_MS = 60 * 60_000;

/**
 * How long a step waits that could not fetch what it needs from Telegram: what Telegram asks for, else a growing time. Null for any other
 * failure, and for effects, whose rows say what has left.
 */
export function toTelegramWaitMs(
  { code, context }: Pick<AppError, 'code' | 'context'>,
  { kind, waitsSince }: Pick<Work['step'], 'kind' | 'waitsSince'>,
  { nowMs = Date.now(), random = Math.random }: { nowMs?: number; random?: () => number } = {},
): number | null {
  if (kind === 'effect' || (code !== 'telegram_flood' && code !== 'telegram_unavailable')) return null;
  if (typeof context.retryAfterMs === 'number') return Math.min(MAX_ASKED_MS, Math.ceil(context.retryAfterMs) + 1);
  const waitedMs = typeof waitsSince === 'string' ? nowMs - Date.parse(waitsSince) : 0;
  return Math.ceil(Math.min(MAX_WAIT_MS, Math.max(FIRST_WAIT_MS, waitedMs)) * (0.75 + random() / 4));
}
