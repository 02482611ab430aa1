import { z } from 'zod';
import { AppError } from '../errors.ts';
import { AccountUse, Parked, PaymentUse } from './money.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** A limit that is used up: which one, whose, and when it is free again. */
export const RateRefusal = fromSnake({
  limit: z.string(),
  subject: z.string(),
  max: z.number().int(),
  perSeconds: z.number().int(),
  freeAt: Timestamp,
  retryAfterMs: z.number().int(),
});
export type RateRefusal = z.infer<typeof RateRefusal>;

/** Names the limit and when it is free again; `context` has both, and `retryAfterMs` how long that is. */
export function toRateError({ limit, max, perSeconds, freeAt, retryAfterMs }: RateRefusal): AppError {
  const message = `${toLimitWords(limit)}: ${max} in ${perSeconds} s are used up, free again at ${freeAt}`;
  return new AppError('rate_limited', message, { context: { limit, max, freeAt, retryAfterMs } });
}

/** `tasks_per_person` as people say it. */
export const toLimitWords = (limit: string): string => limit.replaceAll('_', ' ');

const Limits = fromSnake({
  /** As the policy has them; null before there is one. */
  trading: z.record(z.string(), z.unknown()).nullable(),
  payments: z.record(z.string(), z.unknown()).nullable(),
  paymentUse: PaymentUse,
  accounts: z.array(AccountUse),
  parked: z.array(Parked),
  rates: z.array(
    fromSnake({
      limit: z.string(),
      max: z.number().int(),
      perSeconds: z.number().int(),
      /** The fullest windows; of people only the asker's own. */
      uses: z.array(fromSnake({ subject: z.string(), used: z.number().int(), freeAt: Timestamp })),
    }),
  ),
});
export type Limits = z.infer<typeof Limits>;

/** The limits of the policy in force and their use, as this person may see them. As any role but `ags_worker`. */
export function listLimits(rpc: Rpc, externalId: number): Promise<Limits> {
  return rpc.call('list_limits', { p_external_id: externalId }, Limits);
}
