import { z } from 'zod';

/** Money and sizes are decimals above zero, as text: a JSON number may have been a float on its way. */
export const Amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,11})(\.\d{1,8})?$/, 'expected a decimal as text, such as "120.50"')
  .refine((text) => /[1-9]/.test(text), 'expected an amount above zero');

const Party = z.string().regex(/^[a-z]{2,10}:[A-Za-z0-9_.-]{1,80}$/, 'expected tg:<id> or <kind>:<name>');

const PERSON = /^tg:[1-9]\d{0,15}$/;

const PaymentOrder = z
  .strictObject({
    /** `payment`: somebody pays us; `withdrawal`: we pay somebody. Whoever is not us is named as `tg:<id>`. */
    kind: z.enum(['payment', 'withdrawal']),
    amount: Amount,
    currency: z.string().regex(/^[A-Z]{3,10}$/),
    payer: Party,
    payee: Party,
    /** Where the money goes, such as a wallet's address, when the payee alone does not say. */
    destination: z
      .string()
      .regex(/^[!-~]{1,200}$/)
      .optional(),
  })
  .refine(({ payer, payee }) => payer !== payee, 'payer and payee are the same')
  .refine(({ kind, payer, payee }) => PERSON.test(kind === 'payment' ? payer : payee), 'whoever is not us is named as tg:<id>');

const TradeOrder = z.strictObject({
  kind: z.literal('trade'),
  account: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
  symbol: z.string().regex(/^[A-Z0-9][A-Z0-9.:/_-]{0,19}$/),
  side: z.enum(['buy', 'sell']),
  size: Amount,
  /** The most that it can lose, in the account's currency. */
  risk: Amount,
});

/**
 * What a payment, a withdrawal or a trade is about. It stands in the bytes that the critic judges and people approve, and the gate reads it from
 * there; the database checks the same form (`_order_problem`).
 */
export const MoneyOrder = z.discriminatedUnion('kind', [PaymentOrder, TradeOrder]);
export type MoneyOrder = z.infer<typeof MoneyOrder>;
