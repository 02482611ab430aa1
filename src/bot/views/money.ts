import type { AccountUse, Parked, PaymentUse } from '../../store/money.ts';
import type { LocalTime } from '../local-time.ts';
import { code, type Fragment, fmt, plural, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

/** Money that was approved and waits for the other side. */
export function describeParked({ taskId, kind, breaker, parkedAt }: Parked, now: Date, time: LocalTime): Rich {
  const since = time.formatBoth(parkedAt, now);
  return fmt`⏸ Pending: a ${kind} of ${code(taskId)} waits since ${since} for ${inLine(breaker, 60)}; people are asked again when it is back`;
}

/** What payments are allowed, what of it is used, and when it is free; of nobody in particular. */
export function describePayments(limits: Record<string, unknown>, use: PaymentUse, now: Date, time: LocalTime): string[] {
  const { max_single_tx_usdt: single, max_day_usdt: day, cool_down_minutes: pause } = limits;
  const next = use.nextFreeAt === null ? '' : `, the next one is free at ${time.format(use.nextFreeAt, now)}`;
  const used =
    day === undefined
      ? `today: ${use.dayUsed} USDT`
      : `today: ${use.dayUsed} of ${day} USDT, free again at ${time.format(use.dayFreeAt, now)}`;
  return [
    `Payments: at most ${single} USDT at once, ${pause} min between two of one payer`,
    `  • ${used}${use.underWay > 0 ? `, ${use.underWay} under way` : ''}`,
    `  • ${plural(use.payersWaiting, 'payer')} in the pause${next}`,
    ...(use.payersBlocked > 0 ? [`  • ${plural(use.payersBlocked, 'payer')} blocked`] : []),
  ];
}

/** What trading is allowed, and of each account what is used. What is open or on its way counts as if it were lost. */
export function describeTrading(limits: Record<string, unknown>, accounts: readonly AccountUse[], now: Date, time: LocalTime): Fragment[] {
  const { max_daily_loss_pct: loss, max_drawdown_pct: drawdown, max_positions: positions } = limits;
  return [
    `Trading: at most ${loss} % loss a day, ${drawdown} % drawdown, ${positions} positions`,
    ...(accounts.length === 0 ? ['  • no trading account is connected'] : accounts.map((account) => describeAccount(account, now, time))),
  ];
}

function describeAccount(use: AccountUse, now: Date, time: LocalTime): string {
  const name = inLine(use.accountId, 60);
  if (use.takenAt === null) return `  • ${name}: 🚫 the broker has told no numbers yet`;
  const stale = use.isStale ? '🚫 too old to trade by, ' : '';
  const of = (used: string | number, cap: string | number) => `${used} of ${cap}`;
  return `  • ${name}: ${of(use.lossUsed, use.lossCap)} ${use.currency} lost or at risk today (free at midnight UTC), ${of(use.drawdownUsed, use.drawdownCap)} below the highest, ${of(use.positionsUsed, use.positionsCap)} positions; ${stale}numbers of ${time.formatBoth(use.takenAt, now)}`;
}
