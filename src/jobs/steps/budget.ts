import type { Budget } from '../../engines/engine.ts';
import { AppError } from '../../errors.ts';
import { reserveSpend, type Spent, settleSpend } from '../../store/budget.ts';
import { toRateError } from '../../store/rates.ts';
import type { Rpc } from '../../store/rpc.ts';
import type { Held } from '../../store/steps.ts';

const BUDGET_NAMES = { task_tokens: 'tokens of a task', task_usd: 'USD of a task', day_usd: 'USD of a day' } as const;

export interface StepBudget extends Budget {
  /** Calls that have ended and are not settled yet: they go with the step's end, which saves a call for each. */
  spent(): readonly Spent[];
  /** Settles them now: for a step that does not end well, and before another call is weighed. Once settled, again changes nothing. */
  settleAll(): Promise<void>;
}

/** The step's money, asked for and accounted for in the database. */
export function makeStepBudget(rpc: Rpc, held: Held): StepBudget {
  let unsettled: Spent[] = [];

  async function settleAll(): Promise<void> {
    await Promise.all(unsettled.map((spent) => settleSpend(rpc, spent)));
    unsettled = [];
  }

  return {
    async reserve(most) {
      await settleAll();
      const { isGranted, callId, budget, limit, retryAfterMs, rate } = await reserveSpend(rpc, held, most);
      if (isGranted && callId !== undefined) return { reservationId: callId };
      if (rate !== undefined) throw toRateError(rate);
      const what = budget === undefined ? 'a budget' : `the ${BUDGET_NAMES[budget]} (${limit})`;
      if (retryAfterMs !== undefined) {
        throw new AppError(
          'rate_limited',
          `What is left of ${what} is set aside for calls under way; most of it comes back when they end`,
          {
            context: { ...held, budget, retryAfterMs },
          },
        );
      }
      throw new AppError('budget_exhausted', `This call could cost more than ${what} that the policy allows`, {
        context: { ...held, budget },
      });
    },
    async settle(callId, usage) {
      unsettled.push({ callId, ...usage });
    },
    spent: () => unsettled,
    settleAll,
  };
}
