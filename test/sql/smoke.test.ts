import { afterAll, expect, test } from 'vitest';
import { openStory, runToEnd, planTask, REPLY_PLAN, approveTask } from '../support/stories.ts';
const db = await openStory();
afterAll(() => db.close());
test('reply', async () => {
  const id = await planTask(db, { nodes: REPLY_PLAN });
  const t = await runToEnd(db, id); expect(t.status).toBe('done');
});
test('publish', async () => {
  const { taskId } = await approveTask(db);
  const t = await runToEnd(db, taskId); expect(t.status).toBe('done');
});
