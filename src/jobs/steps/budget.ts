import type { Budget } from '../../engines/engine.ts';
import { AppError } from '../../errors.ts';
import { reserveSpend, settleSpend } from '../../store/budget.ts';
import { toRateError } from '../../store/rates.ts';
import type { Rpc } from '../../store/rpc.ts';
import type { Held } from '../../store/steps.ts';

const BUDGET_NAMES = { task_tokens: 'tokens of a task', task_usd: 'USD of a task', day_usd: 'USD of a day' } as const;

/** The step's money, asked for and accounted for in the database. */
export function makeBudget(rpc: Rpc, held: Held): Budget {
  return {
    async reserve(most) {
      const { isGranted, callId, budget, limit, rate } = await reserveSpend(rpc, held, most);
      if (isGranted && callId !== undefined) return { reservationId: callId };
      if (rate !== undefined) throw toRateError(rate);
      const what = budget === undefined ? 'a budget' : `the ${BUDGET_NAMES[budget]} (${limit})`;
      throw new AppError('budget_exhausted', `This call could cost more than ${what} that the policy allows`, {
        context: { ...held, budget },
      });
    },
    async settle(reservationId, usage) {
      await settleSpend(rpc, reservationId, usage);
    },
  };
}
