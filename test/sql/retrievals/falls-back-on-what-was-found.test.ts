import { afterAll, beforeEach, expect, test } from 'vitest';
import { findRequest } from '../../../src/store/approvals.ts';
import { releaseStep } from '../../../src/store/steps.ts';
import { claim, finishWork, openRequest, openStory, REPLY_PLAN, runToEnd, startTask, toHeld } from '../../support/stories.ts';
import { lastRecord, listActions, PEOPLE } from '../../support/story-world.ts';
import { listMarks, reachRetrieval, recall, retrieve } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const { operator, secondOperator } = PEOPLE;

const done = await startTask(db, { nodes: REPLY_PLAN });
await runToEnd(db, done, { nodes: REPLY_PLAN });

beforeEach(() => db.sql('delete from public.stale_retrievals; delete from public.retrieval_cache'));

const idsOf = (found: readonly { taskId: string; storageRef: string }[]) => found.map(({ storageRef }) => storageRef);

test('what a good retrieval found serves the next one of the chat, with the time and a mark', async () => {
  const found = await retrieve(db, await reachRetrieval(db));
  expect(found.map(({ taskId }) => taskId)).toContain(done);
  const held = await reachRetrieval(db, { goal: 'Something else' });
  const kept = await recall(db, held, 'retrieve it');
  expect(idsOf(kept.found)).toEqual(idsOf(found));
  const [{ found_at: foundAt } = {}] = await db.sql('select to_jsonb(found_at) as found_at from public.retrieval_cache');
  expect(kept.foundAt).toBe(new Date(String(foundAt)).toISOString());
  expect(await listMarks(db)).toMatchObject([{ step_id: held.step.stepId, reason: 'failed', source_count: found.length }]);
  expect(await lastRecord(db, held.step.taskId)).toMatchObject({
    action: 'retrieval.stale',
    object: held.step.stepId,
    after: { reason: 'failed', sources: found.length, found_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/) },
  });
});

test('in another chat it serves the same goal alone', async () => {
  await retrieve(db, await reachRetrieval(db, { by: operator, goal: 'Tell about gold' }));
  const same = await recall(db, await reachRetrieval(db, { by: secondOperator, goal: 'tell  about GOLD' }));
  expect(same.found).not.toEqual([]);
  const other = await recall(db, await reachRetrieval(db, { by: secondOperator, goal: 'Tell about silver' }));
  expect(other).toEqual({ foundAt: null, found: [] });
});

test('it gives nothing that the search would not have given', async () => {
  const held = await reachRetrieval(db);
  await retrieve(db, held);
  const asked = await reachRetrieval(db);
  // No word of the question stands in it.
  expect((await recall(db, asked, 'zebra')).found).toEqual([]);
  // The task that it is of did not end well, after all.
  await db.sql(`update public.tasks set status = 'cancelled' where task_id = $1`, [done]);
  expect((await recall(db, asked)).found.map(({ taskId }) => taskId)).not.toContain(done);
  await db.sql(`update public.tasks set status = 'done' where task_id = $1`, [done]);
  expect((await recall(db, asked)).found.map(({ taskId }) => taskId)).toContain(done);
  // A task never finds itself.
  await db.sql(`update public.artifacts set task_id = $1 where task_id = $2 and type = 'draft'`, [asked.step.taskId, done]);
  expect((await recall(db, asked)).found).toEqual([]);
  await db.sql(`update public.artifacts set task_id = $2 where task_id = $1 and type = 'draft'`, [asked.step.taskId, done]);
});

test('what is more than a day old is forgotten, and the cache stays small', async () => {
  await retrieve(db, await reachRetrieval(db));
  await db.sql(`update public.retrieval_cache set found_at = found_at - interval '25 hours'`);
  expect(await recall(db, await reachRetrieval(db))).toEqual({ foundAt: null, found: [] });
  await db.sql(`insert into public.retrieval_cache (chat_id, goal_hash, query_hash, artifact_ids)
    select n, repeat('0', 64), repeat('0', 64), array[gen_random_uuid()] from generate_series(1, 600) n`);
  const held = await reachRetrieval(db);
  for (let nth = 0; nth < 20; nth += 1) await retrieve(db, held, `retrieve ${nth}`);
  const [{ count } = {}] = await db.sql('select count(*)::int as count from public.retrieval_cache');
  expect(count).toBeLessThanOrEqual(520);
});

test('with nothing kept it goes on all the same, and says so', async () => {
  const held = await reachRetrieval(db);
  expect(await recall(db, held, 'retrieve', 'left_alone')).toEqual({ foundAt: null, found: [] });
  expect(await lastRecord(db, held.step.taskId)).toMatchObject({ action: 'retrieval.stale', after: { reason: 'left_alone', sources: 0 } });
  await finishWork(db, held);
  expect(await runToEnd(db, held.step.taskId)).toMatchObject({ status: 'done' });
});

test('a later search takes the mark away; an answer that comes late does not', async () => {
  const held = await reachRetrieval(db);
  await recall(db, held);
  await retrieve(db, held);
  expect(await listMarks(db)).toHaveLength(1);
  await releaseStep(db.rpc('ags_worker'), toHeld(held), 0);
  const again = await claim(db, held.step.stepId);
  await retrieve(db, again);
  expect(await listMarks(db)).toEqual([]);
  await expect(retrieve(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  await expect(recall(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect((await listActions(db, held.step.taskId)).filter((action) => action === 'retrieval.stale')).toHaveLength(1);
});

test('whoever has to approve is told', async () => {
  const nodes = [
    { id: 'retrieve', agent: 'retriever', action: 'RETRIEVE', after: [], instruction: 'look' },
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: ['retrieve'], instruction: 'write' },
    { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'publish' },
  ];
  const held = await reachRetrieval(db, { nodes });
  await recall(db, held);
  await finishWork(db, held);
  const { requestId } = await openRequest(db, held.step.taskId);
  expect((await findRequest(db.rpc('ags_bot'), requestId))?.staleSources).toEqual({ foundAt: null });
});
