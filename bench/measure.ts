/** One figure as one JSON line: what it is, what was measured, and the goal it is held to. */
export interface Figure {
  figure: string;
  value: number;
  unit: 'ms' | 'MB' | 'rows';
  goal: number;
  samples: number;
}

export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Prints the figure; true when it reaches its goal. */
export function report({ figure, value, unit, goal, samples }: Figure): boolean {
  const isReached = value <= goal;
  process.stdout.write(`${JSON.stringify({ figure, value: Math.round(value * 10) / 10, unit, goal, is_reached: isReached, samples })}\n`);
  return isReached;
}
