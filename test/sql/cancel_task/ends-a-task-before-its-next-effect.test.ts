import { afterAll, expect, test } from 'vitest';
import { cancelTask, createTask } from '../../../src/store/tasks.ts';
import { approveTask, loadTask, openStory, planTask, REPLY_PLAN, runToEnd } from '../../support/stories.ts';
import { lastRecord, makeArtifact, PEOPLE, restoreRoles, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const cancel = (taskId: string, externalId: number) => cancelTask(db.rpc('ags_bot'), { taskId, externalId, reason: 'changed my mind' });

test.each([PEOPLE.operator, PEOPLE.secondOperator, PEOPLE.owner])('requester, another operator and an owner may (%i)', async (who) => {
  const { taskId } = await approveTask(db);
  expect(await cancel(taskId.toLowerCase(), who)).toMatchObject({ outcome: 'cancelled', code: null, inFlight: [] });
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({ status: 'cancelled', failureMessage: 'changed my mind', requests: [{ status: 'void' }] });
  expect(task.steps.filter(({ status }) => !['done', 'cancelled'].includes(status))).toEqual([]);
});

test('a requester may also after having lost the role, a reviewer and a stranger may not', async () => {
  const taskId = await planTask(db);
  expect(await cancel(taskId, PEOPLE.reviewer)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await lastRecord(db, taskId)).toMatchObject({
    actor: 'tg:121',
    action: 'task.refuse',
    after: { code: 'no_role', asked: 'cancel' },
  });
  expect(await cancel(taskId, PEOPLE.stranger)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  await revokeRole(db, PEOPLE.operator);
  expect(await cancel(taskId, PEOPLE.operator)).toMatchObject({ outcome: 'cancelled' });
  await restoreRoles(db);
});

test('a stranger is not the requester of a task that a program asked for', async () => {
  const input = makeArtifact('input.md', 'input', 'A signal');
  const from = { source: 'webhook', sourceKey: 'a', actor: 'webhook:tradingview', externalId: null, goal: 'A signal', input } as const;
  const { taskId } = await createTask(db.rpc('ags_bot'), { ...from, chatId: null, topicId: null, requestMessageId: null });
  expect(await cancel(taskId, PEOPLE.stranger)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'planning' });
});

test('what is over, or never was, is not cancelled', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  await runToEnd(db, taskId);
  expect(await cancel(taskId, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'already_ended', status: 'done' });
  expect(await cancel('T-2025-01-01-0001', PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'not_found', status: null });
});
