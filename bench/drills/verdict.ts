/** How a drill ended: one JSON line. Whatever is not zero in `violations` is something that must never happen. */
export interface Verdict {
  /** What was counted, and is to be nothing at all. */
  violations: Record<string, number>;
  /** What was measured, each held to the most that it may be. */
  limits?: Record<string, { value: number; most: number }>;
  /** What else was seen. */
  beside?: Record<string, number | string>;
}

/** Prints the verdict; true when nothing was violated. */
export function tell(drill: string, { violations, limits = {}, beside = {} }: Verdict): boolean {
  const broken = Object.entries(violations).filter(([, count]) => count !== 0);
  // A value that could not be measured is no good value.
  const over = Object.entries(limits).filter(([, { value, most }]) => !(value <= most));
  const isHeld = broken.length === 0 && over.length === 0;
  const rounded = Object.entries(limits).map(([name, { value, most }]) => [name, { value: Number(value.toFixed(1)), most }]);
  const line = { drill, is_held: isHeld, violations, ...(rounded.length > 0 ? { limits: Object.fromEntries(rounded) } : {}), ...beside };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  return isHeld;
}
