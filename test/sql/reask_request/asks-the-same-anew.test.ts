import { afterAll, beforeEach, expect, test } from 'vitest';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { approve, approveTask, ask, askTask, loadTask, openStory, runToEnd } from '../../support/stories.ts';
import { expireRequest } from '../../support/story-ends.ts';
import { changePolicy, lastRecord, PEOPLE, PLACES, PUBLISH_IS_T3, restoreRoles } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, stranger } = PEOPLE;
const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
beforeEach(() => restoreRoles(db));
const bot = db.rpc('ags_bot');

const expire = ({ taskId }: { taskId: string }) => expireRequest(db, taskId);

test('the same content under a new reference, and everybody decides anew', async () => {
  const { taskId, reference, request } = await askTask(db, { by: operator });
  await approve(db, reference, owner);
  const press = await expire({ taskId });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'expired' });
  const answer = await press(secondOperator);
  expect(answer).toMatchObject({ code: null, deliver: expect.arrayContaining([expect.objectContaining({ job: 'request.show' })]) });
  expect(answer.reference).not.toBe(reference);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'awaiting_approval' });
  const rows = await db.sql(
    'select artifact_checksum as checksum, status from public.approval_requests where task_id = $1 order by version',
    [taskId],
  );
  const checksum = (request.post as { checksum: string }).checksum;
  expect(rows).toEqual([
    { checksum, status: 'void' },
    { checksum, status: 'staging' },
  ]);
  expect(await press(secondOwner)).toMatchObject({ code: 'replaced' });
  const next = await ask(db, taskId);
  expect(await approve(db, next.reference, secondOwner)).toMatchObject({ outcome: 'recorded' });
  expect(await approve(db, next.reference, secondOperator)).toMatchObject({ outcome: 'approved' });
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
  // Whoever only reads the events knows both ends, and nobody takes the second one for a duplicate.
  const events = await db.sql(
    `select type, payload_json ->> 'status' as status from public.events where task_id = $1 and type in ('TASK_ENDED', 'TASK_REOPENED') order by seq`,
    [taskId],
  );
  expect(events.map(({ type, status }) => `${type} ${status}`)).toEqual(['TASK_ENDED expired', 'TASK_REOPENED expired', 'TASK_ENDED done']);
  expect(await db.sql('select problem from public._find_desync() where task_id = $1', [taskId])).toEqual([]);
});

test('what was approved in full and let out too late is asked anew as well', async () => {
  const { taskId } = await approveTask(db);
  const press = await expire({ taskId });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'expired' });
  expect(await press(owner)).toMatchObject({ code: null });
  expect(await db.sql(`select 1 from public.task_steps where task_id = $1 and kind = 'effect' and status = 'ready'`, [taskId])).toEqual([]);
});

test('not by just anybody, not on another message, not while stopped, not of what is still open', async () => {
  const asked = await askTask(db, { by: operator });
  const press = await expire(asked);
  for (const person of [reviewer, stranger]) expect(await press(person)).toMatchObject({ code: 'no_role', reference: null });
  expect(await lastRecord(db, asked.taskId)).toMatchObject({ action: 'approval.refuse', after: { code: 'no_role', decision: 'reask' } });
  expect(await press(owner, { messageId: 1 })).toMatchObject({ code: 'wrong_message' });
  expect(await press(owner, { chatId: PLACES.signals })).toMatchObject({ code: 'wrong_message' });
  await stopEffects(bot, { externalId: reviewer, reason: 'drill', scope: 'effects' });
  expect(await press(owner)).toMatchObject({ code: 'stopped' });
  for (const externalId of [owner, operator]) await resumeEffects(bot, { externalId, reason: '' });
  expect(await press(owner)).toMatchObject({ code: null });
  expect(await db.sql('select 1 from public.approvals where task_id = $1', [asked.taskId])).toEqual([]);
});

test('not when the task ended in another way, or the rules are others by now', async () => {
  const asked = await askTask(db, { by: operator });
  const press = await expire(asked);
  await changePolicy(db, { ...PUBLISH_IS_T3, quality: { pass_points: 8, max_revisions: 2 } });
  expect(await press(owner)).toMatchObject({ code: 'policy_changed', reference: null });
  expect(await loadTask(db, asked.taskId)).toMatchObject({ status: 'expired' });
});
