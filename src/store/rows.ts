import { z } from 'zod';

/**
 * The schema of a row: written in camelCase, read from the snake_case keys of the same names. Shallow, and unknown keys are dropped, so
 * that opaque jsonb inside a row keeps its own spelling; a nested row is another `fromSnake`.
 *
 * @example fromSnake({ taskId: TaskId, createdAt: Timestamp }).parse({ task_id: 'T-2025-09-28-0012', created_at: '…' })
 */
export function fromSnake<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).map((camel) => ({ camel, snake: toSnakeCase(camel) }));
  const pick = (row: unknown): unknown => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
    const picked: Record<string, unknown> = {};
    // Rows are read for every step: one loop over the wanted keys, nothing made but the row.
    for (const { camel, snake } of keys) if (Object.hasOwn(row, snake)) picked[camel] = Reflect.get(row, snake);
    return picked;
  };
  return z.preprocess(pick, z.object(shape));
}

function toSnakeCase(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A moment as jsonb spells a timestamptz (`2025-09-28T10:00:00.123+00:00`), given as UTC ISO 8601 (`…Z`), to the millisecond. */
export const Timestamp = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
