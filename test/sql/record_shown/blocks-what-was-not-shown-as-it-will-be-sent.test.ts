import { afterAll, expect, test } from 'vitest';
import { claimRequest, findRequest, recordShown, recordStagedPart } from '../../../src/store/approvals.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { approve, askTask, HOLDER, openRequest, openStory, planTask, showStaged } from '../../support/stories.ts';
import { changePolicy, PEOPLE, PLACES, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const other = { worker: 'worker-2', leaseSeconds: 60 };

test('one worker shows a request; another may not speak for it, nor the first one twice', async () => {
  const request = await openRequest(db, await planTask(db));
  expect(await claimRequest(worker, request.requestId, other)).toBeNull();
  const part = { requestId: request.requestId, worker: 'worker-2', part: 1, chatId: PLACES.admin, topicId: null, messageId: 1 };
  await expect(recordStagedPart(worker, part)).rejects.toMatchObject({ code: 'lease_lost' });
  const shown = { requestId: request.requestId, worker: 'worker-2', problem: null, dryRun: null };
  await expect(recordShown(worker, shown)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await showStaged(db, request)).toMatchObject({ status: 'pending', stagingProblem: null });
  await expect(recordShown(worker, { ...shown, worker: HOLDER.worker })).rejects.toMatchObject({ code: 'lease_lost' });
});

test('a worker that died showing it leaves what it has shown to the next one', async () => {
  const request = await openRequest(db, await planTask(db, { parts: 2 }), { parts: 2 });
  const at = { requestId: request.requestId, chatId: PLACES.admin, topicId: null };
  await recordStagedPart(worker, { ...at, worker: HOLDER.worker, part: 1, messageId: 11 });
  await db.sql(`update public.approval_requests set lease_expires_at = now() - interval '1 second' where request_id = $1`, [
    request.requestId,
  ]);
  expect(await claimRequest(worker, request.requestId, other)).toMatchObject({ staged: [{ part: 1, messageId: 11 }] });
  await recordStagedPart(worker, { ...at, worker: 'worker-2', part: 1, messageId: 99 });
  await recordStagedPart(worker, { ...at, worker: 'worker-2', part: 2, messageId: 12 });
  const shown = await recordShown(worker, { requestId: request.requestId, worker: 'worker-2', problem: null, dryRun: null });
  expect(shown).toMatchObject({ stagingProblem: null, staged: [{ messageId: 11 }, { messageId: 12 }] });
});

test('a part that is missing is a problem, also when nobody names it', async () => {
  const { request } = await askTask(db, { parts: 3, staged: 2 });
  expect(request.stagingProblem).toBe('2 of 3 parts have been shown');
  expect(request.verdict.items).toContainEqual(expect.objectContaining({ requirement: 'staged_copy', isMet: false }));
});

test('T3 without its dry run cannot be approved', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { reference } = await askTask(db, { hasDryRun: false });
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  await changePolicy(db);
});

test('while stopped no new card goes out', async () => {
  const taskId = await planTask(db);
  const request = await openRequest(db, taskId);
  await db.sql('update public.approval_requests set worker = null, lease_expires_at = null where request_id = $1', [request.requestId]);
  await stopEffects(db.rpc('ags_bot'), { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
  expect(await claimRequest(worker, request.requestId, HOLDER)).toBeNull();
  await resumeEffects(db.rpc('ags_bot'), { externalId: PEOPLE.operator, reason: '' });
  const { deliver } = await resumeEffects(db.rpc('ags_bot'), { externalId: PEOPLE.owner, reason: '' });
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'request.show', id: request.requestId }));
  expect(await claimRequest(worker, request.requestId, HOLDER)).not.toBeNull();
});

test('times to remind, to tell more people and to expire come from the policy', async () => {
  const { request } = await askTask(db);
  const [row] = await db.sql(
    `select extract(epoch from remind_at - shown_at)::int as remind, extract(epoch from escalate_at - shown_at)::int as escalate,
       extract(epoch from expires_at - shown_at)::int as expire from public.approval_requests where request_id = $1`,
    [request.requestId],
  );
  expect(row).toEqual({ remind: 300, escalate: 900, expire: 86_400 });
  expect(await findRequest(worker, request.requestId)).toMatchObject({ reference: request.reference });
});
