import { createHash } from 'node:crypto';
import { z } from 'zod';

/** `T-<UTC date>-<sequence of that day>`, for example `T-2025-09-28-0012`. */
export const TaskId = z.string().regex(/^T-\d{4}-\d{2}-\d{2}-\d{4,}$/);
/** `<task id>/<node id>`, for example `T-2025-09-28-0012/critic`. */
export const StepId = z.string().regex(/^T-\d{4}-\d{2}-\d{2}-\d{4,}\/[a-z][a-z0-9_-]{0,39}$/);
/** A node's name inside one task. */
export const NodeId = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/);
/** `<tier>-<4 or more of A–Z, 2–9 without I, O>`, for example `T3-7F3K`. Matched without regard to case. */
export const Reference = z
  .string()
  .transform((text) => text.trim().toUpperCase())
  .pipe(z.string().regex(/^T[0-3]-[A-HJ-NP-Z2-9]{4,}$/));

export type TaskId = z.infer<typeof TaskId>;
export type StepId = z.infer<typeof StepId>;
export type NodeId = z.infer<typeof NodeId>;
export type Reference = z.infer<typeof Reference>;

/** Lower-case hex sha256 of bytes or of UTF-8 text. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * One text for one value: keys sorted, no blanks, strings in NFC, -0 as 0. Numbers that JSON cannot hold are refused, so that two
 * values with the same text are the same value.
 */
export function toCanonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'string') return JSON.stringify(value.normalize('NFC'));
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON: ${value} is not a number that JSON can hold`);
    return JSON.stringify(value === 0 ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => toCanonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => `${JSON.stringify(key.normalize('NFC'))}:${toCanonicalJson(item)}`);
    return `{${entries.join(',')}}`;
  }
  throw new TypeError(`canonical JSON: a ${typeof value} cannot be written`);
}
