import { afterAll, expect, test } from 'vitest';
import { openStory, startTask } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());

test('four digits at first, more when a day has more', async () => {
  const day = new Date().toISOString().slice(0, 10);
  expect(await startTask(db)).toBe(`T-${day}-0001`);
  expect(await startTask(db)).toBe(`T-${day}-0002`);
  await db.sql('update public.task_days set last_number = 9998');
  expect(await startTask(db)).toBe(`T-${day}-9999`);
  expect(await startTask(db)).toBe(`T-${day}-10000`);
});

test('a task pins the policy that is in force', async () => {
  const taskId = await startTask(db);
  const [row] = await db.sql(
    `select t.policy_version = p.policy_version as is_pinned from public.tasks t, public.policies p where t.task_id = $1 and p.retired_at is null`,
    [taskId],
  );
  expect(row).toEqual({ is_pinned: true });
});
