export interface BudgetSize {
  /** How many at once after a rest. */
  burst: number;
  /** How many in the long run. */
  perSecond: number;
}

/** Counts calls against a size, as a bucket that drips full: it says how long to wait, and holds nobody back by itself. */
export interface Budget {
  /** One call leaves. What is spent beyond the size is not owed. */
  spend(nowMs: number): void;
  /** How long until one call fits and this many more stay free; 0 when it fits now. */
  waitMs(nowMs: number, reserve?: number): number;
  /** Nothing until then; from then on one call, and the next ones as they drip. */
  holdUntil(atMs: number): void;
}

export function makeBudget({ burst, perSecond }: BudgetSize): Budget {
  let left = burst;
  let countedAtMs = 0;

  function refill(nowMs: number): void {
    if (nowMs <= countedAtMs) return;
    left = Math.min(burst, left + ((nowMs - countedAtMs) / 1000) * perSecond);
    countedAtMs = nowMs;
  }

  return {
    spend(nowMs) {
      refill(nowMs);
      left = Math.max(0, left - 1);
    },
    waitMs(nowMs, reserve = 0) {
      refill(nowMs);
      const missing = 1 + reserve - left;
      const dripMs = missing <= 0 ? 0 : Math.ceil((missing / perSecond) * 1000);
      return dripMs + Math.max(0, countedAtMs - nowMs);
    },
    holdUntil(atMs) {
      left = 1;
      countedAtMs = atMs;
    },
  };
}
