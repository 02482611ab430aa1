import { expect, test } from 'vitest';
import { z } from 'zod';
import { fromSnake, Timestamp } from '../../src/store/rows.ts';

const Row = fromSnake({
  taskId: z.string(),
  wakeSeq: z.number(),
  note: z.string().optional(),
  payload: z.unknown(),
  createdAt: Timestamp,
  step: fromSnake({ nodeId: z.string() }).nullable(),
});

const ROW = {
  task_id: 'T-2025-09-28-0012',
  wake_seq: 3,
  payload: { snake_case: 1, camelCase: 2 },
  created_at: '2025-09-28T12:00:00.123456+02:00',
  step: { node_id: 'act', other_column: true },
  column_of_tomorrow: 1,
};

test('reads snake_case keys of its own shape and leaves opaque values as they are', () => {
  expect(Row.parse(ROW)).toEqual({
    taskId: 'T-2025-09-28-0012',
    wakeSeq: 3,
    payload: { snake_case: 1, camelCase: 2 },
    createdAt: '2025-09-28T10:00:00.123Z',
    step: { nodeId: 'act' },
  });
});

test('takes null where a nested row may be missing', () => {
  expect(Row.parse({ ...ROW, step: null }).step).toBeNull();
});

test.each([{ ...ROW, task_id: 7 }, { ...ROW, taskId: 'x', task_id: undefined }, { ...ROW, created_at: 'yesterday' }, null, [], 'text'])(
  'refuses %j',
  (row) => {
    expect(Row.safeParse(row).success).toBe(false);
  },
);

test('a camelCase key in the row counts for nothing', () => {
  const { task_id: _taskId, ...without } = ROW;
  expect(Row.safeParse({ ...without, taskId: 'T-2025-09-28-0012' }).success).toBe(false);
});
