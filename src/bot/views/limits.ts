import { type Limits, toLimitWords } from '../../store/rates.ts';
import type { ChatName } from '../chat-names.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, fmt, lines, type Rich } from '../view.ts';
import { describeParked, describePayments, describeTrading } from './money.ts';
import { inLine } from './quoted.ts';

export interface LimitsFacts {
  limits: Limits;
  /** The names of the chats that stand in it, by id. */
  chats: ReadonlyMap<string, ChatName>;
  now: Date;
  time: LocalTime;
}

const MAX_NAME = 60;

/** What the policy allows at most, and how much of it is used. */
export function makeLimitsView({ limits, chats, now, time }: LimitsFacts): Rich {
  return lines([
    bold('How often'),
    ...limits.rates.flatMap(({ limit, max, perSeconds, uses }) => [
      fmt`${toLimitWords(limit)}: at most ${max} in ${toSpan(perSeconds)}`,
      ...uses.map(({ subject, used, freeAt }) => {
        const whose = limit === 'tasks_per_person' ? 'you' : inLine(chats.get(subject)?.title ?? subject, MAX_NAME);
        return fmt`  • ${whose}: ${used} used, ${used >= max ? '🚫 none left, ' : ''}free again at ${time.format(freeAt, now)}`;
      }),
    ]),
    '',
    bold('Trading and payments'),
    ...(limits.trading === null ? [] : describeTrading(limits.trading, limits.accounts, now, time)),
    ...(limits.payments === null ? [] : describePayments(limits.payments, limits.paymentUse, now, time)),
    ...limits.parked.map((parked) => describeParked(parked, now, time)),
    '',
    '/stop has no limit.',
  ]);
}

function toSpan(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
