import { afterAll, expect, test } from 'vitest';
import { claim, loadTask, openStory, runUntil, startTask } from '../../support/stories.ts';
import { lastRecord, PEOPLE } from '../../support/story-world.ts';

const db = await openStory({ intake: { max_waiting: 3 } });
afterAll(() => db.close());

test('what is one too many is refused with how much waits, leaves a record and no task; what is begun makes room', async () => {
  const waiting = [await startTask(db), await startTask(db), await startTask(db)];
  await expect(startTask(db)).rejects.toMatchObject({ code: 'overloaded', context: { waiting: 3, waitSeconds: null } });
  expect(await db.sql('select count(*)::int as count from public.tasks')).toEqual([{ count: 3 }]);
  expect(await lastRecord(db, 'system')).toMatchObject({
    actor: `tg:${PEOPLE.operator}`,
    action: 'task.refuse',
    after: { code: 'overloaded', waiting: 3 },
  });
  await claim(db, `${waiting[0]}/plan`);
  await expect(startTask(db)).resolves.toMatch(/^T-/);
});

test('the same request again is answered as before, however much waits', async () => {
  await db.sql(`update public.policies set document = jsonb_set(document, '{intake,max_waiting}', '4')`);
  const taskId = await startTask(db, { key: 'again' });
  await expect(startTask(db)).rejects.toMatchObject({ code: 'overloaded' });
  expect(await startTask(db, { key: 'again' })).toBe(taskId);
});

test('each task says how many came before it, and about how long they take', async () => {
  const waiting = await db.sql(`select task_id from public.task_steps where status = 'ready' order by woken_at`);
  const seen = await Promise.all(waiting.map(({ task_id: taskId }) => loadTask(db, String(taskId))));
  expect(seen.map(({ queue }) => queue)).toEqual(waiting.map((_, place) => ({ waiting: place, waitSeconds: null })));
  // Two ended in five minutes: three that wait take about seven and a half.
  for (const { task_id: taskId } of waiting.slice(0, 2)) {
    await db.sql(`update public.tasks set status = 'cancelled', ended_at = now() where task_id = $1`, [taskId]);
  }
  expect((await loadTask(db, String(waiting[3]?.task_id))).queue).toEqual({ waiting: 3, waitSeconds: 450 });
});

test('once it is begun it is in no queue', async () => {
  const [next] = await db.sql(
    `select task_id from public.task_steps s join public.tasks t using (task_id) where s.status = 'ready' and t.ended_at is null limit 1`,
  );
  const taskId = String(next?.task_id);
  await runUntil(db, taskId, ({ step }) => step.kind !== 'plan');
  expect((await loadTask(db, taskId)).queue).toBeNull();
});
