import { afterAll, expect, test } from 'vitest';
import { approve, approveTask, askTask, authorize, claim, grant, loadTask, openStory, reject, settle } from '../../support/stories.ts';
import { changePolicy, listActions, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

test('a rejection ends the task and keeps its reason', async () => {
  const { taskId, reference } = await askTask(db);
  const answer = await reject(db, reference, PEOPLE.operator, 'wrong price');
  expect(answer).toMatchObject({ outcome: 'rejected', request: { decisions: [{ decision: 'reject', reason: 'wrong price' }] } });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'rejected', failureMessage: 'wrong price' });
  expect(await listActions(db, taskId)).toEqual(expect.arrayContaining(['approval.reject', 'task.end']));
});

test('also after the approval, and even by the one who approved', async () => {
  const { taskId, reference } = await approveTask(db);
  expect(await reject(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'rejected' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'rejected' });
  const decisions = await db.sql('select decision from public.approvals where task_id = $1', [taskId]);
  expect(decisions).toEqual([{ decision: 'reject' }]);
});

test('also while a worker holds the effect step, which then gets nothing', async () => {
  const { taskId, reference } = await approveTask(db);
  const held = await claim(db, `${taskId}/publish`);
  await reject(db, reference, PEOPLE.secondOperator);
  await expect(authorize(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
});

test('after the grant it is too late, and the answer says since when', async () => {
  const { taskId, reference } = await approveTask(db);
  await grant(db, taskId);
  const answer = await reject(db, reference, PEOPLE.secondOperator);
  expect(answer).toMatchObject({ outcome: 'refused', code: 'too_late', grantedAt: expect.any(String) });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running' });
});

test('a grant that was given back, because nothing had left, can be denied again', async () => {
  const { taskId, reference } = await approveTask(db);
  await settle(db, await grant(db, taskId), 'again');
  expect(await reject(db, reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'rejected' });
});

test('T3: one denial outweighs one approval, whatever comes after it', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { reference } = await askTask(db);
  await approve(db, reference, PEOPLE.owner);
  expect(await reject(db, reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'rejected' });
  expect(await approve(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'refused', code: 'already_rejected' });
});
