export type Unit = 'ms' | 'MB' | 'rows' | 'ratio';

/** One figure as one JSON line: what it is, what was measured, and the goal it is held to. */
export interface Figure {
  figure: string;
  value: number;
  unit: Unit;
  goal: number;
  samples: number;
  /** What was measured beside it, and what a ratio was made of: never held to a goal. */
  beside?: Record<string, number>;
}

/** A share of something measured in the same run, so that it says the same on every machine; it is to be at least the goal. */
export interface Ratio {
  figure: string;
  measured: number;
  /** What it is compared with. */
  floor: number;
  goal: number;
  samples: number;
  beside?: Record<string, number>;
}

export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Prints the figure; true when it reaches its goal, which is the most that it may be. */
export function report({ figure, value, unit, goal, samples, beside }: Figure): boolean {
  const isReached = value <= goal;
  write({ figure, value: round(value, 1), unit, goal, is_reached: isReached, samples, ...toRounded(beside) });
  return isReached;
}

/** Prints the ratio; true when it reaches its goal, which is the least that it may be. */
export function reportRatio({ figure, measured, floor, goal, samples, beside }: Ratio): boolean {
  const value = measured / floor;
  const isReached = value >= goal;
  const made = { measured: round(measured, 1), floor: round(floor, 1) };
  write({ figure, value: round(value, 3), unit: 'ratio', ...made, goal, is_reached: isReached, samples, ...toRounded(beside) });
  return isReached;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const toRounded = (beside: Record<string, number> = {}) =>
  Object.fromEntries(Object.entries(beside).map(([name, value]) => [name, round(value, 2)]));

function write(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
